"""An attempt to call somebody back, as a call of ours in the tables of calls. Pure."""

from appliance import facts as f
from appliance.line.promises import Promise, attempt_id
from appliance.live import LiveCall
from appliance.settings import Settings


def attempt(
    fact: f.AttemptBegan, queue: str, promise: Promise, settings: Settings, version: int | None
) -> tuple[LiveCall, list[f.Fact]]:
    """The call of an attempt, and the facts with which it begins to exist."""
    id = attempt_id(fact.visit, fact.n)
    customer = settings.customers.get(promise.number)
    call = LiveCall(
        id=id,
        leg=id,
        outcome=f.CallOutcome.CALL_BACK_FAILED,
        number=promise.number,
        dnis=promise.number,
        customer=promise.name or (customer.name if customer else None),
        language=promise.language or settings.language,
        started_at=fact.at,
        direction=f.Direction.OUT,
        version=version,
    )
    known = settings.queues.get(queue)
    started = f.CallStarted(
        call=id,
        at=fact.at,
        leg=id,
        ani="",
        caller_name="",
        dnis=promise.number,
        trunk="",
        direction=f.Direction.OUT,
        phone=fact.phone,
        agent=fact.agent,
        version=version,
    )
    identified = f.CallIdentified(
        call=id,
        at=fact.at,
        number=promise.number,
        number_id=None,
        customer=call.customer,
        group=customer.group if customer else None,
        language=call.language,
    )
    return call, [
        started,
        identified,
        f.CallProgressed(id, fact.at, call.outcome),
        f.Stepped(id, fact.at, "call-back", f"{known.name if known else queue}: {fact.why}", ("queues", queue)),
    ]
