"""Agents say who they are by keys: number and PIN."""

from hmac import compare_digest

from appliance.call import Desk, Speaker
from appliance.line.agents import Agent
from appliance.settings import Agent as Known

PIN_TRIES = 3
LONGEST_ID = 12
LONGEST_PIN = 16


def has_pin(speaker: Speaker, agent: str, desk: Desk) -> bool:
    """Ask for the PIN. The same for an unknown number and a wrong PIN: nothing to learn from either."""
    pin = speaker.ask("agent-pin", LONGEST_PIN)
    expected = desk.secrets.get(f"agent-{agent}", "")
    return bool(expected) and compare_digest(pin.encode(), expected.encode())


def supervisor(speaker: Speaker, here: Agent | None, desk: Desk) -> Known | None:
    """Who has keyed the PIN of a supervisor; the number is asked for unless one is signed on here. None: nobody
    has, which was said."""
    agents = desk.engine.settings.agents
    known = agents.get(here.id) if here else None
    for _ in range(PIN_TRIES):
        number = known.id if known and known.supervisor else speaker.ask("agent-number", LONGEST_ID)
        if has_pin(speaker, number, desk):
            found = agents.get(number)
            if found is not None and found.supervisor:
                return found
            speaker.phrase("supervisors-only")
            return None
        speaker.phrase("agent-wrong-pin")
    return None
