"""What the operator wants of tasks: by when they are to be done, and who is told where they are not. Pure."""

from dataclasses import dataclass
from enum import Enum

from appliance.settings.destinations import Prompt
from appliance.settings.leaving import written

OWNER = "owner"  # of the task, instead of an agent's number


@dataclass(frozen=True)
class Owing:
    """A task that opens by itself, and by when it is to be done."""

    due: float = 4 * 3600.0  # seconds after it was opened
    hours: str | None = None  # only the time counts in which these are open; all of it without
    is_owned: bool = True  # by the agent who keyed it, where there is one

    def __str__(self) -> str:
        hours = f" of {self.hours}" if self.hours else ""
        return f"due in {written(self.due)}{hours}" + ("" if self.is_owned else ", of nobody")


@dataclass(frozen=True)
class Escalation:
    """One step of the chain: who is told of a task that is late. Exactly one of the ways is set."""

    after: float  # seconds after the deadline
    webhook: str | None = None  # a URL, or the id of one of the webhooks, which is signed
    email: tuple[str, ...] = ()  # addresses
    call: str | None = None  # a phone of ours, or a number outside
    agent: str | None = None  # who is called at the phone of the moment, or OWNER
    say: Prompt | None = None  # who is called hears it first; the appliance's own words without
    hours: str | None = None  # nobody is told while these are closed, but when they open

    @property
    def to(self) -> str:
        """Who is told, for a person."""
        if self.webhook:
            return f"webhook {self.webhook}"
        if self.email:
            return f"e-mail to {', '.join(self.email)}"
        if self.call:
            return f"call to {self.call}"
        return "call to the owner" if self.agent == OWNER else f"call to agent {self.agent}"

    def __str__(self) -> str:
        return f"{self.to} after {written(self.after)}" + (f" in the hours {self.hours}" if self.hours else "")


class Encryption(Enum):
    """How the connection to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True)
class Mail:
    """The server that takes our e-mail. With a user, the password is the secret mail."""

    host: str
    sender: str
    port: int = 587
    encryption: Encryption = Encryption.STARTTLS
    user: str | None = None
