"""A FreeSWITCH for the lab: the one that is installed on this machine, run beside nothing else."""

import os
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import gevent
import gevent.subprocess as subprocess

from appliance.lab.process import LabError, SwitchProcess

OLDEST = (1, 10)
PLACES = (Path("/usr/local/freeswitch/bin"), Path("/opt/freeswitch/bin"))  # besides PATH
DIRECTORIES = ("log", "db", "run", "storage")
LOG = "freeswitch.log"
WHERE_FROM = "docs/freeswitch-install.md says where it comes from"


@dataclass(frozen=True)
class FreeSwitch:
    """A FreeSWITCH that can be run here."""

    program: Path
    client: Path  # fs_cli, which commands a running one
    version: str


def find_freeswitch() -> FreeSwitch:
    """The machine's own FreeSWITCH; LabError says what is missing."""
    program = _find("freeswitch")
    if program is None:
        raise LabError(f"There is no FreeSWITCH on this machine; {WHERE_FROM}.")
    client = next(
        (file for file in (program.with_name("fs_cli"), _find("fs_cli")) if file and file.exists()), None
    )
    if client is None:
        raise LabError(f"{program} is here, but its command line fs_cli is not; {WHERE_FROM}.")
    version = version_of(program)
    if version is None:
        raise LabError(f"{program} does not run: {program} -version says no version.")
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        raise LabError(
            f"{program} is FreeSWITCH {version}; the appliance needs {'.'.join(map(str, OLDEST))} or later."
        )
    return FreeSwitch(program, client, version)


def version_of(program: Path) -> str | None:
    """What `freeswitch -version` says, e.g. "1.10.12"; None when it does not run."""
    try:
        done = subprocess.run([program, "-version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(rb"FreeSWITCH version: (\d+\.\d+[\d.]*)", done.stdout)
    return found[1].decode() if found else None


def _find(name: str) -> Path | None:
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, PLACES)))
    return Path(found) if found else None


class LabFreeSwitch(SwitchProcess):
    """A FreeSWITCH that runs on a configuration directory, with everything it writes below another."""

    # One that says nothing but that a thread was started is not for a person.
    complaint = re.compile(r"\[(?:WARNING|ERR|CRIT|ALERT)\](?!.* (?:MSG Thread \d+ Started|SIP auth challenge ))")

    def __init__(self, freeswitch: FreeSwitch, work: Path) -> None:
        super().__init__()
        self.freeswitch = freeswitch
        self._work = work

    def start(self, configuration: Path, timeout: float = 30.0) -> None:
        """Start on `configuration` (freeswitch.xml and the rest) and return when it takes calls."""
        port, password = read_event_socket(configuration / "event_socket.conf.xml")
        _refuse_taken(port)
        for name in DIRECTORIES:
            (self._work / name).mkdir(parents=True, exist_ok=True)
            (self._work / name).chmod(0o700)  # the switch writes the whole configuration beside its log
        self._write_client_settings(port, password)
        arguments = [f"-{name} {self._work / name}".split(" ", 1) for name in DIRECTORIES]
        out = self._work / "log" / "console"
        self._launch(
            [
                str(self.freeswitch.program),
                *("-nf", "-nc", "-nonat"),  # in the foreground, without a console, asking no router for ports
                *("-conf", str(configuration), "-recordings", str(self._work / "storage")),
                *(part for argument in arguments for part in argument),
            ],
            out,
            [self._work / "log" / LOG],
        )
        try:
            self._wait_until_ready(timeout, out)
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self, timeout: float, out: Path) -> None:
        with gevent.Timeout(timeout, False):
            while self._process.poll() is None:
                if " is ready" in self.cli("status"):
                    states = re.findall(r"\tprofile\t.*\t(\w+)", self.cli("sofia status"))
                    if states and all(state == "RUNNING" for state in states):
                        return
                    taken = [line for line in self.errors() if "Error Creating SIP UA" in line]
                    if taken:
                        raise LabError(
                            "Another program uses the SIP port that the switch needs. Stop it (is another lab "
                            "running?), or give another sip_port below `network:`."
                        )
                gevent.sleep(0.05)
        code = self._process.poll()
        how = f"has not come up within {timeout:g} s" if code is None else f"ended at once with status {code}"
        raise LabError(f"FreeSWITCH {how}: {self._last_words(out)}")

    def cli(self, command: str) -> str:
        """What a command of FreeSWITCH's console says; "" when the switch cannot be reached."""
        done = subprocess.run(
            [str(self.freeswitch.client), "-x", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self._work / "run")},
            timeout=30,
        )
        text: str = done.stdout.decode(errors="replace").strip()
        return text if done.returncode == 0 else ""

    def stop(self, patience: float = 2.0) -> None:
        """End it, calls or not; harmless when it is gone. It takes its time with every profile."""
        super().stop(patience)

    def _write_client_settings(self, port: int, password: str) -> None:
        """The client reads its password from a file, so that no list of processes shows it."""
        file = self._work / "run" / ".fs_cli_conf"
        file.write_text(f"[default]\nhost => 127.0.0.1\nport => {port}\npassword => {password}\ndebug => 0\n")
        file.chmod(0o600)


def read_event_socket(file: Path) -> tuple[int, str]:
    """The port and password of a rendered event_socket.conf.xml."""
    if not file.exists():
        raise LabError(f"There is no {file}: the configuration has not been rendered.")
    params = {param.get("name"): param.get("value") or "" for param in ElementTree.parse(file).iter("param")}
    return int(params["listen-port"]), params["password"]


def _refuse_taken(port: int) -> None:
    """Whatever listens there would be taken for our switch."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise LabError(
                f"Another program uses 127.0.0.1:{port}, which the switch needs. Stop it (is another lab "
                "or FreeSWITCH running?), or give another event_socket_port below `network:`."
            ) from None
