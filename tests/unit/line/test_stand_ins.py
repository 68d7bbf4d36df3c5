"""The switch's own queues stand in by the nearest strategy they have; docs/strategies.md says by which."""

from pathlib import Path

import pytest

from appliance.settings import AppQueue, AppQueueStrategy, Strategy
from appliance.settings.queues import NEAREST
from dialplan import asterisk, freeswitch
from tests.unit.line.world import queue

DOCS = (Path(__file__).parents[3] / "docs/strategies.md").read_text()
TABLE = DOCS[DOCS.index("## While the appliance is gone") :]


@pytest.mark.parametrize("strategy", AppQueueStrategy)
def test_a_queue_like_those_of_app_queue_is_stood_in_for_by_itself(strategy: AppQueueStrategy) -> None:
    like_theirs = queue("q", NEAREST[strategy], "a1", app_queue=AppQueue(strategy))
    assert asterisk._strategy(like_theirs) == strategy.value


@pytest.mark.parametrize("strategy", Strategy)
def test_each_strategy_has_one_on_both_switches_and_the_page_names_it(strategy: Strategy) -> None:
    (row,) = [
        line for line in TABLE.splitlines() if line.startswith("|") and f"`{strategy.value}`" in line.split("|")[1]
    ]
    _, _, on_asterisk, on_freeswitch, _ = row.split("|")
    assert f"`{asterisk._STRATEGIES[strategy]}`" in on_asterisk
    assert f"`{freeswitch._STRATEGIES[strategy]}`" in on_freeswitch
