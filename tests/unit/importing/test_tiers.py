"""Penalties and levels of other systems become tiers."""

import pytest

from appliance.importing.people import in_tiers


@pytest.mark.parametrize(
    ("members", "fields"),
    [
        ([], {"agents": []}),
        ([(0, "201"), (0, "202")], {"agents": ["201", "202"]}),
        ([(7, "201"), (7, "202")], {"agents": ["201", "202"]}),
        ([(5, "203"), (0, "201"), (0, "203")], {"agents": ["201"], "tiers": [{"agents": ["203"]}]}),
        (
            [(10, "204"), (1, "201"), (5, "203"), (5, "202")],
            {"agents": ["201"], "tiers": [{"agents": ["203", "202"]}, {"agents": ["204"]}]},
        ),
    ],
)
def test_ranks_are_tiers_in_their_order(members: list[tuple[int, str]], fields: dict[str, object]) -> None:
    assert in_tiers(members) == fields


def test_a_level_may_wait() -> None:
    waits = {2: "1m"}
    members = [(1, "201"), (2, "202"), (3, "203")]
    tiers = in_tiers(members, lambda rank: waits.get(rank, ""))["tiers"]
    assert tiers == [{"agents": ["202"], "after": "1m"}, {"agents": ["203"]}]
