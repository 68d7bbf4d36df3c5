"""The types of fields: how the text of a YAML value is understood.

Each function takes a node and returns a value, or raises Wrong with one sentence.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import TypeVar
from zoneinfo import available_timezones

import phonenumbers

from appliance.documents import Entry, Items, Node, Table, Text
from appliance.problems import Place, Report, did_you_mean, shown

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

CODECS = ("alaw", "ulaw", "g722", "opus", "gsm", "speex")
DTMF = ("rfc4733", "inband", "info", "auto")

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DURATION = re.compile(r"(?=\d)(?:(\d{1,5})h)? ?(?:(\d{1,6})m)? ?(?:(\d{1,7})s)?", re.ASCII)
_RETENTION = re.compile(r"(\d{1,4}) ?([dwy])", re.ASCII)
_DAYS_OF = {"d": 1, "w": 7, "y": 366}
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*\.?")
_CONTACT = re.compile(r"sips?:[^\s;,\"<>\[\]]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")
_LONGEST = 24 * 3600.0  # of any length of time: more is a slip of the finger
_YES = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


class Wrong(Exception):
    """A value is not what its field wants."""

    def __init__(self, place: Place, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.place, self.text, self.remedy = place, text, remedy


def paragraph(node: Node) -> str:
    """Text of any length; line breaks become spaces."""
    if not isinstance(node, Text):
        raise Wrong(node.place, "Text is expected here, not a list or a table.")
    text = " ".join(node.text.split())
    if not text:
        raise Wrong(node.place, "There is no text here.")
    return text


def text(node: Node) -> str:
    """One line of text."""
    value = paragraph(node)
    if "\n" in node.text.strip() if isinstance(node, Text) else False:
        raise Wrong(node.place, "One line of text is expected here, not several.")
    return value


def matching(pattern: str, what: str, example: str) -> Callable[[Node], str]:
    """A type of text that has a certain form."""
    form = re.compile(pattern)

    def read(node: Node) -> str:
        value = text(node)
        if not form.fullmatch(value):
            raise Wrong(node.place, f"{shown(value)} is not {what}.", f"Write it like {example}.")
        return value

    return read


name = matching(_NAME.pattern, "an id (small letters, digits and hyphens)", "sales or late-shift")
phone_id = matching(r"[0-9]{2,10}", "the number of a phone (2 to 10 digits)", "201")
agent_id = matching(r"[0-9]{1,10}", "the number of an agent (digits)", "1001")
pause_id = matching(r"[0-9]", "a digit that stands for a reason", "1")
disposition_id = matching(r"[0-9]{1,6}", "the digits of a disposition", "1")
menu_key = matching(r"[0-9*#]", "a key of a telephone (0 to 9, * or #)", '1 or "*"')
feature_code = matching(r"[*#]?[0-9*#]{1,10}", "a code that can be dialled", '"*11"')
dialled = matching(r"[0-9*#+]{1,20}", "what a phone can dial", '"*98"')
host = matching(_HOST.pattern, "a host name or an IP address", "sip.example.com")
contact = matching(_CONTACT.pattern, "a SIP address", "sip:201@192.0.2.10:5060")
language = matching(_LANGUAGE.pattern, "a language code", "ru or en")
database = matching(
    r"sqlite|postgresql://[^\s/?]*/[^\s/?]+(?:\?\S+)?",
    "a database that is known here",
    "sqlite or postgresql://user@host/name",
)
username = matching(r"[^\s;,\"<>\[\]]+", "a SIP user name", "74951234567")


def one_of(*words: str) -> Callable[[Node], str]:
    """One of a few words."""

    def read(node: Node) -> str:
        value = text(node)
        if value not in words:
            raise Wrong(node.place, f"{shown(value)} is not known here.", did_you_mean(value, words))
        return value

    return read


def member(kind: type[E]) -> Callable[[Node], E]:
    """One of the values of an enum."""
    read_word = one_of(*(str(each.value) for each in kind))

    def read(node: Node) -> E:
        return kind(read_word(node))

    return read


def whole(least: int, most: int) -> Callable[[Node], int]:
    """A whole number within limits."""

    def read(node: Node) -> int:
        value = text(node)
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise Wrong(node.place, f"{shown(value)} is not a whole number from {least} to {most}.")
        return int(value)

    return read


port = whole(1, 65535)


def yes_or_no(node: Node) -> bool:
    value = text(node)
    if value.lower() not in _YES:
        raise Wrong(node.place, f"{shown(value)} is neither yes nor no.")
    return _YES[value.lower()]


def is_switch(value: str) -> bool:
    """Whether this text says that something is on or off, or nothing at all."""
    return value.lower() in (*_YES, "null", "~")


def duration(node: Node) -> float:
    """A length of time with its units, in seconds."""
    value = text(node)
    found = _DURATION.fullmatch(value)
    if not found or not any(found.groups()):
        remedy = (
            f'Write "{value}s" for seconds or "{value}m" for minutes.' if re.fullmatch("[0-9]+", value) else ""
        )
        raise Wrong(
            node.place, f"{shown(value)} is not a length of time.", remedy or 'Write it like "1h30m" or "20s".'
        )
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = float(hours * 3600 + minutes * 60 + seconds)
    if length > _LONGEST:
        raise Wrong(node.place, f"{shown(value)} is longer than a day.", "Write 24h or less.")
    return length


def retention(node: Node) -> float | None:
    """How long something is kept: days, weeks or years, in seconds; None for ever."""
    value = text(node)
    if value == "for ever":
        return None
    found = _RETENTION.fullmatch(value)
    if not found or not int(found[1]):
        raise Wrong(node.place, f"{shown(value)} is not a time to keep things.", 'Write it like "90d" or "3y".')
    return int(found[1]) * _DAYS_OF[found[2]] * 24 * 3600.0


def some_time(node: Node) -> float:
    """A length of time that is not zero."""
    value = duration(node)
    if not value:
        raise Wrong(node.place, "A time of zero is of no use here.")
    return value


def holidays(node: Node) -> frozenset[date]:
    """A day or a range of days: 2026-12-31 or 2027-01-01..2027-01-08."""
    value = text(node)
    first, _, last = value.partition("..")
    try:
        begin = date.fromisoformat(first.strip())
        end = date.fromisoformat(last.strip()) if last else begin
    except ValueError as error:
        remedy = "Write it like 2026-12-31 or 2027-01-01..2027-01-08."
        raise Wrong(node.place, f"{shown(value)} is not a day of the calendar.", remedy) from error
    length = (end - begin).days
    if not 0 <= length <= 366:
        raise Wrong(node.place, f"{shown(value)} must begin before it ends, and not last longer than a year.")
    return frozenset(begin + timedelta(days=day) for day in range(length + 1))


def address(node: Node) -> str:
    """An IP address or a network."""
    value = text(node)
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        remedy = "Write it like 192.0.2.10 or 192.0.2.0/24."
        raise Wrong(node.place, f"{shown(value)} is not an IP address or network.", remedy) from error
    return value


def ip_address(node: Node) -> str:
    value = text(node)
    try:
        ipaddress.ip_address(value)
    except ValueError as error:
        raise Wrong(node.place, f"{shown(value)} is not an IP address.", "Write it like 192.0.2.10.") from error
    return value


def time_zone(node: Node) -> str:
    value = text(node)
    if value not in available_timezones():
        remedy = did_you_mean(value, available_timezones()) or "Write it like Europe/Moscow."
        raise Wrong(node.place, f"{shown(value)} is not a time zone.", remedy)
    return value


def country(node: Node) -> str:
    value = text(node)
    if value not in phonenumbers.SUPPORTED_REGIONS:
        remedy = f'Write "{value.upper()}".' if value.upper() in phonenumbers.SUPPORTED_REGIONS else ""
        remedy = remedy or "Use the two letters of ISO 3166, such as RU or GB."
        raise Wrong(node.place, f"{shown(value)} is not a country.", remedy)
    return value


class Fields:
    """The fields of one table, read one after another; what is left over at the end is unknown."""

    def __init__(self, node: Node | None, what: str, place: Place, report: Report) -> None:
        self._what, self._place, self._report = what, place, report
        self._known: set[str] = set()
        # When the table is missing as a whole, that one complaint is enough.
        self._complain = isinstance(node, Table)
        self._entries: Mapping[str, Entry] = node.entries if isinstance(node, Table) else {}
        if node is not None and not isinstance(node, Table):
            report.add(
                node.place,
                f"{what} must be a table of fields.",
                'Write each on a line of its own, as "key: value".',
            )

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
        node = self.node(key)
        if node is None and self._complain:
            self._report.add(self._place, f'{self._what} has no "{key}".')
        return node

    def items(self, key: str, read: Callable[[Node], T], if_empty: str = "") -> tuple[T, ...]:
        """The values of a list; a single one may stand without the brackets.

        `if_empty` is the remedy where there must be one at least.
        """
        node = self.node(key)
        if if_empty and isinstance(node, Items) and not node.items:
            self._report.add(node.place, "This list is empty.", if_empty)
        nodes = node.items if isinstance(node, Items) else () if node is None else (node,)
        found = (attempt(read, each, None, self._report) for each in nodes)
        return tuple(each for each in found if each is not None)

    def entries(self, key: str) -> Iterator[Entry]:
        """The entries of a table within this one."""
        yield from entries(self.node(key), f'"{key}"', self._report)

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
        report.add(
            node.place, f"{what} must be a table.", 'Write each entry on a line of its own, as "key: value".'
        )


def attempt(read: Callable[[Node], T], node: Node, fallback: T, report: Report) -> T:
    """Read a value; where that is impossible report it and go on with the fallback."""
    try:
        return read(node)
    except Wrong as wrong:
        report.add(wrong.place, wrong.text, wrong.remedy)
        return fallback


def named(
    node: Node | None, what: str, read_id: Callable[[Node], str], make: Callable[[str, str], T], report: Report
) -> dict[str, T]:
    """A table of digits and what each stands for."""
    found: dict[str, T] = {}
    for entry in entries(node, f'"{what}"', report):
        id = attempt(read_id, entry.key, entry.key.text, report)
        found[id] = make(id, attempt(text, entry.value, "", report))
    return found


def short_number(node: Node) -> str:
    """What a trunk delivers for a number that is not one of the telephone network."""
    value = text(node)
    if not re.fullmatch(r"[0-9]{2,15}|[a-z0-9]{2,32}", value):
        remedy = "Write it like +74951234567, or as the trunk delivers it (digits, small letters)."
        raise Wrong(node.place, f"{shown(value)} is not a telephone number.", remedy)
    return value
