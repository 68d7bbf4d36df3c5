"""Skills: required, preferred, relaxing; from several places at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.facts import PassedOver
from appliance.line.skills import NOTHING, Needs, combine, fit, level_text, make_needs, meets, needs_text, unmet
from appliance.settings import Strategy
from tests.unit.line.world import Line, considered, queue

ENGLISH = make_needs({"english": 4}, {}, {60.0: {"english": 2}, 120.0: {"english": 0}})
SKILLS = {"a1": {"english": 5}, "a2": {"english": 3, "german": 2}, "a3": {"german": 5}}


def line(strategy: Strategy = Strategy.LONGEST_IDLE, agents: str = "a1 a2 a3") -> Line:
    it = Line(queue("q", strategy, agents), skills=SKILLS)
    it.sign_on(*agents.split())
    return it


def test_only_who_has_the_skill_is_offered_the_call() -> None:
    it = line()
    facts = it.join("v", "q", needs=ENGLISH)
    assert it.offered("v") == ["a1"]
    assert considered(facts)["a2"] == (PassedOver.LACKS_SKILL, "english 3 where 4 is needed")
    assert considered(facts)["a3"] == (PassedOver.LACKS_SKILL, "english 0 where 4 is needed")


def test_needs_relax_with_waiting() -> None:
    it = line(agents="a2 a3")
    it.join("v", "q", needs=ENGLISH)
    it.join("w", "q", needs=ENGLISH)
    it.later(59.9)
    assert it.offered("v") == []
    it.later(0.1)
    assert (it.offered("v"), it.offered("w")) == (["a2"], [])
    it.talks("v")
    it.later(59.9)
    assert it.offered("w") == []
    it.later(0.1)
    assert it.offered("w") == ["a3"]


def test_who_is_preferred_comes_before_who_is_idle_longer() -> None:
    it = line()
    it.join("v", "q", needs=make_needs({}, {"german": 5}, {}))
    it.join("w", "q", needs=make_needs({}, {"german": 5}, {}))
    assert (it.offered("v"), it.offered("w")) == (["a3"], ["a1"])


def test_skill_first_takes_the_best() -> None:
    it = line(Strategy.SKILL_FIRST)
    it.join("v", "q", needs=make_needs({"german": 1}, {}, {}))
    it.join("w", "q", needs=make_needs({"german": 1}, {}, {}))
    assert (it.offered("v"), it.offered("w")) == (["a3"], ["a2"])


def test_a_rare_skill_is_not_spent_on_who_does_not_need_it() -> None:
    it = Line(queue("q", Strategy.IN_ORDER, "a1 a3"), skills=SKILLS)
    it.join("anybody", "q")
    it.join("english", "q", needs=ENGLISH)
    it.sign_on("a3", apart=0)
    assert it.offered("anybody") == ["a3"]


def test_ring_all_rings_only_those_who_have_the_skill() -> None:
    it = line(Strategy.RING_ALL)
    it.join("v", "q", needs=make_needs({"german": 1}, {}, {}))
    assert it.offered("v") == ["a2", "a3"]


@pytest.mark.parametrize(
    ("waited", "level"), [(0, "english>=4"), (59, "english>=4"), (60, "english>=2"), (999, "")]
)
def test_what_is_required_after_so_much_waiting(waited: float, level: str) -> None:
    assert level_text(ENGLISH.required(waited)) == level


def test_several_needs_hold_at_once() -> None:
    german = make_needs({"english": 3, "german": 1}, {"sales": 2}, {90.0: {"german": 0}})
    both = combine([ENGLISH, NOTHING, german])
    assert [level_text(both.required(t)) for t in (0, 60, 90, 120)] == [
        "english>=4, german>=1",
        "english>=3, german>=1",
        "english>=3",
        "english>=3",
    ]
    assert both.preferred == (("sales", 2),)
    assert combine([]) == combine([NOTHING, NOTHING]) == NOTHING
    assert combine([ENGLISH]) is ENGLISH


def test_needs_in_words() -> None:
    assert needs_text(ENGLISH) == "english>=4; after 60 s english>=2; after 120 s nothing"
    assert needs_text(make_needs({}, {"german": 1}, {})) == "better with german>=1"


levels = st.dictionaries(st.sampled_from("abc"), st.integers(1, 5), max_size=3)
needs = st.builds(
    make_needs, levels, levels, st.dictionaries(st.sampled_from([10.0, 20.0, 30.0]), levels, max_size=3)
)


@given(st.lists(needs, max_size=4), levels, st.floats(0, 50))
def test_who_meets_all_together_meets_each_and_the_other_way_round(
    several: list[Needs], skills: dict[str, int], waited: float
) -> None:
    level = combine(several).required(waited)
    assert meets(skills, level) == all(meets(skills, each.required(waited)) for each in several)
    assert (unmet(skills, level) == 0) == meets(skills, level)
    assert fit(skills, level) == sum(skills.get(skill, 0) for skill, _ in level)
