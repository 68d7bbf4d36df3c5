"""Asking for a call-back without calling: by the web, an agent, a supervisor, or the appliance itself."""

from dataclasses import dataclass

from appliance.callbacks.diaries import TakeTime
from appliance.engine import Engine
from appliance.line.messages import CallerJoins, Declined, Reason
from appliance.line.promises import Context, Kind, Promise
from appliance.line.visits import Visit
from appliance.settings import Callback


@dataclass(frozen=True)
class Wish:
    """Who wants to be called back, by which queue. Times are UTC epoch seconds."""

    queue: str
    number: str  # E.164
    kind: Kind
    call_at: float | None = None  # not before; None: as soon as it is their turn
    name: str = ""
    language: str = ""
    context: Context = ()
    origin: str | None = None


def open_callback(engine: Engine, queue: str, number: str) -> Visit | None:
    """The call-back that is open for a number. At most one is."""
    return engine.acd.homes.open_of(queue, number)


def promise(engine: Engine, wish: Wish) -> str:
    """Promise it, and return its id: it is written down, and survives whatever happens. Raises Declined."""
    settings = engine.settings
    queue = settings.queues.get(wish.queue)
    if queue is None or queue.callback is None:
        raise Declined(Reason.NO_CALLBACK)
    now = engine.clock.now()
    begins = max(now, wish.call_at or now)
    customer = settings.customers.get(wish.number)
    group = settings.groups.get(customer.group) if customer and customer.group else None
    promised = Promise(
        *(wish.number, wish.kind, queue.callback.first, begins, begins + queue.callback.expires),
        language=wish.language or (customer.language if customer else None) or settings.language,
        name=wish.name or (customer.name if customer else ""),
        context=wish.context,
        origin=wish.origin,
    )
    call = engine.new_call_id()
    visit = f"{call}.1"
    head_start = (group.priority if group else 0.0) + _for_the_time(queue.callback, begins > now)
    joining = CallerJoins(visit, call, queue.id, head_start, call, promise=promised)
    engine.ask(TakeTime(joining) if queue.callback.slots and wish.call_at is not None else joining)
    return visit


def _for_the_time(callback: Callback, is_chosen: bool) -> float:
    """Who has chosen a time counts as having waited for a while when it comes."""
    return callback.slots.head_start if is_chosen and callback.slots else 0.0
