"""The book of tasks that have not been done: what opens them, and who is told when they are late. Pure.

Like the line it is told what happens and answers with facts, which are to be written before they are acted on.
"""

from collections.abc import Callable, Iterable

from appliance import facts as f
from appliance.line.deadlines import Deadlines
from appliance.line.messages import Declined, Reason
from appliance.line.promises import CallbackEnd, Kind
from appliance.settings import Settings
from appliance.settings.tasks import Escalation, Owing
from appliance.tasks.chain import ByHand, chain_of, comes_at, due_at
from appliance.tasks.messages import AssignTask, FinishTask, MoveTask, OpenTask, TakeTask, TaskMessage
from appliance.tasks.words import Task, TaskKind, Way

APPLIANCE = "the appliance"
# Call-backs after which a person should look.
FOR_A_PERSON = (CallbackEnd.UNREACHED, CallbackEnd.EXPIRED, CallbackEnd.UNSEEN)

NumberOf = Callable[[str], str | None]  # visit -> the customer's number


class Book:
    """The tasks that are open. `number_of` says who the customer of a visit is."""

    def __init__(self, settings: Settings, by_hand: ByHand, number_of: NumberOf) -> None:
        self._settings = settings
        self._by_hand = by_hand
        self._number_of = number_of
        self._tasks: dict[str, Task] = {}
        self._deadlines = Deadlines()
        self._promised: dict[str, tuple[str, str]] = {}  # visit at home, who has asked for it -> queue, number

    def restore(self, tasks: Iterable[Task], promised: Iterable[tuple[str, str, str]], now: float) -> None:
        """Take over what the database knows. `promised`: visit, queue and number of each open call-back that the
        customer has asked for."""
        for task in tasks:
            self._tasks[task.id] = task
            self._watch(task, now)
        self._promised |= {visit: (queue, number) for visit, queue, number in promised}

    def take_settings(self, settings: Settings, now: float) -> None:
        self._settings = settings
        for task in self._tasks.values():
            self._watch(task, now)

    def get(self, task: str) -> Task | None:
        """One that is open."""
        return self._tasks.get(task)

    def open(self) -> list[Task]:
        return list(self._tasks.values())

    def next_deadline(self) -> float | None:
        """When `overdue` is to be asked at the latest, if nothing else happens; None: never."""
        return self._deadlines.next()

    # What happens

    def follow(self, facts: Iterable[f.Fact], now: float) -> list[f.Fact]:
        """The tasks that are opened, or are none any more, because of these facts."""
        found: list[f.Fact] = []
        for fact in facts:
            match fact:
                case f.DispositionKeyed():
                    found += self._keyed(fact, now)
                case f.CallbackPromised() if fact.promise.kind is not Kind.ABANDONED:
                    self._promised[fact.visit] = fact.queue, fact.promise.number
                case f.CallbackEnded():
                    queue, number = self._promised.pop(fact.visit, ("", ""))
                    if queue and fact.end in FOR_A_PERSON:
                        found += self._owed(fact, queue, number, now)
        return found

    def _keyed(self, fact: f.DispositionKeyed, now: float) -> list[f.Fact]:
        queue = self._settings.queues.get(fact.queue)
        choices = self._settings.dispositions.get(queue.dispositions or "") if queue else None
        choice = choices.choices.get(fact.code) if choices else None
        owing = choice.task if choice else None
        earlier = next((t for t in self._tasks.values() if t.keyed and t.about == fact.visit), None)
        if owing is None or choices is None:
            name = f"agent {fact.agent} has keyed {fact.name!r} instead"
            return self._finish(earlier, name, f"agent {fact.agent}", now) if earlier else []
        if earlier is not None:
            return []
        opened = f.TaskOpened(
            task=f"{fact.visit}.t{int(now) % 100_000}",
            at=now,
            kind=TaskKind.QUESTION,
            text=fact.name,
            due=due_at(self._settings, owing, self._by_hand, now),
            by=f"agent {fact.agent}",
            about=fact.visit,
            queue=fact.queue,
            number=self._number_of(fact.visit),
            owner=fact.agent if owing.is_owned else None,
            because=("dispositions", choices.id, "choices", fact.code, "task"),
        )
        return self._open(opened)

    def _owed(self, fact: f.CallbackEnded, queue: str, number: str, now: float) -> list[f.Fact]:
        known = self._settings.queues.get(queue)
        owing = (known.callback.task if known and known.callback else None) or Owing()
        return self._open(
            f.TaskOpened(
                task=f"{fact.visit}.t",
                at=now,
                kind=TaskKind.CALL_BACK,
                text=f"A call-back is owed: {fact.end.value}",
                due=due_at(self._settings, owing, self._by_hand, now),
                by=APPLIANCE,
                about=fact.visit,
                queue=queue,
                number=number,
                because=("queues", queue, "callback", "task"),
            )
        )

    # What people ask for

    def handle(self, message: TaskMessage, now: float) -> list[f.Fact]:
        """What follows from a message. Raises Declined."""
        if isinstance(message, OpenTask):
            return self._asked_for(message, now)
        task = self._tasks.get(message.task)
        if task is None:
            raise Declined(Reason.NO_TASK)
        match message:
            case AssignTask(_, owner, by):
                self._refuse_stranger(owner)
                task.owner = owner
                return [f.TaskAssigned(task.id, now, owner, by)]
            case TakeTask(_, by, agent):
                task.owner, task.taken = agent or task.owner, True
                self._watch(task, now)
                return [f.TaskAssigned(task.id, now, task.owner, by, taken=True)]
            case MoveTask(_, due, by, why):
                task.due, task.steps, task.taken = due, 0, False
                self._watch(task, now)
                return [f.TaskMoved(task.id, now, due, by, why)]
            case FinishTask(_, outcome, by):
                return self._finish(task, outcome, by, now)
        raise TypeError(f"the book of tasks knows no {message!r}")

    def _asked_for(self, x: OpenTask, now: float) -> list[f.Fact]:
        self._refuse_stranger(x.owner)
        if x.queue is not None and x.queue not in self._settings.queues:
            raise Declined(Reason.UNKNOWN_QUEUE)
        due = x.due if x.due is not None else due_at(self._settings, Owing(), self._by_hand, now)
        number = x.number or (self._number_of(x.about) if x.about else None)
        return self._open(f.TaskOpened(x.task, now, x.kind, x.text, due, x.by, x.about, x.queue, number, x.owner))

    def _refuse_stranger(self, owner: str | None) -> None:
        if owner is not None and owner not in self._settings.agents:
            raise Declined(Reason.UNKNOWN_AGENT)

    def _open(self, x: f.TaskOpened) -> list[f.Fact]:
        keyed = x.kind is TaskKind.QUESTION and bool(x.because)
        task = Task(
            *(x.task, x.kind, x.text, x.at, x.due, x.about, x.queue, x.number, x.owner),
            keyed=keyed,
        )
        self._tasks[task.id] = task
        self._watch(task, x.at)
        return [x]

    def _finish(self, task: Task, outcome: str, by: str, now: float) -> list[f.Fact]:
        del self._tasks[task.id]
        self._deadlines.set("task", task.id, None)
        return [f.TaskDone(task.id, now, outcome, by)]

    # Time

    def overdue(self, now: float) -> list[f.Fact]:
        """Who is to be told now."""
        facts: list[f.Fact] = []
        for _, id in self._deadlines.take_due(now):
            task = self._tasks[id]
            chain, where = chain_of(self._settings, task.queue)
            while not task.taken and task.steps < len(chain):
                step = chain[task.steps]
                if comes_at(self._settings, step, task.due, self._by_hand, now) > now:
                    break
                task.told += 1
                because = (*where, str(task.steps))
                facts.append(f.TaskEscalated(id, now, task.told, task.steps, way_of(step), step.to, because))
                task.steps += 1
            self._watch(task, now)
        return facts

    def _watch(self, task: Task, now: float) -> None:
        """Look at it again when the next step comes."""
        chain, _ = chain_of(self._settings, task.queue)
        at = None
        if not task.taken and task.steps < len(chain):
            at = comes_at(self._settings, chain[task.steps], task.due, self._by_hand, now)
        self._deadlines.set("task", task.id, at)


def way_of(step: Escalation) -> Way:
    """How somebody is told by that step."""
    if step.webhook:
        return Way.WEBHOOK
    return Way.EMAIL if step.email else Way.CALL
