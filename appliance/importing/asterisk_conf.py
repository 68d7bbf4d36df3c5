"""Asterisk's configuration files as sections: templates, +=, includes, remarks. Pure: others read the files."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from appliance.importing.rows import Row

_SECTION = re.compile(r"\[([^\]]*)\]\s*(?:\(([^)]*)\))?\s*$")
_OPTION = re.compile(r"([^=]*?)\s*(\+?=>?)\s*(.*)$", re.DOTALL)
_INCLUDE = re.compile(r"#(include|tryinclude|exec)\s+[\"<]?([^\">]*)[\">]?")
_DEEPEST = 10
_LISTS = ("match", "allow")  # options of which each line adds something

Load = Callable[[str], list[tuple[str, str]]]  # the files of a name, which may have a *: name and text of each
Complain = Callable[[str, str], None]  # where, and what


@dataclass(frozen=True)
class Option:
    """A line of a section."""

    key: str
    value: str
    where: str


@dataclass
class Section:
    """A section, with what it has from its templates."""

    name: str
    where: str
    options: list[Option] = field(default_factory=list)
    is_template: bool = False

    def all(self, key: str) -> list[Option]:
        return [option for option in self.options if option.key == key]

    def row(self, *repeated: str) -> Row:
        """Its options as one row; of those that stand there twice the last holds. `repeated` are left out."""
        cells = {each.key: each.value for each in self.options if each.key not in repeated}
        lists = {key: ",".join(option.value for option in self.all(key)) for key in _LISTS if key in cells}
        return Row(self.where, cells | lists)


class Reader:
    """Reads a file and what it includes."""

    def __init__(self, load: Load, complain: Complain) -> None:
        self._load, self._complain = load, complain
        self.sections: list[Section] = []
        self._known: dict[str, Section] = {}

    def read(self, name: str, depth: int = 0) -> list[Section]:
        """The sections in their order; templates among them."""
        for file, text in self._load(name):
            for number, line in _lines(text):
                self._take(line, f"{file}:{number}", depth)
        return self.sections

    def _take(self, line: str, where: str, depth: int) -> None:
        included = _INCLUDE.match(line)
        if included:
            self._include(included[1], included[2].strip(), where, depth)
            return
        header = _SECTION.match(line)
        if header:
            self._open(header[1].strip(), header[2] or "", where)
            return
        option = _OPTION.match(line)
        if option is None or not option[1]:
            self._complain(where, f"This line is not understood: {line}")
        elif not self.sections:
            self._complain(where, f"This line stands in no section: {line}")
        else:
            self._add(Option(option[1].strip().lower(), option[3].strip(), where), option[2].startswith("+"))

    def _include(self, word: str, name: str, where: str, depth: int) -> None:
        if word == "exec":
            self._complain(where, f"The output of a program is included here ({name}); it is not run.")
        elif depth >= _DEEPEST:
            self._complain(where, f"{name} is included in a circle.")
        else:
            files = self._load(name)
            if not files and word == "include":
                self._complain(where, f"The file {name}, which is included here, is not there.")
            self.read(name, depth + 1) if files else None

    def _open(self, name: str, marks: str, where: str) -> None:
        section = Section(name, where)
        for mark in (each.strip() for each in marks.split(",") if each.strip()):
            if mark == "!":
                section.is_template = True
            elif mark == "+":
                section = self._known.get(name, section)
            elif mark in self._known:
                section.options += self._known[mark].options
            else:
                self._complain(where, f"There is no template {mark}.")
        if section not in self.sections:
            self.sections.append(section)
        else:  # it goes on
            self.sections.remove(section)
            self.sections.append(section)
        self._known[name] = section

    def _add(self, option: Option, appends: bool) -> None:
        section = self.sections[-1]
        before = section.all(option.key)
        if appends and before:
            section.options.remove(before[-1])
            option = Option(option.key, before[-1].value + option.value, option.where)
        section.options.append(option)


def _lines(text: str) -> Iterable[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    is_remark = False
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw
        if is_remark:
            _, ended, line = line.partition("--;")
            if not ended:
                continue
            is_remark = False
        while (at := line.find(";--")) >= 0 and not line.startswith(";---", at):
            _, ended, rest = line[at + 3 :].partition("--;")
            line = line[:at] + rest
            if not ended:
                is_remark = True
                break
        line = re.sub(r"(?<!\\);.*", "", line).replace("\\;", ";").strip()
        if line:
            yield number, line
