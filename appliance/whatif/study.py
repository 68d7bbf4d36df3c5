"""A recorded day as it was and with changes, and the words that go with the figures."""

from collections.abc import Sequence
from typing import Any

from appliance.commands.show import iso
from appliance.facts import VisitOutcome
from appliance.records.figures import DEFINITIONS, ServiceLevel
from appliance.records.tally import agent_figures, queue_figures
from appliance.trouble import Trouble
from appliance.whatif.changes import Changes, known_queue
from appliance.whatif.comparison import compare, comparison_data, comparison_text
from appliance.whatif.day import Day, Model, Served, members_of
from appliance.whatif.habits import ENOUGH, Habits
from appliance.whatif.past import Recorded

MOST_RUNS = 5
CALLS_IN_ALL = 20_000  # of so many calls at most the day goes by again and again, unless told how often


class Study:
    """Figures of one day: recorded, in the model as it was, in the model with changes. Raises Trouble."""

    def __init__(
        self,
        day: Recorded,
        changes: Changes,
        served: Sequence[Served],
        level: ServiceLevel,
        only: Sequence[str],
        runs: int | None,
    ) -> None:
        _refuse_empty(day)
        self._day, self._level, self._changes = day, level, changes
        self._habits = habits = Habits(day)
        before, self._after = (Model(day, habits, served, each) for each in (Changes(), changes))
        for queue in only:
            known_queue(queue, before.settings)
        self.runs = runs or max(1, min(MOST_RUNS, CALLS_IN_ALL // len(day.stays)))
        recorded = Day(
            queue_figures(day.interval, day.interval.end, before.settings),
            agent_figures(day.interval, day.interval.end, before.settings),
            members_of(before.settings),
        )
        seeds = range(self.runs)
        self._unchanged, self._changed = ([each.run(n) for n in seeds] for each in (before, self._after))
        self._compared = compare(recorded, self._unchanged, self._changed, level, only)

    def text(self) -> str:
        """All of it as a person reads it."""
        return "\n\n".join(
            [
                "\n".join([f"What if: {self._day.interval}", *(f"  {word}" for word in self._words())]),
                comparison_text(self._compared),
                "\n".join([self._formulas(), *self._columns(), *self._patience()]),
            ]
        )

    def data(self) -> dict[str, Any]:
        """All of it for a program."""
        when = self._day.interval
        return {
            "from": iso(when.start, when.zone),
            "to": iso(when.end, when.zone),
            "changes": self._words(),
            "runs": self.runs,
            "service_level": self._level.value,
            "queues": comparison_data(self._compared),
            "model": [*self._columns(), *self._patience()],
        }

    def _words(self) -> list[str]:
        left_out = [
            f"{agent} is left out: the configuration does not know this agent" for agent in self._after.left_out
        ]
        return [*self._changes.words, *self._after.staffing.words(), *left_out]

    def _formulas(self) -> str:
        thresholds = {queue: known.service_level for queue, known in sorted(self._after.settings.queues.items())}
        times = ", ".join(f"{queue} {seconds:g} s" for queue, seconds in thresholds.items())
        return f"SL-{self._level.name} = {self._level.value}; T: {times}\noccupancy = {DEFINITIONS['occupancy']}"

    def _columns(self) -> list[str]:
        often = "once" if self.runs == 1 else f"{self.runs} times, and averaged"
        return [
            "recorded: what the records say.",
            f"model, as it was: the day simulated without any change ({often}). Where it differs from what was",
            "  recorded, the model is wrong by so much; a difference that is not larger means nothing.",
            "model, changed: the same callers and agents with the changes.",
            "From the records: when calls came and what they needed, how long who was answered talked, when who",
            "  hung up did; when agents were signed on, paused, on the phone otherwise, or not reachable.",
            "Of the model: how long who was answered would have waited, how long who hung up would have talked;",
            "  how fast agents answer, how often they miss, when they end wrap-up: drawn from what each did then.",
        ]

    def _patience(self) -> list[str]:
        known = [each for each in self._habits.how_patient() if each.queue in self._after.settings.queues]
        own = ", ".join(f"{each.queue} ({each.hung_up} hung up)" for each in known if not each.of_all)
        of_all = ", ".join(each.queue for each in known if each.of_all)
        lines = ["Patience by Kaplan and Meier, who count those that were answered as waiting at least so long:"]
        lines += [f"  of its own callers: {own}."] if own else []
        lines += [f"  of all callers, since fewer than {ENOUGH} hung up in each: {of_all}."] if of_all else []
        if not self._habits.patience("").seen:
            lines.append("  nobody hung up that day, so nobody does in the model, however long the wait.")
        return lines


def _refuse_empty(day: Recorded) -> None:
    if not any(stay.joined_at >= day.interval.start for stay in day.stays):
        raise Trouble(f"Nobody came to a queue in {day.interval}: there is nothing to simulate.")
    if not any(stay.outcome is VisitOutcome.ANSWERED and stay.talk is not None for stay in day.stays):
        raise Trouble(f"No call was answered in {day.interval}: nobody knows how long talks would have been.")
