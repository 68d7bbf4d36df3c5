"""What is known of a caller who is about to join a line: a place that was lost, and the agent to wait for.

A number that the trunk shows is proof enough of who was lost: all there is to gain is a place in a line. Who
withholds it, or comes by a trunk whose numbers are not trusted, keys the code that was told in line.
"""

from dataclasses import dataclass
from secrets import randbelow

from appliance.call import Conversation
from appliance.commands.show import length
from appliance.line import messages as m
from appliance.line.skills import Needs
from appliance.line.sticky import Because, Preference, chosen
from appliance.port import ANY_KEY
from appliance.records.past import Past, Question
from appliance.settings import Queue
from appliance.speech.prompts import KeyPath

CODE_LENGTH = 5
_PATIENCE = 4.0  # seconds for the first key of a code


@dataclass(frozen=True)
class Joining:
    """How a caller joins."""

    past: Past
    prefers: Preference | None
    code: str | None

    def message(
        self, talk: Conversation, visit: str, queue: str, head_start: float, needs: Needs
    ) -> m.CallerJoins:
        lost = self.past.lost
        return m.CallerJoins(
            *(visit, talk.id, queue, head_start, talk.leg.id, needs),
            *(lost.waited if lost else 0.0, self.prefers, lost.visit if lost else None, self.code),
        )


def look_back(talk: Conversation, queue: Queue) -> Joining:
    """Ask the records, and where the number proves nothing, the caller."""
    proven = proven_number(talk)
    past = _recall(talk, queue, proven)
    if past.codes and (keyed := _ask_code(talk)):
        past = _recall(talk, queue, None, keyed)
        if past.lost is None:
            talk.phrase("code-unknown")
    if past.lost is not None:
        because = ("queues", queue.id, "comes_back")
        talk.step("comes back", f"after {past.lost.visit}, {length(past.lost.waited)} waited there count", because)
    prefers = _preference(talk, queue, past)
    code = f"{randbelow(10**CODE_LENGTH):0{CODE_LENGTH}}" if queue.comes_back and proven is None else None
    return Joining(past, prefers, code)


def welcome_back(talk: Conversation, joining: Joining) -> None:
    """Who is back hears so, already in line: it ends at once when an agent is found."""
    if joining.past.lost is not None:
        talk.announce("place-kept")


def proven_number(talk: Conversation) -> str | None:
    """The caller's number, where the trunk is trusted to show the right one."""
    trunk = talk.settings.trunks.get(talk.trunk)
    return _number(talk) if trunk is None or trunk.trusted else None


def _number(talk: Conversation) -> str | None:
    number = talk.known.get("number")
    return number if isinstance(number, str) else None


def _recall(talk: Conversation, queue: Queue, number: str | None, code: str | None = None) -> Past:
    sticky, back, now = queue.sticky, queue.comes_back, talk.now()
    if (number is None or sticky.last_agent is None) and back is None:
        return Past()
    return talk.desk.engine.recall(
        Question(
            queue=queue.id,
            number=number,
            code=code,
            agents=queue.agents if sticky.last_agent is not None else (),
            talked_since=0.0 if sticky.within is None else now - sticky.within,
            lost_since=now - back.within if back else None,
        )
    )


def _ask_code(talk: Conversation) -> str:
    first = talk.phrase("code-asked", ANY_KEY)
    return talk.collect(first, CODE_LENGTH, wait=_PATIENCE)


def _preference(talk: Conversation, queue: Queue, past: Past) -> Preference | None:
    """Of the agents who are named anywhere, the one to wait for."""
    number = _number(talk) or ""
    customer = talk.settings.customers.get(number)
    own = customer.agent if customer else None
    found: list[tuple[str | None, float | None, Because, KeyPath]] = [
        (
            past.lost.agent if past.lost else None,
            queue.comes_back.agent if queue.comes_back else None,
            Because.BROKE_OFF,
            ("queues", queue.id, "comes_back"),
        ),
        (*(talk.named[:2] if talk.named else (None, None)), Because.NAMED, talk.named[2] if talk.named else ()),
        (own, queue.sticky.own_agent, Because.OWN, ("customers", number)),
        (past.last_agent, queue.sticky.last_agent, Because.LAST, ("queues", queue.id, "sticky", "last_agent")),
    ]
    options = {Preference(a, s, why): because for a, s, why, because in found if a is not None and s}
    prefers = chosen(options, talk.desk.engine.acd.roster.can_be_waited_for)
    if prefers is not None:
        talk.step("agent", str(prefers), options[prefers])
    return prefers
