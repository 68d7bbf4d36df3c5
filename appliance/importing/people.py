"""Agents out of the phones that other systems have in their queues. Pure.

There, a member of a queue is a phone, and mostly always there. Here, agents are people who sign on at any phone.
"""

import re
from collections.abc import Callable, Iterable

from appliance.importing.draft import Draft, Topic, Value
from appliance.importing.words import line

_MEMBER = re.compile(
    r"(?:Local|SIP|PJSIP|IAX2|SCCP|user|Agent)/:?([0-9]{1,10})(?:@[\w.-]+)?(?:/n)?", re.IGNORECASE
)
_PIN = re.compile(r"[0-9]{4,12}")


def extension_of(member: str) -> str | None:
    """The extension of a member such as Local/201@from-queue/n or PJSIP/201."""
    found = _MEMBER.fullmatch(member.strip())
    return found[1] if found else None


def agent(draft: Draft, id: str, name: str, origin: str, pin: str = "") -> str:
    """An agent of that number; the PIN goes to the secrets where it can be one."""
    if not draft.has("agents", id):
        draft.add("agents", id, {"name": line(name) or f"Agent {id}"}, origin)
    if pin and _PIN.fullmatch(pin):
        draft.secret(f"agent-{id}", pin)
    elif pin:
        draft.note(Topic.PEOPLE, origin, f"The PIN of agent {id} cannot be kept: here one has 4 to 12 digits.")
    return id


def in_tiers(
    members: Iterable[tuple[int, str]], waits: Callable[[int], str] = lambda rank: ""
) -> dict[str, Value]:
    """The agents of a queue by their ranks (penalties, levels): those of the lowest rank come first, and each
    further one is a tier, asked once all before it have calls, or after the wait that `waits` says."""
    ranks: dict[int, list[str]] = {}
    seen: set[str] = set()
    for rank, id in members:
        if id not in seen:
            ranks.setdefault(rank, []).append(id)
            seen.add(id)
    lowest, *others = sorted(ranks) or [0]
    tiers = [{"agents": ranks[each], **({"after": waits(each)} if waits(each) else {})} for each in others]
    return {"agents": ranks.get(lowest, []), **({"tiers": tiers} if tiers else {})}


def phone(draft: Draft, id: str, name: str, origin: str, password: str) -> None:
    """A phone and its password."""
    draft.add("phones", id, {"name": line(name) or id}, origin)
    if not draft.secret(f"phone-{id}", password):
        text = f"The phone {id} has no password that can be kept; one is made up, and the phone must be told."
        draft.note(Topic.PEOPLE, origin, text)
    elif password in (id, name) or len(password) < 8:
        draft.note(Topic.PEOPLE, origin, f"The password of phone {id} is easy to guess: change it.")


def say_who_signs_on(draft: Draft) -> None:
    """One note for all the agents."""
    if draft.section("agents"):
        text = (
            "Members of queues have become agents. Here nobody is there without signing on: at a phone, with "
            "*11, the agent's number and PIN."
        )
        draft.note(Topic.PEOPLE, "agents.yml", text)
