"""Files for phones, read back by parsers that are not ours."""

import configparser
import re
from collections.abc import Mapping
from xml.etree import ElementTree

from provisioning.account import Account, Entry
from provisioning.formats import FORMATS, render

ACCOUNT = Account(
    id="31",
    name="Desk by the window",
    password="s3cret",
    host="192.0.2.1",
    port=5060,
    codecs=("alaw", "ulaw"),
    voicemail="*98",
    keys=(Entry("Sign on", "*11"), Entry("Pause", "*13")),
    directory=(Entry("Bob Зуев", "32"),),
    directory_host="pbx.example.com:8443",
    company="Severny Chai & Co",
)
LINPHONE = "{http://www.linphone.org/xsds/lpconfig.xsd}"


def texts(format: str, account: Account) -> dict[str, str]:
    return {file.name: file.content.decode(FORMATS[format].encoding) for file in render(FORMATS[format], account)}


def only(format: str, account: Account) -> str:
    (text,) = texts(format, account).values()
    return text


def parsed(format: str, account: Account) -> ElementTree.Element:
    return ElementTree.fromstring(only(format, account))


def linphone(account: Account) -> Mapping[str, Mapping[str, str]]:
    return {
        section.attrib["name"]: {entry.attrib["name"]: entry.text or "" for entry in section}
        for section in parsed("linphone", account)
    }


def microsip(account: Account) -> configparser.RawConfigParser:
    ini = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("\0",), strict=True)
    ini.optionxform = str  # type: ignore[assignment, method-assign]
    ini.read_string(only("microsip", account))
    return ini


def as_windows_reads(value: str) -> str:
    """GetPrivateProfileString takes one pair of quotation marks off."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def yealink(account: Account) -> Mapping[str, str]:
    lines = only("yealink", account).splitlines()
    assert lines[0] == "#!version:1.0.0.1"
    pairs = [line.split(" = ", 1) for line in lines[1:]]
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)  # type: ignore[arg-type]


def grandstream(account: Account) -> Mapping[str, str]:
    return {item.attrib["name"]: item.text or "" for item in parsed("grandstream", account).iter("item")}


def cisco(account: Account) -> Mapping[str, str]:
    return {element.tag: element.text or "" for element in parsed("cisco-spa", account)}


def snom(account: Account) -> Mapping[str, str]:
    settings = parsed("snom", account).find("phone-settings")
    assert settings is not None
    return {element.tag: element.text or "" for element in settings}


def unquoted(text: str) -> tuple[str, str]:
    """A quoted string of SIP and what follows it."""
    found = re.match(r'"((?:[^"\\]|\\.)*)" (.*)', text)
    assert found, text
    return re.sub(r"\\(.)", r"\1", found[1]), found[2]


def name_in(format: str, account: Account) -> str:
    """The name that this model is told, as the model reads it."""
    if format == "linphone":
        return unquoted(linphone(account)["proxy_0"]["reg_identity"])[0]
    if format == "microsip":
        return as_windows_reads(microsip(account)["Account1"]["displayName"])
    if format == "zoiper":
        return parsed("zoiper", account).findtext("accounts/account/name") or ""
    if format == "baresip":
        found = re.fullmatch(r'"([^"]*)" <sip:31@.*\n', texts("baresip", account)["accounts"])
        assert found
        return found[1]
    if format == "yealink":
        return yealink(account)["account.1.display_name"]
    if format == "grandstream":
        return grandstream(account)["account.1.sip.subscriber.name"]
    if format == "snom":
        return snom(account)["user_realname"]
    return cisco(account)["Display_Name_1_"]


def password_in(format: str, account: Account) -> str:
    if format == "linphone":
        return linphone(account)["auth_info_0"]["passwd"]
    if format == "microsip":
        return as_windows_reads(microsip(account)["Account1"]["password"])
    if format == "zoiper":
        return parsed("zoiper", account).findtext("accounts/account/password") or ""
    if format == "baresip":
        found = re.search(r";auth_pass=([^;]*);", texts("baresip", account)["accounts"])
        assert found
        return found[1]
    if format == "yealink":
        return yealink(account)["account.1.password"]
    if format == "grandstream":
        return grandstream(account)["account.1.sip.subscriber.password"]
    if format == "snom":
        return snom(account)["user_pass"]
    return cisco(account)["Password_1_"]
