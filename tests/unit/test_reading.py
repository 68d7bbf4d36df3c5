"""YAML directory -> Settings: text stays text, every problem has its place, nothing is ever raised."""

import json
import wave
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from appliance.configuration.checks import Checked, load
from appliance.configuration.documents import Node, Text, read_document
from appliance.configuration.fields import duration, yes_or_no
from appliance.configuration.hours_sections import days, times_of_day
from appliance.configuration.problems import Place, Problem, Report
from appliance.configuration.tables import Wrong
from appliance.settings import Destination, Keep, Order, PauseAfter, Prompt, Say, SoundFile, Strategy, Tier

pytestmark = pytest.mark.usefixtures("parts_only")

SITE = "company: Tea\ncountry: RU\ntime_zone: Europe/Moscow\nlanguage: ru\n"


def read(tmp_path: Path, *texts: str, site: str = SITE) -> Checked:
    (tmp_path / "a.yml").write_text(site)
    for name, text in zip("bcdefg", texts, strict=False):
        (tmp_path / f"{name}.yml").write_text(text)
    return load(tmp_path)


def said(checked: Checked, tmp_path: Path) -> list[str]:
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in checked.problems]


def node(text: str) -> Node:
    return Text(Place("file", 1, 1), text)


def test_a_problem_as_text() -> None:
    assert str(Problem("a.yml", 12, 5, "Wrong.", "Right it.")) == "a.yml:12:5: Wrong. Right it."
    assert str(Problem("a.yml", 0, 0, "Empty.", warning=True)) == "a.yml: warning: Empty."


def test_the_least_configuration(tmp_path: Path) -> None:
    checked = read(tmp_path)
    assert checked.problems == ()
    assert checked.settings is not None
    assert checked.settings.company == "Tea"
    assert checked.settings.directory == tmp_path
    assert checked.settings.phrases["goodbye"].by_language["en"] == Say("Goodbye.")


def test_how_long_things_are_kept(tmp_path: Path) -> None:
    checked = read(tmp_path, "keep: {records: 3y, recordings: 90d, backups: 7}")
    assert checked.settings is not None
    day = 24 * 3600.0
    assert checked.settings.keep == Keep(records=3 * 366 * day, recordings=90 * day, backups=7)
    checked = read(tmp_path, "keep: {records: for ever, recordings: 26w}")
    assert checked.settings is not None and checked.settings.keep == Keep(None, 26 * 7 * day)


def test_text_stays_text(tmp_path: Path) -> None:
    checked = read(
        tmp_path,
        """
numbers:
  0212: {name: NO, open: hang up}
agents:
  0017: {name: 9:30}
hours:
  office: {open: mon-fri 9:30-18:00, holidays: [2026-12-31, 2027-01-01..2027-01-03]}
""",
    )
    assert said(checked, tmp_path) == []
    assert checked.settings is not None
    assert checked.settings.numbers["0212"].name == "NO"
    assert checked.settings.agents["0017"].name == "9:30"
    assert checked.settings.hours["office"].time_zone == "Europe/Moscow"
    assert checked.settings.hours["office"].holidays == {
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 1, 2),
        date(2027, 1, 3),
    }


def test_a_section_may_be_spread_over_files(tmp_path: Path) -> None:
    checked = read(
        tmp_path, "agents: {1: {name: Anna}}", "agents: {2: {name: Boris}}\nqueues:\n", "queues:\n# none"
    )
    assert said(checked, tmp_path) == []
    assert checked.settings is not None and set(checked.settings.agents) == {"1", "2"}


def test_the_same_id_in_two_files_names_both_places(tmp_path: Path) -> None:
    checked = read(tmp_path, "agents:\n  1: {name: Anna}\n", "agents:\n\n  1: {name: Boris}\n")
    assert checked.settings is None
    where = f'c.yml:3:3: "1" stands here twice; the first is at {tmp_path}/b.yml:2.'
    assert said(checked, tmp_path) == [f"{where} Remove or rename one of them."]


def test_the_same_key_twice(tmp_path: Path) -> None:
    (text,) = said(read(tmp_path, "agents:\n  1:\n    name: Anna\n    name: Boris\n"), tmp_path)
    assert text.startswith('b.yml:4:5: "name" stands here twice')
    (text,) = said(read(tmp_path, "company: Coffee"), tmp_path)
    assert text.startswith(f'b.yml:1:1: "company" stands here twice; the first is at {tmp_path}/a.yml:1.')


def test_a_number_in_two_spellings(tmp_path: Path) -> None:
    checked = read(tmp_path, 'numbers:\n  "+74951234567": {open: hang up}\n  8 495 123-45-67: {open: hang up}\n')
    (text,) = said(checked, tmp_path)
    assert text.startswith(f'b.yml:3:3: "8 495 123-45-67" is the same number as the one at {tmp_path}/b.yml:2.')


def test_prompts(tmp_path: Path) -> None:
    checked = read(
        tmp_path,
        """
groups:
  a: {greeting: Привет}
  b: {greeting: {say: Привет}}
  c: {greeting: {say: {ru: Привет, en: "Hi: you"}}}
  d: {greeting: {say: {en: Hi}, sound: {ru: hi.wav}}}
  e: {greeting: {say: {en: Hi}, sound: hi.wav}}
phrases:
  goodbye: {en: Bye}
  closed: Закрыто
""",
    )
    assert all("does not exist" in text for text in said(checked, tmp_path)), said(checked, tmp_path)
    write_wav(tmp_path / "hi.wav")
    checked = load(tmp_path)
    assert checked.settings is not None
    groups = {id: group.greeting for id, group in checked.settings.groups.items()}
    assert groups["a"] == groups["b"] == Prompt({"ru": Say("Привет")})
    assert groups["c"] == Prompt({"ru": Say("Привет"), "en": Say("Hi: you")})
    assert groups["d"] == groups["e"] == Prompt({"en": Say("Hi"), "ru": SoundFile(tmp_path / "hi.wav")})
    assert checked.settings.phrases["goodbye"].by_language == {"ru": Say("До свидания."), "en": Say("Bye")}
    assert checked.settings.phrases["closed"].by_language["ru"] == Say("Закрыто")


def test_destinations(tmp_path: Path) -> None:
    checked = read(
        tmp_path,
        """
music: {default: hi.wav}
phones: {201: {name: Desk}}
agents: {1: {name: Anna}}
queues: {sales: {strategy: ring-all, agents: 1}}
menus:
  top: {prompt: Top, choices: {1: {menu: main}, 2: {queue: sales}}}
  main:
    prompt: Main
    choices:
      1: {queue: sales}
      2: {menu: top}
      3: {extension: 201}
      4: {message: Hello}
      5: hang up
      6: repeat
      "*": back
""",
    )
    write_wav(tmp_path / "hi.wav")
    checked = load(tmp_path)
    assert said(checked, tmp_path) == []
    assert checked.settings is not None
    assert checked.settings.queues["sales"].agents == ("1",)
    assert list(checked.settings.menus["main"].choices.values()) == [
        Destination(queue="sales"),
        Destination(menu="top"),
        Destination(extension="201"),
        Destination(message=Prompt({"ru": Say("Hello")})),
        Destination(hang_up=True),
        Destination(repeat=True),
        Destination(back=True),
    ]


def write_wav(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * 800)


FIELDS = [
    ("agents: {1: {naem: Anna}}", 'b.yml:1:14: The agent "1" has no field "naem". Did you mean "name"?'),
    ("agents: {1: {naem: Anna}}", 'b.yml:1:10: The agent "1" has no "name".'),
    ("quueues: {}", 'b.yml:1:1: The configuration has no field "quueues". Did you mean "queues"?'),
    ("agents: {1: Anna}", 'b.yml:1:13: The agent "1" must be a table of fields.'),
    ("agents: [1, 2]", 'b.yml:1:9: "agents" must be a table.'),
    ("agents: {1: {name: [Anna]}}", "b.yml:1:20: Text is expected here, not a list or a table."),
    ("agents: {1: {name: }}", "There is no text here."),
    ("agents: {anna: {name: Anna}}", 'b.yml:1:10: "anna" is not the number of an agent (digits).'),
    ("trunks: {North: {host: x}}", '"North" is not an id'),
    ("trunks: {north: {host: x y}}", '"x y" is not a host name'),
    ("trunks: {north: {host: x, port: 0}}", '"0" is not a whole number from 1 to 65535.'),
    ("trunks: {north: {host: x, register: yes}}", 'The trunk "north" has no "username".'),
    ("trunks: {north: {host: x, register: maybe}}", '"maybe" is neither yes nor no.'),
    ("trunks: {north: {host: x, addresses: [1.2.3.4.5]}}", '"1.2.3.4.5" is not an IP address or network.'),
    ("trunks: {north: {host: x, codecs: [alow]}}", '"alow" is not known here. Did you mean "alaw"?'),
    ("trunks: {north: {host: x, username: 'a;b'}}", '"a;b" is not a SIP user name.'),
    ("numbers: {+7495: {open: hang up}}", '"+7495" is not a telephone number.'),
    ("numbers: {h: {open: hang up}}", '"h" is not a telephone number.'),
    ("numbers: {4420: {name: x}}", 'The number "4420" has no "open".'),
    ("numbers: {4420: {open: sales}}", '"sales" is not a destination. Write it like {queue: sales}'),
    ("numbers: {4420: {open: back}}", '"back" is not a destination.'),
    ("numbers: {4420: {open: {queue: a, menu: b}}}", "A destination is exactly one place to go to."),
    ("numbers: {4420: {open: [a]}}", "A destination is exactly one place to go to."),
    ("numbers: {4420: {open: {qeue: a}}}", '"qeue" is not a kind of destination. Did you mean "queue"?'),
    ("numbers: {4420: {open: hang up, priority: 5}}", '"5" is not a length of time. Write "5s"'),
    ("numbers: {4420: {open: hang up, greeting: {}}}", "This prompt says nothing."),
    ("numbers: {4420: {open: hang up, greeting: {ru: x}}}", 'A prompt has no field "ru".'),
    ("numbers: {4420: {open: hang up, greeting: {say: {ru: x}, sound: y.wav}}}", "both a text and a sound"),
    ("numbers: {4420: {open: hang up, greeting: {say: {Russian: x}}}}", '"Russian" is not a language code.'),
    ("hours: {office: {open: 9-18}}", '"9-18" is not a span of opening hours.'),
    ("hours: {office: {}}", 'The hours "office" has no "open".'),
    ("hours: {office: {open: mon 9:00-10:00, holidays: 31.12.2026}}", '"31.12.2026" is not a day'),
    ("hours: {office: {open: mon 9:00-10:00, holidays: 2027-01-08..2027-01-01}}", "must begin before it ends"),
    ("hours: {office: {open: mon 9:00-10:00, time_zone: Europe/Moskow}}", 'Did you mean "Europe/Moscow"?'),
    ("menus: {m: {prompt: x, choices: {12: repeat}}}", '"12" is not a key of a telephone'),
    ("menus: {m: {prompt: x, tries: 0}}", '"0" is not a whole number from 1 to 20.'),
    ("menus: {m: {prompt: x, wait: 0s}}", "A time of zero is of no use here."),
    ("queues: {q: {tiers: [{after: 30s}]}}", 'A tier has no "agents".'),
    ("queues: {q: {tiers: [1]}}", "A tier must be a table of fields."),
    ("queues: {q: {tiers: [{agents: 1, until: 3s}]}}", 'A tier has no field "until".'),
    ("queues: {q: {needs: english>4}}", '"english>4" is not a skill with a level from 0 to 100. Write it like'),
    ("queues: {q: {needs: english>=101}}", '"english>=101" is not a skill with a level from 0 to 100.'),
    ("queues: {q: {needs: {}}}", "This says nothing of what is needed."),
    ("queues: {q: {needs: {after: {soon: english}}}}", '"soon" is not a length of time.'),
    ("agents: {1: {name: A, skills: {english: 0}}}", '"0" is not a whole number from 1 to 100.'),
    (
        "numbers: {4420: {open: {extension: 201, needs: english}}}",
        "Only who goes to a queue or a menu, or is called back, can need a skill.",
    ),
    ("numbers: {4420: {open: {queue: a, menu: b, needs: english}}}", "exactly one place"),
    ("order: fair", '"fair" is not known here. Known here: ageing, strict.'),
    ("queues: {q: {shares: {1: 0}}}", '"0" is not a number above 0 and up to 100. Write it like 2 or 0.5.'),
    ("queues: {q: {shares: {1: twice}}}", '"twice" is not a number above 0 and up to 100.'),
    ("queues: {q: {strategy: longest}}", '"longest" is not known here. Did you mean "longest-idle"?'),
    ("phones: {1: {name: x}}", '"1" is not the number of a phone'),
    ("phones: {201: {contact: 'sip:a b'}}", "is not a SIP address"),
    ("pauses: {12: Lunch}", '"12" is not a digit'),
    ("pauses: {1: {name: Lunch}}", "b.yml:1:13: Text is expected here"),
    ("dispositions: {d: {choices: {a: Sold}}}", '"a" is not the digits of a disposition'),
    ("dispositions: {d: {}}", 'The list "d" has no "choices".'),
    ("codes: {sign_on: abc}", '"abc" is not a code that can be dialled'),
    ("codes: {sign_in: '*11'}", 'has no field "sign_in". Did you mean "sign_on"?'),
    ("network: {sip_address: localhost}", '"localhost" is not an IP address.'),
    ("network: 5060", 'The section "network" must be a table of fields.'),
    ("speech: {command: espeak-ng}", "The command does not say where to write."),
    ("music: {waiting: []}", "1:18: There is no file in this list. Name one"),
    ("phrases: {good-bye: {ru: x}}", 'There is no phrase "good-bye". Did you mean "goodbye"?'),
    ("switch: asterix", '"asterix" is not known here. Did you mean "asterisk"?'),
    ("database: mysql", '"mysql" is not a database that is known here. Write it like sqlite or postgresql://'),
    ("database: mysql://user@host/name", "is not a database that is known here."),
    ("database: sqlite:///tmp/x", "is not a database that is known here."),
    ("database: postgresql://user@host", "is not a database that is known here."),
    ("phones: {201: {codecs: []}}", 'b.yml:1:24: This list is empty. Name a codec, or leave "codecs" out.'),
    ("trunks: {north: {host: x, codecs: []}}", "This list is empty."),
    ("hours: {office: {open: []}}", "b.yml:1:24: This list is empty. Say when it is open"),
    ("groups: {g: {refuse: no}}", '"no" is not a prompt. Did you mean to leave it out?'),
    ("groups: {g: {refuse: Yes}}", '"Yes" is not a prompt.'),
    ("numbers: {4420: {open: {message: off}}}", '"off" is not a prompt.'),
    ("queues: {q: {strategy: ring-all, wrap_up: 25h}}", '"25h" is longer than a day. Write 24h or less.'),
    ("fallback_after: 86401s", '"86401s" is longer than a day.'),
    ("speech: {command: '\"espeak {file}'}", "This is not a command: No closing quotation."),
    ("fallback_after: soon", '"soon" is not a length of time. Write it like "1h30m" or "20s".'),
    ("keep: {records: 3}", '"3" is not a time to keep things. Write it like "90d" or "3y".'),
    ("keep: {recordings: 0d}", '"0d" is not a time to keep things.'),
    ("keep: {backups: 0}", '"0" is not a whole number from 1 to 1000.'),
    ("? [a, b]\n: c", "b.yml:1:3: A key must be plain text"),
]


@pytest.mark.parametrize(("text", "sentence"), FIELDS)
def test_wrong_fields(tmp_path: Path, text: str, sentence: str) -> None:
    checked = read(tmp_path, text)
    found = said(checked, tmp_path)
    assert checked.settings is None
    assert any(sentence in each for each in found), found
    assert all(each.startswith("b.yml:1:") for each in found)


BROKEN = [
    (b"a: [1, 2\n", 'b.yml:1:4: The bracket "[" is not closed.', 'Close it with "]".'),
    (b"a: 'x\n", "b.yml:1:4: This quotation mark is not closed.", "Close it"),
    (b"a:\n\t- b\n", "b.yml:2:1: A tab stands where only spaces may.", "Indent with spaces."),
    (b"a: @b\n", "b.yml:1:4: A text that begins with @ must stand in quotes.", ""),
    (b"a: b: c\n", "b.yml:1:5: A text that contains a colon", "in quotes"),
    (b"*: back\n", "b.yml:1:1: A text that begins with * must stand in quotes.", ""),
    (b"a:\n  - b\n c\n", "b.yml:3:2: The indentation of this line", "exactly"),
    (b"codes: {sign_on: *11}\n", "b.yml:1:18: A text that begins with *", "in quotes"),
    (b"a: &b c\n", "b.yml:1:4: A text that begins with &", "in quotes"),
    (b"a: &a [*a]\n", "b.yml:1:8: A text that begins with *", "in quotes"),
    (b"a: !!python/object:os.system x\n", "b.yml:1:4: A text that begins with !", ""),
    (b"a: b\n---\nc: d\n", "b.yml:2:1: A second document begins here.", ""),
    (b"- a\n", "b.yml:1:1: A file must be a table.", ""),
    (b"just text\n", "b.yml:1:1: A file must be a table.", ""),
    (b"a: b\nc: \xff\n", "b.yml:2:4: This is not UTF-8 text.", "UTF-8"),
    (b"a: b\nc: d\x07\n", "b.yml:2:5: A control character (U+0007) stands here.", ""),
    (b"a: " + b"[" * 100000, "b.yml:1:23: Lists and tables are nested too deeply here.", ""),
    (b"%YAML 3.0\n---\na: b", "b.yml:1:1: A line that begins with % is an instruction", "Remove"),
]


@pytest.mark.parametrize(("raw", "text", "remedy"), BROKEN)
def test_broken_files(tmp_path: Path, raw: bytes, text: str, remedy: str) -> None:
    (tmp_path / "b.yml").write_bytes(raw)
    checked = read(tmp_path)
    assert checked.settings is None
    found = said(checked, tmp_path)
    assert any(each.startswith(text) and remedy in each for each in found), found
    assert not any("\n" in each for each in found)


def test_a_lost_file_does_not_make_its_contents_unknown(tmp_path: Path) -> None:
    found = said(read(tmp_path, "numbers: {4420: {open: {queue: sales}}}", "queues: ["), tmp_path)
    assert len(found) == 1 and found[0].startswith('c.yml:1:9: The bracket "[" is not closed.')
    found = said(read(tmp_path, site="company: [\n"), tmp_path)
    assert all("has no" not in each for each in found)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    texts = (text for text, _ in FIELDS[2:12])
    count = 0
    for n, text in enumerate(texts):
        (tmp_path / f"x{n}.yml").write_text(text.replace(" 1:", f" {n}:"))
        count += 1
    found = said(read(tmp_path), tmp_path)
    assert {each.partition(":")[0] for each in found} == {f"x{n}.yml" for n in range(count)}


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "link.yml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "other.yaml").write_text("a: b")
    (tmp_path / ".#a.yml").write_text("[")
    (tmp_path / "empty.yml").write_text("# nothing\n")
    found = said(read(tmp_path), tmp_path)
    assert found == [
        "empty.yml: warning: This file is empty.",
        "folder.yml: This is not a file.",
        "link.yml: This file cannot be read: No such file or directory.",
        'other.yaml: warning: This file is not read. Let its name end in ".yml".',
    ]


def test_directories_that_are_none(tmp_path: Path) -> None:
    assert "There is no *.yml file" in said(load(tmp_path), tmp_path)[0]
    nowhere = load(tmp_path / "nowhere")
    assert nowhere.settings is None
    assert "cannot be read: No such file or directory" in str(nowhere.problems[0])
    (tmp_path / "file").write_text("")
    assert "cannot be read: Not a directory" in str(load(tmp_path / "file").problems[0])


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"\xef\xbb\xbf" + SITE.replace("\n", "\r\n").encode())
    assert load(tmp_path).problems == ()


def test_secrets_beside_the_configuration_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secrets.yml").write_text("ami: hush")
    assert read(tmp_path).problems == ()


def test_a_hash_key_without_quotes_is_noticed(tmp_path: Path) -> None:
    menu = "menus:\n  m:\n    prompt: x\n    choices:\n      1: hang up\n      #: repeat\n      # : no\n"
    (found,) = said(read(tmp_path, menu), tmp_path)
    assert found.startswith("b.yml:6:7: warning: This line is a remark.")


def test_problems_are_sorted(tmp_path: Path) -> None:
    checked = read(tmp_path, "agents:\n  a: {}\n  1: {}\nxyz: 1\n", "abc: 1")
    places = [(problem.file, problem.line) for problem in checked.problems]
    assert len(places) == 5 and places == sorted(places)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20s", 20), ("5m", 300), ("1h30m", 5400), ("0s", 0), ("1h 30m", 5400), ("2h", 7200), ("1h1m1s", 3661)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(node(text)) == seconds


@pytest.mark.parametrize(
    "text", ["", "20", "s", "20 s", "-5s", "1.5s", "5m1h", "20S", "1d", "٢s", "1h30", "99999999999s"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Wrong):
        duration(node(text))


@given(st.integers(0, 99999), st.integers(0, 999999), st.integers(0, 9999999))
@example(24, 0, 0)
@example(24, 0, 1)
@example(0, 3, 5)
def test_every_duration_is_read_up_to_a_day(hours: int, minutes: int, seconds: int) -> None:
    length, written = hours * 3600 + minutes * 60 + seconds, node(f"{hours}h{minutes}m{seconds}s")
    if length <= 24 * 3600:
        assert duration(written) == length
    else:
        with pytest.raises(Wrong, match="longer than a day"):
            duration(written)


@given(st.text(max_size=30), st.sampled_from([duration, days, times_of_day, yes_or_no]))
def test_any_text_is_a_value_or_wrong(text: str, read_value: object) -> None:
    assert callable(read_value)
    try:
        read_value(node(text))
    except Wrong as wrong:
        assert wrong.text.endswith(".") and "\n" not in wrong.text


once = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@once
@given(raw=st.binary(max_size=200) | st.text("abc:-[]{}&*!|>'\"%@#? \n\t1", max_size=60).map(str.encode))
def test_no_file_raises_anything(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "b.yml"
    path.write_bytes(raw)
    report = Report()
    document = read_document(path, report)
    assert document is not None or report.found
    (tmp_path / "a.yml").write_text(SITE)
    assert all("\n" not in str(problem) for problem in load(tmp_path).problems)


words = st.sampled_from(
    ["sales", "1", "201", "main", "yes", "5m", "", "hang up", "repeat", "+74951234567", "*", "ru"]
)
_KEYS = """
    numbers hours menus queues phones agents pauses dispositions groups music phrases network speech
    codes trunks say name open closed choices prompt queue menu extension message greeting
    strategy voices holidays 1 201 sales
    main 4420 +74951234567 84951234567 host register goodbye default ru sound sign_on to refuse sip_port
"""
keys = st.sampled_from(_KEYS.split())
trees = st.recursive(
    words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=25
)


@once
@given(tree=st.dictionaries(keys, trees, max_size=6))
def test_no_tree_raises_anything(tmp_path: Path, tree: dict[str, object]) -> None:
    (tmp_path / "a.yml").write_text(SITE)
    (tmp_path / "b.yml").write_text(json.dumps(tree))
    checked = load(tmp_path)
    assert (checked.settings is None) == any(not problem.warning for problem in checked.problems)
    assert all(problem.line > 0 for problem in checked.problems)


def test_strategies_are_those_of_the_settings(tmp_path: Path) -> None:
    for strategy in Strategy:
        queue = f"queues: {{q: {{strategy: {strategy.value}, agents: 1}}}}"
        write_wav(tmp_path / "m.wav")
        checked = read(tmp_path, queue, "agents: {1: {name: A}}", "music: {default: m.wav}")
        assert checked.settings is not None and checked.settings.queues["q"].strategy is strategy


def test_who_serves_a_queue(tmp_path: Path) -> None:
    write_wav(tmp_path / "m.wav")
    checked = read(
        tmp_path,
        """
order: strict
pause_after: {no_answer: 3, within: 5m}
numbers: {4420: {open: {queue: q, needs: [english, sales>=2]}, needs: german}}
queues:
  q:
    strategy: weighted-random
    agents: 1
    tiers:
      - {agents: [2, 3], after: 30s}
      - {agents: 4, misses: 2}
    shares: {1: 2.5}
    needs: {required: english>=4, preferred: [german>=2, sales], after: {60s: english>=2, 2m: english>=0}}
    weight: 0.5
    pause_after: {busy: 1}
agents: {1: {name: A, skills: {english: 5}}, 2: {name: B}, 3: {name: C}, 4: {name: D}}
music: {default: m.wav}
""",
    )
    assert checked.settings is not None, said(checked, tmp_path)
    settings, queue = checked.settings, checked.settings.queues["q"]
    assert (settings.order, settings.pause_after) == (Order.STRICT, PauseAfter(no_answer=3, within=300.0))
    assert (queue.agents, queue.tiers) == (("1", "2", "3", "4"), (Tier(("2", "3"), 30.0), Tier(("4",), None, 2)))
    assert (queue.shares, queue.weight, queue.pause_after) == ({"1": 2.5}, 0.5, PauseAfter(busy=1))
    assert queue.needs.steps == ((0.0, (("english", 4),)), (60.0, (("english", 2),)), (120.0, ()))
    assert queue.needs.preferred == (("german", 2), ("sales", 1))
    number = settings.numbers["4420"]
    assert number.open.needs.required(0) == (("english", 1), ("sales", 2))
    assert number.needs.required(0) == (("german", 1),)
    assert settings.agents["1"].skills == {"english": 5}
