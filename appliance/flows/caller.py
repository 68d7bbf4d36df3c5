"""A caller's call, from the trunk to the goodbye: identified, opening hours, then from place to place."""

from appliance import facts as f
from appliance.call import Conversation, Desk, Way, printable, started
from appliance.engine import Welcome
from appliance.flows.callback_offer import call_back
from appliance.flows.calling_in import called_in
from appliance.flows.extension import ring_extension
from appliance.flows.line import join_line
from appliance.flows.menu import ask_menu
from appliance.flows.number import call_number
from appliance.flows.voicemail import leave_message
from appliance.hours.notices import ALL
from appliance.hours.schedule import Cause
from appliance.identify import Caller, called_number, identify
from appliance.line.skills import Needs, combine
from appliance.live import LiveCall
from appliance.port import Arrival
from appliance.settings import Destination, Number, Settings
from appliance.speech.prompts import KeyPath

_NOWHERE = Destination(hang_up=True)
MOST_MENUS = 50  # in one call: who is still choosing then is a machine, or a key that is stuck
MOST_PLACES = 50  # likewise: queues that send callers on to each other


def serve(arrival: Arrival, desk: Desk) -> None:
    """The whole call. Raises LegGone when the caller hangs up."""
    now = desk.clock.now()
    version = desk.engine.version
    call = LiveCall(desk.engine.new_call_id(), arrival.leg.id, dnis=arrival.dnis, started_at=now, version=version)
    desk.engine.tell(started(arrival, call.id, now, version=version), Welcome(call, arrival.leg))
    arrival.leg.mark(call.id)
    trunk = desk.engine.settings.trunks.get(arrival.trunk)
    if trunk and not desk.lines.admit(arrival.leg.id, trunk.id, trunk.calls):
        at = desk.clock.now()
        desk.engine.tell(
            f.Stepped(
                call.id,
                at,
                "no line",
                f"trunk {trunk.id} has {trunk.calls} calls already",
                ("trunks", trunk.id, "calls"),
            ),
            f.CallProgressed(call.id, at, f.CallOutcome.NO_LINE),
        )
        arrival.leg.hang_up(is_full=True)
        return
    tell_story(arrival, desk, call)


def tell_story(arrival: Arrival, desk: Desk, call: LiveCall) -> None:
    """From identification on; also for a call whose first attempt was cut off before it stood in line."""
    settings = desk.rules(call)
    number = called_number(settings, arrival.dnis, arrival.diverted, arrival.trunk)
    caller = identify(settings, arrival.ani, arrival.trunk)
    language = _language(settings, number, caller)
    sounds = desk.sounds_of(settings)
    talk = Conversation(arrival.leg, sounds, desk, language, settings, call, arrival.trunk)
    talk.schedule = number.hours if number else None
    talk.known = {
        "customer": caller.customer.name if caller.customer else None,
        "number": caller.number,
        "called": number.id if number else None,
    }
    if arrival.diverted:
        because = ("trunks", arrival.trunk, "forwarded")
        talk.step("forwarded", f"from {printable(arrival.diverted)[:40]}", because)
    _write_down(talk, number, caller)
    talk.leg.answer()
    if number is None:
        talk.progress(f.CallOutcome.UNKNOWN_NUMBER)
        talk.phrase("number-unknown")
    elif caller.group and caller.group.refuse:
        talk.progress(f.CallOutcome.REFUSED)
        talk.say(caller.group.refuse)
    elif not talk.hear_notices(ALL, number.id):
        talk.needs = number.needs
        talk.head_start = number.priority + (caller.group.priority if caller.group else 0.0)
        first = _first_place(talk, number, caller)
        is_on_its_way, way = called_in(talk)
        walk(talk, way if is_on_its_way else first)
    talk.leg.hang_up()


def _language(settings: Settings, number: Number | None, caller: Caller) -> str:
    """The customer's own language, else the number's, else the site's."""
    own = caller.customer.language if caller.customer else None
    return own or (number.language if number else None) or settings.language


def _write_down(talk: Conversation, number: Number | None, caller: Caller) -> None:
    customer, group = caller.customer, caller.group
    talk.desk.engine.tell(
        f.CallIdentified(
            call=talk.id,
            at=talk.now(),
            number=caller.number,
            number_id=number.id if number else None,
            customer=customer.name if customer else None,
            group=group.id if group else None,
            language=talk.language,
        )
    )
    who = caller.number or "anonymous"
    if customer:
        who += f", {customer.name}"
    if group:
        who += f", group {group.id}"
    talk.step("identified", who, ("groups", group.id) if group else ())
    if number:
        talk.step("number", f"{number.id}, {number.name}", ("numbers", number.id))
    else:
        talk.step("number", "not one of ours", ("numbers",))


def _first_place(talk: Conversation, number: Number, caller: Caller) -> Way:
    """Greeting and opening hours."""
    here = ("numbers", number.id)
    greeting = (caller.group.greeting if caller.group else None) or number.greeting
    if greeting:
        talk.say(greeting)
    if number.hours is not None:
        state = talk.opening(number.hours)
        if not state.is_open:
            talk.progress(f.CallOutcome.CLOSED)
            if number.holiday and state.cause is Cause.HOLIDAY:
                return Way(number.holiday, (*here, "holiday"))
            return Way(number.closed or _NOWHERE, (*here, "closed"))
    if caller.group and caller.group.to:
        return Way(caller.group.to, ("groups", caller.group.id, "to"))
    return Way(number.open, (*here, "open"))


def walk(talk: Conversation, way: Way | None) -> None:
    """From place to place, until one of them ends the call."""
    places = 0
    while way is not None:
        places += 1
        if places > MOST_PLACES:
            talk.step("hang up", f"after {MOST_PLACES} queues", way.because)
            talk.phrase("goodbye")
            return
        way = _go(talk, way)


def _go(talk: Conversation, way: Way) -> Way | None:
    """Through menus to a place; None when it has ended the call."""
    menus: list[tuple[str, Needs]] = []  # and what the way there needs
    steps = 0
    while (closed := _if_closed(talk, way)) is not None or way.to.menu is not None:
        steps += 1
        if steps > MOST_MENUS:
            talk.step("hang up", f"after {MOST_MENUS} menus", way.because)
            talk.progress(f.CallOutcome.NO_CHOICE)
            talk.phrase("goodbye")
            return None
        if closed is not None:
            way = closed
        elif way.to.menu is not None:
            menus.append((way.to.menu, way.to.needs))
            following = _after_menu(talk, menus, way.because)
            if following is None:
                return None
            way = following
    if way.to.queue is not None:
        talk.needs = combine((talk.needs, *(needs for _, needs in menus), way.to.needs))
        talk.named = (way.to.agent, way.to.agent_for, (*way.because, "agent")) if way.to.agent else None
        return join_line(talk, way.to.queue, way.because)
    if way.to.extension is not None:
        ring_extension(talk, way.to.extension, way.because)
    elif way.to.callback is not None:
        talk.needs = combine((talk.needs, *(needs for _, needs in menus), way.to.needs))
        call_back(talk, way.to, way.because)
    elif way.to.number is not None:
        call_number(talk, way.to.number, way.because)
    elif way.to.voicemail is not None:
        leave_message(talk, way.to.voicemail, way.because)
    elif way.to.message is not None:
        talk.step("message", because=way.because)
        talk.say(way.to.message)
        if talk.outcome is f.CallOutcome.LEFT_EARLY:
            talk.progress(f.CallOutcome.INFORMED)
    else:
        talk.step("hang up", because=way.because)
    return None


def _if_closed(talk: Conversation, way: Way) -> Way | None:
    """Where to go instead of a queue that is closed. Who waits there already is not asked, and may stay."""
    queue = talk.settings.queues.get(way.to.queue or "")
    if queue is None or queue.hours is None or talk.opening(queue.hours).is_open:
        return None
    talk.progress(f.CallOutcome.CLOSED)
    return Way(queue.closed or _NOWHERE, ("queues", queue.id, "closed"))


def _after_menu(talk: Conversation, menus: list[tuple[str, Needs]], because: KeyPath) -> Way | None:
    """Where the caller goes from the last of these menus; `repeat` and `back` are resolved here."""
    menu = menus[-1][0]
    if talk.hear_notices(menu):
        return None
    way = ask_menu(talk, talk.settings.menus[menu], because)
    if way.to.repeat:
        return Way(_again(menus.pop()), way.because)
    if way.to.back:
        menus.pop()
        return Way(_again(menus.pop()) if menus else Destination(hang_up=True), way.because)
    return way


def _again(menu: tuple[str, Needs]) -> Destination:
    return Destination(menu=menu[0], needs=menu[1])
