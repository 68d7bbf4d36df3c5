"""The trunks as Asterisk sees them: whether they answer, and whether they have taken our registration."""

from collections.abc import Sequence

from agi.control import Control, Headers
from agi.events import endpoint_of_name, is_phone
from appliance.clock import Clock
from appliance.port import Refused, TrunkState

_REACHABLE = {"Reachable": True, "Unreachable": False}
_REGISTERED = {"Registered": True, "Rejected": False, "Unregistered": False, "Stopped": False}


class Trunks:
    """Asks Asterisk for the state of every trunk, and keeps when each last changed."""

    def __init__(self, control: Control, clock: Clock) -> None:
        self._control = control
        self._clock = clock
        self._since: dict[str, tuple[bool, float | None]] = {}

    def states(self) -> Sequence[TrunkState]:
        """The state of every trunk now. Raises SwitchLost or Refused."""
        names = [
            endpoint.get("ObjectName", "")
            for endpoint in self._list("PJSIPShowEndpoints")
            if endpoint.get("Event") == "EndpointList"
        ]
        registered = {
            each.get("ObjectName", ""): _REGISTERED.get(each.get("Status", ""))
            for each in self._list("PJSIPShowRegistrationsOutbound")
            if each.get("Event") == "OutboundRegistrationDetail"
        }
        return [self._state(name, registered.get(name)) for name in names if name and not is_phone(name)]

    def _state(self, name: str, registered: bool | None) -> TrunkState:
        contacts = [
            each
            for each in self._list("PJSIPShowEndpoint", Endpoint=name)
            if each.get("Event") == "ContactStatusDetail"
        ]
        reachable = [_REACHABLE.get(contact.get("Status", "")) for contact in contacts]
        micros = [contact.get("RoundtripUsec", "") for contact in contacts]
        answers = True if True in reachable else False if False in reachable else None
        latency = int(micros[0]) / 1_000_000 if answers and micros[0].isdecimal() else None
        trunk = endpoint_of_name(name)
        up = answers is not False and registered is not False
        return TrunkState(trunk, answers, latency, registered, self._changed(trunk, up))

    def _changed(self, trunk: str, up: bool) -> float | None:
        """When it became so; None: before we looked for the first time."""
        if trunk not in self._since:
            self._since[trunk] = (up, None)
        elif self._since[trunk][0] is not up:
            self._since[trunk] = (up, self._clock.now())
        return self._since[trunk][1]

    def _list(self, action: str, **headers: str) -> Sequence[Headers]:
        try:
            return self._control.ask_for_list(action, **headers)
        except Refused as error:
            if "No " in str(error) or "Unable to find" in str(error):  # there is nothing to list
                return []
            raise
