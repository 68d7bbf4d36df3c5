"""The phones there are, as supervisors see them: which are registered, and how well they answer. Pure."""

from collections.abc import Iterable

from appliance.port import Registration
from appliance.settings import Settings


def phones_of(settings: Settings, registrations: Iterable[Registration]) -> list[dict[str, object]]:
    """Every phone of the configuration, and those that are registered without being in it."""
    by_phone: dict[str, list[Registration]] = {id: [] for id in settings.phones}
    for each in registrations:
        by_phone.setdefault(each.phone, []).append(each)
    listed = []
    for id, found in by_phone.items():
        known = settings.phones.get(id)
        name = known.name if known else ""
        fixed = known.contact if known else None
        listed += [_row(id, name, fixed, registration) for registration in found or (None,)]
    return listed


def _row(id: str, name: str, fixed: str | None, registration: Registration | None) -> dict[str, object]:
    """`fixed` is the address of a phone that does not register."""
    if registration is None:
        state = "fixed address" if fixed else "not registered"
        return {
            **{"phone": id, "name": name, "state": state, "address": fixed},
            **{"agent": None, "round_trip_ms": None},
        }
    trip = registration.round_trip
    return {
        "phone": id,
        "name": name,
        "state": "registered" if registration.reachable else "does not answer",
        "address": registration.address,
        "agent": registration.agent or None,
        "round_trip_ms": None if trip is None else round(trip * 1000, 1),
    }
