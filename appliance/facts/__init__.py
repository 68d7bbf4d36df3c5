"""What happened: the facts that are written to the database, in order, before anything is done about them.

Pure. `at` is UTC epoch seconds. Ids: a visit is `<call>.<n>`, an offer `<visit>.<n>`.
"""

from dataclasses import dataclass

from appliance.facts.agents import AgentChanged as AgentChanged
from appliance.facts.agents import DispositionKeyed as DispositionKeyed
from appliance.facts.agents import ShiftBegan as ShiftBegan
from appliance.facts.by_hand import HoursFollowed as HoursFollowed
from appliance.facts.by_hand import HoursSet as HoursSet
from appliance.facts.by_hand import NoticeBegun as NoticeBegun
from appliance.facts.by_hand import NoticeEnded as NoticeEnded
from appliance.facts.by_hand import NoticeHeard as NoticeHeard
from appliance.facts.by_hand import NoticeSet as NoticeSet
from appliance.facts.callbacks import AttemptBegan as AttemptBegan
from appliance.facts.callbacks import AttemptEnded as AttemptEnded
from appliance.facts.callbacks import CallbackEnded as CallbackEnded
from appliance.facts.callbacks import CallbackMoved as CallbackMoved
from appliance.facts.callbacks import CallbackPromised as CallbackPromised
from appliance.facts.callbacks import CustomerReached as CustomerReached
from appliance.facts.calls import CallEnded as CallEnded
from appliance.facts.calls import CallIdentified as CallIdentified
from appliance.facts.calls import CallProgressed as CallProgressed
from appliance.facts.calls import CallStarted as CallStarted
from appliance.facts.calls import LegClosed as LegClosed
from appliance.facts.calls import LegOpened as LegOpened
from appliance.facts.calls import RecordingStarted as RecordingStarted
from appliance.facts.calls import Stepped as Stepped
from appliance.facts.calls import TrunkTried as TrunkTried
from appliance.facts.line import Candidate as Candidate
from appliance.facts.line import Considered as Considered
from appliance.facts.line import Offered as Offered
from appliance.facts.line import OfferEnded as OfferEnded
from appliance.facts.line import OfferGrew as OfferGrew
from appliance.facts.line import SentOn as SentOn
from appliance.facts.line import TalkEnded as TalkEnded
from appliance.facts.line import TurnTaken as TurnTaken
from appliance.facts.line import VisitAnswered as VisitAnswered
from appliance.facts.line import VisitEnded as VisitEnded
from appliance.facts.line import VisitJoined as VisitJoined
from appliance.facts.line import VisitReturned as VisitReturned
from appliance.facts.line import WaitExpected as WaitExpected
from appliance.facts.line import WaitKnown as WaitKnown
from appliance.facts.tasks import TaskAssigned as TaskAssigned
from appliance.facts.tasks import TaskDone as TaskDone
from appliance.facts.tasks import TaskEscalated as TaskEscalated
from appliance.facts.tasks import TaskMoved as TaskMoved
from appliance.facts.tasks import TaskOpened as TaskOpened
from appliance.facts.tasks import TaskTold as TaskTold
from appliance.facts.voicemail import MessageBegun as MessageBegun
from appliance.facts.voicemail import MessageDeleted as MessageDeleted
from appliance.facts.voicemail import MessageEnded as MessageEnded
from appliance.facts.voicemail import MessageHeard as MessageHeard
from appliance.facts.webhooks import ReminderDue as ReminderDue
from appliance.facts.webhooks import WebhookReached as WebhookReached
from appliance.facts.words import SENT_ON as SENT_ON
from appliance.facts.words import AgentState as AgentState
from appliance.facts.words import CallOutcome as CallOutcome
from appliance.facts.words import Direction as Direction
from appliance.facts.words import PassedOver as PassedOver
from appliance.facts.words import VisitOutcome as VisitOutcome


@dataclass(frozen=True)
class VersionServed:
    """From now on new calls are served by that version of the configuration."""

    at: float
    version: int
    who: str
    comment: str


@dataclass(frozen=True)
class Incident:
    """Records and switch differed, or something else went wrong, and was healed."""

    at: float
    what: str


Fact = (
    CallStarted
    | TrunkTried
    | LegOpened
    | LegClosed
    | CallIdentified
    | Stepped
    | CallProgressed
    | CallEnded
    | VisitJoined
    | VisitReturned
    | WaitExpected
    | WaitKnown
    | Considered
    | Offered
    | OfferGrew
    | TurnTaken
    | OfferEnded
    | VisitAnswered
    | TalkEnded
    | SentOn
    | VisitEnded
    | AgentChanged
    | ShiftBegan
    | DispositionKeyed
    | RecordingStarted
    | HoursSet
    | HoursFollowed
    | NoticeSet
    | NoticeEnded
    | NoticeBegun
    | NoticeHeard
    | MessageBegun
    | MessageEnded
    | MessageHeard
    | MessageDeleted
    | CallbackPromised
    | CallbackMoved
    | AttemptBegan
    | CustomerReached
    | AttemptEnded
    | CallbackEnded
    | ReminderDue
    | WebhookReached
    | TaskOpened
    | TaskAssigned
    | TaskMoved
    | TaskEscalated
    | TaskTold
    | TaskDone
    | VersionServed
    | Incident
)
