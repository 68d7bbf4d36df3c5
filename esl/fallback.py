"""The members of the stand-in queues in mod_callcenter, brought into line one difference at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from appliance.names import DOMAIN, fallback_queue
from appliance.port import FallbackMember, Refused

AGENT = "appliance-"  # how the agents are called that are ours
SETTINGS = {
    "status": "Available",
    "max_no_answer": "0",
    "wrap_up_time": "0",
    "reject_delay_time": "5",
    "busy_delay_time": "5",
    "no_answer_delay_time": "5",
}
RING_FOR = 20  # seconds

Ask = Callable[[str], str]


def keep_members(ask: Ask, members: Sequence[FallbackMember]) -> None:
    """Make them exactly these. Who is paused in a queue is no member of it: mod_callcenter pauses whole agents."""
    active = [member for member in members if not member.paused]
    contacts = {_name(member): f"[leg_timeout={RING_FOR}]user/{member.phone}@{DOMAIN}" for member in active}
    tiers = {(fallback_queue(member.queue), _name(member)) for member in active}
    present = {row["name"]: row for row in _table(ask("callcenter_config agent list")) if _is_ours(row["name"])}
    joined = {
        (row["queue"], row["agent"])
        for row in _table(ask("callcenter_config tier list"))
        if _is_ours(row["agent"])
    }
    problems: list[str] = []
    for queue, agent in sorted(joined - tiers):
        _do(ask, [f"tier del {queue} {agent}"], problems)
    for agent in sorted(present.keys() - contacts.keys()):
        _do(ask, [f"agent del {agent}"], problems)
    for agent, contact in contacts.items():
        _do(ask, _setting_up(agent, contact, present.get(agent)), problems)
    for queue, agent in sorted(tiers - joined):
        _do(ask, [f"tier add {queue} {agent} 1 1"], problems)
    if problems:
        raise Refused("; ".join(problems))


def _setting_up(agent: str, contact: str, present: Mapping[str, str] | None) -> list[str]:
    wanted = {"contact": contact, **SETTINGS}
    if present is None:
        return [f"agent add {agent} callback", *(f"agent set {key} {agent} {wanted[key]}" for key in wanted)]
    return [f"agent set {key} {agent} {wanted[key]}" for key in wanted if present.get(key) != wanted[key]]


def _do(ask: Ask, commands: Iterable[str], problems: list[str]) -> None:
    for command in commands:
        try:
            ask(f"callcenter_config {command}")
        except Refused as error:
            problems.append(f"{command}: {error}")
            return


def _name(member: FallbackMember) -> str:
    return f"{AGENT}{member.agent}-{member.phone}"


def _is_ours(agent: str) -> bool:
    return agent.startswith(AGENT)


def _table(text: str) -> list[dict[str, str]]:
    """A list of FreeSWITCH's: names of columns, rows, and +OK."""
    lines = [line.split("|") for line in text.splitlines() if "|" in line]
    return [dict(zip(lines[0], row, strict=False)) for row in lines[1:]]
