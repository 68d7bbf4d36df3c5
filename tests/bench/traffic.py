"""How long a simulated day of a large call centre takes: the real line, imagined callers and agents.

100,000 calls in ten hours for ten queues that share 500 agents, with skills, head starts, callers who give up, and
agents who now and then miss a call. Time is that of the processor.

Run it by `python -m tests.bench.traffic`.
"""

from heapq import merge
from time import process_time

from appliance.port import Outcome
from appliance.records.figures import ServiceLevel, total
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import always, exponential
from appliance.traffic.result import Result
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, Scenario
from tests.bench.figures import Verdict
from tests.bench.line import NEEDS, QUEUES, settings_of

CALLS, AGENTS = 100_000, 500
HOURS = 10
SECONDS = 60.0  # at most
START = 1_000_000.0


def scenario(calls: int, agents: int, hours: float) -> Scenario:
    settings = settings_of(agents)
    day = Demand(START, hours * 3600, calls / QUEUES)
    queues = (
        callers(id, arrivals([day], 1, id), exponential(150.0), exponential(120.0), 1, n % 4 * 20.0, NEEDS[n % 3])
        for n, id in enumerate(settings.queues)
    )
    shift = (START, START + day.seconds)
    misses = {Outcome.NO_ANSWER: 0.03}
    staff = [AgentDay(id, id, (shift,), answers_after=always(4.0), misses=misses) for id in settings.agents]
    return Scenario(settings, merge(*queues, key=lambda caller: caller.at), staff, seed=1)


def measure() -> tuple[Verdict, Result]:
    day = scenario(CALLS, AGENTS, HOURS)
    begin = process_time()
    result = simulate(day)
    seconds = process_time() - begin
    what = f"seconds for a simulated day of {CALLS:,} calls and {AGENTS} agents, at most"
    return Verdict(what, seconds, SECONDS, seconds <= SECONDS), result


def told(verdict: Verdict, result: Result) -> str:
    """What was measured, and that it was a real day."""
    all_queues = total(result.queues())
    rate, level = all_queues.abandon_rate or 0.0, all_queues.service_level(ServiceLevel.C) or 0.0
    return (
        f"{verdict.measured:.1f} s for {len(result.stays):,} calls, {result.messages:,} messages to the line; "
        f"{level:.0%} answered in time, {rate:.1%} gave up"
    )


if __name__ == "__main__":
    print(told(*measure()))
