"""What is remembered of telling other programs: part of appliance.facts. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReminderDue:
    """It is time to remind a customer, by that webhook, of the call-back that was agreed for then."""

    visit: str
    at: float
    hook: str
    not_before: float


@dataclass(frozen=True)
class WebhookReached:
    """A receiver has been told of everything up to that number of the event table that is for it."""

    hook: str
    at: float
    n: int
