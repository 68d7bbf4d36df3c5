"""Tasks: who is told of those that are late, and whether that is possible. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from appliance.configuration.checking.finding import Finding, unknown
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Settings
from appliance.settings.tasks import OWNER, Encryption, Escalation, Owing
from appliance.speech.prompts import KeyPath
from appliance.trunks.outbound import Quiet, Refusal, plan

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def tasks(reading: Reading) -> Iterator[Finding]:
    """Ids that nothing has, numbers that may not be called, and steps in the wrong order."""
    s = reading.settings
    for where, chain in _chains(s):
        yield from _in_order(where, chain)
        for n, step in enumerate(chain):
            yield from _step((*where, str(n)), step, reading)
    for where, owing in _owing(s):
        yield from unknown(reading, (*where, "hours"), "set of opening hours", owing.hours, s.hours)


def unheard(reading: Reading) -> Iterator[Finding]:
    """Tasks of which nobody hears when they are late; a password that others can read."""
    s = reading.settings
    for where, _ in _owing(s):
        if where[0] == "queues":
            queues = [where[1]]
        else:
            queues = [queue.id for queue in s.queues.values() if queue.dispositions == where[1]]
        without = [queue for queue in queues if not (s.queues[queue].escalation or s.escalation)]
        if without:
            text = f"Nobody is told when this task is late in the queue {shown(without[0])}."
            yield Finding(where, text, 'Say who is, below "escalation:".', warning=True)
    if s.mail is None:
        return
    if s.mail.user is not None and s.mail.encryption is Encryption.NONE and s.mail.host not in _LOOPBACK:
        text = "The password for the mail server goes over the network in the clear."
        yield Finding(("mail", "encryption"), text, "Write starttls or tls.", warning=True)
    if not any(step.email for _, chain in _chains(s) for step in chain):
        yield Finding(("mail",), "No e-mail is ever sent.", 'Let a step of "escalation:" send one.', warning=True)


def _chains(settings: Settings) -> Iterator[tuple[KeyPath, Sequence[Escalation]]]:
    yield ("escalation",), settings.escalation
    for queue in settings.queues.values():
        yield ("queues", queue.id, "escalation"), queue.escalation


def _owing(settings: Settings) -> Iterator[tuple[KeyPath, Owing]]:
    """What opens tasks by itself."""
    for each in settings.dispositions.values():
        for choice in each.choices.values():
            if choice.task is not None:
                yield ("dispositions", each.id, "choices", choice.id, "task"), choice.task
    for queue in settings.queues.values():
        if queue.callback is not None and queue.callback.task is not None:
            yield ("queues", queue.id, "callback", "task"), queue.callback.task


def _in_order(where: KeyPath, chain: Sequence[Escalation]) -> Iterator[Finding]:
    for n, (before, step) in enumerate(pairwise(chain), 1):
        if step.after < before.after:
            text = "This step comes before the one above it."
            yield Finding((*where, str(n), "after"), text, "Write the steps in the order of their time.")


def _step(where: KeyPath, step: Escalation, reading: Reading) -> Iterator[Finding]:
    s = reading.settings
    yield from unknown(reading, (*where, "hours"), "set of opening hours", step.hours, s.hours)
    if step.agent != OWNER:
        yield from unknown(reading, (*where, "agent"), "agent", step.agent, s.agents)
    if step.webhook is not None and "://" not in step.webhook:
        yield from unknown(reading, (*where, "webhook"), "webhook", step.webhook, s.webhooks)
    if step.email and s.mail is None and reading.complete:
        text = "E-mail cannot be sent: no server is named."
        yield Finding((*where, "email"), text, 'Name one, as in "mail: {host: mail.example.com, from: ...}".')
    if step.call is not None and step.call not in s.phones and reading.complete:
        yield from _outside((*where, "call"), step.call, s)


def _outside(where: KeyPath, number: str, settings: Settings) -> Iterator[Finding]:
    chosen = plan(settings, number, "", Quiet(), 0.0)
    if chosen.refusal in (Refusal.NOT_ALLOWED, Refusal.NO_NUMBER):
        text = f"{number} is no phone here, and cannot be called: {chosen.reasons[-1].text}."
        yield Finding(where, text, 'Let a rule below "outbound:" allow it, for all phones.')
