"""What became of an imagined call."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from appliance import facts as f
from appliance.rehearsal.imagined import ImaginedCall
from appliance.rehearsal.moments import Moment, tell
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.repertoire import Said
from appliance.rehearsal.stage import Played, play
from appliance.simulation.channel import Sound

# The steps that say where a call is, as a destination names them; and of which the detail is which one.
_NAMED = ("menu", "queue", "extension", "voicemail", "outside")
_STANDS = {step: step for step in (*_NAMED, "message", "hang up")} | {"outside": "number"}
_ELSEWHERE = ("phones",)  # of a rule: why it has passed a call over


@dataclass
class Trace:
    """An imagined call that has taken place. `outcome` is None where the appliance had no part in it."""

    premises: Premises
    played: Played
    outcome: f.CallOutcome | None = None
    identified: f.CallIdentified | None = None
    stands: list[str] = field(default_factory=list)  # "menu main", "queue sales"..., in order
    heard: list[Said] = field(default_factory=list)
    rule: str | None = None  # for outgoing calls, that decided
    tried: list[f.TrunkTried] = field(default_factory=list)
    answered_by: str | None = None  # the agent
    wait: float | None = None  # seconds in line, of the last visit

    @property
    def call(self) -> ImaginedCall:
        return self.played.call

    @property
    def ended_at(self) -> float:
        return self.played.ended_at

    @property
    def unasked(self) -> Sequence[str]:
        """Keys for which nobody has asked."""
        return self.played.party.unasked

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Everything that happened, with its reasons."""
        return tell(self.premises, self.played)


def trace(premises: Premises, call: ImaginedCall) -> Trace:
    """Carry out a call and see what it comes to."""
    played = play(premises, call)
    found = Trace(premises, played)
    joined_at = 0.0
    for fact in played.facts:
        match fact:
            case f.Stepped():
                _step(found, fact)
            case f.CallIdentified():
                found.identified = fact
            case f.TrunkTried():
                found.tried.append(fact)
            case f.VisitJoined(at=at):
                joined_at = at
            case f.CallbackPromised(queue=queue):
                found.stands.append(f"callback {queue}")
            case f.VisitAnswered(at=at, agent=agent):
                found.answered_by, found.wait = agent, at - joined_at
            case f.VisitEnded(at=at) if found.answered_by is None:
                found.wait = at - joined_at
            case f.CallEnded(outcome=outcome):
                found.outcome = outcome
    prompts = (heard.what for heard in played.party.heard if heard.kind is Sound.PROMPT)
    found.heard += [played.sounds.said(sound) for sound in prompts]
    return found


def _step(found: Trace, fact: f.Stepped) -> None:
    if fact.step in _STANDS:
        what = fact.detail.partition(":")[0] if fact.step in _NAMED else ""
        found.stands.append(f"{_STANDS[fact.step]} {what}".rstrip())
    if fact.step == "outbound" and fact.because[1:] and fact.because[2:] != _ELSEWHERE:
        found.rule = fact.because[1]
