"""Requests that a site's own server signs: HMAC-SHA256 over time and body, with a secret both know. Pure."""

import hmac
import re
from hashlib import sha256

HEADER = "Appliance-Signature"
WITHIN = 300.0  # seconds the clocks of both may be apart

_SIGNATURE = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def sign(secret: str, at: int, body: bytes) -> str:
    """The value of the header."""
    return f"t={at},v1={_mac(secret, at, body)}"


def is_signed(header: str, secret: str, body: bytes, now: float) -> bool:
    """Whether who knows the secret has signed this body a moment ago."""
    found = _SIGNATURE.fullmatch(header)
    if found is None or not secret or abs(int(found[1]) - now) > WITHIN:
        return False
    return hmac.compare_digest(found[2], _mac(secret, int(found[1]), body))


def _mac(secret: str, at: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % at + body, sha256).hexdigest()
