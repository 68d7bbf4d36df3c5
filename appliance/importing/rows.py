"""What a source holds, row by row, and which of it has been looked at: nothing is dropped silently. Pure."""

from collections.abc import Iterable, Mapping

# What systems write where nobody has chosen anything.
_NEUTRAL = frozenset(
    ("", "0", "no", "off", "false", "none", "null", "default", "dontcare", "disabled", "inherit", "any")
)


class Row:
    """A row of a table, or a section of a file. It remembers which cells somebody has asked for."""

    def __init__(self, where: str, cells: Mapping[str, str]) -> None:
        self.where = where
        self.is_used = False
        self._cells = cells
        self._seen: set[str] = set()

    def __getitem__(self, column: str) -> str:
        """The text of a cell, "" where there is none; the row counts as used."""
        self.is_used = True
        self._seen.add(column)
        return self._cells.get(column, "").strip()

    def peek(self, column: str) -> str:
        """The same, only to find out whether the row is meant."""
        return self._cells.get(column, "").strip()

    def whole(self, column: str, otherwise: int = 0) -> int:
        """A cell that is a whole number."""
        text = self[column]
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise

    def is_on(self, column: str) -> bool:
        return self[column].lower() in ("1", "yes", "on", "true", "enabled", "t")

    def pass_over(self, *columns: str) -> None:
        """These cells say nothing that could matter to a caller."""
        self._seen.update(columns)

    def use(self) -> None:
        """The row as a whole is in the draft, or in the list."""
        self.is_used = True
        self._seen.update(self._cells)

    def columns(self) -> list[str]:
        """The names of its cells."""
        return list(self._cells)

    def left(self) -> list[tuple[str, str]]:
        """The cells nobody asked for, without those that say nothing."""
        return [
            (column, text.strip())
            for column, text in self._cells.items()
            if column not in self._seen and text.strip().lower() not in _NEUTRAL
        ]


Tables = Mapping[str, list[Row]]


def by(rows: Iterable[Row], column: str) -> dict[str, Row]:
    """Rows by what stands in a column; the first of those that have the same."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row.peek(column), row)
    return found


def joined(rows: Iterable[Row], key: str, keyword: str, value: str) -> dict[str, Row]:
    """Tables of keyword and value as one row for each key, for which those they are made of stand no more."""
    where: dict[str, str] = {}
    cells: dict[str, dict[str, str]] = {}
    for row in rows:
        id = row[key]
        where.setdefault(id, row.where)
        cells.setdefault(id, {})[row[keyword]] = row[value]
        row.pass_over("flags")
    return {id: Row(where[id], cells[id]) for id in cells}
