"""Other programs are told of call-backs: in order, at least once, whatever happens to them or to us."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance import facts as f
from appliance.callbacks.webhook import GIVE_UP_AFTER, LAST_AGAIN
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Kind, Promise
from appliance.records import models as t
from appliance.settings import Settings, Told, Webhook
from tests.simulated.centre import Centre, running, settings

CRM, SMS = "https://crm.test/in", "https://sms.test/in"
NUMBER = "+74957654321"
HOOKS = {
    "crm": Webhook("crm", CRM),
    "sms": Webhook("sms", SMS, (Told.PROMISED, Told.REMINDER), remind=600.0),
}


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings(webhooks=HOOKS)) as centre:
        yield centre


def promise(centre: Centre, visit: str = "261120-090000-001.1") -> None:
    """As the line writes it down."""
    now = centre.clock.now()
    promised = Promise(
        NUMBER, Kind.CHOSEN, First.CUSTOMER, now + 3600, now + 9000, "ru", "Юля", (("order", "4711"),)
    )
    centre.engine.tell(f.CallbackPromised(visit, now, "sales", promised))


def end(centre: Centre, visit: str = "261120-090000-001.1") -> None:
    now = centre.clock.now()
    centre.engine.tell(f.CallbackEnded(visit, now, CallbackEnd.CANCELLED, "asked the shop"))


def events(centre: Centre, url: str = CRM) -> list[str]:
    return [told["event"] for told in centre.receivers.told(url)]


def test_what_is_told(centre: Centre) -> None:
    promise(centre)
    centre.until(lambda: len(centre.receivers.posts) == 2)
    crm, sms = (centre.receivers.told(url)[0] for url in (CRM, SMS))
    assert crm == sms
    n = t.EventRow.get(t.EventRow.kind == "CallbackPromised").n
    assert crm == {
        "id": str(n),
        "event": "promised",
        "at": "2026-11-20T09:00:00+00:00",
        "callback": {
            "id": "261120-090000-001.1",
            "queue": "sales",
            "number": NUMBER,
            "name": "Юля",
            "language": "ru",
            "kind": "chosen time",
            "promised_at": "2026-11-20T09:00:00+00:00",
            "not_before": "2026-11-20T10:00:00+00:00",
            "expires": "2026-11-20T11:30:00+00:00",
            "context": {"order": "4711"},
        },
    }
    now = centre.clock.now()
    centre.engine.tell(
        f.AttemptBegan("261120-090000-001.1", now, 1, First.CUSTOMER, NUMBER, 25.0, "an agent is free"),
        f.AttemptEnded("261120-090000-001.1", now, 1, AttemptEnd.BUSY, now + 120),
        f.AttemptBegan("261120-090000-001.1", now, 2, First.CUSTOMER, NUMBER, 25.0, "an agent is free"),
        f.AttemptEnded("261120-090000-001.1", now, 2, AttemptEnd.SERVED),
    )
    end(centre)
    centre.until(lambda: "ended" in events(centre))
    assert events(centre) == ["promised", "called", "missed", "called", "ended"]
    missed, last = centre.receivers.told(CRM)[2], centre.receivers.told(CRM)[-1]
    assert (missed["attempt"], missed["end"], missed["next_at"]) == (1, "busy", "2026-11-20T09:02:02+00:00")
    assert (last["end"], last["why"]) == ("cancelled", "asked the shop")
    assert events(centre, SMS) == ["promised"]


def test_a_receiver_that_is_gone_is_told_in_order_when_it_is_back(centre: Centre) -> None:
    centre.receivers.refuses = "the answer was 503"
    promise(centre)
    end(centre)
    centre.run_for(1800)
    tries = centre.receivers.tries
    assert 10 < tries < 40  # less and less often
    centre.receivers.refuses = None
    centre.run_for(LAST_AGAIN)
    assert events(centre) == ["promised", "ended"] and events(centre, SMS) == ["promised"]


def test_a_crash_loses_nothing_and_tells_nothing_again(centre: Centre) -> None:
    promise(centre)
    centre.until(lambda: len(centre.receivers.posts) == 2)
    centre.run_for(1)
    centre.receivers.refuses = "nobody there"
    end(centre)
    centre.run_for(5)
    centre.kill()
    centre.receivers.refuses = None
    centre.start()
    centre.until(lambda: len(centre.receivers.posts) == 3)
    centre.run_for(60)
    assert events(centre) == ["promised", "ended"]


def test_what_was_told_when_we_died_is_told_again_with_the_same_id(tmp_path: Path) -> None:
    with running(tmp_path, settings(webhooks={"crm": HOOKS["crm"]})) as centre:
        posted = centre.receivers.post

        def post_and_die(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> None:
            posted(url, body, headers, timeout)
            centre.clock.sleep(5)  # its answer does not reach us

        assert centre.daemon is not None
        centre.daemon.webhooks._post = post_and_die
        promise(centre)
        centre.until(lambda: centre.receivers.posts)
        centre.kill()
        centre.start()
        centre.until(lambda: len(centre.receivers.posts) == 2)
        assert len({headers["webhook-id"] for _, _, headers in centre.receivers.posts}) == 1


def test_it_is_given_up_after_a_day_and_said_so(centre: Centre) -> None:
    centre.receivers.refuses = "the answer was 404"
    promise(centre)
    centre.run_for(GIVE_UP_AFTER + 2 * LAST_AGAIN)
    centre.receivers.refuses = None
    end(centre)
    centre.until(lambda: centre.receivers.posts)
    assert events(centre) == ["ended"]
    said = [json.loads(row.body)["what"] for row in t.EventRow.select().where(t.EventRow.kind == "Incident")]
    assert any("the webhook crm was not told of event" in what and "404" in what for what in said)


def test_a_new_receiver_is_told_of_what_happens_from_then_on(centre: Centre) -> None:
    promise(centre)
    centre.until(lambda: len(centre.receivers.posts) == 2)
    new: Settings = replace(centre.engine.settings, webhooks={**HOOKS, "new": Webhook("new", "https://new.test/")})
    assert centre.daemon is not None
    centre.daemon._take_settings(new)
    centre.run_for(5)
    end(centre)
    centre.until(lambda: events(centre, "https://new.test/"))
    assert events(centre, "https://new.test/") == ["ended"]
    centre.daemon._take_settings(replace(new, webhooks={}))  # and one that is named no more is told nothing
    centre.run_for(5)
    promise(centre, "261120-090000-002.1")
    centre.run_for(60)
    assert len(centre.receivers.posts) == 4


def test_the_database_is_not_asked_where_there_is_nobody_to_tell(tmp_path: Path) -> None:
    with running(tmp_path, settings()) as centre:
        asked: list[Any] = []
        centre.engine.consult = asked.append
        promise(centre)
        end(centre)
        centre.run_for(60)
        assert not asked
