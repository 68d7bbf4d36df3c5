"""The rig: one switch, the appliance as a process of its own, and the phones of both sides in this one."""

import shutil
import socket as plain_socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import gevent.subprocess as subprocess

from appliance.console import ask
from appliance.lab.process import LabError, die_with_parent
from appliance.places import Places
from appliance.secrets import add_missing
from appliance.settings import SwitchKind
from appliance.trouble import Trouble
from dialplan.install import install
from dialplan.render import render
from dialplan.speech import prepare
from tests.bench import centre
from tests.bench.agents import Agents
from tests.bench.callers import Callers
from tests.bench.switches import BenchSwitch, find_switch

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / ".lab"
READY_WITHIN = 60.0
LOOK_EVERY = 0.05
SETTLE = 5.0  # after so many agents have signed on at once, the switch's stand-in queues are still being told

Say = Callable[[str], None]


class Rig:
    """Everything that runs. Use as a context; whatever was started is gone afterwards."""

    def __init__(self, kind: SwitchKind, root: Path, say: Say) -> None:
        self._kind = kind
        self._work = Path(tempfile.mkdtemp(prefix="appliance-bench-"))
        self._places = Places(self._work / "config", self._work / "secrets.yml", self._work / "data")
        self._configuration = Path()
        try:
            self.switch: BenchSwitch = find_switch(kind, root, self._work, say)
        except BaseException:
            shutil.rmtree(self._work)
            raise
        self.daemon: Any = None
        self.complaints: list[str] = []  # of switch and appliance
        self._sinks: list[plain_socket.socket] = []
        self.agents: Agents
        self.callers: Callers

    def __enter__(self) -> "Rig":
        try:
            self._prepare()
            self._open_phones()
            self.start_switch()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_daemon()
        self.stop_switch()
        for phones in (getattr(self, "agents", None), getattr(self, "callers", None)):
            if phones is not None:
                phones.close()
        for sink in self._sinks:
            sink.close()
        shutil.rmtree(self._work, ignore_errors=True)

    def _prepare(self) -> None:
        """Configuration, sounds and the switch's files, by the product's own means."""
        centre.write_configuration(self._places.config, self._kind)
        settings = self._places.settings()
        add_missing(self._places.secrets_file, settings)
        media = LAB / "bench" / "media"  # kept: speech takes long to make
        media.mkdir(parents=True, exist_ok=True)
        prepare(settings, media / "sounds", media / "music")
        paths = self.switch.paths(media / "sounds", media / "music")
        self._configuration = paths.configuration
        files = render(settings, self._places.secrets(settings), paths)
        install(self.switch.with_own_queue(files), self._configuration)

    def _open_phones(self) -> None:
        for address in (centre.AGENTS_AT[0], centre.CALLERS_AT[0]):
            sink = plain_socket.socket(plain_socket.AF_INET, plain_socket.SOCK_DGRAM)
            sink.setsockopt(plain_socket.SOL_SOCKET, plain_socket.SO_RCVBUF, 1)
            self._sinks.append(sink)
            try:
                sink.bind((address, centre.SOUND_PORT))
            except OSError as error:
                where = f"{address}:{centre.SOUND_PORT}/udp"
                raise LabError(f"The phones cannot listen at {where} ({error.strerror}): free it.") from None
        self.agents = Agents(centre.AGENTS_AT, centre.SOUND_PORT)
        self.callers = Callers(centre.CALLERS_AT, self._sinks[1], (centre.ADDRESS, centre.SIP_PORT))

    # The switch

    def start_switch(self) -> None:
        """A fresh one, with every phone known to be there."""
        self.switch.start(self._configuration)

    def stop_switch(self) -> None:
        if self.switch.process.running():
            self.complaints += self.switch.process.errors()
        self.switch.process.stop()

    def restart_switch(self) -> None:
        self.stop_switch()
        self.start_switch()

    # The appliance

    @contextmanager
    def daemon_running(self, queues: Sequence[str]) -> Iterator[int]:
        """The appliance with empty records and the agents of these queues signed on; gives its process id."""
        shutil.rmtree(self._places.data, ignore_errors=True)
        self._places.data.mkdir()
        options = ["-c", str(self._places.config), "--secrets", str(self._places.secrets_file)]
        log = (self._work / "daemon.log").open("wb")
        self.daemon = subprocess.Popen(
            [sys.executable, "-m", "appliance.main", *options, "--data", str(self._places.data), "run"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        log.close()
        try:
            self._until(self._is_up, "the appliance")
            for phone in (phone for queue in queues for phone in centre.PHONES[queue]):
                ask(self._places.socket, "agent-sign-on", agent=centre.agent_at(phone), phone=str(phone))
            self._until(lambda: self._reachable() >= sum(len(centre.PHONES[q]) for q in queues), "the agents")
            gevent.sleep(SETTLE)
            yield self.daemon.pid
        finally:
            self.stop_daemon()

    def stop_daemon(self) -> None:
        process, self.daemon = self.daemon, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        lines = (self._work / "daemon.log").read_text(errors="replace").splitlines()
        self.complaints += [line for line in lines if " ERROR " in line or " WARNING " in line]

    def _is_up(self) -> bool:
        if self.daemon.poll() is not None:
            said = (self._work / "daemon.log").read_text(errors="replace").strip()
            raise LabError(f"The appliance ended at once with status {self.daemon.returncode}: {said[-1000:]}")
        try:
            status = ask(self._places.socket, "status")
        except Trouble:
            return False
        return isinstance(status, dict) and bool(status["switch_up"])

    def _reachable(self) -> int:
        agents = ask(self._places.socket, "agents")
        return sum(bool(a["reachable"]) for a in agents if a["phone"]) if isinstance(agents, list) else 0

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not condition():
            if time.monotonic() > deadline:
                raise LabError(f"Not ready within {READY_WITHIN:g} s: {what}.")
            gevent.sleep(LOOK_EVERY)
