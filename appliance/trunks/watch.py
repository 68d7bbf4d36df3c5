"""What the console says of trunks: how each is, and what became of a test call, in words."""

from collections.abc import Mapping
from typing import Any

from appliance.call import Desk
from appliance.identify import to_e164
from appliance.port import EndCause, Outside, Switch, TrunkState
from appliance.settings.trunks import Trunk
from appliance.trouble import Trouble
from appliance.trunks.outbound import first_number, outside
from appliance.trunks.sip_words import NO_ANSWER_FROM_HOST, Failure, failure, named
from appliance.trunks.tests import Tried

# What a test call means that failed without a status of SIP's.
_STATUS_OF = {EndCause.BUSY: 486, EndCause.NO_ANSWER: 480, EndCause.REFUSED: 403, EndCause.FAILED: 500}


def answer(desk: Desk, switch: Switch, command: str, arguments: Mapping[str, Any]) -> object:
    """The data for one of the commands TRUNK_COMMANDS. Raises Trouble, Refused or SwitchLost."""
    if command == "trunks":
        return [_view(desk, trunk, state) for trunk, state in _states(desk, switch)]
    number = arguments.get("number")
    return _test(desk, switch, str(arguments.get("trunk", "")), None if number is None else str(number))


TRUNK_COMMANDS = ("trunks", "trunk-test")


def _states(desk: Desk, switch: Switch) -> list[tuple[Trunk, TrunkState]]:
    known = {state.trunk: state for state in switch.trunks()}
    trunks = desk.engine.settings.trunks.values()
    return [(trunk, known.get(trunk.id, TrunkState(trunk.id))) for trunk in trunks]


def _view(desk: Desk, trunk: Trunk, state: TrunkState) -> dict[str, object]:
    wrong = wrong_with(trunk, state)
    return {
        "trunk": trunk.id,
        "host": f"{trunk.host}:{trunk.port}",
        "transport": trunk.transport.value,
        "up": wrong is None,
        "why": wrong.what if wrong else "",
        "registered": state.registered,
        "reachable": state.reachable,
        "milliseconds": None if state.latency is None else round(state.latency * 1000, 1),
        "since": state.since,
        "status": state.status,
        "calls": desk.lines.calls_of(trunk.id),
        "most_calls": trunk.calls,
        "calls_in_last_hour": desk.lines.lately_by_trunk(trunk.id, desk.clock.now()),
        "most_calls_per_hour": trunk.calls_per_hour,
    }


def wrong_with(trunk: Trunk, state: TrunkState) -> Failure | None:
    """Why a trunk is of no use now; None: as far as is known it is."""
    if state.registered is False:
        if state.status is not None:
            return failure(state.status)
        return NO_ANSWER_FROM_HOST if state.reachable is False else failure(401)
    return NO_ANSWER_FROM_HOST if state.reachable is False else None


def _test(desk: Desk, switch: Switch, id: str, number: str | None) -> dict[str, object]:
    settings = desk.engine.settings
    trunk = settings.trunks.get(id)
    if trunk is None:
        known = ", ".join(settings.trunks) or "none"
        raise Trouble(f"There is no trunk {id!r}: the configuration has {known}.")
    state = next(state for each, state in _states(desk, switch) if each.id == id)
    called = number or trunk.test
    result = {**_view(desk, trunk, state), "number": called, "seconds": None}
    if called is None:
        return {**result, **_verdict(wrong_with(trunk, state), state.status)}
    to = _target(desk, trunk, called)
    tried = desk.tests.call(to)
    wrong = None if tried.answered else explain(tried)
    return {**result, "sent": to.number, "seconds": round(tried.seconds, 1), **_verdict(wrong, tried.status)}


def _target(desk: Desk, trunk: Trunk, number: str) -> Outside:
    settings = desk.engine.settings
    if not number.lstrip("+").replace("*", "").replace("#", "").isdecimal() or not number.isascii():
        raise Trouble(f"{number[:40]!r} is not a number that can be called: write it like +74951234567.")
    shows = [rule.show for rule in settings.outbound.values() if trunk.id in rule.trunks and rule.show]
    wanted = to_e164(number, settings.country) or number
    return outside(settings, trunk, wanted, shows[0] if shows else first_number(settings))


def explain(tried: Tried) -> Failure:
    """Why a test call was not answered."""
    if tried.status is not None:
        return failure(tried.status)
    return failure(_STATUS_OF.get(tried.cause)) if tried.cause else NO_ANSWER_FROM_HOST


def _verdict(wrong: Failure | None, status: int | None) -> dict[str, object]:
    if wrong is None:
        return {"fine": True, "what": "", "cause": "", "remedy": "", "sip": ""}
    sip = named(status) if status else ""
    return {"fine": False, "what": wrong.what, "cause": wrong.cause, "remedy": wrong.remedy, "sip": sip}
