"""What is told to other programs of an event: which of them it is for, and the JSON. Pure."""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import sha256
from typing import Any

from appliance.line.promises import AttemptEnd
from appliance.settings import Told, Webhook

Link = Callable[[Mapping[str, Any]], str | None]  # of a row of a call-back: where the customer may change it

# Kinds of facts, and as what they are told.
KINDS: Mapping[str, Told] = {
    "CallbackPromised": Told.PROMISED,
    "CallbackMoved": Told.MOVED,
    "ReminderDue": Told.REMINDER,
    "AttemptBegan": Told.CALLED,
    "CustomerReached": Told.REACHED,
    "AttemptEnded": Told.MISSED,
    "CallbackEnded": Told.ENDED,
}
_TIMES = ("at", "not_before", "next_at", "promised_at", "expires")
_OF_FACTS = ("n", "first", "agent", "end", "next_at", "not_before", "why")
_OF_CALLBACKS = ("id", "queue", "number", "name", "language", "kind", "promised_at", "not_before", "expires")
_NAMES = {"n": "attempt"}
_NO_MORE_LINKS = (Told.ENDED,)


@dataclass(frozen=True)
class Message:
    """What is posted, and its id: the same however often it is posted."""

    id: str
    body: bytes


def message(
    n: int,
    kind: str,
    at: float,
    fact: Mapping[str, Any],
    about: Mapping[str, Any] | None,
    hook: Webhook,
    zone: tzinfo,
    link: Link,
) -> Message | None:
    """What that receiver is told of a fact; None where it is not for it. `about` is the call-back's row."""
    told = KINDS[kind]
    if told not in hook.events or fact.get("hook", hook.id) != hook.id:
        return None
    if kind == "AttemptEnded" and fact["end"] == AttemptEnd.SERVED.value:
        return None  # the end of the call-back says so
    data: dict[str, Any] = {"id": str(n), "event": told.value, "at": at}
    if told is not Told.PROMISED:  # of which the call-back itself says everything
        data |= {_NAMES.get(name, name): fact[name] for name in _OF_FACTS if fact.get(name) not in (None, "")}
    data["callback"] = _callback(fact, about, None if told in _NO_MORE_LINKS else link)
    return Message(str(n), json.dumps(_with_times(data, zone), ensure_ascii=False).encode())


def _callback(fact: Mapping[str, Any], about: Mapping[str, Any] | None, link: Link | None) -> dict[str, Any]:
    if about is None:
        return {"id": fact.get("visit")}
    found = {name: about[name] for name in _OF_CALLBACKS} | {"context": about["context"]}
    url = link(about) if link else None
    return {**found, "link": url} if url else found


def _with_times(value: Any, zone: tzinfo) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: datetime.fromtimestamp(each, zone).isoformat(timespec="seconds")
        if key in _TIMES and isinstance(each, int | float)
        else _with_times(each, zone)
        for key, each in value.items()
    }


def headers(message: Message, secret: str, now: float) -> dict[str, str]:
    """Of a POST, with the signature by which a receiver knows that it is from us and is not an old one that
    somebody posts again: that of the Standard Webhooks specification, for which there are libraries everywhere."""
    stamp = str(int(now))
    signed = b".".join((message.id.encode(), stamp.encode(), message.body))
    digest = base64.b64encode(hmac.new(_key(secret), signed, sha256).digest()).decode()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "appliance",
        "webhook-id": message.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{digest}",
    }


def _key(secret: str) -> bytes:
    """As that specification writes keys; any other text is its own key."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
