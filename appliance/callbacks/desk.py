"""What the command line asks the running appliance about call-backs: who waits at home, and to change that."""

from collections.abc import Iterator, Mapping
from typing import Any

from appliance.call import Desk
from appliance.callbacks.allowed import NotAllowed, allowed
from appliance.callbacks.requests import Wish, promise
from appliance.callbacks.times_desk import slots_view
from appliance.engine import Engine
from appliance.line.messages import Declined, EndCallback, MoveCallback, Reason
from appliance.line.promises import CallbackEnd, Context, Kind
from appliance.line.visits import Visit
from appliance.settings import Queue
from appliance.supervision import MOST_ESTIMATED, MOST_LISTED, expected_told
from appliance.trouble import Trouble

CALLBACK_COMMANDS = ("callbacks", "callback-add", "callback-cancel", "callback-move", "callback-slots")

_LONGEST = 200  # of any text
_MOST_FIELDS = 20

Arguments = Mapping[str, Any]


def answer(desk: Desk, command: str, arguments: Arguments) -> object:
    """The data for one of CALLBACK_COMMANDS. Raises Trouble."""
    engine = desk.engine
    if command == "callbacks":
        return [each for queue in engine.settings.queues for each in _of_queue(engine, queue)]
    if command == "callback-add":
        return _add(engine, arguments)
    if command == "callback-slots":
        return slots_view(engine, arguments)
    visit = _find(engine, str(arguments.get("callback")))
    by = _by(arguments)
    try:
        if command == "callback-cancel":
            why = f"{_text(arguments, 'why') or 'no reason given'}, by {by}"
            engine.ask(EndCallback(visit.id, CallbackEnd.CANCELLED, why))
        else:
            engine.ask(MoveCallback(visit.id, _at(engine, arguments), f"by {by}"))
    except Declined as declined:
        raise Trouble(_sentence(declined)) from None
    moved = engine.acd.visit(visit.id)
    return _about(engine, moved or visit, None, False)


# Who waits at home


def _of_queue(engine: Engine, queue: str) -> Iterator[dict[str, object]]:
    """In the order of the line, then those who have chosen a time that has not come."""
    in_line = engine.acd.waiting(queue)
    for place, visit in enumerate(in_line, 1):
        if visit.home is not None:
            yield _about(engine, visit, place, place <= MOST_ESTIMATED)
    later = (v for v in engine.acd.visits() if v.queue == queue and v.home and v.agent is None and not v.in_line)
    for visit in sorted(later, key=lambda visit: (visit.since, visit.id)):
        yield _about(engine, visit, None, False)


def _about(engine: Engine, visit: Visit, place: int | None, estimates: bool) -> dict[str, object]:
    home = visit.home
    assert home is not None
    expected = engine.acd.expected_wait(visit.id, engine.clock.now()) if estimates else None
    return {
        "callback": visit.id,
        "queue": visit.queue,
        "number": home.promise.number,
        "name": home.promise.name,
        "kind": home.promise.kind.value,
        "first": home.promise.first.value,
        "place": place,
        "since": visit.since,
        "expected": expected_told(expected),
        "not_before_at": home.not_before,
        "expires_at": home.promise.expires,
        "attempts": home.attempts,
        "tries": home.tries,
        "state": "on the phone" if home.reached else "being called" if home.calling else "at home",
    }


def _find(engine: Engine, wanted: str) -> Visit:
    """The open call-back with that id, or the only one whose id begins so. Raises Trouble."""
    open_ones = {visit.id: visit for visit in engine.acd.visits() if visit.home and visit.agent is None}
    if wanted in open_ones:
        return open_ones[wanted]
    found = sorted(id for id in open_ones if wanted and id.startswith(wanted))
    if len(found) == 1:
        return open_ones[found[0]]
    if found:
        raise Trouble(f"Several open call-backs begin with {wanted[:40]!r}: {', '.join(found[:MOST_LISTED])}.")
    raise Trouble(f"There is no open call-back {wanted[:40]!r}: `appliance callbacks` lists them.")


# What is done


def _add(engine: Engine, arguments: Arguments) -> object:
    queue = _queue(engine, str(arguments.get("queue")))
    number = allowed(engine.settings, queue.id, str(arguments.get("number")))
    if isinstance(number, NotAllowed):
        raise Trouble(number.text)
    at = _at(engine, arguments) if arguments.get("at") is not None else None
    wish = Wish(
        queue.id,
        number.number,
        Kind.AGENT,
        call_at=at,
        name=_text(arguments, "name"),
        context=(*_context(arguments), ("promised by", _by(arguments))),
    )
    try:
        id = promise(engine, wish)
    except Declined as declined:
        raise Trouble(_sentence(declined)) from None
    visit = engine.acd.visit(id)
    place = engine.acd.place(id)
    return (
        _about(engine, visit, place, place is not None) if visit is not None and visit.home else {"callback": id}
    )


def _queue(engine: Engine, wanted: str) -> Queue:
    queue = engine.settings.queues.get(wanted)
    if queue is not None and queue.callback is not None:
        return queue
    known = ", ".join(each.id for each in engine.settings.queues.values() if each.callback) or "none"
    if queue is None:
        raise Trouble(f"There is no queue {wanted[:40]!r} that calls back: there is {known}.")
    raise Trouble(f"Nobody calls back for the queue {wanted}: it has no `callback:`. Those that have: {known}.")


def _at(engine: Engine, arguments: Arguments) -> float:
    at = arguments.get("at")
    if not isinstance(at, int | float) or isinstance(at, bool):
        raise Trouble("The appliance was not told a time.")
    if at < engine.clock.now():
        raise Trouble("That time is over: name one to come.")
    return float(at)


def _context(arguments: Arguments) -> Context:
    given = arguments.get("context")
    if not isinstance(given, dict):
        return ()
    fields = [(str(name)[:_LONGEST], str(value)[:_LONGEST]) for name, value in given.items()]
    if len(fields) > _MOST_FIELDS:
        raise Trouble(f"These are {len(fields)} fields: at most {_MOST_FIELDS} can be kept.")
    return tuple(fields)


def _text(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    return value[:_LONGEST] if isinstance(value, str) else ""


def _by(arguments: Arguments) -> str:
    return _text(arguments, "by")[:60] or "somebody"


def _sentence(declined: Declined) -> str:
    said = str(declined)
    hint = {
        Reason.ALREADY_PROMISED: ": `appliance callbacks --number` shows it",
        Reason.NO_ROOM: ": `appliance callbacks slots` shows when",
        Reason.BEING_CALLED: ": ask again in a minute",
    }.get(declined.reason, "")
    return f"{said[0].upper()}{said[1:]}{hint}."
