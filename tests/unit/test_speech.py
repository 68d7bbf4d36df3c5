"""Tests of preparing sounds: what is made, what is kept, and the one sentence when it cannot be."""

import dataclasses
import os
import subprocess
import sys
import time
import wave
from pathlib import Path

import pytest

from appliance.settings import Destination, Number, Prompt, Say, Settings, SoundFile, Speech
from appliance.speech.prompts import Sounds
from dialplan.speech import KEEP_UNUSED, Prepared, SpeechError, prepare

# An engine that needs nothing installed: a tone as long as the text, in a format the switch cannot play.
ENGINE = """
import pathlib, sys, wave
voice, file, log = sys.argv[1:]
text = sys.stdin.buffer.read().decode()
with open(log, "a") as out:
    out.write(f"{voice}: {text}\\n")
with wave.open(file, "wb") as sound:
    sound.setparams((2, 2, 22050, 0, "NONE", ""))
    sound.writeframes(b"\\0\\1\\0\\1" * 100 * len(text))
"""
HELLO = Prompt({"ru": Say("Добрый день; \"'$(x)"), "en": Say("Hello")})
BYE = Prompt({"ru": Say("До свидания")})


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    engine = tmp_path / "engine.py"
    engine.write_text(ENGINE)
    gong, music = tmp_path / "gong.wav", tmp_path / "My music; 1.wav"
    write_wav(gong, rate=44100, channels=2)
    write_wav(music, rate=16000, channels=1)
    return Settings(
        directory=tmp_path,
        company="Acme",
        country="RU",
        time_zone="Europe/Moscow",
        language="ru",
        speech=Speech(
            command=f"{sys.executable} {engine} {{voice}} {{file}} {tmp_path}/log", voices={"ru": "anna"}
        ),
        numbers={"100": Number("100", "Main", Destination(hang_up=True), language="en", greeting=HELLO)},
        phrases={"goodbye": BYE, "gong": Prompt({"ru": SoundFile(gong)})},
        music={"default": (music,), "empty": ()},
    )


def write_wav(file: Path, rate: int = 8000, channels: int = 1, level: bytes = b"\x10\x10") -> None:
    with wave.open(str(file), "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", ""))
        sound.writeframes(level * channels * rate)


def prepared(site: Settings) -> Prepared:
    return prepare(site, site.directory / "sounds", site.directory / "music")


def spoken(site: Settings) -> list[str]:
    return sorted((site.directory / "log").read_text().splitlines())


def test_everything_is_made_as_the_switch_plays_it(site: Settings) -> None:
    steps: list[tuple[int, int]] = []
    done = prepare(site, site.directory / "sounds", site.directory / "music", lambda *step: steps.append(step))
    assert done == Prepared(made=5, kept=0, removed=0)
    assert steps == [(n, 5) for n in range(1, 6)]
    assert spoken(site) == ["anna: До свидания", "anna: Добрый день; \"'$(x)", "en: Hello"]
    for file in (*site.directory.glob("sounds/*.wav"), site.directory / "music/default/01-My-music-1.wav"):
        with wave.open(str(file)) as sound:
            assert sound.getparams()[:3] == (1, 2, 8000)
            assert sound.getnframes() > 0
    sounds = Sounds(site.directory / "sounds", site)
    for prompt, language in ((HELLO, "ru"), (HELLO, "en"), (BYE, "en"), (site.phrases["gong"], "en")):
        assert Path(sounds.path(prompt, language) + ".wav").is_file()


def test_a_second_time_nothing_is_made(site: Settings) -> None:
    prepared(site)
    before = spoken(site)
    assert prepared(site) == Prepared(made=0, kept=5, removed=0)
    assert spoken(site) == before


def test_only_a_changed_text_is_spoken_again(site: Settings) -> None:
    prepared(site)
    (site.directory / "log").unlink()
    changed = dataclasses.replace(site, phrases={**site.phrases, "goodbye": Prompt({"ru": Say("Пока")})})
    assert prepared(changed) == Prepared(made=1, kept=4, removed=0)
    assert spoken(site) == ["anna: Пока"]


def test_what_a_running_appliance_may_still_play_stays_for_a_week(site: Settings) -> None:
    prepared(site)
    old = Sounds(site.directory / "sounds", site).path(site.phrases["goodbye"], "ru") + ".wav"
    changed = dataclasses.replace(site, phrases={**site.phrases, "goodbye": Prompt({"ru": Say("Пока")})})
    year_ago = time.time() - 365 * 86400
    os.utime(old, (year_ago, year_ago))
    assert prepared(changed).removed == 0 and Path(old).is_file()
    almost = time.time() - KEEP_UNUSED + 60
    os.utime(old, (almost, almost))
    assert prepared(changed).removed == 0 and Path(old).is_file()
    os.utime(old, (almost - 61, almost - 61))
    assert prepared(changed).removed == 1 and not Path(old).exists()


def test_a_recording_is_converted_again_when_its_content_changed(site: Settings) -> None:
    prepared(site)
    write_wav(site.directory / "gong.wav", level=b"\x20\x20")
    assert prepared(site) == Prepared(made=1, kept=4, removed=0)


def test_a_sound_that_was_deleted_is_made_again(site: Settings) -> None:
    prepared(site)
    next(site.directory.glob("sounds/say-*.wav")).unlink()
    assert prepared(site) == Prepared(made=1, kept=4, removed=0)


def test_a_class_of_music_that_is_gone_is_removed(site: Settings) -> None:
    prepared(site)
    assert prepared(dataclasses.replace(site, music={})) == Prepared(made=0, kept=4, removed=1)
    assert not (site.directory / "music/default").exists()


def test_what_was_made_before_a_failure_is_kept(site: Settings) -> None:
    prepared(site)
    (site.directory / "log").unlink()
    write_wav(site.directory / "gong.wav", level=b"\x20\x20")
    broken = site.directory / "broken.wav"
    broken.write_text("this is no sound")
    with pytest.raises(SpeechError, match=r"broken\.wav"):
        prepared(dataclasses.replace(site, music={"default": (broken,)}))
    assert prepared(site) == Prepared(made=0, kept=5, removed=0)
    assert not (site.directory / "log").exists()
    assert not [*site.directory.rglob("*.new"), *site.directory.rglob(".*.wav")]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("no-such-engine -w {file}", "'no-such-engine' is not installed.*apt install.*speech.command"),
        ("false {file}", "'false' failed on the text"),
        ("true {file}", "'true' wrote no file"),
        ("", "speech.command is empty"),
        ("say 'it", "speech.command .* cannot be read"),
        (f"{sys.executable} -c \"import sys; sys.exit('no voice anna')\"", "no voice anna"),
    ],
)
def test_an_engine_that_does_not_work_is_named(site: Settings, command: str, sentence: str) -> None:
    with pytest.raises(SpeechError, match=sentence) as caught:
        prepared(dataclasses.replace(site, speech=Speech(command=command)))
    assert "\n" not in str(caught.value)


def test_a_missing_converter_is_named(site: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(site.directory))
    with pytest.raises(SpeechError, match=r"'sox' is not installed: run 'apt install sox'"):
        prepared(site)


def test_a_missing_recording_is_named(site: Settings) -> None:
    (site.directory / "gong.wav").unlink()
    with pytest.raises(SpeechError, match=r"gong\.wav cannot be read: No such file"):
        prepared(site)


def test_it_works_under_monkey_patching_too(tmp_path: Path) -> None:
    write_wav(tmp_path / "gong.wav", rate=44100)
    program = f"""
from gevent import monkey; monkey.patch_all()
from pathlib import Path
from appliance.settings import Settings
from dialplan.speech import prepare
here = Path({str(tmp_path)!r})
site = Settings(here, "Acme", "RU", "Europe/Moscow", "ru", music={{"default": (here / "gong.wav",) * 3}})
print(prepare(site, here / "sounds", here / "music").made)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ended.stdout, ended.stderr) == ("3\n", "")
