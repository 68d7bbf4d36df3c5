"""A draft as text: YAML files with remarks, the file of secrets, and the list of what was not imported. Pure."""

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from appliance.importing.draft import Draft, Entry, Remarked, Topic, Value
from appliance.importing.words import line

LIST = "NOT-IMPORTED.md"
SECRETS = "secrets.yml"

# Which sections stand in which file, in this order.
_FILES: dict[str, tuple[tuple[str, ...], str]] = {
    "numbers.yml": (("numbers",), "Numbers: the telephone numbers we own, and what happens to a call to each."),
    "hours.yml": (("hours",), "Opening hours."),
    "menus.yml": (("menus",), "Menus: callers hear a prompt and press a key."),
    "queues.yml": (("queues", "music"), "Queues, and the music that callers hear in them."),
    "agents.yml": (("agents", "phones"), "Agents are people; phones are things on desks."),
    "trunks.yml": (("trunks",), "Trunks: the SIP providers."),
}
_WIDTH = 110
_PLAIN = re.compile(r"[^\W_](?:[\w .()/+-]*[\w.)])?")


def files_of(draft: Draft) -> dict[str, str]:
    """The YAML files by name."""
    site = CommentedMap()
    for key, value in draft.site.items():
        _put(site, key, value, 0)
    written = {"site.yml": _text(f"The call centre as a whole.\n{_drafted(draft)}", site)}
    for file, (sections, title) in _FILES.items():
        document = CommentedMap()
        for section in sections:
            entries = draft.sections.get(section)
            if entries:
                document[section] = _section(entries, {"music": 1}.get(section, 2))
        if document:
            written[file] = _text(f"{title}\n{_drafted(draft)}", document)
    return written


def _drafted(draft: Draft) -> str:
    return f"Drafted from {draft.source}. What is not here, or not as it was there, stands in {LIST}."


def secrets_of(draft: Draft) -> str:
    """The file of secrets."""
    title = "Passwords and PINs. Keep this file to its owner (mode 0600) and out of version control."
    document = CommentedMap()
    for name, value in draft.secrets.items():
        document[name] = value
    return _text(title, document, quoted=True) if draft.secrets else f"# {title}\n"


def list_of(draft: Draft, problems: Sequence[str] = ()) -> str:
    """The list of what was not imported, as Markdown."""
    parts = ["# What was not imported, or not as it was\n", f"The source: {_plain(draft.source)}.\n"]
    for topic in Topic:
        notes = [note for note in draft.notes if note.topic is topic]
        if notes:
            parts.append(f"## {topic.value}\n")
            parts.append("\n".join(f"- {_plain(note.where)}: {_plain(note.text)}" for note in notes) + "\n")
    if problems:
        parts.append("## What `appliance check` says of the draft\n")
        parts.append("\n".join(f"- {_plain(problem)}" for problem in problems) + "\n")
    if draft.passed:
        parts.append("## What was not looked at\n")
        parts.append("\n".join(f"- {_plain(each)}" for each in draft.passed) + "\n")
    if len(parts) == 2:
        parts.append("Everything was understood.\n")
    return "\n".join(parts)


def _plain(text: str) -> str:
    return line(text).replace("<", "&lt;")


def _section(entries: Mapping[str, Entry], gap_from: int) -> CommentedMap:
    """Entries that fit on a line stand below each other; the others have their remarks above, and room."""
    section = CommentedMap()
    for entry in entries.values():
        key = _key(entry.id)
        remarks = [f"From {entry.origin}.", *(f"{text[0].upper()}{text[1:]}." for text in entry.remarks)]
        if "" in entry.fields:  # nothing but a value
            section[key] = _value(entry.fields[""], 4)
            section.yaml_add_eol_comment(_remark(remarks[0]), key, column=0)
            continue
        body = _table(entry.fields, 4)
        section[key] = body
        if _fits_a_line(entry.fields) and len(remarks) == 1:
            body.fa.set_flow_style()
            section.yaml_add_eol_comment(_remark(remarks[0]), key, column=0)
        else:
            above = "\n".join(["", *(_remark(text) for text in remarks)])
            section.yaml_set_comment_before_after_key(key, before=above, indent=gap_from)
    return section


def _fits_a_line(fields: Mapping[str, Value]) -> bool:
    return len(fields) == 1 and all(isinstance(value, str | int) for value in fields.values())


def _put(into: CommentedMap, key: str, value: Value, indent: int) -> None:
    written = _key(key)
    if isinstance(value, Remarked):
        into[written] = _value(value.value, indent + 2)
        if _remark(value.remark):
            into.yaml_add_eol_comment(_remark(value.remark), written, column=0)
    else:
        into[written] = _value(value, indent + 2)


def _value(value: Value, indent: int) -> object:
    """The library's own kinds of tables and lists; small ones on one line."""
    if isinstance(value, Remarked):
        return _value(value.value, indent)
    if isinstance(value, str):
        return _key(value)
    if isinstance(value, Mapping):
        return _table(value, indent)
    if isinstance(value, Sequence):
        items = CommentedSeq([_value(each, indent) for each in value])
        if all(isinstance(each, str | int) for each in value) and sum(len(str(each)) + 2 for each in value) < 80:
            items.fa.set_flow_style()
        return items
    return value


def _table(value: Mapping[str, Value], indent: int) -> CommentedMap:
    table = CommentedMap()
    for key, each in value.items():
        _put(table, key, each, indent)
    if len(value) == 1 and all(isinstance(each, str | int) for each in value.values()):
        table.fa.set_flow_style()
    return table


def _key(text: str) -> str | int:
    """Text in quotes, unless no reader can take it for anything else: ours has YAML 1.1, the library 1.2."""
    if text.isascii() and text.isdecimal() and str(int(text)) == text:
        return int(text)
    return text if _PLAIN.fullmatch(text) else SingleQuotedScalarString(text)


def _remark(text: str) -> str:
    """What may stand behind a #."""
    return line(text)


def _text(title: str, document: CommentedMap, quoted: bool = False) -> str:
    yaml: Any = YAML()
    yaml.width = _WIDTH
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    if quoted:
        yaml.default_style = '"'
    document.yaml_set_start_comment("\n".join(map(_remark, title.splitlines())))
    stream = StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()
