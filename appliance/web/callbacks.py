"""Call-backs that are asked for over the web: made, looked at and cancelled."""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice

from appliance.callbacks.allowed import Allowed, NotAllowed, Why, allowed
from appliance.callbacks.requests import Wish, open_callback, promise
from appliance.engine import Engine
from appliance.identify import to_e164
from appliance.line.messages import Declined, EndCallback, Reason
from appliance.line.promises import CallbackEnd, Context, Kind
from appliance.settings import Queue
from appliance.settings.web import FormField, Limits, Web
from appliance.web.asked import Asked, Wrong, epoch
from appliance.web.departments import queue_of
from appliance.web.faults import Fault
from appliance.web.limits import Windows
from appliance.web.telling import State, Told, at_the_end, told_of
from appliance.web.tickets import Seal, Ticket

log = logging.getLogger(__name__)

STAMP_LASTS = 24 * 3600.0  # seconds a form may be open
BUSY_FOR = 30.0  # seconds after which to ask again while nothing can be promised
MOST_CANCELLED = 1000  # that are told apart from those that are over
MOST_TIMES = 100  # among which customers choose
EVERYBODY = ""

_NO_DEPARTMENT = Wrong("department", "department")
_MISTYPED = (Why.NO_NUMBER, Why.NOT_IN_USE, Why.SHORT, Why.EMERGENCY)


@dataclass(frozen=True)
class Outcome:
    """What has become of a request. `is_new`: from the view of who has asked."""

    ticket: Ticket
    sealed: str
    told: Told
    is_new: bool


class Callbacks:
    """Makes promises for strangers."""

    def __init__(self, engine: Engine, seal: Seal, windows: Windows) -> None:
        self._engine, self._seal, self._windows = engine, seal, windows
        self._cancelled: OrderedDict[str, None] = OrderedDict()

    def ask(self, asked: Asked, web: Web, client: str, language: str, *, is_signed: bool) -> Outcome:
        """Promise what is asked for. Raises Fault."""
        self._refuse_while_down()
        now = self._engine.clock.now()
        if not is_signed and asked.website:
            return self._nothing(asked.department, 0.0, now)
        if not is_signed:
            self._refuse_machines(asked.stamp, web.form.fill_in, now)
        wish = self._wish(asked, web, language, now)
        before = self._shown(asked.token, wish)
        if before is not None:
            return Outcome(before, asked.token, self.told(before), is_new=False)
        limits = web.limits
        self._refuse_too_many(limits, client, now, is_signed=is_signed)
        if open_callback(self._engine, wish.queue, wish.number) is None:
            made = self._promise(wish, limits, now)
        else:
            made = self._nothing(wish.queue, wish.call_at or 0.0, now)
        self._count(limits, client, now, is_signed=is_signed)
        return made

    def look(self, sealed: str) -> tuple[Ticket, Told]:
        """How it stands with a request. Raises Fault."""
        ticket = self._seal.read_ticket(sealed)
        if ticket is None:
            raise Fault(404, "not_found")
        return ticket, self.told(ticket)

    def cancel(self, sealed: str) -> tuple[Ticket, Told]:
        """Nobody is to be called because of it. Raises Fault."""
        ticket, told = self.look(sealed)
        if told.state in (State.OVER, State.CANCELLED):
            return ticket, told
        self._refuse_while_down()
        if ticket.is_real:
            try:
                self._engine.ask(EndCallback(ticket.id, CallbackEnd.CANCELLED_BY_CUSTOMER, "over the web"))
            except Declined as declined:
                if declined.reason is Reason.BEING_CALLED:
                    return ticket, Told(State.CALLING)
                return ticket, self.told(ticket)
        self._cancelled[ticket.id] = None
        while len(self._cancelled) > MOST_CANCELLED:
            self._cancelled.popitem(last=False)
        return ticket, Told(State.CANCELLED)

    def told(self, ticket: Ticket) -> Told:
        if ticket.id in self._cancelled:
            return Told(State.CANCELLED)
        return told_of(self._engine, ticket, self._engine.clock.now())

    # What is refused

    def _refuse_while_down(self) -> None:
        if not self._engine.switch_up or self._engine.scribe.unwritten:
            raise Fault(503, "unavailable", retry_after=BUSY_FOR)

    def _refuse_machines(self, stamp: str, fill_in: float, now: float) -> None:
        made = self._seal.read_stamp(stamp)
        if made is None or not 0 <= now - made <= STAMP_LASTS:
            raise Fault(403, "stale")
        if now - made < fill_in:
            raise Fault(429, "too_fast", retry_after=fill_in - (now - made))

    def _refuse_too_many(self, limits: Limits, client: str, now: float, *, is_signed: bool) -> None:
        wait = self._windows.wait("all", EVERYBODY, limits.all, now)
        if not is_signed:
            wait = max(wait, self._windows.wait("address", client, limits.per_address, now))
        if wait:
            raise Fault(429, "too_many", retry_after=wait)

    def _count(self, limits: Limits, client: str, now: float, *, is_signed: bool) -> None:
        self._windows.count("all", EVERYBODY, limits.all, now)
        if not is_signed:
            self._windows.count("address", client, limits.per_address, now)
        self._windows.save()

    # What is asked for

    def _wish(self, asked: Asked, web: Web, language: str, now: float) -> Wish:
        """Raises Fault, which names all that is wrong."""
        settings = self._engine.settings
        wrong = {each.field: each for each in asked.wrong}
        queue = queue_of(settings, asked.department)
        if queue is None:
            wrong.setdefault("department", _NO_DEPARTMENT)
        number = to_e164(asked.number, settings.country)
        if queue is not None and number is not None:
            found = allowed(settings, queue.id, asked.number)
            number = found.number if isinstance(found, Allowed) else None
            if isinstance(found, NotAllowed) and found.why not in _MISTYPED:
                wrong["number"] = Wrong("number", "number_refused")
        if number is None:
            wrong.setdefault("number", Wrong("number", "number"))
        for name, each in web.form.fields.items():
            value, field = asked.fields.get(name, ""), f"field-{name}"
            if each.needed and not value:
                wrong.setdefault(field, Wrong(field, "needed"))
            elif len(value) > each.longest:
                wrong[field] = Wrong(field, "too_long", each.longest)
        call_at = epoch(asked.time)
        if asked.time and (call_at is None or not self._is_offered(queue, number or "", call_at)):
            wrong["time"] = Wrong("time", "time")
        if wrong or queue is None or number is None:
            raise Fault(422, "bad_request", tuple(wrong.values()))
        known = web.form.fields
        context: Context = tuple(
            (_label(known[name], settings.language) if name in known else name, text)
            for name, text in asked.fields.items()
        )
        return Wish(queue.id, number, Kind.WEB, call_at, asked.name, language, context)

    def _shown(self, sealed: str, wish: Wish) -> Ticket | None:
        """The request that was made before, if the ticket shows that it was them."""
        ticket = self._seal.read_ticket(sealed) if sealed else None
        if ticket is None or not ticket.is_real or self.told(ticket).state in (State.OVER, State.CANCELLED):
            return None
        visit = open_callback(self._engine, wish.queue, wish.number)
        return ticket if visit is not None and visit.id == ticket.id else None

    def times(self, queue: str) -> list[float]:
        """At which customers may be called; where it does not matter who."""
        diary = self._engine.diary(queue, "")
        return [slot.begin for slot in islice(diary.free(), MOST_TIMES)] if diary else []

    def _is_offered(self, queue: Queue | None, number: str, at: float) -> bool:
        """Whether that is one of the times from which customers choose, with room or not."""
        diary = self._engine.diary(queue.id, number) if queue else None
        slot = diary.slot(at) if diary else None
        return slot is not None and slot.begin == at

    # What follows

    def _promise(self, wish: Wish, limits: Limits, now: float) -> Outcome:
        wait = self._windows.wait("number", wish.number, limits.per_number, now)
        if wait:
            raise Fault(429, "too_many", retry_after=wait)
        try:
            id = promise(self._engine, wish)
        except Declined as declined:
            if declined.reason is Reason.ALREADY_PROMISED:  # this very moment
                return self._nothing(wish.queue, wish.call_at or 0.0, now)
            where = Wrong("time", "time_taken") if declined.reason is Reason.NO_ROOM else _NO_DEPARTMENT
            raise Fault(422, "bad_request", (where,)) from None
        self._windows.count("number", wish.number, limits.per_number, now)
        place, expected = self._engine.acd.place(id) or 1, self._engine.acd.expected_wait(id, now)
        ticket = Ticket(
            *(id, wish.queue, now, wish.call_at or 0.0, place, expected.middle if expected else 0.0), is_real=True
        )
        log.info("call-back %s for queue %s was asked for over the web", id, wish.queue)
        return Outcome(ticket, self._seal.ticket(ticket), self.told(ticket), is_new=True)

    def _nothing(self, queue: str, call_at: float, now: float) -> Outcome:
        """A ticket that looks like any other."""
        known = queue_of(self._engine.settings, queue)
        place, expected = at_the_end(self._engine, known.id, now) if known else (1, None)
        middle = expected.middle if expected else 0.0
        id = f"{self._engine.new_call_id()}.1"
        ticket = Ticket(id, known.id if known else "", now, call_at, place, middle, is_real=False)
        return Outcome(ticket, self._seal.ticket(ticket), self.told(ticket), is_new=True)


def _label(field: FormField, language: str) -> str:
    """As agents know the field: in the language of the site."""
    return field.label.get(language) or next(iter(field.label.values()))
