"""What somebody asks for over the web, read from a body that may hold anything. Pure."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

MOST_BODY = 16_384  # bytes
MOST_FIELDS = 10  # free ones
LONGEST = 300  # characters of a free field
LONGEST_NAME = 80
_LONGEST_OTHER = 1000
_MOST_PAIRS = 40

_FIELD = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PREFIX = "field-"  # of free fields in a form
_FORM_KEYS = ("department", "number", "name", "time", "language", "stamp", "token", "website")


class Bad(Exception):
    """The request as a whole cannot be understood. The text is a code of texts.yml."""


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one field; `most` is part of the sentence."""

    field: str
    code: str
    most: int = 0


@dataclass(frozen=True)
class Asked:
    """A request as it was written, cleaned; `wrong` says what is no text or too much of it."""

    department: str = ""
    number: str = ""
    name: str = ""
    time: str = ""
    language: str = ""
    stamp: str = ""
    token: str = ""
    website: str = ""  # nobody sees this field: whoever fills it in is no person
    fields: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[Wrong, ...] = ()


def read(body: bytes, media_type: str) -> Asked:
    """Raises Bad."""
    if media_type == "application/json":
        return _asked(_from_json(body))
    if media_type == "application/x-www-form-urlencoded":
        return _asked(_from_form(body))
    raise Bad("bad_media_type")


def epoch(time: str) -> float | None:
    """A time of ISO 8601 that says its zone; None for anything else."""
    try:
        parsed = datetime.fromisoformat(time)
        return parsed.timestamp() if parsed.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _from_json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Bad("bad_json") from None
    if not isinstance(found, dict):
        raise Bad("bad_json")
    return found


def _from_form(body: bytes) -> Mapping[str, Any]:
    try:
        written = body.decode("ascii")
        pairs = parse_qsl(written, keep_blank_values=True, max_num_fields=_MOST_PAIRS, errors="strict")
    except ValueError:
        raise Bad("bad_request") from None
    free = {key.removeprefix(_PREFIX): value for key, value in pairs if key.startswith(_PREFIX) and value}
    return {**dict(pairs), "fields": free}


def _asked(found: Mapping[str, Any]) -> Asked:
    wrong: list[Wrong] = []
    longest = dict.fromkeys(_FORM_KEYS, _LONGEST_OTHER) | {"name": LONGEST_NAME}
    texts = {key: _text(found.get(key), key, longest[key], wrong) for key in _FORM_KEYS}
    return Asked(**texts, fields=_fields(found.get("fields"), wrong), wrong=tuple(wrong))


def _fields(found: object, wrong: list[Wrong]) -> Mapping[str, str]:
    if found is None:
        return {}
    if not isinstance(found, dict):
        wrong.append(Wrong("fields", "not_text"))
        return {}
    if len(found) > MOST_FIELDS:
        wrong.append(Wrong("fields", "too_many_fields", MOST_FIELDS))
        return {}
    if not all(_FIELD.fullmatch(name) for name in found):
        wrong.append(Wrong("fields", "bad_field"))
        return {}
    texts = {name: _text(value, _PREFIX + name, LONGEST, wrong) for name, value in found.items()}
    return {name: text for name, text in texts.items() if text}


def _text(value: object, name: str, most: int, wrong: list[Wrong]) -> str:
    """One line without what cannot be seen: it will stand in logs, on screens, and may be read aloud."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        wrong.append(Wrong(name, "not_text"))
        return ""
    try:
        written = str(value)
    except ValueError:  # a number of thousands of digits
        wrong.append(Wrong(name, "too_long", most))
        return ""
    text = " ".join("".join(map(_harmless, unicodedata.normalize("NFC", written))).split())
    if len(text) > most:
        wrong.append(Wrong(name, "too_long", most))
        return ""
    return text


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    return " " if category in ("Cc", "Zl", "Zp") else "" if category in ("Cf", "Cs", "Co", "Cn") else character
