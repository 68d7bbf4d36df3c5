"""What the configuration needs on this machine: sound files, the program that speaks, certificates.

The only check that looks at anything but what was read.
"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from shutil import which

from appliance.configuration.checking.finding import Finding
from appliance.configuration.checking.patience import LONGEST_PROMPT, too_long
from appliance.configuration.problems import Place, shown
from appliance.configuration.reading import Reading
from appliance.settings import Prompt, Say, Settings, SoundFile
from appliance.speech.prompts import KeyPath, prompts_by_path
from appliance.speech.wav import length_of_wav, wrong_with_wav


def sounds(reading: Reading) -> Iterator[Finding]:
    """Sounds that are not there, or are none."""
    files = list(_sound_files(reading.settings))
    wrong = {file: wrong_with_wav(file) for file in {file for _, file in files}}
    for path, file in files:
        if wrong[file]:
            directory = reading.settings.directory
            name = file.relative_to(directory) if file.is_relative_to(directory) else file
            yield Finding(path, f"The sound {shown(str(name))} {wrong[file]}.")


def long_sounds(reading: Reading) -> Iterator[Finding]:
    """Recorded prompts of menus that callers would not hear out."""
    for menu in reading.settings.menus.values():
        for path, file in _of_prompt(("menus", menu.id, "prompt"), menu.prompt):
            seconds = length_of_wav(file)
            if seconds > LONGEST_PROMPT:
                yield Finding(path, too_long(seconds), "Say less.", warning=True)


def unused_sounds(reading: Reading) -> Iterator[Finding]:
    """Sound files that lie in the directory, and that nothing names."""
    s = reading.settings
    if not reading.complete:
        return
    named = {os.path.realpath(file) for _, file in _sound_files(s)}
    for folder, folders, files in os.walk(s.directory):
        folders[:] = [
            name for name in folders if os.path.realpath(os.path.join(folder, name)) != str(s.recordings)
        ]
        for file in (os.path.join(folder, name) for name in files if name.lower().endswith(".wav")):
            if os.path.realpath(file) not in named:
                remedy = "Name it in a prompt, or remove it."
                yield Finding(Place(file), "This sound is never played.", remedy, warning=True)


def speech(reading: Reading) -> Iterator[Finding]:
    """Only a warning: perhaps texts are spoken on another machine."""
    s = reading.settings
    says = any(isinstance(p, Say) for _, each in prompts_by_path(s) for p in each.by_language.values())
    program = next(iter(shlex.split(s.speech.command)), "")
    if says and which(program) is None:
        text = f"The program {shown(program)}, which reads texts aloud, is not installed here."
        remedy = 'Install it, or name another one in "speech: command:".'
        yield Finding(("speech", "command"), text, remedy, warning=True)


def certificate(reading: Reading) -> Iterator[Finding]:
    """Only a warning: the play makes it."""
    network = reading.settings.network
    for name in ("certificate", "key") if network.tls_port else ():
        file = getattr(network, name)
        if not os.path.exists(file):
            text = f"There is no file {file} on this machine: without its {name} the switch does not speak TLS."
            yield Finding(("network", name), text, "The play makes it, or leave tls_port out.", warning=True)


def _sound_files(settings: Settings) -> Iterator[tuple[KeyPath, Path]]:
    for id, files in settings.music.items():
        for position, file in enumerate(files):
            yield ("music", id, str(position)), file
    for path, prompt in prompts_by_path(settings):
        yield from _of_prompt(path, prompt)


def _of_prompt(path: KeyPath, prompt: Prompt) -> Iterator[tuple[KeyPath, Path]]:
    for language, piece in prompt.by_language.items():
        if isinstance(piece, SoundFile):
            yield (*path, "sound", language), piece.path
