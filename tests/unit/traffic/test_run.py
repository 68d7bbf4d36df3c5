"""A simulated day: what people do, and what becomes of them in the real line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance import facts as f
from appliance.facts import AgentState, Fact, VisitOutcome
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.visits import Expected
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.interval import Interval
from appliance.records.store import Store
from appliance.records.tally import agent_figures, queue_figures
from appliance.settings import Destination, PauseAfter, Strategy
from appliance.settings.leaving import Overflow
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import always, exponential, lognormal
from appliance.traffic.result import Result, Stay
from appliance.traffic.run import Watch, simulate
from appliance.traffic.scenario import AgentDay, Break, Caller, Scenario
from tests.unit.line.world import phone_of, queue, settings
from tests.unit.reports.day import MOSCOW

DAY = (1000.0, 2000.0)


def agent(id: str, *shifts: tuple[float, float], **more: Any) -> AgentDay:
    return AgentDay(id, phone_of(id), shifts or (DAY,), **more)


def caller(id: str, at: float, talk: float = 60.0, patience: float | None = None, queue: str = "q") -> Caller:
    return Caller(id, at, queue, talk, patience)


def play(
    callers: Sequence[Caller],
    *agents: AgentDay,
    strategy: Strategy = Strategy.LONGEST_IDLE,
    watch: Watch | None = None,
    **more: Any,
) -> Result:
    of_queue = {name: more.pop(name) for name in ("wrap_up", "pause_after", "ring_for") if name in more}
    line = settings(queue("q", strategy, " ".join(a.agent for a in agents) or "a1", **of_queue))
    return simulate(Scenario(line, callers, agents, **more), watch)


def stay(result: Result, caller: str) -> Stay:
    return result.stays[f"{caller}.1"]


def times(result: Result, agent: str) -> dict[AgentState, list[tuple[float, float]]]:
    found: dict[AgentState, list[tuple[float, float]]] = {}
    for stretch in result.sheets[agent]:
        found.setdefault(stretch.state, []).append((stretch.began_at, stretch.ended_at))
    return found


def test_a_caller_is_answered_and_talks() -> None:
    result = play([caller("c1", 1100)], agent("a1", answers_after=always(4)))
    of = stay(result, "c1")
    assert (of.answered_at, of.agent, of.talk_ended_at, of.offers) == (1104, "a1", 1164, 1)
    assert result.queue("q").asa == 4
    assert result.queue("q").average_talk == 60


def test_the_next_waits_for_the_end_of_the_talk() -> None:
    result = play([caller("c1", 1100), caller("c2", 1110)], agent("a1"))
    assert stay(result, "c2").answered_at == 1160


def test_who_loses_patience_leaves_also_while_the_phone_rings() -> None:
    calls = [caller("c1", 1100, patience=7), caller("c2", 1200, patience=3)]
    result = play(calls, agent("a1", (1150, 2000), answers_after=always(4)))
    assert [each.outcome for each in result.stays.values()] == [VisitOutcome.ABANDONED] * 2
    assert [each.wait(0) for each in result.stays.values()] == [7, 3]
    assert result.agents()[0].withdrawn == 1


def test_one_phone_after_another_rings_while_the_others_go_on() -> None:
    slow, quick = agent("a1", answers_after=always(9)), agent("a2", answers_after=always(2))
    one_more = {"strategy": Strategy.RING_PROGRESSIVELY, "ring_for": 12.0}
    of = stay(play([caller("c1", 1100)], slow, quick, **one_more), "c1")
    assert (of.agent, of.answered_at, of.offers) == ("a2", 1107, 1)
    refuses = agent("a1", answers_after=always(6), misses={Outcome.REFUSED: 1.0})
    of = stay(play([caller("c1", 1100)], refuses, quick, **one_more), "c1")
    assert (of.agent, of.answered_at) == ("a2", 1107)


@pytest.mark.parametrize(
    "cause, after",
    [(Outcome.NO_ANSWER, 10), (Outcome.REFUSED, 4), (Outcome.BUSY, 0), (Outcome.UNREACHABLE, 0)],
)
def test_who_misses_the_call_leaves_it_to_another(cause: Outcome, after: float) -> None:
    first = agent("a1", answers_after=always(4), misses={cause: 1.0})
    result = play([caller("c1", 1100)], first, agent("a2"), strategy=Strategy.IN_ORDER)
    assert (stay(result, "c1").agent, stay(result, "c1").answered_at) == ("a2", 1100 + after)
    of_first = result.agents()[0]
    assert (of_first.missed, of_first.unreached) == ((0, 1) if cause is Outcome.UNREACHABLE else (1, 0))


def test_misses_are_as_frequent_as_they_are_said_to_be() -> None:
    calls = [caller(f"c{n:04}", 1000 + n * 10, talk=1) for n in range(4000)]
    misses = {Outcome.BUSY: 0.1, Outcome.REFUSED: 0.2}
    result = play(calls, agent("a1", (1000, 50000), misses=misses), agent("a2", (1000, 50000)))
    rung = result.rung["a1"]
    assert rung.missed / (rung.missed + rung.taken) == pytest.approx(0.3, abs=0.03)


def test_whoever_answers_a_ringing_first_has_the_call() -> None:
    slow, fast = agent("a1", answers_after=always(6)), agent("a2", answers_after=always(2))
    refuses = agent("a3", answers_after=always(1), misses={Outcome.REFUSED: 1.0})
    result = play([caller("c1", 1100)], slow, fast, refuses, strategy=Strategy.RING_ALL)
    assert (stay(result, "c1").agent, stay(result, "c1").answered_at) == ("a2", 1102)
    assert [(a.taken, a.withdrawn, a.missed) for a in result.agents()] == [(0, 1, 0), (1, 0, 0), (0, 0, 1)]


def test_shifts_and_breaks_end_after_the_call_that_is_under_way() -> None:
    calls = [caller("c1", 1100), caller("c2", 1145), caller("c3", 1990)]
    result = play(calls, agent("a1", breaks=(Break(1150, 1300, "1"),)))
    assert times(result, "a1")[AgentState.PAUSED] == [(1160, 1300)]
    assert stay(result, "c2").answered_at == 1300
    assert times(result, "a1")[AgentState.SIGNED_OFF] == [(2050, 2050)]


def test_a_talk_that_goes_on_into_the_next_shift() -> None:
    result = play([caller("c1", 1990)], agent("a1", (1000, 2000), (2020, 3000)))
    assert times(result, "a1")[AgentState.READY] == [(1000, 1990), (2050, 3000)]


def test_wrap_up_is_ended_by_the_agent_within_the_queues_time() -> None:
    calls = [caller("c1", 1100), caller("c2", 1200)]
    brief, long = (play(calls, agent("a1", wrap_up=always(s)), wrap_up=30.0) for s in (12, 45))
    assert [each.wrap_up for each in brief.stays.values()] == [12, 12]
    assert [each.wrap_up for each in long.stays.values()] == [30, 30]
    assert brief.queue("q").average_wrap_up == 12
    of_call = play([replace(calls[0], wrap_up=7.0), calls[1]], agent("a1", wrap_up=always(12)), wrap_up=30.0)
    assert [each.wrap_up for each in of_call.stays.values()] == [7, 12]


def test_who_is_paused_for_missing_calls_comes_back() -> None:
    calls = [caller("c1", 1100, patience=50), caller("c2", 1200, patience=100)]
    result = play(
        calls, agent("a1", misses={Outcome.BUSY: 1.0}, resumes_after=always(70)), pause_after=PauseAfter(busy=1)
    )
    assert times(result, "a1")[AgentState.PAUSED] == [(1100, 1170), (1200, 1270), (1270, 1340)]
    assert [stay.offers for stay in result.stays.values()] == [1, 2]
    assert len(result.incidents) == 3


def test_a_day_without_an_end_of_its_own_ends_though_somebody_waits_for_ever() -> None:
    never = agent("a1", (1000, 1e12), misses={Outcome.NO_ANSWER: 1.0})
    result = play([caller("c1", 1100)], never)
    assert stay(result, "c1").outcome is None
    assert result.queue("q").waiting == 1


def test_nobody_looks_after_the_end() -> None:
    result = play([caller("c1", 1100), caller("c2", 1900)], agent("a1"), ends=1150.0)
    assert [*result.stays] == ["c1.1"]
    assert times(result, "a1")[AgentState.TALKING] == [(1100, 1150)]


def test_the_line_is_told_what_else_happens() -> None:
    line = settings(queue("q", Strategy.IN_ORDER, "a1 a2"))
    other = settings(queue("q", Strategy.IN_ORDER, "a2 a1"))
    calls = [caller("c1", 1100, talk=5), caller("c2", 1300, talk=5)]
    told = [(1200.0, m.TakeSettings(other))]
    result = simulate(Scenario(line, calls, [agent("a1"), agent("a2")], messages=told))
    assert [each.agent for each in result.stays.values()] == ["a1", "a2"]


def test_whoever_looks_on_may_ask_the_line() -> None:
    seen: list[Expected | None] = []

    def watch(acd: Acd, facts: Sequence[Fact], now: float) -> None:
        seen.extend(acd.expected_wait(fact.visit, now) for fact in facts if isinstance(fact, f.VisitJoined))

    play([caller(f"c{n}", 1100 + n) for n in range(5)] + [caller("c9", 1390)], agent("a1"), watch=watch)
    assert seen[:5] == [None] * 5
    assert seen[5] is not None and seen[5].low < 60 < seen[5].high


def test_who_is_sent_on_waits_elsewhere() -> None:
    on = Overflow(Destination(queue="other"), after=30.0)
    line = settings(queue("q", Strategy.IN_ORDER, "a1", overflow=(on,)), queue("other", Strategy.IN_ORDER, "a2"))
    calls = [caller("c1", 1100, patience=100), caller("c2", 1101, patience=20), caller("c3", 1102, patience=50)]
    result = simulate(Scenario(line, calls, [agent("a2", (1145, 2000))]))
    assert [*result.stays] == ["c1.1", "c2.1", "c3.1", "c1.2", "c3.2"]
    assert stay(result, "c1").outcome is VisitOutcome.OVERFLOWED
    assert (result.stays["c1.2"].queue, result.stays["c1.2"].answered_at) == ("other", 1145)
    assert (result.stays["c3.2"].outcome, result.stays["c3.2"].ended_at) == (VisitOutcome.ABANDONED, 1152)
    assert [(q.offered, q.overflowed, q.answered, q.abandoned) for q in result.queues()] == [
        (2, 0, 1, 1),
        (3, 2, 0, 1),
    ]


def test_callers_come_in_order() -> None:
    with pytest.raises(ValueError, match="c2"):
        play([caller("c1", 1100), caller("c2", 1099)], agent("a1"))


def chance_day(seed: int, agents: int) -> Result:
    calls = callers("q", arrivals([Demand(1000, 1000, 300)], seed), lognormal(30, 20), exponential(60), seed)
    staff = [agent(f"a{n}", answers_after=exponential(3), misses={Outcome.NO_ANSWER: 0.1}) for n in range(agents)]
    return play(list(calls), *staff, seed=seed, wrap_up=5.0)


def test_the_same_seed_gives_the_same_day() -> None:
    assert chance_day(1, 8) == chance_day(1, 8)
    assert chance_day(1, 8).stays != chance_day(2, 8).stays


def test_another_number_of_agents_meets_the_same_callers() -> None:
    few, many = chance_day(1, 6), chance_day(1, 9)
    assert [each.caller for each in few.stays.values()] == [each.caller for each in many.stays.values()]
    assert few.queue("q").abandoned > 1.5 * many.queue("q").abandoned


def test_figures_are_those_of_reports(tmp_path: Path) -> None:
    facts: list[Fact] = []
    calls = callers("q", arrivals([Demand(1000, 1000, 300)], 3), lognormal(30, 20), exponential(40), 3)
    staff = [
        agent(
            f"a{n}", answers_after=exponential(4), misses={Outcome.REFUSED: 0.1}, breaks=(Break(1500, 1600, "1"),)
        )
        for n in range(8)
    ]
    result = play(list(calls), *staff, wrap_up=5.0, watch=lambda acd, told, now: facts.extend(told))
    store = Store(open_database("sqlite", tmp_path))
    try:
        store.write(facts)
        whole = Interval(0, 1e6, MOSCOW)
        assert [vars(each) for each in queue_figures(whole, result.ended_at, result.settings)] == roughly(
            result.queues()
        )
        assert [vars(each) for each in agent_figures(whole, result.ended_at, result.settings)] == roughly(
            result.agents()
        )
    finally:
        t.database.close()


def roughly(figures: Sequence[Any]) -> list[dict[str, Any]]:
    """But for rounding."""
    return [{name: _roughly(value) for name, value in vars(each).items()} for each in figures]


def _roughly(value: Any) -> Any:
    return pytest.approx(value) if isinstance(value, float | dict) else value


def test_calls_come_as_often_as_expected() -> None:
    stretches = [Demand(0, 100, 1000), Demand(100, 100, 0), Demand(200, 100, 3000)]
    found = list(arrivals(stretches, seed=5))
    assert found == sorted(found)
    counts = [sum(d.start <= at < d.start + d.seconds for at in found) for d in stretches]
    assert counts == [pytest.approx(1000, abs=100), 0, pytest.approx(3000, abs=170)]


def test_the_law_of_a_length() -> None:
    drawn = [lognormal(180, 90)((n + 0.5) / 10000) for n in range(10000)]
    mean = sum(drawn) / len(drawn)
    assert mean == pytest.approx(180, rel=0.01)
    assert (sum((x - mean) ** 2 for x in drawn) / len(drawn)) ** 0.5 == pytest.approx(90, rel=0.03)
    assert sum(map(exponential(50), ((n + 0.5) / 10000 for n in range(10000)))) / 10000 == pytest.approx(
        50, rel=0.01
    )
