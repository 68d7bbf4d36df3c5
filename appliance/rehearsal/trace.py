"""What became of an imagined call: each moment with its reason, and what it came to."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter

from appliance import facts as f
from appliance.port import Outcome
from appliance.problems import Place
from appliance.prompts import KeyPath
from appliance.rehearsal.imagined import ImaginedCall
from appliance.rehearsal.premises import Premises, Said
from appliance.rehearsal.stage import Played, play
from appliance.settings import Say, Settings
from appliance.show import length
from appliance.simulation.channel import Heard, Sound

_STANDS = ("menu", "queue", "extension", "message", "hang up")  # the steps that say where a call is


@dataclass(frozen=True)
class Moment:
    """One thing that happened, and the line of the YAML because of which."""

    at: float
    kind: str
    text: str
    because: KeyPath = ()
    place: Place | None = None
    considered: tuple[f.Candidate, ...] = ()


@dataclass
class Trace:
    """An imagined call that has taken place. `outcome` is None where the appliance had no part in it."""

    call: ImaginedCall
    moments: tuple[Moment, ...] = ()
    outcome: f.CallOutcome | None = None
    ended_at: float = 0.0
    identified: f.CallIdentified | None = None
    stands: list[str] = field(default_factory=list)  # "menu main", "queue sales"..., in order
    heard: list[Said] = field(default_factory=list)
    rule: str | None = None  # for outgoing calls, that decided
    tried: list[f.TrunkTried] = field(default_factory=list)
    answered_by: str | None = None  # the agent
    wait: float | None = None  # seconds in line, of the last visit
    unasked: tuple[str, ...] = ()  # keys for which nobody has asked


def trace(premises: Premises, call: ImaginedCall) -> Trace:
    """Carry out a call and tell it."""
    played = play(premises, call)
    told = Trace(call, ended_at=played.ended_at, unasked=tuple(played.party.unasked))
    teller = _Teller(premises, played, told)
    # Facts come first: whatever is heard from a moment on follows from what was decided in it.
    moments = sorted([*teller.happened(), *teller.heard()], key=attrgetter("at"))
    told.moments = (*moments, *teller.ending())
    return told


class _Teller:
    """Turns facts and sounds into moments, and notes in the trace what they come to."""

    def __init__(self, premises: Premises, played: Played, told: Trace) -> None:
        self._premises = premises
        self._settings: Settings = premises.settings
        self._played = played
        self._told = told
        self._queue = ""
        self._joined_at = 0.0
        self._rung_at = 0.0

    def _moment(self, at: float, kind: str, text: str, because: KeyPath = ()) -> Moment:
        return Moment(at, kind, text, because, self._premises.place(because))

    def happened(self) -> Iterator[Moment]:
        """What the appliance decided and did."""
        considered: tuple[f.Candidate, ...] = ()
        for fact in self._played.facts:
            match fact:
                case f.Stepped():
                    yield self._step(fact)
                case f.CallIdentified():
                    self._told.identified = fact
                case f.TrunkTried():
                    if not self._told.tried:
                        yield self._shows(fact)
                    self._told.tried.append(fact)
                case f.VisitJoined():
                    yield self._joins(fact)
                case f.Considered(offer=None):
                    text = "nobody can take the call"
                    because = ("queues", self._queue, "agents")
                    moment = self._moment(fact.at, "waits", text, because)
                    yield replace(moment, considered=fact.candidates)
                case f.Considered():
                    considered = fact.candidates
                case f.Offered():
                    self._rung_at = fact.at
                    text = f"is offered to {', '.join(map(self._name, fact.phones))}"
                    moment = self._moment(fact.at, "offered", text, ("queues", self._queue, "strategy"))
                    yield replace(moment, considered=considered)
                case f.OfferEnded():
                    yield from self._offer_ends(fact)
                case f.RecordingStarted():
                    yield self._moment(fact.at, "recording", "is recorded", ("queues", self._queue, "record"))
                case f.VisitAnswered():
                    self._told.answered_by, self._told.wait = fact.agent, fact.at - self._joined_at
                    text = f"talks to {self._name(fact.agent)} after a wait of {length(self._told.wait)}"
                    yield self._moment(fact.at, "talk", text)
                case f.VisitEnded() if fact.outcome is not f.VisitOutcome.ANSWERED:
                    self._told.wait = fact.at - self._joined_at
                    text = f"leaves the queue after a wait of {length(self._told.wait)}: {fact.outcome.value}"
                    yield self._moment(fact.at, "left", text)
                case f.Incident():
                    yield self._moment(fact.at, "incident", fact.what)
                case f.CallEnded():
                    self._told.outcome = fact.outcome

    def _step(self, fact: f.Stepped) -> Moment:
        if (
            fact.step == "outbound" and fact.because[1:] and fact.because[2:] != ("phones",)
        ):  # but not for this one
            self._told.rule = fact.because[1]
        text = fact.step + (f": {fact.detail}" if fact.detail else "")
        if fact.step in _STANDS:
            what = fact.detail.partition(":")[0] if fact.step in ("menu", "queue", "extension") else ""
            self._told.stands.append(f"{fact.step} {what}".rstrip())
        because = fact.because
        identified = self._told.identified
        if fact.step == "identified" and identified and identified.customer:  # which the fact itself must not name
            because = ("customers", identified.number or "")
        return self._moment(fact.at, "step", text, because)

    def _shows(self, fact: f.TrunkTried) -> Moment:
        shown = self._told.identified.number_id if self._told.identified else None
        text = f"shows {shown}" if shown else "shows no number"
        return self._moment(fact.at, "shows", text, ("outbound", fact.rule, "show"))

    def _joins(self, fact: f.VisitJoined) -> Moment:
        self._queue, self._joined_at = fact.queue, fact.at
        ahead = f", counted from {length(fact.head_start)} earlier" if fact.head_start else ""
        text = f"stands in the queue {fact.queue} at place 1{ahead}"
        return self._moment(fact.at, "joined", text, ("queues", fact.queue))

    def _offer_ends(self, fact: f.OfferEnded) -> Iterator[Moment]:
        after = length(fact.at - self._rung_at)
        for agent, outcome in fact.results.items():
            text = f"{self._name(agent)}: {outcome.value} after {after}"
            because: KeyPath = ("queues", self._queue, "ring_for") if outcome is Outcome.NO_ANSWER else ()
            yield self._moment(fact.at, "offer ended", text, because)

    def heard(self) -> Iterator[Moment]:
        """What was heard by whoever called."""
        music = ""
        for heard in self._played.party.heard:
            if heard.kind is Sound.PROMPT:
                yield self._prompt(heard)
            elif heard.kind is Sound.MUSIC and heard.what != music:
                music = heard.what
                yield self._moment(heard.begin, "music", f"hears the music {music}", ("music", music))
            elif heard.kind is Sound.TALK and self._told.answered_by is None:
                yield self._moment(heard.begin, "talk", f"talks to {heard.what}")

    def _prompt(self, heard: Heard) -> Moment:
        said = self._said(heard.what)
        self._told.heard.append(said)
        text = words(said, self._settings)
        if heard.end is not None and heard.end < heard.begin + self._premises.sounds.seconds(heard.what) - 0.05:
            text = f"the beginning of {text}"
        identified = self._told.identified
        if identified and said.language != identified.language and isinstance(said.piece, Say):
            text += f" (in {said.language}: there is no {identified.language})"
        if said.because[:1] == ("phrases",):
            text += f" (phrase {said.because[1]})"
        kind = "say" if isinstance(said.piece, Say) else "sound"
        place = self._premises.place((*said.because, kind, said.language)) if said.because else None
        return Moment(heard.begin, "hears", f"hears {text}", said.because, place)

    def _said(self, sound: str) -> Said:
        spoken = self._played.spoken.get(sound)
        known = self._premises.sounds.said(sound)
        if known is None and spoken is not None:
            known = Said((), spoken.language, Say(spoken.text))
        return known or Said((), self._settings.language, Say(sound))

    def ending(self) -> Iterator[Moment]:
        """How the call ended."""
        at, party = self._told.ended_at, self._played.party
        if self._told.call.to in self._settings.phones and self._told.outcome is None:
            text = f"the switch connects {self._told.call.to} by itself: the appliance has no part in it"
            yield self._moment(at, "connected", text)
        if party.has_hung_up:
            yield self._moment(at, "hangs up", "the caller hangs up")
        else:
            yield self._moment(at, "hung up", "the call is ended")

    def _name(self, agent: str) -> str:
        known = self._settings.agents.get(agent)
        return f"{agent} {known.name}" if known else agent


def words(said: Said, settings: Settings) -> str:
    """A prompt as it is told: its text, or the name of its file."""
    if isinstance(said.piece, Say):
        return f"“{said.piece.text}”"
    path = said.piece.path
    return str(path.relative_to(settings.directory) if path.is_relative_to(settings.directory) else path)
