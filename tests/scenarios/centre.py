"""The call centre of one test: an appliance in a process of its own with empty books, and people at its phones."""

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gevent
from gevent import subprocess

from appliance import console
from appliance.lab.process import die_with_parent
from appliance.places import DATABASE, Places
from appliance.records.database import open_database
from appliance.settings import Settings
from appliance.versions.history import Versions
from appliance.whatif.replay import mark_for, replay
from tests.scenarios.books import Books
from tests.scenarios.people import Person
from tests.scenarios.site import Site
from tests.scenarios.waiting import PATIENCE, until

REPOSITORY = Path(__file__).parents[2]
AGENTS = {"alice": "501", "bob": "502", "carol": "503"}
FOR_EVER = 1e11  # a time that is far away
PHONES = {"alice": "31", "bob": "32", "carol": "33"}


class Done:
    """How a command of the command line ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def data(self) -> Any:
        """What --json printed."""
        assert self.status == 0, self.err
        return json.loads(self.out)


def run_appliance(places: Places, *arguments: str, timeout: float = 30.0) -> Done:
    """Run a command of the real program to its end."""
    done = subprocess.run(
        command_of(places, *arguments),
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=timeout,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def command_of(places: Places, *arguments: str) -> Sequence[str]:
    options = ("-c", places.config, "--secrets", places.secrets_file, "--data", places.data)
    return [sys.executable, "-m", "appliance.main", *map(str, options), *arguments]


class Centre:
    """An appliance on the site's switch. It is killed and started as often as the story wants."""

    def __init__(self, site: Site, data: Path, people: Mapping[str, Person]) -> None:
        self.site = site
        self.people = people
        data.mkdir(parents=True, exist_ok=True)
        for shared in ("sounds", "music"):
            (data / shared).symlink_to(site.places.data / shared)
        self.places = Places(site.places.config, site.places.secrets_file, data)
        self.books = Books(data / DATABASE)
        self.log = data / "log"
        self._process: Any = None
        self._was_killed = False
        self._complaints_before = set(site.machine.complaints())

    # The appliance

    def start(self) -> None:
        """Start the appliance; returns when it takes calls."""
        before = self._said().count("runs and answers")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command_of(self.places, "run"),
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )
        until("the appliance runs", lambda: self._ended() or self._said().count("runs and answers") > before)
        assert not self._ended(), self._said()

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._was_killed = True

    def stop(self) -> int:
        """End it in order; its exit status."""
        if not self._ended():
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=PATIENCE)
        return int(self._process.returncode)

    def _ended(self) -> bool:
        return self._process.poll() is not None

    def _said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def run(self, *arguments: str) -> Done:
        """A command of the command line."""
        return run_appliance(self.places, *arguments)

    def ask(self, command: str, **arguments: object) -> Any:
        """What the running appliance answers, without the detour of a process."""
        return console.ask(self.places.socket, command, **arguments)

    # The people and what is known of them

    def person(self, name: str) -> Person:
        return self.people[name]

    def sign_on(self, *names: str) -> None:
        """Sign agents on at their own phones, one after the other."""
        for name in names:
            self.ask("agent-sign-on", agent=AGENTS[name], phone=PHONES[name])

    def state(self, name: str) -> str:
        return self.books.state(AGENTS[name])

    def is_in_state(self, name: str, state: str, within: float = PATIENCE) -> None:
        """Wait for an agent's state."""
        until(lambda: f"{name} is {state} (is {self.state(name)})", lambda: self.state(name) == state, within)

    def waiting(self, queue: str) -> list[Mapping[str, Any]]:
        """Who stands in line, the next first."""
        queues = {each["queue"]: each["waiting"] for each in self.ask("queues")}
        line: list[Mapping[str, Any]] = queues[queue]
        return line

    def waits(self, *numbers: str | None, queue: str) -> None:
        """Wait until exactly these callers stand in line, present and in this order."""

        def line() -> list[tuple[str | None, str]]:
            return [(caller["number"], caller["state"]) for caller in self.waiting(queue)]

        wanted = [(number, "waiting") for number in numbers]
        until(lambda: f"{numbers} wait for {queue} (instead: {line()})", lambda: line() == wanted)

    def closes_its_books(self) -> None:
        """Wait until every row is closed: a call is, a moment after its caller's leg has ended."""
        until(lambda: f"no row is open: {self.books.open_rows()}", lambda: not self.books.open_rows())

    def hears_music(self, name: str, music: str = "harp", seconds: float = 1.0) -> None:
        """A caller hears music, from now on."""
        self.person(name).listens_from_now()
        self.person(name).hears(self.site.music(music), seconds)

    # At the end

    def everybody_goes_home(self) -> None:
        gevent.joinall([gevent.spawn(person.puts_everything_back) for person in self.people.values()])

    def nothing_is_left(self) -> None:
        """What holds after every story: nobody anywhere, every row closed, and no complaints."""
        until(
            lambda: f"no channel is left: {self.site.machine.channels()}", lambda: not self.site.machine.channels()
        )
        self.closes_its_books()
        status = self.ask("status")
        assert status["switch_up"] and (status["calls"], status["waiting"], status["talking"]) == (0, 0, 0)
        assert not self.books.gaps()
        assert self.stop() == 0
        self.decides_the_same_again()
        assert self.complaints() == []
        said = self._said()
        assert "Traceback" not in said and " ERROR " not in said, said

    def decides_the_same_again(self) -> None:
        """A line that is told what the journal says decides what the records say."""
        database = open_database("sqlite", self.places.data)
        try:
            mark = mark_for(0.0, FOR_EVER)
            if mark is None:
                assert not self.books.rows("visit"), "the journal knows nothing of callers who have waited"
                return
            done = replay(mark, 0.0, FOR_EVER, self._settings_of)
        finally:
            database.close()
        assert done.messages and done.difference is None and not done.unknown, done

    def _settings_of(self, version: int | None) -> Settings:
        return self.site.settings if version is None else Versions(self.places.versions).settings(version)

    def forgives_complaints(self) -> None:
        """What the switch has said so far was to be expected."""
        self._complaints_before |= set(self.site.machine.complaints())

    def complaints(self) -> list[str]:
        """What the switch has complained about without good reason."""
        machine = self.site.machine
        return [
            line
            for line in machine.complaints()
            if line not in self._complaints_before and not machine.is_right_to_say(line, self._was_killed)
        ]
