"""The composition root: settings, store, engine, switch, flows and console put together and kept running."""

import faulthandler
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import gevent
from gevent.event import Event as GeventEvent

import dialplan.speech
from appliance import supervision, voicemail_desk
from appliance.call import Desk
from appliance.callbacks import desk as callback_desk
from appliance.callbacks import webhook_post
from appliance.callbacks.dialler import Dialler
from appliance.callbacks.webhook import Post, Webhooks
from appliance.clock import Clock, RealClock
from appliance.console import ConsoleServer
from appliance.engine import Engine, Farewell
from appliance.flows.doors import FLOWS
from appliance.hours import duty
from appliance.hours.notice_sounds import NOTICES, NoticeSounds
from appliance.line.acd import Acd
from appliance.phones import phones_of
from appliance.places import make_data, open_records
from appliance.port import Arrival, Event, FallbackMember, LegGone, Refused, Switch, SwitchLost
from appliance.program import program_version
from appliance.records.store import Store
from appliance.recovery import GiveUpRestored, Seen
from appliance.settings import Settings, Speech, SwitchKind
from appliance.speech.prompts import Sounds
from appliance.speech.voice import Voice
from appliance.tasks import desk as tasks_desk
from appliance.tasks.calls import TaskCalls
from appliance.tasks.escalation import Escalations, Posting
from appliance.tasks.posting import RealPosting
from appliance.trouble import Trouble
from appliance.trunks import watch as trunk_watch
from appliance.trunks.lines import TrunkLines
from appliance.trunks.outbound import HOUR
from appliance.trunks.tests import TrunkTests
from appliance.upkeep.heartbeat import Heartbeat
from appliance.upkeep.service_manager import READY, STOPPING, ServiceManager
from appliance.versions.succession import SUCCESSION_COMMANDS, Succession
from appliance.web.room import WebRoom
from dialplan.voice import EngineVoice

log = logging.getLogger(__name__)

NOTICE_WITHIN = 60.0  # seconds in which the sound of a notice must be made
SWEEP_EVERY = 30.0  # seconds between comparisons of records and switch
MARGIN = 15.0  # seconds a caller may take beyond fallback_after to come back


class Daemon:
    """The running appliance on one switch. `start` returns when calls are taken."""

    def __init__(
        self,
        settings: Settings,
        secrets: Mapping[str, str],
        data: Path,
        switch: Switch | None = None,
        clock: Clock | None = None,
        manager: ServiceManager | None = None,
        voice: Voice | None = None,
        succession: Succession | None = None,
        notices: NoticeSounds | None = None,
        post: Post = webhook_post.post,
        posting: Posting | None = None,
    ) -> None:
        self.settings = self._began_with = settings
        self.clock = clock or RealClock()
        self.switch = switch or switch_of(settings, secrets)
        self.voice = voice or EngineVoice(spoken_directory(data))
        self.notices = notices or notice_sounds(data)
        self._post = post
        self._posting = posting or RealPosting()
        self._data = data
        self._secrets = secrets
        self._succession = succession or Succession(None)
        self._manager = manager or ServiceManager()
        self._console: ConsoleServer | None = None
        self._greenlets: list[gevent.Greenlet] = []
        self._members: Sequence[FallbackMember] = ()
        self._members_changed = GeventEvent()
        self.engine: Engine

    @property
    def acd(self) -> Acd:
        return self.engine.acd

    def start(self) -> None:
        """Open the database, take over what was open, connect. Raises Trouble, Refused or SwitchLost."""
        make_data(self._data)
        if isinstance(self.clock, RealClock):
            self._console = ConsoleServer(self._data / "console", self._command)
            self._console.start()  # first of all: now these records are nobody else's
        try:
            self._database = open_records(self.settings.database, self._data, upgrade=True)
        except BaseException:
            if self._console:
                self._console.stop()
            raise
        store = Store(self._database)
        self.engine = Engine(self.settings, store, self.clock, self._succession.version)
        self.engine.restore()
        untold = store.untold()
        self.engine.on_settings = self._take_settings
        self.engine.on_switch_up = self._look_later
        self.engine.on_members = self._keep_members
        self.desk = Desk(
            self.engine,
            Sounds(sounds_directory(self._data), self.settings),
            self.voice,
            self.clock,
            self._secrets,
            TrunkLines(self.settings.trunks),
            TrunkTests(self.switch, self.clock),
            TaskCalls(self.switch, self.clock),
            self.notices,
            self._succession.rules_of,
        )
        self.web = WebRoom(self.engine, self.clock, self._data, self._secrets)
        self.desk.lines.remember(store.outgoing_since(self.clock.now() - HOUR))
        self.dialler = Dialler(self.desk, self.switch)
        self.engine.on_attempt = lambda attempt: self._do(lambda: self.dialler.call(attempt))
        self.engine.on_attempt_over = lambda leg: self._do(lambda: self.dialler.give_up(leg))
        self.webhooks = Webhooks(self.engine, self.clock, self._post, self._spawn)
        self.escalations = Escalations(self.desk, self._posting, self._do)
        self.engine.on_late = self.escalations.begin
        self._looked = False
        engine_runs = self._spawn(self.engine.run)
        try:
            self.switch.start(self._arrived, self._event)
        except (Refused, SwitchLost):
            self.stop()
            raise
        self.escalations.resume(untold)
        self._spawn(self._sweep)
        self._spawn(self._give_up_later)
        self._spawn(self._tell_members)
        self.webhooks.take(self.settings, self._secrets)
        if isinstance(self.clock, RealClock):
            self.web.follow(self.settings.web, self._secrets)
        self.heartbeat = Heartbeat(
            self.engine, self.switch, self.clock, self._manager, self.settings.fallback_after
        )
        if self._manager.listens:
            self._manager.tell(READY)
            self._spawn(lambda: self.heartbeat.run(lambda: engine_runs))

    def stop(self) -> None:
        """Stop at once, like a crash but tidier: callers keep their place and the switch holds them."""
        self._manager.tell(STOPPING)
        self.web.stop()
        self.switch.stop()
        if self._console:
            self._console.stop()
        gevent.killall(self._greenlets)
        self._database.close()

    def agent_state(self, agent: str) -> str:
        """The state of an agent now, in words."""
        return self.acd.roster[agent].state.value

    @property
    def greenlets(self) -> Sequence[gevent.Greenlet]:
        """Everything that runs for the appliance but the flows of legs."""
        return [g for g in self._greenlets if not g.dead]

    def _do(self, work: Callable[[], None]) -> None:
        """Something that takes a moment, in which nothing else is to wait."""
        self._spawn(work)

    def _spawn(self, work: Callable[[], None]) -> gevent.Greenlet:
        self._greenlets = [g for g in self._greenlets if not g.dead]
        greenlet = gevent.spawn(work)
        self._greenlets.append(greenlet)
        return greenlet

    # From the switch

    def _arrived(self, arrival: Arrival) -> None:
        """One leg's greenlet: its flow from beginning to end."""
        try:
            FLOWS[arrival.entry](arrival, self.desk)
        except LegGone:
            pass
        except Exception:
            # The leg is left undone: the dialplan keeps the caller and brings them back by Entry.RECOVER.
            log.exception("flow %s of leg %s failed", arrival.entry.value, arrival.leg.id)
            for call in self.engine.live.calls.values():
                if call.leg == arrival.leg.id:
                    call.failures += 1
        self.engine.tell(Farewell(arrival.leg))  # but not when killed: the caller is still there

    def _event(self, event: Event) -> None:
        self.desk.lines.event(event)
        self.desk.tests.event(event)
        self.desk.task_calls.event(event)
        self.engine.tell(event)

    def _look_later(self) -> None:
        self._spawn(self._look_at_switch)

    def _look_at_switch(self) -> None:
        """Ask what there is, for the engine to compare."""
        known, lines = self.engine.recovery.known(), self.desk.lines.known()
        try:
            legs, devices = self.switch.legs(), self.switch.devices()
            self.desk.lines.seen(lines, legs)
            self.desk.lines.states(self.switch.trunks())
        except (SwitchLost, Refused) as error:
            log.warning("could not compare records and switch: %s", error)
            return
        self.engine.tell(Seen(known, legs, devices, first=not self._looked))
        self._looked = True

    def _sweep(self) -> None:
        while True:
            self.clock.sleep(SWEEP_EVERY)
            self.web.try_again()
            if self.engine.switch_up:
                self._look_at_switch()

    def _give_up_later(self) -> None:
        self.clock.sleep(self.settings.fallback_after + MARGIN)
        while any(call.restored for call in self.engine.live.calls.values()):
            self.engine.tell(GiveUpRestored())
            self.clock.sleep(SWEEP_EVERY)

    # To the switch's own queues

    def _keep_members(self, members: Sequence[FallbackMember]) -> None:
        self._members = members
        self._members_changed.set()

    def _tell_members(self) -> None:
        while True:
            self._members_changed.wait()
            self._members_changed.clear()
            try:
                self.switch.keep_fallback(self._members)
            except (SwitchLost, Refused) as error:
                log.warning("could not tell the switch who is signed on: %s", error)

    def _command(self, command: str, arguments: dict[str, object]) -> object:
        if not hasattr(self, "engine"):
            raise Trouble("The appliance is starting and not ready yet: ask again in a moment.")
        if command == "health":
            return self._health()
        if command in SUCCESSION_COMMANDS:
            return self._succession.answer(self.engine, self._began_with, command, arguments)
        if command in trunk_watch.TRUNK_COMMANDS:
            return trunk_watch.answer(self.desk, self.switch, command, arguments)
        if command == "phones":
            return phones_of(self.settings, self.switch.registrations())
        if command in duty.DUTY_COMMANDS:
            return duty.answer(self.desk, command, arguments)
        if command in callback_desk.CALLBACK_COMMANDS:
            return callback_desk.answer(self.desk, command, arguments)
        if command in tasks_desk.TASK_COMMANDS:
            return tasks_desk.answer(self.desk, command, arguments)
        if command in voicemail_desk.VOICEMAIL_COMMANDS:
            return voicemail_desk.answer(self.desk, command, arguments)
        if command == "status":
            return supervision.status(self.engine) | {"web": self.web.state()}
        return supervision.answer(self.engine, command, arguments)

    def _take_settings(self, settings: Settings) -> None:
        """New ones are in force: whatever is not part of a call follows them from now on."""
        self.settings = settings
        self.desk.sounds = self.desk.sounds.of(settings)
        self._secrets = self.desk.secrets = self._succession.secrets(settings, self._secrets)
        self.desk.lines.take_trunks(settings.trunks)
        self.webhooks.take(settings, self._secrets)
        if isinstance(self.clock, RealClock):
            self.web.follow(settings.web, self._secrets)

    def _health(self) -> object:
        if not hasattr(self, "heartbeat"):
            raise Trouble("The appliance is starting and has not reached its switch yet: ask again in a moment.")
        return supervision.health(self.engine) | {
            "trouble": self.heartbeat.trouble(),
            "webhooks": self.webhooks.state(),
            "web": self.web.state(),
            "version": program_version(),
        }


def sounds_directory(data: Path) -> Path:
    """Where rendered sounds lie."""
    return data / "sounds"


def spoken_directory(data: Path) -> Path:
    """Where sounds lie that were made while a call waited for them."""
    return data / "spoken"


def notice_sounds(data: Path) -> NoticeSounds:
    """The notices of this installation, made by the engine that makes everything else."""

    def speak(speech: Speech, text: str, language: str, target: Path) -> None:
        with _in_trouble():
            dialplan.speech.speak(speech, text, language, target, NOTICE_WITHIN)

    def convert(source: Path, target: Path) -> None:
        with _in_trouble():
            dialplan.speech.convert(source, target, NOTICE_WITHIN)

    return NoticeSounds(data / NOTICES, speak, convert)


@contextmanager
def _in_trouble() -> Iterator[None]:
    try:
        yield
    except dialplan.speech.SpeechError as error:
        raise Trouble(str(error)) from None


def switch_of(settings: Settings, secrets: Mapping[str, str]) -> Switch:
    """The adapter for the switch that the settings name."""
    network = settings.network
    if settings.switch is SwitchKind.FREESWITCH:
        from esl.switch import FreeSwitch

        return FreeSwitch(
            esl_port=network.esl_port, event_socket_port=network.event_socket_port, secret=secrets["esl"]
        )
    from agi.switch import Asterisk

    return Asterisk(agi_port=network.agi_port, ami_port=network.ami_port, ami_secret=secrets["ami"])


def _say_where_it_hangs() -> None:
    """A service manager that gives us up sends SIGABRT; the log then says what was running."""
    # Newer Pythons add the stack of the interpreter itself, and fail at that among greenlets.
    options = {"c_stack": False} if sys.version_info >= (3, 14) else {}
    faulthandler.enable(all_threads=False, **options)


def run_daemon(
    settings: Settings,
    secrets: Mapping[str, str],
    data: Path,
    on_ready: Callable[[], None] | None = None,
    succession: Succession | None = None,
) -> None:
    """Run in the foreground until SIGTERM or SIGINT."""
    stopped = GeventEvent()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stopped.set)
    _say_where_it_hangs()
    daemon = Daemon(settings, secrets, data, manager=ServiceManager.of(os.environ), succession=succession)
    daemon.start()
    if on_ready:
        on_ready()
    stopped.wait()
    daemon.stop()
