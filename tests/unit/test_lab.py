"""The lab: the way the demonstration takes, the switch it finds or makes, and what its phones are told."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.lab import freeswitch as lab_freeswitch
from appliance.lab import switch as lab_switch
from appliance.lab.freeswitch import FreeSwitch, LabFreeSwitch, find_freeswitch
from appliance.lab.listening import read_wav
from appliance.lab.phone import Happening, Phone, PhoneError, data_size
from appliance.lab.route import CALLER_ADDRESS, NoRoute, find_route, lab_settings
from appliance.lab.switch import (
    LabError,
    LabSwitch,
    find_asterisk,
    make_root,
    read_directories,
    read_log_files,
    taken_ports,
    version_of,
)
from appliance.settings import (
    Agent,
    Customer,
    Destination,
    DispositionList,
    Menu,
    Network,
    Number,
    Prompt,
    Queue,
    Say,
    Settings,
    Strategy,
    Trunk,
)
from appliance.settings import (
    Phone as PhoneSettings,
)

HELLO = Prompt({"en": Say("Hello")})


def queue(id: str, *agents: str, dispositions: str | None = None) -> Queue:
    return Queue(id, id.title(), Strategy.RING_ALL, agents, dispositions=dispositions)


def centre(**changes: object) -> Settings:
    """Two numbers; one leads through a menu and one below it to two queues."""
    settings = Settings(
        directory=Path("/nowhere"),
        company="Acme",
        country="GB",
        time_zone="Europe/London",
        language="en",
        network=Network(sip_address="0.0.0.0", external_address="192.0.2.1"),
        trunks={"real": Trunk("real", host="sip.example.net", username="me", register=True)},
        numbers={
            "100": Number("100", "Direct", open=Destination(queue="sales")),
            "200": Number(
                "200", "Main", open=Destination(menu="main"), hours="never", closed=Destination(hang_up=True)
            ),
        },
        menus={
            "main": Menu("main", HELLO, {"1": Destination(menu="deep"), "2": Destination(queue="sales")}),
            "deep": Menu("deep", HELLO, {"1": Destination(menu="main"), "5": Destination(queue="support")}),
        },
        queues={"sales": queue("sales", "1"), "support": queue("support", "2", "1", dispositions="d")},
        dispositions={"d": DispositionList("d", None, {})},
        agents={"1": Agent("1", "Ann"), "2": Agent("2", "Bob")},
        phones={
            "10": PhoneSettings("10", "Fixed", contact="sip:10@192.0.2.9"),
            "11": PhoneSettings("11", "One"),
            "12": PhoneSettings("12", "Two"),
        },
    )
    return replace(settings, **changes)  # type: ignore[arg-type]


class TestRoute:
    """Any configuration in which a number leads to agents can be demonstrated."""

    def test_the_way_that_shows_most(self) -> None:
        route = find_route(centre())
        assert (route.number.id, route.keys, route.queue.id) == ("200", (("main", "1"), ("deep", "5")), "support")
        assert (route.agent, route.phone) == ("2", "12")

    def test_a_queue_without_a_menu(self) -> None:
        only = centre(numbers={"100": Number("100", "Direct", open=Destination(queue="sales"), language="ru")})
        route = find_route(only)
        assert (route.keys, route.queue.id, route.agent, route.phone, route.language) == (
            (),
            "sales",
            "1",
            "11",
            "ru",
        )

    def test_queues_that_nobody_serves_are_passed_over(self) -> None:
        route = find_route(centre(queues={"sales": queue("sales", "1"), "support": queue("support")}))
        assert route.queue.id == "sales"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"queues": {"sales": queue("sales"), "support": queue("support")}}, "No number leads to a queue"),
            ({"numbers": {}}, "No number leads to a queue"),
            ({"phones": {"10": PhoneSettings("10", "Fixed", contact="sip:10@192.0.2.9")}}, "No phone"),
        ],
    )
    def test_nothing_to_demonstrate(self, changes: dict[str, object], sentence: str) -> None:
        with pytest.raises(NoRoute, match=sentence):
            find_route(centre(**changes))

    def test_the_caller_is_a_stranger_of_the_country(self) -> None:
        first = find_route(centre()).caller
        assert first.startswith("+44")
        known = {first: Customer(first, "Known", None, None)}
        assert find_route(centre(customers=known)).caller not in known

    def test_the_lab_is_alone_and_always_open(self, tmp_path: Path) -> None:
        lab = lab_settings(centre(), tmp_path)
        assert lab.network.sip_address == "127.0.0.1" and lab.network.external_address is None
        assert [trunk.addresses for trunk in lab.trunks.values()] == [(CALLER_ADDRESS,)]
        assert not any(trunk.register for trunk in lab.trunks.values())
        assert all(number.hours is None for number in lab.numbers.values())
        assert lab.recordings == tmp_path


def program(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


class TestSwitch:
    """Which Asterisk is taken, and that a root is made whole or not at all."""

    def test_versions(self, tmp_path: Path) -> None:
        assert version_of([str(program(tmp_path / "a", "echo Asterisk 22.10.1+dfsg-1"))]) == "22.10.1"
        assert version_of([str(program(tmp_path / "b", "echo Asterisk certified/18.9-cert3"))]) == "18.9"
        assert version_of([str(program(tmp_path / "c", "exit 1"))]) is None
        assert version_of([str(tmp_path / "none")]) is None

    def test_one_that_is_too_old_is_left_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(tmp_path / "asterisk", "echo Asterisk 16.2.1")
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        assert lab_switch.installed_asterisk() is None

    def test_no_asterisk_and_no_way_to_get_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(LabError, match="apt-get install mmdebstrap"):
            find_asterisk(tmp_path / "root", lambda text: None)

    def test_a_root_that_failed_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(tmp_path / "bin" / "mmdebstrap", 'echo "E: the mirror is away"; exit 1')
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
        (tmp_path / "lab" / "root.new-interrupted").mkdir(parents=True)
        with pytest.raises(LabError, match="the mirror is away"):
            make_root(tmp_path / "lab" / "root", lambda text: None)
        assert list((tmp_path / "lab").iterdir()) == []

    def test_what_the_configuration_says(self, tmp_path: Path) -> None:
        conf = tmp_path / "asterisk.conf"
        conf.write_text(
            "[directories]\nastrundir => /a b/run\nastlogdir = /log ; there\n[options]\nnocolor = yes\n"
        )
        assert read_directories(conf) == {"astrundir": Path("/a b/run"), "astlogdir": Path("/log")}
        logger = tmp_path / "logger.conf"
        logger.write_text(
            "[general]\nqueue_log = yes\n[logfiles]\nfull => notice\nconsole => error\nx.log = error\n"
        )
        assert read_log_files(logger, Path("/log")) == [Path("/log/full"), Path("/log/x.log")]

    def test_ports_that_are_taken(self, tmp_path: Path) -> None:
        pjsip = tmp_path / "pjsip.conf"
        pjsip.write_text("[global]\ntype = global\n\n[udp]\ntype = transport\nbind = 127.0.0.1:5060\n\n[e](!)\n")
        complaints = [
            "[x] ERROR[1] tcptls.c: Unable to bind AMI server to 127.0.0.1:5038: Address already in use",
            "[x] ERROR[1] config_transport.c: Transport 'udp' could not be started: Address already in use",
            "[x] ERROR[1] res_sorcery_config.c: Could not create an object of type 'transport' with id 'udp'",
        ]
        assert taken_ports(complaints, pjsip) == ["127.0.0.1:5038 (AMI server)", "127.0.0.1:5060 (SIP)"]
        assert taken_ports([], pjsip) == []

    def test_a_configuration_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(LabError, match="has not been rendered"):
            read_directories(tmp_path / "asterisk.conf")


class TestPhones:
    """Two phones that call each other without a switch between them."""

    def test_a_call(self, tmp_path: Path) -> None:
        with Phone("bob", "127.0.0.1:9", "bob", local_port=17901) as bob:
            with Phone("alice", "127.0.0.1:17901", "alice", local_port=17902) as alice:
                alice.call("bob", caller_name='Alice "A" Nil', from_user="+7 495")
                shown = bob.wait_for(Happening.INCOMING)
                assert (shown.name, shown.number) == ('Alice "A" Nil', "+7%20495")
                alice.wait_for(Happening.RINGING)
                bob.answer()
                alice.wait_for(Happening.ANSWERED)
                bob.wait_for(Happening.ANSWERED)
                alice.send("4#")
                assert [bob.wait_for(Happening.DIGIT).reason for _ in range(2)] == ["4", "#"]
                bob.hang_up()
                assert bob.wait_for(Happening.ENDED).call == 1
                assert alice.wait_for(Happening.ENDED).code == 200
                heard = alice.heard()
                assert data_size(heard) > 0 and len(read_wav(heard)) > 0
                bob.refuse_calls(603)
                alice.call("bob")
                assert alice.wait_for(Happening.ENDED).code == 603
                bob.auto_answer()
                assert bob.wait_for(Happening.ENDED).call == 2
                alice.call("bob")
                alice.wait_for(Happening.ANSWERED)
            assert bob.wait_for(Happening.ENDED).call == 3  # a phone that is stopped hangs up
            directory = heard.parent
        assert not directory.exists()

    def test_a_port_that_is_taken(self) -> None:
        with Phone("bob", "127.0.0.1:9", "bob", local_port=17903), pytest.raises(PhoneError, match="in use"):
            Phone("eve", "127.0.0.1:9", "eve", local_port=17903).start()

    def test_what_cannot_be_done(self) -> None:
        bob = Phone("bob", "127.0.0.1:9", "bob", local_port=17904)
        with bob, pytest.raises(PhoneError, match="there is no call"):
            bob.answer()
        with pytest.raises(PhoneError, match="is not running"):
            bob.call("1")


SOCKET = """<include>
  <configuration name="event_socket.conf"><settings>
    <param name="listen-ip" value="127.0.0.1"/>
    <param name="listen-port" value="{port}"/>
    <param name="password" value="a&amp;&#36;{{b}}"/>
  </settings></configuration>
</include>
"""


class TestFreeSwitch:
    """Which FreeSWITCH is taken, and what is said where there is none that will do."""

    @pytest.fixture(autouse=True)
    def nowhere_else(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lab_freeswitch, "PLACES", (tmp_path / "opt",))
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/bin{os.pathsep}/usr/bin")

    @staticmethod
    def says(version: str) -> str:
        return f"echo 'FreeSWITCH version: {version}-release~64bit ( 64bit)'"

    def test_the_one_on_path_comes_first(self, tmp_path: Path) -> None:
        program(tmp_path / "opt" / "freeswitch", self.says("1.11.1"))
        client = program(tmp_path / "opt" / "fs_cli", "")
        assert find_freeswitch() == FreeSwitch(tmp_path / "opt" / "freeswitch", client, "1.11.1")
        own = program(tmp_path / "bin" / "freeswitch", self.says("1.10.12"))
        assert find_freeswitch() == FreeSwitch(own, client, "1.10.12")

    def test_what_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(LabError, match="no FreeSWITCH on this machine"):
            find_freeswitch()
        program(tmp_path / "bin" / "freeswitch", "exit 1")
        with pytest.raises(LabError, match="its command line fs_cli is not"):
            find_freeswitch()
        program(tmp_path / "bin" / "fs_cli", "")
        with pytest.raises(LabError, match="does not run"):
            find_freeswitch()
        program(tmp_path / "bin" / "freeswitch", self.says("1.8.7"))
        with pytest.raises(LabError, match=r"is FreeSWITCH 1\.8\.7; the appliance needs 1\.10 or later"):
            find_freeswitch()

    def test_a_port_that_is_taken_is_named_and_nothing_is_started(self, tmp_path: Path) -> None:
        started = tmp_path / "started"
        switch = LabFreeSwitch(
            FreeSwitch(program(tmp_path / "freeswitch", f"touch {started}"), tmp_path / "fs_cli", "1.11"), tmp_path
        )
        with pytest.raises(LabError, match="has not been rendered"):
            switch.start(tmp_path)
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            (tmp_path / "event_socket.conf.xml").write_text(SOCKET.format(port=port))
            with pytest.raises(LabError, match=rf"Another program uses 127\.0\.0\.1:{port}.*event_socket_port"):
                switch.start(tmp_path)
        assert not started.exists() and not switch.running()

    def test_a_switch_that_ends_at_once_is_quoted(self, tmp_path: Path) -> None:
        log = tmp_path / "log" / "freeswitch.log"
        freeswitch = program(
            tmp_path / "freeswitch",
            f"""echo '[WARNING] sofia.c:2279 MSG Thread 0 Started' > {log}
echo '[ERR] switch_core.c:1 No such thing' >> {log}
exit 3""",
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        (tmp_path / "event_socket.conf.xml").write_text(SOCKET.format(port=port))
        switch = LabFreeSwitch(FreeSwitch(freeswitch, program(tmp_path / "fs_cli", "exit 1"), "1.11"), tmp_path)
        with pytest.raises(LabError, match=r"ended at once with status 3: \[ERR\] .*No such thing$"):
            switch.start(tmp_path)
        # The password is in a file of its owner alone, as it was before it was written as XML.
        settings = tmp_path / "run" / ".fs_cli_conf"
        assert "password => a&${b}\n" in settings.read_text()
        assert settings.stat().st_mode & 0o777 == 0o600 and log.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("[2026-11-22 04:46] NOTICE[1] res_pjsip.c: Something else", False),
        ("[2026-11-22 04:46] ERROR[1] res_pjsip.c: Something else", True),
        (
            "[2026-11-22 04:46] WARNING[1] x.c: Error 32 'Broken pipe' sending OPTIONS request to endpoint 3",
            False,
        ),
        (
            "[2026-11-22 04:46] WARNING[1] pjproject: x .Error sending Response msg 200/INVITE: Broken pipe",
            False,
        ),
        ("[2026-11-22 04:46] WARNING[1] app_dial.c: Broken pipe", True),
    ],
)
def test_a_phone_by_tcp_that_has_gone_is_no_complaint(line: str, counts: bool) -> None:
    assert bool(LabSwitch.complaint.search(line)) == counts
