"""Tables of the YAML: their fields, read one after another; what is left over at the end is unknown.

Whatever reads a table can also be asked which fields it would read: appliance.configuration.schema
hands it another `Fields`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from appliance.configuration.documents import Entry, Items, Node, Table, Text
from appliance.configuration.problems import Place, Report, did_you_mean, shown

T = TypeVar("T")


class Wrong(Exception):
    """A value is not what its field wants."""

    def __init__(self, place: Place, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.place, self.text, self.remedy = place, text, remedy


class Fields:
    """The fields of one table, read one after another; what is left over at the end is unknown."""

    def __init__(self, node: Node | None, what: str, place: Place, report: Report) -> None:
        self._what, self._place, self._report = what, place, report
        self._known: set[str] = set()
        # When the table is missing as a whole, that one complaint is enough.
        self._complain = isinstance(node, Table)
        self._entries: Mapping[str, Entry] = node.entries if isinstance(node, Table) else {}
        if node is not None and not isinstance(node, Table):
            report.add(node.place, f"{what} must be a table of fields.", _as_a_table(node))

    def node(self, key: str) -> Node | None:
        """The value of a field as it stands, if it is there."""
        self._known.add(key)
        entry = self._entries.get(key)
        return entry.value if entry else None

    def take(self, key: str, read: Callable[[Node], T], default: T) -> T:
        """The value of a field, or the default where it is missing or wrong."""
        node = self.node(key)
        return default if node is None else attempt(read, node, default, self._report)

    def need(self, key: str, read: Callable[[Node], T], fallback: T) -> T:
        """The value of a field that must be there; the fallback only lets the reading go on."""
        node = self.needed(key)
        return fallback if node is None else attempt(read, node, fallback, self._report)

    def needed(self, key: str) -> Node | None:
        """A field that must be there, because of what another one says."""
        node = self.node(key)
        if node is None and self._complain:
            self._report.add(self._place, f'{self._what} has no "{key}".')
        return node

    def complain(self, text: str, remedy: str = "") -> None:
        """About the table as a whole."""
        self._report.add(self._place, text, remedy)

    def items(
        self, key: str, read: Callable[[Node], T], if_empty: str = "", *, needed: bool = False
    ) -> tuple[T, ...]:
        """The values of a list; a single one may stand without the brackets.

        `if_empty` is the remedy where there must be one at least.
        """
        node = self.needed(key) if needed else self.node(key)
        if if_empty and isinstance(node, Items) and not node.items:
            self._report.add(node.place, "This list is empty.", if_empty)
        nodes = node.items if isinstance(node, Items) else () if node is None else (node,)
        found = (attempt(read, each, None, self._report) for each in nodes)
        return tuple(each for each in found if each is not None)

    def section(
        self, key: str, read: Callable[["Fields"], T], default: T, *, switch: Callable[[Node], bool] | None = None
    ) -> T:
        """A table of fields within this one, or the default where it is missing. With `switch`, yes stands for the
        table without any field, and no for none."""
        node = self.node(key)
        if switch is not None and isinstance(node, Text):
            node = Table(node.place) if attempt(switch, node, False, self._report) else None
        if node is None:
            return default
        within = Fields(node, f'The section "{key}"', node.place, self._report)
        value = read(within)
        within.close()
        return value

    def each(
        self,
        key: str,
        kind: str,
        read_id: Callable[[Node], str],
        read: Callable[[str, "Fields"], T],
        spellings: dict[str, str] | None = None,
    ) -> dict[str, T]:
        """Tables of fields within this one, by id; `spellings` takes down how each id was written."""
        found: dict[str, T] = {}
        places: dict[str, Place] = {}
        hollow = False
        for entry in entries(self.node(key), f'"{key}"', self._report):
            if hollow and not isinstance(entry.value, Table):
                continue  # a field of the one above, which is not indented far enough: told once
            hollow = isinstance(entry.value, Text) and not entry.value.text
            place = entry.key.place
            id = attempt(read_id, entry.key, entry.key.text, self._report)
            fields = Fields(entry.value, f"The {kind} {shown(entry.key.text)}", place, self._report)
            value = read(id, fields)
            fields.close()
            if id in found:
                first = places[id]
                text = f"{shown(entry.key.text)} is the same {kind} as the one at {first.file}:{first.line}."
                self._report.add(place, text, "Remove one of them.")
                continue
            found[id], places[id] = value, place
            if spellings is not None:
                spellings[id] = entry.key.text
        return found

    def table(
        self,
        key: str,
        read_key: Callable[[Node], str],
        read: Callable[[Node], T],
        fallback: T,
        *,
        needed: bool = False,
    ) -> dict[str, T]:
        """A table of values within this one; the fallback stands for those that are wrong."""
        node = self.needed(key) if needed else self.node(key)
        return {
            attempt(read_key, entry.key, entry.key.text, self._report): attempt(
                read, entry.value, fallback, self._report
            )
            for entry in entries(node, f'"{key}"', self._report)
        }

    def close(self) -> None:
        """Complain about every field nobody asked for."""
        for key, entry in self._entries.items():
            if key not in self._known:
                remedy = did_you_mean(key, self._known)
                self._report.add(entry.key.place, f"{self._what} has no field {shown(key)}.", remedy)


def entries(node: Node | None, what: str, report: Report) -> Iterator[Entry]:
    """The entries of a table; nothing at all is an empty one."""
    if isinstance(node, Table):
        yield from node.entries.values()
    elif node is not None and not (isinstance(node, Text) and not node.text):
        report.add(node.place, f"{what} must be a table.", _as_a_table(node))


def _as_a_table(node: Node) -> str:
    if isinstance(node, Text) and re.match(r"[\w-]+:\S", node.text):
        return 'A space must follow the colon, as in "key: value".'
    return 'Write each on a line of its own below it, indented further, as "key: value".'


def attempt(read: Callable[[Node], T], node: Node, fallback: T, report: Report) -> T:
    """Read a value; where that is impossible report it and go on with the fallback."""
    try:
        return read(node)
    except Wrong as wrong:
        report.add(wrong.place, wrong.text, wrong.remedy)
        return fallback
