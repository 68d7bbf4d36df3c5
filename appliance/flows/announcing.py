"""What a queue announces to who waits in it, between music and never in the way of an offer or a key."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.call import Conversation
from appliance.port import Refused
from appliance.settings import Queue

log = logging.getLogger(__name__)

FIRST_AFTER = 1.0  # seconds in line: who is offered to an agent at once hears none
AT_LEAST_MUSIC = 5.0  # seconds between two announcements, however long they are
STALE = 10.0  # seconds after which what was to be said is no longer true


@dataclass(frozen=True)
class _Ready:
    """Posted to the leg: the sound of what is to be said, None where it could not be made."""

    sound: str | None
    asked_at: float


class Announcing:
    """A caller's waiting, with announcements. One for each stay in a line."""

    def __init__(self, talk: Conversation, visit: str) -> None:
        self._talk = talk
        self._visit = visit
        self._due: float | None = talk.now() + FIRST_AFTER
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
                    self._play(item.sound)
            else:
                return item

    def _left(self, queue: Queue) -> float | None:
        """Seconds until something is to be announced; None: nothing is."""
        if queue.announce is None or self._due is None or self._being_made:
            return None
        return max(0.0, self._due - self._talk.now())

    def _begin(self, queue: Queue) -> None:
        """Let it be made, while the caller goes on waiting: an offer comes first."""
        assert queue.announce is not None
        talk, now = self._talk, self._talk.now()
        self._due = now + queue.announce.every if queue.announce.every is not None else None
        said = talk.utterance(queue.announce.prompt, self._values(queue))
        if not said.text:
            self._play(said.sound)
            return
        self._being_made = True
        talk.desk.voice.speak_later(
            said.text,
            said.language,
            talk.sounds.speech,
            lambda sound: talk.leg.post(_Ready(sound or said.sound, now)),
        )

    def _values(self, queue: Queue) -> Mapping[str, object | None]:
        acd = self._talk.desk.engine.acd
        place, known = acd.place(self._visit), acd.visit(self._visit)
        return {
            "queue": queue.name,
            "place": place,
            "ahead": None if place is None else place - 1,
            "wait": acd.expected_wait(self._visit, self._talk.now()),
            "code": known.code if known else None,
        }

    def _play(self, sound: str | None) -> None:
        if sound is None:
            return
        try:
            self._talk.leg.announce([sound])
        except Refused as error:
            log.error("leg %s hears silence instead of an announcement: %s", self._talk.leg.id, error)
        if self._due is not None:
            self._due = max(self._due, self._talk.now() + AT_LEAST_MUSIC)
