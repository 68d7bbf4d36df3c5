"""What a leg is offered to phones with: the very words, and nothing of a caller's in them that means something."""

import re

from hypothesis import given
from hypothesis import strategies as st

from esl.leg import NOT_IN_NAMES
from esl.offer import Offer, cancel
from tests.wire.esl_peers import LEG


def offer(**changes: object) -> Offer:
    made: dict[str, object] = {
        "leg": LEG,
        "ring_for": 14.2,
        "wrap_up": False,
        "number": "+74951230001",
        "name": "Alice",
        "call": "call-1",
    }
    return Offer(**{**made, **changes})  # type: ignore[arg-type]


LEGS = {"leg-1": "201", "leg-2": "202"}


def ring(**changes: object) -> str:
    return offer(**changes).ring(LEGS, 14.2)


def test_the_phones_are_rung_by_one_command() -> None:
    made = offer()
    variables, _, rest = made.ring(LEGS, 14.2).removeprefix("originate {").partition("}")
    assert variables.split(",") == [
        "ignore_early_media=true",
        "originate_timeout=16",
        "origination_caller_id_number='+74951230001'",
        "origination_caller_id_name='Alice'",
        f"appliance_dialler={LEG}",
        f"appliance_rings_for={LEG}",
        "APPLIANCE_CALL=call-1",
    ]
    phones, _, then = rest.partition(" ")
    assert phones == "[origination_uuid=leg-1]user/201@appliance,[origination_uuid=leg-2]user/202@appliance"
    assert then == f"{made.id} XML appliance-offer"


def test_the_leg_dials_where_the_phones_pick_up_and_for_longer_than_they_ring() -> None:
    made = offer()
    variables, _, where = made.dial.removeprefix("{").partition("}")
    assert variables.split(",") == [
        f"origination_uuid={made.id}",
        "originate_timeout=18",
        "instant_ringback=true",
        f"api_on_answer='uuid_setvar_multi {LEG} APPLIANCE_DONE=done;appliance_offer=none;api_hangup_hook='",
        f"api_on_answer_others='hupall LOSE_RACE appliance_rings_for {LEG}'",
    ]
    assert where == f"pickup/{made.id}"
    assert made.withdraw == f"uuid_kill {made.id}"


def test_wrap_up_is_where_the_phones_go_after_the_talk() -> None:
    assert "transfer_after_bridge" not in ring()
    assert ",transfer_after_bridge='s:XML:appliance-wrapup'}" in ring(wrap_up=True)


def test_who_is_briefed_first_goes_there_later_because_being_driven_changes_it() -> None:
    said = ring(wrap_up=True, briefing=20.0)
    assert ",appliance_afterwards='s:XML:appliance-wrapup',appliance_briefing=yes}" in said
    assert "transfer_after_bridge" not in said
    assert "originate_timeout=38" in offer(briefing=20.0).dial


def test_a_leg_without_a_call_marks_nothing() -> None:
    assert "APPLIANCE_CALL" not in ring(call="")


def test_only_the_phones_of_this_leg_are_cancelled() -> None:
    assert cancel(LEG) == f"hupall ORIGINATOR_CANCEL appliance_dialler {LEG}"


@given(st.text(), st.text())
def test_nothing_of_a_caller_ends_a_quote_or_names_a_variable(number: str, name: str) -> None:
    plain = offer()
    said = ring(number=number, name=NOT_IN_NAMES.sub(" ", name), id=plain.id)
    shown = re.search(r"caller_id_number='([^']*)',origination_caller_id_name='([^']*)',appliance_dialler=", said)
    assert shown is not None
    assert not set("{}[]$\\\"';<>\n\r") & set(shown[1] + shown[2])
