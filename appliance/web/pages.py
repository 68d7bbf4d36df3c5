"""The answers as they are sent: JSON for programs, pages for people."""

import json
import math
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Response

from appliance.settings.web import Web
from appliance.web.asked import Wrong
from appliance.web.faults import Fault
from appliance.web.words import Words

JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=utf-8"


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("appliance.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def as_json(data: object, status: int = 200) -> Response:
    return Response(json.dumps(data, ensure_ascii=False) + "\n", status, content_type=JSON_TYPE)


def as_page(template: str, words: Words, web: Web, status: int = 200, **values: object) -> Response:
    """A page, which runs and loads nothing that is not ours."""
    text = _templates().get_template(template).render(words=words, base=web.base, **values)
    response = Response(text, status, content_type=HTML_TYPE)
    framing = " ".join(("'self'", *web.origins))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {framing}"
    )
    return response


def problems(wrong: tuple[Wrong, ...], words: Words) -> list[dict[str, str]]:
    return [
        {"field": each.field, "code": each.code, "says": words.error(each.code, most=each.most)} for each in wrong
    ]


def refusal(fault: Fault, words: Words, web: Web | None, *, as_html: bool) -> Response:
    """What was asked for has not been done."""
    says = words("problems") if fault.wrong else words.error(fault.code)
    if as_html and web is not None:
        response = as_page("refusal.html", words, web, fault.status, says=says)
    else:
        data: dict[str, object] = {"error": fault.code, "says": says}
        if fault.wrong:
            data["problems"] = problems(fault.wrong, words)
        response = as_json(data, fault.status)
    if fault.retry_after:
        response.headers["Retry-After"] = str(math.ceil(fault.retry_after))
    return response
