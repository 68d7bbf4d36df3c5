"""Tests of rendering for Asterisk: what the files mean to the switch, hostile names, identity and speed."""

import dataclasses
import re
import time
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.settings import (
    Agent,
    Destination,
    Network,
    Number,
    Phone,
    Queue,
    Settings,
    Strategy,
    Transport,
    Trunk,
)
from dialplan import filters
from dialplan.asterisk import DEFAULTS, EVENTS, FILES
from dialplan.render import Paths, render

PATHS = Paths(Path("/etc/asterisk"), Path("/srv/sounds"), Path("/srv/music"), Path("/srv/recordings"))
SECRETS = {"ami": 's;e#c"ret', "phone-201": "p;201", "phone-202": "p202", "trunk-prostor": "word"}
SITE = Settings(
    directory=Path("/srv/config"),
    company='Acme; "x"\n[general]',
    country="RU",
    time_zone="Europe/Moscow",
    language="ru",
    fallback_after=45.0,
    trunks={
        "north": Trunk("north", "sip.north.example", addresses=("198.51.100.7", "203.0.113.0/28")),
        "prostor": Trunk("prostor", "192.0.2.9", 5066, username="acct", register=True, dtmf="info"),
        "plain": Trunk("plain", "192.0.2.10"),
    },
    numbers={
        "+74951234567": Number("+74951234567", "Main", Destination(menu="main"), fallback="support"),
        "+74951234568": Number("+74951234568", "Straight", Destination(queue="support")),
        "700": Number("700", "Short", Destination(menu="main")),
    },
    queues={
        "sales": Queue("sales", "Sales", Strategy.LONGEST_IDLE, ("1",), ring_for=15, wrap_up=30),
        "support": Queue("support", "Support", Strategy.RING_ALL, ("1",), music="calm"),
    },
    phones={
        "201": Phone("201", 'Ann "A" <x>; \\ Ж'),
        "202": Phone("202", "Bob", codecs=("g722", "alaw"), contact="sip:bob@192.0.2.7:5070;transport=udp"),
    },
    agents={"1": Agent("1", "Ann")},
    music={"default": (Path("/a.wav"),), "calm": (Path("/b.wav"),), "empty": ()},
)

Section = dict[str, list[str]]


def parse(text: str) -> dict[str, list[Section]]:
    """Reads a .conf file as Asterisk does: templates, semicolons escaped by a backslash, '=' or '=>'."""
    sections: dict[str, list[Section]] = defaultdict(list)
    templates: dict[str, Section] = {}
    section: Section = {}
    for line in text.split("\n"):
        line = re.sub(r"(?<!\\);.*", "", line).replace(r"\;", ";").strip()
        if heading := re.fullmatch(r"\[([^]]+)\](?:\(([^)]*)\))?", line):
            name, options = heading[1], (heading[2] or "").split(",")
            section = {}
            for option in options:
                for key, values in templates.get(option, {}).items():
                    section.setdefault(key, []).extend(values)
            if "!" in options:
                templates[name] = section
            else:
                sections[name].append(section)
        elif line:
            key, value = re.split(r"\s*=>?\s*", line, maxsplit=1)
            section.setdefault(key, []).append(value)
    return sections


def of_type(text: str, name: str, kind: str) -> Section:
    (found,) = (section for section in parse(text)[name] if section["type"] == [kind])
    return found


def rendered(name: str, site: Settings = SITE) -> str:
    return render(site, SECRETS, PATHS)[name]


def context(name: str, site: Settings = SITE) -> dict[str, list[str]]:
    """Extension -> applications, in order, of one context."""
    dialplan: dict[str, list[str]] = {}
    text = rendered("extensions.conf", site).partition(f"\n[{name}]\n")[2].partition("\n[")[0]
    for line in text.splitlines():
        if found := re.fullmatch(r"exten => ([^,]+),1,(.*)", line):
            dialplan[found[1]] = steps = [found[2]]
        elif found := re.fullmatch(r" same => n(?:\(\w+\))?,(.*)", line):
            steps.append(found[1])
    return dialplan


def test_all_files_are_rendered_and_twice_the_same() -> None:
    files = render(SITE, SECRETS, PATHS)
    assert sorted(files) == sorted(FILES + DEFAULTS)
    assert render(SITE, SECRETS, PATHS) == files
    assert not any("{{" in text or "{%" in text for text in files.values())


def test_every_spelling_of_a_number_leads_in_with_the_queue_that_stands_in() -> None:
    numbers = context("appliance-numbers")
    for spelling in ("+74951234567", "74951234567", "84951234567", "4951234567"):
        assert numbers[spelling] == [
            "Set(APPLIANCE_QUEUE=support)",
            f"Set(APPLIANCE_DNIS={spelling})",
            "Goto(appliance-caller,s,1)",
        ]
    assert numbers["+74951234568"][0] == "Set(APPLIANCE_QUEUE=support)"  # where its calls go anyway
    assert numbers["700"][0] == "Set(APPLIANCE_QUEUE=sales)"  # the first


def test_trunks_deliver_what_they_like_and_only_harmless_characters_go_on() -> None:
    for trunk in SITE.trunks:
        for steps in context(f"trunk-{trunk}").values():
            assert steps[0] == f"Set(APPLIANCE_TRUNK={trunk})"
            assert steps[1] == "Set(CALLERID(num)=${FILTER(0-9A-Za-z*#+_.\\x2D,${CALLERID(num)})})"
            assert steps[2].startswith("Goto(appliance-admit,${FILTER(0-9A-Za-z*#+_.\\x2D,${EXTEN})},1)")
    assert set(context("appliance-unknown")) == {"_[+*#0-9]!", "_[a-zA-Z].", "s"}


def test_no_name_that_people_choose_is_an_argument() -> None:
    text = rendered("extensions.conf")
    assert "CALLERID(name)" not in text and "CALLERID(all)" not in text
    for name in ("Ann", "Bob", "Acme", "Sales", "Main"):
        assert not re.search(rf"\b{name}\b", text)


def test_the_doors_name_what_was_dialled_the_trunk_and_the_call() -> None:
    door = "AGI(agi://127.0.0.1:4573/"
    arguments = "${APPLIANCE_DNIS},${APPLIANCE_TRUNK},${APPLIANCE_CALL})"
    steps = context("appliance-caller")["s"]
    assert f"{door}caller,{arguments}" in steps
    # A leg may come in again after a talk (a blind transfer), and is to be held then like any other.
    assert "Set(DIALSTATUS=)" in steps
    assert f"{door}recover,{arguments}" in context("appliance-recover")["s"]
    assert context("appliance-wrapup")["s"][1:] == [f"{door}wrapup,,,${{APPLIANCE_CALL}})", "Hangup()"]
    assert f"{door}agent,${{APPLIANCE_DNIS}},,)" in context("appliance-agent")["s"]


def test_who_is_called_back_comes_through_a_door_and_is_held_like_a_caller() -> None:
    steps = context("appliance-callback")["s"]
    assert steps[2:4] == [
        'GotoIf($["${APPLIANCE_CALLED}" = ""]?phone)',
        "Set(CALLERID(num)=${APPLIANCE_CALLED})",
    ], "what agents see is the number that was called"
    assert steps[-2:] == [
        "AGI(agi://127.0.0.1:4573/callback,,${APPLIANCE_TRUNK},${APPLIANCE_CALL})",
        "Goto(appliance-recover,s,ended)",
    ]


def test_who_is_briefed_is_connected_only_when_the_appliance_says_so() -> None:
    steps = context("appliance-briefing")["s"]
    asks = steps.index("AGI(agi://127.0.0.1:4573/briefing,,,${APPLIANCE_CALL})")
    assert "Set(GOSUB_RESULT=CONTINUE)" in steps[:asks], "also where the phone hangs up meanwhile"
    assert steps[asks + 1 : asks + 3] == [
        'GotoIf($["${APPLIANCE_DONE}" != "connect"]?over)',
        "Set(GOSUB_RESULT=)",
    ]


def test_a_leg_that_rings_a_phone_asks_for_the_next_one() -> None:
    ring = context("ring")
    assert ring["_X!"][1:] == ["Dial(PJSIP/${EXTEN},${APPLIANCE_RING_FOR},${APPLIANCE_RING_HOW})", "Goto(more,1)"]
    asks = "AGI(agi://127.0.0.1:4573/next,${appliance_dialler},${APPLIANCE_RUNG},${DIALSTATUS},${HANGUPCAUSE})"
    assert ring["more"][1:3] == [asks, 'GotoIf($["${APPLIANCE_NEXT}" = ""]?over)']


def test_a_caller_is_held_and_then_served_by_the_stand_in() -> None:
    steps = context("appliance-recover")["s"]
    assert "GotoIf($[${EPOCH} - ${APPLIANCE_LOST_AT} >= 45]?fallback)" in steps
    assert "Queue(fallback-${APPLIANCE_QUEUE})" in steps
    assert 'StartMusicOnHold(${IF($["${APPLIANCE_MUSIC}" = ""]?default:${APPLIANCE_MUSIC})})' in steps
    # What an earlier end left behind is forgotten before the appliance is asked again.
    ask = next(n for n, step in enumerate(steps) if step.startswith("AGI("))
    assert {"Set(APPLIANCE_DONE=)", "Set(DIALSTATUS=)"} <= {*steps[ask - 3 : ask]}
    (variables,) = parse(rendered("extensions.conf"))["globals"]
    assert variables.pop("APPLIANCE_MARK")
    assert variables == {"APPLIANCE_MUSIC_sales": ["default"], "APPLIANCE_MUSIC_support": ["calm"]}


def test_phones_dial_codes_with_digits_after_them_phones_and_numbers() -> None:
    dialled = context("phones")
    assert {"*11", "_*11X!", "*15", "_*15X!", "201", "202"} <= set(dialled)
    assert "include => appliance-numbers" in rendered("extensions.conf").partition("[phones]")[2]
    assert "Dial(PJSIP/${EXTEN},30)" in context("appliance-phone")["_[0-9a-zA-Z]!"]


def test_the_stand_in_queues() -> None:
    queues = parse(rendered("queues.conf"))
    (sales,), (support,) = queues["fallback-sales"], queues["fallback-support"]
    assert (sales["strategy"], sales["timeout"], sales["wrapuptime"]) == (["leastrecent"], ["15"], ["30"])
    assert (support["strategy"], support["musicclass"]) == (["ringall"], ["calm"])
    assert queues["general"][0]["persistentmembers"] == ["yes"]
    assert {"ringinuse": ["no"], "joinempty": ["yes"], "autofill": ["yes"]}.items() <= sales.items()


def test_phones_register_or_have_an_address() -> None:
    text = rendered("pjsip.conf")
    endpoint, address = of_type(text, "201", "endpoint"), of_type(text, "201", "aor")
    assert endpoint["callerid"] == ["\"Ann 'A' (x); / Ж\" <201>"]
    assert endpoint["context"] == ["phones"]
    assert endpoint["direct_media"] == ["no"]
    assert of_type(text, "201", "auth")["password"] == ["p;201"]
    assert (address["max_contacts"], address["remove_existing"], address["qualify_frequency"]) == (
        ["1"],
        ["yes"],
        ["30"],
    )
    assert "contact" not in address
    assert of_type(text, "202", "endpoint")["allow"] == ["g722,alaw"]
    assert of_type(text, "202", "aor")["contact"] == ["sip:bob@192.0.2.7:5070;transport=udp"]
    assert "load = codec_g722.so" in rendered("modules.conf")


def test_trunks_are_known_by_address_or_by_their_registration() -> None:
    text = rendered("pjsip.conf")
    assert of_type(text, "trunk-north", "identify")["match"] == ["198.51.100.7/32", "203.0.113.0/28"]
    assert of_type(text, "trunk-plain", "identify")["match"] == ["192.0.2.10"]
    registration = of_type(text, "trunk-prostor", "registration")
    assert registration["server_uri"] == ["sip:192.0.2.9:5066"]
    assert registration["client_uri"] == ["sip:acct@192.0.2.9:5066"]
    assert registration["line"] == ["yes"]
    assert registration["endpoint"] == ["trunk-prostor"]
    assert of_type(text, "trunk-prostor", "auth")["password"] == ["word"]
    endpoint = of_type(text, "trunk-prostor", "endpoint")
    assert (endpoint["context"], endpoint["dtmf_mode"], endpoint["trust_id_inbound"]) == (
        ["trunk-prostor"],
        ["info"],
        ["yes"],
    )
    assert not [section for section in parse(text)["trunk-prostor"] if section["type"] == ["identify"]]


def test_the_network() -> None:
    network = Network(
        sip_address="2001:db8::1", sip_port=5080, external_address="198.51.100.1", local_networks=("10.1.2.3/8",)
    )
    site = dataclasses.replace(SITE, network=network)
    transport = of_type(rendered("pjsip.conf", site), "udp", "transport")
    assert transport["bind"] == ["[2001:db8::1]:5080"]
    assert transport["external_media_address"] == ["198.51.100.1"]
    assert transport["local_net"] == ["10.0.0.0/8"]
    assert of_type(rendered("pjsip.conf", site), "201", "endpoint")["media_address"] == ["2001:db8::1"]
    assert "media_address" not in of_type(rendered("pjsip.conf"), "201", "endpoint")


def test_tls() -> None:
    network = Network(
        tls_port=5061, certificate=Path("/c/cert.pem"), key=Path("/c/key.pem"), external_address="198.51.100.1"
    )
    site = dataclasses.replace(SITE, network=network)
    pjsip = rendered("pjsip.conf", site)
    transport = of_type(pjsip, "tls", "transport")
    assert (transport["protocol"], transport["bind"]) == (["tls"], ["0.0.0.0:5061"])
    assert (transport["cert_file"], transport["priv_key_file"]) == (["/c/cert.pem"], ["/c/key.pem"])
    assert transport["external_media_address"] == ["198.51.100.1"]
    assert "cert_file" not in of_type(pjsip, "udp", "transport")
    phone, trunk = of_type(pjsip, "201", "endpoint"), of_type(pjsip, "trunk-prostor", "endpoint")
    assert phone["media_encryption"] == ["sdes"] and phone["media_encryption_optimistic"] == ["yes"]
    assert "transport" not in phone, "it is called where it has registered"
    assert trunk["transport"] == ["udp"] and "media_encryption" not in trunk
    assert "load = res_srtp.so" in rendered("modules.conf", site)


def test_a_phone_that_is_always_encrypted() -> None:
    phones = {"201": dataclasses.replace(SITE.phones["201"], secure=True)}
    site = dataclasses.replace(SITE, network=Network(tls_port=5061), phones=phones)
    phone = of_type(rendered("pjsip.conf", site), "201", "endpoint")
    assert phone["transport"] == ["tls"]
    assert phone["media_encryption_optimistic"][-1] == "no"


def test_a_phone_by_tcp_has_the_switch_listen_there() -> None:
    assert "[tcp]" not in rendered("pjsip.conf", dataclasses.replace(SITE, trunks={}))
    phones = {**SITE.phones, "201": dataclasses.replace(SITE.phones["201"], transport=Transport.TCP)}
    pjsip = rendered("pjsip.conf", dataclasses.replace(SITE, trunks={}, phones=phones))
    assert of_type(pjsip, "tcp", "transport")["bind"] == ["0.0.0.0:5060"]
    for phone in phones:
        assert "transport" not in of_type(pjsip, phone, "endpoint"), "it is called where it has registered"


def test_without_tls() -> None:
    assert "[tls]" not in rendered("pjsip.conf")
    assert of_type(rendered("pjsip.conf"), "201", "endpoint")["transport"] == ["udp"]
    assert "res_srtp" not in rendered("modules.conf")


def test_who_fails_to_log_in_is_written_down() -> None:
    assert "security.log => security" in rendered("logger.conf")
    assert "load = res_security_log.so" in rendered("modules.conf")


def test_the_control_connection_is_local_and_hears_only_what_is_used() -> None:
    text = rendered("manager.conf")
    manager = parse(text)
    assert manager["general"][0]["bindaddr"] == ["127.0.0.1"]
    (account,) = manager["appliance"]
    assert account["secret"] == ['s;e#c"ret']
    assert account["permit"] == ["127.0.0.1/255.255.255.255"]
    assert sorted(re.findall(r"^eventfilter\(action\(include\),name\((\w+)\)\) =$", text, re.M)) == sorted(EVENTS)
    assert "channelvars" not in account | manager["general"][0]
    assert "command" not in account["write"][0].split(",")


def test_only_music_that_has_files_is_a_class() -> None:
    assert set(parse(rendered("musiconhold.conf"))) == {"general", "default", "calm"}
    assert "?calm:" in rendered("extensions.conf", dataclasses.replace(SITE, music={"calm": (Path("/b.wav"),)}))


def test_where_the_switch_keeps_its_files() -> None:
    (debian,) = parse(rendered("asterisk.conf"))["directories"]
    assert debian["astrundir"] == ["/run/asterisk"]
    assert "astmoddir" not in debian  # depends on the processor
    lab = dataclasses.replace(PATHS, modules=Path("/lab/modules"), run=Path("/lab/run"), data=Path("/lab/share"))
    (own,) = parse(render(SITE, SECRETS, lab)["asterisk.conf"])["directories"]
    assert (own["astmoddir"], own["astrundir"]) == (["/lab/modules"], ["/lab/run"])
    assert own["astagidir"] == ["/lab/share/agi-bin"]


def test_a_site_with_next_to_nothing() -> None:
    site = Settings(
        Path("/c"), "Acme", "DE", "Europe/Berlin", "de", numbers={"1": Number("1", "", Destination(hang_up=True))}
    )
    assert context("appliance-numbers", site)["1"][0] == "Set(APPLIANCE_QUEUE=)"
    assert "country = de" in rendered("indications.conf", site)


@pytest.mark.parametrize(
    ("change", "secrets", "sentence"),
    [
        ({}, {}, "manager.conf cannot be written: the secret ami is missing."),
        ({}, {**SECRETS, "phone-201": "a\nb"}, "the secret phone-201 is empty, too long"),
        (
            {"queues": {"a b": Queue("a b", "", Strategy.RING_ALL, ())}},
            SECRETS,
            "extensions.conf .*'a b' may only have",
        ),
        ({"phones": {"h": Phone("h", "H")}}, SECRETS, "'h' is a special extension"),
        ({"phones": {"201": Phone("201", "A", codecs=("mp3",))}}, SECRETS, "'mp3' is no codec the switch has"),
        ({"phones": {"201": Phone("201", "A", contact="bob")}}, SECRETS, "'bob' is not one SIP address"),
        ({"trunks": {"t": Trunk("t", "a b")}}, SECRETS, "'a b' is no host name"),
        ({"trunks": {"t": Trunk("t", "a", dtmf="x")}}, SECRETS, "'x' is no way to send DTMF"),
        ({"trunks": {"t": Trunk("t", "a", addresses=("1.2.3",))}}, SECRETS, "'1.2.3' is no IP address"),
    ],
)
def test_what_cannot_be_said_is_refused_in_a_sentence(
    change: dict[str, object], secrets: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        render(dataclasses.replace(SITE, **change), secrets, PATHS)  # type: ignore[arg-type]


def test_secrets_are_not_in_error_messages() -> None:
    with pytest.raises(ValueError) as caught:
        render(SITE, {**SECRETS, "ami": "hidden\n"}, PATHS)
    assert "hidden" not in str(caught.value)


def test_relative_paths_are_refused() -> None:
    with pytest.raises(ValueError, match="music must be absolute"):
        render(SITE, SECRETS, dataclasses.replace(PATHS, music=Path("music")))


def test_a_thousand_phones_take_under_two_seconds() -> None:
    phones = {str(n): Phone(str(n), f"Phone {n}") for n in range(1000, 2000)}
    queues = {f"q{n}": Queue(f"q{n}", f"Queue {n}", Strategy.RING_ALL, ()) for n in range(100)}
    site = dataclasses.replace(SITE, phones=phones, queues=queues, numbers={})
    secrets = SECRETS | {f"phone-{n}": "secret" for n in phones}
    began = time.perf_counter()
    files = render(site, secrets, PATHS)
    assert time.perf_counter() - began < 2
    assert len([name for name in parse(files["pjsip.conf"]) if name in phones]) == 1000


# Whatever text is given, it is refused or it arrives whole: nothing in between.


@given(st.text() | st.text(alphabet=";\\ \"'<>,()[]{}$|&%#=\n\r\tЖa"))
def test_text_arrives_or_is_refused(value: str) -> None:
    try:
        line = filters.text(value)
    except ValueError:
        return
    assert parse(f"[s]\nkey = {line}\nnext = 1\n")["s"] == [{"key": [value], "next": ["1"]}]


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8")))
def test_any_name_of_a_person_makes_one_caller_id(name: str) -> None:
    site = dataclasses.replace(SITE, phones={"201": Phone("201", name)})
    try:
        text = rendered("pjsip.conf", site)
    except ValueError as error:
        assert "pjsip.conf cannot be written" in str(error)
        return
    (callerid,) = of_type(text, "201", "endpoint")["callerid"]
    assert re.fullmatch(r'"[^"<>\\]*" <201>', callerid)


@given(st.text())
def test_arguments_never_mean_anything_to_the_dialplan(value: str) -> None:
    for escape in (filters.token, filters.extension, filters.code, filters.host):
        try:
            said = escape(value)
        except ValueError:
            continue
        assert said.isascii() and not re.search(r"[\s,(){}$\"'\\;&|^]", said)


@pytest.mark.parametrize("value", ["", " a", "a ", "a\nb", "a\rb", "a\0", "> a", "x" * 5000, "\ud800"])
def test_text_that_asterisk_would_change_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        filters.text(value)
