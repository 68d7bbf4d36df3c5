"""By which trunk a customer is called back: the rules for outgoing calls, of which a queue may name some. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from appliance.settings import Settings
from appliance.settings.trunks import OutboundRule
from appliance.trunks.outbound import Load, Plan, plan

_NO_PHONE = ""


def callback_plan(settings: Settings, queue: str, number: str, load: Load, now: float) -> Plan:
    """What becomes of a call to a customer of that queue. It costs what any outgoing call costs, so the same caps
    and trunks hold."""
    return plan(replace(settings, outbound=callback_rules(settings, queue)), number, _NO_PHONE, load, now)


def callback_rules(settings: Settings, queue: str) -> Mapping[str, OutboundRule]:
    """Those that the queue names, else all; of these, plan takes those that are for all phones alike. One that
    refuses a call whoever makes it holds in any case, and those for emergencies are never among them."""
    known = settings.queues.get(queue)
    named = known.callback.rules if known and known.callback else ()
    return {
        rule.id: replace(rule, phones=()) if rule.id in named else rule
        for rule in settings.outbound.values()
        if not rule.emergency and (not named or rule.id in named or (rule.refuse and not rule.phones))
    }
