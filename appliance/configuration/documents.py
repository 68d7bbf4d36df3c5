"""YAML files as a tree in which every text stays text and knows its place.

The usual loader turns 0212 into 138, 9:30 into 570 and NO into False, and lets the last of two equal keys
win. So the parser's events are read instead, and the type of a field decides how its text is understood.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from appliance.configuration.problems import Place, Report, shown
from appliance.configuration.syntax import Gave, mistake

DEEPEST = 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LOST_HASH = re.compile(r"^ *#:\s", re.MULTILINE)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_DISGUISED = re.compile("^[ ]*([\xa0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff])", re.MULTILINE)
_MARKS = {"*": "References to another part of a file", "&": "Names for parts of a file", "!": "Marks of a type"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Text:
    place: Place
    text: str


@dataclass(frozen=True)
class Items:
    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Entry:
    key: Text
    value: "Node"


@dataclass(frozen=True)
class Table:
    """Keys and values in the order of the file."""

    place: Place
    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry, report: Report) -> None:
        """Add an entry unless its key is there already."""
        first = self.entries.setdefault(entry.key.text, entry)
        if first is not entry:
            where = first.key.place
            report.add(
                entry.key.place,
                f"{shown(entry.key.text)} stands here twice; the first is at {where.file}:{where.line}.",
                "Remove or rename one of them.",
            )


Node = Text | Items | Table


class Unreadable(Exception):
    """The rest of a file cannot be read."""

    def __init__(self, place: Place, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.place, self.text, self.remedy = place, text, remedy


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises Unreadable."""
    name = str(path)
    try:
        if path.exists() and not path.is_file():
            raise Unreadable(Place(name), "This is not a file.")
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(Place(name), f"This file cannot be read: {error.strerror or error}.") from error
    if raw.startswith(_UTF_16):
        raise Unreadable(Place(name, 1, 1), "This is UTF-16 text.", "Save the file with the encoding UTF-8.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        place = Place(name, before.count(b"\n") + 1, column)
        raise Unreadable(place, "This is not UTF-8 text.", "Save the file with the encoding UTF-8.") from error


def _place_in(text: str, position: int, path: Path) -> Place:
    line_begin = text.rfind("\n", 0, position) + 1
    return Place(str(path), text.count("\n", 0, position) + 1, position - line_begin + 1)


def read_document(path: Path, report: Report) -> Node | None:
    """The tree of one file. None when something of it is lost; the report then says why."""
    try:
        text = read_text(path)
        bad = _UNPRINTABLE.search(text)
        if bad:
            place = _place_in(text, bad.start(), path)
            raise Unreadable(place, f"A control character (U+{ord(bad[0]):04X}) stands here.", "Remove it.")
        disguised = _DISGUISED.search(text)
        if disguised:
            raise Unreadable(
                _place_in(text, disguised.start(1), path),
                f"This is no ordinary space, although it may look like one (U+{ord(disguised[1]):04X}).",
                "Replace it by a space, or remove it.",
            )
        for lost in _LOST_HASH.finditer(text):
            report.add(
                _place_in(text, lost.end() - 3, path),
                "This line is a remark.",
                'A key that is a hash must stand in quotes: "#".',
                warning=True,
            )
        return _Builder(str(path), report).build(text)
    except Unreadable as error:
        report.add(error.place, error.text, error.remedy)
        return None


@dataclass
class _Open:
    """A list or a table whose end has not been seen. A table's children are key, value, key, value..."""

    place: Place
    is_table: bool
    children: list[Node] = field(default_factory=list)


class _Builder:
    """Makes the tree of one file from the parser's events."""

    def __init__(self, file: str, report: Report) -> None:
        self._file = file
        self._report = report
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._lost = False

    def build(self, text: str) -> Node | None:
        try:
            for event in self._events(text):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            raise self._explained(error, text) from error
        except yaml.YAMLError as error:
            raise Unreadable(Place(self._file), f"This is not YAML: {error}.") from error
        return None if self._lost else self._root or Text(Place(self._file, 1, 1), "")

    @staticmethod
    def _events(text: str) -> Iterator[Any]:
        yield from yaml.parse(text, Loader=_Loader)

    def _take(self, event: Any) -> None:
        place = self._place(event.start_mark)
        match event:
            case yaml.DocumentStartEvent() if self._root is not None:
                raise Unreadable(place, "A second document begins here.", "Use one file for each, without ---.")
            case yaml.AliasEvent():
                self._refuse(place, "*")
                self._put(Text(place, ""))
            case yaml.ScalarEvent():
                self._refuse_marks(event, place)
                self._refuse_control_characters(event.value, place)
                self._put(Text(place, event.value))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._refuse_marks(event, place)
                if len(self._open) >= DEEPEST:
                    raise Unreadable(place, "Lists and tables are nested too deeply here.")
                self._open.append(_Open(place, isinstance(event, yaml.MappingStartEvent)))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                done = self._open.pop()
                self._put(self._table(done) if done.is_table else Items(done.place, tuple(done.children)))

    def _put(self, node: Node) -> None:
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node

    def _table(self, done: _Open) -> Table:
        table = Table(done.place)
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            if isinstance(key, Text):
                table.add(Entry(key, value), self._report)
            else:
                self._report.add(key.place, "A key must be plain text, not a list or a table.")
        return table

    def _refuse_marks(self, event: Any, place: Place) -> None:
        if event.anchor is not None:
            self._refuse(place, "&")
        if event.tag is not None:
            self._refuse(place, "!")

    def _refuse_control_characters(self, text: str, place: Place) -> None:
        """Those of the file itself have been refused already; a text in double quotes may spell others out."""
        bad = _UNPRINTABLE.search(text)
        if bad:
            said = f"This text has a control character in it (U+{ord(bad[0]):04X})."
            self._report.add(place, said, 'Remove the "\\" before it, or the character.')
            self._lost = True

    def _refuse(self, place: Place, sign: str) -> None:
        # The text itself is not shown: it may be a password.
        remedy = f"{_MARKS[sign]} are not used here: if one was meant, write it out."
        self._report.add(place, f"A text that begins with {sign} must stand in quotes.", remedy)
        self._lost = True

    def _place(self, mark: Any) -> Place:
        return Place(self._file, mark.line + 1, mark.column + 1)

    def _explained(self, error: yaml.MarkedYAMLError, text: str) -> Unreadable:
        """The parser's complaint in plain words."""
        at, began = error.problem_mark, error.context_mark or error.problem_mark
        if at is None or began is None:
            return Unreadable(Place(self._file), "This is not YAML.")
        gave = Gave(
            str(error.problem or ""), str(error.context or ""), at.line, at.column, began.line, began.column
        )
        found = mistake(gave, text)
        return Unreadable(Place(self._file, found.line + 1, found.column + 1), found.text, found.remedy)
