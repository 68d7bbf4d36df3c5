"""What is known of phones: which can be rung now. Pure."""

from dataclasses import dataclass, field

from appliance.facts import PassedOver
from appliance.line.deadlines import Deadlines


@dataclass
class Phones:
    """What is known of them."""

    reachable: set[str] = field(default_factory=set)
    heard_of: set[str] = field(default_factory=set)
    in_use: set[str] = field(default_factory=set)
    resting: dict[str, float] = field(default_factory=dict)  # could not be reached; until when they are left alone


class Reach:
    """Phones by what the switch says of them, and by what came of ringing them."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self.phones = Phones()

    def restore(self, phones: Phones) -> None:
        """Take over what was known."""
        self.phones = phones
        for phone, until in phones.resting.items():
            self._deadlines.set("phone", phone, until)

    def set_reachable(self, phone: str, reachable: bool) -> None:
        (self.phones.reachable.add if reachable else self.phones.reachable.discard)(phone)
        self.phones.heard_of.add(phone)
        self.wake(phone)

    def set_in_use(self, phone: str, in_use: bool) -> None:
        (self.phones.in_use.add if in_use else self.phones.in_use.discard)(phone)

    def rest(self, phone: str, until: float) -> None:
        """It could not be reached, though the switch has not said so; it may say any time that it is back."""
        self.phones.resting[phone] = until
        self._deadlines.set("phone", phone, until)

    def wake(self, phone: str) -> None:
        self.phones.resting.pop(phone, None)
        self._deadlines.set("phone", phone, None)

    def is_reachable(self, phone: str | None) -> bool:
        return phone in self.phones.reachable

    def told(self, phone: str | None) -> bool | None:
        """Whether the switch says that it can be reached; None: nothing has been heard of it yet."""
        return phone in self.phones.reachable if phone in self.phones.heard_of else None

    def is_gone(self, phone: str | None) -> bool:
        """Whether it cannot be reached; one of which nothing has been heard yet is not gone."""
        return phone in self.phones.resting or self.told(phone) is False

    def rests_until(self, phone: str | None) -> float | None:
        return self.phones.resting.get(phone or "")

    def obstacle(self, phone: str | None) -> PassedOver | None:
        """Why it is not rung; None: it can be."""
        if phone not in self.phones.reachable or phone in self.phones.resting:
            return PassedOver.UNREACHABLE
        return PassedOver.PHONE_IN_USE if phone in self.phones.in_use else None
