"""What is to be said stays text: no shell, dialplan or file name ever sees it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.secrets import needed
from appliance.settings import Announcement, Prompt, Say, Settings, SwitchKind
from appliance.speech.prompts import Sounds, every_sound
from dialplan.render import Paths, render

CONFIG = Path(__file__).parents[2] / "config"
PATHS = Paths(Path("/switch"), Path("/sounds"), Path("/music"), Path("/recordings"))
HOSTILE = (
    "$(rm -rf /)",
    "`id`",
    "${{EXTEN}} ${{SHELL(id)}}",
    "'; DROP TABLE call; --",
    '"; System(id)',
    "a\nexten => s,1,System(id)",
    "../../../etc/passwd",
    "-w /etc/passwd --stdin",
    "<audio src='/etc/passwd'/>",
    "%s %n \x00 \x1b[31m \u202e",
    "]]></action><action application='system' data='id'/>",
    "uuid_kill all\n\napi shutdown\n\n",
)


def site() -> Settings:
    settings = load(CONFIG).settings
    assert settings is not None
    return settings


def saying(text: str, settings: Settings) -> Settings:
    """A site of which every kind of prompt says this."""
    prompt = Prompt({"ru": Say(text), "en": Say(f"{text} {{company}}")}, otherwise={"en": Say(text)})
    return replace(
        settings,
        numbers={id: replace(each, greeting=prompt) for id, each in settings.numbers.items()},
        menus={id: replace(each, prompt=prompt, wrong=prompt) for id, each in settings.menus.items()},
        queues={
            id: replace(each, greeting=prompt, announce=Announcement(prompt, 30.0))
            for id, each in settings.queues.items()
        },
        phrases=dict.fromkeys(settings.phrases, prompt),
    )


def rendered(settings: Settings, kind: SwitchKind) -> Mapping[str, str]:
    settings = replace(settings, switch=kind)
    return render(settings, dict.fromkeys(needed(settings), "secret-word-1"), PATHS)


@pytest.mark.parametrize("kind", SwitchKind)
@pytest.mark.parametrize("text", HOSTILE)
def test_no_file_of_a_switch_depends_on_what_is_said(text: str, kind: SwitchKind) -> None:
    assert rendered(saying(text, site()), kind) == rendered(site(), kind)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_names_of_sounds_are_plain(text: str) -> None:
    settings = saying(text, site())
    sounds = Sounds(Path("/data/sounds"), settings)
    assert every_sound(settings)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in every_sound(settings))
    for language in ("ru", "en"):
        said = sounds.utterance(settings.phrases["goodbye"], language, lambda name: text)  # the value too
        assert said.sound and re.fullmatch(r"/data/sounds/[a-z0-9-]+", said.sound)
