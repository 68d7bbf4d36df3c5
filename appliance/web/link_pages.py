"""The page behind the link that a customer was sent: when the call will be, another time, or none at all any more.

Looking at it changes nothing: programs that look at links before their reader does are no customers.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from werkzeug.wrappers import Response

from appliance import secrets
from appliance.callbacks import links
from appliance.callbacks.diaries import TakeTime
from appliance.engine import Engine
from appliance.line.messages import Declined, EndCallback, MoveCallback, Reason
from appliance.line.promises import CallbackEnd, Home
from appliance.line.visits import Visit
from appliance.web.asked import epoch
from appliance.web.faults import Fault
from appliance.web.pages import as_page
from appliance.web.site import Handler, Question
from appliance.web.telling import State, Told

MOST_TIMES = 30
BUSY_FOR = 30.0  # seconds after which to ask again while nothing can be changed
_RULE = f"{links.PATH}<token>"


class LinkPages:
    """Handlers, each with its address."""

    def __init__(self, engine: Engine, secrets_now: Callable[[], Mapping[str, str]]) -> None:
        self._engine, self._secrets = engine, secrets_now

    def rules(self) -> Iterable[tuple[str, str, Handler]]:
        yield "GET", _RULE, self._look
        yield "POST", _RULE, self._change

    def _look(self, question: Question) -> Response:
        visit = self._find(question)
        return self._page(question, visit) if visit is not None else self._dead(question)

    def _change(self, question: Question) -> Response:
        visit = self._find(question)
        if visit is None:
            return self._dead(question)
        if not self._engine.switch_up or self._engine.scribe.unwritten:
            raise Fault(503, "unavailable", retry_after=BUSY_FOR)
        try:
            match question.form.get("do", ""):
                case "cancel":
                    ended = CallbackEnd.CANCELLED_BY_CUSTOMER
                    self._engine.ask(EndCallback(visit.id, ended, "by the link that was sent"))
                    return self._told(question, question.words("cancelled"))
                case "move":
                    at = epoch(question.form.get("time", ""))
                    if at is None:
                        return self._page(question, visit, "time", 422)
                    moving = MoveCallback(visit.id, at, "the customer, by the link that was sent")
                    self._engine.ask(TakeTime(moving))
        except Declined as declined:
            if declined.reason is Reason.NO_CALLBACK:
                return self._dead(question)
            if declined.reason is Reason.NO_ROOM:
                return self._page(question, visit, "time_taken", 409)
            return self._page(question, visit, status=409)  # is being called at this moment
        else:
            # Looked at anew by GET, the page can be reloaded without moving anything again.
            return Response(status=303, headers={"Location": self._address(question)})

    def _find(self, question: Question) -> Visit | None:
        """The open call-back of that link."""
        engine = self._engine
        key = self._secrets().get(secrets.CALLBACK_LINKS, "")
        id = links.read(question.arguments["token"], key, engine.clock.now())
        visit = engine.acd.visit(id) if id else None
        return visit if visit is not None and visit.home is not None and visit.agent is None else None

    # What is shown

    def _page(self, question: Question, visit: Visit, wrong: str = "", status: int = 200) -> Response:
        home, words, now = visit.home, question.words, self._engine.clock.now()
        assert home is not None
        diary = self._engine.diary(visit.queue, home.promise.number, without=visit.id) if home.rests else None
        slots = [*islice(diary.free(), MOST_TIMES)] if diary else []
        return as_page(
            "link.html",
            *(words, question.web, status),
            says=self._state(visit, home, now).says(words, now),
            number=_hidden(home.promise.number),
            wrong=words.error(wrong) if wrong else "",
            address=self._address(question),
            times=[(words.iso(slot.begin), words.moment(slot.begin, now)) for slot in slots],
            can_change=home.rests,
        )

    def _state(self, visit: Visit, home: Home, now: float) -> Told:
        if not home.rests:
            return Told(State.CALLING)
        place = self._engine.acd.place(visit.id)
        if place is None or home.not_before > now:
            return Told(State.SCHEDULED, call_at=home.not_before)
        expected = self._engine.acd.expected_wait(visit.id, now)
        return Told(State.WAITING, place, (expected.low, expected.high) if expected else None)

    def _dead(self, question: Question) -> Response:
        """The same for what was no link ever and for one whose call-back has ended."""
        return self._told(question, question.words("link_dead"), 404)

    def _told(self, question: Question, says: str, status: int = 200) -> Response:
        page = question.words, question.web, status
        return as_page("link.html", *page, says=says, number="", wrong="", times=[], can_change=False)

    def _address(self, question: Question) -> str:
        token, language = question.arguments["token"], question.words.language
        return f"{question.web.base}{links.PATH}{token}?language={language}"


def _hidden(number: str) -> str:
    """Enough to know one's own number by, and no more: links are forwarded, and lie in logs."""
    return f"{number[:2]} … {number[-2:]}"
