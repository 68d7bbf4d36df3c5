"""What agents dial on their phones: sign on and off, pause, resume, end the wrap-up, promise a call."""

from collections.abc import Callable

from appliance.call import Desk, Speaker, agent_speaker
from appliance.flows import day_night, notice, promise_call
from appliance.flows.pins import LONGEST_ID, PIN_TRIES, has_pin
from appliance.flows.voicemail_listen import listen
from appliance.flows.wrapup import ask_disposition
from appliance.line import messages as m
from appliance.line.agents import Agent
from appliance.line.messages import Declined, Reason
from appliance.port import Arrival

_PHRASES = {
    Reason.PHONE_TAKEN: "agent-phone-taken",
    Reason.BUSY: "agent-busy",
    Reason.NOT_SIGNED_ON: "agent-not-signed-on",
    Reason.UNKNOWN_PAUSE: "agent-wrong-code",
    Reason.UNKNOWN_DISPOSITION: "agent-wrong-code",
    Reason.NOT_PAUSED: "agent-resumed",
    Reason.NOT_IN_WRAP_UP: "agent-nothing-to-end",
    Reason.NO_CALL_YET: "agent-nothing-to-end",
}


def serve(arrival: Arrival, desk: Desk) -> None:
    """Do what the code says; digits after the code answer the first question. Raises LegGone."""
    settings = desk.engine.settings
    agent = desk.engine.acd.roster.at_phone(arrival.phone)
    codes: dict[str, Callable[[Speaker, str], None]] = {
        settings.codes.sign_on: lambda speaker, digits: _sign_on(speaker, arrival.phone, digits, desk),
        settings.codes.sign_off: lambda speaker, _: _sign_off(speaker, agent, desk),
        settings.codes.pause: lambda speaker, digits: _pause(speaker, agent, digits, desk),
        settings.codes.resume: lambda speaker, _: _resume(speaker, agent, desk),
        settings.codes.callback: lambda speaker, digits: _promise_call(speaker, agent, digits, desk),
        settings.codes.day_night: lambda speaker, _: day_night.serve(speaker, agent, desk),
        settings.codes.notice: lambda speaker, _: notice.serve(speaker, agent, desk),
        settings.codes.voicemail: lambda speaker, digits: listen(speaker, digits, arrival.phone, desk),
        settings.codes.wrap_up: lambda speaker, digits: _wrap_up(speaker, agent, digits, desk),
    }
    speaker = agent_speaker(arrival.leg, agent, desk)
    speaker.leg.answer()
    code = max((c for c in codes if arrival.dnis.startswith(c)), key=len, default=None)
    if code is None:
        speaker.phrase("agent-wrong-code")
    else:
        try:
            codes[code](speaker, arrival.dnis[len(code) :])
        except Declined as declined:
            speaker.phrase(_PHRASES.get(declined.reason, "agent-wrong-code"))
    speaker.leg.hang_up()


def _sign_on(speaker: Speaker, phone: str, digits: str, desk: Desk) -> None:
    for _ in range(PIN_TRIES):
        agent = digits.removesuffix("#") or speaker.ask("agent-number", LONGEST_ID)
        if has_pin(speaker, agent, desk):
            desk.engine.ask(m.SignOn(agent, phone))
            speaker.phrase("agent-signed-on")
            return
        digits = ""
        speaker.phrase("agent-wrong-pin")


def _sign_off(speaker: Speaker, agent: Agent | None, desk: Desk) -> None:
    desk.engine.ask(m.SignOff(_present(agent)))
    speaker.phrase("agent-signed-off")


def _pause(speaker: Speaker, agent: Agent | None, digits: str, desk: Desk) -> None:
    id = _present(agent)
    longest = max((len(reason) for reason in desk.engine.settings.pauses), default=1)
    desk.engine.ask(m.Pause(id, digits.removesuffix("#") or speaker.ask("agent-pause-reason", longest)))
    speaker.phrase("agent-paused")


def _resume(speaker: Speaker, agent: Agent | None, desk: Desk) -> None:
    desk.engine.ask(m.Resume(_present(agent)))
    speaker.phrase("agent-resumed")


def _wrap_up(speaker: Speaker, agent: Agent | None, digits: str, desk: Desk) -> None:
    id = _present(agent)
    if digits:
        desk.engine.ask(m.KeyDisposition(id, digits.removesuffix("#")))
        speaker.phrase("disposition-saved")
    elif not ask_disposition(speaker, id, desk):
        desk.engine.ask(m.EndWrapUp(id))
        speaker.phrase("agent-wrap-up-ended")


def _promise_call(speaker: Speaker, agent: Agent | None, digits: str, desk: Desk) -> None:
    _present(agent)
    assert agent is not None
    promise_call.serve(speaker, agent, digits, desk)


def _present(agent: Agent | None) -> str:
    if agent is None:
        raise Declined(Reason.NOT_SIGNED_ON)
    return agent.id
