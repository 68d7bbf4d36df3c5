"""The configuration of a story that applies: a copy to be changed, and the switch as it was before in the end."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from appliance.settings import Prompt, Say, Settings, SwitchKind
from appliance.speech.prompts import Sounds
from appliance.trouble import Trouble
from appliance.versions.applying import Applier, Wish
from appliance.versions.history import Version, Versions
from appliance.versions.snapshot import take
from appliance.versions.workshop import RealWorkshop, reloader_of
from dialplan.install import install, installed
from dialplan.render import render, wanted
from tests.scenarios.centre import Centre, Done


class Draft:
    """What the operator edits."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._site = centre.site
        self.into = self._site.machine.paths.configuration
        self.directory = centre.places.data / "draft"
        shutil.copytree(self._site.places.config, self.directory)
        secrets = centre.places.data / "draft-secrets.yml"
        shutil.copy(self._site.places.secrets_file, secrets)
        for shared in ("sounds", "music"):  # what is removed here may be needed by the next story
            (centre.places.data / shared).unlink()
            shutil.copytree(self._site.places.data / shared, centre.places.data / shared)
        centre.stop()
        centre.places = replace(centre.places, config=self.directory, secrets_file=secrets)
        centre.start()

    def change(self, file: str, old: str, new: str) -> None:
        text = (self.directory / file).read_text()
        assert text.count(old) == 1, (file, old, text.count(old))
        (self.directory / file).write_text(text.replace(old, new))

    def add(self, file: str, text: str) -> None:
        assert not (self.directory / file).exists()
        (self.directory / file).write_text(text)

    def remove_queue(self, queue: str, instead: str) -> None:
        """The queue, and all that leads there."""
        text = (self.directory / "queues.yml").read_text()
        begin = text.index(f"\n  {queue}:\n")
        end = text.index("\n\n", begin)
        (self.directory / "queues.yml").write_text(text[:begin] + text[end:])
        for file in self.directory.glob("*.yml"):
            file.write_text(file.read_text().replace(f"{{queue: {queue}}}", f"{{queue: {instead}}}"))

    def apply(self, *options: str) -> Done:
        return self._centre.run("apply", "--into", str(self.into), *options)

    def rollback(self, *options: str) -> Done:
        return self._centre.run("rollback", "--into", str(self.into), *options)

    def apply_what_the_switch_cannot_read(self) -> str:
        """A rendered file is broken, as by somebody's own template. What the operator is told."""
        places = self._centre.places
        settings = places.settings()
        versions, snapshot = Versions(places.versions), take(settings, places.secrets_file)
        about = Version(0, 0.0, "olga", "", str(self.directory), snapshot.digest)
        applier = Applier(versions, _Breaking(places, self.into, lambda done, total: None), "olga")
        try:
            applier.apply(Wish(settings, snapshot, about))
        except Trouble as trouble:
            return str(trouble)
        finally:
            self._centre.forgives_complaints()
        raise AssertionError("the switch has read it")

    def text(self, text: str, language: str = "en") -> Path:
        sounds = Sounds(self._centre.places.sounds, self._settings)
        return Path(sounds.path(Prompt({language: Say(text)}), language) + ".wav")

    def music(self, name: str) -> Path:
        return next((self._centre.places.music / name).glob("*.wav"))

    def put_everything_back(self) -> None:
        """The switch has the files of the other stories again."""
        machine, settings, secrets = self._site.machine, self._site.settings, self._site.secrets
        before = wanted(settings.switch, installed(self.into))
        files = render(settings, secrets, machine.paths)
        install(files, self.into)
        reloader = reloader_of(settings, secrets)
        reloader.connect()
        try:
            reloader.take_over(wanted(settings.switch, files), before)
        finally:
            reloader.close()

    @property
    def _settings(self) -> Settings:
        versions = Versions(self._centre.places.versions)
        current = versions.current()
        assert current is not None
        return versions.settings(current)


class _Breaking(RealWorkshop):
    def render(self, settings: Settings) -> Mapping[str, str]:
        name, old, new = BROKEN[settings.switch]
        files = super().render(settings)
        assert old in files[name]
        return {**files, name: files[name].replace(old, new, 1)}


BROKEN = {
    SwitchKind.ASTERISK: ("extensions.conf", "[appliance-admit]\n", "[appliance-admit\n"),
    SwitchKind.FREESWITCH: (
        "dialplan.xml",
        '  <context name="appliance-admit">\n',
        '  <context name="appliance-admit>\n',
    ),
}
