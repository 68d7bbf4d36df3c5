"""How things look in the terminal: tables, times, lengths of time, shares."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

NOTHING = "-"
LONGEST_CELL = 60
_WORD = re.compile(r"[^\W\d_]{2}")
TIMES = frozenset({"since", "until"})  # and whatever ends in _at: the names of times in data


def table(header: Sequence[str], rows: Sequence[Sequence[object]], indent: str = "") -> str:
    """Columns with a header. A column that holds only figures is aligned to the right."""
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(_width(text) for text in column) for column in zip(header, *cells, strict=True)]
    figures = [all(_is_figure(row[n]) for row in cells) and bool(cells) for n in range(len(header))]
    lines = []
    for line in ([*header], *cells):
        padded = (
            " " * (width - _width(text)) + text if figure else text + " " * (width - _width(text))
            for text, width, figure in zip(line, widths, figures, strict=True)
        )
        lines.append((indent + "  ".join(padded)).rstrip())
    return "\n".join(lines)


def cell(value: object) -> str:
    """Any value as a short, harmless piece of one line."""
    if value is None or value == "":
        return NOTHING
    return harmless(str(value), LONGEST_CELL)


def harmless(text: str, longest: int = 200) -> str:
    """Text from outside without what a terminal would obey (control and direction characters), cut to length."""
    text = text[: longest + 1]
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(c) else c for c in text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _width(text: str) -> int:
    """Terminal columns: wide letters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _is_figure(text: str) -> bool:
    """Not so a name with a number before it."""
    return text == NOTHING or (text[0].isdigit() and not _WORD.search(text))


def length(seconds: float | None) -> str:
    """A length of time: 0:41, 12:05, 1:02:30."""
    if seconds is None:
        return NOTHING
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def share(part: float | None) -> str:
    """A share of one as per cent."""
    return NOTHING if part is None else f"{part * 100:.1f} %"


def moment(at: float | None, zone: tzinfo) -> str:
    """A date with the time of day."""
    return NOTHING if at is None else datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def time_of_day(at: float | None, zone: tzinfo) -> str:
    """A time of day."""
    return NOTHING if at is None else datetime.fromtimestamp(at, zone).strftime("%H:%M:%S")


def iso(at: float | None, zone: tzinfo) -> str | None:
    """A time for programs: ISO 8601 with the offset of the zone."""
    return None if at is None else datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")


def with_times(data: Any, zone: tzinfo) -> Any:
    """Data for programs in which every time is written as ISO 8601."""
    if isinstance(data, dict):
        return {
            key: iso(value, zone) if _is_time(key, value) else with_times(value, zone)
            for key, value in data.items()
        }
    return [with_times(each, zone) for each in data] if isinstance(data, list) else data


def _is_time(key: str, value: object) -> bool:
    return (key in TIMES or key.endswith("_at")) and isinstance(value, int | float)
