"""Tasks in words: an open question, or a call-back that is owed. Pure."""

from dataclasses import dataclass
from enum import Enum


class TaskKind(Enum):
    """How a task came about."""

    QUESTION = "question"  # a talk has left something open, as the agent's disposition says
    CALL_BACK = "call-back"  # a customer who was promised to be called was not reached
    OTHER = "other"  # somebody has written it down


class Way(Enum):
    """How somebody is told of a task that is late."""

    WEBHOOK = "webhook"
    EMAIL = "e-mail"
    CALL = "call"


@dataclass
class Task:
    """One that has not been done, as it is in mind."""

    id: str
    kind: TaskKind
    text: str
    opened_at: float
    due: float
    about: str = ""  # id of a visit (of a call, or a call-back) or of a call
    queue: str | None = None
    number: str | None = None  # the customer's, E.164
    owner: str | None = None  # an agent
    taken: bool = False  # by who was told that it is late: nobody else is told
    told: int = 0  # how often somebody was told, or was to be
    steps: int = 0  # of the chain, since the deadline that holds now
    keyed: bool = False  # opened by a disposition, and not to be done where the agent keys another
