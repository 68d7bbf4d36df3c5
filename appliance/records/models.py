"""The tables. Times are UTC epoch seconds; outcomes and states are the values of the enums in appliance.facts."""

from peewee import (
    AutoField,
    BigAutoField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    DoubleField,
    IntegerField,
    Model,
    TextField,
)

database = DatabaseProxy()


class Row(Model):
    class Meta:
        database = database


class Call(Row):
    """One conversation, from the caller's arrival to the end of their leg."""

    id = TextField(primary_key=True)
    started_at = DoubleField(index=True)
    ended_at = DoubleField(null=True)
    outcome = TextField()  # CallOutcome; while ended_at is null: if it ended now
    leg = TextField()  # the caller's leg
    ani = TextField()  # as the trunk delivered it
    caller_name = TextField()
    dnis = TextField()
    trunk = TextField()
    number = TextField(null=True, index=True)  # the caller's or whom we called, E.164; null: anonymous
    number_id = TextField(null=True)  # ours
    customer = TextField(null=True)
    group = TextField(null=True)
    language = TextField(null=True)
    direction = TextField(null=True)  # Direction; null (of an old version): in
    phone = TextField(null=True)  # that called out
    agent = TextField(null=True)  # who worked there
    rule = TextField(null=True)  # by which it went out
    diverted = TextField(null=True)  # the number dialled at first, of a call that was forwarded to us
    version = IntegerField(null=True)  # of the configuration; null: none was ever applied
    cause = TextField(null=True)  # EndCause of the caller's leg; null: not ended, or unseen
    sent_on_by = TextField(null=True)  # the trunk by which a call that came in went out again, by `rule`


class Leg(Row):
    """One channel of a call."""

    id = TextField(primary_key=True)
    call = TextField(index=True)
    endpoint = TextField()
    started_at = DoubleField()
    ended_at = DoubleField(null=True)
    cause = TextField(null=True)  # EndCause


class Step(Row):
    """One step of a call through the configuration."""

    id = BigAutoField()
    call = TextField(index=True)
    at = DoubleField()
    step = TextField()
    detail = TextField()


class Visit(Row):
    """One stay of a call in a queue."""

    id = TextField(primary_key=True)
    call = TextField(index=True)
    queue = TextField(index=True)
    leg = TextField()
    joined_at = DoubleField(index=True)
    head_start = DoubleField()
    answered_at = DoubleField(null=True)
    agent = TextField(null=True)
    talk_ended_at = DoubleField(null=True)
    ended_at = DoubleField(null=True)  # left the line: answered, or gone
    outcome = TextField(null=True)  # VisitOutcome
    needs = TextField(null=True)  # what is needed of an agent, as JSON; null: nothing
    waited = DoubleField(null=True)  # before, which counts as waiting here
    prefers = TextField(null=True)  # the agent who is waited for at first, as JSON
    came_back = TextField(null=True, index=True)  # the visit in which the caller was lost before
    code = TextField(null=True)  # by which a caller without a number may come back
    later_call = TextField(null=True, index=True)  # made last to the customer, or by who has called in; null: none


class Callback(Row):
    """A promise to call somebody back, and what became of it. The id is that of the visit that keeps the place."""

    id = TextField(primary_key=True)
    queue = TextField(index=True)
    number = TextField(index=True)  # E.164
    kind = TextField()  # Kind
    first = TextField()  # First: who of the two is called first
    promised_at = DoubleField(index=True)
    wanted_at = DoubleField()  # not before then, as it was promised
    not_before = DoubleField()  # likewise, now: after an attempt that failed, or moved
    expires = DoubleField()
    language = TextField()  # "": the site's
    name = TextField()
    context = TextField()  # JSON
    origin = TextField(null=True, index=True)  # the visit or call because of which it was promised
    ended_at = DoubleField(null=True)
    outcome = TextField(null=True)  # CallbackEnd
    why = TextField(null=True)  # it ended so, in words

    class Meta:
        indexes = ((("ended_at", "queue"), False),)  # those that are open are found at once


class CallbackMove(Row):
    """That a call-back was put off, or brought forward."""

    id = BigAutoField()
    callback = TextField(index=True)
    at = DoubleField()
    not_before = DoubleField()
    why = TextField()

    class Meta:
        table_name = "callback_move"


class Attempt(Row):
    """One time of calling back. The id is also that of the call which it makes."""

    id = TextField(primary_key=True)
    callback = TextField(index=True)
    n = IntegerField()
    at = DoubleField(index=True)
    first = TextField()  # First
    number = TextField()  # of the customer
    agent = TextField(null=True)  # agent first: who was to take it,
    phone = TextField(null=True)  # where,
    offer = TextField(null=True)  # and the offer
    why = TextField()  # the customer was called then
    reached_at = DoubleField(null=True)  # pressed the key
    ended_at = DoubleField(null=True)
    outcome = TextField(null=True)  # AttemptEnd
    next_at = DoubleField(null=True)  # not before then is it tried again; null: not at all


class Departure(Row):
    """That a caller left a queue for elsewhere: by which rule, and the keys of the YAML (JSON) that lead there."""

    visit = TextField(primary_key=True)
    call = TextField(index=True)
    at = DoubleField(index=True)
    rule = TextField()  # as reports name it
    why = TextField()
    destination = TextField()  # as reports name it
    because = TextField()


class WaitEstimate(Row):
    """What was expected of a caller's wait at one moment, and when it ended."""

    id = BigAutoField()
    visit = TextField(index=True)
    queue = TextField()
    at = DoubleField(index=True)
    low = DoubleField()  # seconds from then on
    middle = DoubleField()
    high = DoubleField()
    told = BooleanField()  # the caller heard it; if not, it was given on joining
    ends = DoubleField(null=True)  # answered, or would have been; null: not known, or not yet

    class Meta:
        table_name = "wait_estimate"


class Decision(Row):
    """A moment of decision about a visit: who was considered, and why not. `considered` is JSON."""

    id = BigAutoField()
    visit = TextField(index=True)
    at = DoubleField()
    offer = TextField(null=True)
    considered = TextField()


class Offer(Row):
    """One attempt to give a caller to agents."""

    id = TextField(primary_key=True)
    visit = TextField(index=True)
    at = DoubleField()
    until = DoubleField()
    ended_at = DoubleField(null=True)


class OfferAgent(Row):
    """One agent's part in an offer."""

    offer = TextField(index=True)
    agent = TextField(index=True)
    phone = TextField()
    at = DoubleField()
    ended_at = DoubleField(null=True)
    outcome = TextField(null=True)  # Outcome

    class Meta:
        primary_key = CompositeKey("offer", "agent")


class AgentStretch(Row):
    """One stretch of an agent's time sheet; the open one (ended_at null) is the current state."""

    id = BigAutoField()
    agent = TextField()
    state = TextField()  # AgentState
    reason = TextField()
    phone = TextField(null=True)
    queue = TextField(null=True)
    visit = TextField(null=True)
    began_at = DoubleField(index=True)
    until = DoubleField(null=True)  # planned end
    ended_at = DoubleField(null=True)

    class Meta:
        indexes = ((("agent", "ended_at"), False),)  # the open one is found at once, however long the sheet


class Shift(Row):
    """An agent's time at work, from signing on; it begins with the mean of what others have done in theirs."""

    id = BigAutoField()
    agent = TextField()
    began_at = DoubleField()
    calls = DoubleField()
    talked = DoubleField()

    class Meta:
        indexes = ((("agent", "began_at"), False),)


class QueueTurn(Row):
    """The last agent to whom a queue that goes round has offered a call."""

    queue = TextField(primary_key=True)
    agent = TextField()
    at = DoubleField()


class DispositionRow(Row):
    """What an agent keyed after a talk; the last one for a visit counts."""

    id = BigAutoField()
    visit = TextField(index=True)
    agent = TextField()
    queue = TextField()
    code = TextField()
    name = TextField()
    at = DoubleField()

    class Meta:
        table_name = "disposition"


class Recording(Row):
    """A sound file of a call."""

    id = BigAutoField()
    call = TextField(index=True)
    file = TextField()
    at = DoubleField()


class HoursByHand(Row):
    """Opening hours that somebody has opened or closed; what has no end yet and is not over holds."""

    id = BigAutoField()
    schedule = TextField(index=True)
    is_open = BooleanField()
    at = DoubleField()
    until = DoubleField()
    by = TextField()
    comment = TextField()
    ended_at = DoubleField(null=True)  # replaced, or ended by hand; null: at `until`
    ended_by = TextField(null=True)


class NoticeRow(Row):
    """A notice in front of callers; what has no end yet and is not over is heard."""

    id = TextField(primary_key=True)
    target = TextField()
    language = TextField()
    text = TextField()
    sound = TextField()
    at = DoubleField(index=True)
    until = DoubleField()
    by = TextField()
    hang_up = BooleanField()
    ended_at = DoubleField(null=True)
    ended_by = TextField(null=True)

    class Meta:
        table_name = "notice"


class NoticeHearing(Row):
    """That a call has heard a notice; `ended_at` is null if it was over before the end of it."""

    notice = TextField()
    call = TextField(index=True)
    at = DoubleField(index=True)
    ended_at = DoubleField(null=True)

    class Meta:
        table_name = "notice_hearing"
        primary_key = CompositeKey("notice", "call")


class Message(Row):
    """A message that a caller has left, or was about to."""

    id = TextField(primary_key=True)
    call = TextField(index=True)
    box = TextField()
    at = DoubleField(index=True)
    file = TextField()
    length = DoubleField(null=True)  # seconds; null: the caller hung up at its end, and the file says it
    heard_at = DoubleField(null=True)
    heard_by = TextField(null=True)
    deleted_at = DoubleField(null=True)
    deleted_by = TextField(null=True)


class Reminder(Row):
    """That a program was to remind a customer of a call-back at a certain time."""

    hook = TextField()
    callback = TextField()
    not_before = DoubleField()
    at = DoubleField(index=True)

    class Meta:
        primary_key = CompositeKey("hook", "callback", "not_before")


class WebhookRow(Row):
    """Up to which event a program has been told everything that is for it."""

    hook = TextField(primary_key=True)
    n = IntegerField()
    at = DoubleField()

    class Meta:
        table_name = "webhook"


class TaskRow(Row):
    """What somebody is to do by a certain time."""

    id = TextField(primary_key=True)
    kind = TextField()  # TaskKind
    text = TextField()
    opened_at = DoubleField(index=True)
    opened_by = TextField()
    about = TextField(index=True)  # the visit or call it comes from; "": none
    queue = TextField(null=True)
    number = TextField(null=True, index=True)  # the customer's, E.164
    owner = TextField(null=True)  # an agent
    first_owner = TextField(null=True)  # when it was opened
    first_due = DoubleField()
    due = DoubleField()  # the same, or moved
    because = TextField()  # the keys of the YAML (JSON) that had it opened
    keyed = BooleanField()  # by a disposition
    taken_at = DoubleField(null=True)  # by who was told that it is late, since the deadline that holds now
    steps = IntegerField(default=0)  # of the chain, likewise
    told = IntegerField(default=0)  # how often somebody was to be told
    done_at = DoubleField(null=True, index=True)
    done_by = TextField(null=True)
    outcome = TextField(null=True)

    class Meta:
        table_name = "task"


class TaskChange(Row):
    """That a task was given to somebody, taken or moved."""

    id = BigAutoField()
    task = TextField(index=True)
    at = DoubleField()
    what = TextField()  # assigned, taken, moved
    to = TextField(null=True)  # assigned: the agent
    due = DoubleField(null=True)  # moved: until when
    why = TextField()
    by = TextField()

    class Meta:
        table_name = "task_change"


class TaskNotice(Row):
    """That somebody is told of a task that is late; `ended_at` is null while that is still tried."""

    task = TextField(index=True)
    n = IntegerField()
    at = DoubleField()
    step = IntegerField()  # of the chain
    way = TextField()  # Way
    to = TextField()
    because = TextField()  # JSON
    tries = IntegerField(default=0)
    fine = BooleanField(null=True)
    detail = TextField(default="")
    ended_at = DoubleField(null=True)

    class Meta:
        table_name = "task_notice"
        primary_key = CompositeKey("task", "n")


class EventRow(Row):
    """Every fact, numbered without gaps, in the transaction that applied it. `body` is JSON."""

    n = AutoField()
    at = DoubleField()
    kind = TextField()
    body = TextField()

    class Meta:
        table_name = "event"


class JournalRow(Row):
    """What the line was told until then since the row before. See appliance.line.journal."""

    n = AutoField()
    at = DoubleField(index=True)
    messages = TextField()  # JSON

    class Meta:
        table_name = "journal"


class JournalMark(Row):
    """How the line stood, after so many rows of the journal and of the event table."""

    id = AutoField()
    at = DoubleField(index=True)
    is_start = BooleanField()  # of the appliance
    version = IntegerField(null=True)  # of the configuration; null: none was ever applied
    program = TextField()  # its version
    journal = IntegerField()  # the last row before; 0: none
    event = IntegerField()  # likewise
    state = TextField()  # JSON

    class Meta:
        table_name = "journal_mark"


class SchemaVersion(Row):
    """A version that these tables have had; the highest is theirs now. See appliance.records.migrations."""

    version = IntegerField(primary_key=True)
    what = TextField()  # what the change to it was
    usable_from = IntegerField()  # the oldest version of a program that can use them
    starts = IntegerField(default=0)  # how often a program has begun to write since

    class Meta:
        table_name = "schema_version"


TABLES = (
    Call,
    Leg,
    Step,
    Visit,
    Callback,
    CallbackMove,
    Attempt,
    Departure,
    WaitEstimate,
    Decision,
    Offer,
    OfferAgent,
    AgentStretch,
    Shift,
    QueueTurn,
    DispositionRow,
    Recording,
    HoursByHand,
    NoticeRow,
    NoticeHearing,
    Message,
    Reminder,
    WebhookRow,
    TaskRow,
    TaskChange,
    TaskNotice,
    EventRow,
    JournalRow,
    JournalMark,
    SchemaVersion,
)
