"""How an imagined call is written, in calls.yml and on the command line: the same words, the same complaints."""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from appliance.configuration import fields
from appliance.configuration.documents import Node, Table, Text
from appliance.configuration.problems import Report, did_you_mean, shown
from appliance.configuration.tables import Fields, Wrong, attempt
from appliance.identify import find_number, to_e164
from appliance.rehearsal.imagined import Answer, ImaginedCall
from appliance.settings import Settings

T = TypeVar("T")

ANONYMOUS = "anonymous"
SILENCE = "silence"
FIELDS = (
    "from",
    "to",
    "at",
    "trunk",
    "keys",
    "signed_on",
    "paused",
    "busy",
    "answers",
    "hangs_up",
    "down",
    "opened",
    "closed",
    "last_agent",
)

_KEYS = re.compile(r"[0-9*#]{1,40}")
_DIALLED = re.compile(r"[+*#0-9]{1,40}")
_EARLIEST, _LATEST = 1990, 2100  # years


class Wording:
    """Reads calls of one configuration."""

    def __init__(self, settings: Settings, report: Report) -> None:
        self._settings = settings
        self._report = report

    def call(self, each: Fields) -> ImaginedCall:
        """The call that these fields say; what is wrong with them goes to the report."""
        caller = each.need("from", self._caller, "")
        answers, answers_of = self._answers(each)
        return ImaginedCall(
            caller=caller,
            to=each.need("to", lambda node: self._called(node, caller), ""),
            at=each.need("at", self._moment, 0.0),
            trunk=each.take("trunk", self._trunk, "") or next(iter(self._settings.trunks), ""),
            keys=listed(each, "keys", _keys),
            signed_on=self._signed_on(each),
            paused=listed(each, "paused", self._agent),
            busy=listed(each, "busy", self._agent),
            answers=answers,
            answers_of=answers_of,
            hangs_up=each.take("hangs_up", fields.some_time, None),
            down=listed(each, "down", self._trunk),
            opened=listed(each, "opened", self._hours),
            closed=listed(each, "closed", self._hours),
            last_agent=each.take("last_agent", self._agent, None),
        )

    def _caller(self, node: Node) -> str:
        written = fields.text(node)
        if written == ANONYMOUS:
            return ""
        if written in self._settings.phones:
            return written
        number = to_e164(written, self._settings.country)
        if number is None:
            remedy = f"Write it like +79123456780; or a phone of ours, or {ANONYMOUS}."
            raise Wrong(node.place, f"{shown(written)} is not the number of a caller.", remedy)
        return number

    def _called(self, node: Node, caller: str) -> str:
        written = fields.text(node)
        number = find_number(self._settings, written)
        if caller in self._settings.phones:
            dialled = re.sub(r"[ ().-]", "", written)
            if not _DIALLED.fullmatch(dialled):
                remedy = 'Write digits, "*" and "#".'
                raise Wrong(node.place, f"{shown(written)} is nothing that a phone can dial.", remedy)
            if dialled.startswith(self._settings.codes.notice):
                text = f"{shown(dialled)} records what is said, which only a real call can."
                raise Wrong(node.place, text, "Try it with `appliance lab`.")
            return dialled
        if number is None:
            remedy = did_you_mean(written, self._settings.numbers)
            raise Wrong(node.place, f"{shown(written)} is not a number of ours.", remedy)
        return number.id

    def _moment(self, node: Node) -> float:
        written = fields.text(node)
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            moment = None
        if moment is None or not _EARLIEST <= moment.year < _LATEST:
            remedy = "Write it like 2026-12-31T23:00."
            raise Wrong(node.place, f"{shown(written)} is not a date with a time.", remedy)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self._settings.time_zone))
        return moment.timestamp()

    def _trunk(self, node: Node) -> str:
        return known(node, "trunk", self._settings.trunks)

    def _hours(self, node: Node) -> str:
        return known(node, "set of opening hours", self._settings.hours)

    def _agent(self, node: Node) -> str:
        return known(node, "agent", self._settings.agents)

    def _signed_on(self, each: Fields) -> tuple[str, ...]:
        node = each.node("signed_on")
        word = node.text.strip() if isinstance(node, Text) else ""
        if node is None or word == "everybody":
            return tuple(self._settings.agents)
        if word == "nobody":
            return ()
        return listed(each, "signed_on", self._agent)

    def _answers(self, each: Fields) -> tuple[Answer, dict[str, Answer]]:
        """What everybody does, and what some agents do instead."""
        node = each.node("answers")
        if not isinstance(node, Table):
            return each.take("answers", answer, Answer()), {}
        of_some: dict[str, Answer] = {}
        for entry in node.entries.values():
            agent = attempt(self._agent, entry.key, "", self._report)
            of_some[agent] = attempt(answer, entry.value, Answer(), self._report)
        return Answer(), of_some


def known(node: Node, kind: str, ids: Collection[str]) -> str:
    """An id that something has."""
    written = fields.text(node)
    if written not in ids:
        raise Wrong(node.place, f"There is no {kind} {shown(written)}.", did_you_mean(written, ids))
    return written


def listed(each: Fields, key: str, read: Callable[[Node], T]) -> tuple[T, ...]:
    """A list; its items may also stand between commas, as on the command line."""
    node = each.node(key)
    if not isinstance(node, Text):
        return each.items(key, read)
    parts = tuple(Text(node.place, part) for part in node.text.split(","))
    return each.take(key, lambda node: tuple(map(read, parts)), ())


def _keys(node: Node) -> str:
    written = fields.text(node)
    if written == SILENCE:
        return ""
    if not _KEYS.fullmatch(written):
        remedy = f'Keys are 0 to 9, "*" and "#"; one that is not pressed is "{SILENCE}".'
        raise Wrong(node.place, f"{shown(written)} cannot be pressed on a telephone.", remedy)
    return written


def answer(node: Node) -> Answer:
    """What becomes of a phone that rings."""
    written = fields.text(node)
    if written == "no":
        return Answer(after=None)
    if written == "busy":
        return Answer(busy=True)
    word, _, rest = written.partition(" ")
    if word != "after":
        raise Wrong(node.place, f"{shown(written)} is not an answer.", "Write no, busy, or after 5s.")
    return Answer(after=fields.some_time(Text(node.place, rest)))
