"""The agents that the real line needs, found by simulation."""

from typing import Any

from appliance.line.skills import make_needs
from appliance.port import Outcome
from appliance.settings import Settings, Strategy, Tier
from appliance.staffing.demand import Demand, Habits, Length, Work
from appliance.staffing.plan import Plan, plans
from appliance.staffing.pool import enlarged, mixed
from appliance.staffing.target import Target
from appliance.staffing.trial import Trial, by_simulation
from appliance.traffic.laws import AT_ONCE, always, exponential
from tests.unit.line.world import queue, settings

NONE = Length(0.0, AT_ONCE)
TALK = Length(180.0, exponential(180.0))
WANTED = Target(0.8, 20.0)
AT_ONCE_ALWAYS = Habits()
PLAIN = Work(TALK, NONE, 120.0)
NINE = 18  # the interval from 9:00 on


def day(habits: Habits = AT_ONCE_ALWAYS, work: Work = PLAIN, **calls: list[float]) -> Demand:
    """Calls of queues in half hours from nine on."""
    spread = {name: (*[0.0] * NINE, *each, *[0.0] * (48 - NINE - len(each))) for name, each in calls.items()}
    return Demand(1800.0, spread, dict.fromkeys(calls, work), habits, "as it was made up")


def plan(line: Settings, demand: Demand, wanted: Target = WANTED, shrinkage: float = 0.0) -> Plan:
    (found,) = plans(line, demand, wanted, shrinkage, days=12, simulated=True)
    return found


def agents(found: Plan) -> list[int]:
    return [row.simulated.agents for row in found.rows if row.simulated is not None]


def line(**more: Any) -> Settings:
    return settings(queue("q", Strategy.LONGEST_IDLE, "a1 a2 a3 a4"), **more)


def test_agents_who_answer_at_once_are_as_many_as_erlang_a_says() -> None:
    found = plan(line(), day(q=[30.0, 60.0, 90.0]))
    assert [row.erlang_a for row in found.rows] == [5, 8, 11]
    assert all(abs(row.difference or 0) <= 1 for row in found.rows)
    assert all(row.simulated and row.simulated.meets(WANTED) for row in found.rows)


def test_with_one_agent_less_an_interval_misses_the_target() -> None:
    demand = day(q=[30.0, 60.0, 90.0])
    staff = dict(zip(range(NINE, NINE + 3), agents(plan(line(), demand)), strict=True))
    for n in (NINE, NINE + 2):
        fewer = Trial(line(), demand, WANTED, 12, 1).run({**staff, n: staff[n] - 1})
        assert not all(fewer[k].meets(WANTED) for k in (n, n + 1) if k in fewer)


def test_ringing_and_missed_calls_cost_agents() -> None:
    slow = Habits(Length(8.0, always(8.0)), {Outcome.NO_ANSWER: 0.15})
    assert agents(plan(line(), day(slow, q=[90.0])))[0] > agents(plan(line(), day(q=[90.0])))[0]


def test_where_half_have_the_skill_twice_as_many_are_needed() -> None:
    english = Work(TALK, NONE, 120.0, ((0.0, make_needs({"english": 3}, {}, {})),))
    skilled = line(skills={"a1": {"english": 3}, "a3": {"english": 4}})
    (all_can,), (half_can,) = (
        agents(plan(line(), day(q=[60.0]))),
        agents(plan(skilled, day(work=english, q=[60.0]))),
    )
    assert abs(half_can - 2 * all_can) <= 2


def test_a_target_that_no_number_of_agents_meets() -> None:
    late = Habits(Length(9.0, always(9.0)))
    found = plan(line(), day(late, q=[10.0]), Target(0.8, 5.0))
    assert found.rows[0].simulated is not None
    assert not found.rows[0].simulated.meets(found.target)


def test_wrap_up_is_work_although_the_queue_has_none() -> None:
    tiring = Work(TALK, Length(180.0, exponential(180.0)), 120.0)
    found = plan(line(), day(work=tiring, q=[60.0]))
    assert found.rows[0].load == 12.0
    assert abs(found.rows[0].difference or 0) <= 1


def test_queues_that_share_agents_need_fewer_than_each_alone() -> None:
    shared = settings(queue("p", Strategy.IN_ORDER, "a1 a2"), queue("q", Strategy.RING_ALL, "a2 a1"))
    both = plan(shared, day(p=[40.0], q=[40.0]))
    assert both.queues == ("p", "q")
    alone = [plan(shared, day(**{name: [40.0]})) for name in "pq"]
    assert agents(both)[0] < sum(agents(each)[0] for each in alone)


def test_queues_that_share_nobody_have_plans_of_their_own() -> None:
    apart = settings(queue("p", Strategy.IN_ORDER, "a1"), queue("q", Strategy.IN_ORDER, "a2"))
    found = plans(apart, day(p=[4.0], q=[4.0]), WANTED, 0.0, 5, simulated=False)
    assert [each.queues for each in found] == [("p",), ("q",)]
    assert all(row.simulated is None for each in found for row in each.rows)


def test_who_is_away_is_rostered_too() -> None:
    found = plan(line(), day(q=[60.0]), shrinkage=0.3)
    assert found.rows[0].scheduled == -(-agents(found)[0] * 10 // 7)


def test_the_same_question_has_the_same_answer() -> None:
    assert plan(line(), day(q=[20.0, 30.0])) == plan(line(), day(q=[20.0, 30.0]))


def test_a_quiet_interval_needs_nobody() -> None:
    found = plan(line(), day(q=[20.0, 0.0, 20.0]))
    assert [(row.erlang_a, row.scheduled) for row in found.rows][1] == (0, 0)


def test_doubles_are_as_those_they_double() -> None:
    tiers = (Tier(("a2",), after=30.0),)
    one = settings(
        queue("q", Strategy.WEIGHTED_RANDOM, "a1 a2 a3", tiers=tiers, shares={"a3": 2.0}), skills={"a3": {"x": 1}}
    )
    pool = mixed(one, ["q"])
    assert sorted(pool) == ["a1", "a2", "a3"]
    large, staff = enlarged(one, pool, 5)
    of = large.queues["q"]
    assert staff == [*pool, f"{pool[0]}+1", f"{pool[1]}+1"]
    assert set(of.agents) == set(staff)
    assert [agent for agent in of.agents if agent in of.tiers[0].agents] == [*of.tiers[0].agents]
    assert {agent.partition("+")[0] for agent in of.tiers[0].agents} == {"a2"}
    assert {agent.partition("+")[0] for agent in of.shares} == {"a3"}
    assert all(large.agents[id].skills == one.agents[id.partition("+")[0]].skills for id in staff)


def test_the_first_of_a_pool_are_as_mixed_as_the_whole() -> None:
    many = settings(queue("q", Strategy.IN_ORDER, " ".join(f"a{n:02}" for n in range(16))))
    assert sorted(mixed(many, ["q"])[:4]) == ["a00", "a04", "a08", "a12"]


def test_by_simulation_begins_anywhere() -> None:
    demand = day(q=[25.0])
    ends = {by_simulation(line(), demand, WANTED, {NINE: first}, 12)[NINE].agents for first in (2, 9)}
    assert len(ends) == 1
