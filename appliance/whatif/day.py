"""A recorded day goes by once more in the model, as it was or with changes, as often as chance is asked. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from appliance.line.messages import Message, TakeSettings
from appliance.records.figures import AgentFigures, QueueFigures
from appliance.settings import Settings
from appliance.traffic.run import simulate
from appliance.traffic.scenario import Scenario
from appliance.trouble import Trouble
from appliance.whatif.changes import Changes, changed, staffing
from appliance.whatif.habits import Habits, with_desks
from appliance.whatif.past import Recorded


@dataclass(frozen=True)
class Served:
    """By which settings a day was served from when on; the first from its beginning."""

    at: float
    settings: Settings


@dataclass(frozen=True)
class Day:
    """The figures of one day."""

    queues: Sequence[QueueFigures]
    agents: Sequence[AgentFigures]
    members: Mapping[str, Sequence[str]]  # the agents of each queue


class Model:
    """One day with certain changes, or none."""

    def __init__(self, recorded: Recorded, habits: Habits, served: Sequence[Served], changes: Changes) -> None:
        self._recorded, self._habits = recorded, habits
        self.staffing = staffing(changes, changed(served[0].settings, changes), habits)
        if changes.settings is not None:
            served = served[:1]  # one for the whole day
        self._served = [Served(each.at, self._with(each.settings, changes)) for each in served]
        self.settings = _with_queues_of(self._served)
        self._refuse_lost_callers()

    def _with(self, settings: Settings, changes: Changes) -> Settings:
        settings = self.staffing.applied_to(changed(settings, changes))
        return with_desks(settings, settings.agents, self._habits.reasons)

    def run(self, seed: int) -> Day:
        """Let it go by."""
        when, habits = self._recorded.interval, self._habits
        known = {agent for each in self._served for agent in each.settings.agents}
        days = [habits.agent_day(agent) for agent in sorted(habits.agents) if agent in known]
        told: list[tuple[float, Message]] = [(each.at, TakeSettings(each.settings)) for each in self._served[1:]]
        result = simulate(
            Scenario(
                self.settings,
                habits.callers(seed),
                [*days, *self.staffing.days(habits)],
                seed,
                messages=[*told, *habits.otherwise()],
            )
        )
        return Day(
            result.queues(when.start, when.end), result.agents(when.start, when.end), members_of(self.settings)
        )

    @property
    def left_out(self) -> list[str]:
        """Agents who worked, and whom the configuration does not know."""
        known = {agent for each in self._served for agent in each.settings.agents}
        return [agent for agent in sorted(self._habits.agents) if agent not in known]

    def _refuse_lost_callers(self) -> None:
        came: dict[str, int] = {}
        for stay in self._recorded.stays:
            if stay.queue not in self.settings.queues:
                came[stay.queue] = came.get(stay.queue, 0) + 1
        for queue, number in came.items():
            callers = "1 caller" if number == 1 else f"{number} callers"
            raise Trouble(
                f"{callers} came to the queue {queue} that day, and the configuration has none of that name: "
                "choose a day or a configuration that fit each other."
            )


def members_of(settings: Settings) -> dict[str, Sequence[str]]:
    """The agents of each queue."""
    return {id: queue.agents for id, queue in settings.queues.items()}


def _with_queues_of(served: Sequence[Served]) -> Settings:
    """The first settings, with the queues that later ones have added: they have figures as well."""
    queues = {id: queue for each in reversed(served) for id, queue in each.settings.queues.items()}
    return replace(served[0].settings, queues=queues)
