"""Passwords and PINs: one file of their own, readable by its owner alone, never the configuration."""

import os
import secrets
import string
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from appliance.configuration.documents import Table, Text, Unreadable, read_document, read_text
from appliance.configuration.problems import Report
from appliance.settings import Settings, SwitchKind
from appliance.trouble import Trouble

AMI = "ami"
ESL = "esl"
MAIL = "mail"
WEB_SIGNATURE = "web-signature"
CALLBACK_LINKS = "callback-links"

_OTHERS = 0o077  # what group and world may do
_LETTERS = string.ascii_letters + string.digits  # telephones cannot always type more
_PASSWORD_LENGTH = 24
_PIN_LENGTH = 6
_KEY_LENGTH = 32  # bytes
_SIGNING = "webhook-"  # how the names begin of keys by which messages are signed
_PINS = ("agent-", "voicemail-")  # how the names begin of what is keyed
_TITLE = (
    "# Passwords and PINs of the appliance. Keep this file to its owner (mode 0600) and out of version control.\n"
)


def phone(id: str) -> str:
    return f"phone-{id}"


def agent(id: str) -> str:
    return f"agent-{id}"


def trunk(id: str) -> str:
    return f"trunk-{id}"


def voicemail(box: str) -> str:
    return f"voicemail-{box}"


def webhook(id: str) -> str:
    return f"webhook-{id}"


def pins(settings: Settings) -> tuple[str, ...]:
    """The names of those that are keyed."""
    return (*(agent(id) for id in settings.agents), *(voicemail(id) for id in settings.voicemail))


def needed(settings: Settings) -> tuple[str, ...]:
    """The names of the secrets that a configuration needs."""
    phones = (phone(id) for id in settings.phones)
    trunks = (trunk(each.id) for each in settings.trunks.values() if each.username)
    control = ESL if settings.switch is SwitchKind.FREESWITCH else AMI
    webhooks = (webhook(id) for id in settings.webhooks)
    web = (CALLBACK_LINKS, *((WEB_SIGNATURE,) if settings.web.signature else ())) if settings.web else ()
    mail = (MAIL,) if settings.mail is not None and settings.mail.user is not None else ()
    return (control, *phones, *pins(settings), *trunks, *webhooks, *web, *mail)


@dataclass(frozen=True, repr=False)
class Secrets:
    """The secrets by name. Never shown: neither printed nor logged."""

    path: Path
    _values: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> "Secrets":
        """Read the file. Raises Trouble when it is not there, not private or not understood."""
        _refuse_shared(path)
        report = Report()
        document = read_document(path, report)
        values: dict[str, str] = {}
        if isinstance(document, Table):
            for name, entry in document.entries.items():
                value = entry.value.text if isinstance(entry.value, Text) else ""
                wrong = _wrong_with(name, value)
                if wrong:
                    report.add(entry.key.place, f"The secret {name!r} {wrong}.")
                values[name] = value
        elif document is not None and not (isinstance(document, Text) and not document.text):
            report.add(
                document.place, "Every line must be a name and a secret.", 'Write it like agent-1001: "123456".'
            )
        if report.found:
            raise Trouble("\n".join(str(problem) for problem in report.sorted()))
        return cls(path, values)

    def get(self, name: str) -> str:
        """A secret. Raises Trouble when there is none of that name."""
        try:
            return self._values[name]
        except KeyError:
            text = f"{self.path}: there is no secret {name!r}. Add a line {name}: and its value."
            raise Trouble(text) from None

    def missing(self, settings: Settings) -> tuple[str, ...]:
        """The names that a configuration needs and the file does not have."""
        return tuple(name for name in needed(settings) if name not in self._values)

    def names(self) -> frozenset[str]:
        return frozenset(self._values)

    def __repr__(self) -> str:
        return f"Secrets({str(self.path)!r}, {len(self._values)} of them)"


def add_missing(path: Path, settings: Settings) -> tuple[str, ...]:
    """Add random secrets for the names that are missing, and return these names. What is there stays as it is.

    The file is replaced as a whole, so that a crash leaves either the old one or the new one.
    Raises Trouble where `Secrets.read` does, but for a file that does not exist yet.
    """
    exists = path.exists()
    missing = Secrets.read(path).missing(settings) if exists else needed(settings)
    if not missing and exists:
        return ()
    try:
        before = read_text(path) if exists else _TITLE
        _replace(
            path, before + ("" if before.endswith("\n") or not before else "\n") + "".join(map(_line, missing))
        )
    except Unreadable as error:
        raise Trouble(f"{path}: {error.text}") from error
    except OSError as error:
        raise Trouble(f"{path}: the secrets cannot be written: {error.strerror or error}.") from error
    return missing


def change(path: Path, name: str) -> None:
    """Give that secret a new random value; everything else in the file stays as it is, remarks and all.

    Raises Trouble where `Secrets.read` does, and when there is no such secret or its line cannot be replaced.
    """
    before = Secrets.read(path)
    document = read_document(path, Report())
    entry = document.entries.get(name) if isinstance(document, Table) else None
    if entry is None:
        raise Trouble(f"{path}: there is no secret {name!r} that could be changed.")
    try:
        lines = read_text(path).splitlines(keepends=True)
        at = entry.key.place.line - 1
        if not lines[at].lstrip("\ufeff").startswith((name, f'"{name}"', f"'{name}'")):
            raise Trouble(f"{path}: {name!r} does not stand on a line of its own, so it cannot be replaced.")
        lines[at] = _line(name)
        _replace(path, "".join(lines), lambda new: _is_changed_alone(before, new, name))
    except Unreadable as error:
        raise Trouble(f"{path}: {error.text}") from error
    except OSError as error:
        raise Trouble(f"{path}: the secrets cannot be written: {error.strerror or error}.") from error


def _is_changed_alone(before: Secrets, new: Secrets, name: str) -> bool:
    names = before.names()
    return names == new.names() and all((before.get(each) == new.get(each)) is (each != name) for each in names)


def _line(name: str) -> str:
    if name.startswith(_PINS):
        return f'{name}: "{_random(string.digits, _PIN_LENGTH)}"\n'
    if name.startswith(_SIGNING):
        return f'{name}: "whsec_{b64encode(secrets.token_bytes(_KEY_LENGTH)).decode()}"\n'
    comment = "  # made up: put the provider's password here" if name.startswith(("trunk-", MAIL)) else ""
    return f'{name}: "{_random(_LETTERS, _PASSWORD_LENGTH)}"{comment}\n'


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _wrong_with(name: str, value: str) -> str:
    """What is wrong with a secret, as the end of a sentence; "" for nothing. Never says the secret."""
    if not value:
        return "has no value"
    if not value.isprintable() or value != value.strip():
        return "contains a line break, another control character, or spaces around it"
    if name.startswith(_PINS) and not (value.isascii() and value.isdecimal() and 4 <= len(value) <= 12):
        return "must be a PIN of 4 to 12 digits"
    return ""


def _refuse_shared(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise Trouble(f"{path}: the secrets cannot be read: {error.strerror or error}.") from error
    if mode & _OTHERS:
        raise Trouble(f"{path}: others than its owner may read the secrets. Run: chmod 600 {path}")


def _replace(path: Path, text: str, is_right: Callable[[Secrets], bool] = lambda new: True) -> None:
    path = path.resolve()
    owner = path.stat() if path.exists() else None
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        _refuse_unreadable(Path(temporary), path, is_right)
        if owner is not None and owner.st_uid != os.geteuid():
            with suppress(PermissionError):
                os.chown(temporary, owner.st_uid, owner.st_gid)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _refuse_unreadable(written: Path, path: Path, is_right: Callable[[Secrets], bool]) -> None:
    """A file in a style to which no line can be added must stay as it is."""
    trouble = None
    try:
        if is_right(Secrets.read(written)):
            return
    except Trouble as unreadable:
        trouble = unreadable
    remedy = "Let each line be a name, a colon and the secret in quotes."
    raise Trouble(f"{path}: no secrets can be added to this file, or changed. {remedy}") from trouble
