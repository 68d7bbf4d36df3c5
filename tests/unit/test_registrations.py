"""What each switch's list of registrations says of a phone, also where a phone has put something odd into it."""

from collections.abc import Mapping, Sequence
from typing import Any

from agi import phones as asterisk
from appliance.port import Refused, Registration
from esl import phones as freeswitch

CONTACT = {
    "Event": "ContactList",
    "ObjectName": "31;@a146f82248afc1eb656b67180328abd4",
    "Uri": "sip:31@192.0.2.7:44631;ob",
    "UserAgent": "Yealink SIP-T54W 96.86.0.45",
    "Status": "Reachable",
    "RoundtripUsec": "730",
}

LISTED = """<?xml version="1.0" encoding="ISO-8859-1"?>
<profile>
  <registrations>
    <registration>
        <call-id>%s</call-id>
        <user>31@appliance</user>
        <contact>&quot;x&quot; &lt;sip:31@10.0.0.1:5060&gt;</contact>
        <agent>%s</agent>
        <status>Registered(UDP)(unknown) exp(2026-11-22 00:39:40) expsecs(3600)</status>
        <ping-status>%s</ping-status>
        <ping-time>%s</ping-time>
        <host>appliance</host>
        <network-ip>192.0.2.7</network-ip>
        <network-port>44631</network-port>
    </registration>
  </registrations>
</profile>
"""


class Control:
    """Says what it is told to say."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def ask(self, action: str, **headers: str) -> Any:
        self.asked.append((action, headers))
        return self.answer

    def ask_for_list(self, action: str) -> Sequence[Mapping[str, str]]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


def told(call_id: str = "a", agent: str = "b", status: str = "Reachable", time: str = "12.50") -> Registration:
    (only,) = freeswitch.registrations(Control(LISTED % (call_id, agent, status, time)))  # type: ignore[arg-type]
    return only


def test_asterisk_tells_of_a_phone() -> None:
    assert asterisk.registration_of(CONTACT) == Registration(
        "31", "192.0.2.7:44631", "Yealink SIP-T54W 96.86.0.45", 0.00073, True
    )


def test_asterisk_knows_no_round_trip_of_a_phone_that_does_not_answer() -> None:
    silent = asterisk.registration_of({**CONTACT, "Status": "Unreachable"})
    assert (silent.round_trip, silent.reachable) == (None, False)


def test_trunks_and_fixed_addresses_are_no_registrations_of_phones() -> None:
    others = [
        {**CONTACT, "ObjectName": "trunk-metro;@00"},
        {**CONTACT, "ObjectName": "32@@00"},
        {"Event": "Other"},
    ]
    listed = asterisk.registrations(Control([CONTACT, *others]))  # type: ignore[arg-type]
    assert [each.phone for each in listed] == ["31"]


def test_an_asterisk_without_any_contact_says_so_by_refusing() -> None:
    assert asterisk.registrations(Control(Refused("Asterisk refused: No Contacts found"))) == []  # type: ignore[arg-type]


def test_asterisk_forgets_the_registrations_of_one_phone() -> None:
    control = Control([CONTACT, {**CONTACT, "ObjectName": "311;@00"}])
    assert asterisk.end_registrations(control, "31") == 1  # type: ignore[arg-type]
    assert control.asked == [("DBDel", {"Family": "registrar/contact", "Key": CONTACT["ObjectName"]})]


def test_freeswitch_tells_of_a_phone() -> None:
    assert told(agent="Zoiper rv2 &lt;5&gt;") == Registration(
        "31", "192.0.2.7:44631", "Zoiper rv2 <5>", 0.0125, True
    )


def test_freeswitch_has_not_asked_yet_or_has_no_answer() -> None:
    assert told(time="0.00").round_trip is None
    silent = told(status="Unreachable")
    assert (silent.round_trip, silent.reachable) == (None, False)


def test_a_phone_cannot_pose_as_another_one_in_freeswitchs_list() -> None:
    assert told(call_id="</call-id><user>32@appliance</user>").phone == "31"
    assert told(agent="</agent><user>32@appliance</user>").phone == "31"


def test_freeswitch_is_not_asked_to_forget_a_phone_that_is_not_there() -> None:
    control = Control(LISTED % ("a", "b", "Reachable", "1.00"))
    assert freeswitch.end_registrations(control, "32") == 0  # type: ignore[arg-type]
    assert freeswitch.end_registrations(control, "31") == 1  # type: ignore[arg-type]
    assert control.asked[-1][0] == "sofia profile appliance flush_inbound_reg 31@appliance"
