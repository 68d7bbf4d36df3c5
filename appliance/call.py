"""A leg while a flow drives it: its verbs in one language, and what is written down on the way."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from appliance import facts as f
from appliance.clock import Clock
from appliance.engine import Engine
from appliance.hours.notice_sounds import NoticeSounds
from appliance.hours.notices import heard_by
from appliance.hours.schedule import Cause, Opening, next_opening, opening
from appliance.line.agents import Agent
from appliance.line.skills import NOTHING, Needs
from appliance.live import LiveCall
from appliance.port import ANY_KEY, Arrival, Leg, Refused
from appliance.records.voicemail import message_file
from appliance.settings import Destination, Prompt, Settings
from appliance.speech.prompts import KeyPath, Sounds, Utterance
from appliance.speech.voice import Voice
from appliance.tasks.calls import TaskCalls
from appliance.trunks.lines import TrunkLines
from appliance.trunks.tests import TrunkTests

log = logging.getLogger(__name__)

_NO_VALUES: Mapping[str, object | None] = MappingProxyType({})

# Where a schedule says why it is open or closed.
_SAID_IN: Mapping[Cause, KeyPath] = {
    Cause.HOURS: ("open",),
    Cause.HOLIDAY: ("holidays",),
    Cause.EXCEPTION: ("exceptions",),
    Cause.BY_HAND: (),
}


@dataclass
class Desk:
    """What every flow works with. Sounds and secrets are those of the settings in force."""

    engine: Engine
    sounds: Sounds
    voice: Voice
    clock: Clock
    secrets: Mapping[str, str]
    lines: TrunkLines
    tests: TrunkTests
    task_calls: TaskCalls
    notices: NoticeSounds
    rules_of: Callable[[int], Settings | None] = lambda version: None  # of a version, while it is kept
    message_file: Callable[[Path, str], Path] = message_file  # where a message of that name is recorded

    def rules(self, call: LiveCall) -> Settings:
        """Those under which a call began, as long as they are known; else those in force."""
        if call.rules is None:
            kept = None if call.version in (None, self.engine.version) else self.rules_of(call.version)
            call.rules = kept or self.engine.settings
        return call.rules

    def sounds_of(self, settings: Settings) -> Sounds:
        """What is said by these settings."""
        return self.sounds if settings is self.engine.settings else self.sounds.of(settings)


@dataclass(frozen=True)
class Way:
    """Where a call goes next, and the keys that lead to what says so."""

    to: Destination
    because: KeyPath


@dataclass
class Speaker:
    """A leg that is spoken to in one language."""

    leg: Leg
    sounds: Sounds
    desk: Desk
    language: str
    agent: str | None = field(default=None, kw_only=True)  # the name of who is spoken to, where that is an agent

    def say(self, prompt: Prompt, keys: str = "", values: Mapping[str, object | None] = _NO_VALUES) -> str:
        """Say a prompt, with these values besides those of the call; return the key among `keys` that
        interrupted it, or ""."""
        said = self.utterance(prompt, values)
        made = self.desk.voice.speak(said.text, said.language, self.sounds.speech) if said.text else None
        sound = made or said.sound
        return "" if sound is None else self._play(sound, keys)

    def utterance(self, prompt: Prompt, values: Mapping[str, object | None] = _NO_VALUES) -> Utterance:
        """What `say` would say."""
        return self.sounds.utterance(
            prompt, self.language, lambda name: values[name] if name in values else self.value(name)
        )

    def phrase(self, name: str, keys: str = "") -> str:
        """Say one of the appliance's own phrases."""
        return self.say(self.sounds.settings.phrases[name], keys)

    def speak(self, text: str, keys: str = "") -> str:
        """Say a text that is made now, in this leg's language; nothing where it cannot be made."""
        sound = self.desk.voice.speak(text, self.language, self.sounds.speech)
        return "" if sound is None else self._play(sound, keys)

    def value(self, name: str) -> object | None:
        """One of `appliance.speech.values`, as it is now; None where there is none."""
        match name:
            case "company":
                return self.sounds.settings.company
            case "agent":
                return self.agent
            case "time":
                return self.wall_clock().time()
            case "date":
                return self.wall_clock().date()
        return None

    def wall_clock(self) -> datetime:
        """The time now, where callers call."""
        return datetime.fromtimestamp(self.desk.clock.now(), ZoneInfo(self.time_zone))

    @property
    def time_zone(self) -> str:
        return self.sounds.settings.time_zone

    def hear(self, sound: str, keys: str = "") -> str:
        """Play a sound that was recorded; return the key among `keys` that interrupted it, or ""."""
        return self._play(sound, keys)

    def collect(self, first: str, longest: int, wait: float = 6.0, between: float = 4.0) -> str:
        """Digits keyed, `first` being those already there: up to `longest`, or until # or a pause."""
        digits = first
        while len(digits) < longest and not digits.endswith("#"):
            key = self.leg.read_key(between if digits else wait)
            if not key:
                break
            digits += key
        return digits.removesuffix("#")

    def _play(self, sound: str, keys: str) -> str:
        try:
            return self.leg.play([sound], keys)
        except Refused as error:
            # A caller who misses a sentence is better off than one who is not served.
            log.error("leg %s hears silence instead of a prompt: %s", self.leg.id, error)
            return ""

    def ask(self, phrase: str, longest: int) -> str:
        """Play a phrase that any key interrupts, and collect digits."""
        return self.collect(self.phrase(phrase, ANY_KEY), longest)


def agent_speaker(leg: Leg, agent: Agent | None, desk: Desk) -> Speaker:
    """A leg of an agent, in the agent's own language, else the site's."""
    settings = desk.engine.settings
    known = settings.agents.get(agent.id) if agent else None
    language = (known.language if known else None) or settings.language
    return Speaker(leg, desk.sounds, desk, language, agent=known.name if known else None)


@dataclass
class Conversation(Speaker):
    """A caller's call. The settings are those it began with, whatever is applied meanwhile."""

    settings: Settings
    live: LiveCall
    trunk: str = ""
    head_start: float = 0.0
    needs: Needs = NOTHING
    named: tuple[str, float, KeyPath] | None = None  # an agent, for how long, and what says so
    waits_since: float | None = None  # in line, what is in the head start already left out
    outcome: f.CallOutcome = f.CallOutcome.LEFT_EARLY
    known: Mapping[str, object | None] = field(default_factory=dict)  # of the caller and the number called
    schedule: str | None = None  # the opening hours of the number called
    noticed: set[str] = field(default_factory=set)  # ids of the notices heard in this call

    @property
    def id(self) -> str:
        return self.live.id

    def now(self) -> float:
        return self.desk.clock.now()

    def follow_new_rules(self) -> None:
        """From here on those in force hold, whatever the call began with."""
        self.settings, self.sounds = self.desk.engine.settings, self.desk.sounds
        self.live.rules = self.settings

    def step(self, step: str, detail: str = "", because: KeyPath = ()) -> None:
        """Write down a step through the configuration; `because` leads to the value that caused it."""
        self.desk.engine.tell(f.Stepped(self.id, self.now(), step, detail, because))

    def opening(self, schedule: str) -> Opening:
        """Whether these opening hours are open now; written down as a step."""
        now = self.now()
        state = opening(self.settings.hours[schedule], now, self.desk.engine.by_hand.override(schedule, now))
        self.step("hours", f"{schedule}: {state}", ("hours", schedule, *_SAID_IN[state.cause]))
        return state

    def value(self, name: str) -> object | None:
        if name in self.known:
            return self.known[name]
        return self._opens() if name == "opens" else super().value(name)

    @property
    def time_zone(self) -> str:
        hours = self.settings.hours.get(self.schedule or "")
        return hours.time_zone if hours else super().time_zone

    def _opens(self) -> tuple[datetime, datetime] | None:
        """When the number called opens next, and now; None while it is open, and when it never opens."""
        hours = self.settings.hours.get(self.schedule or "")
        now, at = self.wall_clock(), self.now()
        by_hand = self.desk.engine.by_hand.override(self.schedule or "", at)
        if hours is None or opening(hours, at, by_hand).is_open:
            return None
        opens = next_opening(hours, at, by_hand)
        return None if opens is None else (datetime.fromtimestamp(opens, now.tzinfo), now)

    def hear_notices(self, *targets: str) -> bool:
        """Play the notices of these places, each once in a call; whether the call is to end now. Keys do not cut
        them short, and are there for what comes next."""
        now = self.now()
        in_force = self.desk.engine.by_hand.notices(now)
        for notice in heard_by(in_force, targets, self.language, self.settings.language, now):
            if notice.id in self.noticed:
                continue
            self.noticed.add(notice.id)
            self.step("notice", f"{notice.target}: {notice.text[:80] or 'recorded'}, by {notice.by}")
            self.desk.engine.tell(f.NoticeBegun(notice.id, self.id, self.now()))
            self._play(notice.sound, "")
            self.desk.engine.tell(f.NoticeHeard(notice.id, self.id, self.now()))
            if notice.hang_up:
                self.step("hang up", f"after the notice for {notice.target}")
                self.progress(f.CallOutcome.INFORMED)
                return True
        return False

    def announce(self, phrase: str) -> None:
        """Say a phrase to who waits: it ends at once when something comes."""
        sound = self.utterance(self.sounds.settings.phrases[phrase]).sound
        if sound is not None:
            try:
                self.leg.announce([sound])
            except Refused as error:
                log.error("leg %s hears silence instead of a phrase: %s", self.leg.id, error)

    def progress(self, outcome: f.CallOutcome) -> None:
        """Write down what the outcome is if the call ends now."""
        self.outcome = outcome
        self.desk.engine.tell(f.CallProgressed(self.id, self.now(), outcome))


def printable(text: str) -> str:
    """Text from outside as every database can hold it: the same but for NUL and broken characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def started(
    arrival: Arrival,
    call: str,
    now: float,
    direction: f.Direction = f.Direction.IN,
    agent: Agent | None = None,
    version: int | None = None,
) -> f.CallStarted:
    """The first fact of a call."""
    return f.CallStarted(
        call=call,
        at=now,
        leg=arrival.leg.id,
        ani=printable(arrival.ani),
        caller_name=printable(arrival.caller_name),
        dnis=printable(arrival.dnis),
        trunk=arrival.trunk,
        direction=direction,
        phone=arrival.phone or None,
        agent=agent.id if agent else None,
        diverted=printable(arrival.diverted) or None,
        version=version,
    )
