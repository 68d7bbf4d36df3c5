"""The fields of a queue that say how its customers are called back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time

from appliance.configuration import fields, task_sections
from appliance.configuration.documents import Node, Text
from appliance.configuration.hours_words import read_times
from appliance.configuration.problems import shown
from appliance.configuration.shapes import form, shape_of, shaped
from appliance.configuration.tables import Fields, Wrong
from appliance.line.promises import AttemptEnd, First
from appliance.settings import Destination, Prompt
from appliance.settings.callback import DELAYS, Callback, Redial, Slots

ReadPrompt = Callable[[Node], Prompt]

SOONEST = 10.0  # seconds: whoever is called again before that is called without end
MACHINE = "callback-machine"  # the phrase for `machine: yes`

# Those of which operators say when it is tried again: what is left decides the line by itself.
_CAUSES = {
    "busy": AttemptEnd.BUSY,
    "no_answer": AttemptEnd.NO_ANSWER,
    "refused": AttemptEnd.REFUSED,
    "unreachable": AttemptEnd.UNREACHABLE,
    "machine": AttemptEnd.MACHINE,
    "no_agent": AttemptEnd.NO_AGENT,
    "not_now": AttemptEnd.NOT_NOW,
}
_DAYS = re.compile(r"([1-9][0-9]?) ?([dw])", re.ASCII)
_DAY = 24 * 3600.0
_DAYS_OF = {"d": 1, "w": 7}
_LENGTH = shape_of(fields.duration)
_often = fields.whole(1, 20)


def callback(each: Fields, prompt: ReadPrompt, machine: Callable[[Node], Prompt | None]) -> Callback:
    """How customers of a queue are called back; each field may be left out. See `with_its_key`."""
    offered = each.section("offer", _offer, (Callback.offer_after, Callback.offer_wait))
    hours = each.take("customer_hours", _times_of_day, (Callback.from_time, Callback.to_time))
    return Callback(
        first=each.take("first", fields.member(First), Callback.first),
        offer_after=offered[0],
        offer_wait=offered[1],
        key=each.take("key", fields.menu_key, ""),
        ring_for=each.take("ring_for", fields.some_time, Callback.ring_for),
        tries=each.take("tries", _often, Callback.tries),
        delays=each.section("again", _again, DELAYS),
        expires=each.take("expires", _expiry, Callback.expires),
        from_time=hours[0],
        to_time=hours[1],
        rules=each.items("rules", fields.name),
        greeting=each.take("greeting", prompt, None),
        machine=each.take("machine", machine, None),
        slots=each.section("slots", _slots, None, switch=fields.yes_or_no),
        redial=each.section("redial", _redial, None, switch=fields.yes_or_no),
        task=each.section("task", task_sections.owed, None),
    )


def with_its_key(
    queue: str, rules: Callback | None, keys: Mapping[str, Destination]
) -> tuple[Callback | None, Mapping[str, Destination]]:
    """The key for a call-back is one of those that callers in line may press. Where nothing else says which it is,
    what leads to a call-back of this queue does. One that leads elsewhere is a mistake, told of by the checks."""
    if rules is None:
        return None, keys
    own = next((key for key, to in keys.items() if to.callback == queue and not to.at_a_time), Callback.key)
    rules = replace(rules, key=rules.key or own)
    return rules, {rules.key: Destination(callback=queue), **keys}


def _offer(each: Fields) -> tuple[float | None, float | None]:
    after = each.take("after", fields.duration, None)
    wait = each.take("expected_wait", fields.some_time, None)
    return after, wait


def _again(each: Fields) -> Mapping[AttemptEnd, float]:
    return {**DELAYS, **{end: each.take(name, _delay, DELAYS[end]) for name, end in _CAUSES.items()}}


def _slots(each: Fields) -> Slots:
    return Slots(
        length=each.take("length", _length_of_slot, Slots.length),
        capacity=each.take("capacity", fields.whole(1, 1000), Slots.capacity),
        days=each.take("days", fields.whole(1, 60), Slots.days),
        ahead=each.take("ahead", fields.duration, Slots.ahead),
        head_start=each.take("priority", fields.duration, Slots.head_start),
    )


def _redial(each: Fields) -> Redial:
    return Redial(
        after=each.take("after", fields.duration, Redial.after),
        waited=each.take("waited", fields.duration, Redial.waited),
        within=each.take("within", fields.some_time, Redial.within),
        tries=each.take("tries", _often, Redial.tries),
    )


def machine(node: Node, prompt: ReadPrompt, phrases: Mapping[str, Prompt]) -> Prompt | None:
    """What a machine hears: yes for the appliance's own words."""
    if not isinstance(node, Text) or not fields.is_switch(fields.paragraph(node)):
        return prompt(node)
    return replace(phrases[MACHINE]) if fields.yes_or_no(node) else None


@shaped(_LENGTH)
def _delay(node: Node) -> float:
    value = fields.duration(node)
    if value < SOONEST:
        text = f"{shown(fields.text(node))} is too soon: the customer would be called again and again."
        raise Wrong(node.place, text, f"Write {SOONEST:g}s or more.")
    return value


@shaped(_LENGTH)
def _length_of_slot(node: Node) -> float:
    value = fields.duration(node)
    if value % 300 or not value:
        text = f"{shown(fields.text(node))} is no length for a time to choose: they begin at minutes one can say."
        raise Wrong(node.place, text, "Write 5m or a multiple of it, such as 15m or 30m.")
    return value


@shaped({"anyOf": [_LENGTH, form(_DAYS.pattern)]})
def _expiry(node: Node) -> float:
    """A length of time that may be days."""
    found = _DAYS.fullmatch(fields.text(node))
    return int(found[1]) * _DAYS_OF[found[2]] * _DAY if found else fields.some_time(node)


@shaped(form(r"\d{1,2}:\d\d\s*-\s*\d{1,2}:\d\d"))
def _times_of_day(node: Node) -> tuple[time | None, time | None]:
    value = fields.text(node)
    try:
        return read_times(value)
    except ValueError as error:
        raise Wrong(
            node.place, f"{shown(value)} are no times of the day.", "Write them like 9:00-20:00."
        ) from error
