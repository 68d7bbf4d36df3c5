"""Whatever somebody sends over the web is answered in words, and only numbers that may be called are promised."""

import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.line.messages import EndCallback
from appliance.line.promises import CallbackEnd
from appliance.settings.web import Limit, Limits
from appliance.web import asked
from appliance.web.asked import Bad
from tests.simulated.centre import Centre, running
from tests.simulated.web import WEB, Visitor, with_web

ENDLESS = Limits(Limit(1000, 1.0), Limit(1000, 1.0), Limit(100_000, 1.0))
KEYS = st.sampled_from(["department", "number", "name", "time", "language", "stamp", "token", "website", "fields"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
SPELT = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in phonenumbers.PhoneNumberType.values()
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
NUMBERS = st.one_of(
    st.sampled_from(SPELT),
    st.sampled_from(SPELT).map(lambda number: f"00{number[1:]}"),
    st.from_regex(r"\+?[0-9 ()-]{1,20}", fullmatch=True),
    st.from_regex(r"(\+7|8|7)9[0-9]{9}", fullmatch=True),
    st.text(max_size=20),
)
LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="?#"), max_size=40)
TYPES = ("application/json", "application/x-www-form-urlencoded", "text/plain", "")


@given(body=st.binary(max_size=400), media_type=st.sampled_from(TYPES))
def test_any_body_is_read_or_refused(body: bytes, media_type: str) -> None:
    try:
        found = asked.read(body, media_type)
    except Bad:
        return
    for text in (found.number, found.name, found.department, *found.fields.values()):
        assert text.isprintable() and text.encode("utf-8").decode("utf-8") == text


@given(st.dictionaries(KEYS, JSON, max_size=9))
def test_any_object_is_read(data: dict[str, Any]) -> None:
    found = asked.read(json.dumps(data).encode(), "application/json")
    assert all(len(text) <= asked.LONGEST for text in found.fields.values())
    assert len(found.fields) <= asked.MOST_FIELDS


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("fuzz")
    with running(path, with_web(replace(WEB, limits=ENDLESS))) as centre:
        yield centre


ADDRESSES = count(1)


def somebody(centre: Centre) -> Visitor:
    """Who has not asked before."""
    number = next(ADDRESSES)
    return Visitor(centre, f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=NUMBERS, more=st.dictionaries(KEYS.filter(lambda key: key not in ("number", "stamp")), JSON, max_size=4)
)
def test_only_numbers_that_may_be_called_are_promised(centre: Centre, number: str, more: dict[str, Any]) -> None:
    visitor = somebody(centre)
    data = {"department": "sales", **more, "number": number, "stamp": visitor.stamp()}
    answer = visitor.ask("POST", "/callbacks", data=json.dumps(data), headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 422), answer.get_data(as_text=True)
    assert answer.get_json()["says"]
    for visit in centre.engine.acd.visits():
        promised = phonenumbers.parse(visit.home.promise.number)
        assert phonenumbers.is_valid_number(promised) and phonenumbers.region_code_for_number(promised) == "RU"
        assert phonenumbers.number_type(promised) != phonenumbers.PhoneNumberType.PREMIUM_RATE
        centre.engine.tell(EndCallback(visit.id, CallbackEnd.CANCELLED))
    centre.run_for(1)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "OPTIONS", "HEAD"]),
    path=st.one_of(
        st.from_regex(r"/callbacks(/[ !$->@-~]{0,40}){0,3}", fullmatch=True),
        LETTERS.map(lambda text: f"/callbacks/{text}"),
    ),
    query=st.text(st.characters(codec="utf-8"), max_size=30),
    headers=st.dictionaries(
        st.sampled_from(["Accept", "Accept-Language", "Origin", "Content-Type", "X-Forwarded-For", "Host"]),
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40),
        max_size=4,
    ),
    body=st.binary(max_size=100),
)
def test_any_request_is_answered_in_words(
    centre: Centre, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    answer = somebody(centre).ask(method, path, headers, query_string={"language": query}, data=body)
    assert answer.status_code < 500, answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)
