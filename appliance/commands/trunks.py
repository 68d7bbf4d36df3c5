"""The commands about trunks: how each is, and a test call through one."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import click

from appliance.commands.live import ask, json_option, print_answer
from appliance.commands.show import NOTHING, harmless, moment, table
from appliance.places import Places, zone_of

Data = Mapping[str, Any]


@click.command()
@json_option
@click.pass_context
def trunks(context: click.Context, as_json: bool) -> None:
    """Show the trunks: whether each answers and is registered, and how many calls it has.

    The exit status is 1 while one of them is down.

    \b
    Examples:
      appliance trunks
      appliance trunks --json
    """
    places: Places = context.obj
    data = ask(places, "trunks")
    if as_json:
        print_answer(places, data)
    else:
        click.echo(_trunks_text(data, zone_of(places.settings_if_sound())))
    if not all(trunk["up"] for trunk in data):
        context.exit(1)


def _trunks_text(data: Sequence[Data], zone: tzinfo) -> str:
    if not data:
        return "There are no trunks."
    rows = [
        (
            *(t["trunk"], f"{t['host']} ({t['transport']})", "up" if t["up"] else "down"),
            *(_registered(t), _reachable(t), moment(t["since"], zone) if t["since"] else NOTHING),
            *(_of(t["calls"], t["most_calls"]), _of(t["calls_in_last_hour"], t["most_calls_per_hour"])),
            harmless(t["why"]),
        )
        for t in data
    ]
    header = ("trunk", "host", "state", "registered", "answers in", "since", "calls", "out in 1 h", "why")
    return table(header, rows)


def _registered(trunk: Data) -> str:
    return {True: "yes", False: "no", None: NOTHING}[trunk["registered"]]


def _reachable(trunk: Data) -> str:
    if trunk["reachable"] is None:
        return NOTHING
    if not trunk["reachable"]:
        return "not at all"
    return NOTHING if trunk["milliseconds"] is None else f"{trunk['milliseconds']:g} ms"


def _of(count: int, most: int | None) -> str:
    return str(count) if most is None else f"{count} of {most}"


@click.group()
def trunk() -> None:
    """Do something with one trunk.

    \b
    Example:
      appliance trunk test north +74957654321
    """


@trunk.command()
@click.argument("name")
@click.argument("number", required=False)
@json_option
@click.pass_context
def test(context: click.Context, name: str, number: str | None, as_json: bool) -> None:
    """Make a test call through a trunk and say what came of it.

    It goes to NUMBER, else to the trunk's "test" number; without either, the trunk is only asked whether it is
    there and registered. Who answers hears that it was a test. The exit status is 1 where it did not work.

    \b
    Examples:
      appliance trunk test north +74957654321
      appliance trunk test north
    """
    places: Places = context.obj
    data: Data = ask(places, "trunk-test", trunk=name, number=number)
    if as_json:
        print_answer(places, data)
    else:
        click.echo(_test_text(data))
    if not data["fine"]:
        context.exit(1)


def _test_text(data: Data) -> str:
    lines = [f"Trunk {data['trunk']} ({data['host']}, {data['transport']})"]
    if data["registered"] is not None:
        lines.append(f"  registered  {_registered(data)}")
    if data["reachable"] is not None:
        lines.append(f"  answers in  {_reachable(data)}")
    if data["number"] is None:
        lines.append('  call        none was made: give a number, or say "test" in trunks.yml')
    elif data["fine"]:
        lines.append(f"  call        {data['sent']} was answered after {data['seconds']:g} s")
    else:
        sip = f" (SIP {data['sip']})" if data["sip"] else ""
        lines.append(f"  call        {data['sent']} failed after {data['seconds']:g} s{sip}")
    if data["fine"]:
        return "\n".join([*lines, "It works."])
    return "\n".join(
        [
            *lines,
            f"It does not work: {data['what']}.",
            f"  mostly by   {data['cause']}",
            f"  remedy      {data['remedy']}",
        ]
    )
