"""Providers over TCP and TLS, test calls, and providers that are away or misbehave."""

import json

import pytest

from appliance.lab.phone import Happening
from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.providers import (
    PORT,
    called,
    outgoing,
    trunk_is,
)
from tests.scenarios.sip import Peer, Rude, TlsProvider


def test_a_provider_over_tcp(centre: Centre, vostok: None) -> None:
    data = centre.run("trunk", "test", "vostok", "+78435550000", "--json")
    assert data.status == 0, (data.out, data.err)
    assert json.loads(data.out)["transport"] == "tcp"


def test_a_provider_over_tls(centre: Centre) -> None:
    site = centre.site
    with TlsProvider("127.0.0.20", 5081, site.certificate, site.key) as taiga:
        done = centre.run("trunk", "test", "taiga", "+78435550000")
    assert done.status == 1 and "486 Busy Here" in done.out, (done.out, done.err)
    assert len(taiga.invites) == 1 and b"SIP/2.0/TLS" in taiga.invites[0]


def test_a_registration_that_is_refused_is_explained(centre: Centre, provider: Peer) -> None:
    trunk_is(centre, "volna", up=True)
    right, provider.password = provider.password, "another"
    try:
        centre.site.machine.registers_again("volna")
        trunk_is(centre, "volna", up=False)
        done = centre.run("trunk", "test", "volna")
        assert done.status == 1 and "password" in done.out and "registered  no" in done.out, done.out
    finally:
        provider.password = right
        centre.site.machine.registers_again("volna")
        trunk_is(centre, "volna", up=True)


def test_a_test_call_says_what_came_of_it(centre: Centre, sever: Person) -> None:
    sever.phone.auto_answer()
    done = centre.run("trunk", "test", "sever")
    assert done.status == 0 and "88432999999 was answered" in done.out, (done.out, done.err)
    assert called(sever.rings().message) == "88432999999"
    sever.hears(centre.site.phrase("trunk-test"))
    sever.is_hung_up_on()
    meaning = {
        403: "forbids",
        404: "no such number",
        408: "in time",
        480: "cannot be reached",
        486: "busy",
        488: "codecs",
        503: "no way for the call",
    }
    for status, words in meaning.items():
        sever.phone.refuse_calls(status)
        data = centre.run("trunk", "test", "sever", "+74950001122", "--json")
        assert data.status == 1
        answer = centre.ask("trunk-test", trunk="sever", number="+74950001122")
        assert words in answer["what"] and answer["sip"].startswith(str(status)), answer
        assert answer["remedy"] and answer["cause"]


def test_a_trunk_that_is_not_there_and_one_that_does_not_exist(centre: Centre, sever: Person) -> None:
    trunk_is(centre, "okean", up=False)
    trunk_is(centre, "sever", up=True)
    done = centre.run("trunk", "test", "okean")
    assert done.status == 1 and "host does not answer" in done.out
    assert centre.run("trunk", "test", "sever", "drop;table").status == 2
    missing = centre.run("trunk", "test", "nobody")
    assert missing.status == 2 and "sever" in missing.err
    listed = centre.run("trunks")
    assert listed.status == 1 and "volna" in listed.out
    rows = {row["trunk"]: row for row in centre.ask("trunks")}
    assert rows["volna"]["registered"] is True and rows["metro"]["registered"] is None
    assert rows["sever"]["reachable"] is True and rows["sever"]["milliseconds"] < 1000
    assert (rows["sever"]["calls"], rows["sever"]["most_calls"]) == (0, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"\x00\xff\xfe" * 400,
        b"SIP/2.0 999 What\r\nVia: x\r\n\r\n",
        b"",
    ],
)
def test_a_provider_that_answers_rubbish_is_survived(
    centre: Centre, alice: Person, sever: Person, answer: bytes
) -> None:
    with Rude("127.0.0.17", PORT, answer) as rude:
        sever.phone.auto_answer()
        alice.dials("88463334455")
        alice.phone.wait_for(Happening.ANSWERED, 60)
        alice.hangs_up()
        assert outgoing(centre)["number"] == "+78463334455"
        assert rude.asked >= 0
