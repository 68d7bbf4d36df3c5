"""The rows of a MySQL dump: what stands in its INSERT statements. Pure.

General parsers of SQL make a tree of every statement: sqlglot takes 3 s for a megabyte of rows, and says nothing
of a statement that is cut off. Here only the values are taken apart, and each row knows its line.
"""

import re

from appliance.importing.rows import Row
from appliance.trouble import Trouble

_HEAD = re.compile(
    r"^[ \t]*(?:INSERT|REPLACE)\s+(?:LOW_PRIORITY\s+|DELAYED\s+|IGNORE\s+)*INTO\s+`?(?:\w+`?\.`?)?(?P<table>\w+)`?"
    r"\s*(?:\((?P<columns>[^()]*)\))?\s*VALUES\s*",
    re.IGNORECASE | re.MULTILINE,
)
_CREATE = re.compile(
    r"^[ \t]*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?`?(?P<table>\w+)`?\s*\((?P<body>.*?)^\s*\)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_COLUMN = re.compile(r"^\s*`(\w+)`\s", re.MULTILINE)
_VALUE = re.compile(
    r"""\s*(?:_[a-z]\w*\s*)?(?:                # _binary, _utf8mb4
        '(?P<single>(?:[^'\\]++|\\.|'')*+)'
      | "(?P<double>(?:[^"\\]++|\\.|"")*+)"
      | 0x(?P<hex>[0-9A-Fa-f]*)
      | (?P<bare>[^\s,()'";]+)
    )\s*(?P<next>[,)])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|(''|\"\")", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": "", "b": "", "Z": ""}
_OPEN = re.compile(r"\s*\(")
_SPACE = re.compile(r"\s*")
_BETWEEN = re.compile(r"\s*(,?)")
_BEGUN = re.compile(r"^-- (?:MySQL|MariaDB) dump", re.MULTILINE)
_ENDED = "-- Dump completed"


def read_dump(text: str, name: str) -> dict[str, list[Row]]:
    """The rows by table. Raises Trouble where the dump is cut off, or is none."""
    known = {found["table"]: _COLUMN.findall(found["body"]) for found in _CREATE.finditer(text)}
    tables: dict[str, list[Row]] = {table: [] for table in known}
    at, line, counted = 0, 1, 0
    while head := _HEAD.search(text, at):
        table, at = head["table"], head.end()
        columns = re.findall(r"\w+", head["columns"]) if head["columns"] else known.get(table)
        rows = tables.setdefault(table, [])
        is_more = True
        while is_more:
            begin = _SPACE.match(text, at)
            assert begin is not None  # it matches anything
            line, counted = line + text.count("\n", counted, begin.end()), begin.end()
            values, at = _values(text, at)
            if values is None or (columns and len(values) != len(columns)):
                raise Trouble(
                    f"{name}:{line}: a row of the table {table} cannot be read: is the dump cut off here?"
                )
            names = columns or [str(n) for n in range(1, len(values) + 1)]
            rows.append(Row(f"{name}:{line} {table} row {len(rows) + 1}", dict(zip(names, values, strict=True))))
            between = _BETWEEN.match(text, at)
            assert between is not None  # it matches anything
            is_more, at = between[1] == ",", between.end()
    if _BEGUN.search(text[:2000]) and _ENDED not in text[-500:]:
        raise Trouble(f"{name} ends too early: the last line that mysqldump writes is not there. Make it anew.")
    if not tables:
        raise Trouble(f"{name} is not a dump of a MySQL database: there is no table in it.")
    return tables


def _values(text: str, at: int) -> tuple[list[str] | None, int]:
    """The values in one pair of brackets, and where it ends; None where it does not."""
    opened = _OPEN.match(text, at)
    if opened is None:
        return None, at
    values: list[str] = []
    at = opened.end()
    while value := _VALUE.match(text, at):
        values.append(_plain(value))
        at = value.end()
        if value["next"] == ")":
            return values, at
    return None, at


def _plain(value: re.Match[str]) -> str:
    """The text of a value. NULL is nothing, as an empty text is."""
    if value["bare"] is not None:
        return "" if value["bare"].upper() == "NULL" else value["bare"]
    if value["hex"] is not None:
        digits = value["hex"]
        return bytes.fromhex(digits if len(digits) % 2 == 0 else f"0{digits}").decode("utf-8", "replace")
    quoted = value["single"] if value["single"] is not None else value["double"]
    if "\\" not in quoted and "''" not in quoted and '""' not in quoted:
        return quoted
    return _ESCAPE.sub(lambda found: found[2][0] if found[2] else _ESCAPED.get(found[1], found[1]), quoted)
