"""Other programs are told of call-backs: in order, at least once, whatever happens to them or to us."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import gevent
import pytest

from appliance.callbacks.webhook import GIVE_UP_AFTER, LAST_AGAIN
from appliance.line import messages as m
from appliance.line.promises import CallbackEnd, First, Kind, Promise
from appliance.records import models as t
from appliance.settings import Settings, Told, Webhook
from appliance.simulation.clock import MORNING
from appliance.upkeep.health import findings
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
        end_all(centre)


VISIT = "261120-090000-001.1"


def ask(centre: Centre, message: m.Message) -> None:
    asking = gevent.spawn(centre.engine.ask, message)
    centre.until(asking.ready)
    asking.get()


def promise(centre: Centre, visit: str = VISIT, at: float | None = None, kind: Kind = Kind.CHOSEN) -> None:
    begin = at or centre.clock.now() + 3600
    promised = Promise(NUMBER, kind, First.CUSTOMER, begin, begin + 9000, "ru", "Юля", (("order", "4711"),))
    ask(centre, m.CallerJoins(visit, visit[:-2], "sales", 0.0, "", promise=promised))


def end(centre: Centre, visit: str = VISIT) -> None:
    ask(centre, m.EndCallback(visit, CallbackEnd.CANCELLED, "asked the shop"))


def end_all(centre: Centre) -> None:
    for visit in centre.engine.acd.visits():
        end(centre, visit.id)


def events(centre: Centre, url: str = CRM) -> list[str]:
    return [told["event"] for told in centre.receivers.told(url)]


def health(centre: Centre) -> dict[str, str]:
    answer = centre.ask("health")
    assert isinstance(answer, dict)
    found = findings(answer, centre.clock.now())
    return {each.what: each.verdict.value for each in found if each.what.startswith("webhook")}


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
            "id": VISIT,
            "queue": "sales",
            "number": NUMBER,
            "name": "Юля",
            "language": "ru",
            "kind": "chosen time",
            "promised_at": "2026-11-20T09:00:00+00:00",
            "not_before": "2026-11-20T10:00:00+00:00",
            "expires": "2026-11-20T12:30:00+00:00",
            "context": {"order": "4711"},
        },
    }
    end(centre)
    centre.until(lambda: "ended" in events(centre))
    last = centre.receivers.told(CRM)[-1]
    assert (last["end"], last["why"]) == ("cancelled", "asked the shop")
    assert events(centre, SMS) == ["promised"]


def test_a_receiver_that_is_gone_is_told_in_order_when_it_is_back(centre: Centre) -> None:
    centre.receivers.refuses = "the answer was 503"
    promise(centre)
    end(centre)
    centre.run_for(1800)
    tries = centre.receivers.tries
    assert 10 < tries < 40  # less and less often
    assert health(centre) == {"webhook crm": "warning", "webhook sms": "warning"}
    centre.receivers.refuses = None
    centre.run_for(LAST_AGAIN)
    assert health(centre) == {"webhook crm": "fine", "webhook sms": "fine"}
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
        end_all(centre)


def test_it_is_given_up_after_a_day_and_said_so(centre: Centre) -> None:
    centre.receivers.refuses = "the answer was 404"
    promise(centre, at=centre.clock.now() + 3 * 86400)
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
    promise(centre, visit="261120-090000-002.1")
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


# Reminders


def reminders(centre: Centre) -> list[tuple[str, float]]:
    """Who was reminded when, in seconds since the morning began."""
    told = [each for each in centre.receivers.told(SMS) if each["event"] == "reminder"]
    return [(each["callback"]["id"], since_morning(each["at"])) for each in told]


def since_morning(at: str) -> float:
    return datetime.fromisoformat(at).timestamp() - MORNING.timestamp()


def test_the_customer_is_reminded_once_before_the_time_that_was_chosen(centre: Centre) -> None:
    begin = MORNING.timestamp()
    promise(centre, at=begin + 3600)
    centre.run_for(3500)
    ((visit, at),) = reminders(centre)
    assert visit == VISIT and 3000 <= at <= 3010  # ten minutes before
    ask(centre, m.MoveCallback(visit, begin + 7200, "asked"))
    centre.run_for(3500)
    assert [round(at, -2) for _, at in reminders(centre)] == [3000, 6600]
    told = centre.receivers.told(SMS)[-1]
    assert since_morning(told["not_before"]) == 7200.0 == since_morning(told["callback"]["not_before"])
    end(centre)


def test_nobody_is_reminded_of_what_was_agreed_a_moment_ago(centre: Centre) -> None:
    promise(centre, at=centre.clock.now() + 300)
    centre.run_for(290)
    assert not reminders(centre)
    end(centre)
    centre.run_for(30)


def test_a_crash_loses_no_reminder_and_sends_none_again(centre: Centre) -> None:
    promise(centre)
    centre.run_for(2990)
    centre.kill()
    centre.run_for(60)
    centre.start()
    centre.run_for(20)
    assert len(reminders(centre)) == 1
    centre.kill()
    centre.start()
    centre.run_for(120)
    assert len(reminders(centre)) == 1
    end(centre)
    centre.run_for(5)


def test_who_has_asked_for_nothing_is_reminded_of_nothing(centre: Centre) -> None:
    promise(centre, kind=Kind.ABANDONED)
    centre.run_for(3590)
    assert not reminders(centre)
