"""Putting a configuration in force: one step after another, and all of them back when one fails.

What the steps need of the world is a `Workshop`, so that this story is the same for both switches and in the
tests. Whoever is cut off leaves a journal, by which the next one puts right what was left half done.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from appliance.port import Refused, SwitchLost
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.versions.history import Journal, Version, Versions
from appliance.versions.snapshot import Snapshot
from appliance.versions.succession import stranded_sentence

log = logging.getLogger(__name__)


class Workshop(Protocol):
    """The switch, its files, the sounds, and the running appliance."""

    into: Path  # the switch's configuration

    def render(self, settings: Settings) -> Mapping[str, str]:
        """The switch's files. Raises Trouble."""
        ...

    def restart_for(self, settings: Settings, files: Mapping[str, str]) -> Sequence[str]:
        """What of these a running switch does not take over, in words."""
        ...

    def changes(self, files: Mapping[str, str]) -> Sequence[str]:
        """Which files are not there like this."""
        ...

    def make_sounds(self, settings: Settings) -> int:
        """Have all that is heard, beside what is there; how many had to be made. Raises Trouble."""
        ...

    def remove_sounds(self, settings: Settings) -> None:
        """Keep what these settings and those of live calls need."""
        ...

    def connect(self, settings: Settings) -> bool:
        """To the switch. False where it does not answer. Raises Refused when it does not let us in."""
        ...

    def install(self, files: Mapping[str, str]) -> Sequence[str]:
        """Put the files there, to be undone or settled; those that have changed. Raises OSError."""
        ...

    def undo(self) -> bool:
        """Put the files back as they were before; whether there was anything to undo. Raises OSError."""
        ...

    def settle(self) -> None: ...

    def reload(self) -> None:
        """Have the switch take over the files that are there, and see that it has. Raises Refused or
        SwitchLost."""
        ...

    def close(self) -> None: ...

    def ask(self, command: str, version: int | None) -> object:
        """Ask the running appliance. None where none runs. Raises Trouble with what it says."""
        ...


@dataclass(frozen=True)
class Wish:
    """What is to be put in force, and how far one may go for it."""

    settings: Settings
    snapshot: Snapshot
    version: Version  # but for its number
    restart: bool = False  # what the switch takes over at a start alone may have changed
    unverified: bool = False  # the switch need not answer


@dataclass(frozen=True)
class Applied:
    """What was done. `version`: the one in force now."""

    version: int
    before: int | None
    is_new: bool  # False: it was in force already
    changed: tuple[str, ...] = ()  # files of the switch
    sounds: int = 0
    verified: bool = False  # the switch was asked
    told: bool = False  # a running appliance has taken it
    restart_switch_for: tuple[str, ...] = ()
    restart_appliance_for: tuple[str, ...] = ()
    removed: tuple[int, ...] = ()  # versions that were kept long enough


class Applier:
    """`on_step` is told what is being done, in words; it may raise, as any step may."""

    def __init__(
        self, versions: Versions, workshop: Workshop, who: str, on_step: Callable[[str], None] = lambda step: None
    ) -> None:
        self._versions = versions
        self._workshop = workshop
        self._who = who
        self._on_step = on_step
        self.put_right_said: str | None = None  # what somebody else had left half done

    def apply(self, wish: Wish) -> Applied:
        """Put it in force. Raises Trouble, with everything as before, saying what has failed."""
        with self._versions.alone(self._who):
            self.put_right_said = self.put_right()
            before = self._versions.current()
            try:
                if before is not None and self._versions.about(before).digest == wish.snapshot.digest:
                    return self._repair(before, wish)
                return self._change(before, wish)
            finally:
                self._workshop.close()

    def put_right(self) -> str | None:
        """What somebody left half done when cut off: the version in force serves again. A sentence about it, or
        None. Call it while alone. Raises Trouble when it cannot be put right."""
        journal = self._versions.journal()
        if journal is None:
            return None
        when = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(journal.at))} by {journal.who}"
        if journal.number is not None and self._versions.current() == journal.number:
            self._finish(journal.number)
            said = f"The apply of version {journal.number}, begun {when}, was cut off at its end: it is in force."
        else:
            self._take_back(journal)
            serves = "the configuration as it was" if journal.before is None else f"version {journal.before}"
            said = f"An apply, begun {when}, was cut off, and has been taken back: {serves} is in force."
        log.warning("%s", said)
        return said

    def _change(self, before: int | None, wish: Wish) -> Applied:
        workshop, versions = self._workshop, self._versions
        self._on_step("render")
        settings = versions.as_kept(wish.settings, wish.snapshot)
        files = workshop.render(settings)
        reasons = tuple(workshop.restart_for(settings, files))
        is_up = self._connect(before, wish, reasons) if workshop.changes(files) else False
        self._on_step("keep")
        number = self._keep(wish)
        journal = Journal(number, before, str(workshop.into), self._who, os.getpid(), time.time())
        told: object = None
        try:
            versions.begin(journal)
            self._on_step("ask")
            self._refuse_stranding(number)
            self._on_step("sounds")
            sounds = workshop.make_sounds(settings)
            self._on_step("install")
            changed = tuple(workshop.install(files))
            if is_up:
                self._on_step("reload")
                workshop.reload()
            self._on_step("tell")
            told = workshop.ask("take-version", number)
            self._on_step("flip")
            versions.put_in_force(number)
        except BaseException as error:
            self._fail(journal, error)
        removed: list[int] = []
        try:
            self._on_step("finish")
            removed = self._finish(number)
        except (OSError, Trouble) as error:  # it is in force: the next one finishes it
            log.warning("version %d is in force, but %s", number, _sentence(error))
        return Applied(
            version=number,
            before=before,
            is_new=True,
            changed=changed,
            sounds=sounds,
            verified=is_up,
            told=told is not None,
            restart_switch_for=reasons,
            restart_appliance_for=_restart_for(told),
            removed=tuple(removed),
        )

    def _repair(self, number: int, wish: Wish) -> Applied:
        """The same configuration again: only what differs on the disk, or in the running appliance, is put
        right."""
        workshop = self._workshop
        settings = self._versions.settings(number)
        files = workshop.render(settings)
        reasons = tuple(workshop.restart_for(settings, files))
        is_up = self._connect(number, wish, reasons) if workshop.changes(files) else False
        journal = Journal(None, number, str(workshop.into), self._who, os.getpid(), time.time())
        try:
            self._versions.begin(journal)
            sounds = workshop.make_sounds(settings)
            changed = tuple(workshop.install(files))
            if is_up:
                workshop.reload()
            told = workshop.ask("take-version", number)
        except BaseException as error:
            self._fail(journal, error)
        self._finish(number)
        return Applied(
            version=number,
            before=number,
            is_new=False,
            changed=changed,
            sounds=sounds,
            verified=is_up,
            told=told is not None,
            restart_switch_for=reasons,
            restart_appliance_for=_restart_for(told),
        )

    def _connect(self, before: int | None, wish: Wish, reasons: Sequence[str]) -> bool:
        """Whether the switch answers. Raises Trouble where that is needed, or a restart of it is."""
        try:
            is_up, why = self._workshop.connect(wish.settings), ""
        except Refused as error:
            is_up, why = False, str(error)
        if is_up and reasons and before is not None and not wish.restart:
            raise Trouble(
                f"The running switch does not take over this: {'; '.join(reasons)}. Nothing has been changed. "
                "With --restart-switch it is put in force all the same, for you to restart the switch, which ends "
                "all calls."
            )
        if not is_up and before is not None and not wish.unverified:
            raise Trouble(
                f"{why or 'The switch does not answer'}, so nobody could see whether it takes this over. "
                "Nothing has been changed. With --unverified it is put in force all the same, to be read when the "
                "switch starts."
            )
        return is_up

    def _keep(self, wish: Wish) -> int:
        try:
            return self._versions.keep(wish.snapshot, wish.version)
        except OSError as error:
            raise Trouble(
                f"The version cannot be kept in {self._versions.directory}: {error.strerror}. "
                "Nothing has been changed."
            ) from None

    def _refuse_stranding(self, number: int) -> None:
        stranded = self._workshop.ask("stranded", number)
        if isinstance(stranded, Mapping) and stranded:
            raise Trouble(stranded_sentence(stranded))

    def _fail(self, journal: Journal, error: BaseException) -> None:
        """Everything back, and the sentence about it."""
        why = _sentence(error)
        try:
            self._take_back(journal)
        except Exception as worse:
            raise Trouble(
                f"{why}\nAnd what was there before could not be brought back: {_sentence(worse)}\n"
                "The next `appliance apply` tries again; until then look after the switch by hand."
            ) from error
        if not isinstance(error, Exception):
            raise error
        serves = "The configuration" if journal.before is None else f"Version {journal.before}"
        raise Trouble(f"{why}\nEverything has been taken back. {serves} goes on serving.") from error

    def _take_back(self, journal: Journal) -> None:
        """As it was before. May be cut off, and done again."""
        workshop = self._workshop
        settings = None if journal.before is None else self._versions.settings(journal.before)
        known = settings or (None if journal.number is None else self._versions.settings(journal.number))
        if workshop.undo() and known is not None:
            try:
                if workshop.connect(known):
                    workshop.reload()
            except (Refused, SwitchLost):
                if settings is not None:
                    raise
                log.warning("the switch had files of its own before, and does not take them over as ours")
        try:
            workshop.ask("take-version", journal.before)
        except Trouble as trouble:
            log.warning("the running appliance does not go back: %s", trouble)
        if settings is not None:
            with suppress(Trouble):
                workshop.make_sounds(settings)  # music of the same name may be another's by now
            workshop.remove_sounds(settings)
        if journal.number is not None:
            self._versions.remove(journal.number)
        self._versions.end()

    def _finish(self, number: int) -> list[int]:
        settings = self._versions.settings(number)
        self._workshop.settle()
        self._workshop.ask("take-version", number)
        self._workshop.remove_sounds(settings)
        self._versions.end()
        in_use = self._workshop.ask("versions-in-use", None)
        used = in_use.get("used", []) if isinstance(in_use, Mapping) else []
        return self._versions.prune(settings.keep.versions, used)


def _restart_for(told: object) -> tuple[str, ...]:
    return tuple(told.get("restart_for", ())) if isinstance(told, Mapping) else ()


def _sentence(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        said = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        said = str(error) or type(error).__name__
    return said if said.endswith((".", "\n")) else f"{said}."
