"""The crowd itself: phones and callers carry out the plan, and everything that they see is kept."""

import time

import gevent

from tests.bench.callers import Call
from tests.scenarios.centre import Centre
from tests.scenarios.crowd import site as s
from tests.scenarios.crowd.desk import HUNG_UP, Desk
from tests.scenarios.crowd.plan import LINES, PHONES, RING_FOR, Arrival, Break, Plan, Reaction, agent_at
from tests.scenarios.crowd.seen import AskedPause, Ring, Seen, SeenCall
from tests.scenarios.waiting import until

ENDS_WITHIN = 60.0  # seconds after the last caller has come
AT_THE_DOOR = 3  # callers whom the switch has not answered yet: more wait to dial


class Crowd:
    """Use as a context: the phones are there from its beginning to its end."""

    def __init__(self, site: s.CrowdSite, plan: Plan) -> None:
        self._plan = plan
        self._desk = Desk(site, plan.reaction)
        self._phones, self._callers = self._desk.phones, self._desk.callers
        self._calls: list[tuple[Arrival, Call]] = []
        self._by_number: dict[str, Call] = {}
        self._pauses: list[AskedPause] = []
        self._phones.on_talk = self._talk

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        self._desk.__exit__()

    def live(self, centre: Centre) -> None:
        """All of it, until the last caller has gone."""
        began = time.monotonic()
        breaks = [gevent.spawn(self._pause, centre, each, began) for each in self._plan.breaks]
        callers = []
        for arrival in self._plan.arrivals:
            gevent.sleep(max(0.0, began + arrival.at - time.monotonic()))
            until("the switch keeps up", self._keeps_up, ENDS_WITHIN)
            call = self._callers.dial(arrival.number)
            self._calls.append((arrival, call))
            self._by_number[call.caller] = call
            if arrival.patience is not None:
                callers.append(gevent.spawn(self._be_patient, call, arrival.patience))
        until(self._who_is_left, lambda: not self._callers.going_on and not self._phones.busy, ENDS_WITHIN)
        gevent.joinall([*breaks, *callers], raise_error=True)

    def seen(self) -> Seen:
        return Seen(
            calls=tuple(
                SeenCall(
                    call.caller,
                    arrival.number,
                    call.began_at,
                    call.answered_at,
                    call.ended_at,
                    call.failure == HUNG_UP,
                    None if call.failure == HUNG_UP else call.failure,
                )
                for arrival, call in self._calls
            ),
            rings=tuple(self._phones.rings),
            pauses=tuple(self._pauses),
            queues={line.number: queue for queue, line in LINES.items()},
            agents={phone: agent_at(phone) for phone in PHONES},
            ring_for=RING_FOR,
        )

    def _be_patient(self, call: Call, patience: float) -> None:
        until("the switch answers", lambda: call.answered_at or call.ended_at, ENDS_WITHIN)
        gevent.sleep(patience)
        if call.offered_at is None and call.ended_at is None:  # not talking
            self._desk.hang_up(call)

    def _keeps_up(self) -> bool:
        """Whether the switch has answered nearly everybody, however slow the machine is."""
        return sum(call.answered_at is None for call in self._callers.going_on) < AT_THE_DOOR

    def _talk(self, ring: Ring, reaction: Reaction) -> None:
        self._callers.offered(ring.caller, ring.invited_at)  # for the caller: the talk has begun
        call = self._by_number.get(ring.caller)
        if call is not None and reaction.caller_ends:
            gevent.spawn_later(reaction.talks_for, self._desk.hang_up, call)

    def _pause(self, centre: Centre, each: Break, began: float) -> None:
        gevent.sleep(max(0.0, began + each.at - time.monotonic()))
        centre.ask("agent-pause", agent=each.agent, reason=s.PAUSE)
        paused_at = time.time()
        gevent.sleep(each.lasts)
        centre.ask("agent-resume", agent=each.agent)
        self._pauses.append(AskedPause(each.agent, s.PAUSE, paused_at, time.time()))

    def _who_is_left(self) -> str:
        left = [call.caller for call in self._callers.going_on]
        return f"everybody has gone; {self._phones.busy} phones are busy, {len(left)} callers there: {left[:10]}"
