"""What the book of tasks is told. Pure.

What a person asks for may be declined (appliance.line.messages.Declined); nothing has changed then.
"""

from dataclasses import dataclass

from appliance.tasks.words import TaskKind


@dataclass(frozen=True)
class OpenTask:
    """`due` is None where the configuration is to say it."""

    task: str
    text: str
    by: str
    due: float | None = None
    kind: TaskKind = TaskKind.OTHER
    about: str = ""
    queue: str | None = None
    number: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class AssignTask:
    task: str
    owner: str | None
    by: str


@dataclass(frozen=True)
class TakeTask:
    """Who was told that it is late sees to it; `agent`, if it is one."""

    task: str
    by: str
    agent: str | None = None


@dataclass(frozen=True)
class MoveTask:
    task: str
    due: float
    by: str
    why: str = ""


@dataclass(frozen=True)
class FinishTask:
    task: str
    outcome: str
    by: str


TaskMessage = OpenTask | AssignTask | TakeTask | MoveTask | FinishTask
