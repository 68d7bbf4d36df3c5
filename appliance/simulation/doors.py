"""The simulated dialplan: legs go through doors to their handlers, and are held or served without them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from appliance.names import Entry, Exit
from appliance.port import Arrival, Dialled, EndCause, Outcome
from appliance.simulation.channel import Channel, Sound
from appliance.simulation.dial import Dial
from appliance.simulation.leg import SimulatedLeg

if TYPE_CHECKING:
    from appliance.simulation.switch import SimulatedSwitch

MUSIC = "default"  # while a leg is held, and in the stand-in queues
RING_FOR = 15.0  # the stand-in queues ring their members
RETRY = 5.0  # and rest before they ring them again
CONGESTION = 2.0  # what a phone hears of an appliance that is not there
FAILED_AT_ONCE = 3.0  # a handler that held a leg for longer has lost it anew


@dataclass(frozen=True)
class StandIn:
    """A leg went to a queue of the switch's own."""

    at: float
    leg: str
    queue: str


class Doors:
    """What a dialplan does for each leg: in at a door, again after a loss, at last to a stand-in queue."""

    def __init__(
        self, switch: "SimulatedSwitch", random: Random, fallback_after: float, fallbacks: Mapping[str, str]
    ) -> None:
        self._switch = switch
        self._clock = switch.clock
        self._random = random
        self._fallback_after = fallback_after
        self._fallbacks = fallbacks  # the number dialled -> the queue that stands in
        self.stand_ins: list[StandIn] = []

    def enter(self, channel: Channel, entry: Entry) -> None:
        """Give a leg to a new handler, or hold it while there is nobody."""
        self._stop_holding(channel)
        channel.entry = entry
        if not self._switch.is_served:
            self.lose(channel)
            return
        channel.entered_at = self._clock.now()
        channel.queue = channel.music = None
        channel.has_talked = False
        session = SimulatedLeg(self._switch, channel)
        channel.session = session
        arrival = Arrival(
            leg=session,
            entry=entry,
            ani=channel.ani,
            caller_name=channel.caller_name,
            dnis=channel.dnis,
            trunk=channel.trunk,
            call=channel.call,
            phone=channel.phone,
            diverted=channel.diverted,
        )
        self._switch.serve(channel, session, arrival)

    def is_ours(self, number: str) -> bool:
        """Whether phones that dial it are callers of ours."""
        return number in self._fallbacks

    def leave(self, channel: Channel, exit: Exit, queue: str | None) -> None:
        """The handler has said how it leaves the leg."""
        channel.session = None
        if exit is Exit.CONNECT and channel.briefed_for is not None:
            briefed_for, channel.briefed_for = channel.briefed_for, None
            briefed_for.connect(channel)
        elif exit is Exit.DONE:
            self._switch.end(channel, EndCause.NORMAL)
        else:
            self._stand_in(channel, queue)

    def let_go(self, channel: Channel, session: SimulatedLeg) -> None:
        """A handler has ended; it may have left the leg properly, or be no longer the one in charge of it."""
        if channel.session is not session:
            return
        session.close()
        channel.session = None
        if channel.dial is None:  # else the switch goes on with that first
            self.lose(channel)

    def lose(self, channel: Channel) -> None:
        """A leg has no handler. A caller is held with music and tries again, for a limited time."""
        if not channel.is_alive:
            return
        channel.session = None
        now = self._clock.now()
        if channel.lost_at is None or now - channel.entered_at > FAILED_AT_ONCE:
            channel.lost_at = now
        channel.entered_at = now
        if channel.entry in (Entry.WRAPUP, Entry.BRIEFING, Entry.TASK) or channel.has_talked:
            self._switch.end(channel, EndCause.NORMAL)
        elif channel.entry in (Entry.AGENT, Entry.OUTBOUND):
            channel.answer()
            channel.retry = self._clock.call_later(CONGESTION, self._switch.end, channel, EndCause.NORMAL)
        elif now - channel.lost_at >= self._fallback_after:
            self._stand_in(channel, channel.stand_in or self._fallbacks.get(channel.dnis))
        else:
            channel.answer()
            channel.hear(Sound.MUSIC, MUSIC)
            channel.retry = self._clock.call_later(
                self._random.uniform(1.0, 2.0), self.enter, channel, Entry.RECOVER
            )

    def forget(self, channel: Channel) -> None:
        """The leg has ended."""
        self._stop_holding(channel)

    def _stop_holding(self, channel: Channel) -> None:
        if channel.retry is not None:
            channel.retry.cancel()
            channel.retry = None

    def _stand_in(self, channel: Channel, queue: str | None) -> None:
        if queue is None:
            self._switch.end(channel, EndCause.FAILED)
            return
        channel.queue = queue
        channel.answer()
        self.stand_ins.append(StandIn(self._clock.now(), channel.id, queue))
        self._offer(channel, queue)

    def _offer(self, channel: Channel, queue: str) -> None:
        channel.retry = None
        phones = [
            member.phone
            for member in self._switch.fallback_members
            if member.queue == queue and not member.paused and self._switch.is_free(member.phone)
        ]
        if phones:
            Dial(self._switch, channel, False, partial(self._offered, channel, queue)).begin(
                phones, RING_FOR, MUSIC
            )
        else:
            self._rest(channel, queue)

    def _offered(self, channel: Channel, queue: str, dialled: Dialled) -> None:
        if dialled.outcome is Outcome.ANSWERED:
            self._switch.end(channel, EndCause.NORMAL)
        else:
            self._rest(channel, queue)

    def _rest(self, channel: Channel, queue: str) -> None:
        channel.hear(Sound.MUSIC, MUSIC)
        channel.retry = self._clock.call_later(RETRY, self._offer, channel, queue)
