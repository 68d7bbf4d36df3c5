"""The people around the box: Alice at a phone of the company, Dave and Eve behind the trunk."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from appliance.configuration.documents import Table, Text, read_document
from appliance.configuration.problems import Report
from appliance.lab.phone import Phone, PhoneError, stop_all
from tests.box.box import Box
from tests.box.world import BOX_ADDRESS, PHONES, PROVIDER, ip
from tests.scenarios.people import Person
from tests.scenarios.voices import speak
from tests.scenarios.waiting import until

NUMBER = "+12025550100"
SERVER = f"{BOX_ADDRESS}:5060"
WORDS = {
    "alice": "This is Alice of Harbour Lights, which room would you like to have, and for how many nights?",
    "dave": "Hello, we are four people with two small dogs, and would like to see the sea from the window.",
    "bob": "Bob of Harbour Lights speaking, I am up in the lighthouse tonight, what can I do for you?",
    "eve": "Good evening, I have lost my left glove somewhere between the lobby and the breakfast room.",
}


class Centre:
    """Phones for everybody."""

    alice: Person

    def __init__(self, box: Box, directory: Path) -> None:
        self._box = box
        self._directory = directory
        self._stack = ExitStack()
        self._alices = ExitStack()
        self.dave = self._person("dave", "+12025550131", PROVIDER, self._stack)
        self.eve = self._person("eve", "+12025550132", PROVIDER, self._stack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._alices.close()
        self._stack.close()

    def _person(self, name: str, user: str, address: str, stack: ExitStack, password: str | None = None) -> Person:
        voice = speak(WORDS[name], self._directory / f"{name}.wav")
        phone = Phone(name, SERVER, user, password, local_address=address, speech=voice)
        stack.callback(stop_all, phone)
        phone.start()
        return Person(name, phone, voice)

    def begins(self) -> None:
        """Alice switches her phone on, which registers with the secret that the box has made up."""
        self._alices.close()
        self.alice = self._person("alice", "31", PHONES, self._alices, self.secrets()["phone-31"])
        until("alice's phone is registered", self._registers)
        self.signs_on()

    def _registers(self) -> bool:
        """A FreeSWITCH that has just been started says for a moment that it is full: phones try again then."""
        try:
            self.alice.phone.register()
        except PhoneError as error:
            if "503" not in str(error):
                raise
            return False
        return True

    def signs_on(self) -> None:
        self._box.ssh("appliance agents sign-on 501 --phone 31")
        until("alice is ready", lambda: self.ask("agents")[0]["state"] == "ready")

    def serves_a_call(self) -> None:
        """From the trunk to Alice, both of whom hear each other, with the call in the books."""
        before = self.answered()
        until("alice is ready", lambda: self.ask("agents")[0]["state"] == "ready")
        self.dave.calls(NUMBER)
        self.alice.rings()
        self.alice.answers()
        self.alice.talks_with(self.dave)
        self.dave.hangs_up()
        self.alice.is_hung_up_on()
        until("the call is in the books", lambda: self.answered() == before + 1)

    def secrets(self) -> dict[str, str]:
        """What the box has made up."""
        file = self._directory / "secrets.yml"
        file.write_text(self._box.ssh("cat /etc/appliance/secrets.yml").stdout)
        document = read_document(file, Report())
        assert isinstance(document, Table)
        return {n: e.value.text for n, e in document.entries.items() if isinstance(e.value, Text)}

    def ask(self, *words: str) -> Any:
        """What a command of the appliance prints for programs."""
        return json.loads(self._box.ssh(f"appliance {' '.join(words)} --json").stdout)

    def state(self, agent: str) -> str:
        """Of an agent."""
        return next(str(row["state"]) for row in self.ask("agents") if row["agent"] == agent)

    def answered(self) -> int:
        return sum(call["outcome"] == "answered" for call in self.ask("calls"))

    @contextmanager
    def somebody_at(self, address: str) -> Iterator[None]:
        """One more address in the phones' network."""
        ip("address", "add", f"{address}/24", "dev", "box")
        try:
            yield
        finally:
            ip("address", "del", f"{address}/24", "dev", "box")

    def guesses_a_password(self, address: str, password: str) -> None:
        with Phone("guesser", SERVER, "31", password, local_address=address) as phone:
            try:
                phone.register(timeout=3)
            except PhoneError:
                return
        raise AssertionError("a wrong password was accepted")
