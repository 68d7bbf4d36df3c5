"""What is different between two configurations, in words: by the keys and the values of the YAML. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, time
from enum import Enum
from pathlib import PurePath

from appliance.settings import (
    Destination,
    Escalation,
    Overflow,
    Owing,
    Prompt,
    Say,
    Settings,
    SoundFile,
    WhenEmpty,
)
from appliance.settings.callback import Callback, Redial, Slots
from appliance.settings.leaving import written

_SECONDS = (
    "ring_for",
    "ring_next_after",
    "after",
    "wrap_up",
    "wait",
    "service_level",
    "fallback_after",
    "priority",
    "records",
    "recordings",
    "remind",
    "timeout",
    "fill_in",
    "within",
)
_ONE_OF = {
    "queues": "queue",
    "menus": "menu",
    "numbers": "number",
    "phones": "phone",
    "agents": "agent",
    "trunks": "trunk",
    "hours": "hours",
    "groups": "group",
    "customers": "customer",
    "outbound": "outbound rule",
    "dispositions": "dispositions",
    "pauses": "pause",
    "music": "music",
    "phrases": "phrase",
    "removed": "removed queue",
    "voicemail": "voicemail",
    "webhooks": "webhook",
}
LONGEST = 80
# Sections that may be switched on as a whole: what holds then where nothing else is said.
_SWITCHED = {"callback": Callback(), "slots": Slots(), "redial": Redial()}
# Fields whose names in the YAML are others.
_WRITTEN = {
    "offer_after": "offer after",
    "offer_wait": "offer expected_wait",
    "delays": "again",
    "from_time": "customer_hours from",
    "to_time": "customer_hours to",
    "head_start": "priority",
    "sender": "from",
}


@dataclass(frozen=True)
class Difference:
    """`place` is what has changed (`queue support`), `what` is how."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def differences(before: Settings, after: Settings) -> list[Difference]:
    """In the order of the settings; empty where callers and agents notice nothing."""
    found: list[Difference] = []
    for field in fields(Settings):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name == "directory" or old == new:
            continue
        kind = _ONE_OF.get(field.name)
        if kind is None:
            found += [Difference(field.name, what) for what in _changes("", old, new)]
        else:
            found += _entries(kind, old, new)
    return found


def _entries(kind: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Difference]:
    for id in (id for id in old if id not in new):
        yield Difference(f"{kind} {id}", "is removed")
    for id, value in new.items():
        if id not in old:
            yield Difference(f"{kind} {id}", f"is new{_about(value)}")
        elif old[id] != value:
            yield from (Difference(f"{kind} {id}", what) for what in _changes("", old[id], value))
    if [id for id in old if id in new] != [id for id in new if id in old]:
        yield Difference(f"{kind}s", "the order is another")


def _changes(key: str, old: object, new: object) -> Iterator[str]:
    """Each thing that is different within a value that stands at that key."""
    if old == new:
        return
    plain = (Prompt, Destination, Say, SoundFile, Owing)
    if is_dataclass(old) and is_dataclass(new) and type(old) is type(new) and not isinstance(old, plain):
        for field in fields(old):
            inner = f"{key} {_WRITTEN.get(field.name, field.name)}".strip()
            yield from _changes(inner, getattr(old, field.name), getattr(new, field.name))
    elif isinstance(old, Prompt) and isinstance(new, Prompt):
        for language in dict.fromkeys([*old.by_language, *new.by_language]):
            pieces = old.by_language.get(language), new.by_language.get(language)
            if pieces[0] != pieces[1]:
                yield f"{key} in {language} {said(pieces[0])} -> {said(pieces[1])}".strip()
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for each in dict.fromkeys([*old, *new]):
            inner = f"{key} {said(each).replace(' ', '_') if isinstance(each, Enum) else each}".strip()
            if each not in new:
                yield f"{inner} is removed (was {said(old[each])})"
            elif each not in old:
                yield f"{inner} is new: {said(new[each])}"
            else:
                yield from _changes(inner, old[each], new[each])
    elif isinstance(old, tuple | frozenset) and isinstance(new, tuple | frozenset):
        yield from _members(key, old, new)
    elif (name := key.rsplit(" ")[-1]) in _SWITCHED and None in (old, new):
        yield f"{key} no -> yes" if old is None else f"{key} yes -> no"
        yield from _changes(key, _SWITCHED[name], new) if old is None else ()
    elif key.startswith("callback ") and {float} >= {type(old), type(new)} - {type(None)}:
        yield f"{key} {_length(old)} -> {_length(new)}"
    else:
        unit = " s" if name in _SECONDS else ""
        yield f"{key} {said(old, unit)} -> {said(new, unit)}".strip()


def _length(value: object) -> str:
    """A length of time as the YAML has it."""
    return written(value) if isinstance(value, float) else said(value)


def _members(
    name: str, old: tuple[object, ...] | frozenset[object], new: tuple[object, ...] | frozenset[object]
) -> Iterator[str]:
    gone = [said(each) for each in old if each not in new]
    come = [said(each) for each in new if each not in old]
    if isinstance(old, frozenset):
        gone, come = sorted(gone), sorted(come)
    if gone:
        yield f"{name} {', '.join(gone)} {'leaves' if len(gone) == 1 else 'leave'}".strip()
    if come:
        yield f"{name} {', '.join(come)} {'joins' if len(come) == 1 else 'join'}".strip()
    if not gone and not come:
        yield f"{name} in another order: {', '.join(map(said, new))}".strip()


def _about(value: object) -> str:
    name = getattr(value, "name", "")
    if isinstance(value, Destination):
        return f": {said(value)}"
    return f", {name}" if isinstance(name, str) and name else ""


def said(value: object, unit: str = "") -> str:
    """A value as a person would say it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case float() | int():
            return f"{value if isinstance(value, int) else f'{value:g}'}{unit}"
        case Say(text=text):
            return _quoted(text)
        case SoundFile(path=path):
            return f"the sound {path.name}"
        case Prompt():
            return " / ".join(said(piece) for piece in value.by_language.values())
        case Escalation() | Owing():
            return str(value)
        case Overflow() | WhenEmpty():
            return f"{value} to {_where(value.to)}"
        case Destination():
            return _where(value)
        case PurePath():
            return str(value)
        case date() | time():
            return value.isoformat()
        case tuple() | frozenset():
            return ", ".join(map(said, value)) or "none"
        case Mapping():
            return ", ".join(f"{key}: {said(each)}" for key, each in value.items()) or "none"
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((field.name, getattr(value, field.name)) for field in fields(value))
        return _cut(", ".join(f"{name}: {said(part)}" for name, part in parts if part not in (None, False, ())))
    return _cut(str(value))


def _where(to: Destination) -> str:
    if to.message is not None:
        return f"message {said(to.message)}"
    return f"{to}, at a time that is chosen" if to.at_a_time else str(to)


def _quoted(text: str) -> str:
    return f"“{_cut(' '.join(text.split()))}”"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
