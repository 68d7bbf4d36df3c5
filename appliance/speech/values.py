"""The values that a text may hold in braces: what each is, and where there is such a thing. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from appliance.line.visits import Expected

KeyPath = tuple[str, ...]  # as in appliance.speech.prompts
Lookup = Callable[[str], object | None]  # name of a value -> the value in this call, None where there is none


class Kind(Enum):
    """How a value is said; in brackets what it is in Python."""

    NUMBER = "a number"  # (int)
    LENGTH = "a length of time"  # (float: seconds)
    WAIT = "a wait to come"  # (Expected)
    DAY = "a day"  # (date)
    TIME = "a time of day"  # (time)
    MOMENT = "a moment to come"  # (tuple of two datetimes: that moment, now)
    TELEPHONE = "a telephone number"  # (str)
    NAME = "a name"  # (str)
    KEY = "a key of the telephone"  # (str)


class Where(Enum):
    """Where texts are heard."""

    GREETING = "greetings"
    MENU = "menus"
    MESSAGE = "messages"
    QUEUE_GREETING = "greetings of queues"
    LINE = "announcements of queues"
    AGENT = "what agents hear"
    WHISPER = "whispers of queues"
    PHRASE = "phrases"
    CALLBACK = "what customers hear of call-backs"
    AGENT_CALLBACK = "what agents hear of call-backs"
    TASK = "what is heard of tasks"


CALLER = frozenset({Where.GREETING, Where.MENU, Where.MESSAGE, Where.QUEUE_GREETING, Where.LINE})
CALLBACKS = frozenset({Where.CALLBACK, Where.AGENT_CALLBACK})
OF_CALLERS = CALLER | CALLBACKS | {Where.WHISPER}
IN_QUEUES = CALLBACKS | {Where.QUEUE_GREETING, Where.LINE, Where.WHISPER}
IN_LINE = frozenset({Where.LINE, Where.CALLBACK})
TO_AGENTS = frozenset({Where.AGENT, Where.WHISPER, Where.AGENT_CALLBACK, Where.TASK})
EVERYWHERE = frozenset(Where)


@dataclass(frozen=True)
class Value:
    """One that may stand in braces."""

    name: str
    what: str
    kind: Kind
    where: frozenset[Where]
    example: object  # of such a value, for documents and tests


_ALL = (
    Value("company", "the name of the company", Kind.NAME, EVERYWHERE, "Volga Books"),
    Value("time", "the time now, where the number called is", Kind.TIME, EVERYWHERE, None),
    Value("date", "the day today, where the number called is", Kind.DAY, EVERYWHERE, None),
    Value("customer", "the name of the caller, if it is in customers.csv", Kind.NAME, OF_CALLERS, "Vera"),
    Value(
        *("number", "the caller's number, if it is shown", Kind.TELEPHONE),
        *(OF_CALLERS | {Where.PHRASE, Where.TASK}, "+74957654321"),
    ),
    Value("called", "the number that was called", Kind.TELEPHONE, CALLER, "+74951234567"),
    Value("opens", "when the number called opens next, while it is closed", Kind.MOMENT, CALLER, None),
    Value("queue", "the name of the queue", Kind.NAME, IN_QUEUES | {Where.TASK}, "Sales"),
    Value("place", "the caller's place in the line, 1 for the next", Kind.NUMBER, IN_LINE, 3),
    Value("ahead", "how many callers are before this one", Kind.NUMBER, IN_LINE, 2),
    Value(
        "wait",
        "how long the caller is expected to wait on, in whole minutes, once that is known",
        Kind.WAIT,
        IN_LINE,
        Expected(190.0, 240.0, 410.0),
    ),
    Value(
        "code",
        "by which a caller without a number comes back to the place in line, where the queue has `comes_back`",
        Kind.TELEPHONE,
        frozenset({Where.LINE}),
        "48213",
    ),
    Value("messages", "how many new messages a box has", Kind.NUMBER, frozenset({Where.PHRASE}), 2),
    Value("stored", "how many messages a box has, old and new", Kind.NUMBER, frozenset({Where.PHRASE}), 5),
    Value(
        "waited",
        "how long the caller has waited in the queue, in whole minutes, if for half a minute at least",
        Kind.LENGTH,
        frozenset({Where.WHISPER, Where.AGENT_CALLBACK}),
        180.0,
    ),
    Value(
        *("ago", "how long ago the customer who is called has hung up in line, in whole minutes", Kind.LENGTH),
        *(frozenset({Where.AGENT_CALLBACK}), 420.0),
    ),
    Value("when", "when the customer is to be called, if there is a time", Kind.MOMENT, CALLBACKS, None),
    Value("key", "the key to be pressed for what is offered", Kind.KEY, frozenset({Where.CALLBACK}), "1"),
    Value("task", "what was to be done", Kind.NAME, frozenset({Where.TASK}), "To be called back"),
    Value("late", "for how long it is late, in whole minutes", Kind.LENGTH, frozenset({Where.TASK}), 1800.0),
    Value("agent", "the name of the agent who is spoken to", Kind.NAME, TO_AGENTS, "Alice"),
)
VALUES: Mapping[str, Value] = {value.name: value for value in _ALL}
# Who hears phrases whose names begin so.
_PHRASES = {
    "agent-callback": Where.AGENT_CALLBACK,
    "agent-": Where.AGENT,
    "disposition": Where.AGENT,
    "callback-": Where.CALLBACK,
    "task-": Where.TASK,
}


def where(path: KeyPath) -> Where:
    """Where the prompt is heard to which these keys lead."""
    section, last = path[0], path[-1]
    if "escalation" in path[:3]:
        return Where.TASK
    if "message" in path[2:]:
        return Where.MESSAGE
    if section == "phrases":
        return next((place for begins, place in _PHRASES.items() if path[1].startswith(begins)), Where.PHRASE)
    if section == "dispositions":
        return Where.AGENT
    if section == "queues" and last == "whisper":
        return Where.WHISPER
    if section == "queues" and "callback" in path[2:]:
        return Where.CALLBACK
    if section == "queues":
        return Where.QUEUE_GREETING if last == "greeting" else Where.LINE
    if section == "menus":
        return Where.MENU
    return Where.MESSAGE if last == "refuse" else Where.GREETING
