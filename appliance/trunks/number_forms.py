"""Telephone numbers as providers want them written, and what numbering plans say of them. Pure."""

import re

import phonenumbers

from appliance.settings.trunks import LineType, NumberForm

_TYPES = phonenumbers.PhoneNumberType
_LINE_TYPES = {
    LineType.FIXED: (_TYPES.FIXED_LINE, _TYPES.FIXED_LINE_OR_MOBILE),
    LineType.MOBILE: (_TYPES.MOBILE, _TYPES.FIXED_LINE_OR_MOBILE),
    LineType.TOLL_FREE: (_TYPES.TOLL_FREE,),
    LineType.PREMIUM: (_TYPES.PREMIUM_RATE,),
    LineType.SHARED_COST: (_TYPES.SHARED_COST,),
    LineType.VOIP: (_TYPES.VOIP,),
    LineType.PERSONAL: (_TYPES.PERSONAL_NUMBER,),
    LineType.PAGER: (_TYPES.PAGER,),
    LineType.COMPANY: (_TYPES.UAN,),
}


def written_as(number: str, form: NumberForm, country: str) -> str:
    """A number of ours or of others as a provider wants it. What is not E.164 (112, 0611) stays as it is."""
    if not number.startswith("+") or form is NumberForm.PLUS:
        return number
    if form is NumberForm.E164:
        return number[1:]
    parsed = phonenumbers.parse(number, None)
    if parsed.country_code == phonenumbers.country_code_for_region(country):
        national = phonenumbers.national_significant_number(parsed)
        if form is NumberForm.SIGNIFICANT:
            return national
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
        return f"{(metadata.national_prefix if metadata else None) or ''}{national}"
    return re.sub(r"[^0-9]", "", phonenumbers.format_out_of_country_calling_number(parsed, country))


def is_of_country(number: str, country: str) -> bool:
    """Whether a number is of that country: +7 701 is Kazakhstan's, not Russia's."""
    parsed = phonenumbers.parse(number, None)
    # Of a range that is too new for the numbering plans, only the code of the country is known.
    region = phonenumbers.region_code_for_number(parsed)
    return (region or phonenumbers.region_code_for_country_code(parsed.country_code or 0)) == country


def is_of_type(number: str, line: LineType) -> bool:
    """Whether numbering plans say that of the number."""
    return phonenumbers.number_type(phonenumbers.parse(number, None)) in _LINE_TYPES[line]
