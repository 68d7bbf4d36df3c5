"""The estimate of a wait: known late rather than wrong, slower when it gets slower, silent about long ago."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.estimate import FORGET, LEAST, Pace


def pace(*starts: float) -> Pace:
    """Somebody was served at these times, while others waited."""
    found = Pace()
    for at in starts:
        found.served(at, others_wait=True)
    return found


def test_too_little_is_known_at_first() -> None:
    assert Pace().wait(1, 0.0) is None
    assert pace(0, 60, 120).wait(1, 120) is None
    assert pace(0, 60, 120, 180).wait(1, 180) == 60


def test_who_stands_further_back_waits_longer() -> None:
    assert [pace(0, 60, 120, 180).wait(place, 180) for place in (1, 2, 5)] == [60, 120, 300]


def test_quiet_times_do_not_make_a_queue_slow() -> None:
    found = pace(0, 60, 120, 180)
    found.served(240, others_wait=False)  # the last one
    found.served(2000, others_wait=False)  # nobody waited before
    assert found.wait(2, 2000) == pytest.approx(120)
    found.served(3000, others_wait=True)
    found.emptied()  # who waited has hung up
    found.served(3500, others_wait=True)
    assert found.wait(1, 3500) == pytest.approx(60)


def test_the_newest_counts_most() -> None:
    found = pace(0, 60, 120, 180, 240, 300, 700)
    assert found.wait(1, 700) == pytest.approx(60 + 0.25 * 340)


def test_nobody_is_promised_the_usual_while_nothing_moves() -> None:
    found = pace(0, 60, 120, 180)
    assert found.wait(2, 200) == 120
    assert found.wait(2, 600) == 840


def test_an_hour_later_nothing_is_known_any_more() -> None:
    found = pace(0, 60, 120, 180)
    assert found.wait(1, 180 + FORGET + 1) is None
    found.served(10_000, others_wait=True)
    found.served(10_060, others_wait=True)
    assert found.wait(1, 10_060) is None  # and what was known then is not mixed in


@given(st.lists(st.floats(min_value=0, max_value=1e4), min_size=1, max_size=50), st.integers(1, 100))
def test_an_estimate_is_within_what_was_seen(times: list[float], place: int) -> None:
    now, found = 0.0, pace(0.0)
    for each in times:
        now += each
        found.served(now, others_wait=True)
    wait = found.wait(place, now)
    if wait is None:
        assert len(times) < LEAST or max(times) > FORGET
    else:
        assert place * min(times) - 1e-6 <= wait <= place * max(times) + 1e-6
