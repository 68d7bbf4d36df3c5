"""What each model of phone is given, with names and passwords of any kind."""

import dataclasses
import io
import tarfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from appliance.settings import FeatureCodes, Network, Phone, Provisioning, Settings
from appliance.settings import Transport as OfThePhone
from provisioning.account import Entry, Transport, account_of
from provisioning.formats import FORMATS, Format, file_name, mac_address, render, render_directory, render_one
from tests.unit.phone_files import (
    ACCOUNT,
    cisco,
    grandstream,
    linphone,
    microsip,
    name_in,
    parsed,
    password_in,
    snom,
    texts,
    unquoted,
    yealink,
)

ALL = sorted(FORMATS)

# Whatever may stand in a name of the configuration: one line, no spaces around it.
few = hypothesis_settings(max_examples=40, deadline=None)  # of each format
characters = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co"))
names = st.text(characters, min_size=1, max_size=30).map(str.strip).filter(bool)


@pytest.mark.parametrize("format", ALL)
@few
@given(name=names)
def test_any_name_comes_out_right_or_is_refused_in_one_sentence(format: str, name: str) -> None:
    account = dataclasses.replace(ACCOUNT, name=name)
    try:
        said = name_in(format, account)
    except ValueError as error:
        assert str(error).startswith(f"phone 31 cannot be provisioned as {format}: ")
        assert "\n" not in str(error)
        return
    assert said == name


@pytest.mark.parametrize("format", ALL)
@few
@given(password=names)
def test_any_password_comes_out_right_or_is_refused_without_being_shown(format: str, password: str) -> None:
    account = dataclasses.replace(ACCOUNT, password="p" * 12 + password)
    try:
        said = password_in(format, account)
    except ValueError as error:
        assert account.password not in str(error)
        return
    assert said == account.password


@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("name", ['Desk "A"', "R&D <lab>", "Стол Зои", "don't", "100%"])
def test_what_people_call_their_phones(format: str, name: str) -> None:
    if format == "baresip" and set('"<>') & set(name):
        with pytest.raises(ValueError, match="which baresip takes for the end of a name"):
            name_in(format, dataclasses.replace(ACCOUNT, name=name))
    else:
        assert name_in(format, dataclasses.replace(ACCOUNT, name=name)) == name


@pytest.mark.parametrize("format", ALL)
@pytest.mark.parametrize("name", ["two\nlines", "a\rb", "a\0b", "a\u2028b", " spaces around "])
def test_what_no_file_can_say_is_refused(format: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"control character|begins or ends with a space"):
        render(FORMATS[format], dataclasses.replace(ACCOUNT, name=name))


@pytest.mark.parametrize("format", ALL)
@few
@given(names)
def test_names_of_others_never_break_a_file(format: str, name: str) -> None:
    account = dataclasses.replace(ACCOUNT, directory=(Entry(name, "32"), Entry("Carol", "33")))
    assert name_in(format, account) == ACCOUNT.name
    listed = render_directory(FORMATS[format], account.directory)
    if listed is not None:
        elements = list(ElementTree.fromstring(listed).iter())
        assert name in [element.text for element in elements] + [e.get("name") for e in elements]


@pytest.mark.parametrize("format", ALL)
def test_the_same_account_gives_the_same_bytes(format: str) -> None:
    assert render_one(FORMATS[format], ACCOUNT) == render_one(FORMATS[format], ACCOUNT)


def told(transport: Transport, srtp: bool) -> dict[str, tuple[str, str]]:
    """What each model is told of transport and encryption."""
    account = dataclasses.replace(ACCOUNT, transport=transport, srtp=srtp)
    line = texts("baresip", account)["accounts"]
    accounts = microsip(account)["Account1"]
    zoiper = parsed("zoiper", account)
    return {
        "linphone": (
            linphone(account)["proxy_0"]["reg_proxy"].partition("transport=")[2].rstrip(">"),
            linphone(account)["sip"]["media_encryption"],
        ),
        "microsip": (accounts["transport"], accounts["SRTP"]),
        "zoiper": (
            zoiper.findtext("accounts/account/SIP_transport_type") or "",
            zoiper.findtext("accounts/account/SIP_srtp_mode") or "",
        ),
        "baresip": (
            line.partition("transport=")[2].partition(">")[0],
            line.partition(";mediaenc=")[2].strip() or "no",
        ),
        "yealink": (
            yealink(account)["account.1.sip_server.1.transport_type"],
            yealink(account)["account.1.srtp_encryption"],
        ),
        "grandstream": (
            grandstream(account)["account.1.sip.transport"],
            grandstream(account)["account.1.audio.srtpMode"],
        ),
        "snom": (snom(account)["user_outbound"].partition("transport=")[2], snom(account)["user_srtp"]),
        "cisco-spa": (cisco(account)["SIP_Transport_1_"], cisco(account)["Secure_Call_Setting"]),
    }


def test_transport_and_encryption_in_the_words_of_each_model() -> None:
    assert told(Transport.UDP, False) == {
        "linphone": ("udp", "none"),
        "microsip": ("udp", ""),
        "zoiper": ("UDP", "none"),
        "baresip": ("udp", "no"),
        "yealink": ("0", "0"),
        "grandstream": ("0", "Disabled"),
        "snom": ("udp", "off"),
        "cisco-spa": ("UDP", "No"),
    }
    assert told(Transport.TLS, True) == {
        "linphone": ("tls", "srtp"),
        "microsip": ("tls", "mandatory"),
        "zoiper": ("TLS", "SDES"),
        "baresip": ("tls", "srtp-mand"),
        "yealink": ("2", "2"),
        "grandstream": ("2", "EnabledAndForced"),
        "snom": ("tls", "on"),
        "cisco-spa": ("TLS", "Yes"),
    }
    assert [each[0] for each in told(Transport.TCP, False).values()] == [
        *("tcp", "tcp", "TCP", "tcp", "1", "1", "tcp", "TCP")
    ]


def codecs_told(codecs: tuple[str, ...]) -> dict[str, list[str]]:
    account = dataclasses.replace(ACCOUNT, codecs=codecs)
    sections = linphone(account)
    spoken = [s for s in sections.values() if "mime" in s and s["enabled"] == "1"]
    offered = [{part.tag: part.text or "" for part in each} for each in parsed("zoiper", account).iter("codec")]
    enabled = [each for each in offered if each["enabled"] == "true"]
    cfg = yealink(account)
    ranked = [name.split(".")[3] for name in cfg if name.endswith(".priority")]
    spa = cisco(account)
    return {
        "linphone": [f"{each['mime']}/{each['rate']}" for each in spoken],
        "microsip": microsip(account)["Settings"]["audioCodecs"].split(),
        "zoiper": [each["codec_id"] for each in sorted(enabled, key=lambda each: each["priority"])],
        "yealink": sorted(ranked, key=lambda codec: cfg[f"account.1.codec.{codec}.priority"]),
        "grandstream": list(dict.fromkeys(v for k, v in grandstream(account).items() if ".codec.choice." in k)),
        "snom": snom(account)["codec_priority_list"].split(","),
        "cisco-spa": [spa["Preferred_Codec_1_"], spa["Second_Preferred_Codec_1_"]],
    }


def test_codecs_in_their_order_and_no_other() -> None:
    assert codecs_told(("ulaw", "alaw")) == {
        "linphone": ["PCMU/8000", "PCMA/8000"],
        "microsip": ["PCMU/8000/1", "PCMA/8000/1"],
        "zoiper": ["0", "6"],
        "yealink": ["pcmu", "pcma"],
        "grandstream": ["PCMU", "PCMA"],
        "snom": ["pcmu", "pcma", "telephone-event"],
        "cisco-spa": ["G711u", "G711a"],
    }
    assert codecs_told(("g722", "opus"))["yealink"] == ["g722", "opus"]
    assert yealink(ACCOUNT)["account.1.codec.g722.enable"] == "0"


def test_a_model_without_any_of_the_codecs_is_refused() -> None:
    with pytest.raises(ValueError, match="phone 31 is to speak speex, gsm only, which Yealink"):
        render(FORMATS["yealink"], dataclasses.replace(ACCOUNT, codecs=("speex", "gsm")))


def keys_told(format: str) -> list[tuple[str, str]]:
    """The keys for feature codes."""
    if format == "microsip":
        shortcuts = microsip(ACCOUNT)["Shortcuts"].values()
        return [(value.split(";")[0], value.split(";")[1]) for value in shortcuts]
    if format == "yealink":
        cfg = yealink(ACCOUNT)
        assert cfg["linekey.2.type"] == cfg["linekey.3.type"] == "13"  # a speed dial
        return [(cfg[f"linekey.{n}.label"], cfg[f"linekey.{n}.value"]) for n in (2, 3)]
    if format == "grandstream":
        items = grandstream(ACCOUNT)
        return [(items[f"pks.vpk.{n}.description"], items[f"pks.vpk.{n}.value"]) for n in (2, 3)]
    if format == "snom":
        keys = parsed("snom", ACCOUNT).findall("functionKeys/fkey")[1:]
        return [(key.attrib["label"], (key.text or "").removeprefix("speed ")) for key in keys]
    spa = cisco(ACCOUNT)
    functions = [dict(part.split("=") for part in spa[f"Extended_Function_{n}_"].split(";")) for n in (2, 3)]
    return [(each["nme"], each["ext"].removesuffix("@$PROXY")) for each in functions]


@pytest.mark.parametrize("format", ["microsip", "yealink", "grandstream", "snom", "cisco-spa"])
def test_feature_codes_are_on_keys(format: str) -> None:
    assert keys_told(format) == [("Sign on", "*11"), ("Pause", "*13")]


def test_feature_codes_and_the_others_are_contacts_where_there_are_no_keys() -> None:
    friends = [unquoted(s["url"]) for n, s in linphone(ACCOUNT).items() if n.startswith("friend_")]
    expected = [("Sign on", "*11"), ("Pause", "*13"), ("Voicemail", "*98"), ("Bob Зуев", "32")]
    assert friends == [(name, f"<sip:{number}@192.0.2.1:5060>") for name, number in expected]
    contacts = texts("baresip", ACCOUNT)["contacts"].splitlines()
    assert contacts == [f'"{name}" <sip:{number}@192.0.2.1:5060>' for name, number in expected]


def test_voicemail_where_there_is_any() -> None:
    without = dataclasses.replace(ACCOUNT, voicemail=None)
    assert yealink(ACCOUNT)["voice_mail.number.1"] == "*98"
    assert "voice_mail.number.1" not in yealink(without)
    assert grandstream(ACCOUNT)["account.1.sip.voicemail.number"] == "*98"
    assert snom(ACCOUNT)["user_mailbox"] == "*98"
    assert cisco(ACCOUNT)["Voice_Mail_Number"] == "*98"
    assert microsip(ACCOUNT)["Account1"]["voicemailNumber"] == "*98"
    for format in ALL:
        assert not any("*98" in text for text in texts(format, without).values())


def test_the_directory_where_the_phone_fetches_it() -> None:
    address = "https://pbx.example.com:8443/directory/"
    assert yealink(ACCOUNT)["remote_phonebook.data.1.url"] == address + "yealink.xml"
    assert microsip(ACCOUNT)["Settings"]["usersDirectory"] == address + "microsip.xml"
    assert cisco(ACCOUNT)["XML_Directory_Service_URL"] == address + "cisco-spa.xml"
    assert grandstream(ACCOUNT)["phonebook.download.server"] == "pbx.example.com:8443/directory/grandstream"
    book = ElementTree.fromstring(render_directory(FORMATS["grandstream"], ACCOUNT.directory) or b"")
    assert [(c.findtext("FirstName"), c.findtext("Phone/phonenumber")) for c in book] == [("Bob Зуев", "32")]
    assert render_directory(FORMATS["snom"], ACCOUNT.directory) is None


def test_baresips_files_come_as_one_and_are_for_their_owner_alone() -> None:
    file = render_one(FORMATS["baresip"], ACCOUNT)
    assert (file.name, file.media_type) == ("baresip-31.tar", "application/x-tar")
    with tarfile.open(fileobj=io.BytesIO(file.content)) as archive:
        members = archive.getmembers()
        accounts = archive.extractfile("accounts")
        assert accounts is not None and accounts.read().decode() == texts("baresip", ACCOUNT)["accounts"]
    assert [(member.name, member.mode) for member in members] == [
        ("accounts", 0o600),
        ("config", 0o600),
        ("contacts", 0o600),
    ]


def test_files_are_named_by_the_hardware_address_where_phones_ask_so() -> None:
    mac = mac_address("00:15:65:AA:bb:CC")
    assert [render(FORMATS[f], ACCOUNT, mac)[0].name for f in ("yealink", "grandstream", "snom", "cisco-spa")] == [
        *("001565aabbcc.cfg", "cfg001565aabbcc.xml", "snom-001565aabbcc.xml", "spa001565aabbcc.xml")
    ]
    assert file_name(FORMATS["linphone"], "31") == "linphone-31.xml"
    for wrong in ("", "0015", "00:15:65:aa:bb:cc:dd", "../../etc/passwd"):
        with pytest.raises(ValueError, match="is no hardware address"):
            mac_address(wrong)


def test_microsip_is_written_as_windows_reads_letters_of_any_language() -> None:
    (file,) = render(FORMATS["microsip"], dataclasses.replace(ACCOUNT, name="Стол"))
    assert file.content.startswith("\ufeff".encode("utf-16-le"))
    assert "Стол\r\n" in file.content.decode("utf-16")


def test_no_password_is_shown_by_accident() -> None:
    assert "s3cret" not in repr(ACCOUNT)
    assert "s3cret" not in repr(render(FORMATS["yealink"], ACCOUNT))


def settings(**network: object) -> Settings:
    phones = {id: Phone(id, name) for id, name in (("31", "Window"), ("33", "Stairs"), ("32", "Door"))}
    section = Provisioning("pbx.example.com", Path("c"), Path("k"), ("192.0.2.0/24",), voicemail="*98")
    return Settings(
        directory=Path(),
        company="Severny Chai",
        country="RU",
        time_zone="Europe/Moscow",
        language="ru",
        network=Network(**network),  # type: ignore[arg-type]
        provisioning=section,
        phones=phones,
        codes=FeatureCodes(pause="*99"),
    )


def test_an_account_of_the_settings() -> None:
    known = settings(sip_address="192.0.2.1")
    account = account_of(known, "s3cret", known.phones["31"])
    assert (account.host, account.port, account.directory_host) == ("192.0.2.1", 5060, "pbx.example.com:8443")
    assert account.keys[2] == Entry("Пауза", "*99")
    assert account.directory == (Entry("Door", "32"), Entry("Stairs", "33"))  # the others, by name


def test_where_phones_find_the_switch() -> None:
    known = settings()
    assert account_of(known, "s", known.phones["31"]).host == "pbx.example.com"
    assert known.provisioning is not None
    elsewhere = dataclasses.replace(known, provisioning=dataclasses.replace(known.provisioning, sip_host="sip.x"))
    assert account_of(elsewhere, "s", known.phones["31"]).host == "sip.x"
    with pytest.raises(ValueError, match='no section "provisioning"'):
        account_of(dataclasses.replace(known, provisioning=None), "s", known.phones["31"])


def test_a_phone_by_tcp_is_told_so() -> None:
    account = account_of(settings(), "s", Phone("31", "Window", transport=OfThePhone.TCP))
    assert (account.transport, account.srtp) == (Transport.TCP, False)


def test_a_secure_phone_finds_the_switch_by_name_and_by_tls() -> None:
    known = settings(sip_address="192.0.2.1", tls_port=5061)
    account = account_of(known, "s", Phone("31", "Window", secure=True))
    assert (account.server, account.transport, account.srtp) == ("pbx.example.com:5061", Transport.TLS, True)
    open_one = account_of(known, "s", Phone("31", "Window"))
    assert (open_one.server, open_one.transport, open_one.srtp) == ("192.0.2.1:5060", Transport.UDP, False)


def test_the_command_line_knows_every_format() -> None:
    from appliance.commands.phones import FORMATS as on_the_command_line

    assert sorted(on_the_command_line) == ALL
    assert all(isinstance(each, Format) and each.title for each in FORMATS.values())
