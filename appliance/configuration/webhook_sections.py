"""The section of the YAML that says which other programs are told what."""

import re
from urllib.parse import urlsplit

from appliance.configuration import fields
from appliance.configuration.documents import Node
from appliance.configuration.problems import shown
from appliance.configuration.shapes import form, shaped
from appliance.configuration.tables import Fields, Wrong
from appliance.settings import Told, Webhook

_URL = re.compile(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?")


def webhook(id: str, each: Fields) -> Webhook:
    """One receiver."""
    return Webhook(
        id=id,
        url=each.need("url", web_address, ""),
        events=each.items("events", fields.member(Told), "Name what is to be told.") or Webhook.events,
        remind=each.take("remind", fields.some_time, Webhook.remind),
        timeout=each.take("timeout", fields.some_time, Webhook.timeout),
    )


@shaped(form(_URL.pattern))
def web_address(node: Node) -> str:
    """Where something is posted to: http or https, without a name and password in it."""
    value = fields.text(node)
    remedy = "Write it like https://crm.example.com/calls."
    if not _URL.fullmatch(value):
        raise Wrong(node.place, f"{shown(value)} is not an address of the web.", remedy)
    try:
        parts = urlsplit(value)
        is_right = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        raise Wrong(node.place, f"{shown(value)} is not an address of the web.", remedy)
    return value
