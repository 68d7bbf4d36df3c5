"""Softphones in an office: each gets its configuration by a link that the box has made, and nothing else."""

import io
import json
import shutil
import sys
import tarfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from gevent import subprocess

from tests.box.box import Box
from tests.box.centre import NUMBER, WORDS, Centre
from tests.box.world import BOX_ADDRESS, OFFICE, OFFICE_ADDRESS, within
from tests.needs import lack
from tests.scenarios.softphones import Baresip, Linphone
from tests.scenarios.voices import speak
from tests.scenarios.waiting import until

REGISTERS_WITHIN = 30.0
SIGN_ON = "*11"
# As `curl --fail --cacert AUTHORITY LINK` does.
FETCH = """
import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[2])
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], context=context, timeout=10).read())
"""


class Office:
    """What is in there: the names it knows, whom its phones trust, and the voice of Bob, who works there."""

    def __init__(self, box: Box, centre: Centre, directory: Path) -> None:
        self._box = box
        self._centre = centre
        self._directory = directory
        self._stack = ExitStack()
        self._signed_on: list[str] = []
        self.names = directory / "hosts"
        self.names.write_text(f"127.0.0.1 localhost\n{BOX_ADDRESS} switch\n")
        self.authority = directory / "authority.pem"
        self.authority.write_text(box.ssh("cat /etc/appliance/tls/certificate.pem").stdout)
        self.voice = speak(WORDS["bob"], directory / "bob.wav")

    def close(self) -> None:
        """Everybody goes home."""
        for agent in self._signed_on:
            self._box.ssh(f"appliance agents sign-off {agent}", check=False)
        self._stack.close()

    def link(self, phone: str, format: str) -> str:
        """As an administrator makes it."""
        said = self._box.ssh(f"appliance phone link {phone} --format {format} --json").stdout
        url: str = json.loads(said)["url"]
        return url

    def fetches(self, url: str) -> bytes:
        """What is under that address, or OSError with what was said instead."""
        done = subprocess.run(
            [*within(OFFICE, self.names), sys.executable, "-c", FETCH, url, str(self.authority)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if done.returncode != 0:
            raise OSError(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
        content: bytes = done.stdout
        return content

    def baresip(self) -> Baresip:
        phone = Baresip(
            program("baresip", "baresip-core"),
            self._home("baresip"),
            address=OFFICE_ADDRESS,
            through=within(OFFICE, self.names),
        )
        self._stack.callback(phone.stop)
        return phone

    def linphone(self) -> Linphone:
        phone = Linphone(
            program("linphonec", "linphone-cli"),
            self._home("linphone"),
            self.authority,
            address=OFFICE_ADDRESS,
            through=within(OFFICE, self.names),
        )
        self._stack.callback(phone.stop)
        return phone

    def _home(self, name: str) -> Path:
        home = self._directory / name
        home.mkdir()
        return home

    def unpacks(self, link: str, phone: Baresip) -> None:
        """Fetch the archive under a link and put its files where baresip looks for them."""
        with tarfile.open(fileobj=io.BytesIO(self.fetches(link))) as archive:
            archive.extractall(phone.directory, filter="data")

    def is_registered(self, id: str, firmware: str) -> None:
        def now() -> bool:
            row = next(row for row in self._centre.ask("phones") if row["phone"] == id)
            return (
                row["state"] == "registered"
                and row["address"].startswith(f"{OFFICE_ADDRESS}:")
                and firmware in row["agent"].lower()
            )

        until(lambda: f"{firmware} is registered: {self._centre.ask('phones')}", now, REGISTERS_WITHIN)

    def signs_on(self, phone: Baresip | Linphone, agent: str) -> None:
        """By the feature code and the agent's PIN, keyed in."""
        phone.calls(SIGN_ON)
        phone.keys(f"{agent}#")
        phone.keys(f"{self._centre.secrets()[f'agent-{agent}']}#")
        until(
            lambda: f"{agent} is ready: {self._centre.ask('agents')}", lambda: self._centre.state(agent) == "ready"
        )

    def serves_a_call(self, agent: str, answers: Callable[[], None] | None = None) -> None:
        """From the trunk to that agent, whose voice is heard. Without `answers` the phone does so by itself."""
        dave, before = self._centre.dave, self._centre.answered()
        dave.calls(NUMBER)
        if answers is not None:
            answers()
        until("the agent talks", lambda: self._centre.state(agent) == "talking")
        dave.listens_from_now()
        dave.hears(self.voice, 1.0)
        dave.hangs_up()
        until("the call is in the books", lambda: self._centre.answered() == before + 1)


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        lack("softphones", f"there is no {name} on this machine (Debian: apt-get install {package})")
    return found
