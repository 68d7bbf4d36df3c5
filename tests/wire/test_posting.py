"""E-mail and webhooks as they go over the wire: to a real mail server and a real HTTP server on loopback."""

import base64
import hmac
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent.pywsgi import WSGIServer

from appliance.settings.tasks import Encryption, Mail
from appliance.tasks.mail import NotSent, message
from appliance.tasks.posting import RealPosting
from provisioning.certificates import make_certificate
from tests.wire.mail_server import REFUSED

SERVER = Path(__file__).with_name("mail_server.py")
AT = 1_795_165_501.0

Start = Callable[..., int]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """A mail server; its port."""
    made = make_certificate(tmp_path, ("127.0.0.1",), "Test")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    running: list[subprocess.Popen[str]] = []
    letters = tmp_path / "letters"
    letters.mkdir()

    def start(encryption: Encryption, *login: str) -> int:
        arguments = [str(letters), str(made.certificate), str(made.key), encryption.value, *login]
        server = subprocess.Popen([sys.executable, SERVER, *arguments], stdout=subprocess.PIPE, text=True)
        running.append(server)
        assert server.stdout is not None
        return int(server.stdout.readline())

    yield start
    for server in running:
        server.kill()
        server.wait()


def written(*to: str) -> EmailMessage:
    mail = Mail("127.0.0.1", "appliance@example.com")
    return message(mail, to, "Просрочено:\n перезвонить", "Строка.\n.\nEnd.\n", "c1.t.n2", AT)


def taken(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted((tmp_path / "letters").iterdir())]


@pytest.mark.parametrize("encryption", Encryption)
@pytest.mark.parametrize("login", [(), ("appliance", "secret")])
def test_a_letter_arrives(start: Start, tmp_path: Path, encryption: Encryption, login: tuple[str, ...]) -> None:
    port = start(encryption, *login)
    mail = Mail("127.0.0.1", "appliance@example.com", port, encryption, login[0] if login else None)
    said = RealPosting().email(mail, login[1] if login else None, written("shift@example.com", "head@example.com"))
    assert said == "taken by 127.0.0.1"
    (letter,) = taken(tmp_path)
    assert letter["to"] == ["shift@example.com", "head@example.com"]
    assert (letter["tls"], letter["user"]) == (encryption is not Encryption.NONE, login[0] if login else None)
    seen = message_from_string(letter["content"], policy=default)
    assert seen["Subject"] == "Просрочено: перезвонить"
    assert seen["Message-ID"] == "<c1.t.n2@example.com>"
    assert seen.get_content().replace("\r\n", "\n") == "Строка.\n.\nEnd.\n"  # type: ignore[attr-defined]


def test_who_is_not_known_to_the_server(start: Start, tmp_path: Path) -> None:
    mail = Mail("127.0.0.1", "appliance@example.com", start(Encryption.NONE), Encryption.NONE)
    with pytest.raises(NotSent, match=r"takes none of the addresses: nobody@example.com .550 there is no such"):
        RealPosting().email(mail, None, written(REFUSED))
    said = RealPosting().email(mail, None, written("shift@example.com", REFUSED))
    assert said == "taken by 127.0.0.1, but for nobody@example.com (550 there is no such mailbox)"


def test_a_wrong_password(start: Start, tmp_path: Path) -> None:
    mail = Mail("127.0.0.1", "a@example.com", start(Encryption.STARTTLS, "me", "right"), user="me")
    with pytest.raises(NotSent, match="has answered 535"):
        RealPosting().email(mail, "wrong", written("shift@example.com"))
    assert taken(tmp_path) == []


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_a_certificate_of_somebody_else(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encryption: Encryption
) -> None:
    """No password is ever told to a server that cannot prove who it is."""
    port = start(encryption)
    monkeypatch.delenv("SSL_CERT_FILE")
    mail = Mail("127.0.0.1", "a@example.com", port, encryption, user="me")
    with pytest.raises(NotSent, match="certificate"):
        RealPosting().email(mail, "secret", written("shift@example.com"))
    assert taken(tmp_path) == []


def test_no_server(start: Start) -> None:
    mail = Mail("127.0.0.1", "a@example.com", 1, Encryption.NONE)
    with pytest.raises(NotSent, match=r"127.0.0.1:1 cannot be reached: Connection refused"):
        RealPosting().email(mail, None, written("shift@example.com"))


# Webhooks


class Receiver:
    """A program that is told; answers with a status, and remembers."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.headers: list[tuple[str, str]] = []
        self.told: list[dict[str, Any]] = []
        self.server = WSGIServer(("127.0.0.1", 0), self._answer, log=None)
        self.server.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/late"

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read()
        seen = {name: environ.get(name) for name in ("REQUEST_METHOD", "PATH_INFO", "CONTENT_TYPE")}
        self.signature = environ.get("HTTP_WEBHOOK_SIGNATURE")
        self.told.append({**seen, "id": environ.get("HTTP_IDEMPOTENCY_KEY"), "body": body.decode()})
        start_response(self.status, self.headers)
        return [b"thanks"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.stop()


def test_a_webhook_is_told(receiver: Receiver) -> None:
    assert RealPosting().webhook(receiver.url, {"text": "перезвонить"}, "c1.t.n2", None, AT) == "taken"
    (told,) = receiver.told
    assert json.loads(told.pop("body")) == {"text": "перезвонить"}
    assert told == {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/late",
        "CONTENT_TYPE": "application/json; charset=utf-8",
        "id": "c1.t.n2",
    }


def test_a_webhook_of_the_configuration_is_signed(receiver: Receiver) -> None:
    RealPosting().webhook(receiver.url, {}, "c1.t.n2", "whsec_c2VjcmV0", AT)
    signed = f"c1.t.n2.{int(AT)}.{{}}".encode()
    expected = base64.b64encode(hmac.new(b"secret", signed, sha256).digest()).decode()
    assert receiver.signature == f"v1,{expected}" and receiver.told[0]["id"] == "c1.t.n2"


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "500 Internal Server Error"])
def test_a_webhook_that_says_no(receiver: Receiver, status: str) -> None:
    receiver.status, receiver.headers = status, [("Location", receiver.url)]
    with pytest.raises(NotSent, match=f"the answer was {status[:3]}"):
        RealPosting().webhook(receiver.url, {}, "c1.t.n2", None, AT)
    assert len(receiver.told) == 1


def test_a_webhook_that_is_away() -> None:
    with pytest.raises(NotSent, match="Connection refused"):
        RealPosting().webhook("http://127.0.0.1:1/late", {}, "c1.t.n2", None, AT)


def test_others_go_on_while_one_is_told(receiver: Receiver) -> None:
    """Under gevent nothing of this blocks anybody else."""
    ticks = []
    telling = gevent.spawn(RealPosting().webhook, receiver.url, {}, "c1.t.n2", None, AT)
    while not telling.ready():
        ticks.append(1)
        gevent.sleep(0)
    assert telling.get() == "taken" and len(ticks) > 1
