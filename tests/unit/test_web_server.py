"""The HTTP port on a real socket: who is slow, long, or no client of HTTP at all does no harm."""

import socket
from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from appliance.settings.web import Web
from appliance.web import server
from appliance.web.server import Port


def site(environ: dict[str, Any], start: Any) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"%d bytes" % len(body)]


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def web() -> Web:
    return Web(a_free_port())


@pytest.fixture
def port(web: Web) -> Iterator[Port]:
    port = Port(site)
    port.follow(web)
    yield port
    port.stop()


def exchange(web: Web, sent: bytes) -> bytes:
    """All that is answered until the other side closes."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=10) as client:
        client.sendall(sent)
        found = b""
        try:
            while piece := client.recv(65536):
                found += piece
        except ConnectionResetError:
            pass
        return found


def test_a_request_is_answered_and_the_connection_closed(port: Port, web: Web) -> None:
    answer = exchange(web, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n1234")
    assert answer.startswith(b"HTTP/1.1 200 OK") and answer.endswith(b"4 bytes")
    assert port.state() == {"address": f"127.0.0.1:{web.port}", "trouble": ""}


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\n\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100_000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n" * 50_000,
    ],
)
def test_what_is_no_small_request_is_refused_and_others_are_served(
    port: Port, web: Web, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        answer = exchange(web, sent)
    except (BrokenPipeError, ConnectionResetError):
        answer = b""
    assert b"200 OK" not in answer.partition(b"\r\n")[0] and b"Traceback" not in answer
    assert exchange(web, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"0 bytes")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_who_sends_slowly_is_hung_up_on(port: Port, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "WITHIN", 0.2)
    for begun in (b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n123"):
        assert b"200 OK" not in exchange(web, begun)


def test_a_port_that_is_taken_is_tried_again(web: Web) -> None:
    port = Port(site)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", web.port))
        other.listen()
        port.follow(web)
        port.try_again()
        state = port.state()
        assert state is not None and "cannot be listened on" in str(state["trouble"])
    port.try_again()
    assert port.state() == {"address": f"127.0.0.1:{web.port}", "trouble": ""}
    assert exchange(web, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"0 bytes")

    moved = Web(a_free_port())
    port.follow(moved)
    assert exchange(moved, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"0 bytes")
    with pytest.raises(ConnectionRefusedError):
        exchange(web, b"")
    port.follow(None)
    assert port.state() is None
    gevent.sleep(0)
    with pytest.raises(ConnectionRefusedError):
        exchange(moved, b"")
