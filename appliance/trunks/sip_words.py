"""What a provider's refusal means: SIP's status codes in words, with the probable cause and the remedy. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Blame(Enum):
    """Whose failure it is. Another trunk helps only where it is not the callee's."""

    CALLEE = "callee"
    TRUNK = "trunk"


@dataclass(frozen=True)
class Failure:
    """A failure as a person reads it: what happened, what it is mostly caused by, what to do about it."""

    what: str
    cause: str
    remedy: str
    blame: Blame


NO_ANSWER_FROM_HOST = Failure(
    "the provider's host does not answer",
    "a wrong host or port, a name that DNS does not know, a network that is down, or a firewall between us",
    "look the host up (`getent hosts HOST`), ask it by `ping`, and let the firewall pass SIP to it and from it",
    Blame.TRUNK,
)
_PASSWORD = Failure(
    "the provider does not accept our user name or password",
    "a wrong password, or a user name that is not the one for SIP",
    "put the provider's password into the secrets file, compare username, then render and reload the switch",
    Blame.TRUNK,
)
_FORBIDDEN = Failure(
    "the provider forbids it",
    "a wrong password, an account that is blocked or out of money, a number that we may not show, our address not "
    "being on the provider's list, or a destination that the contract excludes",
    "compare the password, `show` and the address we come from with what the provider says; ask it which of "
    "them it is",
    Blame.TRUNK,
)
_NO_SUCH_NUMBER = Failure(
    "the provider knows no such number",
    "a number that does not exist, or one written in another form than the provider expects",
    "compare `numbers` of the trunk with how the provider wants them: +7495..., 7495..., 8495...",
    Blame.CALLEE,
)
_CODECS = Failure(
    "the provider takes none of the codecs we offer, or sound in no such form",
    "codecs that have nothing in common, or SRTP wanted by one side only",
    "list a codec of the provider's in `codecs`; alaw and ulaw are taken by nearly everyone",
    Blame.TRUNK,
)
_FULL = Failure(
    "the provider has no way for the call now",
    "all lines of the contract in use, or a fault at the provider's",
    "set `calls` to the number of lines in the contract, add a second trunk to the rule, and tell the provider",
    Blame.TRUNK,
)
_SERVER_ERROR = Failure(
    "the provider's server has failed",
    "a fault at the provider's, or something in our call that it cannot cope with",
    "try again; where it stays, send the provider the time of the call and the number",
    Blame.TRUNK,
)
_BUSY = Failure(
    "the line of whom we called is busy", "a talk that goes on there", "call again later", Blame.CALLEE
)
_DECLINED = Failure(
    "whom we called has declined the call",
    "a person who pressed the red button, or a service that blocks unknown callers",
    "call later, or show another number",
    Blame.CALLEE,
)
_ABSENT = Failure(
    "whom we called cannot be reached now",
    "a telephone that is switched off, without signal, or that nobody answers",
    "call again later",
    Blame.CALLEE,
)
_INCOMPLETE = Failure(
    "the provider finds the number incomplete",
    "digits that are missing, or a number in another form than the provider expects",
    "compare `numbers` of the trunk with how the provider wants them",
    Blame.CALLEE,
)
_TIMEOUT = Failure(
    "no answer came in time",
    "a host that does not answer at all, or a provider that did not hear from the other end",
    "see whether the host answers (`appliance trunks`); where it does, ask the provider",
    Blame.TRUNK,
)
_CANCELLED = Failure(
    "the call was given up before an answer", "ours or theirs", "nothing is to be done", Blame.CALLEE
)
_REDIRECTED = Failure(
    "the provider sends us elsewhere",
    "a number that is forwarded, or a server that wants to be asked under another address",
    "put the address the provider names into `host` or `proxy`; forwarding by the caller's side is not done",
    Blame.TRUNK,
)
_NOT_UNDERSTOOD = Failure(
    "the provider does not understand our call",
    "something that it wants or does not want in an INVITE",
    "compare transport, from_user, from_domain and show_in with the provider's own guide",
    Blame.TRUNK,
)
_MONEY = Failure("the provider wants money first", "an account without money", "pay the provider", Blame.TRUNK)
_LOOP = Failure(
    "the call went in a circle",
    "forwarding that leads back",
    "look for two numbers forwarded to each other",
    Blame.CALLEE,
)
_GARBAGE = Failure(
    "the provider has answered something that is no answer of SIP's",
    "another service on that port, or a broken server",
    "compare host and port with the provider's own guide",
    Blame.TRUNK,
)

FAILURES: Mapping[int, Failure] = {
    **dict.fromkeys((401, 407), _PASSWORD),
    **dict.fromkeys((403, 433, 607, 608), _FORBIDDEN),
    **dict.fromkeys((404, 410, 604), _NO_SUCH_NUMBER),
    **dict.fromkeys((415, 488, 606), _CODECS),
    **dict.fromkeys((503, 502), _FULL),
    **dict.fromkeys((486, 600), _BUSY),
    **dict.fromkeys((400, 405, 406, 413, 414, 416, 420, 421, 422, 494, 505, 513, 580), _NOT_UNDERSTOOD),
    **dict.fromkeys((482, 483), _LOOP),
    402: _MONEY,
    408: _TIMEOUT,
    480: _ABSENT,
    481: _SERVER_ERROR,
    484: _INCOMPLETE,
    485: _INCOMPLETE,
    487: _CANCELLED,
    603: _DECLINED,
    504: _TIMEOUT,
}

WORDS: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    415: "Unsupported Media Type",
    480: "Temporarily Unavailable",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}


def failure(status: int | None) -> Failure:
    """What a status means; None: no answer of SIP's came at all."""
    if status is None:
        return NO_ANSWER_FROM_HOST
    if status in FAILURES:
        return FAILURES[status]
    if 300 <= status < 400:
        return _REDIRECTED
    if 400 <= status < 500:
        return _NOT_UNDERSTOOD
    if 500 <= status < 600:
        return _SERVER_ERROR
    if 600 <= status < 700:
        return _DECLINED
    return _GARBAGE


def named(status: int | None) -> str:
    """A status as a person quotes it: 404 Not Found."""
    if status is None:
        return "no SIP answer"
    return f"{status} {WORDS[status]}" if status in WORDS else str(status)
