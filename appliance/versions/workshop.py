"""What applying a configuration needs of this machine: renderer, installer, sounds, the switch, the appliance."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from appliance import console, recordings
from appliance.console import NotRunning
from appliance.places import Places, make_data, share_with_switch
from appliance.port import Reloader, SwitchLost
from appliance.program import program_version
from appliance.secrets import AMI, ESL
from appliance.settings import Settings, SwitchKind
from appliance.trouble import Trouble
from appliance.versions.history import Versions
from dialplan import install as installation
from dialplan import speech
from dialplan.common import Paths
from dialplan.render import DIRECTORIES, in_use, render, restart_for, wanted
from dialplan.speech import SpeechError


class RealWorkshop:
    """See appliance.versions.applying.Workshop."""

    def __init__(
        self,
        places: Places,
        into: Path,
        on_progress: Callable[[int, int], None],
        make_reloader: Callable[[Settings, Mapping[str, str]], Reloader] | None = None,
    ) -> None:
        self.into = into
        self._places = places
        self._versions = Versions(places.versions)
        self._on_progress = on_progress
        self._make_reloader = make_reloader or reloader_of
        self._reloader: Reloader | None = None
        self._before: Mapping[str, str] = {}  # what the switch has read, as far as is known
        self._switch = SwitchKind.ASTERISK
        self._is_other: bool | None = None  # whether the appliance that runs is of another version of the program
        self.left = ""  # what could not be done for the switch's rights, in words

    def render(self, settings: Settings) -> Mapping[str, str]:
        secrets = self._places.secrets(settings)
        paths = paths_of(settings, self._places, self.into)
        try:
            return render(settings, secrets, paths)
        except ValueError as error:
            raise Trouble(str(error)) from None

    def restart_for(self, settings: Settings, files: Mapping[str, str]) -> Sequence[str]:
        before = installation.installed(self.into)
        return restart_for(settings.switch, before, files) if before else ()

    def changes(self, files: Mapping[str, str]) -> Sequence[str]:
        before = installation.read_files(self.into, files)
        return sorted(name for name in {*before, *files} if before.get(name) != files.get(name))

    def make_sounds(self, settings: Settings) -> int:
        make_data(self._places.data)
        try:
            made = speech.make(settings, self._places.sounds, self._places.music, self._on_progress)
        except SpeechError as error:
            raise Trouble(str(error)) from None
        records = recordings.are_made(settings)
        self.into.mkdir(parents=True, exist_ok=True, mode=0o750)
        self.left = share_with_switch(self._places.data, settings.recordings if records else None, self.into) or ""
        return made

    def remove_sounds(self, settings: Settings) -> None:
        used = self.ask("versions-in-use", None)
        numbers = used.get("used", []) if isinstance(used, Mapping) else []
        also = [self._versions.settings(number) for number in numbers if number in self._versions.numbers()]
        removed = speech.remove(settings, self._places.sounds, self._places.music, also)
        if removed.music and self._reloader is not None:
            self.reload()  # it may have listed what is no more

    def connect(self, settings: Settings) -> bool:
        self._switch = settings.switch
        if self._reloader is not None:
            return True
        reloader = self._make_reloader(settings, self._places.secrets(settings))
        try:
            reloader.connect()
        except SwitchLost:
            reloader.close()
            return False
        except BaseException:
            reloader.close()
            raise
        self._reloader = reloader
        return True

    def install(self, files: Mapping[str, str]) -> Sequence[str]:
        self._before = installation.installed(self.into)
        return installation.install(files, self.into, undoable=True).changed

    def undo(self) -> bool:
        self._before = {}  # how far the switch came is not known
        return installation.undo(self.into)

    def settle(self) -> None:
        installation.settle(self.into)

    def reload(self) -> None:
        if self._reloader is None:
            raise SwitchLost("the switch does not answer")
        before = wanted(self._switch, self._before) if self._before else None
        self._reloader.take_over(wanted(self._switch, installation.installed(self.into)), before)

    def close(self) -> None:
        reloader, self._reloader = self._reloader, None
        if reloader is not None:
            reloader.close()

    def ask(self, command: str, version: int | None) -> object:
        if self._is_other:
            return None
        try:
            if self._is_other is None:
                self._is_other = self._runs_another_program()
            return None if self._is_other else console.ask(self._places.socket, command, version=version)
        except NotRunning:
            return None

    def _runs_another_program(self) -> bool:
        """In the middle of an upgrade: what runs will be restarted, and need not understand this configuration."""
        try:
            known = console.ask(self._places.socket, "health")
        except NotRunning:
            raise
        except Trouble:  # it is starting
            return False
        return isinstance(known, Mapping) and known.get("version") != program_version()


def paths_of(settings: Settings, places: Places, into: Path) -> Paths:
    """Where the switch finds its files; a switch that runs on files of ours keeps its own directories."""
    paths = Paths(configuration=into, sounds=places.sounds, music=places.music, recordings=settings.recordings)
    return dataclasses.replace(paths, **in_use(settings.switch, installation.installed(into)))


def into_of(settings: Settings) -> Path:
    """Where the switch looks for its configuration."""
    return DIRECTORIES[settings.switch]


def reloader_of(settings: Settings, secrets: Mapping[str, str]) -> Reloader:
    """The adapter's, for the switch that the settings name."""
    network = settings.network
    if settings.switch is SwitchKind.FREESWITCH:
        from esl.reload import FreeSwitchReloader

        return FreeSwitchReloader(network.event_socket_port, secrets[ESL])
    from agi.reload import AsteriskReloader

    return AsteriskReloader(network.ami_port, secrets[AMI])
