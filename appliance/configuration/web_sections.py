"""The section "web" of the YAML: the HTTP port, who may ask there how often, and the form for call-backs."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from appliance.configuration import fields
from appliance.configuration.documents import Node
from appliance.configuration.problems import shown
from appliance.configuration.shapes import TEXT, Shape, form, shape_of, shaped, table_of
from appliance.configuration.tables import Fields, Wrong
from appliance.settings.web import Form, FormField, Limit, Limits, Texts, Web

MOST_FIELDS = 10
LONGEST_FIELD = 300

_LIMIT = re.compile(r"([0-9]{1,6})/((?:[0-9]+[hms])+)")
_ORIGIN = r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?"
_URL = r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?"
_FIELD = r"[a-z][a-z0-9_-]{0,31}"

field_id = fields.matching(_FIELD, "the id of a field (small letters, digits, hyphens, underscores)", "order")


# A text, or one for each language.
TEXTS: Shape = {"anyOf": [TEXT, table_of(shape_of(fields.language), TEXT)]}

Read = Callable[[Node], Texts]


def web(each: Fields, texts: Read) -> Web:
    return Web(
        port=each.need("port", fields.port, 8089),
        address=each.take("address", fields.ip_address, Web.address),
        url=each.take("url", url, Web.url),
        proxies=each.items("proxies", fields.address),
        origins=each.items("origins", origin),
        signature=each.take("signature", fields.yes_or_no, Web.signature),
        limits=each.section("limits", limits, Limits()),
        form=each.section("form", lambda inner: form_of(inner, texts), Form()),
    )


def limits(each: Fields) -> Limits:
    return Limits(
        per_address=each.take("per_address", limit, Limits.per_address),
        per_number=each.take("per_number", limit, Limits.per_number),
        all=each.take("all", limit, Limits.all),
    )


def form_of(each: Fields, texts: Read) -> Form:
    return Form(
        departments=each.table("departments", fields.name, texts, {}),
        fields=each.each("fields", "field", field_id, lambda id, inner: _field(id, inner, texts)),
        fill_in=each.take("fill_in", fields.duration, Form.fill_in),
    )


def _field(id: str, each: Fields, texts: Read) -> FormField:
    return FormField(
        label=each.need("label", texts, {"en": id}),
        longest=each.take("longest", fields.whole(1, LONGEST_FIELD), FormField.longest),
        needed=each.take("needed", fields.yes_or_no, FormField.needed),
    )


@shaped(form(r"[0-9]{1,6}/(?:[0-9]+[hms])+"))
def limit(node: Node) -> Limit:
    """So many within a length of time."""
    value = fields.text(node)
    found = _LIMIT.fullmatch(value.replace(" ", ""))
    seconds = fields.seconds(found[2]) if found else None
    if not found or not int(found[1]) or not seconds:
        raise Wrong(node.place, f"{shown(value)} does not say how many in which time.", "Write it like 5/10m.")
    return Limit(int(found[1]), seconds)


@shaped(form(_ORIGIN))
def origin(node: Node) -> str:
    """A site, as browsers name it."""
    value = fields.text(node)
    if not re.fullmatch(_ORIGIN, value):
        remedy = "Write it like https://example.com: small letters, no slash at the end, and no path."
        raise Wrong(node.place, f"{shown(value)} is no site as browsers name it.", remedy)
    return value


@shaped(form(_URL))
def url(node: Node) -> str:
    """Under which customers reach something; a slash at the end is left out."""
    value = fields.text(node)
    try:
        parts = urlsplit(value)
        is_right = bool(re.fullmatch(_URL, value) and parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        raise Wrong(
            node.place, f"{shown(value)} is not an address of the web.", "Write it like https://calls.example.com."
        )
    return value.rstrip("/")
