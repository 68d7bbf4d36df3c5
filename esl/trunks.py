"""The trunks as FreeSWITCH sees them, as gateways: whether they answer and have taken our registration."""

from collections.abc import Callable, Mapping, Sequence
from xml.etree import ElementTree

from appliance.names import trunk_context
from appliance.port import Outside, Refused, TrunkState

_PREFIX = trunk_context("")
NOBODY = "anonymous"  # the user of From where no number is shown
# The states of a gateway; those in between, while it registers, say nothing.
REGISTERED: Mapping[str, bool] = {
    "REGED": True,
    **dict.fromkeys(("UNREGED", "FAILED", "FAIL_WAIT", "EXPIRED", "TIMEOUT", "UNREGISTER"), False),
}


def trunk_of_gateway(name: str) -> str:
    """The trunk that is this gateway."""
    return name.removeprefix(_PREFIX)


def states(ask: Callable[[str], str], statuses: Mapping[str, int], now: float) -> Sequence[TrunkState]:
    """The state of every trunk now; `statuses` are those of SIP with which registrations were refused."""
    return [_state(gateway, statuses, now) for gateway in gateways(ask).values()]


def gateways(ask: Callable[[str], str]) -> Mapping[str, Mapping[str, str]]:
    """The gateways that are trunks of ours, by name."""
    text = ask("sofia xmlstatus gateway")
    try:
        listed = ElementTree.fromstring(text.partition("?>")[2]).iterfind("gateway")
    except ElementTree.ParseError:
        raise Refused("FreeSWITCH has sent a list of gateways that cannot be read") from None
    found = [{field.tag: field.text or "" for field in gateway} for gateway in listed]
    return {gateway["name"]: gateway for gateway in found if gateway.get("name", "").startswith(_PREFIX)}


def _state(gateway: Mapping[str, str], statuses: Mapping[str, int], now: float) -> TrunkState:
    trunk = trunk_of_gateway(gateway["name"])
    is_asked = gateway.get("pingfreq", "0") not in ("", "0")
    is_up = gateway.get("status") == "UP"
    latency, uptime = _number(gateway.get("pingtime")), _number(gateway.get("uptime-usec"))
    registered = REGISTERED.get(gateway.get("state", ""))
    return TrunkState(
        trunk=trunk,
        # Of one that has not registered the state says no more than that.
        reachable=is_up if is_asked and registered is not False else None,
        latency=latency / 1000 if latency else None,
        registered=registered,
        since=now - uptime / 1_000_000 if is_up and uptime else None,
        status=statuses.get(trunk) if registered is False else None,
    )


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def endpoint_to(to: Outside) -> str:
    """How FreeSWITCH is told to call a number by a trunk. Raises Refused for what is neither."""
    to.check()
    shown = {
        "origination_caller_id_number": to.shown or NOBODY,
        "origination_caller_id_name": to.shown or "Anonymous",
        "origination_privacy": "screen" if to.shown else "screen+hide_name:hide_number",
    }
    variables = ",".join(f"{name}={value}" for name, value in shown.items())
    return f"[{variables}]sofia/gateway/{trunk_context(to.trunk)}/{to.number}"
