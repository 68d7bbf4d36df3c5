"""Speech made while calls wait: once each, in time or not at all, and never more than there is room for."""

import logging
import os
import shutil
import sys
import time
import wave
from pathlib import Path

import gevent
import pytest

from appliance.settings import Speech
from appliance.speech.spoken import forget_all, forget_unused
from dialplan import voice as voice_module
from dialplan.voice import EngineVoice

# An engine that needs nothing installed: writes down what it is to say, and waits where it is told to.
ENGINE = """
import pathlib, sys, time, wave
voice, file, here = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
text = sys.stdin.buffer.read().decode()
with (here / "log").open("a") as out:
    out.write(f"{voice}: {text}\\n")
while (here / "hold").exists():
    time.sleep(0.01)
if (here / "broken").exists():
    sys.exit("the engine has no voice today")
with wave.open(file, "wb") as sound:
    sound.setparams((1, 2, 8000, 0, "NONE", ""))
    sound.writeframes(b"\\0\\1" * 4000)
"""
SECOND = 8000 + 44  # bytes of one such sound


@pytest.fixture
def speech(tmp_path: Path) -> Speech:
    engine = tmp_path / "engine.py"
    engine.write_text(ENGINE)
    command = f"{sys.executable} -S {engine} {{voice}} {{file}} {tmp_path}"
    return Speech(command=command, voices={"ru": "anna"})


def spoken(speech: Speech) -> list[str]:
    log = Path(speech.command.split()[-1]) / "log"
    return log.read_text().splitlines() if log.exists() else []


def until(condition: object, within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        gevent.sleep(0.01)


def test_a_text_is_made_once_and_found_again(tmp_path: Path, speech: Speech) -> None:
    voice = EngineVoice(tmp_path / "spoken")
    text = "Вы второй; $(rm -rf /) `id` ${EXTEN} \"'"
    sound = voice.speak(text, "ru", speech)
    assert sound is not None and sound.startswith(str(tmp_path / "spoken"))
    with wave.open(sound + ".wav") as made:
        assert made.getparams()[:3] == (1, 2, 8000)
    assert Path(sound + ".wav").stat().st_mode & 0o044 == 0o044  # the switch is another user
    assert voice.speak(text, "ru", speech) == sound
    assert EngineVoice(tmp_path / "spoken").speak(text, "ru", speech) == sound  # after a restart
    assert spoken(speech) == [f"anna: {text}"]
    assert voice.speak(text, "en", speech) != sound


def test_what_several_callers_want_at_once_is_made_once(tmp_path: Path, speech: Speech) -> None:
    voice = EngineVoice(tmp_path / "spoken")
    heard = [gevent.spawn(voice.speak, "Hello", "en", speech) for _ in range(10)]
    gevent.joinall(heard)
    assert len({each.value for each in heard}) == 1
    assert spoken(speech) == ["en: Hello"]


def test_the_oldest_makes_room_but_not_what_is_being_heard(
    tmp_path: Path, speech: Speech, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = EngineVoice(tmp_path / "spoken", most_bytes=2 * SECOND)
    first, second, third = (voice.speak(text, "en", speech) for text in ("one", "two", "three"))
    assert len(list((tmp_path / "spoken").iterdir())) == 3  # all of them have been asked for just now
    monkeypatch.setattr(voice_module, "IN_USE", -1.0)
    assert voice.speak("one", "en", speech) == first
    fourth = voice.speak("four", "en", speech)
    assert {file.stem for file in (tmp_path / "spoken").iterdir()} == {Path(str(s)).name for s in (first, fourth)}
    assert second and third and spoken(speech) == ["en: one", "en: two", "en: three", "en: four"]


def test_the_order_survives_a_restart(tmp_path: Path, speech: Speech, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_module, "IN_USE", -1.0)
    voice = EngineVoice(tmp_path / "spoken")
    for age, text in enumerate(("one", "two", "three")):
        os.utime(f"{voice.speak(text, 'en', speech)}.wav", (1000.0 - age, 1000.0 - age))
    voice = EngineVoice(tmp_path / "spoken", most_bytes=2 * SECOND)
    voice.speak("three", "en", speech)
    voice.speak("four", "en", speech)
    voice.speak("three", "en", speech)
    assert spoken(speech) == ["en: one", "en: two", "en: three", "en: four"]


def test_what_a_crash_left_behind_goes(tmp_path: Path, speech: Speech) -> None:
    (tmp_path / "spoken").mkdir()
    half = tmp_path / "spoken" / ".say-en-1.wav.new"
    half.write_bytes(b"RIFF")
    assert EngineVoice(tmp_path / "spoken").speak("Hello", "en", speech)
    assert not half.exists()


def test_a_sound_that_somebody_removed_is_made_again(tmp_path: Path, speech: Speech) -> None:
    voice = EngineVoice(tmp_path / "spoken")
    sound = voice.speak("Hello", "en", speech)
    Path(f"{sound}.wav").unlink()
    assert voice.speak("Hello", "en", speech) == sound
    shutil.rmtree(tmp_path / "spoken")
    assert voice.speak("Hello", "en", speech) == sound
    assert Path(f"{sound}.wav").exists()


def test_sounds_that_nobody_asks_for_go_and_all_of_them_when_somebody_is_erased(
    tmp_path: Path, speech: Speech
) -> None:
    voice = EngineVoice(tmp_path / "spoken")
    old, new = (Path(f"{voice.speak(text, 'en', speech)}.wav") for text in ("old", "new"))
    forget_unused(tmp_path / "spoken", time.time())
    assert old.exists() and new.exists()
    os.utime(old, (1000.0, 1000.0))
    forget_unused(tmp_path / "spoken", time.time())
    assert not old.exists() and new.exists()
    forget_all(tmp_path / "spoken")
    assert not new.exists()
    forget_all(tmp_path / "nowhere")
    assert voice.speak("new", "en", speech)


def test_a_broken_engine_is_told_of_once(tmp_path: Path, speech: Speech, caplog: pytest.LogCaptureFixture) -> None:
    voice = EngineVoice(tmp_path / "spoken")
    (tmp_path / "broken").touch()
    with caplog.at_level(logging.WARNING):
        assert voice.speak("one", "en", speech) is None
        assert voice.speak("two", "en", speech) is None
        assert [r.message for r in caplog.records] == [
            f"no speech: {sys.executable!r} failed on the text 'one' in the language en: "
            "the engine has no voice today"
        ]
        (tmp_path / "broken").unlink()
        assert voice.speak("one", "en", speech)
        assert voice.speak("three", "en", speech)
    assert [r.message for r in caplog.records][1:] == ["speech is made again"]
    assert not [f for f in (tmp_path / "spoken").iterdir() if f.name.startswith(".")]


def test_nobody_waits_long_for_a_slow_engine_or_blocks_others(tmp_path: Path, speech: Speech) -> None:
    voice = EngineVoice(tmp_path / "spoken", patience=0.3)
    (tmp_path / "hold").touch()
    turns = 0

    def others() -> None:
        nonlocal turns
        while True:
            gevent.sleep(0)
            turns += 1

    busy = gevent.spawn(others)
    assert voice.speak("Hello", "en", speech) is None
    busy.kill()
    assert turns > 10
    (tmp_path / "hold").unlink()  # what came late is there for the next call
    until(lambda: list((tmp_path / "spoken").glob("*.wav")))
    assert voice.speak("Hello", "en", speech)
    assert spoken(speech) == ["en: Hello"]


def test_later_means_at_once_for_whoever_asks(tmp_path: Path, speech: Speech) -> None:
    voice = EngineVoice(tmp_path / "spoken")
    (tmp_path / "hold").touch()
    heard: list[str | None] = []
    voice.speak_later("Hello", "en", speech, heard.append)
    assert heard == []
    (tmp_path / "hold").unlink()
    until(lambda: heard)
    assert heard == [voice.speak("Hello", "en", speech)] != [None]


@pytest.mark.parametrize("command", ["no-such-engine-here {file}", "true {file}", "'"])
def test_no_command_is_so_wrong_that_a_call_fails(tmp_path: Path, command: str) -> None:
    assert EngineVoice(tmp_path / "spoken").speak("Hello", "en", Speech(command=command)) is None


def test_no_directory_no_speech(tmp_path: Path, speech: Speech) -> None:
    (tmp_path / "spoken").write_text("a file")
    assert EngineVoice(tmp_path / "spoken").speak("Hello", "en", speech) is None


def test_nobody_has_a_book_read_aloud(tmp_path: Path, speech: Speech) -> None:
    assert EngineVoice(tmp_path / "spoken").speak("x" * 2001, "en", speech) is None
    assert spoken(speech) == []
