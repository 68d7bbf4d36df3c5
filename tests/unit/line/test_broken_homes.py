"""Lines that are broken on purpose: what the histories of those at home promise is not true by itself."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from appliance.facts import Fact
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.deadlines import Deadlines
from appliance.line.home_turns import LOOK
from appliance.line.matching import Lane
from appliance.line.promises import Home
from appliance.line.visits import Visit
from appliance.settings import Settings
from tests.unit.line.test_home_histories import Homes, Practised
from tests.unit.line.walking import Walks

WALKS = 4000  # at most, until the fault is seen


class NeverContains(dict[Any, Any]):
    def __contains__(self, key: object) -> bool:
        return False

    def get(self, key: object, default: Any = None) -> Any:
        return default


def keep_lanes(thing: Any, name: str, keeps: Callable[[Visit], bool]) -> None:
    """Of the lanes that method finds, keep those of whose first caller that holds."""
    find = getattr(thing, name)

    def found(*about: Any) -> Iterator[Lane]:
        return (lane for lane in find(*about) if keeps(lane.callers[0][1]))

    setattr(thing, name, found)


def forgets_whom_it_calls(acd: Acd) -> None:
    keep_lanes(acd.homes.turns, "_all_lanes", lambda visit: visit.home is None or not visit.home.calling)


def forgets_who_holds(acd: Acd) -> None:
    keep_lanes(acd.homes.turns, "_all_lanes", lambda visit: not visit.present)


def forgets_who_is_at_home(acd: Acd) -> None:
    keep_lanes(acd._offers, "_open_lanes", lambda visit: visit.lane is not None and not visit.lane.at_home)


def calls_the_last_first(acd: Acd) -> None:
    find = acd.homes.turns._all_lanes

    def turned(free: dict[str, Any]) -> Iterator[Lane]:
        for lane in find(free):
            if not lane.callers[0][1].present:
                lane.callers = lane.callers[::-1]
            yield lane

    acd.homes.turns._all_lanes = turned  # type: ignore[method-assign]


def calls_twice(acd: Acd) -> None:
    attempt = acd.homes._attempt

    def attempted(visit: Visit, home: Home, *about: Any) -> Fact:
        fact = attempt(visit, home, *about)
        home.calling = False
        return fact

    acd.homes._attempt = attempted  # type: ignore[method-assign]


def promises_twice(acd: Acd) -> None:
    acd.homes._open = NeverContains()


def never_ends(acd: Acd) -> None:
    acd.homes._served = lambda fact, now: []  # type: ignore[method-assign]


def never_gives_up(acd: Acd) -> None:
    fail = acd.homes._fail

    def failed(visit: Visit, home: Home, *about: Any) -> list[Fact]:
        home.tries = -9
        return fail(visit, home, *about)

    acd.homes._fail = failed  # type: ignore[method-assign]


def believes_every_failure(acd: Acd) -> None:
    def fails(x: m.AttemptFails, now: float) -> list[Fact]:
        visit = acd.visit(x.visit)
        if visit is None or visit.home is None or visit.home.rests or visit.agent is not None:
            return []
        return acd.homes._fail(visit, visit.home, x.end, now)

    acd._handlers[m.AttemptFails] = fails


def never_looks_again(acd: Acd) -> None:
    class Forgetful(Deadlines):
        def set(self, kind: str, id: str, at: float | None) -> None:
            if (kind, id) != LOOK:
                acd._deadlines.set(kind, id, at)

    acd.homes.turns._deadlines = Forgetful()


def forgets_all_in_a_crash(acd: Acd) -> None:
    acd.homes.restore = lambda visits, prospect, now: None  # type: ignore[method-assign]


def leaves_the_phone_off_the_hook(acd: Acd) -> None:
    goes_home = acd.homes.goes_home

    def gone(visit: Visit, *about: Any) -> list[Fact]:
        facts = goes_home(visit, *about)
        visit.present = True
        acd._lanes.settle(visit, about[-1])
        return facts

    acd.homes.goes_home = gone  # type: ignore[method-assign]


def gives_away_whom_it_keeps(acd: Acd) -> None:
    match = acd._offers._match

    def matched(now: float) -> list[Fact]:
        facts = match(now)
        acd._offers.kept = {}
        return facts

    acd._offers._match = matched  # type: ignore[method-assign]


FAULTS = (
    forgets_whom_it_calls,
    forgets_who_holds,
    forgets_who_is_at_home,
    calls_the_last_first,
    calls_twice,
    promises_twice,
    never_ends,
    never_gives_up,
    believes_every_failure,
    never_looks_again,
    forgets_all_in_a_crash,
    leaves_the_phone_off_the_hook,
    gives_away_whom_it_keeps,
)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_histories_see_what_is_broken(fault: Callable[[Acd], None]) -> None:
    class Broken(Practised):
        def __init__(self, settings: Settings) -> None:
            super().__init__(settings)
            fault(self)

    class BrokenHomes(Homes):
        core = Broken

    walks, seed = Walks(BrokenHomes), random.getrandbits(48)
    found = (walks.take(walks._draw(random.Random(seed + n))) for n in range(WALKS))
    wrong = next((each for each in found if each is not None), None)
    assert wrong is not None, "nobody has noticed"
    assert isinstance(wrong, AssertionError), f"something else is broken: {wrong!r}"
