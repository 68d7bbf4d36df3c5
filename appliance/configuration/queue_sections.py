"""The fields of a queue that say who serves whom: tiers, skills, and when agents are paused."""

import re
from collections.abc import Mapping
from typing import Any

from appliance.configuration import fields
from appliance.configuration.documents import Items, Node, Table
from appliance.configuration.problems import Report, shown
from appliance.configuration.shapes import fields_of, form, one_or_several, shape_of, shaped, table_of
from appliance.configuration.tables import Fields, Wrong, attempt, entries
from appliance.line.skills import Needs, make_needs
from appliance.settings import ComesBack, Queue, Sticky
from appliance.settings.queues import NEAREST, AppQueue, AppQueueStrategy, PauseAfter, Strategy, Tier

APP_QUEUE = "app_queue"  # whose behaviour a queue may have
HIGHEST = 100  # level of a skill

_REQUIREMENT = re.compile(r"([a-z0-9][a-z0-9-]{0,39})(?: *>= *([0-9]{1,3}))?")
_EXAMPLE = "Write it like english>=4, or english."


@shaped(form(_REQUIREMENT.pattern))
def requirement(node: Node) -> tuple[str, int]:
    """A skill, and how well it must be had at least."""
    value = fields.text(node)
    found = _REQUIREMENT.fullmatch(value)
    if not found or int(found[2] or 1) > HIGHEST:
        raise Wrong(node.place, f"{shown(value)} is not a skill with a level from 0 to {HIGHEST}.", _EXAMPLE)
    return found[1], int(found[2] or 1)


_SEVERAL = one_or_several(shape_of(requirement))
_NEEDS = {"required": _SEVERAL, "preferred": _SEVERAL, "after": table_of(shape_of(fields.duration), _SEVERAL)}
_SOME_TIER = fields_of(
    {
        "agents": one_or_several(shape_of(fields.agent_id), least=1),
        "after": shape_of(fields.some_time),
        "misses": shape_of(fields.whole(1, 100)),
        "penalty": shape_of(fields.whole(0, 1000)),
    },
    ("agents",),
)


_OURS, _THEIRS = ([str(each.value) for each in kind] for kind in (Strategy, AppQueueStrategy))
_SOME_STRATEGY = {"enum": list(dict.fromkeys(_OURS + _THEIRS))}


@shaped(_SOME_STRATEGY)
def _ours(node: Node) -> Strategy:
    value = fields.text(node)
    if value in _THEIRS and value not in _OURS:
        near = NEAREST[AppQueueStrategy(value)].value
        remedy = f'Write "strategy: {near}", or "compatible: {APP_QUEUE}" as well.'
        raise Wrong(node.place, f"{shown(value)} is a strategy of Asterisk's {APP_QUEUE}.", remedy)
    return fields.member(Strategy)(node)


@shaped(_SOME_STRATEGY)
def _theirs(node: Node) -> AppQueueStrategy:
    value = fields.text(node)
    if value in _OURS and value not in _THEIRS:
        remedy = f'Write one of its own ({", ".join(_THEIRS)}), or remove "compatible".'
        raise Wrong(node.place, f"{APP_QUEUE} has no strategy {shown(value)}.", remedy)
    return fields.member(AppQueueStrategy)(node)


class QueueSections:
    """Reads what is within those fields."""

    def __init__(self, report: Report) -> None:
        self._report = report

    @shaped({"anyOf": [_SEVERAL, {**fields_of(_NEEDS), "minProperties": 1}]})
    def needs(self, node: Node) -> Needs:
        """Requirements, or a table of what is required, preferred, and required after a while."""
        if not isinstance(node, Table):
            return make_needs(self._requirements(node), {}, {})
        each = Fields(node, "What is needed", node.place, self._report)
        required, preferred, after = each.node("required"), each.node("preferred"), each.node("after")
        each.close()
        if not node.entries:
            raise Wrong(node.place, "This says nothing of what is needed.", _EXAMPLE)
        relaxed = {
            attempt(fields.duration, entry.key, 0.0, self._report): self._requirements(entry.value)
            for entry in entries(after, '"after"', self._report)
        }
        return make_needs(self._requirements(required), self._requirements(preferred), relaxed)

    @shaped(_SOME_TIER)
    def tier(self, node: Node) -> Tier:
        """Agents who are asked after others, and from when on."""
        each = Fields(node, "A tier", node.place, self._report)
        tier = Tier(
            each.items("agents", fields.agent_id, "Name the agents of this tier.", needed=True),
            each.take("after", fields.some_time, None),
            each.take("misses", fields.whole(1, 100), None),
            each.take("penalty", fields.whole(0, 1000), None),
        )
        each.close()
        return tier

    @staticmethod
    def pause_after(each: Fields) -> PauseAfter:
        often = fields.whole(1, 100)
        return PauseAfter(
            no_answer=each.take("no_answer", often, None),
            refused=each.take("refused", often, None),
            busy=each.take("busy", often, None),
            unreachable=each.take("unreachable", often, None),
            within=each.take("within", fields.some_time, PauseAfter.within),
        )

    @staticmethod
    def sticky(each: Fields) -> Sticky:
        return Sticky(
            last_agent=each.take("last_agent", fields.some_time, None),
            within=each.take("within", fields.retention, Sticky.within),
            own_agent=each.take("own_agent", fields.some_time, None),
        )

    @staticmethod
    def comes_back(each: Fields) -> ComesBack:
        return ComesBack(
            within=each.take("within", fields.some_time, ComesBack.within),
            agent=each.take("agent", fields.duration, ComesBack.agent),
        )

    @staticmethod
    def order(each: Fields) -> Mapping[str, Any]:
        """In which order the agents are offered a call: ours, or that of app_queue."""
        is_theirs = each.take("compatible", fields.one_of(APP_QUEUE), None) is not None
        retry = each.take("retry", fields.some_time, AppQueue.retry)
        autofill = each.take("autofill", fields.yes_or_no, AppQueue.autofill)
        if not is_theirs:
            return {"strategy": each.need("strategy", _ours, Strategy.RING_ALL)}
        theirs = each.need("strategy", _theirs, AppQueueStrategy.RINGALL)
        return {"strategy": NEAREST[theirs], "app_queue": AppQueue(theirs, retry, autofill)}

    def who_serves(self, each: Fields) -> Mapping[str, Any]:
        """The fields of a queue that this file knows."""
        first = each.items("agents", fields.agent_id)
        tiers = each.items("tiers", self.tier)
        return {
            "agents": (*first, *(agent for tier in tiers for agent in tier.agents)),
            "tiers": tiers,
            "shares": each.table("shares", fields.agent_id, fields.factor, 1.0),
            "needs": each.take("needs", self.needs, Queue.needs),
            "weight": each.take("weight", fields.factor, Queue.weight),
            "pause_after": each.section("pause_after", self.pause_after, None),
            "sticky": each.section("sticky", self.sticky, Sticky()),
            "comes_back": each.section("comes_back", self.comes_back, None),
        }

    def _requirements(self, node: Node | None) -> dict[str, int]:
        nodes = node.items if isinstance(node, Items) else () if node is None else (node,)
        found = (attempt(requirement, each, None, self._report) for each in nodes)
        return dict(each for each in found if each is not None)
