"""A real SIP phone for demonstrations and tests: calls, answers, keys digits, speaks, and keeps what it heard."""

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import gevent
import gevent.event
import gevent.subprocess

SOFTPHONE = Path(__file__).with_name("softphone.py")
COMMAND_TIME = 10.0  # a command is carried out at once; later than that, the softphone hangs


class PhoneError(Exception):
    """The phone could not do what was asked, in one sentence."""


class Happening(Enum):
    """What can happen to a phone."""

    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    REGISTRATION_FAILED = "registration failed"
    RINGING = "ringing"  # the other side rings, after `call`
    INCOMING = "incoming"  # this phone rings
    ANSWERED = "answered"  # by either side
    DIGIT = "digit"  # a key was received
    ENDED = "ended"


@dataclass(frozen=True)
class Event:
    """Something that happened; fields that do not fit the kind are empty."""

    kind: Happening
    call: int  # of this phone, counted from 1; 0 for registrations
    at: float  # UTC epoch seconds
    code: int = 0  # SIP status (ENDED, REGISTRATION_FAILED)
    reason: str = ""  # its words; DIGIT: the key
    name: str = ""  # INCOMING: the caller's name and number
    number: str = ""
    message: str = ""  # INCOMING: the whole INVITE


class Phone:
    """One SIP phone with one line, in a process of its own that dies with this one.

    With a `password` it is an account of the switch and may register. Without one it is the provider's side
    of a trunk that is recognised by its address. It rings until told otherwise (`auto_answer`, `refuse_calls`);
    a second call meanwhile finds it busy. While a call is up, `speech` (WAV, mono, 16 bit) is played in a loop.
    A `secure` one speaks TLS, and has no call without SRTP.
    """

    def __init__(
        self,
        name: str,
        server: str,
        user: str,
        password: str | None = None,
        *,
        local_address: str = "127.0.0.1",
        local_port: int = 0,
        speech: Path | None = None,
        secure: bool = False,
        log_level: int = 0,
    ) -> None:
        self.name = name
        self.user = user
        self._directory = Path(tempfile.mkdtemp(prefix=f"phone-{user.strip('+')}-"))
        self._setup = {
            "server": server,
            "user": user,
            "password": password,
            "local_address": local_address,
            "local_port": local_port,
            "speech": str(speech) if speech else None,
            "directory": str(self._directory),
            "secure": secure,
            "log_level": log_level,
        }
        self._process: Any = None
        self._reader: Any = None
        self._events: list[Event] = []
        self._news = gevent.event.Event()
        self._answers: dict[int, Any] = {}
        self._count = 0
        self._call = self._ended = 0
        self._up = False
        self._broken: str | None = None

    def __repr__(self) -> str:
        return f"Phone({self.name!r})"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- life

    def start(self) -> None:
        """Start the phone's process; does not register."""
        loud = bool(self._setup["log_level"])
        self._process = gevent.subprocess.Popen(
            [phone_python(), "-P", str(SOFTPHONE)],
            stdin=gevent.subprocess.PIPE,
            stdout=gevent.subprocess.PIPE,
            stderr=None if loud else gevent.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the parent: the phone hangs up properly when told
        )
        self._write(self._setup)
        self._reader = gevent.spawn(self._read)
        self._until(lambda: self._up or self._broken is not None, COMMAND_TIME)
        if not self._up:
            self.stop()
            raise PhoneError(f"The phone {self.name} does not start: {self._broken or 'no sign of life'}.")

    def stop(self) -> None:
        """Hang up, unregister and end the process; harmless when it is gone. What it heard goes too."""
        process, self._process = self._process, None
        if process is not None:
            process.stdin.close()
            try:
                process.wait(timeout=5)
            except gevent.subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._reader.kill()
            process.stdout.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    # -- what a person does with a phone

    def register(self, timeout: float = 5.0) -> None:
        """Register at the switch and wait until it has agreed."""
        self._forget(0)
        self._command("register")
        event = self._first((Happening.REGISTERED, Happening.REGISTRATION_FAILED), timeout)
        if event is None:
            raise PhoneError(f"The phone {self.name} got no answer to its registration.")
        if event.kind is Happening.REGISTRATION_FAILED:
            raise PhoneError(f"The phone {self.name} may not register: {event.code} {event.reason}.")

    def unregister(self, timeout: float = 5.0) -> None:
        """Take the registration back and wait until the switch has agreed."""
        self._forget(0)
        self._command("unregister")
        self.wait_for(Happening.UNREGISTERED, timeout)

    def call(
        self,
        number: str,
        *,
        caller_name: str | None = None,
        from_user: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Dial. `from_user` and `caller_name` are what the From header shows instead of the account."""
        self._forget(self._call)
        self._command("call", number=number, name=caller_name, from_user=from_user, headers=dict(headers or {}))

    def answer(self) -> None:
        """Take the call that rings."""
        self._command("answer")

    def progress(self) -> None:
        """Speak into the call that rings, without taking it (183)."""
        self._command("progress")

    def reject(self, code: int = 486) -> None:
        """Refuse the call that rings."""
        self._command("reject", code=code)

    def auto_answer(self, after: float = 0.0) -> None:
        """From now on, answer every call after so many seconds."""
        self._command("mode", answer_after=after, refuse_with=None)

    def ring_only(self) -> None:
        """From now on, ring until `answer` or `reject`; so it is at the start."""
        self._command("mode", answer_after=None, refuse_with=None)

    def refuse_calls(self, code: int = 486) -> None:
        """From now on, refuse every call."""
        self._command("mode", answer_after=None, refuse_with=code)

    def send(self, digits: str, info: bool = False) -> None:
        """Key digits (RFC 4733, or with `info` by SIP INFO)."""
        self._command("send", digits=digits, info=info)

    def hush(self) -> None:
        """Say nothing any more in this call."""
        self._command("hush")

    def hang_up(self) -> None:
        """End the call; harmless when there is none."""
        self._command("hang_up")

    # -- what it learns

    def wait_for(self, kind: Happening, timeout: float = 5.0) -> Event:
        """The next event of that kind that nobody has waited for yet; PhoneError after `timeout` seconds.

        Asking for an event of a call lets go of everything that happened in earlier ones.
        """
        event = self._first((kind,), timeout)
        if event is None:
            seen = ", ".join(e.kind.value for e in self._events) or "nothing"
            raise PhoneError(
                f"The phone {self.name} waited {timeout:g} s for '{kind.value}'; what happened: {seen}."
            )
        return event

    def happened(self, kind: Happening) -> bool:
        """Has an event of that kind come that nobody has waited for yet?"""
        return any(event.kind is kind for event in self._events)

    def heard(self) -> Path:
        """The recording (WAV) of all that was heard in the current or last call, complete when it has ended.

        While the call is up, the last quarter of a second is missing and the sizes in the header are 0.
        """
        file = self._directory / f"heard-{self._call}.wav"
        with gevent.Timeout(1.0, False):  # pjsua closes the file a moment after the call has ended
            while self._call == self._ended and file.exists() and not data_size(file):
                gevent.sleep(0.01)
        return file

    # -- the pipe

    def _command(self, do: str, **arguments: Any) -> None:
        if self._process is None or self._broken is not None:
            raise PhoneError(f"The phone {self.name} is not running: {self._broken or 'not started'}.")
        self._count += 1
        number = self._count
        result = self._answers[number] = gevent.event.AsyncResult()
        self._write({"n": number, "do": do, **arguments})
        try:
            error = result.get(timeout=COMMAND_TIME)
        except gevent.Timeout:
            error = "no answer"
        finally:
            del self._answers[number]
        if error:
            raise PhoneError(f"The phone {self.name} cannot {do.replace('_', ' ')}: {error}.")

    def _write(self, message: Mapping[str, Any]) -> None:
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise PhoneError(f"The phone {self.name} is gone: {error}.") from error

    def _read(self) -> None:
        for line in self._process.stdout:
            message: dict[str, Any] = json.loads(line)
            if "done" in message:
                if message["done"] in self._answers:
                    self._answers[message["done"]].set(message["error"])
            elif message["event"] == "started":
                self._up = True
            elif message["event"] == "broken":
                self._broken = message["reason"]
            else:
                event = Event(kind=Happening(message.pop("event")), **message)
                self._call = max(self._call, event.call)
                if event.kind is Happening.ENDED:
                    self._ended = max(self._ended, event.call)
                self._events.append(event)
            self._news.set()
        self._broken = self._broken or "its process has ended"
        for result in self._answers.values():
            result.set(self._broken)
        self._news.set()

    def _until(self, condition: Any, timeout: float) -> None:
        with gevent.Timeout(timeout, False):
            while not condition():
                self._news.clear()
                self._news.wait()

    def _first(self, kinds: tuple[Happening, ...], timeout: float) -> Event | None:
        def waiting() -> list[Event]:
            return [event for event in self._events if event.kind in kinds]

        self._until(lambda: waiting() or self._broken is not None, timeout)
        found = next(iter(waiting()), None)
        if found is not None:
            self._events.remove(found)
            self._events = [event for event in self._events if event.call == 0 or event.call >= found.call]
        return found

    def _forget(self, call: int) -> None:
        """Let go of everything about calls up to that one, or about registrations (0)."""
        if call == 0:
            self._events = [event for event in self._events if event.call != 0]
        else:
            self._events = [event for event in self._events if event.call == 0 or event.call > call]


def stop_all(*phones: Phone) -> None:
    """Stop phones at the same time."""
    gevent.joinall([gevent.spawn(phone.stop) for phone in phones])


def phone_python() -> str:
    """The Python that the softphone's library is for: this one, or where there is none for this one, another that
    the set-up has put beside it."""
    other = Path(sys.executable).with_name("phone-python")
    return str(other) if other.exists() else sys.executable


def data_size(file: Path) -> int:
    """The length of the sound as the header of a plain WAV file gives it."""
    with file.open("rb") as wav:
        return int.from_bytes(wav.read(44)[40:44], "little")
