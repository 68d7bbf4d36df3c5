"""What the operator wants of the HTTP port: where it listens, who may ask what how often, and the form. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Texts = Mapping[str, str]  # language -> text


@dataclass(frozen=True)
class Limit:
    """So many within so many seconds."""

    most: int
    within: float


@dataclass(frozen=True)
class Limits:
    """How many call-backs may be asked for."""

    per_address: Limit = Limit(5, 600.0)
    per_number: Limit = Limit(2, 3600.0)
    all: Limit = Limit(100, 600.0)


@dataclass(frozen=True)
class FormField:
    """Something the form asks for beside the number: it is told to the agent."""

    label: Texts
    longest: int = 200
    needed: bool = False


@dataclass(frozen=True)
class Form:
    """What customers are asked, and for which queues."""

    departments: Mapping[str, Texts] = field(default_factory=dict)  # queue -> name; {}: all with call-backs
    fields: Mapping[str, FormField] = field(default_factory=dict)
    fill_in: float = 3.0  # seconds; who is faster is no person


@dataclass(frozen=True)
class Web:
    """The HTTP port. It speaks no TLS: a reverse proxy in front of it does."""

    port: int
    address: str = "127.0.0.1"
    url: str = ""  # under which customers reach it, without a slash at the end
    proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed
    origins: tuple[str, ...] = ()  # sites whose pages may ask
    signature: bool = False  # whoever asks for a call-back has to sign that with the secret web-signature
    limits: Limits = Limits()
    form: Form = field(default_factory=Form)

    @property
    def base(self) -> str:
        """What the addresses of all pages begin with."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.url or f"http://{host}:{self.port}"
