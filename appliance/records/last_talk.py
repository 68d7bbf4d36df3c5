"""With whom an agent talked last, for whoever promises them a call."""

from dataclasses import dataclass

from appliance.records.models import Call, Callback, Visit


@dataclass(frozen=True)
class Customer:
    """`number` is E.164; None where it was withheld."""

    number: str | None
    name: str
    call: str
    language: str


def customer_of(visit: str) -> Customer | None:
    """Who talked in that visit, whether they called or were called back."""
    row = Visit.get_or_none(Visit.id == visit)
    if row is None:
        return None
    promised = Callback.get_or_none(Callback.id == visit)
    if promised is not None:
        return Customer(promised.number, promised.name, row.call, promised.language)
    call = Call.get_or_none(Call.id == row.call)
    return None if call is None else Customer(call.number, call.customer or "", call.id, call.language or "")
