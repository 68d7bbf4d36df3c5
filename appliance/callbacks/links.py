"""Links by which customers move or cancel a call-back: whoever holds one may, and nobody can make one up. Pure.

A link names the call-back and until when it is good, and both are sealed with a key that only the appliance has
(HMAC-SHA256, from Python's own library: a format of three parts needs no more). It is good for nothing once the
call-back has ended, since the line knows it no more. Nothing is kept of links.
"""

import base64
import hmac
import re
from hashlib import sha256

STAYS_GOOD = 30 * 86400.0  # seconds after the promise ends: it may be moved, and then lasts longer
PATH = "/callbacks/link/"

_TOKEN = re.compile(r"(?P<id>[0-9A-Za-z.-]{1,60})_(?P<until>[0-9a-f]{1,12})_(?P<seal>[A-Za-z0-9_-]{32})", re.ASCII)


def token(callback: str, expires: float, key: str) -> str:
    """The same for a call-back as long as its promise holds until then."""
    named = f"{callback}_{int(expires + STAYS_GOOD):x}"
    return f"{named}_{_seal(named, key)}"


def read(token: str, key: str, now: float) -> str | None:
    """The call-back that may be changed; None for what is no link of ours, or one that was."""
    found = _TOKEN.fullmatch(token)
    if found is None or not key:
        return None
    named = f"{found['id']}_{found['until']}"
    if not hmac.compare_digest(found["seal"], _seal(named, key)) or now >= int(found["until"], 16):
        return None
    return found["id"]


def url(base: str, callback: str, expires: float, language: str, key: str) -> str:
    """As it is sent to the customer; `base` is what the addresses of all pages begin with."""
    spoken = f"?language={language}" if language else ""
    return f"{base}{PATH}{token(callback, expires, key)}{spoken}"


def _seal(named: str, key: str) -> str:
    digest = hmac.new(key.encode(), f"call-back {named}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()
