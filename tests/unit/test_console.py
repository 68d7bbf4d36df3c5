"""The console over real Unix sockets: good peers, bad peers, dead and living daemons."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import socket

from appliance import console
from appliance.console import ConsoleServer, ask
from appliance.port import Refused, SwitchLost
from appliance.trouble import Trouble


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "console"


def handle(command: str, arguments: dict[str, object]) -> object:
    match command:
        case "echo":
            return arguments
        case "refuse":
            raise Trouble("There is no such agent.")
        case "lost":
            raise SwitchLost("The switch does not answer.")
        case "no":
            raise Refused("Phone 9 is unknown.")
        case "odd":
            return object()
        case _:
            raise RuntimeError(f"a fault with {command}")


@pytest.fixture
def server(path: Path) -> Iterator[ConsoleServer]:
    server = ConsoleServer(path, handle)
    server.start()
    yield server
    server.stop()


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    with gevent.Timeout(seconds):
        while not condition():
            gevent.sleep(0.005)


def connect(path: Path) -> Any:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(5)
    peer.connect(str(path))
    return peer


def exchange(path: Path, *sent: bytes) -> list[dict[str, Any]]:
    """What comes back until the server has nothing more to say."""
    with connect(path) as peer:
        for data in sent:
            peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        received = b""
        while data := peer.recv(65536):
            received += data
    return [json.loads(line) for line in received.splitlines()]


def test_a_question_is_answered(server: ConsoleServer, path: Path) -> None:
    assert ask(path, "echo", agent="анна", n=1, nothing=None) == {"agent": "анна", "n": 1, "nothing": None}


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("refuse", "There is no such agent."),
        ("lost", "The switch does not answer."),
        ("no", "Phone 9 is unknown."),
        ("boom", "This is a fault in the appliance; its log says more."),
        ("odd", "This is a fault in the appliance; its log says more."),
    ],
)
def test_a_refusal_arrives_as_its_sentence(server: ConsoleServer, path: Path, command: str, sentence: str) -> None:
    with pytest.raises(Trouble) as trouble:
        ask(path, command)
    assert str(trouble.value) == sentence
    assert ask(path, "echo") == {}  # and the server lives


def test_a_connection_may_ask_again_also_in_one_breath(server: ConsoleServer, path: Path) -> None:
    questions = b'{"command": "echo", "n": 1}\n{"command": "refuse"}\n{"command": "echo", "n": 2}\n'
    assert exchange(path, questions) == [
        {"ok": True, "data": {"n": 1}},
        {"ok": False, "error": "There is no such agent."},
        {"ok": True, "data": {"n": 2}},
    ]


def test_a_line_may_come_in_pieces(server: ConsoleServer, path: Path) -> None:
    with connect(path) as peer:
        for byte in b'{"command": "echo"}\n':
            peer.sendall(bytes([byte]))
            gevent.sleep(0)
        assert json.loads(peer.recv(1000)) == {"ok": True, "data": {}}


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"command": 7}',
        b'{"agent": "anna"}',
        b"[" * 60_000,
        b'{"command": ' + b"9" * 50_000 + b"}",
        b'{"command": "echo"',
    ],
)
def test_garbage_is_refused_in_words_and_harms_nobody(server: ConsoleServer, path: Path, line: bytes) -> None:
    bad, good = exchange(path, line + b"\n", b'{"command": "echo"}\n')
    assert bad["ok"] is False and bad["error"].startswith("A command is")
    assert good == {"ok": True, "data": {}}


def test_a_line_without_end_is_cut_off(server: ConsoleServer, path: Path) -> None:
    with connect(path) as peer:
        try:
            for _ in range(1000):
                peer.sendall(b"x" * 65536)
        except OSError:
            pass  # the server has closed: what it had to say may be lost with that
        else:
            pytest.fail("the server took 64 MB of one line")
    assert ask(path, "echo") == {}


def test_peers_who_say_nothing_are_dropped(
    server: ConsoleServer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "IDLE_LIMIT", 0.05)
    with connect(path) as silent, connect(path) as half:
        half.sendall(b'{"command": "ec')
        assert silent.recv(10) == b""
        assert half.recv(10) == b""
    assert ask(path, "echo") == {}


def test_a_peer_who_does_not_read_is_dropped(
    server: ConsoleServer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "IDLE_LIMIT", 0.05)
    question = json.dumps({"command": "echo", "text": "x" * 60_000}).encode() + b"\n"
    with connect(path) as deaf, pytest.raises(OSError):
        for _ in range(1000):
            deaf.sendall(question)
    assert ask(path, "echo") == {}


def test_a_crowd_of_silent_peers_keeps_others_waiting_only_for_a_while(
    server: ConsoleServer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "IDLE_LIMIT", 0.2)
    crowd = [connect(path) for _ in range(console.MOST_PEERS)]
    assert ask(path, "echo") == {}
    for peer in crowd:
        peer.close()


def test_only_the_owner_and_the_group_may_ask(server: ConsoleServer, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert stat.S_IMODE(Path(f"{path}.lock").stat().st_mode) == 0o600


def test_stopping_removes_the_socket_and_another_may_start(path: Path) -> None:
    for _ in range(2):
        server = ConsoleServer(path, handle)
        server.start()
        assert ask(path, "echo") == {}
        server.stop()
        assert not path.exists()
    server.stop()


def test_a_second_appliance_is_refused_and_the_first_undisturbed(server: ConsoleServer, path: Path) -> None:
    second = ConsoleServer(path, handle)
    with pytest.raises(Refused, match="Another appliance is running already"):
        second.start()
    second.stop()
    assert ask(path, "echo") == {}


def test_a_second_appliance_is_refused_also_when_somebody_removed_the_socket(
    server: ConsoleServer, path: Path
) -> None:
    path.unlink()
    with pytest.raises(Refused, match="Another appliance is running already"):
        ConsoleServer(path, handle).start()


def test_the_socket_of_a_living_program_without_our_lock_is_left_alone(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.bind(str(path))
        other.listen(1)
        with pytest.raises(Refused, match="running already"):
            ConsoleServer(path, handle).start()
        assert path.exists()


def test_the_socket_of_a_dead_appliance_is_replaced(path: Path) -> None:
    dead = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    dead.bind(str(path))
    dead.close()  # the file stays, as after kill -9
    assert path.exists()
    with pytest.raises(Trouble, match="is not running"):
        ask(path, "echo")
    server = ConsoleServer(path, handle)
    server.start()
    assert ask(path, "echo") == {}
    server.stop()


def test_a_killed_appliance_leaves_nothing_that_hinders_the_next(path: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            ConsoleServer(path, handle).start()
            os.kill(os.getpid(), 9)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and path.exists()
    server = ConsoleServer(path, handle)
    server.start()
    assert ask(path, "echo") == {}
    server.stop()


def test_a_file_that_is_not_a_socket_is_not_touched(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(Refused, match="not its own"):
        ConsoleServer(path, handle).start()
    assert path.read_text() == "precious"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="No such file or directory"):
        ConsoleServer(tmp_path / "no" / "console", handle).start()


def test_a_path_longer_than_a_unix_address_works(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    server = ConsoleServer(deep / "console", handle)
    server.start()
    assert ask(deep / "console", "echo") == {}
    server.stop()
    assert not (deep / "console").exists()


def test_nobody_there(path: Path) -> None:
    with pytest.raises(Trouble, match=r"not running \(no answer at .*console\): start it with `appliance run`"):
        ask(path, "status")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "closed the connection without an answer"),
        (b"HTTP/1.1 400 Bad Request\n", "is not an appliance"),
        (b"[]\n", "is not an appliance"),
        (b'{"ok": false}\n', "is not an appliance"),
    ],
)
def test_something_else_answers(path: Path, answer: bytes, words: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.bind(str(path))
        other.listen(1)

        def reply() -> None:
            peer, _ = other.accept()
            peer.recv(1000)
            peer.sendall(answer)
            peer.close()

        gevent.spawn(reply)
        with pytest.raises(Trouble, match=words):
            ask(path, "status")


def test_an_appliance_that_hangs_is_not_waited_for_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "ANSWER_LIMIT", 0.05)
    server = ConsoleServer(path, lambda command, arguments: gevent.sleep(60))
    server.start()
    with pytest.raises(Trouble, match="has not answered within"):
        ask(path, "status")
    server.stop()


def test_a_long_answer_arrives_whole(path: Path) -> None:
    server = ConsoleServer(path, lambda command, arguments: ["x" * 1000] * 3000)
    server.start()
    assert ask(path, "agents") == ["x" * 1000] * 3000
    server.stop()


def test_no_greenlet_is_left_behind_by_peers(server: ConsoleServer, path: Path) -> None:
    for _ in range(20):
        connect(path).close()
    ask(path, "echo")
    until(lambda: len(server._peers) == 0)
