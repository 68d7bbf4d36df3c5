"""A day that never was, as the records and the journal of an appliance have it: imagined traffic, written down."""

from typing import Any

from peewee import Database

from appliance import facts as f
from appliance.facts import CallOutcome, Fact
from appliance.line import messages as m
from appliance.line.agents import Agent
from appliance.line.journal import JournalledAcd
from appliance.line.messages import Message
from appliance.line.state import LineState
from appliance.records.store import Store
from appliance.settings import Settings
from appliance.traffic import run as traffic
from appliance.traffic.result import Result
from appliance.traffic.scenario import Scenario


class _Writing(JournalledAcd):
    """A line that writes down what it is told, and the calls about it."""

    def __init__(self, settings: Settings, store: Store, start: float) -> None:
        super().__init__(settings)
        self._store, self._calls = store, set[str]()
        self.restore(LineState([Agent(agent) for agent in settings.agents]), start)
        self.journal.mark(self, None, start, is_start=True)
        self._batch: list[Fact] = []

    def handle(self, message: Message, now: float) -> list[Fact]:
        facts: list[Fact] = []
        if isinstance(message, m.CallerJoins):
            facts.append(f.CallStarted(message.call, now, message.leg, "", "", "", ""))
        decided = super().handle(message, now)
        facts += decided
        if isinstance(message, m.CallerGone):
            call = message.visit.rpartition(".")[0]
            facts.append(f.CallEnded(call, now, CallOutcome(message.outcome.value)))
        if isinstance(message, m.TalkEnds):
            facts.append(f.CallEnded(message.visit.rpartition(".")[0], now, CallOutcome.ANSWERED))
        self._batch += facts
        if len(self._batch) > 200:
            self.flush()
        return decided

    def flush(self) -> None:
        self._store.write(self._batch, self.journal.take())
        self._batch = []


def record(database: Database, scenario: Scenario, start: float, monkeypatch: Any) -> Result:
    """Let it happen, and write it down. What really became of everybody."""
    lines: list[_Writing] = []

    def line(settings: Settings) -> _Writing:
        lines.append(_Writing(settings, Store(database), start))
        return lines[0]

    monkeypatch.setattr(traffic, "Acd", line)
    result = traffic.simulate(scenario)
    monkeypatch.undo()
    lines[0].flush()
    return result
