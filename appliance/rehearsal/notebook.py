"""The records of an imagined call: kept in memory, and gone with it."""

from collections.abc import Iterable, Sequence

from appliance.facts import Fact
from appliance.line.agents import Agent
from appliance.line.journal import Entry
from appliance.records.open_rows import OpenRows
from appliance.records.past import Past, Question
from appliance.records.store import Store
from appliance.records.voicemail import Left


class Notebook(Store):
    """`appliance.records.store.Store` without a database. `agents` are as they were when the call came, `by_hand`
    is what had been set, `last_agent` who has talked to the caller before."""

    def __init__(self, agents: Sequence[Agent], by_hand: Sequence[Fact], last_agent: str | None = None) -> None:
        self.facts: list[Fact] = []
        self._agents = agents
        self._by_hand = by_hand
        self._last_agent = last_agent

    def write(self, facts: Iterable[Fact], journal: Iterable[Entry] = ()) -> None:
        self.facts.extend(facts)

    def read(self) -> None:
        """There is nothing that could fail."""

    def open_rows(self) -> OpenRows:
        return OpenRows(
            calls=[], agents=[*self._agents], visits=[], legs={}, last_call=None, by_hand=[*self._by_hand]
        )

    def past(self, asked: Question) -> Past:
        return Past(last_agent=self._last_agent if self._last_agent in asked.agents else None)

    def messages(self, box: str | None) -> Sequence[Left]:
        return []

    def outgoing_since(self, at: float) -> list[tuple[float, str, str]]:
        return []
