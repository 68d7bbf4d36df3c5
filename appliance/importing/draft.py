"""A draft of our configuration: entries, where each came from, and what was left behind. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from appliance.importing.rows import Row
from appliance.importing.words import id_of, line

HANG_UP = "hang up"
SOUNDS, MUSIC = "sounds", "music"


@dataclass(frozen=True)
class Remarked:
    """A value with a remark behind it."""

    value: "Value"
    remark: str


Value: TypeAlias = "str | int | Sequence[Value] | Mapping[str, Value] | Remarked"


class Topic(Enum):
    """What a note is about: the headings of the list."""

    NUMBERS = "Numbers"
    HOURS = "Opening hours"
    MENUS = "Menus"
    QUEUES = "Queues"
    PEOPLE = "Phones and agents"
    TRUNKS = "Trunks and outgoing calls"
    SOUND = "Prompts and music"
    SITE = "The site"
    REST = "Everything else"


@dataclass(frozen=True)
class Note:
    """Something that is not in the draft, or not as it was: a sentence, and the place in the source."""

    topic: Topic
    where: str
    text: str


@dataclass
class Entry:
    """An entry of a section."""

    id: str
    fields: dict[str, Value]
    origin: str
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Piece:
    """A recording that is played: its name there, and words for callers where its sound is not to be had.

    Without a name it is nothing but words, which were read aloud there too.
    """

    name: str
    text: str
    where: str


@dataclass(frozen=True)
class Found:
    """What was found of a recording: a file, or what is wrong with it as the end of a sentence."""

    file: Path | None
    trouble: str = ""


Find: TypeAlias = Callable[[str], Found]


def nothing_found(name: str) -> Found:
    """Where nobody has said in which folder sounds are."""
    return Found(None, "is not in the source; name the folder of its sounds with --sounds")


def no_music(name: str) -> Sequence[Path]:
    """Likewise."""
    return ()


@dataclass
class Draft:
    """The draft, in the order in which it is written."""

    source: str
    find: Find = nothing_found
    find_music: Callable[[str], Sequence[Path]] = no_music
    site: dict[str, Value] = field(default_factory=dict)
    sections: dict[str, dict[str, Entry]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    sounds: dict[str, tuple[Path, ...]] = field(default_factory=dict)  # file of the draft -> what it is made of
    music_ids: dict[str, str] = field(default_factory=dict)  # class of the source -> id
    passed: list[str] = field(default_factory=list)  # what was not looked at, in a few words each

    def section(self, name: str) -> dict[str, Entry]:
        return self.sections.setdefault(name, {})

    def add(self, section: str, id: str, fields: Mapping[str, Value], origin: str) -> Entry:
        """An entry. Values that are empty are left out."""
        entry = Entry(id, {name: value for name, value in fields.items() if value not in ("", [], {})}, origin)
        return self.section(section).setdefault(id, entry)

    def new_id(self, section: str, name: str, otherwise: str) -> str:
        """An id that nothing in a section has yet."""
        return id_of(name, otherwise, self.section(section))

    def has(self, section: str, id: str) -> bool:
        return id in self.section(section)

    def blank(self, id: str) -> Entry:
        """A place that is kept for an entry, so that others can refer to it."""
        return Entry(id, {}, "")

    def fill(self, section: str, id: str, fields: Mapping[str, Value], origin: str) -> Entry:
        """Fill in an entry whose place was kept."""
        entry = self.section(section)[id]
        entry.fields = {name: value for name, value in fields.items() if value not in ("", [], {})}
        entry.origin = origin
        return entry

    def files(self, section: str, id: str, names: Sequence[str], origin: str) -> None:
        """An entry that is nothing but one file or a few."""
        self.section(section)[id] = Entry(id, {"": names[0] if len(names) == 1 else list(names)}, origin)

    def music(self, name: str) -> str:
        """The id of a class of music; "" where none is said."""
        if name in ("", "inherit"):
            return ""
        if name not in self.music_ids:
            self.music_ids[name] = id_of(name, "music", self.music_ids.values())
        return self.music_ids[name]

    def note(self, topic: Topic, where: str, text: str) -> None:
        note = Note(topic, where, line(_IN_ADDRESSES.sub(r"\1:(not shown)@", text)))
        if note not in self.notes:
            self.notes.append(note)

    def account(self, topic: Topic, what: str, rows: Iterable[Row]) -> None:
        """Name what nobody has asked for in these rows."""
        for row in rows:
            left = row.left()
            if not row.is_used and left:
                said = ", ".join(f"{column} {line(text)[:60]}" for column, text in left[:6])
                self.note(topic, row.where, f"This {what} was not used: nothing leads to it. It says: {said}.")
            elif left:
                said = ", ".join(f"{column} {_short(column, text)}" for column, text in left)
                self.note(topic, row.where, f"Of this {what}, not imported: {said}.")
            row.use()

    def said(self, texts: Mapping[str, str]) -> str:
        """Our own words in the language of the site, as far as we have them."""
        language = str(bare(self.site.get("language", "en")))
        return texts.get(language, texts["en"])

    def secret(self, name: str, value: str) -> bool:
        """Whether that is a password that can be kept."""
        if not value or not value.isprintable() or value != value.strip():
            return False
        self.secrets.setdefault(name, value)
        return True

    def prompt(self, pieces: Sequence[Piece]) -> Value:
        """What is heard: a sound where all its recordings were found, else words that stand in for it."""
        recorded = [piece for piece in pieces if piece.name]
        text = " ".join(line(piece.text) for piece in pieces if piece.text)
        if not recorded:
            return text
        found = [self.find(piece.name) for piece in recorded]
        files = [each.file for each in found if each.file is not None]
        if files and len(files) == len(pieces):
            names = "-".join(id_of(piece.name.replace("/", "-"), "sound", ()) for piece in pieces)[:60]
            name = f"{SOUNDS}/{names}.wav"
            n = 1
            while self.sounds.get(name, tuple(files)) != tuple(files):
                n += 1
                name = f"{SOUNDS}/{names}-{n}.wav"
            self.sounds[name] = tuple(files)
            return {"sound": name}
        for piece, each in zip(recorded, found, strict=True):
            if each.file is None:
                instead = f" Instead callers hear: {line(piece.text)}" if piece.text else ""
                self.note(Topic.SOUND, piece.where, f"The recording {line(piece.name)} {each.trouble}.{instead}")
        names = ", ".join(piece.name for piece in recorded)
        return Remarked(text or names, f"stands in for the recording {names}")


def bare(value: Value) -> Value:
    return value.value if isinstance(value, Remarked) else value


_IN_ADDRESSES = re.compile(r"([\w.+-]+):[^@\s/,()&]+@")  # user:password@host
_SECRET = ("pass", "secret", "pin", "auth")


def _short(column: str, text: str) -> str:
    """A value as it may stand in the list: what may be a password is not shown."""
    if any(word in column.lower() for word in _SECRET):
        return "(not shown)"
    return line(text)[:60]
