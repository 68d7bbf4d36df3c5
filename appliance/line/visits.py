"""One caller's stay in a queue, and the offers made of it, as the line has them in mind. Pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

from appliance.line.promises import First, Home
from appliance.line.skills import NOTHING, Level, Needs
from appliance.line.sticky import Preference
from appliance.port import Outcome

ENOUGH = 0.5  # seconds of a round in which somebody else is rung yet

Place = tuple[float, float, str]  # callers are served in this order


@dataclass(frozen=True)
class LaneKey:
    """What callers have in common whom the same agents can serve now."""

    queue: str
    required: Level = ()
    preferred: Level = ()
    tier: int = 0  # up to which agents may be offered the call
    agent: str | None = None  # the only one who may, while the caller waits for that agent
    at_home: bool = False  # and would have to be called first
    called: bool = False  # which is being done


@dataclass(frozen=True)
class Expected:
    """Seconds until a caller is answered: probably from `low` to `high`, as likely before `middle` as after it."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, order=True)
class Rank:
    """One agent in a ranking of app_queue's kind: the least is rung first."""

    penalty: int
    metric: float
    tie: int
    agent: str


class Ranks(NamedTuple):
    """What a decision went by in such a queue."""

    ranks: tuple[Rank, ...]
    in_round: bool  # whether some were rung in this round before
    rests_until: float


@dataclass
class Round:
    """A caller's turn in a queue of app_queue's kind: until when agents are rung, and those not tried yet."""

    ends: float
    left: list[Rank]

    def goes_on(self, now: float) -> bool:
        """Whether there is time to ring somebody else."""
        return now + ENOUGH < self.ends


@dataclass
class Offer:
    """A caller being offered to agents (agent -> phone). `results` of those who ring no more."""

    id: str
    phones: dict[str, str]
    until: float
    rings_until: float = 0.0
    grows_at: float | None = None  # then one more phone may ring; None: none does
    results: dict[str, Outcome] = field(default_factory=dict)


@dataclass
class Visit:
    """One caller in line, or talking to an agent of that line."""

    id: str
    call: str
    queue: str
    joined_at: float
    head_start: float
    leg: str
    needs: Needs = NOTHING
    key: str = ""  # pressed to leave the line
    present: bool = True  # someone drives the leg; False after a restart until the caller is back
    offers: int = 0
    came_to_nothing: int = 0  # of these offers, because agents missed them
    offer: Offer | None = None
    agent: str | None = None  # talking to
    missed: dict[str, float] = field(default_factory=dict)  # agent -> until when to pass over
    place: Place = (0.0, 0.0, "")
    lane: LaneKey | None = None  # where the visit waits to be offered
    waited: float = 0.0  # before joining, and counted: the caller was lost and is back
    prefers: Preference | None = None
    code: str | None = None  # by which a caller without a number may come back
    round: Round | None = None  # of these three only queues of app_queue's kind know
    rests_until: float = 0.0  # after a round that came to nothing
    next_agent: str | None = None  # with whom the next round begins, where that depends on the caller
    home: Home | None = None  # the caller is to be called back
    attempts: int = 0  # to call the caller back, in whatever call-back of this visit
    in_line: bool = True  # False: has chosen a time, and has no place before that

    @property
    def since(self) -> float:
        """When the wait began that counts for the turn and for all that changes with waiting."""
        return self.joined_at - self.waited

    @property
    def waits(self) -> bool:
        """Neither offered to anybody nor talking."""
        return self.offer is None and self.agent is None

    def can_be_offered(self, now: float) -> bool:
        """Whether somebody is there to talk to whoever takes the call, or will be once it is taken."""
        home = self.home
        if self.present or home is None:
            return self.present
        return home.promise.first is First.AGENT and home.rests and home.not_before <= now

    def can_be_called(self, now: float) -> bool:
        """Whether the caller, who is at home, is being called or may be from now on."""
        home = self.home
        if self.present or home is None or home.promise.first is First.AGENT:
            return False
        return home.calling or (home.rests and home.not_before <= now)
