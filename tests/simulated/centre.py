"""A small call centre on the simulated switch: alice, bob and carol, everything in virtual time."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import gevent

from appliance.callbacks.webhook_post import NotTaken
from appliance.daemon import Daemon
from appliance.facts import AgentState
from appliance.hours.notice_sounds import NoticeSounds
from appliance.records import models as t
from appliance.settings import (
    Agent,
    Customer,
    Destination,
    Disposition,
    DispositionList,
    Group,
    Hours,
    Mail,
    Menu,
    Number,
    Pause,
    Phone,
    Prompt,
    Queue,
    Say,
    Settings,
    Span,
    Speech,
    Strategy,
)
from appliance.simulation.clock import VirtualClock
from appliance.simulation.people import Caller, Stage
from appliance.simulation.switch import SimulatedSwitch
from appliance.simulation.voice import SimulatedVoice
from appliance.tasks.mail import NotSent
from appliance.upkeep.service_manager import ServiceManager
from appliance.versions.succession import Succession
from appliance.whatif.replay import OF_THE_LINE, replay

PHONES = {"alice": "201", "bob": "202", "carol": "203"}
AGENTS = {"alice": "1001", "bob": "1002", "carol": "1003"}
MARK_EVERY = 17.0  # seconds: from many a moment of a story it can be replayed

MAIN = "+74951234567"
SUPPORT_LINE = "+74951234568"
SALES_LINE = "+74951234569"
VIP = "+74957654321"
BLOCKED = "+74950000001"


def say(text: str) -> Prompt:
    return Prompt({"en": Say(text)})


def settings(**changes: Any) -> Settings:
    weekdays = Span(frozenset(range(5)), time(9), time(18))
    values: dict[str, Any] = {
        "directory": Path("/nowhere"),
        "recordings": Path("/nowhere/recordings"),  # nor is anything written where an appliance may be installed
        "company": "Test",
        "country": "RU",
        "time_zone": "UTC",
        "language": "en",
        "phones": {p: Phone(p, name) for name, p in PHONES.items()},
        "agents": {a: Agent(a, name, supervisor=name == "alice") for name, a in AGENTS.items()},
        "pauses": {"1": Pause("1", "lunch")},
        "hours": {"office": Hours("office", "UTC", (weekdays,), frozenset({date(2026, 12, 31)}))},
        "dispositions": {
            "outcomes": DispositionList(
                "outcomes", None, {"1": Disposition("1", "solved"), "2": Disposition("2", "open")}
            )
        },
        "queues": {
            "support": Queue(
                "support",
                "Support",
                Strategy.LONGEST_IDLE,
                ("1001", "1002"),
                ring_for=15,
                wrap_up=30,
                record=True,
                dispositions="outcomes",
            ),
            "sales": Queue("sales", "Sales", Strategy.RING_ALL, ("1002", "1003"), ring_for=15),
        },
        "menus": {
            "main": Menu(
                "main",
                say("main menu"),
                {
                    "1": Destination(queue="sales"),
                    "2": Destination(queue="support"),  # also how every extension begins
                    "3": Destination(menu="service"),
                    "9": Destination(repeat=True),
                },
                extensions=True,
                tries=2,
                otherwise=Destination(queue="support"),
            ),
            "service": Menu(
                "service", say("service menu"), {"1": Destination(queue="support"), "*": Destination(back=True)}
            ),
        },
        "numbers": {
            MAIN: Number(
                MAIN,
                "Main",
                Destination(menu="main"),
                hours="office",
                closed=Destination(message=say("closed today")),
                greeting=say("welcome"),
            ),
            SUPPORT_LINE: Number(SUPPORT_LINE, "Support", Destination(queue="support")),
            SALES_LINE: Number(SALES_LINE, "Sales", Destination(queue="sales")),
        },
        "groups": {
            "vip": Group("vip", "VIP", priority=300, greeting=say("dear friend")),
            "blocked": Group("blocked", "Blocked", refuse=say("no, thank you")),
        },
        "customers": {
            VIP: Customer(VIP, "Vera", "vip", None),
            BLOCKED: Customer(BLOCKED, "Boris", "blocked", None),
        },
        "phrases": _Phrases(),
    }
    return Settings(**{**values, **changes})


class _Phrases(dict[str, Prompt]):
    def __missing__(self, name: str) -> Prompt:
        return say(name)


class Receivers:
    """Programs to which webhooks post, all in one. What `refuses` is answered so."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, bytes, Mapping[str, str]]] = []  # those taken
        self.refuses: str | None = None
        self.tries = 0

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> None:
        self.tries += 1
        if self.refuses is not None:
            raise NotTaken(self.refuses)
        self.posts.append((url, body, headers))

    def told(self, url: str | None = None) -> list[dict[str, Any]]:
        """What has been taken, in order; at one URL."""
        return [json.loads(body) for at, body, _ in self.posts if url in (None, at)]


class Letters:
    """What other programs and mailboxes were handed; while `trouble` is set, nothing is taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []  # to whom, under which id
        self.tries = 0
        self.trouble = ""
        self.on_try: Callable[[], None] = lambda: None
        self.bodies: list[Mapping[str, Any]] = []
        self.secrets: list[str | None] = []
        self.mails: list[EmailMessage] = []

    def webhook(self, url: str, body: Mapping[str, Any], id: str, secret: str | None, at: float) -> str:
        self._take(url, id)
        self.secrets.append(secret)
        self.bodies.append(body)
        return "taken"

    def email(self, mail: Mail, password: str | None, made: EmailMessage) -> str:
        self._take(str(made["To"]), str(made["Message-ID"]))
        self.mails.append(made)
        return f"taken by {mail.host}"

    def _take(self, to: str, id: str) -> None:
        self.tries += 1
        self.on_try()
        if self.trouble:
            raise NotSent(self.trouble)
        self.taken.append((to, id))


class Centre:
    """The appliance on a simulated switch. `start` and `kill` it as often as the story wants."""

    def __init__(self, data: Path, settings: Settings, succession: Succession | None = None) -> None:
        self.clock = VirtualClock()
        self.settings = settings = replace(settings, recordings=data / "recordings")  # messages are files
        self.switch = SimulatedSwitch(
            self.clock, PHONES.values(), fallbacks=dict.fromkeys(settings.numbers, "support")
        )
        self.voice = SimulatedVoice(self.clock)
        self.data = data
        self.daemon: Daemon | None = None
        self.manager = ServiceManager()
        self.letters = Letters()
        self.notices = NoticeSounds(data / "notices", self._spoken, self._converted)
        self.succession = succession or Succession(None)
        self.receivers = Receivers()
        self._served: list[Settings] = []  # without a version

    @property
    def engine(self) -> Any:
        assert self.daemon is not None
        return self.daemon.engine

    def start(self) -> None:
        if self.succession.version is None and self.settings not in self._served:
            self._served.append(self.settings)
        secrets = {f"agent-{agent}": f"77{agent}" for agent in AGENTS.values()}
        secrets |= {f"webhook-{id}": f"key of {id}" for id in self.settings.webhooks}
        secrets |= {f"voicemail-{box.id}": f"77{box.number}" for box in self.settings.voicemail.values()}
        self.daemon = Daemon(
            self.settings,
            secrets,
            self.data,
            self.switch,
            self.clock,
            self.manager,
            self.voice,
            self.succession,
            self.notices,
            post=self.receivers.post,
            posting=self.letters,
        )
        self.daemon.start()
        self.daemon.engine.mark_every = MARK_EVERY
        self.clock.run_for(0.1)

    @staticmethod
    def _spoken(speech: Speech, text: str, language: str, target: Path) -> None:
        target.write_text(f"{language}: {text}")

    @staticmethod
    def _converted(source: Path, target: Path) -> None:
        target.write_text(f"from {source.name}")

    def kill(self) -> None:
        assert self.daemon is not None
        self.switch.kill_appliance(self.daemon.greenlets)
        self.daemon = None

    def sound(self, text: str) -> str:
        """The sound of a prompt or phrase by its text."""
        assert self.daemon is not None
        return self.daemon.desk.sounds.path(say(text), "en")

    def phone(self, name: str) -> Any:
        return self.switch.phone(PHONES[name])

    def sign_on(self, *names: str) -> None:
        for name in names:
            call = self.phone(name).dial(f"*11{AGENTS[name]}")
            call.press(f"77{AGENTS[name]}#", after=1)
            self.until(lambda n=name: self.state(n) is not AgentState.SIGNED_OFF)
            self.until(lambda c=call: c.stage is Stage.GONE)

    def state(self, name: str) -> AgentState:
        state: AgentState = self.engine.acd.roster[AGENTS[name]].state
        return state

    def call(self, number: str = SUPPORT_LINE, from_: str = "+74959999999", **more: Any) -> Caller:
        return self.switch.call(from_, number, **more)

    def ask(self, command: str, **arguments: object) -> object:
        """A question over the console, which has no socket in virtual time."""
        assert self.daemon is not None
        asking = gevent.spawn(self.daemon._command, command, dict(arguments))
        self.clock.run(asking.ready, within=10.0)
        return asking.get()

    def until(self, condition: Any, within: float = 120.0) -> None:
        self.clock.run(condition, within=within)

    def run_for(self, seconds: float) -> None:
        self.clock.run_for(seconds)

    def states(self, name: str) -> list[str]:
        """The time sheet of an agent, in order."""
        rows = t.AgentStretch.select().where(t.AgentStretch.agent == AGENTS[name]).order_by(t.AgentStretch.id)
        return [row.state for row in rows]

    def check_nothing_is_left(self) -> None:
        """What holds after every story: nobody anywhere, every row closed, the books add up."""
        assert self.switch.legs() == []
        assert self.engine.acd.visits() == [] and self.engine.live.calls == {} and self.engine.live.legs == {}
        assert self.engine._watcher._offer_of_leg == {}
        assert not [a for a in self.engine.acd.roster.everybody() if a.state in _WITH_CALLER]
        assert t.Call.select().where(t.Call.ended_at.is_null()).count() == 0
        assert t.Visit.select().where(t.Visit.ended_at.is_null() | t.Visit.outcome.is_null()).count() == 0
        assert t.Offer.select().where(t.Offer.ended_at.is_null()).count() == 0
        assert t.OfferAgent.select().where(t.OfferAgent.outcome.is_null()).count() == 0
        assert t.Leg.select().where(t.Leg.ended_at.is_null()).count() == 0
        self.check_the_journal()
        open_stretches = t.AgentStretch.select().where(t.AgentStretch.ended_at.is_null())
        assert len({s.agent for s in open_stretches}) == open_stretches.count()

    def check_the_journal(self) -> None:
        """Another line that is told the same decides the same, from wherever it begins."""
        numbers = {call.number.lstrip("+") for call in t.Call.select() if call.number}
        told = "".join(row.messages for row in t.JournalRow.select())
        assert not [number for number in numbers if number in told], "of a person who is erased nothing may stay"
        if len(self._served) > 1:
            return  # without versions: nobody can know any more what was served before
        now = self.clock.now()
        marks = list(t.JournalMark.select().order_by(t.JournalMark.id))
        for mark in {mark.id: mark for mark in (marks[0], *marks[:: len(marks) // 3 + 1], marks[-1])}.values():
            done = replay(mark, 0.0, now + 1.0, lambda version: self._settings_of(version))
            assert done.difference is None, done
            assert not done.unknown and done.kinds <= OF_THE_LINE

    def _settings_of(self, version: int | None) -> Settings:
        if version is None:
            return self.settings
        settings = self.succession.rules_of(version)
        assert settings is not None
        return settings


_WITH_CALLER = (AgentState.OFFERED, AgentState.TALKING)


@contextmanager
def running(data: Path, settings: Settings, succession: Succession | None = None) -> Iterator[Centre]:
    """A started centre; at the end everybody hangs up and the books must be closed."""
    centre = Centre(data, settings, succession)
    centre.start()
    yield centre
    for info in list(centre.switch.legs()):
        centre.switch.hang_up(info.leg)
    centre.run_for(60)
    centre.check_nothing_is_left()
    assert centre.daemon is not None
    centre.daemon.stop()
    gevent.sleep(0)
