"""The calls and legs that exist now: the engine's copy of what the switch has, fed by its events."""

from dataclasses import dataclass

from appliance.facts import CallOutcome, Direction, SentOn
from appliance.line.promises import number_of_attempt
from appliance.port import Leg
from appliance.records.open_rows import OpenCall
from appliance.settings import Settings

ENDED_KEPT = 4096


@dataclass
class LiveCall:
    """A call whose leg has not ended."""

    id: str
    leg: str
    outcome: CallOutcome = CallOutcome.LEFT_EARLY  # if it ended now
    driver: Leg | None = None  # the leg's verbs, while a flow drives it
    visit: str | None = None
    visits: int = 0  # so far
    failures: int = 0  # of flows that drove it
    informed_until: float | None = None  # who hangs up by then does so because of a notice
    number: str | None = None
    dnis: str = ""
    customer: str | None = None
    language: str = ""
    started_at: float = 0.0
    direction: Direction = Direction.IN
    dialled: bool = False  # somebody outside has been called in it
    restored: bool = False  # from rows; nobody has driven it since the start
    is_over: bool = False
    sent_on: SentOn | None = None  # from the last queue in which it stood
    version: int | None = None  # of the configuration, under whose rules it runs
    rules: Settings | None = None  # those of that version, once a flow follows them
    answered: bool = False  # of a call of ours: whoever was called is, or was, on the phone

    @property
    def attempt(self) -> int:
        """Which attempt to call somebody back this is; 0: it is none."""
        return number_of_attempt(self.id)


class Live:
    """Tables of calls and legs. Only the engine changes them."""

    def __init__(self) -> None:
        self.calls: dict[str, LiveCall] = {}
        self.legs: dict[str, str] = {}  # leg -> endpoint
        self._call_of_leg: dict[str, LiveCall] = {}
        self._visits: dict[str, str] = {}  # of calls that ended lately, oldest first
        self._ended: dict[str, None] = {}  # legs that ended lately, oldest first

    def add(self, call: LiveCall) -> None:
        self.calls[call.id] = call
        self._call_of_leg[call.leg] = call

    def move(self, call: LiveCall, leg: str) -> None:
        """The call is on this leg now."""
        self._call_of_leg.pop(call.leg, None)
        call.leg = leg
        self._call_of_leg[leg] = call

    def remove(self, call: LiveCall) -> None:
        call.is_over = True
        if call.visit:
            self._visits[call.id] = call.visit
            if len(self._visits) > ENDED_KEPT:
                del self._visits[next(iter(self._visits))]
        del self.calls[call.id]
        del self._call_of_leg[call.leg]

    def visit_of(self, call: str) -> str | None:
        """The last visit of a call, also of one that has ended lately."""
        known = self.calls.get(call)
        return known.visit if known else self._visits.get(call)

    def call_of(self, leg: str) -> LiveCall | None:
        """The call whose caller is on that leg."""
        return self._call_of_leg.get(leg)

    def knows(self, leg: str) -> bool:
        return leg in self.legs or leg in self._call_of_leg

    def known_legs(self) -> frozenset[str]:
        """The legs seen, and those of calls from rows."""
        return frozenset(self.legs) | frozenset(self._call_of_leg)

    def end_leg(self, leg: str) -> None:
        self.legs.pop(leg, None)
        self._ended[leg] = None
        if len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]

    def has_ended(self, leg: str) -> bool:
        """Whether the switch said so lately."""
        return leg in self._ended

    def in_use(self, endpoint: str) -> bool:
        return endpoint in self.legs.values()


def restored(row: OpenCall) -> LiveCall:
    """A call as the database knows it."""
    return LiveCall(
        id=row.id,
        leg=row.leg,
        outcome=row.outcome,
        visits=row.visits,
        number=row.number,
        dnis=row.dnis,
        customer=row.customer,
        language=row.language,
        started_at=row.started_at,
        direction=row.direction,
        version=row.version,
        dialled=row.dialled,
        restored=True,
        sent_on=row.sent_on,
    )
