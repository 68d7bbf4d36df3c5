"""What the operator wants, as immutable data: the checked form of the YAML directory.

Lengths of time are seconds, telephone numbers are E.164 (with +), ids are the keys of the YAML.
`appliance.configuration.reading` makes it from YAML, `appliance.configuration.checks` says what is wrong with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from appliance.line.skills import NOTHING, Needs
from appliance.line.sticky import ComesBack as ComesBack
from appliance.line.sticky import Sticky as Sticky
from appliance.settings.callback import Callback as Callback
from appliance.settings.destinations import Destination as Destination
from appliance.settings.destinations import Prompt as Prompt
from appliance.settings.destinations import Say as Say
from appliance.settings.destinations import SoundFile as SoundFile
from appliance.settings.hours import Closure as Closure
from appliance.settings.hours import Hours as Hours
from appliance.settings.hours import Span as Span
from appliance.settings.leaving import Overflow as Overflow
from appliance.settings.leaving import Presence as Presence
from appliance.settings.leaving import WhenEmpty as WhenEmpty
from appliance.settings.queues import AppQueue as AppQueue
from appliance.settings.queues import AppQueueStrategy as AppQueueStrategy
from appliance.settings.queues import Order as Order
from appliance.settings.queues import PauseAfter as PauseAfter
from appliance.settings.queues import Strategy as Strategy
from appliance.settings.queues import Tier as Tier
from appliance.settings.tasks import Encryption as Encryption
from appliance.settings.tasks import Escalation as Escalation
from appliance.settings.tasks import Mail as Mail
from appliance.settings.tasks import Owing as Owing
from appliance.settings.trunks import OutboundRule as OutboundRule
from appliance.settings.trunks import Transport as Transport
from appliance.settings.trunks import Trunk as Trunk
from appliance.settings.web import Web as Web
from appliance.settings.webhooks import Told as Told
from appliance.settings.webhooks import Webhook as Webhook


class SwitchKind(Enum):
    ASTERISK = "asterisk"
    FREESWITCH = "freeswitch"


@dataclass(frozen=True)
class Network:
    """Where the appliance and the switch listen and talk to each other."""

    sip_address: str = "0.0.0.0"
    sip_port: int = 5060
    rtp_first: int = 10000
    rtp_last: int = 20000
    external_address: str | None = None  # what phones and trunks see, behind NAT
    local_networks: tuple[str, ...] = ()
    agi_port: int = 4573  # always on 127.0.0.1
    ami_port: int = 5038  # always on 127.0.0.1
    esl_port: int = 8084  # always on 127.0.0.1: FreeSWITCH brings its legs here
    event_socket_port: int = 8021  # always on 127.0.0.1: FreeSWITCH takes commands here
    tls_port: int | None = None  # SIP over TLS, and SRTP for phones that want it; none without
    certificate: Path = Path("/etc/appliance/tls/certificate.pem")
    key: Path = Path("/etc/appliance/tls/key.pem")


@dataclass(frozen=True)
class Keep:
    """How long what has happened is kept: seconds, None for ever. `backups` and `versions` are numbers of them."""

    records: float | None = None
    recordings: float | None = None
    journal: float | None = 35 * 86400.0  # of what the line was told; not longer than the records
    backups: int = 14
    versions: int = 50


@dataclass(frozen=True)
class Speech:
    """The text-to-speech engine: a command that reads text on its standard input and writes {file} (WAV).

    {voice} is replaced by the language's voice.
    """

    command: str = "espeak-ng -v {voice} -s 150 -w {file} --stdin"
    voices: Mapping[str, str] = field(default_factory=lambda: {"ru": "ru", "en": "en-us"})


@dataclass(frozen=True)
class Number:
    """A number we own (DID), as callers dial it: E.164, or the short text a trunk delivers."""

    id: str
    name: str
    open: Destination
    hours: str | None = None  # always open without
    closed: Destination | None = None  # set when hours is
    holiday: Destination | None = None  # instead of `closed` on a day that is closed as a whole
    greeting: Prompt | None = None
    language: str | None = None
    priority: float = 0.0  # seconds of head start in every queue
    needs: Needs = NOTHING  # in every queue
    fallback: str | None = None  # queue of the switch that serves when the appliance is gone


@dataclass(frozen=True)
class Menu:
    id: str
    prompt: Prompt
    choices: Mapping[str, Destination]  # key -> where
    wait: float = 5.0  # for the first key after the prompt
    tries: int = 3  # wrong keys and time-outs together, before `otherwise`
    extensions: bool = False  # callers may dial a phone directly
    wrong: Prompt | None = None
    otherwise: Destination | None = None  # hang up politely without


@dataclass(frozen=True)
class Announcement:
    """What who waits in line is told on joining, and then `every` so many seconds."""

    prompt: Prompt
    every: float | None = None


@dataclass(frozen=True)
class Comfort:
    """What who waits in line hears now and then: one of these in turn, `every` so many seconds after joining."""

    messages: tuple[Prompt, ...]
    every: float


@dataclass(frozen=True)
class Queue:
    id: str
    name: str
    strategy: Strategy  # with `app_queue`, what comes nearest
    agents: tuple[str, ...]  # of all tiers
    tiers: tuple[Tier, ...] = ()  # after the first, which are the agents named in none of these
    shares: Mapping[str, float] = field(default_factory=dict)  # weighted-random: agent -> how often; 1 without
    needs: Needs = NOTHING
    weight: float = 1.0  # a second of waiting here counts as so many
    pause_after: PauseAfter | None = None  # the site's without
    sticky: Sticky = field(default_factory=Sticky)
    app_queue: AppQueue | None = None  # agents are rung as that would
    comes_back: ComesBack | None = None  # who was lost comes back as anybody else without
    ring_for: float = 20.0  # per offer
    ring_next_after: float = 5.0  # ring-progressively: then one more phone rings
    wrap_up: float = 0.0  # at most this long after each talk
    music: str = "default"
    record: bool = False
    greeting: Prompt | None = None
    dispositions: str | None = None  # id of a list
    service_level: float = 20.0  # answered within this time counts as in time
    hours: str | None = None  # always open without; asked of who is about to join, not of who waits
    closed: Destination | None = None  # set when hours is
    announce: Announcement | None = None
    whisper: Prompt | None = None  # heard by the agent alone, before the talk
    accept: bool = False  # the agent has to press a key to have the call
    overflow: tuple[Overflow, ...] = ()  # in the order in which they are asked
    when_empty: WhenEmpty | None = None
    keys: Mapping[str, Destination] = field(default_factory=dict)  # that callers in line may press
    comfort: Comfort | None = None
    callback: Callback | None = None  # nobody is called back without
    escalation: tuple[Escalation, ...] = ()  # who is told of its tasks that are late; the site's chain without

    @property
    def strategy_name(self) -> str:
        """As the configuration has it."""
        name: str = (self.app_queue or self).strategy.value
        return name


@dataclass(frozen=True)
class Phone:
    """A SIP account. Its id is the extension others dial; its password is the secret phone-<id>."""

    id: str
    name: str
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    contact: str | None = None  # a fixed SIP address instead of registration
    secure: bool = False  # by TLS, and with SRTP always
    transport: Transport = Transport.UDP  # of one that is not secure: UDP or TCP
    voicemail: str | None = None  # the box for callers whom nobody answers


@dataclass(frozen=True)
class Box:
    """Where callers leave messages. The PIN by which they are listened to is the secret voicemail-<id>."""

    id: str
    name: str
    number: str  # that is keyed to listen
    greeting: Prompt | None = None  # the appliance's own without
    longest: float = 180.0  # seconds of a message


@dataclass(frozen=True)
class Provisioning:
    """The HTTPS server from which phones get their configuration, and what they are told."""

    host: str  # in links, and where phones find the switch unless `sip_host` says otherwise
    certificate: Path
    key: Path
    networks: tuple[str, ...]  # everybody else is served nothing
    address: str = "0.0.0.0"  # where the server listens
    port: int = 8443
    sip_host: str | None = None
    voicemail: str | None = None  # what a phone's voicemail key dials


@dataclass(frozen=True)
class Agent:
    """A person. The PIN is the secret agent-<id>."""

    id: str
    name: str
    language: str | None = None
    skills: Mapping[str, int] = field(default_factory=dict)  # and how well each is had
    supervisor: bool = False  # may set hours and notices by phone


@dataclass(frozen=True)
class Pause:
    """A reason to pause; its id is the digit that is keyed after the pause code."""

    id: str
    name: str


@dataclass(frozen=True)
class Disposition:
    """What came of a talk; its id is the digits the agent keys."""

    id: str
    name: str
    task: Owing | None = None  # something is left to be done


@dataclass(frozen=True)
class DispositionList:
    id: str
    prompt: Prompt | None
    choices: Mapping[str, Disposition]


@dataclass(frozen=True)
class FeatureCodes:
    """What agents dial on any phone."""

    sign_on: str = "*11"
    sign_off: str = "*12"
    pause: str = "*13"
    resume: str = "*14"
    wrap_up: str = "*15"  # key the disposition, or end the wrap-up
    callback: str = "*16"  # promise a customer a call
    day_night: str = "*21"  # supervisors: open or close by hand
    notice: str = "*22"  # supervisors: record a notice for callers
    voicemail: str = "*97"  # listen to the messages of a box


@dataclass(frozen=True)
class Group:
    """A group of customers and how they are treated."""

    id: str
    name: str
    priority: float = 0.0  # seconds of head start
    greeting: Prompt | None = None  # instead of the number's
    refuse: Prompt | None = None  # heard instead of everything else
    to: Destination | None = None  # instead of the number's `open`


@dataclass(frozen=True)
class Customer:
    """One row of customers.csv."""

    number: str  # E.164
    name: str
    group: str | None
    language: str | None
    agent: str | None = None  # the customer's own


@dataclass(frozen=True)
class Settings:
    """The whole configuration directory."""

    directory: Path
    company: str
    country: str  # ISO 3166 code, e.g. RU: national numbers of callers belong there
    time_zone: str
    language: str
    switch: SwitchKind = SwitchKind.ASTERISK
    database: str = "sqlite"  # or a peewee database URL: postgresql://...
    recordings: Path = Path("/var/spool/appliance/recordings")
    backups: Path = Path("/var/backups/appliance")
    keep: Keep = field(default_factory=Keep)
    fallback_after: float = 60.0  # seconds a caller is held for a dead appliance
    order: Order = Order.AGEING
    pause_after: PauseAfter = field(default_factory=PauseAfter)
    network: Network = field(default_factory=Network)
    speech: Speech = field(default_factory=Speech)
    codes: FeatureCodes = field(default_factory=FeatureCodes)
    provisioning: Provisioning | None = None
    web: Web | None = None
    trunks: Mapping[str, Trunk] = field(default_factory=dict)
    outbound: Mapping[str, OutboundRule] = field(default_factory=dict)  # in the order in which they are tried
    numbers: Mapping[str, Number] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    menus: Mapping[str, Menu] = field(default_factory=dict)
    queues: Mapping[str, Queue] = field(default_factory=dict)
    removed: Mapping[str, Destination] = field(default_factory=dict)  # what has become of queues that are no more
    phones: Mapping[str, Phone] = field(default_factory=dict)
    agents: Mapping[str, Agent] = field(default_factory=dict)
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    dispositions: Mapping[str, DispositionList] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    customers: Mapping[str, Customer] = field(default_factory=dict)  # by number
    voicemail: Mapping[str, Box] = field(default_factory=dict)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    mail: Mail | None = None  # by which e-mail is sent
    escalation: tuple[Escalation, ...] = ()  # who is told of tasks that are late, in the order of time
    music: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)  # class -> WAV files
    phrases: Mapping[str, Prompt] = field(default_factory=dict)  # what the appliance itself says, by name

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language a caller or agent may meet, the site's own first."""
        others = {n.language for n in self.numbers.values()} | {a.language for a in self.agents.values()}
        others |= {c.language for c in self.customers.values()}
        return (self.language, *sorted(language for language in others if language and language != self.language))
