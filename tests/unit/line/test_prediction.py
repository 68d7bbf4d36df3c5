"""Who will be free soon: as many as are to be expected, of those who are likely; learnt, and not lost."""

import json
from collections.abc import Callable
from math import exp, floor

import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st

from appliance import facts as f
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.chance import chance
from appliance.line.durations import EDGES, ENOUGH, Durations
from appliance.line.experience import REACHED, Experience
from appliance.line.prediction import Prediction
from appliance.line.promises import AttemptEnd, First, Kind, Promise
from appliance.line.state import LineState
from appliance.line.waits import recalled
from appliance.plain import from_plain, to_plain
from appliance.settings import Strategy
from appliance.traffic.laws import Law, always, exponential, lognormal
from tests.unit.line.world import Line, queue

IDLE = Strategy.LONGEST_IDLE
LENGTHS = st.lists(st.floats(0.0, 50_000.0), max_size=60)


def learnt(law: Law, count: int = 600) -> Durations:
    durations = Durations()
    for n in range(count):
        durations.add(law(chance("length", n)))
    return durations


# How long something takes that lasts already


@given(
    lengths=LENGTHS, lasted=st.floats(0.0, 60_000.0), seconds=st.floats(0.0, 9000.0), more=st.floats(0.0, 900.0)
)
def test_longer_is_likelier_and_nothing_is_certain(
    lengths: list[float], lasted: float, seconds: float, more: float
) -> None:
    durations = Durations()
    for length in lengths:
        durations.add(length)
    likely, likelier = (durations.ends_within(each, lasted) for each in (seconds, seconds + more))
    assert 0.0 <= likely <= likelier + 1e-12 <= 1.0 + 1e-12
    assert likelier == 0.0 or len(lengths) >= ENOUGH
    assert durations.ends_within(0.0, lasted) == 0.0


@given(lengths=LENGTHS, lasted=st.floats(0.0, 9000.0), seconds=st.floats(0.0, 900.0))
def test_what_was_learnt_can_be_written_down(lengths: list[float], lasted: float, seconds: float) -> None:
    durations = Durations()
    for length in lengths:
        durations.add(length)
    again = from_plain(Durations, json.loads(json.dumps(to_plain(durations))))
    assert again == durations
    assert again.ends_within(seconds, lasted) == durations.ends_within(seconds, lasted)


def test_without_memory_it_does_not_matter_how_long_it_has_lasted() -> None:
    durations = learnt(exponential(180.0))
    for lasted in (0.0, 60.0, 180.0, 400.0):
        assert durations.ends_within(20.0, lasted) == pytest.approx(1 - exp(-20 / 180), rel=0.3)


def test_what_always_takes_the_same_time_ends_when_it_is_over() -> None:
    durations = learnt(always(180.0))
    assert durations.ends_within(20.0, 30.0) < 0.02
    before, after = (
        edge for n, edge in enumerate(EDGES) if edge <= 180.0 < EDGES[n + 1] or EDGES[n - 1] <= 180.0 < edge
    )
    assert durations.ends_within(after - before, before) > 0.8
    assert durations.ends_within(3600.0, 10_000.0) == pytest.approx(1.0, abs=0.01)  # longer than ever before


@pytest.mark.parametrize("law", [exponential(180.0), lognormal(180.0, 90.0), lognormal(180.0, 270.0)])
def test_of_many_it_is_known_how_many_end(law: Law) -> None:
    """Asked each two seconds of a call whether it ends within twenty, before it is learnt from."""
    durations, likely, ended = learnt(law, 200), 0.0, 0
    for n in range(1500):
        length = law(chance("another", n))
        for lasted in range(0, int(length) + 1, 2):
            likely += durations.ends_within(20.0, float(lasted))
            ended += length <= lasted + 20.0
        durations.add(length)
    assert likely == pytest.approx(ended, rel=0.05)


# Who is taken


class Said(Prediction):
    """Of which the chances are said."""

    def __init__(self, line: Line, said: dict[str, float]) -> None:
        super().__init__(line.acd.roster, Experience())
        self.said = said

    def chances(self, seconds: float, now: float) -> dict[str, float]:
        return self.said


@given(said=st.dictionaries(st.integers(1, 40).map("a{}".format), st.one_of(st.just(1.0), st.floats(1e-6, 1.0))))
def test_as_many_are_taken_as_are_to_be_expected_and_each_group_has_its_share(said: dict[str, float]) -> None:
    line = Line(queue("q", IDLE, "a1"))
    taken = Said(line, said).free_within(20.0, line.now)
    assert len(taken) == floor(sum(sorted(said.values(), reverse=True)) + 1e-6)
    assert {id for id, p in said.items() if p == 1.0} <= {*taken}
    for least in (0.1, 0.3, 0.5, 0.9):
        group = [id for id, p in said.items() if p >= least]
        assert len(taken.keys() & {*group}) >= floor(sum(said[id] for id in group) - 1e-6)


def test_chance_is_not_lost_by_rounding() -> None:
    line = Line(queue("q", IDLE, "a1"))
    assert len(Said(line, {f"a{n}": 0.1 for n in range(10)}).free_within(20.0, line.now)) == 1


# What agents do


def predicted(line: Line, seconds: float) -> dict[str, float]:
    chances = Prediction(line.acd.roster, line.acd.state().waits.experience).chances(seconds, line.now)
    return {agent: round(chance, 3) for agent, chance in chances.items()}


def practised(wrap_up: float = 30.0, talk: Callable[[int], float] = lambda n: 100.0 + n) -> Line:
    """Twenty calls have been handled by two agents."""
    line = Line(queue("q", IDLE, "a1 a2", wrap_up=wrap_up))
    line.sign_on("a1", "a2")
    for n in range(20):
        line.join(f"v{n}", "q")
        line.talks(f"v{n}", talk(n))
        line.later(wrap_up + 1)
    return line


def test_who_is_ready_and_who_soon_is() -> None:
    line = practised()
    assert predicted(line, 20.0) == {"a1": 1.0, "a2": 1.0}
    line.join("x", "q")
    busy = line.talks("x", 110.0)
    (other,) = {"a1", "a2"} - {busy}
    assert predicted(line, 29.0) == {other: 1.0}  # in wrap-up for thirty seconds, as always
    assert predicted(line, 30.0) == {other: 1.0, busy: 1.0}
    line.later(15.0)
    assert predicted(line, 16.0) == {other: 1.0, busy: 1.0}


def test_wrap_ups_that_agents_end_themselves_are_expected_to_be() -> None:
    line = practised(wrap_up=0.0)
    line.tell(m.TakeSettings(Line(queue("q", IDLE, "a1 a2", wrap_up=600.0)).settings))
    for n in range(12):
        line.join(f"w{n}", "q")
        agent = line.talks(f"w{n}", 100.0)
        line.later(10.0 if n % 4 else 40.0)
        line.tell(m.EndWrapUp(agent))
    line.join("x", "q")
    busy = line.talks("x", 100.0)
    assert predicted(line, 20.0)[busy] == 0.75
    line.later(15.0)
    assert busy not in predicted(line, 20.0)
    assert predicted(line, 30.0)[busy] == 1.0


def test_who_talks_is_free_after_the_talk_and_the_wrap_up() -> None:
    line = practised()
    line.join("x", "q")
    busy = line.offered("x")[0]
    line.tell(m.TalkBegins("x", busy))
    line.later(95.0)
    chances = [predicted(line, seconds).get(busy, 0.0) for seconds in (10.0, 30.0, 40.0, 60.0)]
    assert chances[:2] == [0.0, 0.0]  # the wrap-up alone takes as long
    assert 0.3 < chances[2] < chances[3]


@pytest.mark.parametrize(
    "message",
    [lambda agent: m.Pause(agent, "1"), m.SignOff, lambda agent: m.PhoneReachable(f"p{agent[1:]}", False)],
)
def test_who_is_about_to_leave_will_not_be_free(message: Callable[[str], m.Message]) -> None:
    line = practised()
    line.join("x", "q")
    busy = line.offered("x")[0]
    line.tell(m.TalkBegins("x", busy))
    assert busy in predicted(line, 300.0)
    line.tell(message(busy))
    assert busy not in predicted(line, 300.0)


def test_who_is_offered_another_call_begins_with_it() -> None:
    line = practised()
    line.join("x", "q")
    (busy,) = line.offered("x")
    assert predicted(line, 60.0).get(busy, 0.0) < 0.15
    assert predicted(line, 200.0)[busy] > 0.9


def test_as_long_as_little_is_known_only_those_are_taken_who_are_free() -> None:
    line = Line(queue("q", IDLE, "a1 a2", wrap_up=30.0))
    line.sign_on("a1", "a2")
    line.serve("q", 3, length=100.0)
    line.join("x", "q")
    busy = line.offered("x")[0]
    line.tell(m.TalkBegins("x", busy))
    assert busy not in predicted(line, 3600.0)


# What is learnt


def test_nothing_is_lost_by_a_restart() -> None:
    line = practised()
    line.join("x", "q")
    line.tell(m.TalkBegins("x", line.offered("x")[0]))
    line.later(90.0)
    state = from_plain(LineState, json.loads(json.dumps(to_plain(line.acd.state()))))
    acd = Acd(line.settings)
    acd.restore(state, line.now)
    known = acd.state().waits.experience
    assert known == line.acd.state().waits.experience
    again = Prediction(acd.roster, known)
    assert {a: round(p, 3) for a, p in again.chances(50.0, line.now).items()} == predicted(line, 50.0)


def test_it_is_read_back_from_the_records() -> None:
    line = practised()
    known = line.acd.state().waits.experience
    read = recalled(line.facts, ()).experience
    assert (read.talks, read.wrap_ups) == (known.talks, known.wrap_ups)
    assert known.talks["q"].known == 20
    assert set(known.wrap_ups["q"]) == {30.0}


def promised(at: float) -> Promise:
    return Promise("+74951234567", Kind.HELD, First.CUSTOMER, at, at + 3600.0)


def attempted(experience: Experience, visit: str, at: float, first: First, reached_after: float | None) -> None:
    experience.learn(f.AttemptBegan(visit, at, 1, first, "+74951234567", 25.0, ""))
    if reached_after is None:
        experience.learn(f.AttemptEnded(visit, at + 25.0, 1, AttemptEnd.NO_ANSWER))
    else:
        experience.learn(f.CustomerReached(visit, at + reached_after, 1, f"{visit}.c1", f"{visit}.c1"))


def test_how_fast_customers_are_reached() -> None:
    experience = Experience()
    for n in range(REACHED):
        assert experience.lead("q", 20.0) == 20.0
        visit = f"v{n}"
        experience.learn(f.VisitJoined(visit, visit, "q", 0.0, 0.0, visit, promise=promised(0.0)))
        attempted(experience, visit, 100.0, First.CUSTOMER, None)
        attempted(experience, visit, 900.0, First.CUSTOMER, 12.0)
        attempted(experience, visit, 900.0, First.AGENT, 40.0)
    assert experience.lead("q", 20.0) == pytest.approx(12.0)
    assert experience.lead("another", 20.0) == 20.0
    assert not experience.called


def test_going_home_is_not_leaving() -> None:
    """Who waits at home has all the patience in the world; until then the caller has not left."""
    experience = Experience()
    for visit in ("v1", "v2"):
        experience.learn(f.VisitJoined(visit, visit, "q", 0.0, 0.0, visit))
    experience.learn(f.CallbackPromised("v1", 60.0, "q", promised(60.0)))
    experience.learn(f.VisitEnded("v2", 40.0, f.VisitOutcome.ABANDONED))
    assert experience.leaving("q") == pytest.approx(1 / 100, rel=0.05)
    experience.learn(f.VisitEnded("v1", 7200.0, f.VisitOutcome.UNREACHED))
    assert experience.leaving("q") == pytest.approx(1 / 100, rel=0.05)


@runs(max_examples=50, deadline=None)
@given(number=st.integers(0, 10**6))
def test_the_same_is_predicted_of_the_same(number: int) -> None:
    line = practised(talk=lambda n: 10.0 + 300.0 * chance(number, n))
    line.join("x", "q")
    line.tell(m.TalkBegins("x", line.offered("x")[0]))
    line.later(60.0 * chance(number))
    first, second = (
        Prediction(line.acd.roster, line.acd.state().waits.experience).free_within(45.0, line.now)
        for _ in range(2)
    )
    assert [*first] == [*second]
