"""What callers hear where the other system did something that we have nothing for."""

from collections.abc import Mapping

NOBODY: Mapping[str, str] = {
    "ru": "К сожалению, сейчас никто не может ответить.",  # noqa: RUF001
    "en": "We are sorry, nobody can answer now.",
}
