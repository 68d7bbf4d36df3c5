"""Which story is told of a leg that comes in through a door."""

from collections.abc import Callable, Mapping

from appliance.call import Desk
from appliance.flows import agent, briefing, callback, caller, outbound, recover, task, test_call, wrapup
from appliance.names import Entry
from appliance.port import Arrival

FLOWS: Mapping[Entry, Callable[[Arrival, Desk], None]] = {
    Entry.CALLER: caller.serve,
    Entry.AGENT: agent.serve,
    Entry.BRIEFING: briefing.serve,
    Entry.WRAPUP: wrapup.serve,
    Entry.RECOVER: recover.serve,
    Entry.OUTBOUND: outbound.serve,
    Entry.TEST: test_call.serve,
    Entry.TASK: task.serve,
    Entry.CALLBACK: callback.serve,
}
