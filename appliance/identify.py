"""Who calls whom: telephone numbers in every spelling, the number of ours that was called, the customer. Pure."""

from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, ValidationResult

from appliance.settings import Customer, Group, Number, Settings
from appliance.settings.trunks import NumberForm

NO_COUNTRY = "ZZ"  # stands in for one that could not be read; no national number belongs there
_LONGEST = 40  # of any spelling; what is longer is no telephone number
_PUNCTUATION = str.maketrans("", "", " -().\u00a0\u2011/")


@dataclass(frozen=True)
class Caller:
    """`number` is E.164, None where the caller withheld it or it is not a telephone number."""

    number: str | None
    customer: Customer | None
    group: Group | None


def to_e164(raw: str, country: str) -> str | None:
    """A telephone number in any spelling as E.164; None for anonymous, internal and impossible ones.

    Providers leave out the plus, or write 00 for it whatever the country; a spelling that is a valid
    national number is taken as one first.
    """
    digits = raw[: _LONGEST + 1].strip().translate(_PUNCTUATION)
    plus = digits.startswith("+")
    bare = digits[1:] if plus else digits
    if len(raw) > _LONGEST or not (bare.isascii() and bare.isdecimal()):
        return None
    if plus:
        return _e164(_parsed(digits, None))
    national = _parsed(bare, country)
    spellings = [national, _parsed(f"+{bare[2:]}", None) if bare.startswith("00") else None]
    spellings.append(_parsed(f"+{bare}", None))
    for number in spellings:
        if number and phonenumbers.is_valid_number(number):
            return _e164(number)
    return _e164(national)


def read_from(written: str, form: NumberForm, country: str) -> str | None:
    """E.164 of a number that a trunk has written, None where it is none. The trunk's own form is tried first."""
    bare = written.strip()
    if form is NumberForm.E164 and bare.isascii() and bare.isdecimal() and not bare.startswith("0"):
        number = _parsed(f"+{bare}", None)
        if number is not None and phonenumbers.is_valid_number(number):
            return _e164(number)
    return to_e164(written, country)


def called_number(settings: Settings, dnis: str, diverted: str, trunk: str) -> Number | None:
    """The number of ours that was called: the one dialled at first, where the trunk's forwarded calls are to count
    so and it is one of ours. A number that was forwarded is never called by us, so no circle can come of it."""
    known = settings.trunks.get(trunk)
    first = find_number(settings, diverted) if diverted and known and known.forwarded else None
    return first or find_number(settings, dnis)


def find_number(settings: Settings, dnis: str) -> Number | None:
    """The number of ours that a trunk delivered."""
    exact = settings.numbers.get(dnis)
    if exact:
        return exact
    normalised = to_e164(dnis, settings.country)
    return settings.numbers.get(normalised) if normalised else None


def number_forms(number_id: str, country: str) -> tuple[str, ...]:
    """All spellings in which a trunk may deliver a number of ours, the id itself first."""
    number = _parsed(number_id, None) if number_id.startswith("+") else None
    if number is None:
        return (number_id,)
    forms = [number_id, number_id[1:]]
    if number.country_code == phonenumbers.country_code_for_region(country):
        national = phonenumbers.national_significant_number(number)
        metadata = PhoneMetadata.metadata_for_region(country)
        prefix = metadata.national_prefix if metadata else None
        forms += [f"{prefix}{national}"] if prefix else []
        forms.append(national)
    return tuple(dict.fromkeys(forms))


def identify(settings: Settings, ani: str, trunk: str = "") -> Caller:
    """Who calls, as far as the number tells."""
    known = settings.trunks.get(trunk)
    number = read_from(ani, known.numbers if known else NumberForm.PLUS, settings.country)
    customer = settings.customers.get(number) if number else None
    group = settings.groups.get(customer.group) if customer and customer.group else None
    return Caller(number, customer, group)


def _parsed(spelling: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(spelling, country)
    except phonenumbers.NumberParseException:
        return None


def _e164(number: PhoneNumber | None) -> str | None:
    if number is None:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    if _keeps_prefix(number) and not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _keeps_prefix(number: PhoneNumber) -> bool:
    """Whether it begins with a zero in a country that dials a prefix before its numbers.

    The library leaves the prefix where the rest has no possible length, and counts it as a digit then.
    """
    metadata = PhoneMetadata.metadata_for_region(
        phonenumbers.region_code_for_country_code(number.country_code or 0)
    )
    has_prefix = metadata is not None and metadata.national_prefix is not None
    return has_prefix and phonenumbers.national_significant_number(number).startswith("0")
