"""The lab: the whole call centre on this machine alone, the demonstration, and then a person's turn to try it."""

import dataclasses
import fcntl
import shutil
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import gevent
from gevent.event import Event as GeventEvent

from appliance.daemon import Daemon
from appliance.lab.freeswitch import LabFreeSwitch, find_freeswitch
from appliance.lab.process import LabError
from appliance.lab.route import NoRoute, lab_settings
from appliance.lab.story import Cast, tell_story
from appliance.lab.switch import LabSwitch, find_asterisk
from appliance.places import Places, make_data
from appliance.records import reports
from appliance.records.database import make_directory
from appliance.secrets import add_missing
from appliance.settings import SwitchKind
from appliance.speech.prompts import Sounds
from appliance.trouble import Trouble
from dialplan.install import install
from dialplan.render import Paths, render
from dialplan.speech import SpeechError, prepare

LAB = Path(".lab")
SHOWN = 4  # progress lines for the synthesis of the prompts


class Appliance(Protocol):
    """What the lab needs of the daemon."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def agent_state(self, agent: str) -> str: ...


def run_lab(
    config: Path, once: bool, switch: SwitchKind | None = None, say: Callable[[str], None] | None = None
) -> int:
    """Set up, demonstrate, stay up until told to stop (not with `once`). The exit status: 0 when every step of
    the demonstration was seen, else 1. `switch` instead of the one the configuration names. Raises Trouble when it
    cannot even begin."""
    say = say or _say
    with ExitStack() as stack:
        try:
            lab = Lab(config, LAB.absolute(), say, switch)
            stack.callback(lab.stop)
            lab.start()
            failed = lab.demonstrate()
        except (LabError, NoRoute, SpeechError) as error:
            raise Trouble(str(error)) from None
        if failed is not None:
            say(f"\nThe demonstration has failed: {failed}")
            for line in lab.switch_errors():
                say(f"  the switch: {line}")
        if not once:
            lab.invite()
            _until_stopped()
            say("Stopping.")
        return 0 if failed is None else 1


class Lab:
    """A switch and an appliance on the configuration, everything below one directory."""

    def __init__(
        self, config: Path, directory: Path, say: Callable[[str], None], switch: SwitchKind | None = None
    ) -> None:
        self._say = say
        self._directory = directory
        self._work = directory / "run"
        self.places = Places(config, directory / "secrets.yml", self._work / "data")
        settings = lab_settings(self.places.settings(), self._work / "recordings")
        self.settings = dataclasses.replace(settings, switch=switch or settings.switch)
        self._switch: LabSwitch | LabFreeSwitch | None = None
        self._daemon: Appliance | None = None
        self._secrets: Mapping[str, str] = {}

    def start(self) -> None:
        """Sounds, configuration of the switch, switch, appliance."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._lock()
        add_missing(self.places.secrets_file, self.settings)
        self._secrets = self.places.secrets(self.settings)
        paths, start = self._find_switch()
        self._clear()
        prepare(self.settings, self.places.sounds, self.places.music, self._progress)
        try:
            files = render(self.settings, self._secrets, paths)
        except ValueError as error:
            raise Trouble(str(error)) from None
        install(files, paths.configuration)
        start(paths.configuration)
        daemon = Daemon(self.settings, self._secrets, self.places.data)
        daemon.start()
        self._daemon = daemon
        self._say(f"The call centre of {self.settings.company} is up, from {self.places.config}.\n")

    def _find_switch(self) -> tuple[Paths, Callable[[Path], None]]:
        """Where the switch that the settings name has its files, and how it is started on them."""
        paths = Paths(
            configuration=self._work / self.settings.switch.value,
            sounds=self.places.sounds,
            music=self.places.music,
            recordings=self.settings.recordings,
        )
        if self.settings.switch is SwitchKind.FREESWITCH:
            freeswitch = find_freeswitch()
            self._say(f"FreeSWITCH {freeswitch.version}: {freeswitch.program}")
            own = self._switch = LabFreeSwitch(freeswitch, self._work)
            return paths, own.start
        asterisk = find_asterisk(self._directory / "asterisk-root", self._say)
        self._say(f"Asterisk {asterisk.version}: {asterisk.command[-1]}")
        paths = dataclasses.replace(
            paths,
            modules=asterisk.modules,
            data=asterisk.data,
            var=self._work / "var",
            run=self._work / "run",
            log=self._work / "log",
            spool=self._work / "spool",
        )
        other = self._switch = LabSwitch(asterisk)
        return paths, other.start

    def demonstrate(self) -> str | None:
        """Tell the story and print the report of its call; the sentence about what was not seen, or None."""
        assert self._daemon is not None
        network = self.settings.network
        failed = tell_story(
            Cast(
                settings=self.settings,
                secrets=self._secrets,
                sounds=Sounds(self.places.sounds, self.settings),
                music=self.places.music,
                server=f"{network.sip_address}:{network.sip_port}",
                state_of=self._daemon.agent_state,
                say=self._say,
            )
        )
        if failed is None:
            self._say("\nEvery step was seen. The report of this call:\n")
            self._say(reports.report_call("last", self.settings))
        return failed

    def switch_errors(self) -> list[str]:
        """What the switch has complained about."""
        return self._switch.errors()[-5:] if self._switch else []

    def invite(self) -> None:
        """Print what a person needs to try it by hand."""
        settings, network = self.settings, self.settings.network
        lines = ["", "Now it is your turn. Register softphones on this machine:"]
        lines.append(f"  server {network.sip_address}:{network.sip_port}, UDP, codec G.711")
        for phone in settings.phones.values():
            lines.append(f"  user {phone.id}   password {self._secrets[f'phone-{phone.id}']}   ({phone.name})")
        lines.append("Dial on any of them:")
        codes = settings.codes
        lines += [f"  {number.id}   as a caller: {number.name}" for number in settings.numbers.values()]
        lines += [f"  {codes.sign_on}   sign on as an agent (number and PIN below), {codes.sign_off} sign off"]
        lines += [f"  {codes.pause}   pause, {codes.resume} resume, {codes.wrap_up} end the wrap-up"]
        lines.append("Agents:")
        for agent in settings.agents.values():
            queues = ", ".join(queue.id for queue in settings.queues.values() if agent.id in queue.agents)
            lines.append(f"  {agent.id}   PIN {self._secrets[f'agent-{agent.id}']}   {agent.name} ({queues})")
        options = f"-c {self.places.config} --secrets {self.places.secrets_file} --data {self.places.data}"
        lines.append("Look at it from another terminal:")
        lines.append(f"  .venv/bin/appliance {options} status   (agents, queues, calls, report, why last)")
        lines.append("Ctrl-C stops everything.")
        self._say("\n".join(lines))

    def stop(self) -> None:
        """Stop everything that was started."""
        if self._daemon is not None:
            self._daemon.stop()
        if self._switch is not None:
            self._switch.stop()

    def _lock(self) -> None:
        """Another lab in this clone would lose its records and sounds to us."""
        lock = self._directory / "lock"
        self._locked = lock.open("w")  # until this process ends
        try:
            fcntl.flock(self._locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LabError(
                f"Another lab runs in {self._directory}: stop it first, or use another clone."
            ) from None

    def _clear(self) -> None:
        """Begin with empty records; sounds are kept, since they take long to make."""
        for name in ("var", "run", "log", "spool", "db", "storage", "recordings"):
            shutil.rmtree(self._work / name, ignore_errors=True)
        make_data(self.places.data)
        make_directory(self._work / "recordings")
        for file in self.places.data.glob("*.sqlite3*"):
            file.unlink()

    def _progress(self, done: int, total: int) -> None:
        if done == total or done % max(1, total // SHOWN) == 0:
            self._say(f"Preparing sounds: {done} of {total}")


def _until_stopped() -> None:
    stopped = GeventEvent()
    handlers = [gevent.signal_handler(number, stopped.set) for number in (signal.SIGTERM, signal.SIGINT)]
    stopped.wait()
    for handler in handlers:
        handler.cancel()


def _say(text: str) -> None:
    print(text, flush=True)
