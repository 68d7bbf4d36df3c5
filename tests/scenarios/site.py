"""The site under test: its configuration, secrets, sounds and voices, and the switch that runs on them."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.places import Places
from appliance.secrets import add_missing
from appliance.settings import Prompt, Say
from appliance.speech.prompts import Sounds
from dialplan.install import install
from dialplan.render import Paths, render
from dialplan.speech import prepare
from tests.scenarios.machine import Machine
from tests.scenarios.voices import compose, speak

CONFIG = Path(__file__).with_name("config")
MACHINE = """# What depends on the machine.
switch: {switch}
recordings: {recordings}

network:
{network}
  certificate: {certificate}
  key: {key}

provisioning:
  host: localhost
  port: {phones_port}
  address: 127.0.0.1
  networks: [127.0.0.0/8]
  certificate: tls/server.crt
  key: tls/server.key

phones:
  # At nobody's desk, until a story takes it.
  34: {{name: 'Spare "desk" of Büro & Склад', transport: tcp}}
  35: {{name: The secretary's, secure: yes}}

trunks:
  # We register with it.
  volna:
    host: 127.0.0.13
    port: {provider_port}
    username: "78432000005"
    register: yes
"""

PHONES_PORT = 19043  # of the server that gives phones their configuration

# What each person at a phone says, in a loop.
VOICES = {
    "alice": ("en-us", "This is Alice of Volga Books, how may I help you with your order today?"),
    "bob": ("en-gb", "Bob speaking, you have reached our warehouse, please tell me your name and your town."),
    "carol": ("ru", "Здравствуйте, меня зовут Каролина, назовите, пожалуйста, номер вашего заказа."),
    "dave": ("en-us", "Hello, I have been waiting for a dictionary of birds since the beginning of summer."),
    "eve": ("en-gb", "Good evening, could somebody explain to me why the second volume never came?"),
    "frank": ("ru", "Алло, я хотел бы вернуть учебник географии, в нём не хватает двадцати страниц."),
}


class Site:
    """Everything below one directory: configuration, secrets, sounds, voices, and the switch."""

    def __init__(self, directory: Path, make_machine: Callable[[Path, Paths], Machine]) -> None:
        self.directory = directory
        self.places = Places(directory / "config", directory / "secrets.yml", directory / "data")
        self.recordings = directory / "recordings"
        self.certificate, self.key = directory / "tls" / "certificate.pem", directory / "tls" / "key.pem"
        paths = Paths(
            configuration=directory / "switch",
            sounds=self.places.sounds,
            music=self.places.music,
            recordings=self.recordings,
        )
        self.machine = make_machine(directory, paths)
        self._prepare_configuration()
        self.settings = self.places.settings()
        add_missing(self.places.secrets_file, self.settings)
        self.secrets: Mapping[str, str] = self.places.secrets(self.settings)
        prepare(self.settings, self.places.sounds, self.places.music)
        self.voices = {
            name: speak(text, directory / "voices" / f"{name}.wav", voice)
            for name, (voice, text) in VOICES.items()
        }
        paths = self.machine.paths
        install(render(self.settings, self.secrets, paths), paths.configuration)
        self._sounds = Sounds(self.places.sounds, self.settings)

    def _prepare_configuration(self) -> None:
        """The operator's files, and what depends on the day and the machine."""
        config = self.places.config
        shutil.copytree(CONFIG, config)
        compose(config / "music" / "harp.wav", 1)
        compose(config / "music" / "organ.wav", 2)
        make_certificate(self.certificate, self.key)
        written = configuration_of(self.machine, self.recordings, self.certificate, self.key)
        (config / "machine.yml").write_text(written)
        (config / "hours.yml").write_text(hours_of_today())

    @property
    def server(self) -> str:
        """Where the switch takes SIP."""
        return f"{self.settings.network.sip_address}:{self.settings.network.sip_port}"

    @property
    def secure_server(self) -> str:
        """Where it takes SIP over TLS."""
        return f"{self.settings.network.sip_address}:{self.settings.network.tls_port}"

    # Sounds by what they are for

    def text(self, text: str, language: str = "en") -> Path:
        """The sound of a text of the configuration."""
        return self._sound(Prompt({language: Say(text)}), language)

    def phrase(self, name: str, language: str = "en") -> Path:
        """The sound of one of the appliance's own phrases."""
        return self._sound(self.settings.phrases[name], language)

    def menu(self, id: str) -> Path:
        return self._sound(self.settings.menus[id].prompt, "en")

    def music(self, name: str) -> Path:
        return next((self.places.music / name).glob("*.wav"))

    def _sound(self, prompt: Prompt, language: str) -> Path:
        file = Path(self._sounds.path(prompt, language) + ".wav")
        assert file.exists(), f"{prompt} is no sound of this configuration"
        return file


def hours_of_today() -> str:
    """Opening hours that are closed now: by a holiday, and by the day of the week; midnight may pass meanwhile."""
    today = datetime.now(ZoneInfo("Europe/Samara")).date()
    begin, end = today - timedelta(1), today + timedelta(1)
    other_day = f"{today + timedelta(3):%a}".lower()
    return "\n".join(
        (
            "hours:",
            f"  holiday: {{open: [mon-sun 0:00-24:00], holidays: [{begin}..{end}]}}",
            f"  other-days: {{open: [{other_day} 9:00-18:00]}}",
            "  always: {open: [mon-sun 0:00-24:00]}",
            "",
        )
    )


def make_certificate(certificate: Path, key: Path) -> None:
    """One for the switch and for providers, signed by itself; FreeSWITCH wants both in one file."""
    certificate.parent.mkdir()
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=volga"]
    subprocess.run([*command, "-out", certificate, "-keyout", key], check=True, stderr=subprocess.DEVNULL)
    (certificate.parent / "agent.pem").write_text(certificate.read_text() + key.read_text())


def configuration_of(machine: Machine, recordings: Path, certificate: Path, key: Path) -> str:
    return MACHINE.format(
        certificate=certificate,
        key=key,
        switch=machine.kind.value,
        recordings=recordings,
        network="\n".join(f"  {key}: {value}" for key, value in machine.network.items()),
        provider_port=machine.provider_port,
        phones_port=PHONES_PORT,
    )


def with_other_ports(site: Site, directory: Path, **ports: int) -> Places:
    """A copy of the site's configuration in which some ports are others."""
    shutil.copytree(site.places.config, directory / "config")
    file = directory / "config" / "machine.yml"
    changed = file.read_text()
    for name, port in ports.items():
        line = f"  {name}: {site.machine.network[name]}\n"
        assert line in changed
        changed = changed.replace(line, f"  {name}: {port}\n")
    file.write_text(changed)
    return replace(site.places, config=directory / "config", data=directory / "data")
