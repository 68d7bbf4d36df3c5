"""The command that says how many agents are needed when, by formulas and by simulation."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from appliance.clock import RealClock
from appliance.commands.history import day_option, from_option, to_option
from appliance.commands.live import json_option, print_json
from appliance.configuration.documents import Unreadable, read_text
from appliance.configuration.problems import did_you_mean, shown
from appliance.places import DATABASE, SQLITE, Places, zone_of
from appliance.port import Outcome
from appliance.records.interval import Interval, interval
from appliance.settings import Settings
from appliance.staffing.demand import Demand, Habits, Length, Work
from appliance.staffing.forecast import read_forecast
from appliance.staffing.history import Past, habits, past
from appliance.staffing.plan import plans
from appliance.staffing.target import share, target
from appliance.staffing.text import plan_data, plans_text
from appliance.traffic.laws import always, exponential
from appliance.trouble import Trouble

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_BACK = 28  # days, for lengths and habits that nobody has named
MOST_DAYS = 366
_INTERVALS = {"15m": 900.0, "30m": 1800.0, "60m": 3600.0}


@click.command()
@click.option("--target", "goal", default="80/20", show_default=True, help="Per cent of callers / seconds.")
@click.option("--max-abandon", metavar="%", help="No more callers may give up: 5%.")
@click.option("--max-occupancy", metavar="%", help="Agents may not be busier: 85%.")
@click.option("--queue", "queues", multiple=True, help="Only this queue; several times for several.")
@day_option
@from_option
@to_option
@click.option("--weekday", help="Of these days only mon, or mon,tue,... Their average counts.")
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Expected calls: columns time, calls, queue.")
@click.option("--interval", "every", type=click.Choice([*_INTERVALS]), default="30m", show_default=True)
@click.option("--talk", type=click.FloatRange(1, 86400), help="Seconds on average, instead of those recorded.")
@click.option("--wrap-up", type=click.FloatRange(0, 86400), help="Seconds on average after each talk.")
@click.option("--patience", type=click.FloatRange(1, 86400), help="Seconds on average until callers give up.")
@click.option("--answer-after", type=click.FloatRange(0, 300), help="Seconds for which phones ring on average.")
@click.option("--miss", metavar="%", help="So many offers are not answered: 3%.")
@click.option("--shrinkage", metavar="%", help="So many of the rostered agents are away: 30%.")
@click.option("--days", type=click.IntRange(2, 10_000), help="Simulate so many days; more is surer and slower.")
@click.option("--no-simulation", is_flag=True, help="The formulas alone.")
@json_option
@click.pass_obj
def staffing(
    places: Places,
    goal: str,
    max_abandon: str | None,
    max_occupancy: str | None,
    queues: tuple[str, ...],
    day: str | None,
    begin: str | None,
    end: str | None,
    weekday: str | None,
    file: Path | None,
    every: str,
    talk: float | None,
    wrap_up: float | None,
    patience: float | None,
    answer_after: float | None,
    miss: str | None,
    shrinkage: str | None,
    days: int | None,
    no_simulation: bool,
    as_json: bool,
) -> None:
    """Say how many agents are needed in each interval of the day, by Erlang C and A and by simulation.

    Calls are those of recorded days (yesterday, where nothing is said), or of a CSV file. How long they take, how
    patient callers are and how agents answer is recorded too, unless an option says it.

    \b
    Examples:
      appliance staffing --target 80/20
      appliance staffing --queue support --from 2026-11-01 --to 2026-11-30 --weekday mon --shrinkage 30%
      appliance staffing --csv forecast.csv --queue support --talk 180 --wrap-up 30 --patience 120 --json
    """
    wanted = target(goal, max_abandon, max_occupancy)
    away = share("--shrinkage", shrinkage) if shrinkage is not None else 0.0
    missed = share("--miss", miss) if miss is not None else None
    settings = places.in_force()
    chosen = _chosen(settings, queues)
    said = _Said(talk, wrap_up, patience, answer_after, missed)
    seconds = _INTERVALS[every]
    if file is not None:
        if day or begin or end or weekday:
            raise Trouble("Give either --csv, or the days by --day, --from, --to and --weekday.")
        demand = _from_csv(places, settings, file, seconds, chosen, said)
    else:
        demand = _from_records(places, settings, (day, begin, end, weekday), seconds, chosen, said)
    if not no_simulation and not as_json and sys.stderr.isatty():
        click.echo(
            "Simulating days with more agents and fewer: a minute, or several for a large centre.", err=True
        )
    found = plans(settings, demand, wanted, away, days, simulated=not no_simulation)
    if as_json:
        print_json({"about": demand.about, "plans": [plan_data(plan) for plan in found]})
    else:
        click.echo(plans_text(found, demand.about))


class _Said:
    """What options say, and what else is known."""

    def __init__(
        self,
        talk: float | None,
        wrap_up: float | None,
        patience: float | None,
        answer_after: float | None,
        missed: float | None,
    ) -> None:
        self._talk = Length(talk, exponential(talk)) if talk is not None else None
        self._wrap_up = Length(wrap_up, exponential(wrap_up)) if wrap_up is not None else None
        self._patience = patience
        self._answers = Length(answer_after, always(answer_after)) if answer_after is not None else None
        self._missed = missed

    def work(self, queue: str, known: Past) -> Work:
        talk = self._talk or known.talk
        if talk is None:
            raise Trouble(
                f"Nobody has talked in the queue {queue} on the days in question: say how long a talk takes, "
                "like --talk 180, and --wrap-up and --patience with it."
            )
        wrap_up = self._wrap_up or known.wrap_up or Length(0.0, always(0.0))
        patience = self._patience if self._patience is not None else known.patience
        kinds = tuple(known.kinds.elements()) or None
        return Work(talk, wrap_up, patience, kinds) if kinds else Work(talk, wrap_up, patience)

    def habits(self, known: Habits) -> Habits:
        misses = known.misses if self._missed is None else {Outcome.NO_ANSWER: self._missed}
        return Habits(self._answers or known.answers_after, misses)


def _chosen(settings: Settings, queues: Iterable[str]) -> list[str]:
    for queue in queues:
        if queue not in settings.queues:
            raise Trouble(f"--queue: there is no queue {shown(queue)}. {did_you_mean(queue, settings.queues)}")
    chosen = list(dict.fromkeys(queues)) or sorted(settings.queues)
    manned = [queue for queue in chosen if settings.queues[queue].agents]
    if not manned:
        raise Trouble("No queue has agents by whom it could be served: name some below `agents` of a queue.")
    return manned


def _from_records(
    places: Places,
    settings: Settings,
    when: tuple[str | None, str | None, str | None, str | None],
    seconds: float,
    queues: Sequence[str],
    said: _Said,
) -> Demand:
    day, begin, end, weekday = when
    zone, now = zone_of(settings), RealClock().now()
    if begin is None and end is None and day is None:
        begin = f"{datetime.fromtimestamp(now, zone) - timedelta(days=LOOK_BACK if weekday else 1):%Y-%m-%d}"
        end = "yesterday"
    span = interval(day, begin, end, now, zone)
    all_days = _days(span, weekday)
    places.database(settings)
    known = past(all_days, queues, seconds)
    worked = len({start for queue in queues for start in known[queue].days})
    if not worked:
        raise Trouble(f"The records of {span} have no call for {', '.join(queues)}: name other days or a --csv.")
    calls = {q: tuple(count / worked for count in known[q].calls) for q in queues if any(known[q].calls)}
    work = {queue: said.work(queue, known[queue]) for queue in calls}
    on = f", {weekday} only" if weekday else ""
    average = f", the average of {worked} days with calls" if worked > 1 else ""
    return Demand(seconds, calls, work, said.habits(habits(all_days, queues)), f"as on {span}{on}{average}")


def _days(span: Interval, weekday: str | None) -> list[Interval]:
    """The days of a stretch of time, each as far as it belongs to it."""
    wanted = _weekdays(weekday)
    first, last = (datetime.fromtimestamp(at, span.zone).date() for at in (span.start, span.end - 1e-6))
    if (last - first).days >= MOST_DAYS:
        raise Trouble(f"That is more than {MOST_DAYS} days: name fewer.")
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if day.weekday() in wanted:
            begin, end = (_midnight(each, span) for each in (day, day + timedelta(days=1)))
            found.append(Interval(max(begin, span.start), min(end, span.end), span.zone))
    if not found:
        raise Trouble(f"There is no {weekday} in {span}: name more days by --from and --to.")
    return found


def _weekdays(text: str | None) -> set[int]:
    if text is None:
        return set(range(7))
    found = set()
    for name in text.lower().split(","):
        if name.strip()[:3] not in WEEKDAYS:
            raise Trouble(
                f"--weekday: {shown(name)} is no day of the week. Write mon, tue, wed, thu, fri, sat or sun."
            )
        found.add(WEEKDAYS.index(name.strip()[:3]))
    return found


def _midnight(day: date, span: Interval) -> float:
    return datetime.combine(day, datetime.min.time(), span.zone).timestamp()


def _from_csv(
    places: Places, settings: Settings, file: Path, seconds: float, chosen: Sequence[str], said: _Said
) -> Demand:
    try:
        text = read_text(file)
    except Unreadable as error:
        raise Trouble(f"{file}: {error.text} {error.remedy}".strip()) from None
    calls = read_forecast(text, str(file), seconds, chosen, chosen[0] if len(chosen) == 1 else None)
    known, agents = _lately(places, settings, list(calls), seconds)
    work = {queue: said.work(queue, known[queue]) for queue in calls}
    return Demand(seconds, calls, work, said.habits(agents), f"as {file} expects")


def _lately(
    places: Places, settings: Settings, queues: Sequence[str], seconds: float
) -> tuple[Mapping[str, Past], Habits]:
    """What the records of the last weeks say, where there are any."""
    if settings.database == SQLITE and not (places.data / DATABASE).exists():
        return {queue: Past([]) for queue in queues}, Habits()
    places.database(settings)
    now = RealClock().now()
    span = Interval(now - LOOK_BACK * 86400.0, now, zone_of(settings))
    return past([span], queues, seconds), habits([span], queues)
