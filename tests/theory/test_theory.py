"""The real line under random traffic agrees with Erlang C and Erlang A; a broken one does not."""

import pytest

from appliance.line.rules import Rules
from appliance.line.visits import Place, Visit
from tests.theory.rows import ROWS, Row, compare

FEW, FEW_WHO_GIVE_UP = ROWS[1], ROWS[5]


def name(row: Row) -> str:
    return f"{row.load:g} erlangs, {row.agents} agents, {row.strategy.value}"


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_the_line_does_what_theory_says(row: Row) -> None:
    assert [figure for figure in compare(row, ROWS.index(row)) if not figure.agrees] == []


def wrong(row: Row, missing: int = 0) -> set[str]:
    return {figure.name for figure in compare(row, ROWS.index(row), missing=missing) if not figure.agrees}


def test_an_agent_who_is_lost_is_found_out() -> None:
    assert wrong(FEW, missing=1) >= {"waits", "mean wait", "answered in time"}
    assert wrong(FEW_WHO_GIVE_UP, missing=1) >= {"waits", "mean wait", "answered in time", "gives up"}


def test_serving_the_last_first_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean wait does not tell; who is answered in time does."""

    def last_first(rules: Rules, visit: Visit) -> Place:
        return (-visit.joined_at, visit.joined_at, visit.id)

    monkeypatch.setattr(Rules, "place", last_first)
    assert "answered in time" in wrong(FEW)
    assert "answered in time" in wrong(FEW_WHO_GIVE_UP)
