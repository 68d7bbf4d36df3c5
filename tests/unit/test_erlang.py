"""Erlang's formulas against published values, against each other, and against sums of exact fractions."""

from fractions import Fraction
from itertools import pairwise
from math import exp, inf, lgamma, log

import pytest

from appliance.staffing.erlang import Prediction, erlang_a, erlang_b, erlang_c


@pytest.mark.parametrize(
    "lines, load", [(1, 0.0101), (2, 0.153), (5, 1.361), (10, 4.461), (20, 12.03), (50, 37.90), (100, 84.06)]
)
def test_the_table_of_one_percent_blocking(lines: int, load: float) -> None:
    """The traffic table in use with telephone companies: offered load at which 1 % of calls are lost."""
    assert erlang_b(load, lines) == pytest.approx(0.01, rel=0.01)


def test_a_worked_example_of_delay() -> None:
    """360 calls in half an hour of 4 minutes each, 55 agents: the example that most calculators are shown with."""
    found = delay(360 / 1800 * 240, 55, 240.0)
    assert found.waits == pytest.approx(0.239, abs=0.0005)
    assert found.asa == pytest.approx(8.2, abs=0.05)
    assert found.served_within(15.0) == pytest.approx(0.846, abs=0.0005)
    assert found.occupancy == pytest.approx(0.873, abs=0.0005)


def test_the_example_of_garnett_mandelbaum_and_reiman() -> None:
    """48 calls a minute of a minute each, 50 agents, patience of 2 minutes: with and without giving up."""
    patient, human = delay(48.0, 50, 60.0), erlang_a(48.0, 50, 60.0, 120.0)
    assert (patient.mean_wait, human.mean_wait) == (pytest.approx(20.8, abs=0.05), pytest.approx(3.7, abs=0.05))
    assert human.abandons == pytest.approx(0.031, abs=0.0005)
    assert (patient.occupancy, human.occupancy) == (0.96, pytest.approx(0.93, abs=0.005))
    assert patient.served_within(58.1) == pytest.approx(0.9, abs=0.0005)  # the ninetieth percentile


@pytest.mark.parametrize("agents, load, patience", [(1, 0.3, 30), (3, 4.5, 60), (10, 9, 300), (40, 50, 100)])
def test_the_sum_over_all_states(agents: int, load: float, patience: float) -> None:
    """The line as a chain of states, each with so many callers, summed in exact fractions."""
    handle, work = Fraction(180), Fraction(load)
    weights = [Fraction(1)]
    for state in range(1, agents + 400):
        leaving = min(state, agents) + max(0, state - agents) * handle / Fraction(patience)
        weights.append(weights[-1] * work / leaving)
    everybody = sum(weights)
    waiting = sum((n - agents) * weight for n, weight in enumerate(weights) if n > agents) / everybody
    found = erlang_a(load, agents, 180.0, patience)
    assert found.waits == pytest.approx(float(sum(weights[agents:]) / everybody), rel=1e-9)
    assert found.mean_wait == pytest.approx(float(waiting * handle / work), rel=1e-9)
    assert found.abandons == pytest.approx(float(waiting * handle / work) / patience, rel=1e-9)


def test_who_gives_up_as_fast_as_agents_talk_leaves_a_line_without_waiting() -> None:
    """Then the number of callers is that of a queue with endless agents: Poisson."""
    for agents, load in ((10, 8.0), (100, 100.0), (2000, 2050.0)):
        fewer = sum(exp(n * log(load) - load - lgamma(n + 1)) for n in range(agents))
        assert erlang_a(load, agents, 180.0, 180.0).waits == pytest.approx(1 - fewer, rel=1e-8)


def test_great_patience_is_the_formula_of_delay() -> None:
    for agents, load in ((1, 0.5), (50, 48.0), (2000, 1950.0)):
        patient, known = erlang_a(load, agents, 180.0, 1e9), delay(load, agents, 180.0)
        assert patient.waits == pytest.approx(known.waits, rel=1e-5)
        assert patient.asa == pytest.approx(known.asa, rel=1e-5)
        assert patient.served_within(20.0) == pytest.approx(known.served_within(20.0), rel=1e-5)


@pytest.mark.parametrize("patience", [1.0, 60.0, 3600.0])
@pytest.mark.parametrize("agents", [1, 7, 50, 400, 2000])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.95, 1.0, 1.3, 4.0])
def test_every_figure_is_one_that_can_be(agents: int, share: float, patience: float) -> None:
    found = erlang_a(share * agents, agents, 180.0, patience)
    levels = [found.served_within(seconds) for seconds in (0.0, 5.0, 20.0, 120.0, 3600.0, 1e7)]
    assert all(0.0 <= earlier <= later + 1e-9 for earlier, later in pairwise(levels))
    assert levels[0] == pytest.approx(1 - found.waits, abs=1e-9)
    assert levels[-1] == pytest.approx(1 - found.abandons, abs=1e-9)
    assert 0.0 <= found.abandons <= found.waits <= 1.0
    assert found.occupancy <= 1.0 + 1e-9
    assert found.mean_wait < patience


def test_one_agent_more_makes_it_better() -> None:
    found = [erlang_a(20.0, agents, 180.0, 90.0) for agents in range(1, 60)]
    assert all(more.abandons < fewer.abandons for fewer, more in pairwise(found))
    assert all(more.served_within(20) > fewer.served_within(20) for fewer, more in pairwise(found))


def test_nobody_calls_nobody_works() -> None:
    assert erlang_a(0.0, 5, 180.0, 60.0).served_within(0.0) == 1.0
    assert delay(0.0, 5, 180.0).waits == 0.0
    assert erlang_a(3.0, 0, 180.0, 60.0).abandons == 1.0


def test_more_work_than_agents_has_no_end() -> None:
    assert erlang_c(5.0, 5, 180.0) is None
    assert erlang_c(6.0, 5, 180.0) is None


def test_thousands_of_agents_for_nothing() -> None:
    assert erlang_b(1.0, 2000) == 0.0
    assert erlang_a(1.0, 2000, 180.0, 60.0).served_within(0.0) == 1.0 < inf


def delay(load: float, agents: int, handle: float) -> Prediction:
    found = erlang_c(load, agents, handle)
    assert found is not None
    return found
