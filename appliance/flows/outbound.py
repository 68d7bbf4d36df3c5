"""A phone calls a number outside: by the rules, over the first trunk that does it."""

from appliance import facts as f
from appliance.call import Conversation, Desk, agent_speaker, started
from appliance.engine import TalkOver, Welcome
from appliance.live import LiveCall
from appliance.port import Arrival, Dialled, Outcome
from appliance.trunks.outbound import Plan, Refusal, full_trunk, next_trunk_helps, plan
from appliance.trunks.sip_words import failure, named

_PHRASES = {
    Outcome.BUSY: "outbound-busy",
    Outcome.REFUSED: "outbound-busy",
    Outcome.NO_ANSWER: "outbound-no-answer",
    Outcome.CANCELLED: "outbound-no-answer",
}
# Where SIP says more than the switch makes of it.
_PHRASES_OF_STATUS = {
    **dict.fromkeys((404, 410, 484, 604), "outbound-no-number"),
    **dict.fromkeys((486, 600, 603), "outbound-busy"),
    **dict.fromkeys((480, 487), "outbound-no-answer"),
}


def serve(arrival: Arrival, desk: Desk) -> None:
    """The whole call. Raises LegGone when the phone hangs up."""
    now = desk.clock.now()
    engine, settings = desk.engine, desk.engine.settings
    agent = engine.acd.roster.at_phone(arrival.phone)
    call = LiveCall(
        engine.new_call_id(),
        arrival.leg.id,
        outcome=f.CallOutcome.OUTBOUND_REFUSED,
        dnis=arrival.dnis,
        started_at=now,
        direction=f.Direction.OUT,
        version=engine.version,
    )
    engine.tell(started(arrival, call.id, now, f.Direction.OUT, agent, engine.version), Welcome(call, arrival.leg))
    arrival.leg.mark(call.id)
    language = agent_speaker(arrival.leg, agent, desk).language
    talk = Conversation(arrival.leg, desk.sounds, desk, language, settings, call)
    chosen = plan(settings, arrival.dnis, arrival.phone, desk.lines, now)
    _write_down(talk, chosen)
    tell_reasons(talk, chosen, f"phone {arrival.phone}")
    if chosen.refusal is not None:
        _refuse(talk, chosen.refusal)
    else:
        dialled = dial_out(talk, chosen, f.CallOutcome.OUTBOUND_MISSED, f.CallOutcome.OUTBOUND_FAILED)
        if dialled.outcome is not Outcome.ANSWERED:
            talk.leg.answer()
            talk.phrase(_phrase(dialled))
    talk.leg.hang_up()


def _write_down(talk: Conversation, chosen: Plan) -> None:
    customer = talk.settings.customers.get(chosen.number) if chosen.number else None
    talk.desk.engine.tell(
        f.CallIdentified(
            call=talk.id,
            at=talk.now(),
            number=chosen.number,
            number_id=chosen.shown,
            customer=customer.name if customer else None,
            group=customer.group if customer else None,
            language=talk.language,
        )
    )


def _refuse(talk: Conversation, refusal: Refusal) -> None:
    talk.progress(f.CallOutcome.OUTBOUND_REFUSED)
    talk.leg.answer()
    talk.phrase(refusal.value)


def dial_out(talk: Conversation, chosen: Plan, missed: f.CallOutcome, failed: f.CallOutcome) -> Dialled:
    """Trunk after trunk, until one of them has done it or the callee is the reason why not. Where it is answered,
    the talk is over by then; `missed` and `failed` are what the call comes to otherwise."""
    assert chosen.rule is not None
    lines, sent_on = talk.desk.lines, talk.live.direction is f.Direction.IN
    dialled = Dialled(Outcome.FAILED)
    try:
        for number, to in enumerate(chosen.attempts):
            full = full_trunk(talk.settings.trunks[to.trunk], lines, talk.now())
            if number and full and not chosen.rule.emergency:  # since the plan was made
                talk.step("trunk", f"{to.trunk} passed over: {full}", ("trunks", to.trunk))
                continue
            lines.take(talk.leg.id, to.trunk, chosen.rule.id, talk.now())
            talk.desk.engine.tell(f.TrunkTried(talk.id, talk.now(), chosen.rule.id, to.trunk, sent_on))
            talk.progress(missed)
            talk.step("trunk", f"{to.trunk}: {to.number} is called", ("outbound", chosen.rule.id, "trunks"))
            dialled = talk.leg.dial_outside(to, chosen.rule.ring_for)
            if dialled.outcome is Outcome.ANSWERED:
                talk.desk.engine.tell(TalkOver(talk.leg.id, to.trunk))
                return dialled
            talk.step("trunk", f"{to.trunk}: {said(dialled)}", ("trunks", to.trunk))
            if not next_trunk_helps(dialled):
                return dialled
    finally:
        lines.give_back(talk.leg.id)
    talk.progress(failed)
    return dialled


def tell_reasons(talk: Conversation, chosen: Plan, who: str) -> None:
    """Write down how a plan came about, and raise the alarm where a cap was reached."""
    for reason in chosen.reasons:
        talk.step("outbound", reason.text, reason.because)
    if chosen.alarm and chosen.refusal is not None:
        why = chosen.reasons[-1].text
        talk.desk.engine.tell(f.Incident(talk.now(), f"an outgoing call of {who} was refused: {why}"))


def said(dialled: Dialled) -> str:
    """What became of an attempt, for the records."""
    if dialled.status is None:
        return dialled.outcome.value
    return f"{dialled.outcome.value} ({named(dialled.status)}: {failure(dialled.status).what})"


def _phrase(dialled: Dialled) -> str:
    if dialled.status is not None:
        return _PHRASES_OF_STATUS.get(dialled.status, "outbound-failed")
    return _PHRASES.get(dialled.outcome, "outbound-failed")
