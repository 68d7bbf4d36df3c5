"""Asterisk's words for how a dial or a leg ended, in the words of the port: pure tables."""

from appliance.port import EndCause, Outcome

OUTCOMES = {
    "ANSWER": Outcome.ANSWERED,
    "NOANSWER": Outcome.NO_ANSWER,
    "BUSY": Outcome.BUSY,
    "CANCEL": Outcome.CANCELLED,
    "CHANUNAVAIL": Outcome.UNREACHABLE,
    "CONGESTION": Outcome.FAILED,
    "DONTCALL": Outcome.REFUSED,
    "TORTURE": Outcome.REFUSED,
    "INVALIDARGS": Outcome.FAILED,
}

# ITU-T Q.850. What is not listed is FAILED.
CAUSES = {
    0: EndCause.NORMAL,  # not defined: ended from this side without a word
    1: EndCause.UNREACHABLE,  # unallocated number
    2: EndCause.UNREACHABLE,  # no route to transit network
    3: EndCause.UNREACHABLE,  # no route to destination
    16: EndCause.NORMAL,  # normal call clearing
    17: EndCause.BUSY,  # user busy
    18: EndCause.UNREACHABLE,  # no user responding: not even to say that it rings
    19: EndCause.NO_ANSWER,  # no answer from user
    20: EndCause.UNREACHABLE,  # subscriber absent
    21: EndCause.REFUSED,  # call rejected
    22: EndCause.UNREACHABLE,  # number changed
    26: EndCause.ELSEWHERE,  # answered elsewhere
    27: EndCause.UNREACHABLE,  # destination out of order
    28: EndCause.UNREACHABLE,  # invalid number format
    29: EndCause.REFUSED,  # facility rejected
    31: EndCause.NORMAL,  # normal, unspecified
    55: EndCause.REFUSED,  # incoming calls barred
    57: EndCause.REFUSED,  # bearer capability not authorised
}

_OUTCOME_OF_CAUSE = {
    EndCause.NO_ANSWER: Outcome.NO_ANSWER,
    EndCause.BUSY: Outcome.BUSY,
    EndCause.REFUSED: Outcome.REFUSED,
    EndCause.FAILED: Outcome.FAILED,
}
_CAUSE_OF_OUTCOME = {
    Outcome.ANSWERED: EndCause.NORMAL,
    Outcome.NO_ANSWER: EndCause.NO_ANSWER,
    Outcome.BUSY: EndCause.BUSY,
    Outcome.REFUSED: EndCause.REFUSED,
    Outcome.UNREACHABLE: EndCause.UNREACHABLE,
    Outcome.CANCELLED: EndCause.CANCELLED,
    Outcome.FAILED: EndCause.FAILED,
}

# OriginateResponse's Reason when no leg came into being, an AST_CONTROL number.
_REASONS = {
    "0": EndCause.UNREACHABLE,
    "3": EndCause.NO_ANSWER,
    "5": EndCause.BUSY,
}


def outcome(dialstatus: str, cause: str = "") -> Outcome:
    """What DIALSTATUS says. Its CHANUNAVAIL covers a phone that declined as well, so there the cause decides."""
    result = OUTCOMES.get(dialstatus, Outcome.FAILED)
    if result is Outcome.UNREACHABLE:
        return _OUTCOME_OF_CAUSE.get(end_cause(cause), result) if cause else result
    return result


def end_cause(cause: str, dialstatus: str | None = None) -> EndCause:
    """Why a leg ended: its Q.850 number, and where that says no more than "normal", how its dial had ended.

    When the caller hangs up, Asterisk gives legs that ring for them the number of the phone that was dialled for
    them before, which may have been busy: there only DialEnd tells.

    DialEnd alone would not do: it says NOANSWER of a phone that declined, and of one whose ringing this side
    ended; the latter has "normal" for a number, a phone that rang out has none.
    """
    by_number = CAUSES.get(int(cause), EndCause.FAILED) if cause.isdecimal() else EndCause.FAILED
    if dialstatus == "CANCEL" and by_number is not EndCause.ELSEWHERE:
        return EndCause.CANCELLED
    if by_number is EndCause.NORMAL and dialstatus is not None:
        if dialstatus == "NOANSWER" and cause == "16":
            return EndCause.CANCELLED
        return _CAUSE_OF_OUTCOME[outcome(dialstatus)]
    return by_number


def sip_status(cause: str) -> int | None:
    """The status in Asterisk's "SIP 404 Not Found", or in a number alone; None where there is none."""
    status = cause.removeprefix("SIP ").partition(" ")[0]
    return int(status) if status.isdecimal() and 300 <= int(status) <= 999 else None


def reason(code: str) -> EndCause:
    """Why an originated leg was not answered."""
    return _REASONS.get(code, EndCause.FAILED)
