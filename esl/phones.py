"""Phones that are registered with FreeSWITCH: who they are and how well they answer, and ending a registration."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from appliance.names import DOMAIN, PROFILE
from appliance.port import Registration
from esl.control import Control

_REGISTRATION = re.compile(r"^ *<registration>$(.*?)^ *</registration>$", re.MULTILINE | re.DOTALL)
# One element a line. The list is not read as XML, because FreeSWITCH writes some of a phone's words as they came.
_ELEMENT = re.compile(r"^ *<([a-z-]+)>(.*)</\1>$", re.MULTILINE)
_REACHABLE = "Reachable"


def registrations(control: Control) -> Sequence[Registration]:
    """Every registration of a phone now."""
    return [
        registration_of(each) for each in _registrations(control.ask(f"sofia xmlstatus profile {PROFILE} reg"))
    ]


def registration_of(registration: Mapping[str, str]) -> Registration:
    """A registration as FreeSWITCH's list tells of it."""
    ping = registration.get("ping-time", "")
    answers = registration.get("ping-status", _REACHABLE) == _REACHABLE
    millis = float(ping) if re.fullmatch(r"[0-9.]+", ping) else 0.0
    return Registration(
        phone=registration.get("user", "").partition("@")[0],
        address=f"{registration.get('network-ip', '')}:{registration.get('network-port', '')}",
        agent=html.unescape(registration.get("agent", "")),
        round_trip=millis / 1000 if answers and millis else None,  # none before the first OPTIONS was answered
        reachable=answers,
    )


def end_registrations(control: Control, phone: str) -> int:
    """End all registrations of a phone; how many. Who knows the password may register again."""
    registered = sum(each.phone == phone for each in registrations(control))
    if registered:
        control.ask(f"sofia profile {PROFILE} flush_inbound_reg {phone}@{DOMAIN}")
    return registered


def take_over(control: Control) -> None:
    """Have FreeSWITCH read its configuration again."""
    control.ask("reloadxml")


def _registrations(listed: str) -> Iterator[Mapping[str, str]]:
    for registration in _REGISTRATION.finditer(listed):
        yield dict(_ELEMENT.findall(registration[1]))
