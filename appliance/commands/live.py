"""The commands that ask the running appliance: status, agents, queues, live calls."""

import json
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import click

from appliance import console
from appliance.clock import RealClock
from appliance.commands.show import NOTHING, harmless, length, moment, table, time_of_day, with_times
from appliance.places import Places, zone_of

Data = Mapping[str, Any]

json_option = click.option("--json", "as_json", is_flag=True, help="Print it for a program.")


phone_option = click.option("--phone", required=True, help="The phone at which the agent works.")
reason_option = click.option(
    "--reason", required=True, help="The id of a reason to pause, as in the configuration."
)


def ask(places: Places, command: str, **arguments: object) -> Any:
    """Ask the running appliance."""
    return console.ask(places.socket, command, **arguments)


def print_json(data: object) -> None:
    """Print data for a program."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def print_answer(places: Places, data: object) -> None:
    """Print what the running appliance said for a program, with times in the site's zone."""
    print_json(with_times(data, zone_of(places.settings_if_sound())))


@click.command()
@json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say whether the appliance runs, whether it has its switch, and how much is going on.

    The exit status is 1 while the switch is not connected or the database takes nothing.

    \b
    Examples:
      appliance status
      appliance status --json
    """
    places: Places = context.obj
    data = ask(places, "status")
    if as_json:
        print_answer(places, data)
    else:
        click.echo(_status_text(data, zone_of(places.settings_if_sound())))
    if not data["switch_up"] or data.get("unwritten"):
        context.exit(1)


def _status_text(data: Data, zone: tzinfo) -> str:
    connected = (
        "connected" if data["switch_up"] else f"not connected: {data.get('switch_reason') or 'no reason known'}"
    )
    states = ", ".join(f"{count} {state}" for state, count in data["agents"].items() if count) or "nobody"
    unwritten = data.get("unwritten")
    return "\n".join(
        (
            f"{harmless(data['company'])}: running since {moment(data['since'], zone)} ({zone})",
            f"switch  {harmless(str(data['switch']))}, {connected}",
            f"calls   {data['calls']}, {_waiting(data)}, {data['talking']} talking",
            *_waits_text(data.get("expected") or {}),
            f"agents  {states}",
            f"records {harmless(unwritten) if unwritten else 'written'}",
            *_web_text(data.get("web")),
            *_by_hand_text(data.get("by_hand") or {}, zone),
        )
    )


def _web_text(web: Data | None) -> list[str]:
    """Whether customers can ask for anything over the web."""
    if web is None:
        return []
    trouble = web["trouble"]
    return [f"web     {harmless(trouble) if trouble else 'listens on ' + harmless(web['address'])}"]


def _waits_text(expected: Data) -> list[str]:
    """What who joins a queue now has to expect."""
    return [f"wait    {queue}: {between(wait)}" for queue, wait in expected.items()]


def between(wait: Data | None) -> str:
    """An expected wait, such as 2:10 to 5:40."""
    return f"{length(wait['low'])} to {length(wait['high'])}" if wait else "not known"


def _by_hand_text(by_hand: Data, zone: tzinfo) -> list[str]:
    """What holds beside the configuration, one line each."""
    hours = [
        f"hours   {each['schedule']} {'open' if each['open'] else 'closed'} by {harmless(each['by'])} "
        f"until {moment(each['until'], zone)}"
        for each in by_hand.get("hours", ())
    ]
    return hours + [
        f"notice  for {each['target']} ({each['language']}) by {harmless(each['by'])} "
        f"until {moment(each['until'], zone)}"
        for each in by_hand.get("notices", ())
    ]


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def agents(context: click.Context, as_json: bool) -> None:
    """Show the agents and their states, or change one agent's state.

    \b
    Examples:
      appliance agents
      appliance agents sign-on 1001 --phone 201
      appliance agents pause 1001 --reason 1
      appliance agents resume 1001
    """
    if context.invoked_subcommand is not None:
        return
    places: Places = context.obj
    data = ask(places, "agents")
    if as_json:
        print_answer(places, data)
    else:
        click.echo(_agents_text(data, zone_of(places.settings_if_sound())))


def _agents_text(data: Sequence[Data], zone: tzinfo) -> str:
    if not data:
        return "There are no agents."
    rows = [
        (
            *(a["agent"], a["name"], a["state"], a["reason"]),
            *(time_of_day(a["since"], zone), time_of_day(a["until"], zone)),
            _phone(a),
            *(a["queue"], a["call"]),
        )
        for a in data
    ]
    return table(("agent", "name", "state", "reason", "since", "until", "phone", "queue", "call"), rows)


def _phone(agent: Data) -> str:
    phone = agent["phone"] or NOTHING
    return f"{phone} (not reachable)" if agent["phone"] and not agent["reachable"] else phone


def _change(
    context: click.Context, command: str, agent: str, done: str, as_json: bool, **arguments: object
) -> None:
    """Change an agent's state; say so, or print the agent as `appliance agents --json` does."""
    places: Places = context.obj
    ask(places, command, agent=agent, **arguments)
    if as_json or (context.parent is not None and context.parent.params["as_json"]):
        print_answer(places, next((row for row in ask(places, "agents") if row["agent"] == agent), None))
    else:
        click.echo(done)


@agents.command("sign-on")
@click.argument("agent")
@phone_option
@json_option
@click.pass_context
def sign_on(context: click.Context, agent: str, phone: str, as_json: bool) -> None:
    """Sign an agent on at a phone.

    \b
    Example:
      appliance agents sign-on 1001 --phone 201
    """
    _change(context, "agent-sign-on", agent, f"{agent} is signed on at phone {phone}.", as_json, phone=phone)


@agents.command("sign-off")
@click.argument("agent")
@json_option
@click.pass_context
def sign_off(context: click.Context, agent: str, as_json: bool) -> None:
    """Sign an agent off; during a call, as soon as it has ended.

    \b
    Example:
      appliance agents sign-off 1001
    """
    _change(context, "agent-sign-off", agent, f"{agent} is signed off, or will be after the call.", as_json)


@agents.command("pause")
@click.argument("agent")
@reason_option
@json_option
@click.pass_context
def pause(context: click.Context, agent: str, reason: str, as_json: bool) -> None:
    """Pause an agent; during a call, as soon as it has ended.

    \b
    Example:
      appliance agents pause 1001 --reason 1
    """
    _change(
        context, "agent-pause", agent, f"{agent} is paused, or will be after the call.", as_json, reason=reason
    )


@agents.command("resume")
@click.argument("agent")
@json_option
@click.pass_context
def resume(context: click.Context, agent: str, as_json: bool) -> None:
    """End an agent's pause.

    \b
    Example:
      appliance agents resume 1001
    """
    _change(context, "agent-resume", agent, f"{agent} has no pause any more.", as_json)


@agents.command("end-wrap-up")
@click.argument("agent")
@json_option
@click.pass_context
def end_wrap_up(context: click.Context, agent: str, as_json: bool) -> None:
    """End an agent's wrap-up before its time.

    \b
    Example:
      appliance agents end-wrap-up 1001
    """
    _change(context, "agent-end-wrap-up", agent, f"{agent} has finished the wrap-up.", as_json)


@click.command()
@json_option
@click.pass_obj
def queues(places: Places, as_json: bool) -> None:
    """Show the queues: the agents of each, and the callers who wait, the next one first.

    Ready is who could take a call now: signed on, free, with a phone that is reachable and not in use.

    \b
    Examples:
      appliance queues
      appliance queues --json
    """
    data = ask(places, "queues")
    if as_json:
        print_answer(places, data)
    else:
        now = RealClock().now()
        click.echo("\n\n".join(_queue_text(q, now) for q in data) or "There are no queues.")


def _waiting(data: Data) -> str:
    """How many wait on the phone, and how many to be called back."""
    at_home = data.get("at_home")
    return f"{data['waiting']} waiting" + (f", {at_home} at home" if at_home else "")


def _queue_text(queue: Data, now: float) -> str:
    counts = ", ".join(
        f"{queue[key]} {key.replace('_', '-')}" for key in ("ready", "talking", "wrap_up", "paused")
    )
    waiting = queue["waiting"]
    at_home = sum(w["state"] in ("at home", "being called") for w in waiting)
    line = _waiting({"waiting": len(waiting) - at_home, "at_home": at_home})
    head = f"{queue['queue']} ({harmless(queue['name'])}), {queue['strategy']}: {counts}; {line}"
    agents = (f"{a['agent']} {harmless(a['name'])} ({a['obstacle'] or 'ready'})" for a in queue["agents"])
    head += f"\n  agents: {', '.join(agents) or 'none'}\n  {_bound_text(queue['bound'])}"
    if queue["ready"] == 0 and queue.get("expected"):
        right = f"{queue['hit_rate']:.0%} of the last such estimates were right"
        head += f"\n  who joins now is expected to wait {between(queue['expected'])} ({right})"
    head += "".join(f"\n  {line}" for line in _leaving_text(queue, now))
    if not waiting:
        return head
    rows = [
        (
            *(w["place"], w["number"] or "anonymous", w["customer"], length(now - w["joined_at"])),
            between(w.get("expected")),
            *(f"{w['head_start']:g} s", w["needs"], w["state"], w["call"]),
        )
        for w in waiting
    ]
    return (
        head
        + "\n"
        + table(
            ("place", "number", "customer", "waits", "expected", "priority", "needs", "state", "call"),
            rows,
            indent="  ",
        )
    )


def _leaving_text(queue: Data, now: float) -> list[str]:
    """By which rules callers leave for elsewhere."""
    rules = (f"{rule['by']} to {harmless(rule['to'])}" for rule in queue["leaving"])
    lines = [f"callers leave: {'; '.join(rules)}"] if queue["leaving"] else []
    if queue["nobody_there"]:
        since = queue["empty_since"]
        lines.append("nobody is there" + (f", for {length(now - since)}" if since else ""))
    return lines


def _bound_text(bound: Data | None) -> str:
    """How long a caller can be passed over for others by agents who could serve both."""
    if bound is None:
        return "strict order: the highest priority first, however long others wait"
    if bound["times"] > 1:
        most = f"{bound['times']:g} times as long as any who is served first by the same agents"
        return f"a caller waits at most {most}, and {length(bound['seconds'])} more"
    if bound["seconds"]:
        return f"nobody is passed over for a caller who comes more than {length(bound['seconds'])} later"
    return "callers are served in the order in which they come"


def live_calls_text(data: Sequence[Data], zone: tzinfo) -> str:
    """The calls that go on now."""
    if not data:
        return "There are no calls now."
    rows = [
        (
            *(c["call"], time_of_day(c["started_at"], zone), c["number"] or "anonymous", c["dnis"], c["customer"]),
            *(c["state"], c["queue"], c["agent"]),
        )
        for c in data
    ]
    return table(("call", "since", "number", "dnis", "customer", "state", "queue", "agent"), rows)
