"""What call-backs cost the line: 10,000 that are open beside 1,000 callers who hold, and 2,000 who hold alone.

The line of tests.bench.line, in a steady state, side by side: now one takes a decision and then the other, so that
whatever else goes on in the machine meets both. A decision is the message that frees an agent, with all that
follows at once. The looks each two seconds at who will be free soon are told beside it.

Run it by `python -m tests.bench.homes`.
"""

import gc
import sys
from collections.abc import Sequence
from dataclasses import replace
from time import thread_time

from appliance import facts as f
from appliance.facts import Fact
from appliance.line import messages as m
from appliance.line.promises import First, Kind, Promise, attempt_id
from appliance.settings import Callback
from tests.bench.figures import Verdict
from tests.bench.line import NEEDS, QUEUES, Bench, settings_of

HOLD, AT_HOME, ALONE, AGENTS = 1_000, 10_000, 2_000, 500
DECISIONS = 5_000
PASSES = 0.04  # seconds between two decisions, as when 500 agents talk for twenty seconds each
WARMS_UP = 500
RATIO = 1.25  # at most: not more, but for what a machine with other things to do adds to either
DAY = 86_400.0


class BenchWithHomes(Bench):
    """As that, with customers at home. Whoever is served is followed by another of the same kind."""

    def __init__(self, waiting: int, agents: int, at_home: int) -> None:
        self.calls = self.promised = 0
        settings = settings_of(agents)
        queues = {id: replace(queue, callback=Callback()) for id, queue in settings.queues.items()}
        super().__init__(0, agents, replace(settings, queues=queues))
        for n in range(at_home):
            self._promise()
            if n % (at_home // waiting) == 0:
                self._join()

    def _promise(self) -> None:
        n = self.promised = self.promised + 1
        promise = Promise(f"+7495{n:07}", Kind.WEB, First.CUSTOMER, self.now, self.now + DAY)
        joins = m.CallerJoins(f"h{n}", f"h{n}", f"q{n % QUEUES}", 0.0, "", NEEDS[n % 3], promise=promise)
        self.answer(self.acd.handle(joins, self.now))

    def answer(self, facts: Sequence[Fact]) -> None:
        """Customers answer at once and press the key: then the most calls are out that can be."""
        for fact in facts:
            if isinstance(fact, f.AttemptBegan):
                self.calls += 1
                leg = attempt_id(fact.visit, fact.n)
                self.answer(self.acd.handle(m.CustomerAgrees(fact.visit, fact.n, leg, leg), self.now))
            elif isinstance(fact, f.Offered) and fact.visit.startswith("h"):
                super()._answer([fact])
                self._promise()
            elif isinstance(fact, f.Offered):
                super()._answer([fact])
                self._join()

    def _answer(self, facts: Sequence[Fact]) -> None:
        self.answer(facts)


class BenchAlone(Bench):
    """Whoever is served is followed by another."""

    def answer(self, facts: Sequence[Fact]) -> None:
        self._answer(facts)
        for fact in facts:
            if isinstance(fact, f.Offered):
                self._join()


class Timed:
    """Decisions of one line, and the processor's seconds for them and for the looks at who will be free."""

    def __init__(self, bench: BenchAlone | BenchWithHomes) -> None:
        self.bench = bench
        self.decisions: list[float] = []
        self.looks: list[float] = []

    def decide(self, number: int) -> None:
        bench = self.bench
        bench.now += PASSES
        visit = bench.talking.pop(number * 7919 % len(bench.talking))
        looks_at = bench.acd.homes.turns.prospect.looks_at
        begin = thread_time()
        facts = bench.acd.handle(m.Tick(), bench.now)
        middle = thread_time()
        facts += bench.acd.handle(m.TalkEnds(visit), bench.now)
        self.decisions.append(thread_time() - middle)
        if bench.acd.homes.turns.prospect.looks_at != looks_at:
            self.looks.append(middle - begin)
        bench.answer(facts)


def measure(decisions: int = DECISIONS) -> tuple[Verdict, str]:
    with_homes = BenchWithHomes(HOLD, AGENTS, AT_HOME)
    both = Timed(BenchAlone(ALONE, AGENTS)), Timed(with_homes)
    gc.collect()
    gc.freeze()
    for number in range(decisions + WARMS_UP):
        for each in both:
            each.decide(number)
    gc.unfreeze()
    alone, mixed = (sum(each.decisions[WARMS_UP:]) / decisions for each in both)
    looks = both[1].looks
    told = (
        f"{mixed * 1e6:.0f} us with {AT_HOME:,} at home and {HOLD:,} in line, {alone * 1e6:.0f} with {ALONE:,}; "
        f"{with_homes.calls:,} customers called, {len(looks):,} looks of {sum(looks) / len(looks) * 1e3:.1f} ms"
    )
    what = f"cost of a decision with {AT_HOME:,} call-backs, times that of {ALONE:,} who hold, at most"
    return Verdict(what, mixed / alone, RATIO, mixed / alone <= RATIO), told


def main() -> None:
    verdict, told = measure()
    print(f"{told}; ratio {verdict.measured:.2f}: {'holds' if verdict.holds else 'missed'}")
    sys.exit(0 if verdict.holds else 1)


if __name__ == "__main__":
    main()
