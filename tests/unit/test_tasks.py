"""The book of tasks: what opens them, when they are due, and who is told when they are late."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from appliance import facts as f
from appliance.hours.schedule import Override
from appliance.line.messages import Declined
from appliance.line.promises import CallbackEnd, First, Kind, Promise
from appliance.settings import Callback, Disposition, DispositionList, Hours, Settings, Span
from appliance.settings.tasks import OWNER, Escalation, Owing
from appliance.tasks.book import Book
from appliance.tasks.chain import after_open
from appliance.tasks.messages import AssignTask, FinishTask, MoveTask, OpenTask, TakeTask
from appliance.tasks.words import Task, TaskKind, Way
from tests.simulated.centre import settings

FRIDAY = datetime(2026, 11, 20, 16, tzinfo=UTC).timestamp()
HOUR = 3600.0
NUMBER = "+74957654321"
OFFICE = Hours("office", "UTC", (Span(frozenset(range(5)), time(9), time(18)),))
CHAIN = (
    Escalation(0.0, agent=OWNER),
    Escalation(1800.0, webhook="https://example.com/late"),
    Escalation(HOUR, email=("shift@example.com",), hours="office"),
)


def with_tasks(**changes: Any) -> Settings:
    old = settings()
    choices = {
        "1": Disposition("1", "solved"),
        "2": Disposition("2", "to be called back", Owing(4 * HOUR)),
        "3": Disposition("3", "to be asked", Owing(4 * HOUR, "office", is_owned=False)),
    }
    lists = {"outcomes": DispositionList("outcomes", None, choices)}
    return replace(old, dispositions=lists, hours={"office": OFFICE}, escalation=CHAIN, **changes)


@pytest.fixture
def book() -> Book:
    return Book(with_tasks(), lambda schedule, at: None, lambda visit: NUMBER)


def keyed(code: str, at: float = FRIDAY) -> f.DispositionKeyed:
    name = with_tasks().dispositions["outcomes"].choices[code].name
    return f.DispositionKeyed("c1.1", at, "1001", "support", code, name)


def opened(book: Book, code: str = "2", at: float = FRIDAY) -> f.TaskOpened:
    (fact,) = book.follow([keyed(code, at)], at)
    assert isinstance(fact, f.TaskOpened)
    return fact


def test_a_disposition_that_says_so_opens_a_task(book: Book) -> None:
    fact = opened(book)
    assert (fact.kind, fact.text, fact.owner, fact.number) == (
        TaskKind.QUESTION,
        "to be called back",
        "1001",
        NUMBER,
    )
    assert (fact.due, fact.about, fact.queue) == (FRIDAY + 4 * HOUR, "c1.1", "support")
    assert fact.because == ("dispositions", "outcomes", "choices", "2", "task")
    assert book.follow([keyed("1")], FRIDAY + 1) == [
        f.TaskDone(fact.task, FRIDAY + 1, "agent 1001 has keyed 'solved' instead", "agent 1001")
    ]


def test_the_same_disposition_once_more_opens_no_second_one(book: Book) -> None:
    opened(book)
    assert book.follow([keyed("3", FRIDAY + 5)], FRIDAY + 5) == []


def test_only_open_hours_count_where_that_is_said(book: Book) -> None:
    """From Friday at four: two hours until six, and two more on Monday."""
    fact = opened(book, "3")
    assert fact.owner is None
    assert datetime.fromtimestamp(fact.due, UTC) == datetime(2026, 11, 23, 11, tzinfo=UTC)


def test_what_never_opens_does_not_count_for_ever() -> None:
    assert after_open(Hours("never", "UTC", ()), FRIDAY, HOUR) == FRIDAY + HOUR


@pytest.mark.parametrize("end", CallbackEnd)
def test_a_call_back_that_came_to_nothing_is_for_a_person(book: Book, end: CallbackEnd) -> None:
    promise = Promise(NUMBER, Kind.WEB, First.CUSTOMER, FRIDAY, FRIDAY + HOUR)
    assert book.follow([f.CallbackPromised("c2.1", FRIDAY, "support", promise)], FRIDAY) == []
    found = book.follow([f.CallbackEnded("c2.1", FRIDAY + 60, end)], FRIDAY + 60)
    owed = end in (CallbackEnd.UNREACHED, CallbackEnd.EXPIRED, CallbackEnd.UNSEEN)
    assert [type(fact) for fact in found] == ([f.TaskOpened] if owed else [])
    if owed:
        (fact,) = found
        assert isinstance(fact, f.TaskOpened)
        assert (fact.kind, fact.number, fact.queue) == (TaskKind.CALL_BACK, NUMBER, "support")
        assert fact.due == FRIDAY + 60 + 4 * HOUR, "which holds where nothing is said"


def test_by_when_a_call_back_is_owed_says_the_queue() -> None:
    old = with_tasks()
    support = replace(old.queues["support"], callback=Callback(task=Owing(600.0)))
    rules = replace(old, queues={**old.queues, "support": support})
    book = Book(rules, lambda schedule, at: None, lambda visit: None)
    book.restore([], [("c2.1", "support", NUMBER)], FRIDAY)
    (fact,) = book.follow([f.CallbackEnded("c2.1", FRIDAY, CallbackEnd.EXPIRED)], FRIDAY)
    assert isinstance(fact, f.TaskOpened)
    assert fact.due == FRIDAY + 600


def test_who_did_not_ask_to_be_called_is_owed_nothing(book: Book) -> None:
    promise = Promise(NUMBER, Kind.ABANDONED, First.AGENT, FRIDAY, FRIDAY + HOUR)
    book.follow([f.CallbackPromised("c2.1", FRIDAY, "support", promise)], FRIDAY)
    assert book.follow([f.CallbackEnded("c2.1", FRIDAY, CallbackEnd.UNREACHED)], FRIDAY) == []


def late(book: Book, at: float) -> list[tuple[int, Way, str]]:
    return [(x.n, x.way, x.to) for x in book.overdue(at) if isinstance(x, f.TaskEscalated)]


def test_one_after_another_is_told(book: Book) -> None:
    due = opened(book).due
    assert book.next_deadline() == due
    assert late(book, due - 1) == []
    assert late(book, due) == [(1, Way.CALL, "call to the owner")]
    assert late(book, due) == [], "once"
    assert book.next_deadline() == due + 1800
    assert late(book, due + 1800) == [(2, Way.WEBHOOK, "webhook https://example.com/late")]
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()
    assert book.next_deadline() == monday, "Friday at nine in the evening nobody reads e-mail"
    assert late(book, monday - 1) == []
    assert late(book, monday) == [(3, Way.EMAIL, "e-mail to shift@example.com")]
    assert book.next_deadline() is None


def test_hours_opened_by_hand_count_as_open() -> None:
    by_hand = Override("office", True, FRIDAY, FRIDAY + 12 * HOUR, "Anna")
    book = Book(with_tasks(), lambda schedule, at: by_hand if by_hand.holds(at) else None, lambda visit: None)
    due = opened(book).due
    assert [n for n, _, _ in late(book, due + HOUR)] == [1, 2, 3]


def test_what_is_done_taken_or_moved_bothers_nobody(book: Book) -> None:
    first = opened(book)
    assert book.handle(FinishTask(first.task, "called", "Boris"), FRIDAY)
    assert book.next_deadline() is None and late(book, first.due + 9 * HOUR) == []
    with pytest.raises(Declined):
        book.handle(FinishTask(first.task, "again", "Boris"), FRIDAY)

    second = opened(book, at=FRIDAY + 1)
    assert len(late(book, second.due)) == 1
    taken = book.handle(TakeTask(second.task, "agent 1002", "1002"), second.due)
    assert taken == [f.TaskAssigned(second.task, second.due, "1002", "agent 1002", taken=True)]
    assert book.next_deadline() is None and late(book, second.due + 99 * HOUR) == []

    moved = second.due + 100 * HOUR
    book.handle(MoveTask(second.task, moved, "Anna"), second.due)
    assert book.next_deadline() == moved
    assert late(book, moved) == [(2, Way.CALL, "call to the owner")], "the chain begins anew"


def test_strangers_are_refused(book: Book) -> None:
    task = opened(book).task
    for message in (
        AssignTask(task, "9999", "Anna"),
        OpenTask("x.t", "Write to them", "Anna", owner="9999"),
        OpenTask("x.t", "Write to them", "Anna", queue="nowhere"),
        AssignTask("nothing", "1001", "Anna"),
    ):
        with pytest.raises(Declined):
            book.handle(message, FRIDAY)
    assert book.handle(AssignTask(task, None, "Anna"), FRIDAY) == [f.TaskAssigned(task, FRIDAY, None, "Anna")]


def test_what_was_in_mind_goes_on(book: Book) -> None:
    """A book that is read back tells the rest of the chain, and nothing twice."""
    task = Task("c1.1.t", TaskKind.OTHER, "Write", FRIDAY, FRIDAY, told=2, steps=2, queue="support")
    book.restore([task], [], FRIDAY + 99 * HOUR)
    assert [n for n, _, _ in late(book, FRIDAY + 99 * HOUR)] == [3]


def test_other_settings_hold_at_once(book: Book) -> None:
    due = opened(book).due
    book.take_settings(replace(with_tasks(), escalation=(Escalation(60.0, call="201"),)), FRIDAY)
    assert book.next_deadline() == due + 60
    old = with_tasks()
    support = replace(old.queues["support"], escalation=(Escalation(7.0, call="202"),))
    book.take_settings(replace(old, queues={"support": support}), FRIDAY)
    assert late(book, due + 7) == [(1, Way.CALL, "call to 202")], "the queue's own comes first"
