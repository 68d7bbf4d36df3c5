"""Offers that grow: one more phone rings after another, while those before it keep ringing. Pure."""

from appliance.line.deadlines import Deadlines
from appliance.line.visits import Offer, Visit
from appliance.settings import Queue, Strategy

_ROUNDING = 1e-6


def rings_more(queue: Queue) -> int:
    """How many phones may ring for a caller besides the first. Nobody is rung for less than `ring_next_after`."""
    if queue.strategy is not Strategy.RING_PROGRESSIVELY:
        return 0
    times = int(queue.ring_for / queue.ring_next_after + _ROUNDING) - 1
    return max(0, min(times, len(queue.agents) - 1))


def has_time(offer: Offer, queue: Queue, now: float) -> bool:
    """Whether a phone that begins to ring now would ring for long enough."""
    return now + queue.ring_next_after <= offer.rings_until + _ROUNDING


class Growing:
    """The open offers to which agents may be added, and when."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._visits: dict[str, Visit] = {}  # by offer
        self._ripe: dict[str, Visit] = {}  # those whose next phone rings as soon as somebody is free

    def watch(self, visit: Visit, queue: Queue, now: float) -> None:
        """A phone has begun to ring for this caller: another one may, after a while, if there is time for it."""
        if visit.offer is None:
            return
        self.forget(visit.offer.id)
        at = now + queue.ring_next_after
        has_room = len(visit.offer.phones) <= rings_more(queue)
        visit.offer.grows_at = at if has_room and has_time(visit.offer, queue, at) else None
        self.restore(visit, now)

    def restore(self, visit: Visit, now: float) -> None:
        """Go on with an offer as it says."""
        if visit.offer is None or visit.offer.grows_at is None:
            return
        self._visits[visit.offer.id] = visit
        if visit.offer.grows_at <= now:
            self.ripen(visit.offer.id)
        else:
            self._deadlines.set("growth", visit.offer.id, visit.offer.grows_at)

    def ripen(self, offer: str) -> None:
        """Its time has come."""
        self._ripe[offer] = self._visits[offer]

    def ripe(self) -> list[Visit]:
        return list(self._ripe.values())

    def forget(self, offer: str) -> None:
        """It grows no more."""
        self._visits.pop(offer, None)
        self._ripe.pop(offer, None)
        self._deadlines.set("growth", offer, None)
