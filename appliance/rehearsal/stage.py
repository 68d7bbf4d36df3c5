"""An imagined call takes place: a call centre of its own, on a simulated switch, in virtual time."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import gevent

from appliance import secrets
from appliance.call import Desk
from appliance.engine import Engine, Farewell
from appliance.facts import AgentState, CallbackPromised, Fact, HoursSet
from appliance.flows.doors import FLOWS
from appliance.hours import notice_sounds
from appliance.hours.duty import until_it_changes
from appliance.line.agents import Agent
from appliance.line.homes import SETTLE
from appliance.line.promises import visit_of_attempt
from appliance.port import Arrival, Event, LegGone, SwitchUp
from appliance.rehearsal.imagined import Answer, ImaginedCall
from appliance.rehearsal.notebook import Notebook
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.repertoire import Repertoire
from appliance.simulation.clock import VirtualClock
from appliance.simulation.people import Party, SimulatedPhone
from appliance.simulation.people import Stage as Standing
from appliance.simulation.switch import SimulatedSwitch
from appliance.simulation.voice import SimulatedVoice
from appliance.tasks.calls import TaskCalls
from appliance.trunks.lines import TrunkLines
from appliance.trunks.tests import TrunkTests

PATIENCE = 600.0  # seconds after which a caller whom nobody has answered hangs up
TALK = 30.0  # seconds after which whoever has called hangs up on whoever has answered
PIN = "0000"  # of every agent: the real ones are nobody's business here
LONGEST = 24 * 3600.0  # no call lasts longer than the caller's patience and a talk, so that this is a fault
_BUSY_HERE = 486
_SUPERVISOR = "a supervisor"
_OFFER = ("phrases", "callback-offer")  # what is announced to who waits, and asks for a key


@dataclass(frozen=True)
class Played:
    """A call that has taken place: what happened, and how it was for who made it."""

    call: ImaginedCall
    facts: tuple[Fact, ...]
    party: Party
    sounds: Repertoire  # what that party has heard
    ended_at: float


def play(premises: Premises, call: ImaginedCall) -> Played:
    """Carry out one call from its beginning to its end."""
    stage = _Stage(premises, call)
    try:
        party = stage.call()
        stage.clock.run(lambda: party.stage is Standing.GONE, within=LONGEST)
        ended_at = stage.clock.now()
        if any(isinstance(fact, CallbackPromised) for fact in stage.notes.facts):
            stage.clock.run(ended_at + SETTLE + 1.0)  # is it their turn at once?
        facts = tuple(fact for fact in stage.notes.facts if not _is_of_another(fact))
        return Played(call, facts, party, stage.sounds, ended_at)
    finally:
        stage.clear()


def _is_of_another(fact: Fact) -> bool:
    """Whether it is of the call by which somebody is called back: nobody makes that one here."""
    call = getattr(fact, "call", None)
    return call is not None and visit_of_attempt(call) is not None


class _Stage:
    """The appliance without what looks after it: no records, no console, no sweeps."""

    def __init__(self, premises: Premises, call: ImaginedCall) -> None:
        self._call = call
        self._premises = premises
        settings = premises.settings
        desks = {agent: premises.desks[agent] for agent in call.signed_on}
        if call.to.startswith(settings.codes.sign_on):  # whoever is to sign on there cannot be there
            desks = {agent: phone for agent, phone in desks.items() if phone != call.caller}
        self.clock = VirtualClock(call.at)
        self.switch = SimulatedSwitch(
            self.clock,
            {**dict.fromkeys(settings.phones), **dict.fromkeys(desks.values())},
            lengths=lambda sound: self.sounds.said(sound).seconds,
            fallback_after=settings.fallback_after,
            fallbacks=premises.spellings,
        )
        agents = [self._agent(agent, phone) for agent, phone in desks.items()]
        self.notes = Notebook(agents, self._by_hand(), call.last_agent)
        voice = SimulatedVoice(self.clock)
        self.sounds = Repertoire(settings, premises.stands, voice)
        self._engine = Engine(settings, self.notes, self.clock)
        self._engine.restore()
        for phone in self.switch.phones:
            self._engine.acd.roster.set_reachable(phone, True)
        self._desk = Desk(
            self._engine,
            self.sounds,
            voice,
            self.clock,
            dict.fromkeys(secrets.pins(settings), PIN),
            TrunkLines(settings.trunks),
            TrunkTests(self.switch, self.clock),
            TaskCalls(self.switch, self.clock),
            notice_sounds.NONE,
            message_file=lambda top, name: top / f"{name}.wav",
        )
        self._people(desks)
        self.switch.start(self._arrived, self._happened)
        self._desk.lines.states(self.switch.trunks())
        self._runs = gevent.spawn(self._engine.run)

    def call(self) -> Party:
        """Let the call begin."""
        call, phones = self._call, self._premises.settings.phones
        party: Party
        if call.caller in phones:
            phone = self.switch.phone(call.caller)
            phone.ignores()
            phone.talks = TALK
            party = phone.dial(call.to)
            party.hang_up(PATIENCE)
        else:
            party = self.switch.call(call.caller, call.to, trunk=call.trunk, patience=PATIENCE, talks=TALK)
        party.press_when_asked(call.keys, lambda sound: self.sounds.said(sound).because == _OFFER)
        if call.hangs_up is not None:
            party.hang_up(call.hangs_up)
        return party

    def clear(self) -> None:
        """Leave nothing behind for the next call."""
        for info in self.switch.legs():
            self.switch.hang_up(info.leg)
        self.clock.run(self.clock.now())
        self.switch.stop()
        self._runs.kill(block=False)
        gevent.sleep(0)

    def _agent(self, agent: str, phone: str) -> Agent:
        """An agent who has been at work and idle for a while."""
        state, reason = AgentState.READY, "signed on"
        if agent in self._call.paused:
            state, reason = AgentState.PAUSED, next(iter(self._premises.settings.pauses), "")
        return Agent(agent, state, began_at=self._call.at, reason=reason, phone=phone, idle_since=self._call.at)

    def _by_hand(self) -> list[HoursSet]:
        """What a supervisor had set: until the hours themselves change."""
        call, known = self._call, self._premises.settings.hours
        hours = {**dict.fromkeys(call.opened, True), **dict.fromkeys(call.closed, False)}
        return [
            HoursSet(id, call.at, is_open, until_it_changes(known[id], call.at), _SUPERVISOR)
            for id, is_open in hours.items()
        ]

    def _people(self, desks: Mapping[str, str]) -> None:
        """What happens at every phone that rings, here and elsewhere."""
        call = self._call
        answers = {desks[agent]: answer for agent, answer in call.answers_of.items() if agent in desks}
        for phone in (desks[agent] for agent in call.busy if agent in desks):
            self._engine.acd.roster.set_in_use(phone, True)
            answers[phone] = Answer(busy=True)
        self.switch.phones.on_new = lambda phone: _behave(phone, answers.get(phone.id, call.answers))
        for trunk in self._premises.settings.trunks:
            provider = self.switch.provider(trunk)
            if trunk in call.down:
                provider.goes_down()
            elif call.answers.busy:
                provider.refuses(_BUSY_HERE)
            elif call.answers.after is not None:
                provider.answers(call.answers.after)

    def _arrived(self, arrival: Arrival) -> None:
        with suppress(LegGone):
            FLOWS[arrival.entry](arrival, self._desk)
        self._engine.tell(Farewell(arrival.leg))

    def _happened(self, event: Event) -> None:
        if isinstance(event, SwitchUp):
            return  # the switch's own queues need not know who is signed on
        self._desk.lines.event(event)
        self._engine.tell(event)


def _behave(phone: SimulatedPhone, answer: Answer) -> None:
    phone.accepts = True
    if answer.busy:
        phone.is_engaged()
    elif answer.after is None:
        phone.ignores()
    else:
        phone.answers(answer.after)
