"""Call-backs that cannot be, or are hardly meant: nobody to be called, no trunk, no time. Pure."""

from collections.abc import Iterator
from datetime import time

from appliance.callbacks.routes import callback_rules
from appliance.configuration.checking.finding import Finding, unknown
from appliance.configuration.checking.hours import is_never_open
from appliance.configuration.hours_words import clock
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.line.promises import NO_TRIES, AttemptEnd
from appliance.settings import Hours, Queue, Settings
from appliance.settings.callback import Callback
from appliance.settings.leaving import written
from appliance.speech.prompts import KeyPath, destinations


def callbacks(reading: Reading) -> Iterator[Finding]:
    """What is wrong with how customers are called back."""
    settings = reading.settings
    yield from _destinations(settings)
    for queue in settings.queues.values():
        if queue.callback is not None:
            path = ("queues", queue.id, "callback")
            yield from _key(queue, queue.callback)
            yield from _rules(reading, queue.callback, path)
            yield from _nobody(reading, queue, path)
            yield from _hours(settings, queue, queue.callback, path)
            yield from _in_vain(reading, queue.callback, path)


def _destinations(settings: Settings) -> Iterator[Finding]:
    """Queues that call nobody back, and times that cannot be chosen."""
    for path, to in destinations(settings):
        queue = settings.queues.get(to.callback or "")
        if queue is None:
            continue
        if queue.callback is None:
            text = f"The queue {shown(queue.id)} calls nobody back."
            yield Finding((*path, "callback"), text, "Add callback: yes to that queue.")
        elif to.at_a_time and queue.callback.slots is None:
            text = f"There are no times to choose: the queue {shown(queue.id)} has no slots."
            yield Finding((*path, "when"), text, "Add slots: yes below the callback: of that queue.")


def _key(queue: Queue, rules: Callback) -> Iterator[Finding]:
    to = queue.keys[rules.key]
    if to.callback != queue.id:
        text = f"The key {rules.key} is the one for a call-back of this queue, and leads elsewhere here: {to}."
        free = next(key for key in "123456789*#0" if key not in queue.keys or key == "0")
        remedy = f'Remove this one, or say below callback: that its key is "{free}".'
        yield Finding(("queues", queue.id, "keys", rules.key), text, remedy)


def _rules(reading: Reading, rules: Callback, path: KeyPath) -> Iterator[Finding]:
    """Rules for outgoing calls that are named."""
    known = reading.settings.outbound
    for number, id in enumerate(rules.rules):
        here = (*path, "rules", str(number))
        yield from unknown(reading, here, "rule for outgoing calls", id, known)
        if id in known and known[id].emergency:
            yield Finding(here, "Emergency numbers are not called back.", "Name a rule for customers' numbers.")
        elif id in known and known[id].refuse:
            text = f"By the rule {shown(id)} every call is refused."
            yield Finding(here, text, "Remove it: what it refuses is not called back in any case.")


def _nobody(reading: Reading, queue: Queue, path: KeyPath) -> Iterator[Finding]:
    """Whether there is anybody who could be called."""
    settings = reading.settings
    if not reading.complete:
        return  # rules and trunks may stand in a file that could not be read
    usable = [rule for rule in callback_rules(settings, queue.id).values() if not rule.refuse and not rule.phones]
    if any(trunk in settings.trunks for rule in usable for trunk in rule.trunks):
        return
    nobody = f"Nobody can be called back for the queue {shown(queue.id)}:"
    named = queue.callback.rules if queue.callback else ()
    if named:
        if all(id in settings.outbound for id in named) and usable:
            yield Finding(
                (*path, "rules"), f"{nobody} no rule named here has a trunk.", "Give one of them trunks."
            )
    elif not settings.trunks:
        yield Finding(path, f"{nobody} there is no trunk.", 'Define one below "trunks:".')
    else:
        remedy = 'Write one below "outbound:", without phones:; or name rules here.'
        yield Finding(path, f"{nobody} no rule for outgoing calls is for all phones.", remedy)


# When


def _hours(settings: Settings, queue: Queue, rules: Callback, path: KeyPath) -> Iterator[Finding]:
    """Times at which customers would be called, and should not; or never would."""
    schedule = settings.hours.get(queue.hours or "")
    if queue.hours is None and rules.from_time is None:
        remedy = "Say customer_hours: 9:00-20:00, or give the queue hours."
        if rules.slots is not None:
            text = "Times of the night may be chosen as well: the queue is always open."
            yield Finding((*path, "slots"), text, remedy, warning=True)
        if rules.redial is not None:
            text = "Who hangs up at night is called at night: the queue is always open."
            yield Finding((*path, "redial"), text, remedy, warning=True)
    if schedule is None:
        return
    if is_never_open(schedule):
        text = f"Nobody is ever called back: by the hours {shown(schedule.id)} it is never open."
        yield Finding((*path, "slots") if rules.slots else path, text, "Let the queue be open at some time.")
    elif rules.from_time is not None and not _meet(schedule, rules.from_time, rules.to_time or time.max):
        times = f"{clock(rules.from_time)} to {clock(rules.to_time or time.max)}"
        text = f"Customers who live by the clock of the hours {shown(schedule.id)} are never called back: those"
        remedy = "Let the two have some time of the day in common."
        yield Finding((*path, "customer_hours"), f"{text} are never open from {times}.", remedy, warning=True)


def _meet(schedule: Hours, begin: time, end: time) -> bool:
    """Whether it is ever open between those times of a day."""
    times = [(span.begin, span.end) for span in schedule.spans]
    for exceptions in (schedule.exceptions, schedule.yearly_exceptions):
        times += [each for day in exceptions.values() for each in day]
    return any(opens < end and begin < closes for opens, closes in times)


def _in_vain(reading: Reading, rules: Callback, path: KeyPath) -> Iterator[Finding]:
    """What is over before it begins."""
    if rules.tries > 1:
        late = [
            end.value
            for end, delay in rules.delays.items()
            if delay >= rules.expires and end is not AttemptEnd.SERVED and end not in NO_TRIES
        ]
        if late:
            text = f"After {' or '.join(late)} nobody is called again: the call-back has expired by then."
            remedy = "Let it expire later, or say below again: that it is tried sooner."
            yield Finding((*path, "expires"), text, remedy, warning=True)
    if rules.redial is not None and rules.redial.after >= rules.redial.within:
        text = f"Nobody is ever called: after {written(rules.redial.within)} it is given up already."
        yield Finding((*path, "redial", "within"), text, "Let it be longer than after.")
    if reading.written(*path, "offer") and rules.offer_after is None and rules.offer_wait is None:
        text = "This does not say when callers are told of the call-back, so they never are."
        yield Finding((*path, "offer"), text, "Say after: 30s, or expected_wait: 3m.", warning=True)
