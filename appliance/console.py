"""The console: how the command line talks to the running appliance, over a Unix socket.

One JSON object a line each way: {"command": "agents"} is answered by {"ok": true, "data": ...} or by
{"ok": false, "error": "a sentence for a person"}. A connection may ask as often as it likes.
"""

import errno
import fcntl
import json
import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import gevent
from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer

from appliance.port import Refused, SwitchLost
from appliance.trouble import Trouble

LONGEST_LINE = 64 * 1024
IDLE_LIMIT = 30.0  # seconds a peer may take for a line, or to take ours
ANSWER_LIMIT = 10.0  # seconds the command line waits for an answer
LONGER = {"trunk-test": 60.0, "notice-set": 75.0}  # commands that take their time: a telephone rings meanwhile
MOST_PEERS = 64
LONGEST_ADDRESS = 100  # a Unix address holds 107 bytes

log = logging.getLogger(__name__)

Handle = Callable[[str, dict[str, object]], object]


class NotRunning(Trouble):
    """Nothing answers."""


class ConsoleServer:
    """Answers the command line. `handle(command, arguments)` returns what JSON can say, or raises
    Trouble, Refused or SwitchLost with a sentence for the person who asked."""

    def __init__(self, path: Path, handle: Handle) -> None:
        self._path = path
        self._handle = handle
        self._lock: int | None = None
        self._server: StreamServer | None = None
        self._peers = Pool(MOST_PEERS)

    def start(self) -> None:
        """Begin to answer. Raises Refused when another appliance does so already, or when it cannot be."""
        try:
            self._lock = _take_lock(self._path)
            self._clear_stale()
            listener = self._listen()
        except OSError as error:
            self._give_lock()
            raise Refused(f"The console cannot listen at {self._path}: {error.strerror or error}.") from None
        except Refused:
            self._give_lock()
            raise
        self._server = StreamServer(listener, self._serve, spawn=self._peers)
        self._server.start()

    def stop(self) -> None:
        """Stop answering and forget the socket; harmless when it has not been started."""
        if self._server is None:
            return
        self._server.stop(timeout=0)
        self._server = None
        self._peers.kill()
        self._path.unlink(missing_ok=True)
        self._give_lock()

    def _give_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _clear_stale(self) -> None:
        """Remove the socket of an appliance that died; leave anything else alone."""
        try:
            mode = self._path.lstat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            raise Refused(f"The console cannot listen at {self._path}: there is a file that is not its own.")
        try:
            _connect(self._path).close()
        except ConnectionRefusedError:
            self._path.unlink(missing_ok=True)
        else:
            raise _taken(self._path)

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o117)  # no moment at which others may connect
        try:
            with _address(self._path) as address:
                listener.bind(address)
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(mask)
        listener.listen(MOST_PEERS)
        return listener

    def _serve(self, peer: socket.socket, _address: object) -> None:
        """Answer one peer until it leaves, is silent for too long, or sends a line nobody would."""
        rest = b""
        with suppress(OSError, gevent.Timeout):
            while True:
                with gevent.Timeout(IDLE_LIMIT):
                    line, rest = _read_line(peer, rest)
                if line is None:
                    return
                reply = self._answer(line)
                with gevent.Timeout(IDLE_LIMIT):
                    peer.sendall(reply)
                if len(line) > LONGEST_LINE:
                    return

    def _answer(self, line: bytes) -> bytes:
        try:
            data = self._ask_handle(line)
            return json.dumps({"ok": True, "data": data}, ensure_ascii=False).encode() + b"\n"
        except (Trouble, Refused, SwitchLost) as error:
            sentence = str(error)
        except Exception:
            log.exception("a console command failed: %r", line[:200])
            sentence = "This is a fault in the appliance; its log says more."
        return json.dumps({"ok": False, "error": sentence}).encode() + b"\n"

    def _ask_handle(self, line: bytes) -> object:
        if len(line) > LONGEST_LINE:
            raise Trouble(f"A command is one line of at most {LONGEST_LINE} bytes.")
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            raise Trouble("A command is one line of JSON.") from None
        if not isinstance(request, dict) or not isinstance(request.get("command"), str):
            raise Trouble('A command is a JSON object with the word "command" in it.')
        command = request.pop("command")
        return self._handle(command, request)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep an appliance from starting. Raises Refused when one is running."""
    lock = _take_lock(path)
    try:
        yield
    finally:
        os.close(lock)


def _take_lock(path: Path) -> int:
    """Be the only one. The kernel gives the lock back however we die, so a lock never goes stale."""
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.geteuid() == 0:  # it may be we who have made it
            owner = path.parent.stat()
            os.fchown(lock, owner.st_uid, owner.st_gid)
    except BlockingIOError:
        os.close(lock)
        raise _taken(path) from None
    return lock


def _taken(path: Path) -> Refused:
    return Refused(f"Another appliance is running already (it holds {path}): stop that one first.")


def ask(path: Path, command: str, **arguments: object) -> object:
    """Put one question to the running appliance and return its data. Raises Trouble with its sentence."""
    limit = LONGER.get(command, ANSWER_LIMIT)
    try:
        with gevent.Timeout(limit), _connect(path) as peer:
            peer.sendall(json.dumps({"command": command, **arguments}).encode() + b"\n")
            line, _ = _read_line(peer, b"", longest=None)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        raise NotRunning(
            f"The appliance is not running (no answer at {path}): start it with `appliance run`."
        ) from None
    except PermissionError:
        raise Trouble(
            f"You may not talk to the appliance at {path}: ask as the user it runs as, or root."
        ) from None
    except gevent.Timeout:
        raise NotRunning(f"The appliance at {path} has not answered within {limit:.0f} s.") from None
    except OSError as error:
        raise Trouble(f"The appliance at {path} cannot be asked: {error.strerror or error}.") from None
    if line is None:
        raise NotRunning(f"The appliance at {path} closed the connection without an answer: it may be stopping.")
    try:
        reply = json.loads(line)
        if reply["ok"]:
            return reply["data"]
        sentence = str(reply["error"])
    except (ValueError, KeyError, TypeError):
        raise Trouble(f"What answers at {path} is not an appliance.") from None
    raise Trouble(sentence)


def _read_line(peer: socket.socket, rest: bytes, longest: int | None = LONGEST_LINE) -> tuple[bytes | None, bytes]:
    """The next line and what came after it; None at the end. More than `longest` bytes is given as it came."""
    line = bytearray(rest)
    seen = 0
    while (end := line.find(b"\n", seen)) < 0:
        if longest is not None and len(line) > longest:
            return bytes(line), b""
        seen = len(line)
        data = peer.recv(65536)
        if not data:
            return None, b""
        line += data
    return bytes(line[:end]), bytes(line[end + 1 :])


def _connect(path: Path) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            peer.connect(address)
    except BaseException:
        peer.close()
        raise
    return peer


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path as a Unix address; one that is too long for that goes by way of its open directory."""
    if len(os.fsencode(path)) <= LONGEST_ADDRESS:
        yield str(path)
        return
    if len(os.fsencode(path.name)) > LONGEST_ADDRESS // 2:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
