"""Says values in the languages of phones' files, or raises ValueError where they cannot be said. Pure."""

import re
import unicodedata
from collections.abc import Callable

from markupsafe import Markup, escape

Say = Callable[[object], str]


def line(value: object) -> str:
    """One line as it is. Nothing in these files can say a line break, nor spaces around a value."""
    text = str(value)
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in "\ufffe\uffff":
            raise ValueError(f"{shown(text)} has a line break or another control character in it")
    if text != text.strip():
        raise ValueError(f"{shown(text)} begins or ends with a space")
    return text


def xml(value: object) -> Markup:
    """Text or an attribute's value in XML."""
    return value if isinstance(value, Markup) else escape(line(value))


def without(characters: str, what: str) -> Say:
    """One line in which these characters have a meaning that cannot be taken from them."""

    def say(value: object) -> str:
        text = line(value)
        for character in characters:
            if character in text:
                raise ValueError(f"{shown(text)} has {_NAMES[character]} in it, {what}")
        return text

    return say


def cfg(value: object) -> str:
    """A value of a Yealink .cfg, in which %NULL% and %EMPTY% have a meaning of their own."""
    text = line(value)
    if re.fullmatch(r"%(NULL|EMPTY)%", text, re.IGNORECASE):
        raise ValueError(f"{shown(text)} has a meaning of its own for a Yealink phone")
    return text


def ini(value: object) -> str:
    """A value of a Windows .ini: quotation marks around all of it would be taken away, so it gets more of them."""
    text = line(value)
    return f'"{text}"' if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def quoted(value: object) -> str:
    """A name as a quoted string of SIP (RFC 3261, 25.1)."""
    return '"' + re.sub(r'(["\\])', r"\\\1", line(value)) + '"'


def plain_name(value: object) -> str:
    """Somebody else's name in a list, in which quotation marks and angle brackets cannot be said."""
    return line(value).replace('"', "'").replace("\\", "/").replace("<", "(").replace(">", ")")


def shown(text: str) -> str:
    """A value as a sentence shows it: on one line, cut to a glance."""
    harmless = "".join(c if c.isprintable() else "?" for c in text)
    return f'"{harmless[:37]}..."' if len(harmless) > 40 else f'"{harmless}"'


_NAMES = {
    '"': "a double quote",
    "\\": "a backslash",
    "<": "a <",
    ">": "a >",
    ";": "a semicolon",
    "$": "a dollar sign",
}
