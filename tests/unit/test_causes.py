"""The tables of both switches side by side: the same end of a call has the same word on either."""

import pytest

from agi import causes as asterisk
from appliance.port import EndCause, Outcome
from esl import causes as freeswitch

# FreeSWITCH's name for each number of Q.850 that Asterisk's table has, and some that it leaves to FAILED.
NUMBERS = {
    "0": "NONE",
    "1": "UNALLOCATED_NUMBER",
    "2": "NO_ROUTE_TRANSIT_NET",
    "3": "NO_ROUTE_DESTINATION",
    "16": "NORMAL_CLEARING",
    "17": "USER_BUSY",
    "18": "NO_USER_RESPONSE",
    "19": "NO_ANSWER",
    "20": "SUBSCRIBER_ABSENT",
    "21": "CALL_REJECTED",
    "22": "NUMBER_CHANGED",
    "27": "DESTINATION_OUT_OF_ORDER",
    "28": "INVALID_NUMBER_FORMAT",
    "29": "FACILITY_REJECTED",
    "31": "NORMAL_UNSPECIFIED",
    "34": "NORMAL_CIRCUIT_CONGESTION",
    "38": "NETWORK_OUT_OF_ORDER",
    "41": "NORMAL_TEMPORARY_FAILURE",
    "42": "SWITCH_CONGESTION",
    "44": "REQUESTED_CHAN_UNAVAIL",
    "55": "INCOMING_CALL_BARRED",
    "57": "BEARERCAPABILITY_NOTAUTH",
    "58": "BEARERCAPABILITY_NOTAVAIL",
    "88": "INCOMPATIBLE_DESTINATION",
    "127": "INTERWORKING",
}
# Numbers to which FreeSWITCH has another name: a lost race is 502 there, and 26 is what it sends for it.
OTHERWISE = {"26": "LOSE_RACE"}

# The same end of a dial: Asterisk's DIALSTATUS and number, FreeSWITCH's disposition.
DIALS = [
    ("ANSWER", "16", "SUCCESS", Outcome.ANSWERED),
    ("NOANSWER", "19", "NO_ANSWER", Outcome.NO_ANSWER),
    ("BUSY", "17", "USER_BUSY", Outcome.BUSY),
    ("CHANUNAVAIL", "21", "CALL_REJECTED", Outcome.REFUSED),
    ("CHANUNAVAIL", "20", "USER_NOT_REGISTERED", Outcome.UNREACHABLE),
    ("CHANUNAVAIL", "18", "RECOVERY_ON_TIMER_EXPIRE", Outcome.UNREACHABLE),
    ("CANCEL", "0", "ORIGINATOR_CANCEL", Outcome.CANCELLED),
    ("CONGESTION", "34", "NORMAL_CIRCUIT_CONGESTION", Outcome.FAILED),
]


@pytest.mark.parametrize("number", sorted(NUMBERS | OTHERWISE, key=int))
def test_the_same_cause_has_the_same_word(number: str) -> None:
    assert freeswitch.end_cause((NUMBERS | OTHERWISE)[number]) is asterisk.end_cause(number)


def test_every_number_of_asterisks_table_is_compared() -> None:
    assert {str(number) for number in asterisk.CAUSES} <= NUMBERS.keys() | OTHERWISE.keys()


@pytest.mark.parametrize(("dialstatus", "number", "disposition", "outcome"), DIALS)
def test_the_same_dial_has_the_same_outcome(
    dialstatus: str, number: str, disposition: str, outcome: Outcome
) -> None:
    assert asterisk.outcome(dialstatus, number) is freeswitch.outcome(disposition) is outcome


def test_both_know_every_outcome_and_every_cause() -> None:
    outcomes = {freeswitch.outcome(name) for name in [*freeswitch.CAUSES, "SUCCESS", "CRASH"]}
    assert outcomes == set(Outcome) == {*asterisk.OUTCOMES.values()}
    # CANCELLED is no number of Q.850: Asterisk's comes from DIALSTATUS.
    assert {*freeswitch.CAUSES.values()} == set(EndCause)
    assert {*asterisk.CAUSES.values()} == set(EndCause) - {EndCause.CANCELLED, EndCause.FAILED}


@pytest.mark.parametrize("cause", ["NORMAL_CLEARING", "MANAGER_REQUEST"])
def test_a_phone_whose_ringing_was_ended_is_cancelled(cause: str) -> None:
    assert freeswitch.end_cause(cause, was_called=True, was_answered=False) is EndCause.CANCELLED
    assert freeswitch.end_cause(cause, was_called=True, was_answered=True) is EndCause.NORMAL
    assert asterisk.end_cause("16", "NOANSWER") is EndCause.CANCELLED


def test_a_caller_who_gives_up_has_left_normally() -> None:
    assert freeswitch.end_cause("ORIGINATOR_CANCEL") is EndCause.NORMAL


@pytest.mark.parametrize("cause", ["", "NEWLY_INVENTED", "CRASH"])
def test_what_is_not_known_has_failed(cause: str) -> None:
    assert freeswitch.end_cause(cause) is EndCause.FAILED
    assert freeswitch.outcome(cause) is Outcome.FAILED


@pytest.mark.parametrize(
    ("tech", "status", "meant"),
    [
        ("SIP 404 Not Found", "404", 404),
        ("503", "503", 503),
        ("SIP 999 Odd", "999", 999),
        ("SIP 200 OK", "200", None),
    ],
)
def test_a_status_of_sip_s_is_read_alike(tech: str, status: str, meant: int | None) -> None:
    assert asterisk.sip_status(tech) == freeswitch.sip_status({"variable_sip_term_status": status}) == meant


@pytest.mark.parametrize("said", ["", "SIP", "SIP garbage", "0", "-404", "4O4", "99999"])
def test_what_is_no_status_of_sip_s_is_none(said: str) -> None:
    assert asterisk.sip_status(said) is freeswitch.sip_status({"variable_sip_term_status": said}) is None
    assert freeswitch.sip_status({}) is None
