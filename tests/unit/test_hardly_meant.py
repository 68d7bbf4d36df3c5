"""What is legal and hardly meant: warnings about a configuration as a whole, with nothing else wrong in it."""

import wave
from pathlib import Path

import pytest

from appliance.configuration.checks import load

SITE = """\
company: Tea
country: RU
time_zone: Europe/Moscow
language: en
numbers: {"+74951234567": {hours: office, open: {menu: main}, closed: {message: Closed.}}}
hours: {office: {open: mon-fri 9:00-18:00}}
menus: {main: {prompt: Hello, choices: {1: {queue: sales}}}}
queues: {sales: {strategy: ring-all, agents: [1, 2]}}
music: {default: quiet.wav}
phones: {201: {name: Desk}}
agents: {1: {name: Anna}, 2: {name: Boris}}
speech: {command: "cat > {file}"}
groups: {vip: {name: VIP}}
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "site.yml").write_text(SITE)
    (tmp_path / "customers.csv").write_text("number,name,group\n+79161234567,Ann,vip\n")
    write_wav(tmp_path / "quiet.wav", 1)
    return tmp_path


def write_wav(path: Path, seconds: int) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000 * seconds))


def said(directory: Path, text: str) -> list[str]:
    """What is said of the site with more in it. All of it is warnings, and stops nothing."""
    (directory / "x.yml").write_text(text)
    checked = load(directory)
    assert checked.settings is not None and all(problem.warning for problem in checked.problems)
    return [str(problem).replace(f"{directory}/", "").replace(" warning:", "") for problem in checked.problems]


def menu(id: str, *choices: str) -> str:
    return f"  {id}: {{prompt: x, choices: {{{', '.join(choices)}}}}}\n"


DEEP = (
    "menus:\n" + "".join(menu(f"m{n}", f"1: {{menu: m{n + 1}}}") for n in range(1, 4)) + menu("m4", "1: hang up")
)

LONG = f"menus: {{m: {{prompt: {'word ' * 200}, choices: {{1: hang up}}}}}}"

HARDLY_MEANT = [
    (
        "queues: {other: {strategy: ring-all, agents: [1]}}",
        'x.yml:1:10: No call ever comes to the queue "other". '
        "Let a number, a menu or a group lead to it, or remove it.",
    ),
    (
        "menus: {a: {prompt: x, choices: {1: {queue: sales}, 2: {menu: a}}}}",
        'x.yml:1:9: No call ever comes to the menu "a". Let a number, a menu or a group lead to it, or remove it.',
    ),
    (
        DEEP + "numbers: {4420: {open: {menu: m1}}}",
        'x.yml:5:3: A caller comes to the menu "m4" only through 3 others, which few bear. '
        "Let one of the first menus lead to it.",
    ),
    (
        "agents: {3: {name: Carol}}",
        'x.yml:1:10: The agent "3" is in no queue, and gets no calls. Add the number to the "agents:" of a queue.',
    ),
    (
        "hours: {night: {open: mon-sun 22:00-6:00}}",
        'x.yml:1:9: The hours "night" are never used. Use or remove them.',
    ),
    ("music: {jazz: quiet.wav}", 'x.yml:1:15: The music "jazz" is never used. Use or remove it.'),
    (
        "dispositions: {sold: {choices: {1: Sold}}}",
        'x.yml:1:16: The list of dispositions "sold" is never used. Use or remove it.',
    ),
    (
        "groups: {gold: {name: Gold}}",
        'x.yml:1:10: No customer is in the group "gold". '
        "Name it in the column group of customers.csv, or remove it.",
    ),
    (
        "numbers: {4420: {open: hang up}}",
        'x.yml:1:24: Who calls the number "4420" hears nothing: the call ends at once. '
        "Let it lead to a queue, a menu, a phone or a message.",
    ),
    (
        "numbers: {4420: {open: {menu: m}}}\nmenus:\n" + menu("m", *(f"{n}: {{queue: sales}}" for n in range(8))),
        'x.yml:3:18: The menu "m" has 8 choices: nobody keeps so many in mind. '
        "Let it have 7 or fewer, and put the others into a menu below.",
    ),
    (
        "numbers: {4420: {open: {menu: m}}}\n" + LONG,
        "x.yml:2:21: This takes about 67 seconds to hear, before a key: many callers will hang up. Say less.",
    ),
    (
        'hours: {never: {open: mon 9:00-18:00, holidays: ["01-01..12-31"]}}\n'
        "numbers: {4420: {hours: never, open: {queue: sales}, closed: hang up}}",
        'x.yml:1:9: By the hours "never" it is never open. Look at "open:" and "holidays:".',
    ),
]


def test_the_base_of_these_tests_is_fine(directory: Path) -> None:
    assert said(directory, "queues:\n") == []


@pytest.mark.parametrize(("text", "sentence"), HARDLY_MEANT)
def test_what_is_hardly_meant(directory: Path, text: str, sentence: str) -> None:
    assert said(directory, text) == [sentence]


def test_a_sound_that_is_never_played(directory: Path) -> None:
    (directory / "sounds").mkdir()
    write_wav(directory / "sounds" / "old.wav", 1)
    assert said(directory, "queues:\n") == [
        "sounds/old.wav: This sound is never played. Name it in a prompt, or remove it."
    ]


def test_a_recording_that_nobody_hears_out(directory: Path) -> None:
    write_wav(directory / "long.wav", 50)
    text = "numbers: {4420: {open: {menu: m}}}\nmenus: {m: {prompt: {sound: long.wav}, choices: {1: hang up}}}"
    assert said(directory, text) == [
        "x.yml:2:29: This takes about 50 seconds to hear, before a key: many callers will hang up. Say less."
    ]


def test_agents_who_have_nowhere_to_sign_on(directory: Path) -> None:
    (directory / "site.yml").write_text(SITE.replace("phones: {201: {name: Desk}}\n", ""))
    assert said(directory, "queues:\n") == [
        'site.yml:10:1: There are agents and no phones: they have nowhere to sign on. Define some below "phones:".'
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "closed: {message: Closed.}",
            "closed: {message: Closed.}, fallback: other",
        ),  # while the appliance is gone
        ("closed: {message: Closed.}", "closed: {queue: other}"),
        ("{name: VIP}", "{name: VIP, to: {queue: other}}"),
        ("1: {queue: sales}", "1: {queue: sales}, 2: {queue: other}"),
        ("{1: {queue: sales}}", "{1: {queue: sales}}, otherwise: {queue: other}"),
        ("agents: [1, 2]", "agents: [1, 2], hours: office, closed: {queue: other}"),
        ("groups:", "removed: {former: {queue: other}}\ngroups:"),
    ],
)
def test_ways_to_a_queue(directory: Path, before: str, after: str) -> None:
    (directory / "site.yml").write_text(SITE.replace(before, after))
    assert said(directory, "queues: {other: {strategy: ring-all, agents: [1]}}") == []


def test_what_is_hardly_meant_is_told_when_nothing_is_wrong(directory: Path) -> None:
    """A misspelt id leaves a queue without calls; that would be the same mistake twice."""
    (directory / "site.yml").write_text(SITE.replace("{queue: sales}", "{queue: slaes}"))
    (problem,) = load(directory).problems
    assert problem.text == 'There is no queue "slaes".'


def test_without_numbers_nothing_is_said_of_where_calls_come(directory: Path) -> None:
    lines = [line for line in SITE.splitlines() if not line.startswith(("numbers", "hours"))]
    (directory / "site.yml").write_text("\n".join(lines))
    assert said(directory, "queues: {other: {strategy: ring-all, agents: [1]}}") == []
