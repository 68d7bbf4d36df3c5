"""The dialplan of Asterisk as lines: contexts, extensions, priorities. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from appliance.importing.asterisk_conf import Section
from appliance.importing.draft import Draft, Topic

_APPLICATION = re.compile(r"\s*(\w+)\s*(?:\((.*)\))?\s*$", re.DOTALL)
_EXTEN = re.compile(r"\$\{EXTEN(?::(-?\d+)(?::(-?\d+))?)?\}")
_ONWARD = re.compile(r"([\w-]+),\$\{EXTEN\},1")
_WITH_PIN = ("authenticate", "disa", "vmauthenticate")
_CLASSES = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*"}
_PRIORITY = re.compile(r"(\d+|n|hint)(?:\+\d+)?\s*(?:\(([^)]*)\))?", re.IGNORECASE)


@dataclass
class Line:
    """A priority of an extension."""

    exten: str
    application: str
    data: str
    label: str
    where: str
    is_used: bool = False

    def __str__(self) -> str:
        return f"{self.application}({'(not shown)' if self.application in _WITH_PIN else self.data})"

    def dialled(self, exten: str) -> "Line":
        """The same when this extension was dialled: patterns stand for many."""
        data = _EXTEN.sub(lambda found: _part(exten, found[1], found[2]), self.data)
        return self if data == self.data else replace(self, data=data)


class Context:
    """A context: its extensions in their order, and those of what it includes."""

    def __init__(self, section: Section, globals: Mapping[str, str], draft: Draft) -> None:
        self.name, self.where = section.name, section.where
        self.extensions: dict[str, list[Line]] = {}
        self.includes: list[str] = []
        exten = ""
        for option in section.options:
            value = re.sub(r"\$\{(\w+)\}", lambda found: globals.get(found[1], found[0]), option.value)
            if option.key == "include":
                self.includes.append(value.split(",")[0].split("|")[0].strip())
                if "," in value:
                    draft.note(
                        Topic.HOURS, option.where, f"The include {value} holds at some times only; here always."
                    )
                continue
            if option.key == "exten":
                exten, _, value = (part.strip() for part in value.partition(","))
            elif option.key != "same":
                draft.note(Topic.REST, option.where, f"This line is not understood: {option.key} => {value}")
                continue
            priority, _, rest = value.partition(",")
            found, app = _PRIORITY.match(priority.strip()), _APPLICATION.match(rest)
            if found is not None and found[1].lower() == "hint":
                continue  # whether a phone is busy is known here without
            if found is None or app is None or not exten:
                draft.note(
                    Topic.REST, option.where, f"This line is not understood: {option.key} => {option.value}"
                )
            else:
                added = Line(
                    exten.split("/")[0], app[1].lower(), (app[2] or "").strip(), found[2] or "", option.where
                )
                self.extensions.setdefault(added.exten, []).append(added)
                onward = _ONWARD.fullmatch(added.data) if added.application == "goto" else None
                if onward is not None:  # whatever is dialled here is dialled there
                    self.includes.append(onward[1])

    def matching(self, exten: str) -> list[Line]:
        """The lines of an extension: of that name, else of the pattern that says most about it."""
        if exten in self.extensions:
            return self.extensions[exten]
        patterns = [each for each in self.extensions if each.startswith("_") and is_of(exten, each)]
        best = max(patterns, key=lambda each: (not each.endswith((".", "!")), _certain(each)), default=None)
        return self.extensions[best] if best is not None else []


def is_of(exten: str, pattern: str) -> bool:
    """Whether an extension is one of a pattern such as _2XX or _8[49]XXXXXXXXX."""
    parts = re.findall(r"\[[^\]]*\]|.", pattern[1:].replace("-", "") if "[" not in pattern else pattern[1:])
    form = "".join(part if part.startswith("[") else _CLASSES.get(part.upper(), re.escape(part)) for part in parts)
    try:
        return re.fullmatch(form, exten) is not None
    except re.error:
        return False


def _certain(pattern: str) -> int:
    """How many characters of a pattern stand for themselves."""
    return sum(each.upper() not in "_XZN.![]" for each in pattern)


def _part(text: str, offset: str | None, length: str | None) -> str:
    begin = int(offset or 0)
    rest = text[begin:] if begin >= 0 else text[len(text) + begin :]
    return rest if length is None else rest[: int(length)]
