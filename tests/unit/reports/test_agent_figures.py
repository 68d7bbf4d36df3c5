"""The figures of agents, worked out by hand."""

import pytest

from appliance.facts import AgentState
from appliance.port import Outcome
from appliance.records.interval import Interval
from appliance.records.tally import agent_figures
from tests.unit.reports.day import HOUR, LATER, MOSCOW, NOON, SETTINGS, add_offer, add_stretch, add_visit, agent


def test_offers_of_an_agent_by_what_became_of_them() -> None:
    for n, outcome in enumerate((*Outcome, None)):
        add_visit(f"v{n}", abandoned=30.0)
        add_offer(f"v{n}.1", {"anna": outcome})
    figures = agent("anna")
    assert (figures.offers, figures.taken, figures.missed, figures.unreached) == (8, 1, 3, 2)
    assert (figures.withdrawn, figures.ringing) == (1, 1)


def test_an_agents_time_sheet_is_cut_at_the_ends_of_the_interval() -> None:
    add_stretch("anna", AgentState.SIGNED_OFF, -9000, -600)
    add_stretch("anna", AgentState.READY, -600, 600)  # 600 of it within
    add_stretch("anna", AgentState.OFFERED, 600, 610)  # 10
    add_stretch("anna", AgentState.TALKING, 610, 790, visit="a.1")  # 180
    add_stretch("anna", AgentState.WRAP_UP, 790, 800, visit="a.1")  # 10
    add_stretch("anna", AgentState.PAUSED, 800, 1100, reason="1")  # 300
    add_stretch("anna", AgentState.PAUSED, 1100, 1160, reason="2")  # 60
    add_stretch("anna", AgentState.READY, 1160, 3000)  # 1840
    add_stretch("anna", AgentState.PAUSED, 3000, None, reason="1")  # 600 until the end of the hour
    figures = agent("anna")
    assert figures.paused == {"1": 900.0, "2": 60.0}
    assert figures.signed_on == 3600.0
    assert figures.time_sheet == {
        "ready": 2440.0,
        "offered": 10.0,
        "talking": 180.0,
        "wrap-up": 10.0,
        "paused": 960.0,
    }
    assert figures.occupancy == pytest.approx(200 / 2640)


def test_the_open_stretch_counts_up_to_now() -> None:
    add_stretch("anna", AgentState.READY, 0, None)
    assert agent("anna", now=NOON + 90).signed_on == 90.0
    assert agent("anna", when=Interval(NOON + 100, NOON + 200, MOSCOW), now=NOON + 90).signed_on == 0.0


def test_talk_and_wrap_up_of_an_agent() -> None:
    add_visit("a", answered=10.0, talked=100.0)
    add_visit("b", answered=10.0, talked=200.0, queue="help")
    add_visit("c", answered=10.0, talked=999.0, agent="boris")
    add_stretch("anna", AgentState.WRAP_UP, 110, 130, visit="a.1")
    assert (agent("anna").answered, agent("anna").average_talk, agent("anna").average_wrap_up) == (2, 150.0, 10.0)
    (only_help,) = agent_figures(HOUR, LATER, SETTINGS, queue="help")
    assert (only_help.agent, only_help.answered, only_help.talk, only_help.wrap_up) == ("anna", 1, 200.0, 0.0)


def test_somebody_who_was_signed_off_all_day_is_not_listed() -> None:
    add_stretch("boris", AgentState.SIGNED_OFF, -100, None)
    add_stretch("anna", AgentState.READY, -100, None)
    assert [figures.agent for figures in agent_figures(HOUR, LATER, SETTINGS)] == ["anna"]
