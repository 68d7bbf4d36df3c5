"""By which trunk a customer is called back: the rules for outgoing calls, of which a queue may name some. Pure."""

from dataclasses import replace

from appliance.settings import Settings
from appliance.trunks.outbound import Load, Plan, plan

_NO_PHONE = ""


def callback_plan(settings: Settings, queue: str, number: str, load: Load, now: float) -> Plan:
    """What becomes of a call to a customer of that queue. It costs what any outgoing call costs, so the same caps
    and trunks hold, and the same rules: those that the queue names, else those for all phones alike; those that
    refuse a call whoever makes it hold in any case. Those for emergencies are never among them."""
    known = settings.queues.get(queue)
    named = known.callback.rules if known and known.callback else ()
    rules = {
        rule.id: replace(rule, phones=()) if rule.id in named else rule
        for rule in settings.outbound.values()
        if not rule.emergency and (not named or rule.id in named or (rule.refuse and not rule.phones))
    }
    return plan(replace(settings, outbound=rules), number, _NO_PHONE, load, now)
