"""What happened to tasks: part of appliance.facts. Pure."""

from dataclasses import dataclass

from appliance.tasks.words import TaskKind, Way

KeyPath = tuple[str, ...]  # as in appliance.speech.prompts


@dataclass(frozen=True)
class TaskOpened:
    """Somebody is to do that by `due`. `about`: the visit or call it comes from."""

    task: str
    at: float
    kind: TaskKind
    text: str
    due: float
    by: str
    about: str = ""
    queue: str | None = None
    number: str | None = None
    owner: str | None = None
    because: KeyPath = ()


@dataclass(frozen=True)
class TaskAssigned:
    """An agent is to do it, or nobody yet. `taken`: by who was told that it is late, so that nobody else is."""

    task: str
    at: float
    owner: str | None
    by: str
    taken: bool = False


@dataclass(frozen=True)
class TaskMoved:
    """It has another deadline; the chain begins anew."""

    task: str
    at: float
    due: float
    by: str
    why: str = ""


@dataclass(frozen=True)
class TaskEscalated:
    """It is late, and somebody is to be told. `task` and `n` are the id of that, under which it is sent."""

    task: str
    at: float
    n: int
    step: int  # of the chain
    way: Way
    to: str
    because: KeyPath = ()


@dataclass(frozen=True)
class TaskTold:
    """What became of an attempt to tell somebody. `final`: there is no other."""

    task: str
    at: float
    n: int
    fine: bool
    final: bool
    detail: str


@dataclass(frozen=True)
class TaskDone:
    task: str
    at: float
    outcome: str
    by: str
