"""For whom callers wait and who comes back, as it is written, and what is hardly meant."""

from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.settings import ComesBack, Destination, Settings, Sticky
from tests.unit.test_hardly_meant import directory as directory
from tests.unit.test_hardly_meant import said

QUEUE = "queues: {{loans: {{strategy: in-order, agents: [1, 2], {more}}}}}\n"
NUMBER = 'numbers: {{"+74951234568": {{open: {to}}}}}\n'
PLAIN = NUMBER.format(to="{queue: loans}")


def settings(directory: Path, text: str) -> Settings:
    (directory / "x.yml").write_text(text)
    found = load(directory)
    assert found.settings is not None, found.problems
    return found.settings


def test_what_is_written(directory: Path) -> None:
    more = "sticky: {last_agent: 30s, within: for ever, own_agent: 1m}, comes_back: {within: 5m}"
    to = "{queue: loans, agent: 2, for: 45s, needs: tea}"
    (directory / "customers.csv").write_text("number;name;agent\n+79161234567;Ann;2\n")
    found = settings(directory, QUEUE.format(more=more) + NUMBER.format(to=to))
    assert found.queues["loans"].sticky == Sticky(30.0, None, 60.0)
    assert found.queues["loans"].comes_back == ComesBack(300.0, 30.0)
    assert found.customers["+79161234567"].agent == "2"
    to_agent = found.numbers["+74951234568"].open
    assert (to_agent.queue, to_agent.agent, to_agent.agent_for) == ("loans", "2", 45.0)
    assert to_agent.needs.steps[0][1] == (("tea", 1),)
    assert found.queues["sales"].sticky == Sticky() and found.queues["sales"].comes_back is None
    shorter = settings(
        directory, QUEUE.format(more="comes_back: {}") + NUMBER.format(to="{queue: loans, agent: 2}")
    )
    assert shorter.numbers["+74951234568"].open.agent_for == Destination.agent_for
    assert shorter.queues["loans"].comes_back == ComesBack()


@pytest.mark.parametrize(
    "to, complaint",
    [
        ("{menu: main, agent: 2}", "Only a queue is gone to for an agent."),
        ("{queue: loans, for: 20s}", "Only a queue is gone to for an agent."),
        ("{queue: loans, agent: 9}", 'There is no agent "9".'),
        ("{queue: loans, agent: 2, for: 0s}", "A time of zero is of no use here."),
    ],
)
def test_a_way_to_an_agent_that_is_none(directory: Path, to: str, complaint: str) -> None:
    (directory / "x.yml").write_text(QUEUE.format(more="wrap_up: 1s") + NUMBER.format(to=to))
    problems = load(directory).problems
    assert any(complaint in str(problem) and not problem.warning for problem in problems), problems


def test_own_agents_of_nobody_and_for_nobody(directory: Path) -> None:
    found = said(directory, QUEUE.format(more="sticky: {own_agent: 30s}") + PLAIN)
    assert any("No customer has an agent of their own." in each for each in found)
    (directory / "customers.csv").write_text("number,name,group,agent\n+79161234567,Ann,vip,2\n")
    assert said(directory, QUEUE.format(more="sticky: {own_agent: 30s}") + PLAIN) == []
    found = said(directory, QUEUE.format(more="wrap_up: 1s") + PLAIN)
    assert found == [
        "customers.csv:2:1: No queue waits for the customers' own agents. "
        'Write "sticky: {own_agent: 30s}" at a queue, or leave the column agent empty.'
    ]


def test_an_own_agent_who_is_not_there(directory: Path) -> None:
    (directory / "customers.csv").write_text("number,name,group,agent\n+79161234567,Ann,vip,77\n")
    (directory / "x.yml").write_text(QUEUE.format(more="sticky: {own_agent: 30s}") + PLAIN)
    assert any('There is no agent "77".' in str(problem) for problem in load(directory).problems)
