"""People at real SIP phones: what they do, and what they are to see and hear, each with a deadline."""

import time
from contextlib import suppress
from pathlib import Path

import gevent

from appliance.lab import listening
from appliance.lab.phone import Event, Happening, Phone, PhoneError
from tests.scenarios.waiting import PATIENCE

RECOGNISED = 0.7  # share of a sound from which it counts as heard
LISTEN_AGAIN = 0.15  # seconds
CANCELLED = 487  # SIP: request terminated


class Person:
    """Somebody at a phone. Verbs return when the thing has happened and fail when it does not."""

    def __init__(self, name: str, phone: Phone, voice: Path) -> None:
        self.name = name
        self.phone = phone
        self.voice = voice  # what others hear of this person, again and again
        self._file = Path()
        self._since = 0.0

    def __repr__(self) -> str:
        return self.name

    # What they do

    def calls(self, number: str, from_: str | None = None, name: str | None = None) -> None:
        """Dial, and be answered."""
        self.dials(number, from_, name)
        self.is_answered()

    def dials(self, number: str, from_: str | None = None, name: str | None = None) -> None:
        self.phone.call(number, from_user=from_, caller_name=name)

    def answers(self) -> Event:
        """Take the call that rings."""
        self.phone.answer()
        return self.is_answered()

    def presses(self, keys: str) -> None:
        """Key digits; what is to be heard afterwards is heard from here on."""
        self.listens_from_now()
        self.phone.send(keys)

    def hangs_up(self) -> Event:
        self.phone.hang_up()
        return self.phone.wait_for(Happening.ENDED, PATIENCE)

    # What they see

    def is_answered(self) -> Event:
        return self.phone.wait_for(Happening.ANSWERED, PATIENCE)

    def rings(self, within: float = PATIENCE) -> Event:
        """The phone rings: who is shown."""
        return self.phone.wait_for(Happening.INCOMING, within)

    def is_hung_up_on(self, within: float = PATIENCE) -> Event:
        return self.phone.wait_for(Happening.ENDED, within)

    def is_not_rung(self) -> bool:
        """Nothing has rung that nobody has asked about yet."""
        return not self.phone.happened(Happening.INCOMING)

    # What they hear

    def listens_from_now(self) -> None:
        """Forget what was heard until now."""
        self._file = self.phone.heard()
        self._since = listening.duration(self._file)

    def hears(self, sound: Path, seconds: float | None = None, within: float = PATIENCE) -> None:
        """All of a sound, or `seconds` of it, is heard in the call, since `listens_from_now` if that was said."""
        length = min(listening.duration(sound), seconds or within)
        deadline = time.monotonic() + within + length
        share = self.share_heard(sound, seconds)
        while share < RECOGNISED and time.monotonic() < deadline:
            gevent.sleep(LISTEN_AGAIN)
            share = self.share_heard(sound, seconds)
        assert share >= RECOGNISED, f"{self.name} did not hear {sound.name}: {share:.0%} of it was recognised"

    def share_heard(self, sound: Path, seconds: float | None = None) -> float:
        """How much of a sound has been heard."""
        file = self.phone.heard()
        since = self._since if file == self._file else 0.0
        return listening.share_heard(file, sound, seconds=seconds, since=since)

    def talks_with(self, other: "Person", seconds: float = 1.0) -> None:
        """Both hear each other, from now on."""
        self.listens_from_now()
        other.listens_from_now()
        self.hears(other.voice, seconds)
        other.hears(self.voice, seconds)

    # Between tests

    def puts_everything_back(self) -> None:
        """Hang up, ring again for every call, and forget what happened."""
        self.phone.ring_only()
        self.phone.hang_up()

    def forgets(self) -> None:
        for kind in Happening:
            while self.phone.happened(kind):
                with suppress(PhoneError):
                    self.phone.wait_for(kind, 0.1)
        self._file, self._since = Path(), 0.0
