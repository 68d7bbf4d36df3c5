"""Says values in Asterisk's configuration dialects, or raises ValueError where they cannot be said.

Nothing that a person may name freely ever reaches the dialplan: there only tokens are written.
"""

import ipaddress
import re

# Asterisk cuts lines of a configuration file at 8,192 bytes; the key and the escapes need room too.
_LONGEST = 4000
_LONGEST_NAME = 79  # of extensions, contexts and most sections
_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_EXTENSION = re.compile(r"[A-Za-z0-9_.+*#][A-Za-z0-9_.+*#-]*", re.ASCII)
_CODE = re.compile(r"[0-9*#]+", re.ASCII)
_URI = re.compile(r"sips?:[^\s,<>\"\\]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


def text(value: object) -> str:
    """The value of a .conf line. A semicolon would begin a comment, so it is escaped."""
    plain = str(value)
    for character in plain:
        if character < " " or character == "\x7f":
            raise ValueError(f"{shorten(plain)} has a line break or another control character")
    if plain != plain.strip():
        raise ValueError(f"{shorten(plain)} begins or ends with a space")
    if not plain:
        raise ValueError("a value is empty")
    if plain.startswith(">"):
        raise ValueError(f"{shorten(plain)} begins with '>'")
    # Asterisk drops one backslash before a semicolon and leaves all others alone.
    escaped = plain.replace(";", r"\;")
    try:
        length = len(escaped.encode())
    except UnicodeEncodeError:
        raise ValueError(f"{shorten(plain)} is not valid Unicode") from None
    if length > _LONGEST:
        raise ValueError(f"{shorten(plain)} is longer than {_LONGEST} bytes")
    return escaped


def token(value: object) -> str:
    """A name of a section, class, queue or codec: letters, digits, '_', '-' and '.'."""
    return _matching(_TOKEN, value, "may only have letters, digits and _ . -")


def extension(value: object) -> str:
    """A literal extension. Single letters are special extensions of Asterisk (h, i, s, t...)."""
    plain = _matching(_EXTENSION, value, "may only have letters, digits and + * # _ . -")
    if len(plain) == 1 and plain.isalpha():
        raise ValueError(f"{plain!r} is a special extension of the switch")
    return plain


def code(value: object) -> str:
    """A feature code: what can be keyed on every phone."""
    return _matching(_CODE, value, "may only have digits, * and #")


def uri(value: object) -> str:
    """One SIP address, with its parameters."""
    if not _URI.fullmatch(str(value)):
        raise ValueError(f"{shorten(str(value))} is not one SIP address such as sip:desk@192.0.2.7:5060")
    return text(value)


def host(value: object) -> str:
    """A host name or an IP address, as it is written in a SIP address (IPv6 in brackets)."""
    try:
        address = ipaddress.ip_address(str(value))
    except ValueError:
        return _matching(_HOST, value, "is no host name or IP address")
    return f"[{address}]" if address.version == 6 else str(address)


def network(value: object) -> str:
    """An IP address or network."""
    try:
        return str(ipaddress.ip_network(str(value), strict=False))
    except ValueError:
        raise ValueError(f"{shorten(str(value))} is no IP address or network") from None


def caller_name(value: object) -> str:
    """A name within the double quotes of a caller id, in which a double quote cannot be said."""
    return text(
        " ".join(str(value).split()).replace('"', "'").replace("\\", "/").replace("<", "(").replace(">", ")")
    )


def shorten(value: str) -> str:
    """The value as an error message shows it."""
    return repr(value if len(value) <= 40 else value[:37] + "...")


def _matching(pattern: re.Pattern[str], value: object, rule: str) -> str:
    plain = str(value)
    if not pattern.fullmatch(plain):
        raise ValueError(f"{shorten(plain)} {rule}")
    if len(plain) > _LONGEST_NAME:
        raise ValueError(f"{shorten(plain)} is longer than {_LONGEST_NAME} characters")
    return plain
