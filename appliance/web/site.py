"""What the HTTP port serves, as a WSGI application: who may ask, which page answers, and how refusals look.

Requests are read by werkzeug, which is small, keeps to the standards, and parses what strangers send; a framework
around it would bring its own ideas of configuration, sessions and threads, none of which is needed here.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import gevent
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from appliance.clock import Clock
from appliance.engine import Engine
from appliance.settings.web import Web
from appliance.web import words
from appliance.web.asked import MOST_BODY, Bad
from appliance.web.doorman import ALL_REQUESTS, REQUESTS, Doorman
from appliance.web.faults import Fault
from appliance.web.limits import Windows
from appliance.web.pages import refusal
from appliance.web.words import Words

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

log = logging.getLogger(__name__)

WITHIN = 10.0  # seconds in which a request is answered, else it is said that nothing can be done now
TRY_AGAIN_AFTER = 30.0
PREFLIGHT_LASTS = 600  # seconds
JSON = "application/json"

Handler = Callable[["Question"], Response]

_ALWAYS = {
    "Connection": "close",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # addresses hold tickets
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Question(Request):
    """A request, and what is known of whoever sends it."""

    max_content_length = MOST_BODY
    max_form_memory_size = MOST_BODY
    words: Words
    web: Web
    client: str
    arguments: Mapping[str, Any]

    @property
    def wants_page(self) -> bool:
        """Whether a browser shows the answer as a page."""
        return self.accept_mimetypes.best_match([JSON, "text/html"], default=JSON) == "text/html"


class Site:
    """Rules lead to handlers; all of them are asked through the same door."""

    def __init__(self, engine: Engine, clock: Clock, rules: Iterable[tuple[str, str, Handler]]) -> None:
        self._engine, self._clock = engine, clock
        self._handlers = {f"{method} {rule}": handler for method, rule, handler in rules}
        self._map = Map(
            [Rule(key.partition(" ")[2], methods=[key.partition(" ")[0]], endpoint=key) for key in self._handlers],
            strict_slashes=False,
            redirect_defaults=False,
        )
        self._requests = Windows(None, b"requests")
        self._doorman: tuple[Web, Doorman] | None = None
        self._warned = False

    def __call__(self, environ: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
        question = Question(environ)
        web = self._engine.settings.web
        if web is None:  # the configuration has just changed
            return Response(status=503)(environ, start)
        question.web, question.words = web, self._words(question)
        response = self._answer(question)
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        origin = question.headers.get("Origin", "")
        if self._door(web).knows(origin):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.vary.update(("Origin", "Accept", "Accept-Language"))
        return response(environ, start)

    def _answer(self, question: Question) -> Response:
        limit = gevent.Timeout(WITHIN)
        limit.start()
        try:
            return self._admit(question)
        except gevent.Timeout as expired:
            if expired is not limit:
                raise
            return _refusal(question, Fault(503, "unavailable", retry_after=TRY_AGAIN_AFTER))
        except Fault as fault:
            return _refusal(question, fault)
        except Bad as bad:
            return _refusal(question, Fault(415 if str(bad) == "bad_media_type" else 400, str(bad)))
        except RequestRedirect:
            return _refusal(question, Fault(404, "not_found"))
        except HTTPException as error:
            return _refusal(question, _fault_of(error))
        except Exception:
            log.exception("a request over the web failed: %s", question.method)
            return _refusal(question, Fault(500, "unavailable"))
        finally:
            limit.close()

    def _admit(self, question: Question) -> Response:
        door = self._door(question.web)
        question.client = door.client(question.environ)
        now = self._clock.now()
        if self._requests.wait("all", "", ALL_REQUESTS, now):
            raise Fault(503, "unavailable", retry_after=TRY_AGAIN_AFTER)
        self._requests.count("all", "", ALL_REQUESTS, now)
        wait = self._requests.wait("any", question.client, REQUESTS, now)
        if wait:
            raise Fault(429, "too_many", retry_after=wait)
        self._requests.count("any", question.client, REQUESTS, now)
        if not door.is_ours(question.environ):
            raise Fault(421, "bad_host")
        if not self._warned and door.is_unknown_proxy(question.environ):
            self._warned = True
            log.warning(
                "%s says for whom it asks (X-Forwarded-For), and is none of the proxies of `web:`",
                question.remote_addr,
            )
        origin = question.headers.get("Origin")
        if origin is not None and not door.knows(origin) and question.method not in ("GET", "HEAD"):
            raise Fault(403, "bad_origin")
        if question.method == "OPTIONS":
            return _preflight()
        key, question.arguments = self._map.bind_to_environ(question.environ).match()
        if question.method == "POST":
            _measure(question)
        return self._handlers[key](question)

    def _door(self, web: Web) -> Doorman:
        if self._doorman is None or self._doorman[0] is not web:
            self._doorman = (web, Doorman(web))
        return self._doorman[1]

    def _words(self, question: Question) -> Words:
        """In the language that is asked for, else that of the browser, else that of the site."""
        settings, known = self._engine.settings, words.languages()
        own = settings.language if settings.language in known else known[0]
        language = question.args.get("language", "")
        if language not in known:
            language = question.accept_languages.best_match(known, default=own) or own
        return Words(language, settings.time_zone)


def _measure(question: Question) -> None:
    """The length of a body is said before, and is not too much."""
    if "Transfer-Encoding" in question.headers:
        raise Fault(411, "length_required")
    if (question.content_length or 0) > MOST_BODY:
        raise Fault(413, "too_large")


def _preflight() -> Response:
    headers = {
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": str(PREFLIGHT_LASTS),
    }
    return Response(status=204, headers=headers)


def _fault_of(error: HTTPException) -> Fault:
    if isinstance(error, MethodNotAllowed):
        return Fault(405, "not_allowed")
    code = {404: "not_found", 413: "too_large"}.get(error.code or 400, "bad_request")
    return Fault(error.code or 400, code)


def _refusal(question: Question, fault: Fault) -> Response:
    response = refusal(fault, question.words, question.web, as_html=question.wants_page)
    if fault.status == 405:
        response.headers["Allow"] = "GET, POST, DELETE, OPTIONS"
    return response
