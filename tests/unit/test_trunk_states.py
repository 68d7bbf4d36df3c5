"""The state of trunks as both switches tell of it, side by side."""

from collections.abc import Mapping, Sequence

import pytest

from agi.trunks import Trunks
from appliance.port import Outside, Refused, TrunkState
from appliance.settings.trunks import Trunk
from appliance.trunks.sip_words import NO_ANSWER_FROM_HOST, failure
from appliance.trunks.watch import wrong_with
from esl.trunks import endpoint_to, states

NOW = 1_000_000.0


class Clock:
    def now(self) -> float:
        return NOW

    def sleep(self, seconds: float) -> None: ...


class Control:
    """Asterisk's lists of two trunks and a phone."""

    def __init__(self, contact: str, registration: str) -> None:
        self.contact, self.registration = contact, registration

    def ask_for_list(self, action: str, **headers: str) -> Sequence[Mapping[str, str]]:
        if action == "PJSIPShowEndpoints":
            return [{"Event": "EndpointList", "ObjectName": name} for name in ("201", "trunk-a")]
        if action == "PJSIPShowRegistrationsOutbound":
            if not self.registration:
                raise Refused("Asterisk refused PJSIPShowRegistrationsOutbound: No outbound registrations found")
            return [
                {"Event": "OutboundRegistrationDetail", "ObjectName": "trunk-a", "Status": self.registration},
                {"Event": "OutboundRegistrationDetailComplete"},
            ]
        assert headers == {"Endpoint": "trunk-a"}
        return [
            {"Event": "EndpointDetail"},
            {"Event": "ContactStatusDetail", "Status": self.contact, "RoundtripUsec": "12400"},
        ]


def gateway(state: str, status: str, ping: str = "30") -> str:
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<gateways><gateway><name>trunk-a</name>'
        f"<state>{state}</state><status>{status}</status><pingfreq>{ping}</pingfreq><pingtime>12.40</pingtime>"
        "<uptime-usec>5000000</uptime-usec></gateway><gateway><name>other</name></gateway></gateways>"
    )


@pytest.mark.parametrize(
    "contact, registration, state, status, reachable, registered",
    [
        ("Reachable", "", "NOREG", "UP", True, None),
        ("Unreachable", "", "NOREG", "DOWN", False, None),
        ("Reachable", "Registered", "REGED", "UP", True, True),
    ],
)
def test_both_say_the_same(
    contact: str, registration: str, state: str, status: str, reachable: bool, registered: bool | None
) -> None:
    (asterisk,) = Trunks(Control(contact, registration), Clock()).states()  # type: ignore[arg-type]
    (freeswitch,) = states(lambda command: gateway(state, status), {}, NOW)
    for found in (asterisk, freeswitch):
        assert (found.trunk, found.reachable, found.registered) == ("a", reachable, registered)
        assert found.up is (reachable and registered is not False)
    assert asterisk.latency == (0.0124 if reachable else None)


def test_a_registration_that_was_refused() -> None:
    (asterisk,) = Trunks(Control("Reachable", "Rejected"), Clock()).states()  # type: ignore[arg-type]
    (freeswitch,) = states(lambda command: gateway("FAIL_WAIT", "DOWN"), {"a": 403}, NOW)
    assert asterisk.registered is freeswitch.registered is False
    assert (asterisk.status, freeswitch.status) == (None, 403)


def test_when_a_state_changed() -> None:
    control = Control("Reachable", "")
    trunks = Trunks(control, Clock())  # type: ignore[arg-type]
    assert trunks.states()[0].since is None
    control.contact = "Unreachable"
    assert trunks.states()[0].since == NOW
    assert states(lambda command: gateway("NOREG", "UP"), {}, NOW)[0].since == NOW - 5


def test_a_provider_that_is_not_asked() -> None:
    (asterisk,) = Trunks(Control("NonQualified", ""), Clock()).states()  # type: ignore[arg-type]
    (freeswitch,) = states(lambda command: gateway("NOREG", "UP", "0"), {}, NOW)
    assert asterisk.reachable is freeswitch.reachable is None and asterisk.up and freeswitch.up


@pytest.mark.parametrize("said", ["", "garbage", "<gateways>", '<?xml version="1.0"?><a'])
def test_a_list_that_cannot_be_read(said: str) -> None:
    with pytest.raises(Refused):
        states(lambda command: said, {}, NOW)


def test_what_is_wrong_in_words() -> None:
    trunk = Trunk("a", "h")
    assert wrong_with(trunk, TrunkState("a", True, 0.01, True)) is None
    assert wrong_with(trunk, TrunkState("a", None)) is None
    assert wrong_with(trunk, TrunkState("a", False)) is NO_ANSWER_FROM_HOST
    assert wrong_with(trunk, TrunkState("a", False, registered=False)) is NO_ANSWER_FROM_HOST
    assert wrong_with(trunk, TrunkState("a", True, registered=False)) is failure(401)
    assert wrong_with(trunk, TrunkState("a", None, registered=False, status=403)) is failure(403)


def test_how_freeswitch_is_told_to_call_outside() -> None:
    assert endpoint_to(Outside("a", "112", "74951234567")) == (
        "[origination_caller_id_number=74951234567,origination_caller_id_name=74951234567,"
        "origination_privacy=screen]sofia/gateway/trunk-a/112"
    )
    assert "hide_number" in endpoint_to(Outside("a", "112", None))
    for number in ("1,2", "1]", "[x=1]2", "${x}", "1|2", "1 2", ""):
        with pytest.raises(Refused):
            endpoint_to(Outside("a", number, None))
