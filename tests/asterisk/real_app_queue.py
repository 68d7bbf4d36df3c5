"""An Asterisk with nothing but app_queue: members and callers are Local channels, commanded by the test."""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

import gevent
from gevent import socket
from gevent.event import AsyncResult
from gevent.queue import Queue as Mailbox

from appliance.lab.switch import Asterisk, LabSwitch
from appliance.settings import Queue

PORT = 19039
WITHIN = 20.0  # seconds in which anything that is waited for comes
RINGS_FOR, RETRY = 3, 1

Headers = dict[str, str]

_EXTENSIONS = """[members]
exten => _X.,1,Wait(3600)
[does]
exten => answers,1,Answer()
 same => n,Wait(3600)
exten => refuses,1,Busy()
[holds]
exten => s,1,Answer()
 same => n,Wait(3600)
[callers]
exten => _X.,1,Queue(${EXTEN})
exten => _q.,1,Queue(${EXTEN})
"""
_MODULES = ("pbx_config", "app_queue", "bridge_simple", "res_timing_timerfd", "app_stack", "func_devstate")
_EMPTY = (
    "acl.conf",
    "ccss.conf",
    "cel.conf",
    "cdr.conf",
    "features.conf",
    "indications.conf",
    "pjsip.conf",
    "queuerules.conf",
    "udptl.conf",
)
_FOLDERS = ("astetcdir", "astvarlibdir", "astdbdir", "astkeydir", "astspooldir", "astrundir", "astlogdir")


class RealAppQueue:
    """The switch, and the conversation with it."""

    def __init__(self, asterisk: Asterisk, folder: Path) -> None:
        self._asterisk, self._folder = asterisk, folder
        self._switch = LabSwitch(asterisk)
        self._numbers = count(1)
        self._answers: dict[str, AsyncResult] = {}
        self.mail: dict[str, Mailbox] = {}  # what happens, by queue

    def start(self, queues: Sequence[Queue]) -> None:
        self.mail = {queue.id: Mailbox() for queue in queues}
        self._sizes = {queue.id: len(queue.agents) for queue in queues}
        directories = "".join(f"{each} => {self._folder}\n" for each in _FOLDERS)
        places = f"astmoddir => {self._asterisk.modules}\nastdatadir => {self._asterisk.data}\n"
        files = {
            "asterisk.conf": f"[directories]\n{directories}{places}",
            "logger.conf": "[general]\nqueue_log = no\n[logfiles]\nmessages.log => warning,error\n",
            "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {each}.so\n" for each in _MODULES),
            "manager.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {PORT}\n"
            "[test]\nsecret = test\nread = agent,system\nwrite = all\n",
            "extensions.conf": _EXTENSIONS,
            **dict.fromkeys(_EMPTY, "; the defaults will do\n"),
            "queues.conf": "[general]\nshared_lastcall = yes\n" + "".join(map(_conf, queues)),
        }
        for name, text in files.items():
            (self._folder / name).write_text(text)
        self._switch.start(self._folder)
        self._connection = socket.create_connection(("127.0.0.1", PORT))
        self._reader = gevent.spawn(self._read)
        self.ask("Login", Username="test", Secret="test")

    def stop(self) -> None:
        if hasattr(self, "_reader"):
            self._reader.kill()
            self._connection.close()
        self._switch.stop()

    # What can be done

    def ask(self, action: str, **headers: str) -> Headers:
        """Have something done, and what is said to it; raises AssertionError where it is not done."""
        id = str(next(self._numbers))
        answer = self._answers[id] = AsyncResult()
        lines = [f"Action: {action}", f"ActionID: {id}", *(f"{name}: {value}" for name, value in headers.items())]
        self._connection.sendall("\r\n".join([*lines, "", ""]).encode())
        said: Headers = answer.get(timeout=WITHIN)
        assert said["Response"] == "Success", said
        return said

    def call(self, queue: str, caller: str) -> None:
        more = {"Context": "callers", "Exten": queue, "Priority": "1", "ChannelId": caller, "Async": "true"}
        self.ask("Originate", Channel="Local/s@holds/n", OtherChannelId=f"{caller}-2", **more)

    def hang_up(self, channel: str) -> None:
        self.ask("Hangup", Channel=channel)

    def does(self, channel: str, what: str) -> None:
        """A phone that rings answers, or refuses."""
        other_end = channel.removesuffix("1") + "2"
        self.ask("Redirect", Channel=other_end, Context="does", Exten=what, Priority="1")

    def pause(self, queue: str, agent: str, paused: bool) -> None:
        self.ask("QueuePause", Queue=queue, Interface=_interface(agent), Paused=str(paused).lower())
        self.hear(queue, "QueueMemberPause")

    def hear(self, queue: str, event: str) -> Headers:
        """The next of this kind that happens in a queue; others before it are passed over."""
        with gevent.Timeout(WITHIN, AssertionError(f"Within {WITHIN:g} s no {event} came from {queue}.")):
            while True:
                headers: Headers = self.mail[queue].get()
                if headers["Event"] == event:
                    return headers
                assert headers["Event"] != "AgentCalled", f"{agent_of(headers)} is rung, and nobody expects that"

    def members(self, queue: str) -> dict[str, Headers]:
        """How the members stand."""
        self.ask("QueueStatus", Queue=queue)
        found: dict[str, Headers] = {}
        self.hear(queue, "QueueParams")
        while len(found) < self._sizes[queue]:
            headers = self.hear(queue, "QueueMember")
            found[agent_of(headers)] = headers
        return found

    def is_free(self, agent: str) -> bool:
        """Whether nothing is left of an agent's last call."""
        state = self.ask("Getvar", Variable=f"DEVICE_STATE(Local/{agent}@members)")["Value"]
        return state == "NOT_INUSE"

    # What it says

    def _read(self) -> None:
        lines = self._connection.makefile("r", newline="\r\n")
        lines.readline()
        headers: Headers = {}
        for line in lines:
            name, _, value = line.rstrip("\r\n").partition(": ")
            if name:
                headers.setdefault(name, value)
                continue
            self._take(headers)
            headers = {}

    def _take(self, headers: Headers) -> None:
        if "Response" in headers and headers.get("ActionID") in self._answers:
            self._answers.pop(headers["ActionID"]).set(headers)
        elif headers.get("Queue") in self.mail and "Event" in headers:
            self.mail[headers["Queue"]].put(headers)


def agent_of(headers: Mapping[str, str]) -> str:
    """The agent whose phone an event is about."""
    return (headers.get("Interface") or headers["Location"]).split("/")[1].split("@")[0]


def _interface(agent: str) -> str:
    return f"Local/{agent}@members/n"


def _conf(queue: Queue) -> str:
    assert queue.app_queue is not None
    tier_of = {agent: number for number, tier in enumerate(queue.tiers, 1) for agent in tier.agents}
    return "\n".join(
        [
            f"[{queue.id}]",
            f"strategy = {queue.app_queue.strategy.value}",
            f"timeout = {RINGS_FOR}",
            f"retry = {RETRY}",
            "autofill = yes",
            "ringinuse = no",
            *(f"member => {_interface(agent)},{tier_of.get(agent, 0)}" for agent in queue.agents),
            "",
        ]
    )
