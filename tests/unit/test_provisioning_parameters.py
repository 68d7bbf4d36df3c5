"""Every parameter that a phone is told is one that its vendor has, with a value that it takes.

phone_parameters.csv says of each what it means and in which public place it was found: vendors' own samples, or
templates with which others provision phones every day. Numbers of accounts, keys and codecs are N there.
"""

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.account import Account, Transport
from tests.unit.phone_files import ACCOUNT, cisco, grandstream, microsip, parsed, yealink

TABLE = Path(__file__).with_name("phone_parameters.csv")
CODECS = (("alaw", "ulaw"), ("ulaw",), ("g722", "opus", "alaw"), ("opus", "alaw"), ("gsm", "speex", "alaw"))


def known() -> dict[tuple[str, str], tuple[str, str, str]]:
    """Format and parameter, to values (a regular expression), meaning and source."""
    with TABLE.open(newline="") as file:
        return {
            (row["format"], row["parameter"]): (row["values"], row["meaning"], row["source"])
            for row in csv.DictReader(file)
        }


KNOWN = known()
FORMATS = sorted({format for format, _ in KNOWN})


def pairs(format: str, account: Account) -> Iterator[tuple[str, str]]:
    """The parameters and their values as they stand in the file."""
    if format == "yealink":
        yield from yealink(account).items()
    elif format == "grandstream":
        yield from grandstream(account).items()
    elif format == "cisco-spa":
        yield from cisco(account).items()
    elif format == "microsip":
        ini = microsip(account)
        yield from (
            (f"{section}/{key}", value) for section in ini.sections() for key, value in ini[section].items()
        )
    else:
        for element in parsed(format, account).iter():
            if not len(element):
                yield element.tag, element.text or ""


def without_numbers(name: str) -> str:
    """Codecs are not counted, so their numbers stay: g722, but g726_16 is one of several."""
    return re.sub(r"(?<=[._/-])\d+(?=[._]|$)|(?<=Account)\d+(?=/)|(?<=g726_)\d+|(?<=g723_)\d+", "N", name)


@pytest.mark.parametrize("format", FORMATS)
def test_each_parameter_is_known_and_has_a_value_it_takes(format: str) -> None:
    seen = set()
    for transport, srtp, codecs, voicemail in itertools.product(Transport, (False, True), CODECS, ("*98", None)):
        account = replace(ACCOUNT, transport=transport, srtp=srtp, codecs=codecs, voicemail=voicemail)
        for name, value in pairs(format, account):
            key = (format, without_numbers(name))
            assert key in KNOWN, f"{name} is not in {TABLE.name}"
            assert re.fullmatch(KNOWN[key][0], value), f"{name} = {value!r}"
            seen.add(key)
    assert seen == {key for key in KNOWN if key[0] == format}, "the table has parameters that nothing is told"


def test_each_parameter_has_a_meaning_and_a_public_source() -> None:
    for key, (_, meaning, source) in KNOWN.items():
        assert meaning, key
        assert re.match(r"[\w.-]+/[\w.-]+(@[0-9a-f]{7})? \S", source), key
