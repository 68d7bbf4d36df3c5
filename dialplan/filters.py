"""Says values in the switches' configuration dialects, or raises ValueError where they cannot be said.

Nothing that a person may name freely ever reaches the dialplan: there only tokens are written.
"""

import ipaddress
import re

# Asterisk cuts lines of a configuration file at 8,192 bytes; the key and the escapes need room too.
_LONGEST = 4000
_LONGEST_NAME = 79  # of extensions, contexts and most sections
_TOKEN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_EXTENSION = re.compile(r"[A-Za-z0-9_.+*#][A-Za-z0-9_.+*#-]*", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9+*#_.!~%=&-]+", re.ASCII)
_CODE = re.compile(r"[0-9*#]+", re.ASCII)
_URI = re.compile(r"sips?:[^\s,<>\"\\]+")
_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "$": "&#36;"})
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)


def plain(value: object) -> str:
    """One line of text as it is."""
    line = str(value)
    for character in line:
        if character < " " or character == "\x7f":
            raise ValueError(f"{shorten(line)} has a line break or another control character")
    if line != line.strip():
        raise ValueError(f"{shorten(line)} begins or ends with a space")
    if not line:
        raise ValueError("a value is empty")
    _measure(line)
    return line


def text(value: object) -> str:
    """The value of a .conf line. A semicolon would begin a comment, so it is escaped."""
    line = plain(value)
    if line.startswith(">"):
        raise ValueError(f"{shorten(line)} begins with '>'")
    # Asterisk drops one backslash before a semicolon and leaves all others alone.
    escaped = line.replace(";", r"\;")
    _measure(escaped)
    return escaped


def xml(value: object) -> str:
    """Text within an attribute of FreeSWITCH's XML. The dollar, which begins a variable of its preprocessor, is
    written as a number, as is the apostrophe."""
    characters = str(value)
    for character in characters:
        if character < " " or character in "\x7f\ufffe\uffff":
            raise ValueError(f"{shorten(characters)} has a line break or another control character")
    _measure(characters)
    return characters.translate(_XML)


def pattern(value: object) -> str:
    """An extension as a part of a regular expression that it alone matches."""
    return re.sub(r"([^A-Za-z0-9_])", r"\\\1", extension(value))


def endpoint(value: object) -> str:
    """One SIP address within FreeSWITCH's dial string, where more characters have a meaning than elsewhere."""
    if re.search(r"[${}\[\]|^'&]", str(value)):
        raise ValueError(
            f"{shorten(str(value))} has a character that is not possible in an address for FreeSWITCH"
        )
    return plain(_address(value))


def token(value: object) -> str:
    """A name of a section, class, queue or codec: letters, digits, '_', '-' and '.'."""
    return _matching(_TOKEN, value, "may only have letters, digits and _ . -")


def user(value: object) -> str:
    """The user of a SIP address."""
    return _matching(_USER, value, "may only have letters, digits and + * # _ . ! ~ % = & -")


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
    """One SIP address, with its parameters, as the value of a .conf line."""
    return text(_address(value))


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


def shown_name(value: object) -> str:
    """A name as a phone shows it, in the characters with which FreeSWITCH can build an INVITE."""
    return plain(" ".join(re.sub(r"[^\w .,!?&/()+@*#\u2019-]", " ", str(value)).split()) or "-")


def shorten(value: str) -> str:
    """The value as an error message shows it."""
    return repr(value if len(value) <= 40 else value[:37] + "...")


def _address(value: object) -> str:
    if not _URI.fullmatch(str(value)):
        raise ValueError(f"{shorten(str(value))} is not one SIP address such as sip:desk@192.0.2.7:5060")
    return str(value)


def _measure(line: str) -> None:
    try:
        length = len(line.encode())
    except UnicodeEncodeError:
        raise ValueError(f"{shorten(line)} is not valid Unicode") from None
    if length > _LONGEST:
        raise ValueError(f"{shorten(line)} is longer than {_LONGEST} bytes")


def _matching(pattern: re.Pattern[str], value: object, rule: str) -> str:
    plain = str(value)
    if not pattern.fullmatch(plain):
        raise ValueError(f"{shorten(plain)} {rule}")
    if len(plain) > _LONGEST_NAME:
        raise ValueError(f"{shorten(plain)} is longer than {_LONGEST_NAME} characters")
    return plain
