"""The link that a customer was sent: it shows the call, and by it the call is moved or cancelled."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
import pytest
from werkzeug.test import TestResponse

from appliance.callbacks.links import token
from appliance.line import messages as m
from appliance.line.promises import CallbackEnd, First, Kind, Promise
from appliance.records import models as t
from appliance.settings import Callback, Webhook
from appliance.settings.callback import Slots
from tests.simulated.centre import Centre, running
from tests.simulated.web import BASE, CUSTOMER, OTHER, Visitor, with_web

VISIT, KEY = "261120-090000-007.1", "key of links"
HTML = {"Accept": "text/html"}


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """It is Friday, 9:00; sales is open on weekdays from 9 to 18, and calls back in slots of an hour."""
    settings = with_web(webhooks={"crm": Webhook("crm", "https://crm.test/in")})
    callback = Callback(slots=Slots(length=3600.0, capacity=1, days=2))
    sales = replace(settings.queues["sales"], callback=callback, hours="office")
    settings = replace(settings, queues={**settings.queues, "sales": sales})
    with running(tmp_path, settings) as centre:
        centre.daemon.web.secrets = {**centre.daemon.web.secrets, "callback-links": KEY}  # type: ignore[union-attr]
        yield centre
        for visit in centre.engine.acd.visits():
            ask(centre, m.EndCallback(visit.id, CallbackEnd.CANCELLED))


def ask(centre: Centre, message: m.Message) -> None:
    asking = gevent.spawn(centre.engine.ask, message)
    centre.until(asking.ready)
    asking.get()


def at(hour: int, day: int = 20) -> float:
    return datetime(2026, 11, day, hour, tzinfo=UTC).timestamp()


def chooses(centre: Centre, hour: int = 11, visit: str = VISIT, number: str = CUSTOMER) -> str:
    """The path of the link of somebody who is to be called then."""
    promise = Promise(number, Kind.CHOSEN, First.CUSTOMER, at(hour), at(hour) + 86400.0, "en")
    ask(centre, m.CallerJoins(visit, visit[:-2], "sales", 600.0, "", promise=promise))
    return f"/callbacks/link/{token(visit, promise.expires, KEY)}"


def post(visitor: Visitor, path: str, **form: str) -> TestResponse:
    return visitor.ask("POST", path, HTML, data=form)


def offered(page: TestResponse) -> list[str]:
    return re.findall(r'<option value="([^"]+)"', page.text)


def test_it_shows_the_call_and_changes_nothing(centre: Centre) -> None:
    path, visitor = chooses(centre), Visitor(centre)
    before = t.EventRow.select().count()
    for method in ("GET", "HEAD", "GET"):
        page = visitor.ask(method, path, HTML)
        assert page.status_code == 200
    assert "We will call you at the time you chose: 11:00" in re.sub(r"\s", " ", page.text)
    assert CUSTOMER not in page.text and "67" in page.text
    assert offered(page)[:2] == ["2026-11-20T10:00:00+00:00", "2026-11-20T11:00:00+00:00"]
    assert t.EventRow.select().count() == before
    assert page.headers["Cache-Control"] == "no-store"  # nor does the address leave us
    assert page.headers["Referrer-Policy"] in ("no-referrer", "same-origin")


def test_in_russian(centre: Centre) -> None:
    page = Visitor(centre).get(f"{chooses(centre)}?language=ru", **HTML)
    assert "Ваш звонок" in page.text and '<html lang="ru">' in page.text


def test_the_call_is_moved(centre: Centre) -> None:
    path, visitor = chooses(centre), Visitor(centre)
    moved = post(visitor, path, do="move", time="2026-11-20T15:00:00+00:00")
    assert moved.status_code == 303 and moved.headers["Location"].startswith(f"{BASE}{path}")
    assert "15:00" in visitor.get(path, **HTML).text or "3:00" in visitor.get(path, **HTML).text
    row = t.Callback.get()
    assert (row.not_before, row.expires) == (at(15), at(15) + 86400.0)
    assert t.CallbackMove.get().why == "the customer, by the link that was sent"


def test_a_time_that_is_not_to_be_had(centre: Centre) -> None:
    path, visitor = chooses(centre), Visitor(centre)
    chooses(centre, 15, "261120-090000-008.1", OTHER)
    assert "2026-11-20T15:00:00+00:00" not in offered(visitor.get(path, **HTML))
    for time, status in (
        ("2026-11-20T15:00:00+00:00", 409),
        ("2026-11-21T12:00:00+00:00", 409),
        ("2026-11-20T15:00", 422),
        ("soon", 422),
        ("", 422),
    ):
        refused = post(visitor, path, do="move", time=time)
        assert refused.status_code == status and 'role="alert"' in refused.text, time
    assert t.Callback.get(t.Callback.id == VISIT).not_before == at(11)


def test_the_call_is_cancelled_and_the_link_is_dead(centre: Centre) -> None:
    path, visitor = chooses(centre), Visitor(centre)
    cancelled = post(visitor, path, do="cancel")
    assert cancelled.status_code == 200 and "cancelled" in cancelled.text
    row = t.Callback.get()
    assert (row.outcome, row.why) == ("cancelled by customer", "by the link that was sent")
    for answer in (visitor.get(path, **HTML), post(visitor, path, do="cancel"), post(visitor, path, do="move")):
        assert answer.status_code == 404 and "not valid" in answer.text and "<form" not in answer.text


def test_a_link_that_is_none(centre: Centre) -> None:
    path, visitor = chooses(centre), Visitor(centre)
    forged = f"/callbacks/link/{token(VISIT, at(11) + 86400.0, 'another key')}"
    for wrong in (forged, path[:-1], path + "x", "/callbacks/link/x", f"/callbacks/link/{VISIT}"):
        for answer in (visitor.get(wrong, **HTML), post(visitor, wrong, do="cancel")):
            assert answer.status_code == 404, wrong
    assert t.Callback.get().ended_at is None


def test_a_post_that_asks_for_nothing(centre: Centre) -> None:
    path, visitor = chooses(centre), Visitor(centre)
    assert post(visitor, path).status_code == 303 and post(visitor, path, do="dance").status_code == 303
    assert t.Callback.get().ended_at is None and not t.CallbackMove.select().exists()


def test_another_site_cannot_press_the_button(centre: Centre) -> None:
    path = chooses(centre)
    forged: Any = Visitor(centre).ask(
        "POST", path, {**HTML, "Origin": "https://evil.example"}, data={"do": "cancel"}
    )
    assert forged.status_code == 403 and t.Callback.get().ended_at is None


def test_webhooks_hold_the_link_that_works(centre: Centre) -> None:
    centre.daemon.webhooks.take(  # type: ignore[union-attr]
        centre.engine.settings, {"callback-links": KEY, "webhook-crm": "key"}
    )
    path = chooses(centre)
    centre.until(lambda: centre.receivers.told())
    assert centre.receivers.told()[0]["callback"]["link"] == f"{BASE}{path}?language=en"
