"""What is wrong with the configuration, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from unicodedata import name


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file, counted from 1; line 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Problem:
    """One sentence for the operator, and where it applies. A warning does not stop anything."""

    file: str
    line: int
    column: int
    text: str
    remedy: str = ""
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        mark = "warning: " if self.warning else ""
        return f"{place}: {mark}{self.text}" + (f" {self.remedy}" if self.remedy else "")


@dataclass
class Report:
    """Collects problems while the configuration is read and checked."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, text: str, remedy: str = "", *, warning: bool = False) -> None:
        self.found.append(Problem(place.file, place.line, place.column, text, remedy, warning))

    def is_broken(self) -> bool:
        """Whether there is more than warnings."""
        return any(not problem.warning for problem in self.found)

    def sorted(self) -> tuple[Problem, ...]:
        """Each problem once, by file and line."""
        return tuple(sorted(set(self.found), key=lambda p: (p.file, p.line, p.column, p.text)))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or all of them when they are few."""
    names = sorted(known)
    near = get_close_matches(word[:60], names, n=1)
    if near:
        return f"Did you mean {shown(near[0])}?{_other_alphabet(word, near[0])}"
    if 0 < len(names) <= 12:
        return f"Known here: {', '.join(map(_on_one_line, names))}."
    return ""


def _other_alphabet(word: str, meant: str) -> str:
    """A hint at letters that look right and are not: a Cyrillic one in an English word."""
    foreign = next((c for c in word if c.isalpha() and not c.isascii()), None)
    if foreign is None or not meant.isascii():
        return ""
    return f' The letter "{foreign}" here is {name(foreign, "of another").split()[0].capitalize()}.'


def shown(text: str) -> str:
    """Text of a file as it may stand in a sentence: on one line, not longer than a glance."""
    line = _on_one_line(text)
    return f'"{line[:57]}..."' if len(line) > 60 else f'"{line}"'


def _on_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
