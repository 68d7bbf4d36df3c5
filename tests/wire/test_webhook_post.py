"""A POST to another program over a real socket: taken, refused, slow, gone, rubbish."""

import base64
import hmac
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import socket
from gevent.server import StreamServer

from appliance.callbacks.webhook_bodies import Message, headers
from appliance.callbacks.webhook_post import NotTaken, post

WITHIN = 5.0


class Receiver:
    """Answers each request with the same bytes, after so many seconds. Keeps what came."""

    def __init__(self) -> None:
        self.answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
        self.then: Callable[[Any], None] = lambda peer: None
        self.heard = b""
        self.server = StreamServer(("127.0.0.1", 0), self._serve)
        self.server.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/calls?of=us"

    def _serve(self, peer: Any, _address: object) -> None:
        with peer:
            while b"\r\n\r\n" not in self.heard or not self.heard.endswith(b"}"):
                piece = peer.recv(65536)
                if not piece:
                    return
                self.heard += piece
            peer.sendall(self.answer)
            self.then(peer)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.stop(timeout=0)


def test_what_arrives(receiver: Receiver) -> None:
    body = '{"name": "Юля"}'.encode()
    post(receiver.url, body, {"webhook-id": "7", "Content-Type": "application/json"}, WITHIN)
    head, _, arrived = receiver.heard.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /calls?of=us HTTP/1.1\r\n") and b"webhook-id: 7\r\n" in head + b"\r\n"
    assert arrived == body


@pytest.mark.parametrize("status", ["199 What", "301 Moved\r\nLocation: http://127.0.0.1:1/", "404 No", "500 Oh"])
def test_what_is_not_taken(receiver: Receiver, status: str) -> None:
    receiver.answer = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(NotTaken, match=f"the answer was {status[:3]}"):
        post(receiver.url, b"{}", {}, WITHIN)


def test_nobody_listens(receiver: Receiver) -> None:
    receiver.server.stop(timeout=0)
    with pytest.raises(NotTaken, match="Connection refused"):
        post(receiver.url, b"{}", {}, WITHIN)


@pytest.mark.parametrize("answer", [b"", b"\x00\xff\r\n\r\n", b"HTTP/1.1 2\r\n", b"SSH-2.0-OpenSSH\r\n"])
def test_rubbish(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = answer
    with pytest.raises(NotTaken) as refused:
        post(receiver.url, b"{}", {}, WITHIN)
    assert str(refused.value) and "0x" not in str(refused.value)


def test_a_receiver_that_never_answers_holds_up_nobody_else(receiver: Receiver) -> None:
    receiver.answer, receiver.then = b"", lambda peer: peer.recv(1)
    others: list[int] = []

    def work() -> None:
        while True:
            others.append(1)
            gevent.sleep(0.01)

    working = gevent.spawn(work)
    with pytest.raises(NotTaken, match=r"no answer|timed out|timeout"):
        post(receiver.url, b"{}", {}, 0.2)
    working.kill()
    assert len(others) > 3


def test_one_that_drips_is_given_up_too(receiver: Receiver) -> None:
    def drip(peer: Any) -> None:
        while True:
            try:
                peer.sendall(b"X-Drop: 1\r\n")
            except OSError:
                return
            gevent.sleep(0.05)

    receiver.answer, receiver.then = b"HTTP/1.1 200 OK\r\n", drip
    with pytest.raises(NotTaken):
        post(receiver.url, b"{}", {}, 0.3)


def test_its_long_answer_is_not_waited_for(receiver: Receiver) -> None:
    def pour(peer: Any) -> None:
        with pytest.raises(OSError):
            while True:
                peer.sendall(bytes(65536))

    receiver.answer, receiver.then = b"HTTP/1.1 200 OK\r\n\r\n", pour
    post(receiver.url, b"{}", {}, WITHIN)


def test_tls_that_is_none() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def serve() -> None:
        peer, _ = listener.accept()
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        peer.close()

    serving = gevent.spawn(serve)
    with pytest.raises(NotTaken, match=r"(?i)ssl|version"):
        post(f"https://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {}, WITHIN)
    serving.join(WITHIN)
    listener.close()


@pytest.fixture
def secure(receiver: Receiver, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a receiver whose certificate an authority of its own has made, and that certificate."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def serve(peer: Any, address: object) -> None:
        with suppress(OSError):  # who does not trust us hangs up
            receiver._serve(context.wrap_socket(peer, server_side=True), address)

    server = StreamServer(("127.0.0.1", 0), serve)
    server.start()
    yield f"https://localhost:{server.server_port}/", certificate
    server.stop(timeout=0)


def test_a_certificate_that_nobody_trusts(secure: tuple[str, Path], receiver: Receiver) -> None:
    with pytest.raises(NotTaken, match="certificate verify failed"):
        post(secure[0], b"{}", {}, WITHIN)
    assert not receiver.heard


def test_what_the_machine_trusts_is_trusted(
    secure: tuple[str, Path], receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, certificate = secure
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    post(url, b"{}", {}, WITHIN)
    assert receiver.heard.endswith(b"{}")
    with pytest.raises(NotTaken, match=r"(?i)hostname|certificate"):  # but not for another name
        post(url.replace("localhost", "127.0.0.1"), b"{}", {}, WITHIN)


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of the libraries of standardwebhooks.com."""
    message = Message("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}')
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = headers(message, secret, 1614265330.4)
    assert made["webhook-id"] == message.id and made["webhook-timestamp"] == "1614265330"
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_of_another_form_is_a_key_as_it_stands() -> None:
    made = headers(Message("1", b"{}"), "plain words", 5.0)
    expected = base64.b64encode(hmac.new(b"plain words", b"1.5.{}", sha256).digest()).decode()
    assert made["webhook-signature"] == f"v1,{expected}"
