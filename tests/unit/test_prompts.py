"""Where prompts are used, and the names of the sounds they become."""

from dataclasses import replace
from pathlib import Path

from appliance.settings import (
    Agent,
    Destination,
    DispositionList,
    Group,
    Menu,
    Number,
    Prompt,
    Queue,
    Say,
    Settings,
    SoundFile,
    Speech,
    Strategy,
)
from appliance.speech.prompts import Sounds, every_prompt, every_sound, in_language, sound_name

SPEECH = Speech()


def say(**texts: str) -> Prompt:
    return Prompt({language: Say(text) for language, text in texts.items()})


def settings() -> Settings:
    return Settings(
        directory=Path("/config"),
        company="Company",
        country="RU",
        time_zone="Europe/Moscow",
        language="ru",
        agents={"1": Agent("1", "George", "en")},
        numbers={
            "4420": Number(
                "4420",
                "Short",
                Destination(message=say(ru="open")),
                hours="office",
                closed=Destination(message=say(ru="closed")),
                greeting=say(ru="greeting"),
            )
        },
        menus={
            "main": Menu(
                "main",
                say(ru="menu"),
                {"1": Destination(queue="sales"), "2": Destination(message=say(ru="choice"))},
                wrong=say(ru="wrong"),
                otherwise=Destination(message=say(ru="otherwise")),
            )
        },
        queues={"sales": Queue("sales", "Sales", Strategy.RING_ALL, (), greeting=say(ru="queue"))},
        dispositions={"sales": DispositionList("sales", say(ru="disposition"), {})},
        groups={
            "vip": Group(
                "vip", "VIP", greeting=say(ru="vip"), refuse=say(ru="no"), to=Destination(message=say(ru="to"))
            )
        },
        phrases={"goodbye": say(ru="bye", en="bye")},
    )


def test_every_prompt_is_found() -> None:
    found = {where: prompt.by_language["ru"] for where, prompt in every_prompt(settings())}
    assert found == {
        "numbers 4420 open message": Say("open"),
        "numbers 4420 closed message": Say("closed"),
        "numbers 4420 greeting": Say("greeting"),
        "menus main prompt": Say("menu"),
        "menus main wrong": Say("wrong"),
        "menus main choices 2 message": Say("choice"),
        "menus main otherwise message": Say("otherwise"),
        "queues sales greeting": Say("queue"),
        "dispositions sales prompt": Say("disposition"),
        "groups vip greeting": Say("vip"),
        "groups vip refuse": Say("no"),
        "groups vip to message": Say("to"),
        "phrases goodbye": Say("bye"),
    }


def test_a_name_changes_with_what_is_heard_and_with_nothing_else() -> None:
    name = sound_name(Say("Hello"), "en", SPEECH)
    assert name == sound_name(Say("Hello"), "en", Speech())
    others = [
        sound_name(Say("Hello!"), "en", SPEECH),
        sound_name(Say("Hello"), "ru", SPEECH),
        sound_name(Say("Hello"), "en", replace(SPEECH, voices={"en": "en-gb"})),
        sound_name(Say("Hello"), "en", replace(SPEECH, command="other {file}")),
    ]
    assert len({name, *others}) == 5
    assert name == sound_name(Say("Hello"), "en", replace(SPEECH, voices={"en": "en-us", "de": "de"}))


def test_a_name_is_safe_in_every_dialect() -> None:
    for piece in (Say("a,b;c\n'\"%"), SoundFile(Path("/a b/c;d.wav"))):
        assert sound_name(piece, "ru", SPEECH).replace("-", "").isalnum()


def test_a_file_sounds_the_same_in_every_language() -> None:
    gong = SoundFile(Path("/config/gong.wav"))
    assert sound_name(gong, "ru", SPEECH) == sound_name(gong, "en", SPEECH)
    assert sound_name(gong, "ru", SPEECH) != sound_name(SoundFile(Path("/config/bell.wav")), "ru", SPEECH)


def test_the_language_falls_back_to_the_site_then_to_any() -> None:
    both = say(en="yes", ru="да")
    assert in_language(both, "en", "ru") == ("en", Say("yes"))
    assert in_language(both, "de", "ru") == ("ru", Say("да"))
    assert in_language(say(de="ja"), "en", "ru") == ("de", Say("ja"))


def test_paths_are_absolute_and_rendered() -> None:
    site = settings()
    sounds = Sounds(Path("/var/lib/sounds"), site)
    rendered = every_sound(site)
    for _, prompt in every_prompt(site):
        for language in (*site.languages, "de"):
            path = Path(sounds.path(prompt, language))
            assert path.parent == Path("/var/lib/sounds")
            assert path.name in rendered
    assert sounds.phrase("goodbye", "en") == f"/var/lib/sounds/{sound_name(Say('bye'), 'en', site.speech)}"
    assert Path(Sounds(Path("relative"), site).phrase("goodbye", "ru")).is_absolute()


def test_only_languages_that_somebody_meets_are_rendered() -> None:
    site = replace(settings(), agents={})
    assert {language for language, _ in every_sound(site).values()} == {"ru"}
