"""Trunks and rules for outgoing calls as they are written: what is understood, and what each mistake is called."""

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.secrets import needed
from appliance.settings import Settings, SwitchKind
from appliance.settings.trunks import CallerFrom, LineType, NumberForm, Numbers, ShowIn, Transport
from dialplan.render import Paths, render

SITE = """
company: Tea
country: RU
time_zone: Europe/Moscow
language: ru
music: {default: music.wav}
phones: {201: {name: Desk}, 112: {name: Porter}}
numbers: {"+74951234567": {open: hang up}}
"""
TRUNK = "trunks: {a: {host: 192.0.2.1"
RULES = TRUNK + "}}\noutbound:\n  help: {numbers: ['101'], emergency: yes, trunks: a}\n  "


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "site.yml").write_text(SITE)
    (tmp_path / "music.wav").write_bytes((Path(__file__).parents[2] / "config/music/waiting.wav").read_bytes())
    return tmp_path


def problems(directory: Path, text: str) -> list[str]:
    (directory / "x.yml").write_text(text)
    return [f"{problem.text} {problem.remedy}".strip() for problem in load(directory).problems]


def settings(directory: Path, text: str) -> Settings:
    (directory / "x.yml").write_text(text)
    checked = load(directory)
    assert checked.settings is not None, checked.problems
    return checked.settings


def test_everything_that_can_be_said_of_a_trunk(directory: Path) -> None:
    trunk = settings(
        directory,
        """
trunks:
  a:
    host: sip.example.com
    port: 5070
    transport: tcp
    proxy: sbc.example.com:5080
    username: acct
    register: yes
    from_user: "+74951234567"
    from_domain: example.com
    codecs: [g722, alaw]
    dtmf: auto
    early_media: no
    caller_from: rpid
    show_in: [pai]
    numbers: national
    forwarded: yes
    calls: 30
    calls_per_hour: 200
    qualify: 15s
    expires: 1h
    retry: 45s
    test: "+74957654321"
""",
    ).trunks["a"]
    assert (trunk.transport, trunk.proxy, trunk.from_domain) == (
        Transport.TCP,
        "sbc.example.com:5080",
        "example.com",
    )
    assert (trunk.caller_from, trunk.show_in, trunk.numbers) == (
        CallerFrom.RPID,
        (ShowIn.PAI,),
        NumberForm.NATIONAL,
    )
    assert (trunk.calls, trunk.calls_per_hour, trunk.early_media, trunk.forwarded) == (30, 200, False, True)
    assert (trunk.qualify, trunk.expires, trunk.retry, trunk.test) == (15.0, 3600.0, 45.0, "+74957654321")


@pytest.mark.parametrize("switch", ["asterisk", "freeswitch"])
def test_a_trunk_by_tls(directory: Path, switch: str) -> None:
    text = f"switch: {switch}\nnetwork: {{tls_port: 5061}}\n{TRUNK}, transport: tls, srtp: yes}}}}"
    wanted = settings(directory, text)
    assert wanted.trunks["a"].port == 5061
    secrets = dict.fromkeys(needed(wanted), "secret")
    files = render(wanted, secrets, Paths(directory, directory, directory, directory))
    if switch == "asterisk":
        assert "contact = sip:192.0.2.1:5061\\;transport=tls" in files["pjsip.conf"]
        assert "transport = tls" in files["pjsip.conf"] and "media_encryption = sdes" in files["pjsip.conf"]
    else:
        assert '<param name="register-transport" value="tls"/>' in files["sofia.conf.xml"]
        assert 'name="rtp_secure_media" value="mandatory"' in files["sofia.conf.xml"]


def test_everything_that_can_be_said_of_a_rule(directory: Path) -> None:
    text = """b: {numbers: ["+7495*", "0611", "+442079460000", {country: RU, type: mobile}], trunks: [a],
      show: withheld, phones: [201], calls: 3, calls_per_hour: 9, ring_for: 20s}"""
    rule = settings(directory, RULES + text).outbound["b"]
    assert rule.numbers == (
        Numbers(prefix="+7495"),
        Numbers(dialled="0611"),
        Numbers(dialled="+442079460000"),
        Numbers(country="RU", type=LineType.MOBILE),
    )
    assert (rule.withhold, rule.show, rule.phones) == (True, None, ("201",))
    assert (rule.calls, rule.calls_per_hour, rule.ring_for) == (3, 9, 20.0)


@pytest.mark.parametrize(
    "text, sentence",
    [
        (TRUNK + ", transport: tpc}}", '"tpc" is not known here. Did you mean "tcp"?'),
        (TRUNK + ", transport: tls}}", "is reached by TLS, and the switch speaks none. Say tls_port: 5061"),
        (TRUNK + ", srtp: yes}}", "everybody on the way can read the keys"),
        (TRUNK + ", proxy: 'a b'}}", '"a b" is not a host name or an IP address.'),
        (TRUNK + ", proxy: 'a:99999'}}", '"a:99999" is not a host with a port.'),
        (TRUNK + ", calls: 0}}", '"0" is not a whole number from 1 to 10000.'),
        (TRUNK + ", show_in: [pai]}}", "shows our number elsewhere than in From, so From would have no user."),
        (TRUNK + ", from_user: us, show_in: [from]}}", "From cannot have both from_user and the number"),
        (TRUNK + ", from_user: us, show_in: [pai, rpid]}}", "not every switch sends both."),
        (TRUNK + ", retry: 5s}}", "This is never used: the trunk"),
        (TRUNK + ", test: abc}}", '"abc" is not a number that can be called.'),
        (RULES + "b: {trunks: a}", 'The rule "b" has no "numbers".'),
        (RULES + "b: {numbers: any}", 'The rule "b" has no "trunks".'),
        (RULES + "b: {numbers: [], trunks: a}", "This list is empty."),
        (RULES + "b: {numbers: '495*', trunks: a}", '"495*" is no kind of numbers.'),
        (RULES + "b: {numbers: [{}], trunks: a}", "This says nothing of a number."),
        (RULES + "b: {numbers: [{type: cheap}], trunks: a}", '"cheap" is not known here.'),
        (RULES + "b: {numbers: any, trunks: c}", 'There is no trunk "c".'),
        (RULES + "b: {numbers: any, trunks: a, phones: 300}", 'There is no phone "300".'),
        (RULES + "b: {numbers: any, trunks: a, show: 'x'}", '"x" is not a telephone number.'),
        (RULES + "b: {numbers: any, trunks: a, show: '+74950000000'}", "is not one of the numbers here"),
        (
            RULES + "b: {numbers: any, refuse: yes, trunks: a}",
            "calls by this rule are refused.",
        ),
        (RULES + "b: {numbers: any, trunks: a, emergency: yes}", "A rule for emergency numbers must list them."),
        (RULES + "b: {numbers: ['103'], trunks: a, emergency: yes, calls: 1}", "every phone may call emergency"),
        (RULES + "b: {numbers: ['103'], refuse: yes, emergency: yes}", "Emergency calls cannot be refused."),
        (RULES + "b: {numbers: ['112'], trunks: a}", "112 is a phone here"),
        (RULES + "b: {numbers: any, trunks: a}\n  c: {numbers: any, trunks: a}", "This rule is never used"),
        (TRUNK + "}}\noutbound: {b: {numbers: any, trunks: a}}", "No rule is for emergency numbers"),
    ],
)
def test_each_mistake_has_a_sentence(directory: Path, text: str, sentence: str) -> None:
    found = problems(directory, text)
    assert any(sentence in each for each in found), found


@pytest.mark.parametrize("switch", ["asterisk", "freeswitch"])
def test_the_shipped_rules_are_rendered(switch: str, tmp_path: Path) -> None:
    shipped = load(Path(__file__).parents[2] / "config").settings
    assert shipped is not None
    wanted = replace(shipped, switch=SwitchKind(switch))
    files = render(wanted, dict.fromkeys(needed(wanted), "secret"), Paths(tmp_path, tmp_path, tmp_path, tmp_path))
    dialplan = files["extensions.conf" if switch == "asterisk" else "dialplan.xml"]
    way = "PJSIP/${EXTEN}@trunk-north" if switch == "asterisk" else "sofia/gateway/trunk-north/112|"
    assert way in dialplan and "appliance-outbound" in dialplan
