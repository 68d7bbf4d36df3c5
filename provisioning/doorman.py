"""Who may ask at all: only known networks, and nobody who has asked for too much that is not there. Pure."""

import ipaddress
from collections.abc import Iterable

from appliance.web.addresses import address_of, client_of

MOST_WRONG = 10  # requests in vain that an address has at once,
FORGIVEN_EVERY = 30.0  # and the seconds after which it has one more
MOST_ADDRESSES = 10_000  # remembered; then the one that was wrong the longest time ago is forgotten
LOG_EVERY = 60.0  # seconds between two lines of log about the same address


class Doorman:
    """Remembers which addresses guess. `now` never goes back."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(network, strict=False) for network in networks]
        self._wrong: dict[str, tuple[float, float]] = {}  # address -> how often, at which time; oldest first
        self._logged: dict[str, float] = {}  # address -> when; oldest first

    def knows(self, address: str) -> bool:
        """Whether that address is in a network that is served."""
        parsed = address_of(address)
        return parsed is not None and any(
            parsed.version == network.version and parsed in network for network in self._networks
        )

    def is_patient_with(self, address: str, now: float) -> bool:
        """Whether what that address asks for is looked at."""
        return self._count(_who(address), now) <= MOST_WRONG - 1

    def was_wrong(self, address: str, now: float) -> None:
        """That address has asked for something that is not there."""
        who = _who(address)
        count = min(self._count(who, now) + 1, MOST_WRONG)
        self._wrong.pop(who, None)
        self._wrong[who] = (count, now)
        _shorten(self._wrong)

    def is_news(self, address: str, now: float) -> bool:
        """Whether to write a line of log about a refusal of that address. Then not again for a while."""
        who = _who(address)
        if now - self._logged.get(who, -LOG_EVERY) < LOG_EVERY:
            return False
        self._logged.pop(who, None)
        self._logged[who] = now
        _shorten(self._logged)
        return True

    def _count(self, who: str, now: float) -> float:
        count, at = self._wrong.get(who, (0.0, now))
        return max(0.0, count - (now - at) / FORGIVEN_EVERY)


def _who(text: str) -> str:
    """What is remembered of that address, or of what is none."""
    parsed = address_of(text)
    return client_of(parsed) if parsed is not None else text


def _shorten(remembered: dict[str, tuple[float, float]] | dict[str, float]) -> None:
    if len(remembered) > MOST_ADDRESSES:
        del remembered[next(iter(remembered))]
