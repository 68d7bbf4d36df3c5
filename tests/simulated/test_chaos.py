"""Bad days: people do as they like while connections, databases and the appliance fail; the books still add up."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

import pytest
from peewee import OperationalError

from appliance.records import models as t
from appliance.records.interval import Interval
from appliance.records.ledger import ledger
from appliance.records.store import Store
from tests.simulated.centre import AGENTS, BLOCKED, MAIN, SALES_LINE, SUPPORT_LINE, VIP, Centre, running, settings

CALLERS = ("+74959999999", VIP, BLOCKED, "")
CODES = ("*12", "*131", "*14", "*15", "*151", "201", "202", "203", MAIN, SALES_LINE)


class Day:
    """What may happen, each drawn from one seed."""

    def __init__(self, centre: Centre, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self._centre = centre
        self._random = Random(seed)
        self._locked_until = 0.0
        write = Store.write

        def write_unless_locked(store: Store, facts: Any, journal: Any) -> None:
            if centre.clock.now() < self._locked_until:
                raise OperationalError("database is locked")
            write(store, facts, journal)

        monkeypatch.setattr(Store, "write", write_unless_locked)
        monkeypatch.setattr(centre.switch, "_latency", lambda: self._random.choice([0.0, 0.0, 0.01, 0.3]))
        for name in AGENTS:
            centre.phone(name).answers(after=self._up_to(20.0), talks=self._up_to(30.0))
            if self._random.random() < 0.7:
                centre.phone(name).keys_afterwards("1")

    def step(self) -> None:
        """Something happens, and some time passes."""
        events = [self._call] * 6 + [self._sign_on] * 4 + [self._dial] * 4
        events += [self._register, self._unregister, self._hang_up, self._lose_connection, self._lock_database]
        events += [self._kill_or_start] * 2
        self._random.choice(events)()
        self._centre.run_for(self._random.choice([0.0, 0.0, 0.1, 1.0, 5.0, 12.0]))

    def _up_to(self, most: float) -> Callable[[], float]:
        return lambda: self._random.uniform(0.5, most)

    def _idle_agent(self) -> str | None:
        idle = [name for name in AGENTS if not self._centre.phone(name).calls]
        return self._random.choice(idle) if idle else None

    def _call(self) -> None:
        draw = self._random
        number = draw.choice([MAIN, SALES_LINE, SUPPORT_LINE])
        patience, talks = (draw.choice([None, draw.uniform(0, 60)]) for _ in range(2))
        caller = self._centre.call(number, draw.choice(CALLERS), patience=patience, talks=talks)
        for _ in range(2):
            caller.press(draw.choice("123479*"), after=draw.uniform(3, 20))

    def _sign_on(self) -> None:
        if name := self._idle_agent():
            self._centre.phone(name).dial(f"*11{AGENTS[name]}").press(f"77{AGENTS[name]}#", after=1)

    def _dial(self) -> None:
        if name := self._idle_agent():
            self._centre.phone(name).dial(self._random.choice(CODES)).hang_up(after=self._up_to(60.0))

    def _register(self) -> None:
        self._centre.phone(self._random.choice([*AGENTS])).register()

    def _unregister(self) -> None:
        self._centre.phone(self._random.choice([*AGENTS])).unregister()

    def _hang_up(self) -> None:
        for phone in map(self._centre.phone, AGENTS):
            if phone.calls:
                phone.hang_up()
                return

    def _lose_connection(self) -> None:
        self._centre.switch.lose_connection()
        self._centre.clock.call_later(self._random.uniform(0, 20), self._centre.switch.regain_connection)

    def _lock_database(self) -> None:
        self._locked_until = self._centre.clock.now() + self._random.uniform(0, 6)

    def _kill_or_start(self) -> None:
        if self._centre.daemon is None:
            self._centre.start()
        else:
            self._centre.kill()


def most_ends(kind: str, of: str) -> int:
    """How often the one that ended most often has ended."""
    bodies = [json.loads(row.body) for row in t.EventRow.select().where(t.EventRow.kind == kind)]
    return max(Counter(body[of] for body in bodies).values(), default=0)


@pytest.mark.parametrize("seed", range(30))
def test_whatever_fails_the_books_add_up(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path, settings()) as centre:
        day = Day(centre, seed, monkeypatch)
        for _ in range(60):
            day.step()
        centre.run_for(10)
        if centre.daemon is None:
            centre.start()
        centre.switch.regain_connection()
        for info in list(centre.switch.legs()):
            centre.switch.hang_up(info.leg)
        centre.run_for(130)
        assert ledger(Interval(0.0, 1e11, UTC)).unexplained == {}
        assert most_ends("CallEnded", "call") <= 1 and most_ends("VisitEnded", "visit") <= 1
