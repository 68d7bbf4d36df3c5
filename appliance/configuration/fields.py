"""The types of fields: how the text of a YAML value is understood.

Each function takes a node and returns a value, or raises Wrong with one sentence.
"""

import ipaddress
import re
from collections.abc import Callable
from enum import Enum
from typing import TypeVar
from zoneinfo import available_timezones

import phonenumbers

from appliance.configuration.documents import Node, Text
from appliance.configuration.problems import did_you_mean, shown
from appliance.configuration.shapes import SWITCH, TEXT, form, shaped
from appliance.configuration.tables import Wrong

E = TypeVar("E", bound=Enum)

CODECS = ("alaw", "ulaw", "g722", "opus", "gsm", "speex")
DTMF = ("rfc4733", "inband", "info", "auto")

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DURATION = re.compile(r"(?=\d)(?:(\d{1,5})h)? ?(?:(\d{1,6})m)? ?(?:(\d{1,7})s)?", re.ASCII)
_RETENTION = re.compile(r"(\d{1,4}) ?([dwy])", re.ASCII)
_DAYS_OF = {"d": 1, "w": 7, "y": 366}
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,79}}$){_LABEL}(?:\.{_LABEL})*")
_CONTACT = re.compile(r"sips?:[A-Za-z0-9+*#_.!~%=@:-]{1,200}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")
SHORTEST_PERIOD = 10.0
_SHORT = re.compile(r"[0-9]{2,15}|[a-z0-9]{2,32}")
_CURLY = {*"\u201c\u201d\u201e\u201f\xab\xbb\u2018\u2019\u201a\u2039\u203a"}  # quotation marks of word processors
_LONGEST_LINE = 500  # characters: what the files of the switches take
_LONGEST = 24 * 3600.0  # of any length of time: more is a slip of the finger
_YES = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


@shaped(TEXT)
def paragraph(node: Node) -> str:
    """Text of any length; line breaks become spaces."""
    if not isinstance(node, Text):
        raise Wrong(node.place, "Text is expected here, not a list or a table.")
    text = " ".join(node.text.split())
    if not text:
        raise Wrong(node.place, "There is no text here.")
    return text


@shaped({**TEXT, "maxLength": _LONGEST_LINE})
def text(node: Node) -> str:
    """One line of text."""
    value = paragraph(node)
    if "\n" in node.text.strip() if isinstance(node, Text) else False:
        raise Wrong(node.place, "One line of text is expected here, not several.")
    if len(value) > _LONGEST_LINE:
        raise Wrong(node.place, f"This text has {len(value)} characters; {_LONGEST_LINE} are the most here.")
    return value


def matching(pattern: str, what: str, example: str) -> Callable[[Node], str]:
    """A type of text that has a certain form."""
    compiled = re.compile(pattern)

    @shaped(form(pattern))
    def read(node: Node) -> str:
        value = text(node)
        if not compiled.fullmatch(value):
            curly = " These are not the quotation marks of YAML." if _CURLY & {*value} else ""
            raise Wrong(node.place, f"{shown(value)} is not {what}.{curly}", f"Write it like {example}.")
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
username = matching(r"[A-Za-z0-9+*#_.!~%=&-]{1,79}", "a SIP user name", "74951234567")


def one_of(*words: str) -> Callable[[Node], str]:
    """One of a few words."""

    @shaped({"enum": list(words)})
    def read(node: Node) -> str:
        value = text(node)
        if value not in words:
            raise Wrong(node.place, f"{shown(value)} is not known here.", did_you_mean(value, words))
        return value

    return read


def member(kind: type[E]) -> Callable[[Node], E]:
    """One of the values of an enum."""
    words = [str(each.value) for each in kind]
    read_word = one_of(*words)

    @shaped({"enum": words})
    def read(node: Node) -> E:
        return kind(read_word(node))

    return read


def whole(least: int, most: int) -> Callable[[Node], int]:
    """A whole number within limits."""

    @shaped({**form("[0-9]{1,9}"), "minimum": least, "maximum": most})
    def read(node: Node) -> int:
        value = text(node)
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise Wrong(node.place, f"{shown(value)} is not a whole number from {least} to {most}.")
        return int(value)

    return read


port = whole(1, 65535)


@shaped(form(r"[0-9]{1,3}(?:\.[0-9]{1,3})?"))
def factor(node: Node) -> float:
    """How many times as much: above 0, up to 100."""
    value = text(node)
    if not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,3})?", value) or not 0 < float(value) <= 100:
        raise Wrong(
            node.place, f"{shown(value)} is not a number above 0 and up to 100.", "Write it like 2 or 0.5."
        )
    return float(value)


@shaped(SWITCH)
def yes_or_no(node: Node) -> bool:
    value = text(node)
    if value.lower() not in _YES:
        raise Wrong(node.place, f"{shown(value)} is neither yes nor no.")
    return _YES[value.lower()]


def is_switch(value: str) -> bool:
    """Whether this text says that something is on or off, or nothing at all."""
    return value.lower() in (*_YES, "null", "~")


@shaped(form(_DURATION.pattern))
def duration(node: Node) -> float:
    """A length of time with its units, in seconds."""
    value = text(node)
    length = seconds(value)
    if length is None:
        remedy = (
            f'Write "{value}s" for seconds or "{value}m" for minutes.' if re.fullmatch("[0-9]+", value) else ""
        )
        raise Wrong(
            node.place, f"{shown(value)} is not a length of time.", remedy or 'Write it like "1h30m" or "20s".'
        )
    if length > _LONGEST:
        raise Wrong(node.place, f"{shown(value)} is longer than a day.", "Write 24h or less.")
    return length


def seconds(written: str) -> float | None:
    """A length of time that is written with its units; None for anything else."""
    found = _DURATION.fullmatch(written)
    if not found or not any(found.groups()):
        return None
    hours, minutes, rest = (int(part or 0) for part in found.groups())
    return float(hours * 3600 + minutes * 60 + rest)


@shaped(form(f"for ever|{_RETENTION.pattern}"))
def retention(node: Node) -> float | None:
    """How long something is kept: days, weeks or years, in seconds; None for ever."""
    value = text(node)
    if value == "for ever":
        return None
    found = _RETENTION.fullmatch(value)
    if not found or not int(found[1]):
        raise Wrong(node.place, f"{shown(value)} is not a time to keep things.", 'Write it like "90d" or "3y".')
    return int(found[1]) * _DAYS_OF[found[2]] * 24 * 3600.0


@shaped(form(_DURATION.pattern))
def some_time(node: Node) -> float:
    """A length of time that is not zero."""
    value = duration(node)
    if not value:
        raise Wrong(node.place, "A time of zero is of no use here.")
    return value


@shaped(form(_DURATION.pattern))
def period(node: Node) -> float:
    """How long it is from one time to the next of what callers hear again and again."""
    value = duration(node)
    if value < SHORTEST_PERIOD:
        raise Wrong(
            node.place, f"{shown(text(node))} is too often: callers would hear nothing else.", "Write 10s or more."
        )
    return value


@shaped(form(r"[0-9A-Fa-f.:]+(?:/[0-9.]+)?"))
def address(node: Node) -> str:
    """An IP address or a network."""
    value = text(node)
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        remedy = "Write it like 192.0.2.10 or 192.0.2.0/24."
        raise Wrong(node.place, f"{shown(value)} is not an IP address or network.", remedy) from error
    return value


@shaped(form("[0-9A-Fa-f.:]+"))
def ip_address(node: Node) -> str:
    value = text(node)
    try:
        ipaddress.ip_address(value)
    except ValueError as error:
        raise Wrong(node.place, f"{shown(value)} is not an IP address.", "Write it like 192.0.2.10.") from error
    return value


@shaped(form("[A-Za-z][A-Za-z0-9_+/-]*"))
def time_zone(node: Node) -> str:
    value = text(node)
    if value not in available_timezones():
        remedy = did_you_mean(value, available_timezones()) or "Write it like Europe/Moscow."
        raise Wrong(node.place, f"{shown(value)} is not a time zone.", remedy)
    return value


@shaped(form("[A-Z]{2}"))
def country(node: Node) -> str:
    value = text(node)
    if value not in phonenumbers.SUPPORTED_REGIONS:
        remedy = f'Write "{value.upper()}".' if value.upper() in phonenumbers.SUPPORTED_REGIONS else ""
        remedy = remedy or "Use the two letters of ISO 3166, such as RU or GB."
        raise Wrong(node.place, f"{shown(value)} is not a country.", remedy)
    return value


@shaped(form(_SHORT.pattern))
def short_number(node: Node) -> str:
    """What a trunk delivers for a number that is not one of the telephone network."""
    value = text(node)
    if not _SHORT.fullmatch(value):
        remedy = "Write it like +74951234567, or as the trunk delivers it (digits, small letters)."
        raise Wrong(node.place, f"{shown(value)} is not a telephone number.", remedy)
    return value
