"""How long something lasts, learnt also from what was cut off."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.whatif.lasting import Lasting

seconds = st.floats(0.1, 1000.0)
shares = st.floats(0.0, 0.999)


def test_the_textbook() -> None:
    """Remission of leukaemia under 6-MP (Freireich 1963), the example of every course on the estimator."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    cut_off = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    known = Lasting(ended, cut_off)
    left = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {time: round(1 - known.gone(time), 3) for time in left} == left


def test_without_what_was_cut_off_it_is_what_was_seen() -> None:
    law = Lasting([1.0, 2.0, 3.0, 4.0]).law()
    assert [law(share) for share in (0.1, 0.3, 0.6, 0.9)] == [1.0, 2.0, 3.0, 4.0]


def test_beyond_what_was_seen_the_rate_goes_on() -> None:
    law = Lasting([10.0], [10.0, 20.0]).law(beyond=30.0)
    assert law(0.0) == 30.0
    assert law(0.5) == pytest.approx(30.0 + 40.0 * 0.6931, rel=1e-3), "one end in forty seconds"


def test_where_no_end_was_seen_there_is_none() -> None:
    assert Lasting([], [5.0, 6.0]).law(beyond=5.0)(0.5) == inf
    assert Lasting([]).law()(0.5) == inf


@given(st.lists(seconds, max_size=20), st.lists(seconds, max_size=20), st.just(0.0) | seconds, shares, shares)
def test_it_lasts_longer_than_is_known_and_the_longer_the_more_patient(
    ended: list[float], cut_off: list[float], beyond: float, one: float, other: float
) -> None:
    law = Lasting(ended, cut_off).law(beyond)
    lesser, greater = law(min(one, other)), law(max(one, other))
    assert beyond <= lesser <= greater
