"""The heartbeat: the service manager hears it only while calls are really served, and kills a daemon that hangs.

The switch does not notice a hung daemon: callers would hear music for ever. So each beat is earned by a message
that goes through the engine and the database and back, and by one that goes through the dispatcher of events.
"""

import logging
import traceback
from collections.abc import Callable
from typing import Any

from appliance.clock import Clock
from appliance.engine import Beat, Engine
from appliance.port import Refused, Switch, SwitchLost
from appliance.supervision import in_short
from appliance.upkeep.service_manager import ALIVE, ServiceManager, status

log = logging.getLogger(__name__)

ANSWER_WITHIN = 5.0  # seconds the engine may take; it needs milliseconds
BEATS = 4  # in the time after which the service manager gives us up
BEAT_EVERY = 5.0  # seconds, where nobody waits for beats but for the status


class Heartbeat:
    """Finds out whether the appliance does its work, and tells the service manager while it does.

    A database that says no is worth waiting for, since all that has happened is kept meanwhile. One that does so
    for longer than `database_patience` is not: it is time for the switch's own queues to serve the callers.
    """

    def __init__(
        self, engine: Engine, switch: Switch, clock: Clock, manager: ServiceManager, database_patience: float
    ) -> None:
        self._engine = engine
        self._switch = switch
        self._clock = clock
        self._manager = manager
        self._database_patience = database_patience
        self._trouble: str | None = None
        self._engine_hangs = False

    def run(self, where: Callable[[], Any]) -> None:
        """For ever. `where` is the engine's greenlet, of which the log tells where it stands when it hangs."""
        every = BEAT_EVERY if self._manager.watchdog is None else self._manager.watchdog / BEATS
        while True:
            self.beat(where)
            self._clock.sleep(every)

    def beat(self, where: Callable[[], Any] = lambda: None) -> None:
        """One beat, if it is earned."""
        trouble = self.trouble()
        if trouble is None:
            self._manager.tell(ALIVE, status(in_short(self._engine)))
            if self._trouble is not None:
                log.warning("the appliance serves calls again")
        else:
            self._manager.tell(status(f"not serving calls: {trouble}"))
            if self._trouble is None:
                standing = _standing(where()) if self._engine_hangs else ""
                log.critical("the appliance does not serve calls: %s%s", trouble, standing)
        self._trouble = trouble

    def trouble(self) -> str | None:
        """Why calls are not served; None while they are. Takes seconds when they are not."""
        asked_at = self._clock.now()
        reply = self._clock.mailbox()
        self._engine.tell(Beat(reply))
        self._engine_hangs = reply.get(ANSWER_WITHIN) is None and self._engine.scribe.tried_at < asked_at
        if self._engine_hangs:
            return f"the engine has not answered for {ANSWER_WITHIN:g} s"
        scribe = self._engine.scribe
        since = scribe.unwritten_since
        if since is not None and self._clock.now() - since >= self._database_patience:
            return f"the database has taken nothing for {self._clock.now() - since:.0f} s ({scribe.unwritten})"
        if self._engine.switch_up:
            try:
                self._switch.prove()
            except (SwitchLost, Refused) as error:
                # A switch that is lost is not our fault, and is told of by the event that must still come through.
                return str(error) if self._engine.switch_up else None
        return None


def _standing(greenlet: Any) -> str:
    frame = getattr(greenlet, "gr_frame", None)
    return "" if frame is None else "\n" + "".join(traceback.format_stack(frame))
