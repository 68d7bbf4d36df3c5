"""The way of a call as other systems have it, folded into what a number or a key of ours can say. Pure.

There, anything may lead to anything: an announcement to a time condition, that to another, and so on. Here a
number has a greeting, opening hours and two ways, and a key has one destination. What does not fit is named in
the list.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from appliance.importing.clocks import FULL_DAY, Day, Hours, Mask, Rule, days_of_a_year, hours, minutes
from appliance.importing.draft import HANG_UP, Draft, Piece, Topic, Value


@dataclass(frozen=True)
class Go:
    """A destination as we write it."""

    to: Value

    def __hash__(self) -> int:
        return hash(str(self.to))


@dataclass(frozen=True)
class Say:
    """An announcement, and where the call goes after it."""

    pieces: tuple[Piece, ...]
    then: "Step"
    name: str
    where: str


@dataclass(frozen=True)
class Clock:
    """A time condition. Without rules it is switched by hand, and is open until somebody does."""

    name: str
    rules: tuple[Rule, ...]
    match: "Step"
    other: "Step"
    where: str
    time_zone: str = ""


Step: TypeAlias = Go | Say | Clock

GONE = Go(HANG_UP)
MOST_CLOCKS = 200  # behind a number: more are a circle, or nothing that a person wrote


class Memory:
    """Steps that are made already: each once, and none that leads into itself."""

    def __init__(self) -> None:
        self._known: dict[object, Step | None] = {}

    def step(self, key: object, make: Callable[[], Step | None]) -> Step | None:
        """The step of that key; None where there is none, or while it is being made."""
        if key not in self._known:
            self._known[key] = None
            self._known[key] = make()
        return self._known[key]


_DAYTIME = minutes(10 * 60, 16 * 60)  # whoever is reached then is who is there
_ORDINARY: Day = (3, 14, None)  # no holiday that many countries keep


class Folding:
    """Folds steps into entries of the draft, and names what was lost."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._announcements: dict[tuple[tuple[Piece, ...], str], str] = {}
        self._hours: dict[tuple[Clock, Step], tuple[str, Hours]] = {}

    def number(self, first: Step, where: str) -> dict[str, Value]:
        """The fields of a number that begins with this step."""
        fields: dict[str, Value] = {}
        pieces: list[Piece] = []
        step = first
        while isinstance(step, Say) and step.then != GONE:
            pieces += step.pieces
            step = step.then
        if pieces:
            fields["greeting"] = self._draft.prompt(pieces)
        if isinstance(step, Clock) and not self._is_too_much(step, where):
            fields |= self._timed(step, where)
        else:
            fields["open"] = self.destination(step, where)
        return fields

    def destination(self, step: Step, where: str) -> Value:
        """The one destination that comes nearest to a step."""
        if isinstance(step, Go):
            return step.to
        if isinstance(step, Clock):
            if self._is_too_much(step, where):
                return HANG_UP
            way = "it always goes the way of the daytime here"
            self._draft.note(
                Topic.HOURS, where, f"This leads to the time condition {step.name} ({step.where}); {way}."
            )
            return self.destination(_daytime(step), where)
        if step.then == GONE:
            return {"message": self._draft.prompt(step.pieces)}
        return {"menu": self._announcement(step, self.destination(step.then, where))}

    def _is_too_much(self, clock: Clock, where: str) -> bool:
        """Whether there are more time conditions than anybody can have meant."""
        if sum(1 for _ in islice(_clocks(clock), MOST_CLOCKS + 1)) <= MOST_CLOCKS:
            return False
        text = f"More than {MOST_CLOCKS} time conditions follow each other from {clock.name} ({clock.where}) on."
        self._draft.note(Topic.HOURS, where, f"{text} They are not imported; the call ends there.")
        return True

    def _announcement(self, step: Say, then: Value) -> str:
        """A menu without choices: it is heard, and the call goes on."""
        key = (step.pieces, str(then))
        if key not in self._announcements:
            id = self._draft.new_id("menus", step.name, "announcement")
            self._announcements[key] = id
            fields = {"prompt": self._draft.prompt(step.pieces), "otherwise": then}
            entry = self._draft.add("menus", id, fields, f"{step.name} ({step.where})")
            entry.remarks.append("an announcement: it has no choices, and the call goes on")
        return self._announcements[key]

    def _timed(self, clock: Clock, where: str) -> dict[str, Value]:
        """Hours, and the ways when it is open and when it is not."""
        by_day = self._by_day(clock, where)
        if not isinstance(by_day, Clock):
            return {"open": self.destination(by_day, where)}
        clock = by_day
        leaves = list(dict.fromkeys(_leaves(clock)))
        if len(leaves) == 1:
            return {"open": self.destination(leaves[0], where)}
        opened = max(
            [leaf for leaf in leaves if _serves(leaf)] or leaves, key=lambda leaf: _minutes(clock, leaf, _DAYTIME)
        )
        others = [leaf for leaf in leaves if leaf != opened]
        closed = max(others, key=lambda leaf: _minutes(clock, leaf, FULL_DAY))
        id, found = self._hours_of(clock, opened)
        if found.never_opens:
            return {"open": self.destination(closed, where)}
        fields: dict[str, Value] = {
            "hours": id,
            "open": self.destination(opened, where),
            "closed": self.destination(closed, where),
        }
        for leaf in others:
            if leaf == closed:
                continue
            to = self.destination(leaf, where)
            if "holiday" not in fields and _is_of_holidays(clock, leaf):
                fields["holiday"] = to
            elif to != fields["closed"]:
                text = f"At some times ({clock.name}, {clock.where}) the call went a third way, {in_words(to)}."
                self._draft.note(Topic.HOURS, where, f"{text} Here it goes the way for when it is closed.")
        return fields

    def _by_day(self, step: Step, where: str) -> Step:
        """The same without what is switched by hand: it stands as it does by day."""
        if not isinstance(step, Clock):
            return step
        if not step.rules:
            text = f"The call goes through the switch {step.name} ({step.where}), which is set by hand."
            self._draft.note(Topic.HOURS, where, f"{text} Here it always goes the way of the day.")
            return self._by_day(step.match, where)
        return replace(step, match=self._by_day(step.match, where), other=self._by_day(step.other, where))

    def _hours_of(self, clock: Clock, opened: Step) -> tuple[str, Hours]:
        """The hours in which a call goes that way, and their id."""
        key = (clock, opened)
        if key in self._hours:
            return self._hours[key]
        found = hours(lambda weekday, day: _mask(clock, opened, weekday, day), _years(clock))
        clocks = list(dict.fromkeys(each for each in _clocks(clock) if each.rules))
        id = self._draft.new_id("hours", "-".join(dict.fromkeys(each.name for each in clocks)), "hours")
        self._hours[key] = (id, found)
        if found.never_opens and found.others:
            days = ", ".join(days for days, _ in found.others)
            text = f"This is met on certain days only ({days}), which no opening hours here can say."
            self._draft.note(Topic.HOURS, clock.where, text)
        if not found.never_opens:
            fields: dict[str, Value] = {
                "time_zone": clock.time_zone,
                "open": list(found.spans),
                "holidays": list(found.closed),
                "exceptions": {days: spans[0] if len(spans) == 1 else list(spans) for days, spans in found.others},
            }
            self._draft.add(
                "hours", id, fields, ", ".join(dict.fromkeys(f"{each.name} ({each.where})" for each in clocks))
            )
            if found.unsaid:
                text = f"On some days ({', '.join(found.unsaid)}) the hours differ by the weekday."
                remedy = "The draft has those of the rest of the year; write exceptions, or change them in time."
                self._draft.note(Topic.HOURS, clock.where, f"{text} {remedy}")
            if len({each.time_zone for each in clocks}) > 1:
                text = "These time conditions have different time zones; the first one's was taken."
                self._draft.note(Topic.HOURS, clock.where, text)
        return id, found


def in_words(to: Value) -> str:
    """A destination in a sentence."""
    if isinstance(to, Mapping):
        ((kind, target),) = to.items()
        return f"to a {kind}" if kind == "message" else f"to the {kind} {target}"
    return "to the end of the call" if to == HANG_UP else str(to)


def _clocks(step: Step) -> Iterator[Clock]:
    if isinstance(step, Clock):
        yield step
        yield from _clocks(step.match)
        yield from _clocks(step.other)


def _leaves(step: Step) -> Iterator[Step]:
    """Where a call can go; a switch without rules stands as it does by day."""
    if not isinstance(step, Clock):
        yield step
    elif step.rules:
        yield from _leaves(step.match)
        yield from _leaves(step.other)
    else:
        yield from _leaves(step.match)


def _years(clock: Clock) -> set[int]:
    years = {year for each in _clocks(clock) for rule in each.rules for year in rule.years or ()}
    return {year for year in years if year < 3000}


def _mask(step: Step, leaf: Step, weekday: int, day: Day) -> Mask:
    """The minutes of a day in which a call comes to that leaf."""
    if not isinstance(step, Clock):
        return FULL_DAY if step == leaf else 0
    if not step.rules:
        return _mask(step.match, leaf, weekday, day)
    matched = 0
    for rule in step.rules:
        matched |= rule.on(weekday, day)
    return _mask(step.match, leaf, weekday, day) & matched | _mask(step.other, leaf, weekday, day) & ~matched


def _minutes(clock: Clock, leaf: Step, within: Mask) -> int:
    """How much of an ordinary week it is that calls go there."""
    return sum((_mask(clock, leaf, weekday, _ORDINARY) & within).bit_count() for weekday in range(7))


def _is_of_holidays(clock: Clock, leaf: Step) -> bool:
    """Whether calls go there all day, or not at all that day."""
    masks = {_mask(clock, leaf, weekday, day) for weekday in range(7) for day in days_of_a_year()}
    return masks <= {0, FULL_DAY} and _minutes(clock, leaf, FULL_DAY) == 0


def _serves(step: Step) -> bool:
    """Whether somebody or something answers there."""
    while isinstance(step, Say):
        step = step.then
    return isinstance(step, Clock) or (isinstance(step.to, Mapping) and "message" not in step.to)


def _daytime(clock: Clock) -> Step:
    """Where a call goes by day in an ordinary week."""
    leaves = list(dict.fromkeys(_leaves(clock)))
    useful = [leaf for leaf in leaves if _serves(leaf)] or leaves
    return max(useful, key=lambda leaf: _minutes(clock, leaf, _DAYTIME))
