"""What an agent who has answered is told before the talk, and how long that may take. Pure."""

from collections.abc import Mapping

from appliance.line.visits import Visit
from appliance.settings import Queue

ACCEPT = "1"  # the key by which a call is taken
AT_MOST = 30.0  # seconds from the answer until the call has to be taken
_SHORTEST_WAIT = 30.0  # seconds; less is not worth a word


def briefing_of(queue: Queue) -> float:
    """Seconds that an agent may be told of callers of that queue; 0 where they are connected at once."""
    return AT_MOST if queue.whisper or queue.accept else 0.0


def values(
    queue: Queue, visit: Visit, number: str | None, customer: str | None, now: float
) -> Mapping[str, object | None]:
    """What may stand in braces in a whisper."""
    waited = now - visit.since
    return {
        "queue": queue.name,
        "number": number,
        "customer": customer,
        "waited": waited if waited >= _SHORTEST_WAIT else None,
    }
