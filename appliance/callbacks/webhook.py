"""Tells other programs over HTTP what becomes of call-backs, and reminds them of those that are near.

The event table is the outbox: it is written with what has happened, and each receiver's progress through it is
kept. So nothing is lost by a crash on either side; what was being told then may be told twice, with the same id.
Each receiver has its own greenlet and is told in order; one that does not answer holds up no other, nor the line.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from appliance import facts as f
from appliance.callbacks import links
from appliance.callbacks import webhook_bodies as bodies
from appliance.callbacks.webhook_post import NotTaken
from appliance.clock import Clock
from appliance.engine import Engine
from appliance.line.promises import Kind
from appliance.records import outbox
from appliance.secrets import CALLBACK_LINKS
from appliance.secrets import webhook as secret_name
from appliance.settings import Settings, Told, Webhook

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0  # seconds between looks at what has happened
REMIND_EVERY = 10.0
FIRST_AGAIN, LAST_AGAIN = 2.0, 600.0  # seconds until it is tried again: doubled each time
GIVE_UP_AFTER = 86400.0  # seconds after it has happened: nobody wants to know any more
KEEP_EVERY = 10_000  # events: so many are looked through again after a crash at most

Post = Callable[[str, bytes, Mapping[str, str], float], None]  # raises NotTaken
_NOTHING = outbox.Batch((), 0, False)


class Webhooks:
    """The receivers that the settings name. `spawn` runs something in a greenlet of its own."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        post: Post,
        spawn: Callable[[Callable[[], None]], object],
    ) -> None:
        self._engine, self._clock, self._post, self._spawn = engine, clock, post, spawn
        self._settings: Settings = engine.settings
        self._secrets: Mapping[str, str] = {}
        self._running: set[str] = set()  # receivers that have a greenlet
        self._refused: dict[str, tuple[float, str]] = {}  # by receiver: since when it takes nothing, and why
        self._reminded: set[tuple[str, str, float]] = set()
        self._reminds = False

    def take(self, settings: Settings, secrets: Mapping[str, str]) -> None:
        """These hold from now on, at the start as well."""
        self._settings, self._secrets = settings, secrets
        for id in settings.webhooks.keys() - self._running:
            self._running.add(id)
            self._spawn(partial(self._serve, id))
        if settings.webhooks and not self._reminds:
            self._reminds = True
            self._spawn(self._remind)

    def state(self) -> list[dict[str, object]]:
        """Each receiver, and since when and why it takes nothing; None while it does."""
        nothing = None, ""
        return [
            {"webhook": id, "since": since, "why": why}
            for id in self._settings.webhooks
            for since, why in (self._refused.get(id, nothing),)
        ]

    # Telling

    def _serve(self, id: str) -> None:
        """As long as the settings name that receiver."""
        position = kept = self._begin(id)
        while id in self._settings.webhooks:
            batch = self._engine.consult(partial(outbox.after, position, bodies.KINDS.keys())) or _NOTHING
            for event in batch.events:
                if self._tell(id, event):
                    self._engine.tell(f.WebhookReached(id, self._clock.now(), event.n))
                    kept = event.n
            position = max(position, batch.up_to)
            if position - kept > KEEP_EVERY:
                self._engine.tell(f.WebhookReached(id, self._clock.now(), position))
                kept = position
            if not batch.more:
                self._clock.sleep(LOOK_EVERY)
        self._running.discard(id)

    def _begin(self, id: str) -> int:
        """Where to go on; who is new is told of what happens from now on."""
        while True:
            known = self._engine.consult(lambda: (outbox.begin(id), outbox.newest()))
            if known is not None:
                break
            self._clock.sleep(LOOK_EVERY)
        kept, newest = known
        if kept is None:
            self._engine.note(f.WebhookReached(id, self._clock.now(), newest))
            return newest
        return kept

    def _tell(self, id: str, event: outbox.Event) -> bool:
        """Whether it was for that receiver, who has it now or is given up on."""
        again, why = FIRST_AGAIN, ""
        while (hook := self._settings.webhooks.get(id)) is not None:
            now = self._clock.now()
            message = self._message(hook, event)
            if message is None:
                return False
            if now - event.at > GIVE_UP_AFTER:
                if why:
                    self._engine.tell(f.Incident(now, f"the webhook {id} was not told of event {event.n}: {why}"))
                return True
            try:
                headers = bodies.headers(message, self._secrets.get(secret_name(id), ""), now)
                self._post(hook.url, message.body, headers, hook.timeout)
            except NotTaken as error:
                if str(error) != why:
                    log.warning("the webhook %s does not take event %d: %s; trying again", id, event.n, error)
                why = str(error)
                self._refused[id] = (self._refused.get(id, (now, why))[0], why)
                self._clock.sleep(again)
                again = min(2 * again, LAST_AGAIN)
            else:
                if self._refused.pop(id, None) is not None:
                    log.warning("the webhook %s takes events again", id)
                return True
        return False

    def _message(self, hook: Webhook, event: outbox.Event) -> bodies.Message | None:
        zone = ZoneInfo(self._settings.time_zone)
        try:
            return bodies.message(event.n, event.kind, event.at, event.body, event.about, hook, zone, self._link)
        except (KeyError, TypeError, ValueError):
            # What another version of this program has written must not end the telling of everything else.
            log.exception("event %d is not understood", event.n)
            return None

    def _link(self, about: Mapping[str, Any]) -> str | None:
        """Where the customer may change that call-back, if the pages for it can be reached from outside."""
        web, key = self._settings.web, self._secrets.get(CALLBACK_LINKS)
        if web is None or not web.url or not key:
            return None
        language = about["language"] or self._settings.language
        return links.url(web.url, about["id"], about["expires"], language, key)

    # Reminders

    def _remind(self) -> None:
        """As long as there is a receiver."""
        while self._settings.webhooks:
            now = self._clock.now()
            for hook in self._settings.webhooks.values():
                if Told.REMINDER in hook.events:
                    self._remind_by(hook, now)
            self._clock.sleep(REMIND_EVERY)
        self._reminds = False

    def _remind_by(self, hook: Webhook, now: float) -> None:
        """Who is called at a time that was agreed upon, and for the first time."""
        near = {
            (hook.id, visit.id, visit.home.not_before)
            for visit in self._engine.acd.visits()
            if visit.home is not None
            and visit.home.rests
            and not visit.home.attempts
            and visit.home.promise.kind is not Kind.ABANDONED  # who knows of nothing
            and now < visit.home.not_before <= now + hook.remind
        }
        for key in sorted(near - self._reminded):
            _, callback, not_before = key
            asked = partial(outbox.wants_reminder, hook.id, callback, not_before, hook.remind)
            if self._engine.consult(asked):
                self._engine.note(f.ReminderDue(callback, now, hook.id, not_before))
        self._reminded = {key for key in self._reminded if key[0] != hook.id or key in near} | near
