"""Imagined days with and without call-back: who gives up, who holds for how long, how long it takes to be served.

Fifty agents, ten hours with two peaks, at 90, 100 and 110 % of what they can do. Callers hang up after four
minutes, on average. With call-back, half or nearly all of those who have held for fifteen seconds go home; of the
calls to them four in five are answered, after ten seconds.

`python -m tests.bench.callback_days` prints the table of docs/callback-figures.md and draws its chart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.commands.show import length, share
from appliance.facts import VisitOutcome
from appliance.settings import Callback
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import always, exponential, lognormal
from appliance.traffic.result import Result, Stay
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, AtHome, Scenario
from tests.bench.waits import DAY, START, queue, site, team

DOCS = Path(__file__).parents[2] / "docs"
AGENTS = 50
LOADS = (0.9, 1.0, 1.1)
HOURS = (0.7, 1.2, 1.4, 1.2, 0.8, 0.6, 0.9, 1.3, 1.1, 0.8)  # of the mean of the day: two peaks
TALK = lognormal(180.0, 120.0)
RINGS, WRAP_UP, HANDLING = 4.0, 20.0, 204.0
PATIENCE = exponential(240.0)
SHARES = (0.0, 0.5, 0.95)  # of callers, who go home
HOME = AtHome(15.0, answers=0.8, answers_after=always(10.0))
COLOURS = ("#9aa5b1", "#79b0f4", "#1f6feb")


@dataclass(frozen=True)
class Figures:
    """Of the callers of one day; seconds."""

    callers: int
    gave_up: float  # share who hung up and were not served
    unreached: float  # share who were called back, and never reached
    hold: float  # on the phone, on average
    longest: float  # held by nineteen in twenty at most
    until: float  # from joining to talking, on average of those who talked
    home: float  # share who went home


def day(load: float, go_home: float) -> Figures:
    agents = team(1, AGENTS)
    settings = site(replace(queue("q", agents, wrap_up=WRAP_UP), callback=Callback() if go_home else None))
    hour = DAY / len(HOURS)
    calls_of = load * AGENTS * hour / HANDLING
    times = arrivals([Demand(START + n * hour, hour, calls_of * most) for n, most in enumerate(HOURS)], 1)
    shift = ((START, START + DAY + 3600.0),)  # an hour to serve who still waits
    staff = [AgentDay(a, a, shift, answers_after=always(RINGS)) for a in agents]
    calls = callers("q", times, TALK, PATIENCE, 1)
    ends = START + DAY + 7200.0
    return judge(
        simulate(Scenario(settings, calls, staff, 1, ends, replace(HOME, share=go_home) if go_home else None))
    )


def judge(result: Result) -> Figures:
    stays = [*result.stays.values()]
    served = [stay for stay in stays if stay.answered_at is not None]
    holds = sorted(map(held, stays))
    return Figures(
        len(stays),
        sum(stay.outcome is VisitOutcome.ABANDONED for stay in stays) / len(stays),
        sum(stay.outcome is VisitOutcome.UNREACHED or stay.outcome is None for stay in stays) / len(stays),
        sum(holds) / len(holds),
        holds[len(holds) * 19 // 20],
        sum(stay.wait(result.ended_at) for stay in served) / len(served),
        sum(stay.calls > 0 or stay.went_home_at is not None for stay in stays) / len(stays),
    )


def held(stay: Stay) -> float:
    """Seconds with the phone in hand."""
    end = stay.ended_at if stay.went_home_at is None else stay.went_home_at
    return max(0.0, (end or stay.joined_at) - stay.joined_at - stay.at_home)


def rows(days: dict[tuple[float, float], Figures]) -> Iterator[str]:
    yield "| load | would go | callers | gave up | never reached | went home | hold | 95 % held | to the talk |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for (load, go_home), x in days.items():
        yield (
            f"| {load:.0%} | {go_home:.0%} | {x.callers:,} | {share(x.gave_up)} | {share(x.unreached)} "
            f"| {share(x.home)} | {length(x.hold)} | {length(x.longest)} | {length(x.until)} |"
        )


def chart(days: dict[tuple[float, float], Figures]) -> str:
    """Three groups of bars: without call-back and with it, at each load."""
    panels = (
        ("Gave up, %", [days[key].gave_up * 100 for key in days], "{:.1f}"),
        ("Hold on the phone, s", [days[key].hold for key in days], "{:.0f}"),
        ("From joining to the talk, s", [days[key].until for key in days], "{:.0f}"),
    )
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300" font-family="sans-serif"',
        ' font-size="12">',
        '<rect width="900" height="300" fill="white"/>',
    ]
    for panel, (title, values, shown) in enumerate(panels):
        left, most = 20 + panel * 295, max(*values, 1.0)
        parts.append(f'<text x="{left}" y="24" font-weight="bold">{title}</text>')
        for n, (value, (load, _)) in enumerate(zip(values, days, strict=True)):
            x, high = left + n * 27 + n // 3 * 12, 190 * value / most
            middle, colour = x + 12, COLOURS[n % 3]
            parts.append(f'<rect x="{x}" y="{240 - high:.1f}" width="24" height="{high:.1f}" fill="{colour}"/>')
            parts.append(
                f'<text x="{middle}" y="{235 - high:.1f}" text-anchor="middle">{shown.format(value)}</text>'
            )
            if n % 3 == 1:
                parts.append(f'<text x="{middle}" y="258" text-anchor="middle">{load:.0%}</text>')
    for n, name in enumerate(("without call-back", "half would go home", "nearly all would")):
        parts.append(f'<rect x="{20 + n * 160}" y="276" width="12" height="12" fill="{COLOURS[n]}"/>')
        parts.append(f'<text x="{38 + n * 160}" y="287">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    days = {(load, go_home): day(load, go_home) for load in LOADS for go_home in SHARES}
    print("\n".join(rows(days)))
    (DOCS / "callback-days.svg").write_text(chart(days))


if __name__ == "__main__":
    main()
