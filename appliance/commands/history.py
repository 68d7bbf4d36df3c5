"""The commands that read the records: past calls, reports, and why a call went as it did."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import click

from appliance.clock import RealClock
from appliance.commands.live import ask, json_option, live_calls_text, print_json
from appliance.commands.show import NOTHING, length, moment, table, with_times
from appliance.facts import Direction
from appliance.places import Places, zone_of
from appliance.records import reports
from appliance.records.figures import ServiceLevel
from appliance.records.interval import Interval, interval
from appliance.records.models import Call, Visit
from appliance.records.why import call_data, find_call, story, story_data, story_text
from appliance.records.why_agent import glances, glances_data, glances_text
from appliance.settings import Settings
from appliance.trouble import Trouble

AT_ONCE = 500  # visits looked up in one query: databases limit the parameters of one

day_option = click.option("--day", help="A day: 2026-11-30, today or yesterday.")
from_option = click.option("--from", "begin", help="The beginning: a day, '2026-11-30 14:00', or 14:00 today.")
to_option = click.option("--to", "end", help="The end; a day belongs to the interval as a whole.")


@click.command()
@click.option("-n", "--last", type=click.IntRange(1), help="Show only the last N; 20 when no time is given.")
@day_option
@from_option
@to_option
@click.option("--live", is_flag=True, help="Show the calls that go on now, as the running appliance knows them.")
@json_option
@click.pass_obj
def calls(
    places: Places,
    last: int | None,
    day: str | None,
    begin: str | None,
    end: str | None,
    live: bool,
    as_json: bool,
) -> None:
    """List calls, the latest at the bottom, with what became of them.

    \b
    Examples:
      appliance calls
      appliance calls --live
      appliance calls --day yesterday --json
      appliance calls --from 2026-11-01 --to 2026-11-30 -n 1000
    """
    if live:
        if last or day or begin or end:
            raise Trouble("--live shows the calls of this moment: leave out -n, --day, --from and --to.")
        data = ask(places, "calls")
        zone = zone_of(places.settings_if_sound())
        print_json(with_times(data, zone)) if as_json else click.echo(live_calls_text(data, zone))
        return
    settings = places.in_force()
    zone = zone_of(settings)
    when = interval(day, begin, end, RealClock().now(), zone) if day or begin or end else None
    places.database(settings)
    found = _last_calls(when, last or (None if when else 20))
    visits = _visits_of(found)
    if as_json:
        rows = [{**call_data(c, zone), "visits": [dict(v.__data__) for v in visits.get(c.id, [])]} for c in found]
        print_json(with_times(rows, zone))
    else:
        click.echo(_calls_text(found, visits, zone))


def _last_calls(when: Interval | None, last: int | None) -> list[Any]:
    query = Call.select().order_by(Call.started_at.desc(), Call.id.desc())
    if when is not None:
        query = query.where(Call.started_at >= when.start, Call.started_at < when.end)
    return list(query.limit(last) if last else query)[::-1]


def _visits_of(found: Sequence[Any]) -> dict[str, list[Any]]:
    visits: dict[str, list[Any]] = {}
    for n in range(0, len(found), AT_ONCE):
        ids = [call.id for call in found[n : n + AT_ONCE]]
        its_own = Visit.call.in_(ids) | Visit.later_call.in_(ids)
        for visit in Visit.select().where(its_own).order_by(Visit.joined_at, Visit.id):
            visits.setdefault(visit.call, []).append(visit)
            if visit.later_call is not None:
                visits.setdefault(visit.later_call, []).append(visit)
    return visits


def _calls_text(found: Sequence[Any], visits: dict[str, list[Any]], zone: tzinfo) -> str:
    if not found:
        return "There are no such calls."
    rows = []
    for call in found:
        visit = visits[call.id][-1] if call.id in visits else None
        outcome = call.outcome if call.ended_at is not None else f"not ended ({call.outcome})"
        rows.append(
            (
                *(call.id, moment(call.started_at, zone), _who(call), call.customer, call.dnis),
                *((visit.queue, _waited(visit), visit.agent, _talked(visit)) if visit else ("", "", "", "")),
                outcome,
            )
        )
    header = ("call", "arrived", "number", "customer", "dnis", "queue", "waited", "agent", "talked", "outcome")
    return table(header, rows)


def _who(call: Any) -> str:
    """Who called, or whom a phone has called."""
    if call.direction == Direction.OUT.value:
        return f"to {call.number or NOTHING}"
    return call.number or "anonymous"


def _waited(visit: Any) -> str:
    left = visit.answered_at if visit.answered_at is not None else visit.ended_at
    return length(None if left is None else left - visit.joined_at)


def _talked(visit: Any) -> str:
    if visit.answered_at is None or visit.talk_ended_at is None:
        return ""
    return length(visit.talk_ended_at - visit.answered_at)


@click.command()
@day_option
@from_option
@to_option
@click.option("--queue", help="Only the calls of this queue.")
@click.option("--agent", help="Only this agent.")
@click.option(
    "--service-level",
    "level",
    type=click.Choice([level.name for level in ServiceLevel], case_sensitive=False),
    default=ServiceLevel.C.name,
    show_default=True,
    help="The formula; it is printed with the figures.",
)
@json_option
@click.pass_obj
def report(
    places: Places,
    day: str | None,
    begin: str | None,
    end: str | None,
    queue: str | None,
    agent: str | None,
    level: str,
    as_json: bool,
) -> None:
    """The figures of an interval, by queue and by agent, and the ledger; of today if no time is given.

    \b
    Examples:
      appliance report
      appliance report --day yesterday --queue sales
      appliance report --from 2026-11-01 --to 2026-11-30 --service-level A
      appliance report --agent 1001 --json
    """
    settings = places.in_force()
    now = RealClock().now()
    when = interval(day, begin, end, now, zone_of(settings))
    places.database(settings)
    _refuse_unknown(queue, agent, settings)
    figures = reports.report(when, now, settings, ServiceLevel[level.upper()], queue, agent)
    print_json(reports.report_data(figures)) if as_json else click.echo(reports.report_text(figures, settings))


def _refuse_unknown(queue: str | None, agent: str | None, settings: Settings) -> None:
    """A misspelt name must not look like a day without calls; one that was removed keeps its history."""
    if (
        queue is not None
        and queue not in settings.queues
        and not Visit.select().where(Visit.queue == queue).exists()
    ):
        raise Trouble(f"There is no queue {queue!r}: there are {', '.join(settings.queues)}.")
    if (
        agent is not None
        and agent not in settings.agents
        and not Visit.select().where(Visit.agent == agent).exists()
    ):
        raise Trouble(f"There is no agent {agent!r}: there are {', '.join(settings.agents)}.")


@click.command()
@click.argument("call", required=False)
@click.option("--agent", help="Instead of a call: the moments at which this agent was considered, and why not.")
@click.option("-n", "--last", type=click.IntRange(1), default=20, show_default=True, help="So many such moments.")
@json_option
@click.pass_obj
def why(places: Places, call: str | None, agent: str | None, last: int, as_json: bool) -> None:
    """Tell the story of a call: its steps, and which agents were considered and why each was passed over.

    CALL is the id of a call (`appliance calls` shows them), the beginning of one, or `last`. Where several calls
    begin so, none is shown but their ids, and the exit status is 2.

    \b
    Examples:
      appliance why last
      appliance why 261121-212406-001
      appliance why 261121-2124 --json
      appliance why --agent 1001
    """
    if (call is None) == (agent is None):
        raise Trouble("Name a call, such as `appliance why last`, or an agent: `appliance why --agent 1001`.")
    settings = places.in_force()
    zone = zone_of(settings)
    places.database(settings)
    if call is None:
        _tell_of_agent(str(agent), last, settings, zone, as_json)
        return
    told = story(find_call(call))
    print_json(story_data(told, zone)) if as_json else click.echo(story_text(told, zone, settings))


def _tell_of_agent(agent: str, last: int, settings: Settings, zone: tzinfo, as_json: bool) -> None:
    _refuse_unknown(None, agent, settings)
    seen = glances(agent, last)
    known = settings.agents.get(agent)
    if as_json:
        print_json(glances_data(agent, seen, zone))
    else:
        click.echo(glances_text(agent, known.name if known else "", seen, zone))
