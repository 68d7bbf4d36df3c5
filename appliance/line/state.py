"""All that the line has in mind, besides the settings: for another line to go on from there. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from appliance.line.agents import Agent
from appliance.line.promises import Prospect
from appliance.line.reach import Phones
from appliance.line.visits import Visit
from appliance.line.waits import WaitState


@dataclass(frozen=True)
class LineState:
    """After a crash there is what can be read back from the records; of the rest the line begins anew."""

    agents: Sequence[Agent] = ()
    visits: Sequence[Visit] = ()
    turns: Mapping[str, str] = field(default_factory=dict)  # of queues that go round: whose was the last
    phones: Phones = field(default_factory=Phones)
    waits: WaitState = field(default_factory=WaitState)  # what is expected of them, and learnt
    empty_since: Mapping[str, float] = field(default_factory=dict)  # of queues that want to know: nobody there
    prospect: Prospect = field(default_factory=Prospect)  # of those at home: whether to look, and when
    looks: Mapping[str, float] = field(default_factory=dict)  # when expected waits are looked at, by queue
