"""A conversation about a call that has begun already, with what is known of it."""

from appliance.call import Conversation, Desk
from appliance.identify import find_number
from appliance.live import LiveCall
from appliance.port import Arrival

MOST_FAILURES = 3  # of flows on one call, before it is left to the switch's own queue


def conversation_of(arrival: Arrival, desk: Desk, call: LiveCall) -> Conversation:
    """By the rules under which the call began, in the language in which it was led."""
    settings = desk.rules(call)
    language = call.language or settings.language
    talk = Conversation(arrival.leg, desk.sounds_of(settings), desk, language, settings, call, arrival.trunk)
    number = find_number(settings, call.dnis)
    talk.schedule = number.hours if number else None
    talk.known = {"customer": call.customer, "number": call.number, "called": number.id if number else None}
    return talk
