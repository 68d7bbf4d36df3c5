"""Text of an unknown encoding: old systems are not always UTF-8. Pure."""

import re

from appliance.trouble import Trouble

_HEAD = 65536  # bytes in which an encoding is said, and in which what is no text shows itself
_CHARSET = re.compile(r"SET\s+(?:NAMES|character_set_client\s*=)\s*'?(\w+)", re.IGNORECASE)
_CODECS = {"latin1": "cp1252", "cp1251": "cp1251", "koi8r": "koi8-r", "cp1250": "cp1250", "cp866": "cp866"}


def decoded(raw: bytes, name: str) -> tuple[str, str]:
    """The text, and the encoding it was in. Raises Trouble where it is none."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace"), "utf-16"
    if b"\x00" in raw[:_HEAD]:
        raise Trouble(f"{name} is not a text file: is it the right one?")
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        said = _CHARSET.findall(raw[:_HEAD].decode("ascii", "replace"))
        codec = next((_CODECS[each.lower()] for each in said if each.lower() in _CODECS), "cp1251")
        return raw.decode(codec, "replace"), codec
