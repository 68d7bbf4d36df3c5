"""The addresses below /callbacks: the form, what it needs, and the requests that it makes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import phonenumbers
from werkzeug.wrappers import Response

from appliance import secrets
from appliance.engine import Engine
from appliance.settings import Settings
from appliance.web import asked as asking
from appliance.web import signature
from appliance.web.asked import Asked, Wrong
from appliance.web.callbacks import Callbacks
from appliance.web.departments import Department, departments, names, queue_of
from appliance.web.faults import Fault
from appliance.web.pages import as_json, as_page, problems
from appliance.web.site import Handler, Question
from appliance.web.telling import State, Told
from appliance.web.tickets import Seal, Ticket
from appliance.web.words import Words

PAGE_EVERY = 15  # seconds between two looks of a page without scripts
NO_SOONER = 0.25  # seconds after which a request is answered
TIMES_LAST = 5.0  # seconds
STATIC_LASTS = 3600  # seconds

_STATIC = {"form.js": "text/javascript; charset=utf-8", "form.css": "text/css; charset=utf-8"}
_FOLDER = Path(__file__).with_name("static")


@dataclass(frozen=True)
class _Times:
    """From which customers of a queue choose, in one language: they take long to find out."""

    settings: Settings
    until: float
    found: list[tuple[str, str]]


class CallbackPages:
    """Handlers, each with its address."""

    def __init__(
        self, engine: Engine, callbacks: Callbacks, seal: Seal, secrets_now: Callable[[], Mapping[str, str]]
    ) -> None:
        self._engine, self._callbacks, self._seal, self._secrets = engine, callbacks, seal, secrets_now
        self._kept: dict[tuple[str, str], _Times] = {}

    def rules(self) -> Iterable[tuple[str, str, Handler]]:
        yield "POST", "/callbacks", self._ask
        yield "GET", "/callbacks/departments", self._departments
        yield "GET", "/callbacks/slots", self._slots
        yield "GET", "/callbacks/form", self._form
        yield "GET", "/callbacks/form.html", self._form
        for name in _STATIC:
            yield "GET", f"/callbacks/{name}", self._static
        yield "GET", "/callbacks/<token>", self._look
        yield "DELETE", "/callbacks/<token>", self._cancel
        yield "POST", "/callbacks/<token>/cancel", self._cancel

    # The form

    def _static(self, question: Question) -> Response:
        name = question.path.rpartition("/")[2]
        response = Response((_FOLDER / name).read_bytes(), content_type=_STATIC[name])
        response.headers["Cache-Control"] = f"public, max-age={STATIC_LASTS}"
        return response

    def _form(self, question: Question) -> Response:
        """A page of its own, or with ?part=1 what the script puts into somebody else's."""
        return self._form_page(question, Asked(department=question.args.get("department", "")))

    def _form_page(
        self, question: Question, asked: Asked, status: int = 200, says: str = "", wrong: tuple[Wrong, ...] = ()
    ) -> Response:
        words, settings = question.words, self._engine.settings
        now = self._engine.clock.now()
        only = question.args.get("department", "")
        known = [each for each in departments(self._engine, now) if each.id == only or only not in names(settings)]
        return as_page(
            "part.html" if question.args.get("part") else "form.html",
            *(words, question.web, status),
            asked=asked,
            says=says,
            wrong={each["field"]: each["says"] for each in problems(wrong, words)},
            departments=[(each.id, words.of(each.name), _now(each, words, now)) for each in known],
            times=self._times(known[0].id, words) if len(known) == 1 else (),
            fields=question.web.form.fields,
            most_name=asking.LONGEST_NAME,
            example=_example(settings.country),
            stamp=asked.stamp or self._seal.stamp(now),
        )

    def _departments(self, question: Question) -> Response:
        words, now = question.words, self._engine.clock.now()
        found = [
            {
                "id": each.id,
                "name": words.of(each.name),
                "open": each.is_open,
                "changes_at": words.iso(each.changes_at) if each.changes_at else None,
                "expected": _seconds((each.expected.low, each.expected.high)) if each.expected else None,
                "says": _now(each, words, now),
                "hours": [{"from": words.iso(begin), "to": words.iso(end)} for begin, end in each.spans],
            }
            for each in departments(self._engine, now)
        ]
        return as_json({"departments": found, "stamp": self._seal.stamp(now)})

    def _slots(self, question: Question) -> Response:
        queue = queue_of(self._engine.settings, question.args.get("department", ""))
        if queue is None:
            raise Fault(404, "department")
        times = self._times(queue.id, question.words)
        return as_json({"slots": [{"time": time, "says": says} for time, says in times]})

    def _times(self, queue: str, words: Words) -> list[tuple[str, str]]:
        """Those with room, a moment ago at most: whether one is still to be had is decided when it is taken."""
        now, settings = self._engine.clock.now(), self._engine.settings
        kept = self._kept.get((queue, words.language))
        if kept is None or kept.settings is not settings or now > kept.until:
            found = [(words.iso(at), words.moment(at, now)) for at in self._callbacks.times(queue)]
            kept = self._kept[queue, words.language] = _Times(settings, now + TIMES_LAST, found)
        return kept.found

    # Requests

    def _ask(self, question: Question) -> Response:
        body = question.get_data(cache=False)
        is_signed = self._is_signed(question, body)
        asked = asking.read(body, question.mimetype)
        if asked.language:
            question.words = question.words.like(asked.language)
        clock = self._engine.clock
        began = clock.now()
        try:
            outcome = self._callbacks.ask(
                asked, question.web, question.client, question.words.language, is_signed=is_signed
            )
        except Fault as fault:
            if not question.wants_page or not (fault.wrong or fault.status in (403, 429)):
                raise
            says = question.words("problems") if fault.wrong else question.words.error(fault.code)
            known = replace(asked, stamp="") if fault.code == "stale" else asked
            return self._form_page(question, known, fault.status, says, fault.wrong)
        self._kept.clear()
        # However long it took: nobody should learn from that whether there was anything to write down.
        clock.sleep(max(0.0, began + NO_SOONER - clock.now()))
        address = f"/callbacks/{quote(outcome.sealed)}"
        if question.wants_page:
            address += f"?language={question.words.language}"
            return Response(status=303, headers={"Location": question.web.base + address})
        data = self._told(outcome.ticket, outcome.told, question.words) | {"token": outcome.sealed}
        response = as_json(data, 201 if outcome.is_new else 200)
        response.headers["Location"] = question.web.base + address
        return response

    def _is_signed(self, question: Question, body: bytes) -> bool:
        """Raises Fault where a signature is needed, and there is none."""
        if not question.web.signature:
            return False
        header, secret = question.headers.get(signature.HEADER, ""), self._secrets().get(secrets.WEB_SIGNATURE, "")
        if not signature.is_signed(header, secret, body, self._engine.clock.now()):
            raise Fault(401, "unsigned")
        return True

    def _look(self, question: Question) -> Response:
        return self._status(question, *self._callbacks.look(question.arguments["token"]))

    def _cancel(self, question: Question) -> Response:
        ticket, told = self._callbacks.cancel(question.arguments["token"])
        return self._status(question, ticket, told, 409 if told.state is State.CALLING else 200)

    def _status(self, question: Question, ticket: Ticket, told: Told, status: int = 200) -> Response:
        if not question.wants_page:
            return as_json(self._told(ticket, told, question.words), status)
        is_open = told.state not in (State.OVER, State.CANCELLED)
        return as_page(
            "status.html",
            *(question.words, question.web, status),
            says=told.says(question.words, self._engine.clock.now()),
            token=question.arguments["token"],
            can_cancel=is_open and told.state is not State.CALLING,
            again_every=PAGE_EVERY if is_open else 0,
        )

    def _told(self, ticket: Ticket, told: Told, words: Words) -> dict[str, object]:
        return {
            "id": ticket.id,
            "department": ticket.queue,
            "state": told.state.value,
            "place": told.place,
            "expected": _seconds(told.expected) if told.expected else None,
            "call_at": words.iso(told.call_at) if told.call_at else None,
            "says": told.says(words, self._engine.clock.now()),
        }


def _seconds(expected: tuple[float, float]) -> dict[str, int]:
    return {"low": round(expected[0]), "high": round(expected[1])}


def _now(department: Department, words: Words, now: float) -> str:
    """How it is at the moment, in a few words."""
    expected = department.expected
    if department.is_open and expected:
        return words("wait_now", wait=words.between(expected.low, expected.high))
    if department.is_open:
        return words("open_now")
    if department.changes_at is None:
        return words("closed")
    return words("closed_now", opens=words.moment(department.changes_at, now))


def _example(country: str) -> str:
    """How a number of that country is written."""
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        return "+74951234567"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
