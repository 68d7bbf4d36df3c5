"""What a case expects of its call: each expectation looks at the trace and says what happened instead."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from appliance.commands.show import length
from appliance.configuration import fields
from appliance.configuration.documents import Items, Node, Table, Text
from appliance.configuration.problems import Place, did_you_mean, shown
from appliance.configuration.tables import Fields, Wrong
from appliance.facts import CallOutcome
from appliance.rehearsal.moments import words
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.repertoire import Said
from appliance.rehearsal.trace import Trace
from appliance.rehearsal.wording import known, listed
from appliance.settings import Say, Settings
from appliance.speech.prompts import KeyPath, destinations, prompts_by_path

FIELDS = ("hears", "not_hears", "ends", "group", "language", "waits", "rule", "by", "shows")

_OUTCOMES = tuple(outcome.value for outcome in CallOutcome)
_ENDS = ("message", "hang up", *_OUTCOMES)
_EXAMPLES = "queue sales, menu main, extension 201, answered by 1002"
_NONE = "none"
_WITHHELD = "withheld"


@dataclass(frozen=True)
class Failure:
    """A sentence about a call in two halves: what it should do, and what it does instead."""

    place: Place
    should: str
    does: str


Expectation = Callable[[Trace], Iterator[Failure]]


class Expecting:
    """Reads the expectations of cases."""

    def __init__(self, premises: Premises) -> None:
        settings = premises.settings
        self._settings = settings
        self._paths = {".".join(path): path for path, _ in prompts_by_path(settings)}
        self._sections = {path[0] for path in self._paths.values()}

    def read(self, each: Fields) -> tuple[Expectation, ...]:
        """All that these fields expect."""
        ends, waits, by = each.node("ends"), each.node("waits"), each.node("by")
        found: list[Expectation | None] = [
            _hears(each.items("hears", self._heard), self._settings),
            _not_hears(each.items("not_hears", self._heard), self._settings),
            *(each.items("ends", self._end) if isinstance(ends, Items) else [each.take("ends", self._end, None)]),
            each.take("group", self._group, None),
            each.take("language", self._language, None),
            each.take("waits", _waits, None) if waits else None,
            each.take("rule", self._rule, None),
            partial(_by, by.place, listed(each, "by", self._trunk)) if by else None,
            each.take("shows", self._shows, None),
        ]
        return tuple(expectation for expectation in found if expectation is not None)

    def _heard(self, node: Node) -> "_Wanted":
        written = fields.paragraph(node)
        path = self._paths.get(written)
        section, dot, rest = written.partition(".")
        if path is None and dot and rest and section in self._sections and " " not in written:
            remedy = did_you_mean(written, self._paths)
            raise Wrong(node.place, f"{shown(written)} is no prompt of the configuration.", remedy)
        return _Wanted(node.place, written, path)

    def _end(self, node: Node) -> Expectation:
        if isinstance(node, Table) and len(node.entries) == 1:  # {answered by: 1002}, {queue: sales}
            ((key, entry),) = node.entries.items()
            node = Text(entry.key.place, f"{key} {fields.text(entry.value)}")
        written = fields.text(node)
        kind, _, id = written.rpartition(" ")
        kinds: dict[str, tuple[str, Collection[str]]] = {
            "queue": ("queue", self._settings.queues),
            "menu": ("menu", self._settings.menus),
            "extension": ("phone", self._settings.phones),
            "number": ("destination outside", [to.number for _, to in destinations(self._settings) if to.number]),
            "voicemail": ("voicemail", self._settings.voicemail),
            "callback": ("queue that calls back", [q.id for q in self._settings.queues.values() if q.callback]),
            "answered by": ("agent", self._settings.agents),
        }
        if kind in kinds and written not in _ENDS:
            known(Text(node.place, id), *kinds[kind])
        elif written not in _ENDS:
            remedy = did_you_mean(written, _ENDS) or f"Write it like {_EXAMPLES}, or one of: {', '.join(_ENDS)}."
            raise Wrong(node.place, f"{shown(written)} is no end of a call.", remedy)
        return partial(_ends, node.place, written)

    def _group(self, node: Node) -> Expectation:
        written = fields.text(node)
        if written != _NONE:
            known(node, "group", self._settings.groups)
        return partial(_group, node.place, written)

    def _language(self, node: Node) -> Expectation:
        return partial(_language, node.place, known(node, "language", self._settings.languages))

    def _rule(self, node: Node) -> Expectation:
        return partial(_rule, node.place, known(node, "rule", self._settings.outbound))

    def _trunk(self, node: Node) -> str:
        return known(node, "trunk", self._settings.trunks)

    def _shows(self, node: Node) -> Expectation:
        written = fields.text(node)
        if written != _WITHHELD:
            known(node, "number", self._settings.numbers)
        return partial(_shows, node.place, written)


@dataclass(frozen=True)
class _Wanted:
    """Something that is to be heard: the prompt at a path, a phrase by its name, or any that has these words."""

    place: Place
    written: str
    path: KeyPath | None

    def is_in(self, said: Said) -> bool:
        if self.path is not None:
            return said.because == self.path
        if said.because == ("phrases", self.written):
            return True
        text = said.piece.text if isinstance(said.piece, Say) else str(said.piece.path)
        return self.written.casefold() in " ".join(text.split()).casefold()


def _hears(wanted: Sequence[_Wanted], settings: Settings) -> Expectation | None:
    """All of these, in this order."""

    def look(trace: Trace) -> Iterator[Failure]:
        begin = 0
        after = ""
        for each in wanted:
            found = next((n for n, said in enumerate(trace.heard) if n >= begin and each.is_in(said)), None)
            if found is None:
                heard = [words(said, settings) for said in trace.heard[begin:]]
                does = f"hears {', then '.join(heard)}" if heard else "hears nothing"
                yield Failure(each.place, f"hear {shown(each.written)}{after}", f"{does}{after}")
                return
            begin, after = found + 1, f" after {shown(each.written)}"

    return look if wanted else None


def _not_hears(wanted: Sequence[_Wanted], settings: Settings) -> Expectation | None:
    """None of these."""

    def look(trace: Trace) -> Iterator[Failure]:
        for each in wanted:
            for said in trace.heard:
                if each.is_in(said):
                    yield Failure(each.place, f"not hear {shown(each.written)}", f"hears {words(said, settings)}")
                    break

    return look if wanted else None


def _ends(place: Place, wanted: str, trace: Trace) -> Iterator[Failure]:
    stands = trace.stands[-1] if trace.stands else ""
    outcome = trace.outcome.value if trace.outcome else ""
    answered = f"answered by {trace.answered_by}" if trace.answered_by else ""
    if wanted not in (stands, outcome, answered):
        happened = [each for each in (stands, answered or outcome) if each]
        does = f"ends in {stands}, {answered or outcome}" if stands else f"ends {outcome}" if happened else "ends"
        should = f"end as {wanted}" if wanted in _OUTCOMES else f"end in {wanted}"
        should = f"be {wanted}" if wanted.startswith("answered by") else should
        yield Failure(place, should, does)


def _group(place: Place, wanted: str, trace: Trace) -> Iterator[Failure]:
    group = (trace.identified.group if trace.identified else None) or _NONE
    if group != wanted:
        yield Failure(place, f"be of the group {wanted}", f"is of {_or_no('group', group)}")


def _language(place: Place, wanted: str, trace: Trace) -> Iterator[Failure]:
    language = (trace.identified.language if trace.identified else None) or _NONE
    if language != wanted:
        yield Failure(place, f"be in {wanted}", f"is in {language}")


def _rule(place: Place, wanted: str, trace: Trace) -> Iterator[Failure]:
    rule = trace.rule or _NONE
    if rule != wanted:
        yield Failure(place, f"be made by the rule {wanted}", f"is made by {_or_no('rule', rule)}")


def _by(place: Place, wanted: Sequence[str], trace: Trace) -> Iterator[Failure]:
    tried = [tried.trunk for tried in trace.tried]
    if tried != [*wanted]:
        does = f"goes out by {', then '.join(tried)}" if tried else "does not go out"
        yield Failure(place, f"go out by {', then '.join(wanted)}", does)


def _shows(place: Place, wanted: str, trace: Trace) -> Iterator[Failure]:
    if not trace.tried:
        yield Failure(place, f"show {wanted}", "does not go out")
        return
    shown_number = (trace.identified.number_id if trace.identified else None) or _WITHHELD
    if shown_number != wanted:
        yield Failure(place, f"show {wanted}", f"shows {shown_number}")


def _waits(node: Node) -> Expectation:
    written = fields.text(node)
    found = re.fullmatch(r"(under|over) (\S.*)", written)
    if not found:
        raise Wrong(node.place, f"{shown(written)} is no wait.", "Write it like under 20s, or over 1m.")
    limit = fields.duration(Text(node.place, found[2]))
    is_under = found[1] == "under"

    def look(trace: Trace) -> Iterator[Failure]:
        if trace.wait is None:
            yield Failure(node.place, f"wait {written}", "does not stand in a queue")
        elif (trace.wait < limit) is not is_under:
            yield Failure(node.place, f"wait {written}", f"waits {length(trace.wait)}")

    return look


def _or_no(kind: str, id: str) -> str:
    return f"no {kind}" if id == _NONE else f"the {kind} {id}"
