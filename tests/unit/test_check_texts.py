"""What is said of texts with values, and of prompts that are not there in every language."""

from pathlib import Path

import pytest

from appliance.configuration.checks import load

SITE = """
company: Acme
country: RU
time_zone: UTC
language: ru
agents: {1: {name: Alice, language: en}}
"""
QUEUE = "queues: {sales: {strategy: ring-all, agents: [1], announce: {say: %s}}}\nmusic: {default: x.wav}"


def check(directory: Path, text: str, site: str = SITE) -> list[str]:
    (directory / "site.yml").write_text(site)
    (directory / "x.yml").write_text(text)
    found = (str(problem).removeprefix(f"{directory}/") for problem in load(directory).problems)
    return [each for each in found if "x.wav" not in each and "speech" not in each]


def texts(directory: Path, text: str, site: str = SITE) -> list[str]:
    """Only what is about texts."""
    about = ("{", "is not there in", "brace")
    return [each for each in check(directory, text, site) if any(word in each for word in about)]


@pytest.mark.parametrize(
    "text, sentence",
    [
        ('greeting: "{custmer}!"', 'There is no value "{custmer}". Did you mean "customer"?'),
        (
            'greeting: "You are {place}."',
            "{place}, the caller's place in the line, 1 for the next, is not known in",
        ),
        ('greeting: "{customer"', "The brace in '{customer' is never closed. Write {{ for a brace that is meant."),
        ("greeting: 'Press }'", "The brace in '}' closes nothing. Write }} for a brace that is meant."),
        ('greeting: "{customer:ordinal}"', "{customer} is a name and cannot be said as 'ordinal'."),
        (
            'greeting: "{money:12 roubles}"',
            "{money:12 roubles} is not understood: write it like {money:121.50 RUB}.",
        ),
        ('greeting: "${EXTEN} `id`"', "{EXTEN} names no value. Write {{ for a brace that is meant."),
        (
            "open: {message: 'We open {wait}.'}",
            "is not known in messages. It is known in announcements of queues, what customers hear of call-backs.",
        ),
        ("greeting: {say: {en: '{who}'}}", 'There is no value "{who}".'),
        ("greeting: {say: Hello, otherwise: '{who}'}", 'There is no value "{who}".'),
    ],
)
def test_errors(tmp_path: Path, text: str, sentence: str) -> None:
    rest = "" if text.startswith("open") else "\n    open: hang up"
    (found,) = [
        each for each in texts(tmp_path, f'numbers:\n  "4420":\n    {text}{rest}') if "warning" not in each
    ]
    assert sentence in found and found.startswith("x.yml:3:")


@pytest.mark.parametrize(
    "text",
    ['"{place:ordinal} {ahead:один|два|пять}"', '"{ahead:один звонок|два звонка}"'],
)
def test_counts_need_all_their_forms(tmp_path: Path, text: str) -> None:
    assert any("needs 3 forms in this language" in each for each in check(tmp_path, QUEUE % text))


def test_what_may_stand_in_an_announcement(tmp_path: Path) -> None:
    text = '"{queue}: {place}, {ahead:один звонок|два звонка|пять звонков}, {wait:genitive}, {time}. {{}}"'
    assert check(tmp_path, QUEUE % text) == []


def test_an_announcement_must_say_something_and_not_too_often(tmp_path: Path) -> None:
    queue = "queues: {sales: {strategy: ring-all, agents: [1], announce: {every: %s}}}\nmusic: {default: x.wav}"
    found = check(tmp_path, queue % "5s")
    assert any('The section "announce" has no "say".' in each for each in found)
    assert any("is too often" in each and "Write 10s or more." in each for each in found)


TWO = """
numbers:
  "4420": {open: hang up, language: en, greeting: Привет}
  "4421": {open: {message: Пока}, greeting: {say: {ru: Привет, en: Hello}}}
dispositions: {d: {prompt: {say: {ru: Итог, en: Outcome}}, choices: {1: x}}}
"""


def test_languages_that_are_missing(tmp_path: Path) -> None:
    missing = [each for each in texts(tmp_path, TWO) if "is not there in" in each]
    assert missing == [
        "x.yml:3:51: warning: This is not there in en: whoever is to hear it so hears it in ru. "
        "Add en, below say: or sound:."
    ]


def test_in_a_menu_callers_of_every_number_are_met(tmp_path: Path) -> None:
    menu = "menus: {main: {prompt: Нажмите один, choices: {1: hang up}}}"
    (missing,) = [each for each in texts(tmp_path, f"{TWO}\n{menu}") if ":7:" in each]
    assert "is not there in en" in missing


def test_what_is_no_language_is_missing_nowhere(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("number,name,group,language\n+79161234567,Ann,,\u202exx\n")
    assert not any("not there in" in each for each in check(tmp_path, TWO.replace("language: en, ", "")))


def test_a_complaint_is_one_line_that_can_be_read(tmp_path: Path) -> None:
    for text in ('"{place:\\u202e\\t}"', '"{\\u202e}"', '"{\\u202e"'):
        found = check(tmp_path, QUEUE % text)
        assert found and all(each.isprintable() for each in found)


def test_a_site_of_one_language_is_not_bothered(tmp_path: Path) -> None:
    site = SITE.replace(", language: en", "")
    assert texts(tmp_path, "numbers: {4420: {open: hang up, greeting: Привет}}", site) == []


def test_a_sound_without_words_is_for_everybody(tmp_path: Path) -> None:
    gong = "numbers: {4420: {open: hang up, language: en, greeting: {sound: x.wav}}}"
    assert [each for each in texts(tmp_path, gong) if "not there in" in each] == []


def test_the_appliances_own_phrases_are_one_sentence(tmp_path: Path) -> None:
    site = SITE + "speech: {voices: {de: german}}\n"
    found = texts(tmp_path, "numbers: {4420: {open: hang up, language: de}}", site)
    assert [each for each in found if "own phrases" in each and "not there in de" in each] == found


def test_values_that_some_do_not_hear(tmp_path: Path) -> None:
    text = "numbers: {4421: {open: hang up, greeting: {say: {ru: 'Это {company}', en: Hello}}}}"
    (found,) = texts(tmp_path, text)
    assert "{company} is said in ru and not in en." in found and "warning" in found


def test_text_of_shells_and_dialplans_is_text(tmp_path: Path) -> None:
    text = "numbers: {4420: {open: hang up, greeting: '$(rm -rf /) `id` \"; ${{EXTEN}} && | > %s'}}"
    assert texts(tmp_path, text) == []
