"""The staffing plan as a person reads it, and as data. Pure."""

from collections.abc import Sequence
from typing import Any

from appliance.commands.show import NOTHING, length, share, table
from appliance.staffing.demand import Demand
from appliance.staffing.plan import Plan, Row

_LEGEND = (
    "Erlang C: callers would wait for ever. Erlang A: they give up. Both take all agents for alike, who answer",
    "at once. Simulated: through the real line, with its strategies and skills, with ringing, missed calls and",
    "who is left over from the interval before; with one agent less the target is missed. Difference: simulated",
    "less Erlang A. In time: of all callers, and how far chance may have moved that (95 %).",
)
_FORMULAS = "Erlang C: callers would wait for ever. Erlang A: they give up. Nothing was simulated."


def plans_text(found: Sequence[Plan], about: str) -> str:
    first = found[0]
    parts = [f"Agents needed: {about}\nTarget: {first.target}"]
    parts += [_plan_text(plan) for plan in found]
    return "\n\n".join([*parts, "\n".join(_LEGEND) if first.days else _FORMULAS])


def _plan_text(plan: Plan) -> str:
    demand = plan.demand
    names = ", ".join(plan.queues)
    shared = f"{names}, which share agents" if len(plan.queues) > 1 else names
    header = ["from", "calls", "erlangs", "Erlang C", "Erlang A"]
    if plan.days:
        header += ["simulated", "difference", "in time", "+-", "give up", "busy"]
    if plan.shrinkage:
        header.append("to be rostered")
    rows = [_cells(plan, row) for row in plan.rows]
    lines = [shared, *_assumptions(demand), "", table(header, rows), "", *_sums(plan)]
    lines += [
        f"{_clock(row.start)}: the target is missed however many agents there are. Does ringing take longer than "
        "the target allows, or has nobody the skills that are needed?"
        for row in plan.rows
        if row.simulated is not None and not row.simulated.meets(plan.target)
    ]
    return "\n".join(lines)


def _cells(plan: Plan, row: Row) -> list[object]:
    cells: list[object] = [_clock(row.start), f"{row.calls:.1f}", f"{row.load:.1f}", row.erlang_c, row.erlang_a]
    if plan.days:
        seen, difference = row.simulated, row.difference
        if seen is None or difference is None or not seen.offered:
            cells += [0, 0, NOTHING, NOTHING, NOTHING, NOTHING]
        else:
            cells += [seen.agents, difference, share(seen.level), share(seen.off_by), share(seen.abandons)]
            cells.append(share(seen.occupancy))
    if plan.shrinkage:
        cells.append(row.scheduled)
    return cells


def _assumptions(demand: Demand) -> list[str]:
    lines = []
    for queue, work in sorted(demand.work.items()):
        if queue not in demand.calls:
            continue
        patience = (
            "never give up" if work.patience is None else f"give up after {length(work.patience)} on average"
        )
        lines.append(
            f"  {queue}: talks {length(work.talk.mean)}, wrap-up {length(work.wrap_up.mean)}; callers {patience}"
        )
    missed = sum(demand.habits.misses.values())
    lines.append(
        f"  agents answer after {demand.habits.answers_after.mean:.1f} s and miss {share(missed)} of offers"
    )
    return lines


def _sums(plan: Plan) -> list[str]:
    hours = plan.demand.interval / 3600
    peak = max(plan.rows, key=lambda row: row.scheduled)
    sums = [f"{sum(row.erlang_a for row in plan.rows) * hours:.1f} agent hours by Erlang A"]
    if plan.days:
        sums.append(f"{sum(r.simulated.agents for r in plan.rows if r.simulated) * hours:.1f} as simulated")
    if plan.shrinkage:
        away = f"{plan.shrinkage * 100:g} % of them away"
        sums.append(f"{sum(row.scheduled for row in plan.rows) * hours:.1f} to be rostered with {away}")
    days = [f"{plan.days} days were simulated each time."] if plan.days else []
    return [f"{', '.join(sums)}; most at {_clock(peak.start)}: {peak.scheduled}.", *days]


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}"


def plan_data(plan: Plan) -> dict[str, Any]:
    demand = plan.demand
    return {
        "queues": plan.queues,
        "target": {
            "share": plan.target.share,
            "within": plan.target.within,
            "max_abandon": plan.target.most_abandons,
            "max_occupancy": plan.target.most_occupancy,
        },
        "interval": demand.interval,
        "shrinkage": plan.shrinkage,
        "simulated_days": plan.days,
        "answers_after": demand.habits.answers_after.mean,
        "misses": {cause.value: part for cause, part in demand.habits.misses.items()},
        "work": {
            queue: {"talk": work.talk.mean, "wrap_up": work.wrap_up.mean, "patience": work.patience}
            for queue, work in sorted(demand.work.items())
            if queue in demand.calls
        },
        "intervals": [_row_data(plan, row) for row in plan.rows],
    }


def _row_data(plan: Plan, row: Row) -> dict[str, Any]:
    seen = row.simulated
    return {
        "from": _clock(row.start),
        "calls": row.calls,
        "erlangs": row.load,
        "erlang_c": row.erlang_c,
        "erlang_a": row.erlang_a,
        "simulated": seen and seen.agents,
        "difference": row.difference,
        "to_be_rostered": row.scheduled,
        "in_time": seen and seen.level,
        "in_time_off_by": seen and seen.off_by,
        "give_up": seen and seen.abandons,
        "busy": seen and seen.occupancy,
        "target_met": seen and seen.meets(plan.target),
    }
