"""What the operator wants of trunks and of outgoing calls, as immutable data: a part of the Settings. Pure."""

from dataclasses import dataclass
from enum import Enum


class Transport(Enum):
    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class CallerFrom(Enum):
    """Where the number of who calls stands in an INVITE."""

    ANY = "any"  # P-Asserted-Identity, else Remote-Party-ID, else From
    FROM = "from"
    PAI = "pai"
    RPID = "rpid"


class ShowIn(Enum):
    """Where our own number stands in an INVITE of ours."""

    FROM = "from"
    PAI = "pai"
    RPID = "rpid"


class NumberForm(Enum):
    """How a provider writes telephone numbers."""

    PLUS = "+e164"  # +74951234567
    E164 = "e164"  # 74951234567
    NATIONAL = "national"  # 84951234567, abroad 810...
    SIGNIFICANT = "significant"  # 4951234567, abroad 810...


class LineType(Enum):
    """Types of numbers, as numbering plans tell them apart."""

    FIXED = "fixed"
    MOBILE = "mobile"
    TOLL_FREE = "toll-free"
    PREMIUM = "premium"
    SHARED_COST = "shared-cost"
    VOIP = "voip"
    PERSONAL = "personal"
    PAGER = "pager"
    COMPANY = "company"  # one number for all places of a company (UAN)


TLS_PORT = 5061  # of a provider, where none is written


@dataclass(frozen=True)
class Trunk:
    """A SIP provider. Registers when `username` and `register` are set; recognised by `addresses` too."""

    id: str
    host: str
    port: int = 5060
    username: str | None = None  # its password is the secret trunk-<id>
    register: bool = False
    addresses: tuple[str, ...] = ()  # IP addresses or networks its calls come from
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    dtmf: str = "rfc4733"
    transport: Transport = Transport.UDP
    srtp: bool = False  # sound is encrypted, or there is no call
    proxy: str | None = None  # host or host:port that requests are sent to instead
    from_user: str | None = None  # of the From header of whatever we send
    from_domain: str | None = None  # likewise
    caller_from: CallerFrom = CallerFrom.ANY
    forwarded: bool = False  # a call forwarded to us is a call to the number of ours that was dialled at first
    numbers: NumberForm = NumberForm.PLUS
    trusted: bool = True  # the callers' numbers are theirs, as far as a place in line goes
    show_in: tuple[ShowIn, ...] = ()  # as `shows_in` says where nothing is written
    early_media: bool = True  # callers hear the provider's announcements before the answer
    calls: int | None = None  # at most so many at once, in both directions together
    calls_per_hour: int | None = None  # at most so many outgoing ones
    qualify: float = 30.0  # seconds between OPTIONS; 0: none
    expires: float = 600.0  # seconds a registration is asked for
    retry: float = 30.0  # seconds until a registration that failed is tried again
    test: str | None = None  # the number that a test call goes to

    @property
    def shows_in(self) -> tuple[ShowIn, ...]:
        """Where our number stands. A provider that knows us by user name mostly wants that name in From."""
        return self.show_in or ((ShowIn.PAI,) if self.from_user or self.username else (ShowIn.FROM,))

    @property
    def sender(self) -> str | None:
        """The user of From, whatever number is shown; None: From has that number."""
        if self.from_user is not None:
            return self.from_user
        return None if ShowIn.FROM in self.shows_in else self.username


@dataclass(frozen=True)
class Numbers:
    """Some telephone numbers: all that is set here must be true of one."""

    dialled: str | None = None  # exactly what was dialled: 112
    prefix: str | None = None  # how the number begins, E.164: +7495
    country: str | None = None
    type: LineType | None = None


@dataclass(frozen=True)
class OutboundRule:
    """Which numbers phones may call and how. The first rule that fits a call decides."""

    id: str
    numbers: tuple[Numbers, ...] = ()  # none: any number
    trunks: tuple[str, ...] = ()  # in order: the next one is tried when one of them fails
    refuse: bool = False
    emergency: bool = False  # all phones may, without any cap
    phones: tuple[str, ...] = ()  # who may; none: all of them
    show: str | None = None  # the number of ours that is shown, E.164
    withhold: bool = False  # show none
    calls: int | None = None  # at most so many at once
    calls_per_hour: int | None = None
    ring_for: float = 60.0
