"""The crowd's site: phones of fixed addresses and one trunk, on a switch that keeps records of its own."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from appliance.places import Places
from appliance.secrets import add_missing
from dialplan.install import install
from dialplan.render import Paths, render
from dialplan.speech import prepare
from tests.scenarios.machine import Machine
from tests.scenarios.voices import compose

ADDRESS = "127.0.0.5"  # the switch's; its ports are those of the other stories, moved
PHONES_AT = ("127.0.0.6", 23070)
CALLERS_AT = ("127.0.0.7", 23080)  # the trunk
SOUND_PORT = 23090
MOVED = 4_000
RTP = {"rtp_first": 24_000, "rtp_last": 24_998}
PAUSE = "1"

SITE = """\
company: Crowd
switch: {switch}
country: RU
time_zone: Europe/Moscow
language: en
recordings: {recordings}
fallback_after: 60s

network:
{network}

trunks:
  crowd:
    host: {host}
    port: {port}
    addresses: [{host}]
    codecs: [alaw]

pauses:
  {pause}: Tea

music:
  default: {music}
"""


class CrowdSite:
    """What tests.scenarios.centre needs of a site. `people`: the numbers, queues, agents and phones, as YAML."""

    def __init__(self, directory: Path, make_machine: Callable[[Path, Paths], Machine], people: str) -> None:
        self.places = Places(directory / "config", directory / "secrets.yml", directory / "data")
        self.recordings = directory / "recordings"
        paths = Paths(
            configuration=directory / "switch",
            sounds=self.places.sounds,
            music=self.places.music,
            recordings=self.recordings,
        )
        self.machine = make_machine(directory, paths)
        self._write_configuration(directory, people)
        self.settings = self.places.settings()
        add_missing(self.places.secrets_file, self.settings)
        prepare(self.settings, self.places.sounds, self.places.music)
        files = render(self.settings, self.places.secrets(self.settings), self.machine.paths)
        self.records = directory / "records"
        self.records.mkdir()
        install(self.machine.keep_records(files, self.records), self.machine.paths.configuration)

    def _write_configuration(self, directory: Path, people: str) -> None:
        config = self.places.config
        shutil.rmtree(config, ignore_errors=True)
        compose(directory / "music.wav", 1)
        config.mkdir(parents=True)
        network = {k: v + MOVED if isinstance(v, int) else ADDRESS for k, v in self.machine.network.items()} | RTP
        network.pop("tls_port", None)
        (config / "site.yml").write_text(
            SITE.format(
                switch=self.machine.kind.value,
                recordings=self.recordings,
                network=_section(network),
                host=CALLERS_AT[0],
                port=CALLERS_AT[1],
                pause=PAUSE,
                music=directory / "music.wav",
            )
        )
        (config / "people.yml").write_text(people)


def phones_section(phones: Iterable[str]) -> str:
    """The section of the configuration: all at one address."""
    contact = f"@{PHONES_AT[0]}:{PHONES_AT[1]}"
    lines = [f'  {phone}: {{codecs: [alaw], contact: "sip:{phone}{contact}"}}' for phone in phones]
    return "\n".join(("phones:", *lines, ""))


def _section(values: Mapping[str, object]) -> str:
    return "\n".join(f"  {key}: {value}" for key, value in values.items())
