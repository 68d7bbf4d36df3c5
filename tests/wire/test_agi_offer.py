"""What Asterisk dials for an offer, and what comes of its phones."""

import pytest

from agi.offer import Offer
from agi.wire import COMMAND_LIMIT
from appliance.line.strategies import RING_AT_ONCE
from appliance.port import Outcome, Refused


def offer(*phones: str, more: int = 0, briefing: float = 0.0, wrap_up: bool = False) -> Offer:
    return Offer(phones or ("201", "202"), 15.0, 100.0, "jazz", wrap_up, more, briefing)


def test_phones_that_need_nothing_else_are_dialled_at_once() -> None:
    made = offer(wrap_up=True)
    assert not made.by_legs
    assert (made.targets, made.options) == ("PJSIP/201&PJSIP/202", "m(jazz)F(appliance-wrapup^s^1)")


def test_where_more_may_ring_each_has_a_leg_of_its_own_and_some_wait() -> None:
    made = offer("201", more=2, wrap_up=True)
    assert made.targets == "Local/201@ring&Local/more@ring&Local/more@ring"
    assert (made.options, made.ring_how) == ("m(jazz)", "iF(appliance-wrapup^s^1)")
    assert made.lasts > 15.0


def test_who_is_briefed_has_the_time_for_it() -> None:
    made = offer(briefing=20.0)
    assert made.targets == "Local/201@ring&Local/202@ring"
    assert (made.ring_how, made.lasts) == ("iU(appliance-briefing)", 35.0)


@pytest.mark.parametrize("briefing", [0.0, 20.0])
def test_as_many_as_ring_at_once_fit_into_one_command(briefing: float) -> None:
    made = offer(*(str(10**9 + n) for n in range(RING_AT_ONCE)), briefing=briefing)
    assert len(made.targets) < COMMAND_LIMIT - 200


def test_it_is_over_when_no_phone_rings_any_more() -> None:
    made = offer("201", more=1)
    assert made.add("202") and not made.add("203"), "no more than was said"
    made.failed("BUSY", "17")
    assert not made.is_over
    assert made.next_for("Local/more@ring-00000007;2") == "202"
    made.failed("CHANUNAVAIL", "21")
    assert made.is_over and not made.add("201")
    assert made.outcome(Outcome.FAILED) is Outcome.BUSY


def test_which_phone_a_leg_has_rung_last() -> None:
    made = offer("201", more=2)
    assert made.rung_by("Local/201@ring-00000001;1") == "201"
    made.add("202")
    made.next_for("Local/201@ring-00000001;2")
    assert made.rung_by("Local/201@ring-00000001;1") == "202"


def test_who_answered_and_did_not_take_the_call_has_not_answered() -> None:
    made = offer("201", briefing=20.0)
    made.failed("ANSWER", "16")
    assert made.outcome(Outcome.FAILED) is Outcome.NO_ANSWER


@pytest.mark.parametrize("phone", ["", "201&202", "201@ring", "a,b", "x^y"])
def test_what_is_no_name_of_a_phone_is_refused(phone: str) -> None:
    with pytest.raises(Refused):
        offer(phone)
    with pytest.raises(Refused):
        offer("201", more=1).add(phone)
