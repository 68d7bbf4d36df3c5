"""What the server for phones answers, to whom, and what it survives."""

import gevent
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.trouble import Trouble
from provisioning import doorman, server
from provisioning.certificates import make_certificate
from provisioning.server import Server
from tests.provisioning.conftest import SECRET, Served, read_answer

NOTHING = b"Not Found\n"


def test_a_link_gives_the_configuration_once(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    link = served.link()
    first, second = served.get(link), served.get(link)
    assert first.status == 200 and f"account.1.password = {SECRET}\n".encode() in first.body
    assert first.headers["Cache-Control"] == "no-store"
    assert (second.status, second.body) == (404, NOTHING)
    assert "phone 31 has been provisioned: 127.0.0.1 as yealink" in caplog.text
    assert link.removeprefix("/p/") not in caplog.text


def test_of_two_who_come_at_once_one_gets_it(served: Served) -> None:
    link = served.link()
    answers = [gevent.spawn(served.get, link) for _ in range(8)]
    gevent.joinall(answers, raise_error=True)
    assert sorted(answer.value.status for answer in answers) == [200] + [404] * 7


@pytest.mark.parametrize(
    "format, name",
    [
        ("yealink", "31.cfg"),
        ("yealink", "001565AABBCC.cfg"),
        ("grandstream", "cfg001565aabbcc.xml"),
        ("linphone", "linphone-31.xml"),
        ("baresip", ""),
    ],
)
def test_a_link_may_be_completed_as_phones_of_that_model_do(served: Served, format: str, name: str) -> None:
    link = served.link(format=format)
    assert served.get(f"{link}/y000000000096.boot").status == 404  # they try their luck first
    assert served.get(f"{link}/{name}", headers="User-Agent: any other\r\n").status == 200


def test_looking_does_not_use_a_link(served: Served) -> None:
    link = served.link()
    looked = served.get(link, "HEAD")
    assert (looked.status, looked.body) == (200, b"")
    assert int(looked.headers["Content-Length"]) > 500
    assert served.get(link, headers="Range: bytes=0-3\r\n").status == 200  # all of it, or nothing


def test_an_expired_link_a_revoked_one_and_a_wrong_one_look_the_same(served: Served) -> None:
    expired, revoked = served.link(lasts=60.0), served.link("32")
    served.clock.time += 60.0
    served.links.revoke("32", served.clock.time)
    answers = [served.get(path) for path in (expired, revoked, "/p/" + "A" * 32, "/", "/p/", "/admin")]
    assert {(a.status, a.body, tuple(sorted(set(a.headers) - {"Date"}))) for a in answers} == {
        (404, NOTHING, ("Cache-Control", "Connection", "Content-Length", "Content-Type"))
    }


def test_unknown_networks_are_served_nothing(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    link = served.link()
    assert served.get(link, source="127.0.0.2").status == 404
    assert served.get("/directory/yealink.xml", source="127.0.0.2").status == 404
    assert caplog.text.count("refused 127.0.0.2: it is in none of the networks") == 1
    assert served.get(link, headers="X-Forwarded-For: 127.0.0.2\r\n").status == 200


def test_an_address_is_not_believed_to_be_another(served: Served) -> None:
    link = served.link()
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "REMOTE_ADDR", "Remote-Addr"):
        assert served.get(link, source="127.0.0.2", headers=f"{header}: 127.0.0.1\r\n").status == 404


def test_who_guesses_gets_nothing_any_more_not_even_with_a_right_link(served: Served) -> None:
    link = served.link()
    for n in range(doorman.MOST_WRONG):
        assert served.get(f"/p/{n:032}").status == 404
    assert served.get(link).status == 404
    served.clock.time += doorman.FORGIVEN_EVERY
    assert served.get(link).status == 200


def test_other_methods_and_bodies_are_nothing(served: Served) -> None:
    link = served.link()
    for method in ("PUT", "DELETE", "OPTIONS", "PROPFIND", "get", "TRACE"):
        assert served.get(link, method).status == 404
    with_body = f"POST {link} HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello".encode()
    for request in (
        with_body,
        with_body.replace(b"POST", b"GET"),
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ):
        answer = served.send(request)
        assert answer is not None and answer.status == 400
    assert served.get(link).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/p/../../secrets.yml",
        "/p/%2e%2e/%2e%2e/etc/passwd",
        "/directory/../templates/yealink.cfg",
        "/directory/yealink.cfg",
        "/directory/",
        "//p//",
        "/p/" + "A" * 5000,
        "https://localhost/p/x",
        "*",
        "/p/\u0441\u043a\u043b\u0430\u0434",
    ],
)
def test_there_is_nothing_beside_links_and_directories(served: Served, path: str) -> None:
    assert served.get(path).status == 404


def test_the_directory_is_for_known_networks_without_a_link(served: Served) -> None:
    answer = served.get("/directory/grandstream/phonebook.xml")
    assert answer.status == 200 and b"<FirstName>Phone 32</FirstName>" in answer.body
    assert SECRET.encode() not in answer.body
    assert served.get("/directory/yealink.xml", "HEAD").body == b""


def test_a_link_outlives_a_broken_configuration_and_a_phone_that_is_gone(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    link, whole = served.link(), served.settings
    served.settings = None
    assert served.get(link).status == 404
    assert "the link for phone 31 cannot be answered: The configuration is broken." in caplog.text
    served.settings = whole
    gone = served.link("99")
    assert served.get(gone).status == 404
    assert "the link for phone 99 leads nowhere" in caplog.text
    assert served.get(link).status == 200


def test_a_request_that_is_too_long_is_refused(served: Served) -> None:
    many = b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 900) for n in range(60)) + b"\r\n"
    one = b"GET / HTTP/1.1\r\nX: " + b"x" * 60_000 + b"\r\n\r\n"
    endless = b"GET /" + b"x" * 60_000
    for request in (many, one, endless):
        answer = served.send(request)
        assert answer is None or answer.status in (400, 414)
    assert served.get(served.link()).status == 200


def test_one_request_a_connection(served: Served) -> None:
    one, other = served.link("31"), served.link("32")
    both = "".join(f"GET {link} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n" for link in (one, other))
    answer = served.send(both.encode())
    assert answer is not None and answer.body.count(b"HTTP/1.1") == 0
    assert served.get(other).status == 200


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.binary(min_size=1, max_size=300))
def test_garbage_is_survived(served: Served, garbage: bytes) -> None:
    answer = served.send(garbage + b"\r\n\r\n")
    assert answer is None or answer.status in (400, 404)


def test_a_client_without_tls_or_without_trust_harms_nobody(served: Served) -> None:
    with served.connect(tls=False) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        answer = read_answer(client)
        assert answer is None or answer.status != 200
    with served.connect(tls=False):
        pass
    assert served.get(served.link()).status == 200


def test_slow_clients_are_sent_away_and_keep_nobody_out(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "WITHIN", 0.5)
    silent = [served.connect(tls=False) for _ in range(server.MOST_CONNECTIONS)]
    slow = served.link()
    assert served.get(slow).status == 200  # once the silent ones are gone
    with served.connect() as client:
        client.sendall(b"GET / HT")
        assert read_answer(client) is None
    for client in silent:
        client.close()


def test_a_phone_that_leaves_before_the_end_may_come_again(served: Served) -> None:
    link = served.link()
    token = link.removeprefix("/p/")
    environ = {"REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": "GET", "PATH_INFO": link}
    answer = served.site(environ, lambda status, headers: None)
    next(iter(answer))
    assert served.links.look(token, served.clock.time) is None
    answer.close()  # type: ignore[attr-defined]
    assert served.get(link).status == 200


def test_a_renewed_certificate_is_taken_without_a_restart(served: Served) -> None:
    before = served.connect()
    make_certificate(served.provisioning.certificate.parent, ("localhost",), "Chai")
    served.server.reload()
    after = served.connect()
    assert before.getpeercert()["serialNumber"] != after.getpeercert()["serialNumber"]
    before.close()
    after.close()
    served.provisioning.key.write_text("nonsense")
    served.server.reload()
    assert served.get(served.link()).status == 200


def test_without_a_certificate_there_is_no_server(served: Served) -> None:
    served.provisioning.key.write_text("nonsense")
    with pytest.raises(Trouble, match="are no certificate with its key"):
        Server(served.site, served.provisioning)
    served.provisioning.certificate.unlink()
    with pytest.raises(Trouble, match="cannot be read: No such file"):
        Server(served.site, served.provisioning)
