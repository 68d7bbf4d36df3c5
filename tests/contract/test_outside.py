"""Every switch: a leg, or the appliance itself, calls a number outside by a trunk."""

import pytest

from appliance.names import Entry
from appliance.port import (
    Arrival,
    Dialled,
    EndCause,
    LegEnded,
    LegGone,
    LegRinging,
    LegsJoined,
    OriginateFailed,
    Outcome,
    Outside,
    Refused,
)
from tests.contract.rig import Door, Provider, Rig

NUMBER, SHOWN = "+79161234567", "+74951112233"


@pytest.fixture
def provider(rig: Rig) -> Provider:
    return rig.provider()


def calling(rig: Rig, ring_for: float = 15.0, early_media: bool = True) -> Door:
    """A door where callers are put through to that number."""

    def story(arrival: Arrival) -> Dialled:
        arrival.leg.mark("call-1")
        return arrival.leg.dial_outside(Outside(rig.trunk, NUMBER, SHOWN, early_media), ring_for)

    return rig.at(Entry.CALLER, story)


@pytest.mark.parametrize("early_media", [True, False])
def test_answered_and_heard_until_one_of_them_hangs_up(rig: Rig, provider: Provider, early_media: bool) -> None:
    provider.will_answer()
    door = calling(rig, early_media=early_media)
    rig.call()
    rig.wait_for_event(LegsJoined, other_endpoint=rig.trunk)
    assert provider.is_in_call
    rig.clock.sleep(1.0)
    provider.hang_up()
    dialled = door.result()
    assert (dialled.outcome, dialled.phone, dialled.status) == (Outcome.ANSWERED, rig.trunk, None)
    assert 0.5 < dialled.talked < 3.0


def test_the_trunk_s_leg_is_told_of_as_a_phone_s_is(rig: Rig, provider: Provider) -> None:
    provider.will_answer()
    door = calling(rig)
    alice = rig.call()
    leg = door.arrival().leg.id
    ringing = rig.wait_for_event(LegRinging, endpoint=rig.trunk, by=leg)
    joined = rig.wait_for_event(LegsJoined, leg=leg)
    assert (joined.other, joined.other_endpoint) == (ringing.leg, rig.trunk)
    assert {info.endpoint for info in rig.switch.legs()} == {rig.trunk}
    alice.hang_up()
    rig.wait_for_event(LegEnded, leg=ringing.leg)
    with pytest.raises(LegGone):
        door.result()


@pytest.mark.parametrize(
    "status, outcomes",
    [
        (404, {Outcome.UNREACHABLE}),
        (486, {Outcome.BUSY}),
        (480, {Outcome.NO_ANSWER, Outcome.UNREACHABLE}),
        (488, {Outcome.FAILED, Outcome.REFUSED, Outcome.UNREACHABLE}),
        (503, {Outcome.FAILED}),
        (603, {Outcome.REFUSED}),
    ],
)
def test_the_status_of_a_refusal_is_told(
    rig: Rig, provider: Provider, status: int, outcomes: set[Outcome]
) -> None:
    provider.will_fail(status)
    door = calling(rig)
    rig.call()
    dialled = door.result()
    assert dialled.status == status and dialled.outcome in outcomes


def test_nobody_answers(rig: Rig, provider: Provider) -> None:
    door = calling(rig, ring_for=2.0)
    rig.call()
    assert door.result() == Dialled(Outcome.NO_ANSWER)
    rig.wait_for(lambda: not provider.is_ringing, "the end of the ringing")


def test_the_leg_lives_on_and_may_try_again(rig: Rig, provider: Provider) -> None:
    provider.will_fail(503)

    def story(arrival: Arrival) -> list[Dialled]:
        to = Outside(rig.trunk, NUMBER, None)
        first = arrival.leg.dial_outside(to, 5.0)
        provider.will_fail(486)
        second = arrival.leg.dial_outside(to, 5.0)
        arrival.leg.answer()
        arrival.leg.play([rig.sound])
        return [first, second]

    door = rig.at(Entry.CALLER, story)
    rig.call()
    assert [dialled.status for dialled in door.result()] == [503, 486]


def test_what_is_no_number_is_not_dialled(rig: Rig) -> None:
    def story(arrival: Arrival) -> int:
        refused = 0
        for number in ("", "1;2", "1,2", "1&2", "1/2", "${x}", "1@2", "1 2", "1\n2", "[1]", "1|2", "1^2"):
            try:
                arrival.leg.dial_outside(Outside(rig.trunk, number, None), 2.0)
            except Refused:
                refused += 1
        return refused

    door = rig.at(Entry.CALLER, story)
    rig.call()
    assert door.result() == 12


def test_the_appliance_itself_calls(rig: Rig, provider: Provider) -> None:
    provider.will_answer()
    door = rig.at(Entry.TEST, lambda arrival: arrival.leg.play([rig.sound]))
    rig.switch.originate("test-1", Outside(rig.trunk, NUMBER, SHOWN), Entry.TEST, "test-1", 10.0)
    assert door.arrival().leg.id == "test-1"
    door.result()
    rig.wait_for(lambda: not rig.switch.legs(), "the end of the call")


@pytest.mark.parametrize(
    "status, cause", [(404, EndCause.UNREACHABLE), (486, EndCause.BUSY), (503, EndCause.FAILED)]
)
def test_why_the_appliance_s_own_call_failed(rig: Rig, provider: Provider, status: int, cause: EndCause) -> None:
    provider.will_fail(status)
    rig.switch.originate("test-2", Outside(rig.trunk, NUMBER, None), Entry.TEST, "test-2", 10.0)
    failed = rig.wait_for_event(OriginateFailed, leg="test-2")
    assert (failed.cause, failed.status) == (cause, status)


def test_a_caller_for_whom_there_is_no_line(rig: Rig) -> None:
    door = rig.at(Entry.CALLER, lambda arrival: arrival.leg.hang_up(is_full=True), hang_up=False)
    alice = rig.call()
    door.result()
    rig.wait_for(lambda: alice.is_gone, "the end of the call")
    assert not alice.is_answered


def test_every_trunk_has_a_state(rig: Rig) -> None:
    rig.provider()
    (state,) = rig.switch.trunks()
    assert (state.trunk, state.registered, state.up) == (rig.trunk, None, True)
