"""Which numbers may be called back: those that the rules for outgoing calls allow for this, but none that costs
extra, none for emergencies, none of ours. Pure.

Whatever a caller keys, an agent enters or a web form sends is a text of strangers. It must not make the appliance
dial a premium number at all, nor one abroad unless the operator's own rules do so for customers.
"""

from dataclasses import dataclass
from enum import Enum

import phonenumbers
from phonenumbers import PhoneNumber, shortnumberinfo

from appliance.callbacks.routes import callback_plan
from appliance.identify import find_number, to_e164
from appliance.settings import Settings
from appliance.settings.trunks import LineType
from appliance.speech.prompts import KeyPath
from appliance.trunks.number_forms import is_of_type
from appliance.trunks.outbound import Quiet

_COSTLY = {LineType.PREMIUM: "a premium-rate number", LineType.SHARED_COST: "a shared-cost number"}


class Why(Enum):
    """Why a number is not called back, for who has to say it in other words."""

    NO_CALLBACK = "nobody is called back for this queue"
    NO_NUMBER = "no telephone number"
    NOT_IN_USE = "no such number"
    EMERGENCY = "an emergency number"
    SHORT = "a short number"
    COSTLY = "a number that costs extra"
    OURS = "a number of ours"
    BLOCKED = "a customer who is refused"
    NO_RULE = "not allowed by the rules for outgoing calls"


@dataclass(frozen=True)
class Allowed:
    """The number as it is dialled, E.164."""

    number: str


@dataclass(frozen=True)
class NotAllowed:
    """A sentence for a person, and the keys that lead to what says so, if anything does."""

    why: Why
    text: str
    because: KeyPath = ()


def allowed(settings: Settings, queue: str, written: str) -> Allowed | NotAllowed:
    """Whether a customer of that queue may be called back at a number in any spelling, however busy the trunks."""
    known = settings.queues.get(queue)
    if known is None or known.callback is None:
        here = ("queues", queue) if known else ("queues",)
        return NotAllowed(Why.NO_CALLBACK, "Nobody is called back for this queue.", here)
    digits = "".join(each for each in written[:40] if each.isascii() and each.isdecimal())
    if settings.country in phonenumbers.SUPPORTED_REGIONS and _is_emergency(digits, settings.country):
        return NotAllowed(Why.EMERGENCY, f"{digits} is an emergency number.")
    number = to_e164(written, settings.country)
    if number is None:
        return NotAllowed(Why.NO_NUMBER, "This is no telephone number that could be called from outside.")
    return _not_for_anybody(number) or _not_for_us(settings, number) or _by_rules(settings, queue, number)


def _not_for_anybody(number: str) -> NotAllowed | None:
    """What numbering plans say against a number."""
    parsed = phonenumbers.parse(number, None)
    if _connects_to_emergency(parsed):
        return NotAllowed(Why.EMERGENCY, f"{number} is an emergency number.")
    if not phonenumbers.is_valid_number(parsed):
        if shortnumberinfo.is_valid_short_number(parsed):
            return NotAllowed(Why.SHORT, f"{number} is a short number, which is known in its own country alone.")
        return NotAllowed(Why.NOT_IN_USE, f"There is no such number as {number}.")
    for line, what in _COSTLY.items():
        if is_of_type(number, line):
            return NotAllowed(Why.COSTLY, f"{number} is {what}.")
    return None


def _not_for_us(settings: Settings, number: str) -> NotAllowed | None:
    """What our own configuration says of whose number it is."""
    if ours := find_number(settings, number):
        return NotAllowed(Why.OURS, f"{number} is a number of ours.", ("numbers", ours.id))
    customer = settings.customers.get(number)
    group = settings.groups.get(customer.group) if customer and customer.group else None
    if group is not None and group.refuse is not None:
        return NotAllowed(Why.BLOCKED, f"Calls of {number} are refused.", ("groups", group.id, "refuse"))
    return None


def _by_rules(settings: Settings, queue: str, number: str) -> Allowed | NotAllowed:
    """What the rules for outgoing calls say."""
    plan = callback_plan(settings, queue, number, Quiet(), 0.0)
    if plan.refusal is None:
        return Allowed(number)
    reason = plan.reasons[-1] if plan.reasons else None
    because = reason.because if reason else ("outbound",)
    if plan.rule is not None and not plan.rule.refuse:
        return NotAllowed(Why.NO_RULE, f"No trunk takes calls to {number}.", (*because, "trunks"))
    text = reason.text if reason else "no rule allows it"
    return NotAllowed(Why.NO_RULE, f"{number} may not be called back: {text}.", because)


def _connects_to_emergency(parsed: PhoneNumber) -> bool:
    """Whether it would be an emergency number in its own country, as +2710111 is."""
    national = phonenumbers.national_significant_number(parsed)
    regions = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return any(_is_emergency(national, region) for region in regions if region in phonenumbers.SUPPORTED_REGIONS)


def _is_emergency(digits: str, region: str) -> bool:
    return bool(digits) and shortnumberinfo.is_emergency_number(digits, region)
