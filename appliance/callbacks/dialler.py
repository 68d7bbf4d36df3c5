"""Makes the calls that the line has decided on: the customer by a trunk, or the agent's phone."""

import logging

from appliance import facts as f
from appliance.call import Desk
from appliance.callbacks.routes import callback_plan
from appliance.line.promises import First, attempt_id
from appliance.names import Entry
from appliance.port import EndCause, OriginateFailed, Refused, Switch, SwitchLost

log = logging.getLogger(__name__)


class Dialler:
    """One attempt is one call by one trunk. Where a trunk fails, the next attempt takes the next trunk."""

    def __init__(self, desk: Desk, switch: Switch) -> None:
        self._desk, self._switch = desk, switch

    def call(self, attempt: f.AttemptBegan) -> None:
        """Ring whoever is first; events tell the rest. The call has been written down."""
        leg = attempt_id(attempt.visit, attempt.n)
        try:
            if attempt.first is First.AGENT:
                self._call_agent(leg, attempt)
            else:
                self._call_customer(leg, attempt)
        except (Refused, SwitchLost) as error:
            self._fail(leg, str(error))

    def give_up(self, leg: str) -> None:
        """Nobody needs this call any more; harmless when it has ended."""
        try:
            self._switch.hang_up(leg)
        except (Refused, SwitchLost) as error:
            log.warning("the call %s goes on though nobody needs it: %s", leg, error)

    def _call_agent(self, leg: str, attempt: f.AttemptBegan) -> None:
        visit = self._desk.engine.acd.visit(attempt.visit)
        if visit is None or visit.offer is None:
            self._fail(leg, "the agent is not free any more")
            return
        ring_for = max(1.0, visit.offer.rings_until - self._desk.clock.now())
        self._switch.originate(leg, attempt.phone or "", Entry.CALLBACK, leg, ring_for)

    def _call_customer(self, leg: str, attempt: f.AttemptBegan) -> None:
        engine, lines, now = self._desk.engine, self._desk.lines, self._desk.clock.now()
        visit = engine.acd.visit(attempt.visit)
        if visit is None or visit.home is None or not visit.home.calling:
            return
        if self._is_closed(visit.queue, now):
            self._fail(leg, "the queue has been closed by hand")
            return
        chosen = callback_plan(engine.settings, visit.queue, attempt.number, lines, now)
        engine.tell(*(f.Stepped(leg, now, "outbound", each.text, each.because) for each in chosen.reasons))
        if chosen.rule is None or not chosen.attempts:
            if chosen.alarm:
                why = chosen.reasons[-1].text
                engine.tell(f.Incident(now, f"a call-back to {attempt.number} was refused: {why}"))
            self._fail(leg, "no trunk can be used")
            return
        to = chosen.attempts[(visit.home.attempts - visit.home.tries - 1) % len(chosen.attempts)]
        lines.take(leg, to.trunk, chosen.rule.id, now)
        engine.note(
            f.TrunkTried(leg, now, chosen.rule.id, to.trunk),
            f.Stepped(
                leg, now, "trunk", f"{to.trunk}: {to.number} is called", ("outbound", chosen.rule.id, "trunks")
            ),
        )
        try:
            self._switch.originate(leg, to, Entry.CALLBACK, leg, attempt.ring_for)
        except BaseException:
            lines.give_back(leg)
            raise

    def _is_closed(self, queue: str, now: float) -> bool:
        known = self._desk.engine.settings.queues.get(queue)
        by_hand = self._desk.engine.by_hand.override(known.hours, now) if known and known.hours else None
        return by_hand is not None and not by_hand.is_open

    def _fail(self, leg: str, why: str) -> None:
        engine = self._desk.engine
        engine.tell(
            f.Stepped(leg, self._desk.clock.now(), "call-back", f"not called: {why}"),
            OriginateFailed(leg, EndCause.FAILED),
        )
