"""Which way an outgoing call takes: whether it may be made, by which trunks in order, and what is shown. Pure.

`plan` decides before anything is dialled and says why; `next_trunk_helps` decides after each attempt that failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from appliance.identify import to_e164
from appliance.names import ODD
from appliance.port import Dialled, Outcome, Outside
from appliance.settings import Settings
from appliance.settings.trunks import Numbers, OutboundRule, Trunk
from appliance.speech.prompts import KeyPath
from appliance.trunks.number_forms import is_of_country, is_of_type, written_as
from appliance.trunks.sip_words import Blame, failure

HOUR = 3600.0


class Refusal(Enum):
    """Why an outgoing call is not made; the value is the phrase that the caller hears."""

    NO_NUMBER = "outbound-no-number"
    NOT_ALLOWED = "outbound-not-allowed"
    TOO_MANY = "outbound-too-many"


class Load(Protocol):
    """What is known of trunks and rules at the moment."""

    def calls_of(self, trunk: str) -> int:
        """Calls over the trunk now, in both directions."""
        ...

    def calls_by(self, rule: str) -> int:
        """Outgoing calls by the rule now."""
        ...

    def lately_by_trunk(self, trunk: str, now: float) -> int:
        """Outgoing calls over the trunk in the last hour."""
        ...

    def lately_by_rule(self, rule: str, now: float) -> int: ...

    def is_down(self, trunk: str) -> bool:
        """Whether the switch says that the trunk does not answer or has refused our registration."""
        ...


class Quiet:
    """Trunks and rules on which there is no call: what may be called at all, whatever the load."""

    def calls_of(self, trunk: str) -> int:
        return 0

    def calls_by(self, rule: str) -> int:
        return 0

    def lately_by_trunk(self, trunk: str, now: float) -> int:
        return 0

    def lately_by_rule(self, rule: str, now: float) -> int:
        return 0

    def is_down(self, trunk: str) -> bool:
        return False


@dataclass(frozen=True)
class Reason:
    """A sentence for the records, and the keys that lead to the value that it is about."""

    text: str
    because: KeyPath = ("outbound",)


@dataclass(frozen=True)
class Plan:
    """What is to be tried, in order, or why nothing is; `reasons` say how that came about."""

    attempts: tuple[Outside, ...] = ()
    rule: OutboundRule | None = None
    number: str | None = None  # E.164 of what was dialled, where it is such a number
    shown: str | None = None  # the number of ours that is shown, E.164
    refusal: Refusal | None = None
    alarm: bool = False  # a cap was reached: somebody should know
    reasons: tuple[Reason, ...] = ()


def plan(settings: Settings, dialled: str, phone: str, load: Load, now: float) -> Plan:
    """What becomes of a number that a phone has dialled; `phone` is "" for a caller who is put through to it."""
    number = None if dialled == ODD else to_e164(dialled, settings.country)
    reasons: list[Reason] = []
    if dialled == ODD:
        odd = Reason("it has characters that no telephone number has", ())
        return Plan(refusal=Refusal.NO_NUMBER, reasons=(odd,))
    for rule in settings.outbound.values():
        if not any(fits(numbers, dialled, number) for numbers in rule.numbers or (Numbers(),)):
            continue
        if not rule.numbers and number is None:
            continue  # any number, but this is none
        if rule.phones and phone not in rule.phones and not rule.emergency:
            whom = f"phone {phone}" if phone else "callers who are put through"
            reasons.append(Reason(f"rule {rule.id}: not for {whom}", ("outbound", rule.id, "phones")))
            continue
        return _by_rule(settings, rule, dialled, number, load, now, reasons)
    if number is None and not dialled.isdecimal():
        return Plan(refusal=Refusal.NO_NUMBER, reasons=(*reasons, Reason("it is no telephone number", ())))
    return Plan(number=number, refusal=Refusal.NOT_ALLOWED, reasons=(*reasons, Reason("no rule allows it")))


def fits(numbers: Numbers, dialled: str, number: str | None) -> bool:
    """Whether a number is one of these: all that they say is true of it."""
    if numbers.dialled is not None and numbers.dialled not in (dialled, number):
        return False
    if numbers.prefix is None and numbers.country is None and numbers.type is None:
        return True
    return (
        number is not None
        and number.startswith(numbers.prefix or "")
        and (numbers.country is None or is_of_country(number, numbers.country))
        and (numbers.type is None or is_of_type(number, numbers.type))
    )


def _by_rule(
    settings: Settings,
    rule: OutboundRule,
    dialled: str,
    number: str | None,
    load: Load,
    now: float,
    reasons: list[Reason],
) -> Plan:
    here = ("outbound", rule.id)
    if rule.refuse:
        refused = (*reasons, Reason(f"rule {rule.id} refuses it", (*here, "refuse")))
        return Plan(rule=rule, number=number, refusal=Refusal.NOT_ALLOWED, reasons=refused)
    reasons.append(Reason(f"rule {rule.id}" + (" (emergency)" if rule.emergency else ""), here))
    if too_many := _full_rule(rule, load, now):
        full_rule = (*reasons, too_many)
        return Plan(rule=rule, number=number, refusal=Refusal.TOO_MANY, alarm=True, reasons=full_rule)
    usable: list[Trunk] = []
    capped = False
    for trunk in (settings.trunks[id] for id in rule.trunks if id in settings.trunks):
        full = "" if rule.emergency else full_trunk(trunk, load, now)
        if full:
            capped = True
            reasons.append(Reason(f"trunk {trunk.id} passed over: {full}", ("trunks", trunk.id)))
        else:
            usable.append(trunk)
    if not usable:
        return Plan(rule=rule, number=number, refusal=Refusal.TOO_MANY, alarm=capped, reasons=tuple(reasons))
    down = [trunk for trunk in usable if load.is_down(trunk.id)]
    if len(usable) > len(down):
        reasons += [Reason(f"trunk {t.id} comes last: it is down", (*here, "trunks")) for t in down]
    ordered = [*(trunk for trunk in usable if trunk not in down), *down]
    is_short = any(numbers.dialled == dialled for numbers in rule.numbers)
    called = dialled if is_short or number is None else number
    shown = None if rule.withhold else rule.show or first_number(settings)
    attempts = tuple(outside(settings, trunk, called, shown) for trunk in ordered)
    return Plan(attempts, rule, number, shown, reasons=tuple(reasons))


def _full_rule(rule: OutboundRule, load: Load, now: float) -> Reason | None:
    here = ("outbound", rule.id)
    if rule.emergency:
        return None
    if rule.calls is not None and load.calls_by(rule.id) >= rule.calls:
        return Reason(f"rule {rule.id} has {rule.calls} calls already", (*here, "calls"))
    if rule.calls_per_hour is not None and load.lately_by_rule(rule.id, now) >= rule.calls_per_hour:
        text = f"rule {rule.id} has had {rule.calls_per_hour} calls in the last hour"
        return Reason(text, (*here, "calls_per_hour"))
    return None


def full_trunk(trunk: Trunk, load: Load, now: float) -> str:
    """Why the trunk takes no further call; "" if it does."""
    if trunk.calls is not None and load.calls_of(trunk.id) >= trunk.calls:
        return f"it has {trunk.calls} calls already"
    if trunk.calls_per_hour is not None and load.lately_by_trunk(trunk.id, now) >= trunk.calls_per_hour:
        return f"it has had {trunk.calls_per_hour} calls in the last hour"
    return ""


def outside(settings: Settings, trunk: Trunk, number: str, shown: str | None) -> Outside:
    """A number by way of a trunk, in the trunk's own form."""
    return Outside(
        trunk=trunk.id,
        number=written_as(number, trunk.numbers, settings.country),
        shown=None if shown is None else written_as(shown, trunk.numbers, settings.country),
        early_media=trunk.early_media,
    )


def first_number(settings: Settings) -> str | None:
    """The number of ours that is shown where none is named."""
    return next((number for number in settings.numbers if number.startswith("+")), None)


# An outcome without a status of SIP's: whether another trunk may do better.
_HELPS: Mapping[Outcome, bool] = {
    Outcome.ANSWERED: False,
    Outcome.NO_ANSWER: False,
    Outcome.BUSY: False,
    Outcome.REFUSED: False,
    Outcome.CANCELLED: False,
    Outcome.UNREACHABLE: True,
    Outcome.FAILED: True,
}


def next_trunk_helps(dialled: Dialled) -> bool:
    """Whether the trunk has failed, and not the callee."""
    if dialled.outcome in (Outcome.ANSWERED, Outcome.NO_ANSWER, Outcome.CANCELLED):
        return False
    if dialled.status is None:
        return _HELPS[dialled.outcome]
    return failure(dialled.status).blame is Blame.TRUNK
