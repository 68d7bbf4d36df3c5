"""What is known of phones: which can be rung now. Pure."""

from appliance.deadlines import Deadlines
from appliance.facts import PassedOver


class Reach:
    """Phones by what the switch says of them, and by what came of ringing them."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._reachable: set[str] = set()
        self._heard_of: set[str] = set()
        self._in_use: set[str] = set()
        self._resting: dict[str, float] = {}  # could not be reached; until when they are left alone

    def set_reachable(self, phone: str, reachable: bool) -> None:
        (self._reachable.add if reachable else self._reachable.discard)(phone)
        self._heard_of.add(phone)
        self.wake(phone)

    def set_in_use(self, phone: str, in_use: bool) -> None:
        (self._in_use.add if in_use else self._in_use.discard)(phone)

    def rest(self, phone: str, until: float) -> None:
        """It could not be reached, though the switch has not said so; it may say any time that it is back."""
        self._resting[phone] = until
        self._deadlines.set("phone", phone, until)

    def wake(self, phone: str) -> None:
        self._resting.pop(phone, None)
        self._deadlines.set("phone", phone, None)

    def is_reachable(self, phone: str | None) -> bool:
        return phone in self._reachable

    def is_gone(self, phone: str | None) -> bool:
        """Whether it cannot be reached; one of which nothing has been heard yet is not gone."""
        return phone in self._resting or (phone in self._heard_of and phone not in self._reachable)

    def rests_until(self, phone: str | None) -> float | None:
        return self._resting.get(phone or "")

    def obstacle(self, phone: str | None) -> PassedOver | None:
        """Why it is not rung; None: it can be."""
        if phone not in self._reachable or phone in self._resting:
            return PassedOver.UNREACHABLE
        return PassedOver.PHONE_IN_USE if phone in self._in_use else None
