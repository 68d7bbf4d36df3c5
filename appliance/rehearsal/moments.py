"""An imagined call as a story: what happened, what was heard, and because of which line of the YAML."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter
from zoneinfo import ZoneInfo

from appliance import facts as f
from appliance.commands.show import length, moment
from appliance.configuration.problems import Place
from appliance.port import Outcome
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.repertoire import Said
from appliance.rehearsal.stage import Played
from appliance.settings import Say, Settings
from appliance.simulation.channel import Heard, Sound
from appliance.speech.prompts import KeyPath

_ROUNDING = 0.05  # seconds
# Ends of visits that are told by other facts.
_TOLD = (f.VisitOutcome.ANSWERED, f.VisitOutcome.OVERFLOWED, f.VisitOutcome.UNSTAFFED, f.VisitOutcome.OPTED_OUT)


@dataclass(frozen=True)
class Moment:
    """One thing that happened, and the line of the YAML because of which."""

    at: float
    kind: str
    text: str
    because: KeyPath = ()
    place: Place | None = None
    considered: tuple[f.Candidate, ...] = ()


def tell(premises: Premises, played: Played) -> tuple[Moment, ...]:
    """All moments in order."""
    teller = _Teller(premises, played)
    # Facts come first: whatever is heard from a moment on follows from what was decided in it.
    moments = [*teller.happened(), *teller.heard()]
    return tuple(sorted([*moments, *teller.ending()], key=attrgetter("at")))


def words(said: Said, settings: Settings) -> str:
    """A prompt as it is told: its text, or the name of its file."""
    if isinstance(said.piece, Say):
        return f"“{said.piece.text}”"
    path = said.piece.path
    return str(path.relative_to(settings.directory) if path.is_relative_to(settings.directory) else path)


class _Teller:
    """Turns facts and sounds into moments."""

    def __init__(self, premises: Premises, played: Played) -> None:
        self._premises = premises
        self._settings: Settings = premises.settings
        self._played = played
        self._identified: f.CallIdentified | None = None
        self._considered: tuple[f.Candidate, ...] = ()
        self._queue = ""
        self._joined_at = 0.0
        self._rung_at: dict[str, float] = {}  # by agent
        self._answered = self._went_out = False

    def _moment(self, at: float, kind: str, text: str, because: KeyPath = ()) -> Moment:
        return Moment(at, kind, text, because, self._premises.place(because))

    def happened(self) -> Iterator[Moment]:
        """What the appliance decided and did."""
        for fact in self._played.facts:
            match fact:
                case f.Stepped():
                    yield self._step(fact)
                case f.CallIdentified():
                    self._identified = fact
                case f.TrunkTried() if not self._went_out:
                    yield self._shows(fact)
                case f.Incident():
                    yield self._moment(fact.at, "incident", fact.what)
                case _:
                    yield from self._in_line(fact)

    def _in_line(self, fact: f.Fact) -> Iterator[Moment]:
        here = ("queues", self._queue)
        match fact:
            case f.VisitJoined():
                yield self._joins(fact)
            case f.WaitExpected():
                said = "is told to expect" if fact.told else "is expected to wait"
                yield self._moment(fact.at, "wait", f"{said} {length(fact.low)} to {length(fact.high)}", here)
            case f.Considered(offer=None):
                moment = self._moment(fact.at, "waits", "nobody can take the call", (*here, "agents"))
                yield replace(moment, considered=tuple(fact.candidates))
            case f.Considered():
                self._considered = tuple(fact.candidates)
            case f.Offered():
                self._rung_at = dict.fromkeys(fact.phones, fact.at)
                text = f"is offered to {', '.join(map(self._name, fact.phones))}"
                moment = self._moment(fact.at, "offered", text, (*here, "strategy"))
                yield replace(moment, considered=self._considered)
            case f.OfferGrew():
                self._rung_at[fact.agent] = fact.at
                text = f"is offered to {self._name(fact.agent)} as well"
                moment = self._moment(fact.at, "offered", text, (*here, "ring_next_after"))
                yield replace(moment, considered=self._considered)
            case f.OfferEnded():
                yield from self._offer_ends(fact)
            case f.AttemptBegan():
                text = f"it is time to call {fact.number}: {fact.why}"
                yield self._moment(fact.at, "called back", text, (*here, "callback"))
            case f.RecordingStarted():
                yield self._moment(fact.at, "recording", "the talk is recorded", (*here, "record"))
            case f.VisitAnswered():
                self._answered = True
                waited = length(fact.at - self._joined_at)
                yield self._moment(fact.at, "talk", f"talks to {self._name(fact.agent)} after a wait of {waited}")
            case f.SentOn():
                waited = length(fact.at - self._joined_at)
                text = f"leaves the queue after a wait of {waited}: {fact.outcome.value} ({fact.rule}: {fact.why})"
                yield self._moment(fact.at, "left", f"{text}, to {fact.to}", fact.because)
            case f.VisitEnded() if fact.outcome not in _TOLD:
                waited = length(fact.at - self._joined_at)
                text = f"leaves the queue after a wait of {waited}: {fact.outcome.value}"
                yield self._moment(fact.at, "left", text)

    def _step(self, fact: f.Stepped) -> Moment:
        text = fact.step + (f": {fact.detail}" if fact.detail else "")
        because = fact.because
        identified = self._identified
        if fact.step == "identified" and identified and identified.customer:  # which the fact itself must not name
            because = ("customers", identified.number or "")
        return self._moment(fact.at, "step", text, because)

    def _shows(self, fact: f.TrunkTried) -> Moment:
        self._went_out = True
        shown = self._identified.number_id if self._identified else None
        text = f"shows {shown}" if shown else "shows no number"
        return self._moment(fact.at, "shows", text, ("outbound", fact.rule, "show"))

    def _joins(self, fact: f.VisitJoined) -> Moment:
        self._queue, self._joined_at = fact.queue, fact.at
        ahead = f", counted from {length(fact.head_start)} earlier" if fact.head_start else ""
        ahead += f"; {fact.prefers}" if fact.prefers else ""
        text = f"stands in the queue {fact.queue} at place 1{ahead}"  # nobody else calls
        if fact.promise is not None and fact.promise.not_before > fact.at:
            begins = moment(fact.promise.not_before, ZoneInfo(self._settings.time_zone))[:-3]
            text = f"has a place in the queue {fact.queue} from {begins} on{ahead}"
        return self._moment(fact.at, "joined", text, ("queues", fact.queue))

    def _offer_ends(self, fact: f.OfferEnded) -> Iterator[Moment]:
        for agent, outcome in fact.results.items():
            text = f"{self._name(agent)}: {outcome.value} after {length(fact.at - self._rung_at[agent])}"
            because = ("queues", self._queue, "ring_for") if outcome is Outcome.NO_ANSWER else ()
            yield self._moment(fact.at, "offer ended", text, because)

    def heard(self) -> Iterator[Moment]:
        """What was heard by whoever called. To be told after what happened."""
        music = ""
        for heard in self._played.party.heard:
            if heard.kind is Sound.PROMPT:
                yield self._prompt(heard)
            elif heard.kind is Sound.MUSIC and heard.what != music:
                music = heard.what
                yield self._moment(heard.begin, "music", f"hears the music {music}", ("music", music))
            elif heard.kind is Sound.TALK and not self._answered:
                yield self._moment(heard.begin, "talk", f"talks to {heard.what}")

    def _prompt(self, heard: Heard) -> Moment:
        said = self._played.sounds.said(heard.what)
        text = words(said, self._settings)
        whole = said.seconds
        if heard.end is not None and heard.end - heard.begin < whole - _ROUNDING:
            text = f"the beginning of {text}"
        language = self._identified.language if self._identified else said.language
        if said.language != language and isinstance(said.piece, Say):
            text += f" (in {said.language}: there is no {language})"
        if said.because[:1] == ("phrases",):
            text += f" (phrase {said.because[1]})"
        kind = "say" if isinstance(said.piece, Say) else "sound"
        place = self._premises.place((*said.because, kind, said.language)) if said.because else None
        return Moment(heard.begin, "hears", f"hears {text}", said.because, place)

    def ending(self) -> Iterator[Moment]:
        """How the call ended."""
        call, at = self._played.call, self._played.ended_at
        if call.to in self._settings.phones and not any(isinstance(x, f.CallStarted) for x in self._played.facts):
            text = f"the switch connects {call.to} by itself: the appliance has no part in it"
            yield self._moment(at, "connected", text)
        if self._played.party.has_hung_up:
            yield self._moment(at, "hangs up", "the caller hangs up")
        else:
            yield self._moment(at, "hung up", "the call is ended")

    def _name(self, agent: str) -> str:
        known = self._settings.agents.get(agent)
        return f"{agent} {known.name}" if known else agent
