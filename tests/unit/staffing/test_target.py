"""Targets as they are written, and what formulas make of them."""

import pytest

from appliance.staffing.erlang import erlang_a, erlang_c
from appliance.staffing.formulas import by_erlang_a, by_erlang_c
from appliance.staffing.target import Target, target
from appliance.trouble import Trouble


@pytest.mark.parametrize("text", ["80/20", "80%/20s", "80 % / 20 s", " 80/20 "])
def test_the_usual_target(text: str) -> None:
    assert target(text) == Target(0.8, 20.0)


def test_all_of_it() -> None:
    wanted = target("92.5/0", "5%", "85")
    assert wanted == Target(0.925, 0.0, 0.05, 0.85)
    assert str(wanted) == (
        "92.5 % of callers answered within 0 s, at most 5 % give up, agents busy for at most 85 % of their time"
    )


@pytest.mark.parametrize("text", ["", "80", "20/80/20", "100/20", "0/20", "eighty/20", "80/-3", "80/123456"])
def test_nonsense_is_said_to_be_that(text: str) -> None:
    with pytest.raises(Trouble, match=r"--target: .* is not a target\. Write 80/20"):
        target(text)


def test_shares_likewise() -> None:
    with pytest.raises(Trouble, match='--max-abandon: "-1%" is not a share'):
        target("80/20", "-1%")
    with pytest.raises(Trouble, match='--max-occupancy: "100" is not a share'):
        target("80/20", None, "100")


@pytest.mark.parametrize("load", [0.01, 0.7, 5.0, 48.0, 900.0])
@pytest.mark.parametrize("wanted", [Target(0.8, 20.0), Target(0.95, 0.0, 0.01), Target(0.5, 60.0, None, 0.6)])
def test_one_agent_less_would_miss_the_target(load: float, wanted: Target) -> None:
    of_a, of_c = by_erlang_a(load, 180.0, 90.0, wanted), by_erlang_c(load, 180.0, wanted)
    for agents, enough in ((of_a, True), (of_a - 1, False)):
        found = erlang_a(load, agents, 180.0, 90.0)
        assert wanted.is_met(found.served_within(wanted.within), found.abandons, found.occupancy) is enough
    for agents, enough in ((of_c, True), (of_c - 1, False)):
        steady = erlang_c(load, agents, 180.0)
        met = steady is not None and wanted.is_met(steady.served_within(wanted.within), 0.0, steady.occupancy)
        assert met is enough


def test_who_never_gives_up_is_a_case_for_c() -> None:
    assert by_erlang_a(48.0, 60.0, None, Target(0.8, 20.0)) == by_erlang_c(48.0, 60.0, Target(0.8, 20.0))
