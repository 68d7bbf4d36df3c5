"""Phones that are registered with Asterisk: who they are and how well they answer, and ending a registration."""

from collections.abc import Mapping, Sequence

from agi.control import Control
from agi.events import is_phone
from appliance.port import Refused, Registration

_REACHABLE = "Reachable"
_REGISTERED = ";@"  # between phone and digest in the name of a contact that has registered
_REGISTRAR = "registrar/contact"  # where Asterisk keeps registrations, in its own database


def registrations(control: Control) -> Sequence[Registration]:
    """Every registration of a phone now."""
    return [registration_of(contact) for contact in _registrations(control)]


def registration_of(contact: Mapping[str, str]) -> Registration:
    """A registration as one item of Asterisk's list tells of it."""
    micros = contact.get("RoundtripUsec", "")
    answers = contact.get("Status") == _REACHABLE
    return Registration(
        phone=_owner(contact),
        address=_address(contact.get("Uri", "")),
        agent=contact.get("UserAgent", ""),
        round_trip=int(micros) / 1_000_000 if answers and micros.isdecimal() else None,
        reachable=answers,
    )


def end_registrations(control: Control, phone: str) -> int:
    """End all registrations of a phone; how many. Who knows the password may register again."""
    names = [each["ObjectName"] for each in _registrations(control) if _owner(each) == phone]
    for name in names:
        control.ask("DBDel", Family=_REGISTRAR, Key=name)
    return len(names)


def take_over(control: Control) -> None:
    """Have Asterisk read its configuration again."""
    control.ask("Reload")


def _registrations(control: Control) -> Sequence[Mapping[str, str]]:
    try:
        listed = control.ask_for_list("PJSIPShowContacts")
    except Refused as error:
        if "No Contacts found" in str(error):
            return []
        raise
    return [
        each
        for each in listed
        if each.get("Event") == "ContactList"
        and _REGISTERED in each.get("ObjectName", "")
        and is_phone(_owner(each))
    ]


def _owner(contact: Mapping[str, str]) -> str:
    return contact.get("ObjectName", "").partition(_REGISTERED)[0]


def _address(uri: str) -> str:
    """Host and port of a SIP address."""
    return uri.partition(":")[2].rpartition("@")[2].partition(";")[0]
