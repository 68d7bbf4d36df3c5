"""Tests of rendering for FreeSWITCH: what the XML means to the switch, hostile names, identity and speed."""

import dataclasses
import re
import time
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

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
    SwitchKind,
    Transport,
    Trunk,
)
from dialplan import filters
from dialplan.freeswitch import FILES, MODULES
from dialplan.render import Paths, render, take_over

PATHS = Paths(Path("/etc/freeswitch"), Path("/srv/sounds"), Path("/srv/music"), Path("/srv/recordings"))
SECRETS = {
    "esl": "s'e&c\"<r>$${et}",
    "phone-201": "p;$${domain}",
    "phone-202": "p202",
    "trunk-prostor": "word",
}
SITE = Settings(
    directory=Path("/srv/config"),
    company='Acme; "x"\n<&',
    country="RU",
    time_zone="Europe/Moscow",
    language="ru",
    switch=SwitchKind.FREESWITCH,
    fallback_after=45.0,
    trunks={
        "north": Trunk("north", "sip.north.example", addresses=("198.51.100.7", "203.0.113.0/28")),
        "prostor": Trunk("prostor", "192.0.2.9", 5066, username="acct", register=True, dtmf="info"),
        "old": Trunk("old", "192.0.2.10", codecs=("gsm",), dtmf="inband"),
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
        "201": Phone("201", 'Ann "A" <x>; \\ $${domain} Ж'),
        "202": Phone("202", "Bob", codecs=("g722", "alaw"), contact="sip:bob@192.0.2.7:5070;transport=udp"),
    },
    agents={"1": Agent("1", "Ann")},
    music={"default": (Path("/a.wav"),), "calm": (Path("/b.wav"),), "empty": ()},
)


def site(**changes: object) -> Settings:
    return dataclasses.replace(SITE, **changes)  # type: ignore[arg-type]


def load(settings: Settings = SITE) -> Element:
    """The document as FreeSWITCH has it: variables of its preprocessor put in, then files, then XML read."""
    files = render(settings, SECRETS, PATHS)
    variables: dict[str, str] = {"local_ip_v4": "192.0.2.1"}

    def preprocess(name: str) -> str:
        text = re.sub(r"<\?xml.*\?>", "", files[name])
        text = re.sub(r"\$\$\{(\w*)\}", lambda found: variables.get(found[1], ""), text)

        def step(found: re.Match[str]) -> str:
            if found[1] == "include":
                return re.sub(r"</?include>", "", preprocess(found[2]))
            key, _, value = found[2].partition("=")
            variables[key] = value
            return ""

        return re.sub(r'<X-PRE-PROCESS cmd="(\w+)" data="([^"]*)"/>', step, text)

    return ElementTree.fromstring(preprocess("freeswitch.xml"))


def configuration(name: str, settings: Settings = SITE) -> Element:
    (found,) = load(settings).iterfind(f".//configuration[@name='{name}.conf']")
    return found


def params(element: Element | None) -> dict[str, str]:
    assert element is not None
    return {param.get("name", ""): param.get("value", "") for param in element.iterfind("param")}


def profile(settings: Settings = SITE) -> Element:
    (found,) = configuration("sofia", settings).iterfind(".//profile")
    return found


def phone(id: str, settings: Settings = SITE) -> Element:
    (found,) = load(settings).iterfind(f".//user[@id='{id}']")
    return found


Steps = list[tuple[str, str]]


def dial(context: str, number: str, settings: Settings = SITE, **variables: str) -> Steps:
    """The steps that the first matching extension takes, up to the one that dials anew. Functions are not called:
    what they are to say is given as a variable named `said`."""
    (found,) = load(settings).iterfind(f".//context[@name='{context}']")
    before: Steps = []  # of extensions after which the next ones are looked at
    for extension in found.iterfind("extension"):
        steps: Steps = []
        for condition in extension.iterfind("condition"):
            field = condition.get("field", "destination_number")
            if field.startswith("${"):
                value = variables.get("said" if "(" in field else field[2:-1], "")
            else:
                value = {"destination_number": number, "caller_id_number": variables.get("caller", "")}[field]
            matched = re.search(condition.get("expression", ""), value)
            if not matched and condition.get("break") != "never":
                break
            for action in condition.iterfind("action" if matched else "anti-action"):
                data = action.get("data", "")
                for position, group in enumerate(matched.groups() if matched else (), 1):
                    data = data.replace(f"${position}", group)
                steps.append((action.get("application", ""), data))
        else:
            if extension.get("continue") != "true":
                return before + steps
            before += steps
    return before


DOOR = ("socket", "127.0.0.1:8084 async full")


def test_all_files_are_rendered_and_twice_the_same() -> None:
    files = render(SITE, SECRETS, PATHS)
    assert sorted(files) == sorted(FILES)
    assert render(SITE, SECRETS, PATHS) == files
    assert not any("{{" in text or "{%" in text for text in files.values())
    included = re.findall(r'cmd="include" data="([^"]+)"', files["freeswitch.xml"])
    assert sorted([*included, "freeswitch.xml"]) == sorted(FILES)


def test_every_spelling_of_a_number_leads_in_with_the_queue_that_stands_in() -> None:
    for spelling in ("+74951234567", "74951234567", "84951234567", "4951234567"):
        assert dial("appliance-admit", spelling) == [
            ("set", "APPLIANCE_QUEUE=support"),
            ("set", f"APPLIANCE_DNIS={spelling}"),
            ("transfer", "s XML appliance-caller"),
        ]
    assert dial("appliance-admit", "84951234568")[0] == ("set", "APPLIANCE_QUEUE=support")  # where calls go anyway
    assert dial("appliance-admit", "700")[0] == ("set", "APPLIANCE_QUEUE=sales")  # the first
    assert dial("appliance-admit", "12345")[1] == ("set", "APPLIANCE_DNIS=12345")  # is told that there is none
    assert dial("appliance-admit", "a74951234567b")[0] == ("set", "APPLIANCE_QUEUE=sales")


def test_trunks_deliver_what_they_like_and_only_harmless_characters_go_on() -> None:
    steps = dial("trunk-north", "700\r\nX: ${y}", caller="79991234567\r\nVia: x")
    assert ("set", "APPLIANCE_TRUNK=north") in steps
    assert ("set_profile_var", "caller_id_number=79991234567") in steps
    assert steps[-1] == ("transfer", "700 XML appliance-admit")
    for number in ("", "${hangup}", "\n700", "(700)"):
        assert dial("trunk-north", number) == []  # 404


def test_keys_of_who_is_called_back_are_heard_out_of_the_sound_only_where_asked() -> None:
    old = dial("appliance-callback", "s", sip_gateway_name="trunk-old")
    assert old[0] == ("start_dtmf", "")
    for trunk in ("prostor", "north"):
        assert dial("appliance-callback", "s", sip_gateway_name=f"trunk-{trunk}") == old[1:]
    assert ("set", "APPLIANCE_ENTRY=callback") in old
    assert old[-1] == ("transfer", "ended XML appliance-recover")


def test_trunks_keys_are_heard_out_of_the_sound_only_where_asked() -> None:
    assert ("set", "execute_on_media=start_dtmf") in dial("trunk-old", "1")
    assert ("set", "execute_on_media=start_dtmf") not in dial("trunk-prostor", "1")
    assert ("set", "absolute_codec_string=GSM") in dial("trunk-old", "1")


def test_no_name_that_people_choose_is_an_argument() -> None:
    text = render(SITE, SECRETS, PATHS)["dialplan.xml"]
    assert "caller_id_name" not in text
    for name in ("Ann", "Bob", "Acme", "Sales", "Main"):
        assert not re.search(rf"\b{name}\b", text)
    # What is looked up when an action is carried out: tokens that the dialplan or the appliance has set.
    looked_up = {
        name
        for action in load().iterfind(".//action")
        for name in re.findall(r"\$\{([^}]+)\}", action.get("data", ""))
    }
    taking = "uuid_setvar_multi(${appliance_dialler"  # as far as the inner one's end
    ours = {"appliance_dialler", "appliance_afterwards", "uuid_kill($1)", taking}
    assert looked_up == {"strepoch()", "APPLIANCE_MUSIC", "APPLIANCE_QUEUE", *ours}


@pytest.mark.parametrize("door", ["caller", "agent", "wrapup", "offer"])
def test_each_door_says_which_it_is_and_forgets_how_the_last_one_ended(door: str) -> None:
    steps = dial(f"appliance-{door}", "0" if door == "offer" else "s", appliance_briefing="yes")
    before = steps[: steps.index(DOOR)]
    assert ("set", f"APPLIANCE_ENTRY={'briefing' if door == 'offer' else door}") in before
    assert ("unset", "APPLIANCE_DONE") in before
    assert ("set", "socket_resume=true") in before


def test_a_phone_that_has_answered_takes_the_offer_or_the_leg_itself_if_the_appliance_has_lost_it() -> None:
    offer = "5e1f0c3a-0000-4000-8000-000000000001"
    for over in ("none", "-ERR No such channel!"):
        assert dial("appliance-offer", offer, said=over) == [("hangup", "ORIGINATOR_CANCEL")]
    lost = dial("appliance-offer", offer, said="_undef_")
    assert [step[0] for step in lost] == ["set", "intercept", "hangup"] and "APPLIANCE_DONE=done" in lost[0][1]
    there = dial("appliance-offer", offer, said=offer)
    assert there[:2] == [("unset", "appliance_rings_for"), ("pickup", offer)]
    assert there[-1] == ("transfer", f"{offer} XML appliance-offer")


def test_a_phone_that_is_briefed_takes_the_offer_only_when_the_appliance_says_so() -> None:
    offer = "5e1f0c3a-0000-4000-8000-000000000001"
    steps = dial("appliance-offer", offer, said=offer, appliance_briefing="yes")
    assert steps[0] == ("set", "appliance_briefing=no") and DOOR in steps
    assert steps[-1] == ("transfer", f"{offer} XML appliance-offer")
    steps = dial("appliance-offer", offer, said=offer, appliance_briefing="no", APPLIANCE_DONE="done")
    assert steps == [("hangup", "")]
    steps = dial("appliance-offer", offer, said=offer, appliance_briefing="no")
    assert steps == [("set", f"appliance_taken=${{uuid_kill({offer})}}"), ("hangup", "")]
    steps = dial("appliance-offer", offer, said=offer, appliance_briefing="no", APPLIANCE_DONE="connect")
    assert [step[0] for step in steps[:4]] == ["set", "set", "unset", "pickup"]


def test_a_caller_is_held_and_then_served_by_the_stand_in() -> None:
    recover = "appliance-recover"
    assert dial("appliance-caller", "s")[-1] == ("transfer", f"ended XML {recover}")
    for entry in ("ended", "tried", "held"):
        assert dial(recover, entry, APPLIANCE_DONE="done") == [("hangup", "")]
        assert dial(recover, entry, APPLIANCE_DONE="fallback") == [("transfer", f"fallback XML {recover}")]
    assert dial(recover, "ended")[-1] == ("transfer", f"held XML {recover}")
    held = dial(recover, "held", APPLIANCE_QUEUE="support", said="no")
    assert held == [("set", "APPLIANCE_MUSIC=calm"), ("transfer", f"music XML {recover}")]
    assert dial(recover, "held", said="no")[0] == ("set", "APPLIANCE_MUSIC=default")
    music = dial(recover, "music")
    assert music[0] == ("answer", "") and ("playback", "local_stream://${APPLIANCE_MUSIC}") in music
    # What would shorten the appliance's own sounds is gone when it is asked again.
    assert music[-2:] == [("unset", "playback_timeout_sec"), ("transfer", f"again XML {recover}")]
    again = dial(recover, "again")
    assert ("set", "max_session_transfers=70") in again and ("set", "APPLIANCE_ENTRY=recover") in again
    assert again[-3:] == [DOOR, ("unset", "appliance_offer"), ("transfer", f"tried XML {recover}")]
    assert dial(recover, "tried", said="no") == [("transfer", f"held XML {recover}")]
    assert dial(recover, "tried", said="yes") == [("transfer", f"ended XML {recover}")]
    assert dial(recover, "held", said="yes") == [("transfer", f"fallback XML {recover}")]
    assert dial(recover, "s")[-1] == ("transfer", f"again XML {recover}")


def test_how_long_a_caller_is_held() -> None:
    assert "- ${APPLIANCE_LOST_AT})} >= 45 ? yes : no)}" in render(SITE, SECRETS, PATHS)["dialplan.xml"]


def test_the_stand_in() -> None:
    steps = dial("appliance-recover", "fallback", APPLIANCE_QUEUE="sales")
    assert ("callcenter", "fallback-${APPLIANCE_QUEUE}") in steps
    assert dial("appliance-recover", "fallback") == [("hangup", "NORMAL_CIRCUIT_CONGESTION")]
    queues = {queue.get("name"): params(queue) for queue in configuration("callcenter").iterfind(".//queue")}
    assert queues["fallback-sales"]["strategy"] == "longest-idle-agent"
    assert queues["fallback-support"]["strategy"] == "ring-all"
    assert queues["fallback-support"]["moh-sound"] == "local_stream://calm"
    assert not list(configuration("callcenter").iterfind(".//agent"))  # the appliance says who


def test_agents_codes_end_with_a_tone_while_the_appliance_is_gone() -> None:
    assert dial("appliance-agent", "ended", APPLIANCE_DONE="done") == [("hangup", "")]
    assert [name for name, _ in dial("appliance-agent", "ended")] == ["answer", "gentones", "hangup"]


@pytest.mark.parametrize("number", ["*11", "*15", "*1142", "*111*2#"])
def test_phones_dial_codes_with_digits_after_them(number: str) -> None:
    assert dial("phones", number) == [
        ("set", f"APPLIANCE_DNIS={number}"),
        ("transfer", "s XML appliance-agent"),
    ]


def test_phones_dial_each_other_and_our_numbers_and_ask_for_everything_else() -> None:
    assert dial("phones", "202")[-1] == ("bridge", "user/202@appliance")
    assert dial("phones", "84951234567")[-1] == ("transfer", "s XML appliance-caller")
    for number in ("*1", "*19", "*11a", "20", "2021", "203", "79991234567", "x*11"):
        assert dial("phones", number) == [
            ("set", f"APPLIANCE_DNIS={number}"),
            ("transfer", "s XML appliance-outbound"),
        ]
    for number in ("8495;1", "8495 1", "${hash}", "84\n95"):
        assert dial("phones", number)[0] == ("set", "APPLIANCE_DNIS=odd")


def test_phones_register_or_have_an_address() -> None:
    ann, bob = phone("201"), phone("202")
    settings, variables = params(ann.find("params")), ann.findall("variables/variable")
    assert settings["password"] == SECRETS["phone-201"]
    assert settings["dial-string"].endswith("]${sofia_contact(appliance/201@appliance)}")
    said = {variable.get("name"): variable.get("value") for variable in variables}
    assert said["APPLIANCE_PHONE"] == "201" and said["user_context"] == "phones"
    assert said["effective_caller_id_name"] == "Ann A x domain Ж"
    assert params(bob.find("params"))["dial-string"] == (
        "[absolute_codec_string='G722,PCMA']sofia/appliance/sip:bob@192.0.2.7:5070;transport=udp"
    )
    settings = params(profile().find("settings"))
    assert settings["auth-calls"] == "true" and settings["accept-blind-reg"] == "false"
    assert settings["inbound-reg-force-matching-username"] == "true"


def test_trunks_are_known_by_address_and_come_into_their_own_contexts() -> None:
    lists = {
        each.get("name"): [node.get("cidr") for node in each] for each in configuration("acl").iterfind(".//list")
    }
    assert lists == {
        "trunk-north": ["198.51.100.7/32", "203.0.113.0/28"],
        "trunk-prostor": ["192.0.2.9/32"],
        "trunk-old": ["192.0.2.10/32"],
    }
    let_in = profile().iterfind(".//param[@name='apply-inbound-acl']")
    assert [param.get("value") for param in let_in] == [f"{name}:{name}" for name in lists]
    contexts = {context.get("name") for context in load().iterfind(".//context")}
    assert lists.keys() <= contexts
    assert params(profile().find("settings"))["context"] not in contexts  # a stranger's, were it ever used


def test_the_switch_registers_with_providers_that_want_it() -> None:
    gateways = {gateway.get("name"): params(gateway) for gateway in profile().iterfind(".//gateway")}
    assert {name for name, each in gateways.items() if each["register"] == "true"} == {"trunk-prostor"}
    settings = gateways["trunk-prostor"]
    assert (settings["username"], settings["password"], settings["proxy"]) == ("acct", "word", "192.0.2.9:5066")
    assert (settings["register"], settings["context"]) == ("true", "trunk-prostor")
    assert settings["extension-in-contact"] == "true"  # calls come back with our user name, as with Asterisk


def test_tls() -> None:
    network = Network(tls_port=5061, certificate=Path("/c/cert.pem"), key=Path("/c/key.pem"))
    settings = params(profile(site(network=network)).find("settings"))
    assert (settings["tls"], settings["tls-sip-port"], settings["tls-cert-dir"]) == ("true", "5061", "/c")
    without = params(profile().find("settings"))
    assert without["tls"] == "false" and "tls-sip-port" not in without


def test_a_phone_by_tcp_has_the_switch_listen_there() -> None:
    def listens(transport: Transport) -> str | None:
        phones = {"201": Phone("201", "Ann", transport=transport)}
        return params(profile(site(trunks={}, phones=phones)).find("settings"))["bind-params"]

    assert listens(Transport.UDP) == "transport=udp"
    assert listens(Transport.TCP) == "transport=udp,tcp"


def test_the_network() -> None:
    network = Network(
        sip_address="198.51.100.9",
        sip_port=5080,
        rtp_first=12000,
        rtp_last=13000,
        external_address="198.51.100.1",
        local_networks=("10.1.2.3/8",),
        esl_port=8094,
    )
    settings = params(profile(site(network=network)).find("settings"))
    assert (settings["sip-ip"], settings["rtp-ip"], settings["sip-port"]) == (
        "198.51.100.9",
        "198.51.100.9",
        "5080",
    )
    assert settings["ext-rtp-ip"] == settings["ext-sip-ip"] == "198.51.100.1"
    assert settings["local-network-acl"] == "appliance-local"
    switch = params(configuration("switch", site(network=network)).find("settings"))
    assert (switch["rtp-start-port"], switch["rtp-end-port"]) == ("12000", "13000")
    assert ("socket", "127.0.0.1:8094 async full") in dial("appliance-caller", "s", site(network=network))
    everywhere = params(profile().find("settings"))
    assert everywhere["sip-ip"] == "192.0.2.1"  # FreeSWITCH cannot say 0.0.0.0 to others
    assert "ext-rtp-ip" not in everywhere


def test_the_control_connection_is_local() -> None:
    settings = params(configuration("event_socket").find("settings"))
    assert (settings["listen-ip"], settings["listen-port"]) == ("127.0.0.1", "8021")
    assert settings["apply-inbound-acl"] == "loopback.auto"
    assert settings["password"] == SECRETS["esl"]


def test_only_what_is_needed_is_loaded() -> None:
    modules = [load.get("module") for load in configuration("modules").iterfind(".//load")]
    assert modules == [*MODULES, "mod_spandsp"]  # G.722 and GSM
    plain = site(phones={}, trunks={})
    assert len(list(configuration("modules", plain).iterfind(".//load"))) == len(MODULES)
    assert params(profile().find("settings"))["inbound-codec-prefs"] == "PCMA,PCMU,GSM,G722"


def test_only_music_that_has_files_is_a_class() -> None:
    classes = {each.get("name"): each.get("path") for each in configuration("local_stream").iterfind("directory")}
    assert classes == {"default": "/srv/music/default", "calm": "/srv/music/calm"}
    calm_only = site(music={"calm": (Path("/b.wav"),)})
    assert dial("appliance-recover", "held", calm_only, APPLIANCE_QUEUE="sales", said="no")[0] == (
        "set",
        "APPLIANCE_MUSIC=calm",
    )


def test_a_site_with_next_to_nothing() -> None:
    bare = Settings(
        Path("/c"),
        "Acme",
        "DE",
        "Europe/Berlin",
        "de",
        switch=SwitchKind.FREESWITCH,
        numbers={"1": Number("1", "", Destination(hang_up=True))},
    )
    assert dial("appliance-admit", "1", bare)[0] == ("set", "APPLIANCE_QUEUE=")
    assert dial("phones", "201", bare)[-1] == ("transfer", "s XML appliance-outbound")


@pytest.mark.parametrize(
    ("change", "secrets", "sentence"),
    [
        ({}, {}, "directory.xml cannot be written: the secret phone-201 is missing."),
        ({}, {**SECRETS, "phone-201": "a\nb"}, "the secret phone-201 is empty, too long"),
        ({"queues": {"a b": Queue("a b", "", Strategy.RING_ALL, ())}}, SECRETS, "'fallback-a b' may only have"),
        ({"phones": {"201": Phone("201", "A", codecs=("mp3",))}}, SECRETS, "'mp3' is no codec the switch has"),
        ({"phones": {"201": Phone("201", "A", contact="bob")}}, SECRETS, "'bob' is not one SIP address"),
        ({"phones": {"201": Phone("201", "A", contact="sip:b@h|x")}}, SECRETS, "not possible in an address"),
        ({"trunks": {"t": Trunk("t", "sip.example")}}, SECRETS, "'sip.example' is no IP address"),
        ({"trunks": {"t": Trunk("t", "192.0.2.1", dtmf="x")}}, SECRETS, "'x' is no way to send DTMF"),
        ({"trunks": {str(n): Trunk(str(n), "192.0.2.1") for n in range(101)}}, SECRETS, "at most 100 trunks"),
    ],
)
def test_what_cannot_be_said_is_refused_in_a_sentence(
    change: dict[str, object], secrets: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        render(site(**change), secrets, PATHS)


def test_secrets_are_not_in_error_messages() -> None:
    with pytest.raises(ValueError) as caught:
        render(SITE, {**SECRETS, "esl": "hidden\n"}, PATHS)
    assert "hidden" not in str(caught.value)


def test_a_thousand_phones_take_under_two_seconds() -> None:
    phones = {str(n): Phone(str(n), f"Phone {n}") for n in range(1000, 2000)}
    queues = {f"q{n}": Queue(f"q{n}", f"Queue {n}", Strategy.RING_ALL, ()) for n in range(100)}
    secrets = SECRETS | {f"phone-{n}": "secret" for n in phones}
    began = time.perf_counter()
    files = render(site(phones=phones, queues=queues, numbers={}), secrets, PATHS)
    assert time.perf_counter() - began < 2
    assert len(list(ElementTree.fromstring(files["directory.xml"]).iterfind(".//user"))) == 1000


def test_how_a_running_switch_takes_over_what_has_changed() -> None:
    assert take_over(SwitchKind.FREESWITCH, ()) is None
    assert take_over(SwitchKind.FREESWITCH, ("dialplan.xml", "directory.xml")) == "fs_cli -x 'reloadacl'"
    assert "restart elegant" in (take_over(SwitchKind.FREESWITCH, ("dialplan.xml", "sofia.conf.xml")) or "")
    assert take_over(SwitchKind.ASTERISK, ("pjsip.conf",)) == "asterisk -rx 'core reload'"


# Whatever text is given, it is refused or it arrives whole: nothing in between.


@given(st.text() | st.text(alphabet="<>&\"'$ {}!-]\n\r\tЖa"))
def test_text_arrives_or_is_refused(value: str) -> None:
    try:
        said = filters.xml(value)
    except ValueError:
        return
    assert "$${" not in said
    element = ElementTree.fromstring(f'<a b="{said}" c="1"/>')
    assert element.attrib == {"b": value, "c": "1"}


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8")))
def test_any_name_of_a_person_stays_one_variable(name: str) -> None:
    named = site(phones={"201": Phone("201", name)})
    try:
        variables = phone("201", named).findall("variables/variable")
    except ValueError as error:
        assert "directory.xml cannot be written" in str(error)
        return
    assert [variable.get("name") for variable in variables].count("effective_caller_id_name") == 1


@given(st.from_regex(r"[A-Za-z0-9_.+*#][A-Za-z0-9_.+*#-]{1,12}", fullmatch=True), st.text(max_size=14))
def test_a_number_is_matched_by_itself_alone(number: str, other: str) -> None:
    expression = f"^({filters.pattern(number)})$"
    assert re.search(expression, number)
    assert other in (number, number + "\n") or not re.search(expression, other)
