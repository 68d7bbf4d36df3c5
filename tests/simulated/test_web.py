"""Customers ask over the web to be called back: the real engine and pages on the simulated switch."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gevent
import pytest

from appliance import secrets
from appliance.line.messages import EndCallback
from appliance.line.promises import CallbackEnd, Kind
from appliance.port import SwitchDown, SwitchUp
from appliance.records import models as t
from appliance.settings import Callback, Customer, Group
from appliance.settings.callback import Slots
from appliance.settings.web import Form, FormField, Limit, Limits
from appliance.web.signature import HEADER, sign
from appliance.web.telling import GUESS, RINGS
from tests.simulated.centre import Centre, running
from tests.simulated.web import BASE, CUSTOMER, OTHER, SITE, WEB, Visitor, with_web


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, with_web()) as centre:
        yield centre
        end_all(centre)


@pytest.fixture
def visitor(centre: Centre) -> Visitor:
    return Visitor(centre)


def end_all(centre: Centre) -> None:
    """So that nothing is left."""
    for visit in centre.engine.acd.visits():
        centre.engine.tell(EndCallback(visit.id, CallbackEnd.CANCELLED))
    centre.run_for(1)


def promised(centre: Centre) -> list[str]:
    """The numbers that are to be called, the next first."""
    return [visit.home.promise.number for visit in centre.engine.acd.waiting("sales")]


def test_a_request_has_a_place_and_is_seen_and_cancelled_by_its_ticket(centre: Centre, visitor: Visitor) -> None:
    answer = visitor.wants("8 916 123-45-67", name="Vera", fields={"order": "4711"}, language="ru")
    data = answer.get_json()
    assert answer.status_code == 201 and answer.headers["Location"] == f"{BASE}/callbacks/{data['token']}"
    assert (data["state"], data["place"], data["department"]) == ("waiting", 1, "sales")
    assert data["says"].startswith("Ваше место в очереди: 1.")
    promise = centre.engine.acd.visit(data["id"]).home.promise
    assert (promise.number, promise.kind, promise.name, promise.language) == (CUSTOMER, Kind.WEB, "Vera", "ru")
    assert promise.context == (("Order number", "4711"),)
    second = visitor.wants(OTHER).get_json()
    assert second["place"] == 2 and promised(centre) == [CUSTOMER, OTHER]

    gone = visitor.ask("DELETE", f"/callbacks/{data['token']}")
    assert gone.status_code == 200 and gone.get_json()["state"] == "cancelled"
    assert visitor.get(f"/callbacks/{data['token']}").get_json()["state"] == "cancelled"
    assert visitor.get(f"/callbacks/{second['token']}").get_json()["place"] == 1
    row = t.Callback.get(t.Callback.id == data["id"])
    assert (row.outcome, row.why) == ("cancelled by customer", "over the web")


def test_the_same_customer_asks_twice_and_shows_the_ticket(centre: Centre, visitor: Visitor) -> None:
    first = visitor.wants().get_json()
    again = visitor.wants(token=first["token"])
    assert again.status_code == 200
    assert {**again.get_json(), "says": ""} == {**first, "says": ""}
    assert promised(centre) == [CUSTOMER]


def test_who_enters_the_number_of_somebody_else_learns_nothing_and_changes_nothing(centre: Centre) -> None:
    owner, stranger, other = (
        Visitor(centre, address) for address in ("198.51.100.1", "203.0.113.9", "203.0.113.8")
    )
    stamp = owner.stamp()
    mine = owner.wants(stamp=stamp, name="Vera").get_json()
    caught, honest = stranger.wants(stamp=stamp, name="Eve"), other.wants(OTHER, stamp=stamp, name="Eve")
    theirs, real = caught.get_json(), honest.get_json()

    # Whether it was the number of somebody who waits already shows nowhere.
    assert caught.status_code == honest.status_code == 201
    assert theirs.keys() == real.keys() and theirs["place"] == real["place"] == 2
    assert len(theirs["token"]) == len(real["token"]) and theirs["id"] != mine["id"]
    assert [*caught.headers.keys()] == [*honest.headers.keys()]
    looks = [stranger.get(f"/callbacks/{ticket['token']}").get_json() for ticket in (theirs, real)]
    assert looks[0].keys() == looks[1].keys() and looks[0]["state"] == looks[1]["state"] == "waiting"

    # And nothing has changed for the customer.
    assert centre.engine.acd.visit(mine["id"]).home.promise.name == "Vera"
    assert promised(centre) == [CUSTOMER, OTHER]
    assert stranger.ask("DELETE", f"/callbacks/{theirs['token']}").get_json()["state"] == "cancelled"
    assert stranger.get(f"/callbacks/{theirs['token']}").get_json()["state"] == "cancelled"
    assert owner.get(f"/callbacks/{mine['token']}").get_json()["state"] == "waiting"


def test_behind_the_ticket_of_a_stranger_time_passes_as_behind_any_other(centre: Centre, visitor: Visitor) -> None:
    visitor.wants()
    token = visitor.wants().get_json()["token"]
    centre.run_for(GUESS)
    assert visitor.get(f"/callbacks/{token}").get_json()["state"] == "calling"
    centre.run_for(RINGS + 1)
    assert visitor.get(f"/callbacks/{token}").get_json()["state"] == "over"


def test_a_ticket_outlives_the_appliance(centre: Centre, visitor: Visitor) -> None:
    token = visitor.wants().get_json()["token"]
    centre.kill()
    centre.start()
    after = Visitor(centre)
    assert after.get(f"/callbacks/{token}").get_json()["place"] == 1
    assert after.ask("DELETE", f"/callbacks/{token}").get_json()["state"] == "cancelled"


def test_what_is_wrong_is_said_at_each_field(visitor: Visitor) -> None:
    answer = visitor.wants("12", department="nowhere", fields={"order": "4" * 21})
    problems = {each["field"]: each["code"] for each in answer.get_json()["problems"]}
    assert answer.status_code == 422 and answer.get_json()["error"] == "bad_request"
    assert problems == {"department": "department", "number": "number", "field-order": "too_long"}
    says = [each["says"] for each in visitor.wants("12", language="ru").get_json()["problems"]]
    assert len(says) == 1 and says[0].startswith("Укажите номер телефона")


def test_fields_that_must_be_filled_in(tmp_path: Path) -> None:
    form = Form(fields={"topic": FormField({"en": "Topic"}, needed=True)})
    with running(tmp_path, with_web(replace(WEB, form=form))) as centre:
        visitor = Visitor(centre)
        answer = visitor.wants()
        assert [each["code"] for each in answer.get_json()["problems"]] == ["needed"]
        assert visitor.wants(fields={"topic": "tea"}, department="support").status_code == 201
        end_all(centre)


def test_a_queue_that_calls_nobody_back_or_is_not_named_is_no_department(centre: Centre, visitor: Visitor) -> None:
    assert visitor.wants(department="support").get_json()["problems"][0]["field"] == "department"
    assert [each["id"] for each in visitor.get("/callbacks/departments").get_json()["departments"]] == ["sales"]


@pytest.mark.parametrize(
    "number",
    [
        *("+78091234567", "+18885550123", "112", "01", "100", "+74951234567", "+442079460000", "+881612345678"),
        *("+12425551234", "810 1 900 555 0123", "+7", "", "*11", "+799", "999999999999999999999", "+7916123456"),
    ],
)
def test_no_premium_foreign_short_or_own_number_is_ever_promised(
    centre: Centre, visitor: Visitor, number: str
) -> None:
    answer = visitor.wants(number)
    assert answer.status_code == 422
    assert answer.get_json()["problems"][0]["code"] in ("number", "number_refused")
    assert centre.engine.acd.visits() == []


def test_who_is_not_to_be_served_is_not_called_either(tmp_path: Path) -> None:
    customers = {CUSTOMER: Customer(CUSTOMER, "Boris", "blocked", None)}
    base = with_web()
    with running(tmp_path, with_web(customers=customers, groups=base.groups)) as centre:
        assert Group("", "").refuse is None and base.groups["blocked"].refuse is not None
        assert Visitor(centre).wants().status_code == 422


def test_a_customer_chooses_a_time_that_has_room(tmp_path: Path) -> None:
    base = with_web()
    callback = Callback(slots=Slots(length=3600.0, capacity=1, days=2))
    sales = replace(base.queues["sales"], hours="office", callback=callback)
    with running(tmp_path, replace(base, queues={**base.queues, "sales": sales})) as centre:
        visitor = Visitor(centre)
        slots = visitor.get("/callbacks/slots?department=sales&language=en").get_json()["slots"]
        assert slots[0] == {"time": "2026-11-20T10:00:00+00:00", "says": "10:00\u202fAM"}
        assert slots[-1]["time"] == "2026-11-23T17:00:00+00:00" and "Monday, 23 November" in slots[-1]["says"]
        chosen = visitor.wants(time=slots[0]["time"], language="en").get_json()
        assert (chosen["state"], chosen["call_at"], chosen["place"]) == ("scheduled", slots[0]["time"], None)
        assert chosen["says"] == "We will call you at the time you chose: 10:00\u202fAM."

        assert slots[0] not in visitor.get("/callbacks/slots?department=sales&language=en").get_json()["slots"]
        (taken,) = visitor.wants(OTHER, time=slots[0]["time"]).get_json()["problems"]
        assert (taken["field"], taken["code"]) == ("time", "time_taken")
        for time in ("2026-11-20T10:30:00+00:00", "2026-11-20T10:00:00", "2026-11-20T20:00:00+00:00", "soon"):
            (wrong,) = visitor.wants(OTHER, time=time).get_json()["problems"]
            assert (wrong["field"], wrong["code"]) == ("time", "time")
        centre.run_for(3600)
        after = visitor.get(f"/callbacks/{chosen['token']}").get_json()
        assert (after["state"], after["place"]) == ("waiting", 1)
        assert visitor.get("/callbacks/slots?department=nowhere").status_code == 404
        end_all(centre)


# Protection


def test_one_address_may_ask_so_often(centre: Centre, visitor: Visitor) -> None:
    stamp = visitor.stamp()
    numbers = [f"+7916123456{digit}" for digit in range(7)]
    answers = [visitor.wants(number, stamp=stamp) for number in numbers]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429] * 2
    assert answers[-1].get_json()["error"] == "too_many" and 590 < int(answers[-1].headers["Retry-After"]) <= 600
    assert Visitor(centre, "203.0.113.77").wants(numbers[5], stamp=stamp).status_code == 201
    centre.run_for(601)
    assert visitor.wants(numbers[6]).status_code == 201


def test_limits_hold_over_a_restart(centre: Centre, visitor: Visitor) -> None:
    for digit in range(5):
        visitor.wants(f"+7916123456{digit}")
    centre.kill()
    centre.start()
    assert Visitor(centre).wants("+79161234569").status_code == 429
    kept = (centre.data / "web-limits").read_text()
    assert "198.51" not in kept and "7916" not in kept, "who it was is nobody's business"
    assert (centre.data / "web-limits").stat().st_mode & 0o077 == 0
    assert (centre.data / "web-key").stat().st_mode & 0o077 == 0


def test_one_number_is_promised_so_often(centre: Centre) -> None:
    for address in ("198.51.100.1", "198.51.100.2"):
        visitor = Visitor(centre, address)
        token = visitor.wants().get_json()["token"]
        visitor.ask("DELETE", f"/callbacks/{token}")
    answer = Visitor(centre, "198.51.100.3").wants()
    assert (answer.status_code, answer.get_json()["error"]) == (429, "too_many")
    assert Visitor(centre, "198.51.100.3").wants(OTHER).status_code == 201


def test_a_limit_does_not_tell_a_stranger_that_a_number_is_to_be_called(centre: Centre) -> None:
    first = Visitor(centre, "198.51.100.1")
    first.ask("DELETE", f"/callbacks/{first.wants().get_json()['token']}")
    assert first.wants().status_code == 201, "the second one, which is open"
    assert Visitor(centre, "198.51.100.2").wants().status_code == 201


def test_everybody_together_may_ask_so_often(tmp_path: Path) -> None:
    limits = Limits(Limit(5, 600), Limit(2, 3600), Limit(3, 600))
    with running(tmp_path, with_web(replace(WEB, limits=limits))) as centre:
        asked = [Visitor(centre, f"198.51.100.{n}").wants(f"+7916123456{n}").status_code for n in range(4)]
        assert asked == [201, 201, 201, 429]
        end_all(centre)


def test_whoever_asks_too_much_is_put_off_as_there_are_calls_to_see_to(centre: Centre, visitor: Visitor) -> None:
    assert [visitor.open("GET", "/callbacks/nothing").status_code for _ in range(61)] == [404] * 60 + [503]
    centre.run_for(2)
    assert visitor.get("/callbacks/nothing").status_code == 404
    for _ in range(4):
        centre.run_for(2)
        answers = [visitor.open("GET", "/callbacks/nothing").status_code for _ in range(50)]
    assert 429 in answers, "one address alone has its own limit"


def test_a_machine_that_fills_in_everything_makes_no_promise(centre: Centre, visitor: Visitor) -> None:
    answer = visitor.wants(website="https://spam.example.net")
    assert answer.status_code == 201 and answer.get_json()["token"]
    assert centre.engine.acd.visits() == []


def test_nobody_fills_in_a_form_at_once_and_none_is_open_for_days(centre: Centre, visitor: Visitor) -> None:
    stamp = visitor.get("/callbacks/departments").get_json()["stamp"]
    early = visitor.wants(stamp=stamp)
    assert (early.status_code, early.get_json()["error"]) == (429, "too_fast")
    assert 0 < int(early.headers["Retry-After"]) <= 3
    for wrong in ("", "x", stamp[:-4] + "AAAA", visitor.wants(stamp=visitor.stamp()).get_json()["token"]):
        assert visitor.wants(OTHER, stamp=wrong).get_json()["error"] == "stale"
    centre.run_for(25 * 3600)
    assert visitor.wants(OTHER, stamp=stamp).get_json()["error"] == "stale"


def test_pages_of_other_sites_may_not_ask(centre: Centre, visitor: Visitor) -> None:
    for origin in ("https://evil.example", "https://example.com.evil.example", "http://example.com", "null"):
        answer = visitor.wants(headers={"Origin": origin})
        assert (answer.status_code, answer.get_json()["error"]) == (403, "bad_origin")
        assert "Access-Control-Allow-Origin" not in answer.headers
    for origin in (SITE, BASE):
        answer = visitor.ask("OPTIONS", "/callbacks", {"Origin": origin, "Access-Control-Request-Method": "POST"})
        assert answer.status_code == 204 and answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Origin" in answer.headers["Vary"] and "Access-Control-Allow-Credentials" not in answer.headers
    assert centre.engine.acd.visits() == []


def test_only_the_proxy_is_believed(centre: Centre) -> None:
    """Who is not the proxy cannot get a new limit by saying to be somebody else."""
    stamp = Visitor(centre).stamp()
    direct = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.5"}}
    asked = [
        Visitor(centre, f"198.51.100.{n}").wants(f"+7916123456{n}", stamp=stamp).status_code for n in range(3)
    ]
    assert asked == [201] * 3
    data = {"department": "sales", "stamp": stamp}
    answers = [
        Visitor(centre, f"192.0.2.{n}")
        .ask("POST", "/callbacks", json={**data, "number": f"+7916123450{n}"}, **direct)
        .status_code
        for n in range(6)
    ]
    assert answers == [201] * 5 + [429]
    # Nor can who puts something before what the proxy adds.
    forged = [
        Visitor(centre, f"192.0.2.{n}, 198.51.100.99")
        .ask("POST", "/callbacks", json={**data, "number": f"+7916123470{n}"})
        .status_code
        for n in range(6)
    ]
    assert forged == [201] * 5 + [429]


def test_another_name_of_this_machine_is_not_served(visitor: Visitor) -> None:
    for host in ("rebound.example.net", "", "calls.example.com.evil.example"):
        answer = visitor.get("/callbacks/departments", Host=host)
        assert (answer.status_code, answer.get_json()["error"]) == (421, "bad_host")
    assert visitor.get("/callbacks/departments", Host="127.0.0.1:8089").status_code == 200


def test_a_server_signs_what_it_asks_for(tmp_path: Path) -> None:
    with running(tmp_path, with_web(replace(WEB, signature=True))) as centre:
        assert centre.daemon is not None
        centre.daemon.web.secrets = {secrets.WEB_SIGNATURE: "sesame"}
        visitor = Visitor(centre)

        def post(number: str, secret: str = "sesame", late: int = 0, tail: bytes = b"") -> int:
            body = json.dumps({"department": "sales", "number": number}).encode()
            header = sign(secret, int(centre.clock.now()) - late, body)
            headers = {HEADER: header, "Content-Type": "application/json"}
            return visitor.ask("POST", "/callbacks", headers, data=body + tail).status_code

        assert [post(f"+7916123456{digit}") for digit in range(7)] == [201] * 7, "of one address more, too"
        assert post(OTHER, secret="guess") == post(OTHER, late=400) == post(OTHER, tail=b" ") == 401
        assert visitor.wants(OTHER).get_json()["error"] == "unsigned"
        end_all(centre)


@pytest.mark.parametrize(
    "headers, data, error",
    [
        ({"Content-Type": "application/json"}, b"[" * 16000, "bad_json"),
        ({"Content-Type": "application/json"}, b'{"number": ' + b"9" * 16000 + b"}", "bad_json"),
        ({"Content-Type": "application/json"}, b'{"a": "' + b"\xff" + b'"}', "bad_json"),
        ({"Content-Type": "application/json"}, b"[]", "bad_json"),
        ({"Content-Type": "application/json"}, b"", "bad_json"),
        ({"Content-Type": "text/xml"}, b"<a/>", "bad_media_type"),
        ({"Content-Type": "multipart/form-data; boundary=a"}, b"--a--", "bad_media_type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=%ff", "bad_request"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&" * 100, "bad_request"),
        ({"Content-Type": "application/json"}, b" " * 16385, "too_large"),
        ({"Content-Type": "application/json", "Transfer-Encoding": "chunked"}, b"", "length_required"),
    ],
)
def test_bodies_that_cannot_be_understood(
    visitor: Visitor, headers: dict[str, str], data: bytes, error: str
) -> None:
    answer = visitor.ask("POST", "/callbacks", headers, data=data)
    assert 400 <= answer.status_code < 500 and answer.get_json()["error"] == error
    assert answer.get_json()["says"]


def test_while_the_switch_is_gone_nothing_is_promised(centre: Centre, visitor: Visitor) -> None:
    stamp = visitor.stamp()
    centre.engine.tell(SwitchDown("gone"))
    centre.run_for(1)
    answer = visitor.wants(stamp=stamp)
    assert (answer.status_code, answer.get_json()["error"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    centre.engine.tell(SwitchUp())
    centre.run_for(1)
    assert visitor.wants(stamp=stamp).status_code == 201


def test_an_engine_that_hangs_is_said_to_be_unavailable(
    centre: Centre, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.web.site.WITHIN", 0.05)
    stamp = visitor.stamp()
    monkeypatch.setattr(type(centre.engine), "ask", lambda engine, message: gevent.sleep(60))
    asking = gevent.spawn(
        visitor.open, "POST", "/callbacks", json={"department": "sales", "number": OTHER, "stamp": stamp}
    )
    assert asking.get(timeout=10).status_code == 503


# Pages


def test_without_scripts_the_form_is_a_page_and_so_is_its_answer(centre: Centre, visitor: Visitor) -> None:
    page = {"Accept": "text/html"}
    form = visitor.get("/callbacks/form?language=ru", **page)
    text = form.get_data(as_text=True)
    assert "Перезвоните мне" in text and "Номер заказа" in text and "default-src 'none'" in form.headers[_CSP]
    data = {"department": "sales", "number": "12", "field-order": '"><b>4711', "name": "<script>alert(1)</script>"}
    stamp = visitor.stamp()
    wrong = visitor.ask("POST", "/callbacks", page, data={**data, "stamp": stamp, "language": "ru"})
    again = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "Укажите номер телефона" in again and 'aria-invalid="true"' in again
    assert "<script>alert" not in again and "&lt;script&gt;" in again and '"><b>' not in again

    done = visitor.ask(
        "POST", "/callbacks", page, data={**data, "number": CUSTOMER, "stamp": stamp, "language": "ru"}
    )
    assert done.status_code == 303 and done.headers["Location"].startswith(f"{BASE}/callbacks/")
    where = done.headers["Location"].removeprefix(BASE)
    status = visitor.get(where, **page).get_data(as_text=True)
    assert "Ваше место в очереди: 1" in status and "Отменить" in status and 'http-equiv="refresh"' in status
    token = where.removeprefix("/callbacks/").partition("?")[0]
    cancelled = visitor.ask("POST", f"/callbacks/{token}/cancel?language=ru", page)
    assert "Заказ звонка отменён" in cancelled.get_data(as_text=True) and promised(centre) == []


_CSP = "Content-Security-Policy"


def test_what_browsers_are_told_of_every_answer(visitor: Visitor) -> None:
    for path in (
        "/callbacks/form",
        "/callbacks/departments",
        "/callbacks/nothing",
        "/elsewhere",
        "/callbacks/form.js",
    ):
        answer = visitor.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin" and "Set-Cookie" not in answer.headers
    assert visitor.get("/callbacks/form.js").headers["Content-Type"].startswith("text/javascript")
    assert visitor.ask("PUT", "/callbacks").status_code == 405
    assert visitor.get("/callbacks/nothing").get_json()["error"] == "not_found"
