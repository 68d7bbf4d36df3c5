"""What a queue announces to who waits in it, between music and never in the way of an offer or a key.

Two things may be said again and again: the place and the wait (`announce`), and comfort messages, which take
turns. That callers may be called back is said until it has been heard once. Whatever is said, at least
AT_LEAST_MUSIC seconds of music follow. Of what is due at the same time the place comes first, then the call-back.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from appliance.call import Conversation
from appliance.facts import Direction
from appliance.line import messages as m
from appliance.line.visits import Expected
from appliance.port import Refused
from appliance.settings import Prompt, Queue
from appliance.speech.prompts import KeyPath, Utterance, mentions

log = logging.getLogger(__name__)

FIRST_AFTER = 1.0  # seconds in line: who is offered to an agent at once hears none
AT_LEAST_MUSIC = 5.0  # seconds between two announcements, however long they are
STALE = 10.0  # seconds after which what was to be said is no longer true
HEARD = 1.0  # seconds of what is said: who has heard less of it, since an offer came, has not heard it


class _What(Enum):
    """What may be due."""

    PLACE = "place"
    CALLBACK = "callback"
    COMFORT = "comfort"


@dataclass(frozen=True)
class _Ready:
    """Posted to the leg: the sound of what is to be said, None where it could not be made; with the wait that it
    tells, if it does."""

    sound: str | None
    asked_at: float
    wait: Expected | None = None
    what: _What = _What.COMFORT


class Announcing:
    """A caller's waiting, with announcements. One for each stay in a line."""

    def __init__(self, talk: Conversation, visit: str) -> None:
        self._talk = talk
        self._visit = visit
        self._joined_at = talk.now()
        self._not_before = talk.now() + FIRST_AFTER
        self._waits_long: bool | None = None  # as long as the queue says; None: not looked yet
        self._callback_told = False
        self._callback_because: KeyPath = ()
        self._announced_at: float | None = None
        self._comforted_at = talk.now()  # or joined, before the first message
        self._comforts = 0  # messages heard so far
        self._being_made = False

    def wait(self, queue: Queue) -> object:
        """As `Leg.wait`; what is to be announced meanwhile is."""
        while True:
            item = self._talk.leg.wait(self._left(queue))
            if item is None:
                self._begin(queue)
            elif isinstance(item, _Ready):
                self._being_made = False
                if self._talk.now() - item.asked_at < STALE:
                    self._play(item.sound, item.wait, item.what)
                elif item.what is _What.CALLBACK:
                    self._callback_told = False  # a phone rang for the caller meanwhile
            else:
                return item

    def _left(self, queue: Queue) -> float | None:
        """Seconds until something is to be announced; None: nothing is."""
        due = min((at for at, _ in self._due(queue)), default=None)
        if due is None or self._being_made:
            return None
        return max(0.0, due - self._talk.now())

    def _due(self, queue: Queue) -> Iterator[tuple[float, _What]]:
        """When what is to be told."""
        if queue.announce is not None:
            every = queue.announce.every
            if self._announced_at is None:
                yield self._not_before, _What.PLACE
            elif every is not None:
                yield max(self._not_before, self._announced_at + every), _What.PLACE
        if (offered_at := self._callback_due(queue)) is not None:
            yield max(self._not_before, offered_at), _What.CALLBACK
        if queue.comfort is not None:
            yield max(self._not_before, self._comforted_at + queue.comfort.every), _What.COMFORT

    def _callback_due(self, queue: Queue) -> float | None:
        """When the caller is to hear of being called back; None: not, or not any more."""
        wanted = queue.callback
        if wanted is None or self._callback_told or self._talk.live.direction is Direction.OUT:
            return None
        if wanted.offer_wait is not None and self._waits_long is None:
            if self._talk.now() < self._joined_at + FIRST_AFTER:
                return self._joined_at + FIRST_AFTER
            acd = self._talk.desk.engine.acd
            expected = acd.expected_wait(self._visit, self._talk.now())
            self._waits_long = expected is not None and expected.middle > wanted.offer_wait
        if self._waits_long:
            return self._joined_at
        return None if wanted.offer_after is None else self._joined_at + wanted.offer_after

    def _begin(self, queue: Queue) -> None:
        """Let it be made, while the caller goes on waiting: an offer comes first."""
        talk, now = self._talk, self._talk.now()
        what = next((what for at, what in self._soonest(queue) if at <= now), None)
        if what is None:
            return  # the caller need not wait as long as that
        prompt = self._next(queue, what)
        values = self._values(queue, prompt)
        said = talk.utterance(prompt, values)
        if not said.text:
            self._play(said.sound, what=what)
            return
        self._being_made = True
        talk.desk.voice.speak_later(
            said.text,
            said.language,
            talk.sounds.speech,
            lambda sound: talk.leg.post(_ready(said, sound, now, values, what)),
        )

    def _soonest(self, queue: Queue) -> list[tuple[float, _What]]:
        """What is due, the first first."""
        return sorted(self._due(queue), key=lambda due: due[0])

    def _next(self, queue: Queue, what: _What) -> Prompt:
        """What is to be said now."""
        now = self._talk.now()
        if what is _What.PLACE:
            assert queue.announce is not None
            self._announced_at = now
            return queue.announce.prompt
        if what is _What.CALLBACK:
            self._callback_told = True
            why = "expected_wait" if self._waits_long else "after"
            self._callback_because = ("queues", queue.id, "callback", "offer", why)
            return self._talk.sounds.settings.phrases["callback-offer"]
        assert queue.comfort is not None
        messages = queue.comfort.messages
        message = messages[self._comforts % len(messages)]
        self._comforted_at, self._comforts = now, self._comforts + 1
        return message

    def _values(self, queue: Queue, prompt: Prompt) -> Mapping[str, object | None]:
        acd = self._talk.desk.engine.acd
        place, known = acd.place(self._visit), acd.visit(self._visit)
        return {
            "queue": queue.name,
            "place": place,
            "ahead": None if place is None else place - 1,
            "wait": acd.wait_to_be_told(self._visit, self._talk.now()) if mentions(prompt, "wait") else None,
            "code": known.code if known else None,
            "key": queue.callback.key if queue.callback else None,
        }

    def _play(self, sound: str | None, wait: Expected | None = None, what: _What = _What.COMFORT) -> None:
        if sound is None:
            return
        begun_at = self._talk.now()
        if wait is not None:
            self._talk.desk.engine.tell(m.WaitTold(self._visit, wait))
        try:
            self._talk.leg.announce([sound])
            if what is _What.CALLBACK:
                self._callback_told = self._talk.now() - begun_at >= HEARD
                if self._callback_told:
                    self._talk.step("call-back", "may be asked for", self._callback_because)
        except Refused as error:
            log.error("leg %s hears silence instead of an announcement: %s", self._talk.leg.id, error)
        self._not_before = self._talk.now() + AT_LEAST_MUSIC


def _ready(
    said: Utterance, sound: str | None, asked_at: float, values: Mapping[str, object | None], what: _What
) -> _Ready:
    wait = values["wait"] if sound is not None and "wait" in said.values else None
    return _Ready(sound or said.sound, asked_at, wait if isinstance(wait, Expected) else None, what)
