"""FreeSWITCH's words for how a dial or a leg ended, in the words of the port: pure tables."""

from collections.abc import Mapping

from appliance.port import EndCause, Outcome

FULL = "NORMAL_CIRCUIT_CONGESTION"  # what SIP calls 503

# Hangup causes. What is not listed is FAILED.
CAUSES = {
    "NONE": EndCause.NORMAL,  # ended from this side without a word
    "UNALLOCATED_NUMBER": EndCause.UNREACHABLE,
    "NO_ROUTE_TRANSIT_NET": EndCause.UNREACHABLE,
    "NO_ROUTE_DESTINATION": EndCause.UNREACHABLE,
    "NORMAL_CLEARING": EndCause.NORMAL,
    "USER_BUSY": EndCause.BUSY,
    "NO_USER_RESPONSE": EndCause.UNREACHABLE,  # not even to say that it rings
    "NO_ANSWER": EndCause.NO_ANSWER,
    "SUBSCRIBER_ABSENT": EndCause.UNREACHABLE,
    "CALL_REJECTED": EndCause.REFUSED,
    "DECLINE": EndCause.REFUSED,
    "NUMBER_CHANGED": EndCause.UNREACHABLE,
    "REDIRECTION_TO_NEW_DESTINATION": EndCause.FAILED,
    "DESTINATION_OUT_OF_ORDER": EndCause.UNREACHABLE,
    "INVALID_NUMBER_FORMAT": EndCause.UNREACHABLE,
    "FACILITY_REJECTED": EndCause.REFUSED,
    "NORMAL_UNSPECIFIED": EndCause.NORMAL,
    "INCOMING_CALL_BARRED": EndCause.REFUSED,
    "BEARERCAPABILITY_NOTAUTH": EndCause.REFUSED,
    "RECOVERY_ON_TIMER_EXPIRE": EndCause.UNREACHABLE,  # SIP 408: no user responding
    # Of FreeSWITCH's own making.
    "ORIGINATOR_CANCEL": EndCause.CANCELLED,
    "LOSE_RACE": EndCause.ELSEWHERE,
    "PICKED_OFF": EndCause.ELSEWHERE,
    "BLIND_TRANSFER": EndCause.NORMAL,
    "ATTENDED_TRANSFER": EndCause.NORMAL,
    "ALLOTTED_TIMEOUT": EndCause.NO_ANSWER,
    "PROGRESS_TIMEOUT": EndCause.NO_ANSWER,
    "USER_CHALLENGE": EndCause.REFUSED,
    "USER_NOT_REGISTERED": EndCause.UNREACHABLE,
    "GATEWAY_DOWN": EndCause.UNREACHABLE,
    "INVALID_URL": EndCause.UNREACHABLE,
    "REJECT_ALL": EndCause.REFUSED,
    "BUSY_EVERYWHERE": EndCause.BUSY,
    "DOES_NOT_EXIST_ANYWHERE": EndCause.UNREACHABLE,
    "UNWANTED": EndCause.REFUSED,
    "NO_IDENTITY": EndCause.REFUSED,
    "MANAGER_REQUEST": EndCause.NORMAL,
}

_OUTCOMES = {
    EndCause.NORMAL: Outcome.NO_ANSWER,  # a phone that let go before it had answered
    EndCause.NO_ANSWER: Outcome.NO_ANSWER,
    EndCause.BUSY: Outcome.BUSY,
    EndCause.REFUSED: Outcome.REFUSED,
    EndCause.UNREACHABLE: Outcome.UNREACHABLE,
    EndCause.CANCELLED: Outcome.CANCELLED,
    EndCause.ELSEWHERE: Outcome.NO_ANSWER,
    EndCause.FAILED: Outcome.FAILED,
}


def outcome(disposition: str) -> Outcome:
    """What originate_disposition says of a dial: SUCCESS, or a hangup cause."""
    if disposition == "SUCCESS":
        return Outcome.ANSWERED
    return _OUTCOMES[CAUSES.get(disposition, EndCause.FAILED)]


def end_cause(cause: str, was_called: bool = False, was_answered: bool = True) -> EndCause:
    """Why a leg ended. A phone whose ringing was ended from this side was cancelled, a caller who left was not."""
    result = CAUSES.get(cause, EndCause.FAILED)
    if was_called and not was_answered and result is EndCause.NORMAL:
        return EndCause.CANCELLED
    if not was_called and result is EndCause.CANCELLED:
        return EndCause.NORMAL
    return result


def sip_status(variables: Mapping[str, str]) -> int | None:
    """The status of SIP with which the leg of these variables has been refused; None where there is none."""
    for name in ("variable_sip_term_status", "variable_sip_invite_failure_status"):
        status = variables.get(name, "")
        if status.isdecimal() and 300 <= int(status) <= 999:
            return int(status)
    return None
