"""Names and values of other systems in our spelling: ids, texts, lengths of time, telephone numbers. Pure."""

import re
import unicodedata
from collections.abc import Container

from appliance.identify import to_e164

_LONGEST_ID = 40
_CYRILLIC = "".join(map(chr, range(0x0430, 0x0450)))  # a to ya, as they follow each other in the alphabet
_LATIN = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch ? y ? e yu ya".split()  # noqa: SIM905
_RUSSIAN = str.maketrans({one: other.strip("?") for one, other in zip(_CYRILLIC, _LATIN, strict=True)})
_SHORT = re.compile(r"[0-9]{2,15}|[a-z0-9]{2,32}")
_PHONE = re.compile(r"[0-9]{2,10}")


def id_of(name: str, otherwise: str, taken: Container[str]) -> str:
    """An id made of a name: "Отдел продаж" is otdel-prodazh. `otherwise` where no letter of it can be used."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("\u0451", "\u0435").translate(_RUSSIAN))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    id = "-".join(words)[:_LONGEST_ID].strip("-") or otherwise
    candidate, n = id, 1
    while candidate in taken:
        n += 1
        candidate = f"{id[: _LONGEST_ID - 4]}-{n}"
    return candidate


def line(text: str) -> str:
    """Text as it may stand in the YAML: on one line, nothing in it that cannot be printed."""
    return " ".join("".join(c if c.isprintable() or c.isspace() else "" for c in text).split())


def length(seconds: int) -> str:
    """A length of time with its units; none is longer than a day."""
    hours, rest = divmod(min(seconds, 24 * 3600), 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def number(written: str, country: str) -> str | None:
    """A number of ours as its id in the YAML; None where it cannot be one."""
    bare = written.strip()
    found = to_e164(bare, country)
    if found is not None:
        return found
    return bare.lower() if _SHORT.fullmatch(bare.lower()) else None


def phone(written: str) -> str | None:
    """An extension as the id of a phone; None where it cannot be one."""
    return written if _PHONE.fullmatch(written) else None
