"""Tells people of tasks that are late, each time until it has worked or has been tried often enough.

That somebody is to be told is in the records before it is tried, and what became of it afterwards. After a crash
in between it is tried once more, under the same id: told twice at worst, never not at all.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from email.message import EmailMessage
from typing import Protocol

from appliance import facts as f
from appliance.call import Desk
from appliance.places import zone_of
from appliance.port import Dialled, EndCause, Outcome, Refused, SwitchLost
from appliance.secrets import MAIL, webhook
from appliance.settings import Settings
from appliance.settings.tasks import OWNER, Escalation, Mail
from appliance.tasks import mail as mailing
from appliance.tasks.calls import CallEnd
from appliance.tasks.chain import chain_of
from appliance.tasks.mail import NotSent
from appliance.tasks.telling import delivery_id, for_programs, letter, subject
from appliance.tasks.words import Task, Way
from appliance.trunks.outbound import next_trunk_helps, plan

log = logging.getLogger(__name__)

AGAIN_AFTER = (30.0, 120.0, 600.0)  # seconds after each attempt that has failed


class Posting(Protocol):
    """The ways by which no telephone rings. Each returns what was said to it, for a person, or raises NotSent."""

    def webhook(self, url: str, body: Mapping[str, object], id: str, secret: str | None, at: float) -> str:
        """Signed where there is a secret."""
        ...

    def email(self, mail: Mail, password: str | None, made: EmailMessage) -> str: ...


class Escalations:
    """One greenlet for each that is to be told; `spawn` runs something in one."""

    def __init__(self, desk: Desk, posting: Posting, spawn: Callable[[Callable[[], None]], object]) -> None:
        self._desk, self._posting, self._spawn = desk, posting, spawn

    def begin(self, late: f.TaskEscalated, tries: int = 0) -> None:
        """Tell somebody; returns at once."""
        self._spawn(lambda: self._tell(late, tries))

    def resume(self, untold: Iterable[tuple[f.TaskEscalated, int]]) -> None:
        """Go on after a restart with those who may not have been told."""
        for late, tries in untold:
            self.begin(late, tries)

    def _tell(self, late: f.TaskEscalated, tries: int) -> None:
        while True:
            fine, final, detail = self._try(late, is_last=tries >= len(AGAIN_AFTER))
            tries += 1
            self._desk.engine.note(f.TaskTold(late.task, self._desk.clock.now(), late.n, fine, final, detail))
            if final:
                if not fine:
                    log.warning("%s: nobody was told by %s: %s", late.task, late.to, detail)
                return
            self._desk.clock.sleep(AGAIN_AFTER[tries - 1])

    def _try(self, late: f.TaskEscalated, is_last: bool) -> tuple[bool, bool, str]:
        """Whether it has worked, whether that was the last attempt, and what there is to say."""
        settings = self._desk.engine.settings
        task = self._desk.engine.owed.tasks.get(late.task)
        if task is None:
            return False, True, "it was done before"
        chain, _ = chain_of(settings, task.queue)
        step = chain[late.step] if late.step < len(chain) else None
        if step is None or step.to != late.to:
            return False, True, "the configuration does not say so any more"
        try:
            return True, True, self._by(step, task, late, settings)
        except (NotSent, Refused, SwitchLost) as error:
            return False, is_last, str(error)
        except Exception:  # whatever a stranger's server says
            log.exception("task %s could not be told to %s", task.id, late.to)
            return False, is_last, "a fault in the appliance; its log says more"

    def _by(self, step: Escalation, task: Task, late: f.TaskEscalated, settings: Settings) -> str:
        id = delivery_id(late)
        match late.way:
            case Way.WEBHOOK:
                hook = settings.webhooks.get(step.webhook or "")
                url = hook.url if hook else step.webhook or ""
                secret = self._desk.secrets.get(webhook(hook.id)) if hook else None
                body = for_programs(task, late, settings)
                return self._posting.webhook(url, body, id, secret, self._desk.clock.now())
            case Way.EMAIL:
                if settings.mail is None:
                    raise NotSent("the configuration names no mail server")
                text = letter(task, late, settings, zone_of(settings))
                to, about, now = step.email, subject(task, settings), self._desk.clock.now()
                made = mailing.message(settings.mail, to, about, text, id, now)
                return self._posting.email(settings.mail, self._desk.secrets.get(MAIL), made)
            case Way.CALL:
                return self._call(step, task, settings)

    # By phone

    def _call(self, step: Escalation, task: Task, settings: Settings) -> str:
        if step.agent is not None:
            agent = task.owner if step.agent == OWNER else step.agent
            if agent is None:
                raise NotSent("the task has no owner")
            phone = self._desk.engine.acd.roster[agent].phone
            if phone is None:
                raise NotSent(f"agent {agent} is not signed on")
            return self._phone(phone, agent, step, task)
        called = step.call or ""
        if called not in settings.phones:
            return self._outside(called, step, task, settings)
        at_phone = self._desk.engine.acd.roster.at_phone(called)
        return self._phone(called, at_phone.id if at_phone else None, step, task)

    def _phone(self, phone: str, agent: str | None, step: Escalation, task: Task) -> str:
        calls = self._desk.task_calls
        return _said(phone, calls.call(calls.new_leg(), phone, task.id, phone, step.say, agent))

    def _outside(self, number: str, step: Escalation, task: Task, settings: Settings) -> str:
        """By the first trunk that does it, as for any outgoing call."""
        calls, lines, now = self._desk.task_calls, self._desk.lines, self._desk.clock.now()
        chosen = plan(settings, number, "", lines, now)
        if chosen.rule is None or not chosen.attempts:
            raise NotSent(f"{number} may not be called: {chosen.reasons[-1].text}")
        leg = calls.new_leg()
        end = CallEnd(False)
        try:
            for to in chosen.attempts:
                lines.take(leg, to.trunk, chosen.rule.id, self._desk.clock.now())
                end = calls.call(leg, to, task.id, number, step.say, None)
                if end.answered or not next_trunk_helps(_dialled(end)):
                    break
                leg, before = calls.new_leg(), leg
                lines.give_back(before)
        finally:
            lines.give_back(leg)
        return _said(number, end)


# What an outgoing leg's end says of the dial.
_OUTCOMES = {
    EndCause.BUSY: Outcome.BUSY,
    EndCause.REFUSED: Outcome.REFUSED,
    EndCause.UNREACHABLE: Outcome.UNREACHABLE,
    EndCause.FAILED: Outcome.FAILED,
}


def _dialled(end: CallEnd) -> Dialled:
    outcome = _OUTCOMES.get(end.cause, Outcome.NO_ANSWER) if end.cause else Outcome.NO_ANSWER
    return Dialled(outcome, status=end.status)


def _said(to: str, end: CallEnd) -> str:
    """What has become of a call that was answered. Raises NotSent where it was not."""
    if not end.answered:
        raise NotSent(f"{to}: {_dialled(end).outcome.value}")
    return f"{to} has taken it over" if end.taken else f"{to} has answered, and not taken it over"
