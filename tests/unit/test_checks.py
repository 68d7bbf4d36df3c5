"""What is wrong with a configuration as a whole, and where; and the shipped one, with which nothing is."""

import re
import wave
from pathlib import Path

import pytest

from appliance.configuration.checks import Checked, load
from appliance.settings import Strategy

pytestmark = pytest.mark.usefixtures("parts_only")

SHIPPED = Path(__file__).parents[2] / "config"

SITE = """
company: Tea
country: RU
time_zone: Europe/Moscow
language: ru
music: {default: music.wav}
phones: {201: {name: Desk}, 202: {name: Desk}}
agents: {1: {name: Anna}, 2: {name: Boris}}
queues:
  sales: {strategy: ring-all, agents: [1, 2]}
hours: {office: {open: mon-fri 9:00-18:00}}
groups: {vip: {name: VIP}}
dispositions: {sold: {choices: {1: Sold}}}
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "site.yml").write_text(SITE)
    write_wav(tmp_path / "music.wav")
    return tmp_path


def write_wav(path: Path, frames: int = 800) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * frames)


def check(directory: Path, text: str = "", customers: str | None = None) -> Checked:
    (directory / "x.yml").write_text(text + "\n#")
    if customers is not None:
        (directory / "customers.csv").write_text(customers)
    return load(directory)


def said(checked: Checked) -> list[str]:
    """The problems, without the directory, and without complaints about the file being empty."""
    found = (str(problem).rpartition("/x.yml: ")[2] for problem in checked.problems)
    return [re.sub(r"^/\S+/", "", text) for text in found if "This file is empty" not in text]


def test_the_shipped_configuration_has_no_problems() -> None:
    checked = load(SHIPPED)
    assert checked.problems == ()
    settings = checked.settings
    assert settings is not None
    assert settings.languages == ("ru", "en")
    assert settings.numbers["+74951234567"].hours is None
    assert settings.numbers["+74951234568"].hours == "office"
    manual = (SHIPPED / "queues.yml").read_text()
    assert [strategy for strategy in Strategy if strategy.value not in manual] == [], "the example names them all"
    assert settings.queues["support"].wrap_up == 30.0
    assert [customer.group for customer in settings.customers.values()] == ["vip", None, "vip", "blocked"]
    assert settings.customers["+442079460123"].language == "en"


def test_the_base_of_these_tests_has_no_problems(directory: Path) -> None:
    assert said(check(directory)) == []


MENU = "menus: {m: {prompt: x, choices: {1: {queue: sales}, 9: "
QUEUE = "queues: {q: {strategy: ring-all, agents: 1, "

REFERENCES = [
    ("numbers: {4420: {open: {queue: slaes}}}", '1:32: There is no queue "slaes". Did you mean "sales"?'),
    ("numbers: {4420: {open: {menu: main}}}", '1:31: There is no menu "main".'),
    ("numbers: {4420: {open: {extension: 203}}}", '1:36: There is no phone "203". Did you mean "202"?'),
    ("numbers: {4420: {open: hang up, fallback: q}}", '1:43: There is no queue "q".'),
    ("numbers: {4420: {open: hang up, closed: hang up, hours: shop}}", 'There is no set of opening hours "shop".'),
    ("numbers: {4420: {open: hang up, hours: office}}", "does not say where to go when"),
    ("numbers: {4420: {open: hang up, language: fr}}", 'There is no voice for the language "fr".'),
    (
        "numbers: {4420: {open: hang up, greeting: {say: {fr: Oui}}}}",
        '1:54: There is no voice for the language "fr".',
    ),
    ("numbers: {4420: {open: hang up, greeting: {sound: no.wav}}}", 'no.wav" does not exist.'),
    ("numbers: {4420: {open: hang up, greeting: {sound: site.yml}}}", "is not a WAV file"),
    ("numbers: {4420: {open: {message: {sound: no.wav}}}}", 'no.wav" does not exist.'),
    (MENU + "{queue: x}}}}", 'There is no queue "x".'),
    (MENU + "repeat}, otherwise: {menu: x}}}", 'There is no menu "x".'),
    (QUEUE + "music: waiting}}", 'There is no music "waiting". Known here: default.'),
    ("music: {}\nqueues: {q: {strategy: ring-all, agents: 1, music: no}}", '2:52: There is no music "no".'),
    (QUEUE + "dispositions: lost}}", 'There is no list of dispositions "lost".'),
    ("queues: {q: {strategy: ring-all, agents: [1, 3]}}", '1:46: There is no agent "3".'),
    (QUEUE + "tiers: [{agents: [2, 3]}]}}", '1:66: There is no agent "3".'),
    (QUEUE + "tiers: [{agents: [2, 1]}]}}", '1:66: The agent "1" is in this queue twice.'),
    (
        "queues: {q: {strategy: weighted-random, agents: 1, shares: {1: 2, 3: 1}}}",
        '1:70: There is no agent of this queue "3".',
    ),
    ("queues: {q: {strategy: ring-all, agents: [1, 1]}}", '1:46: The agent "1" is in this queue twice.'),
    ("groups: {g: {to: {queue: x}}}", 'There is no queue "x".'),
    ("agents: {3: {name: Carol, language: fr}}", 'There is no voice for the language "fr".'),
    ("phrases: {goodbye: {fr: Adieu}}", 'There is no voice for the language "fr".'),
    ("music: {other: none.wav}", 'none.wav" does not exist.'),
    ("music: {other: [music.wav, none.wav]}", '1:28: The sound "none.wav" does not exist.'),
    ("trunks: {201: {host: x}}", '"201" is a trunk and a phone'),
    ("numbers: {201: {open: hang up}}", '1:11: "201" is a number and a phone'),
    (
        "trunks: {a: {host: x, addresses: 192.0.2.1}, b: {host: y, addresses: [192.0.2.2, 192.0.2.1]}}",
        '1:82: 192.0.2.1 is an address of the trunk "a" too',
    ),
    (
        "trunks: {a: {host: x, addresses: 192.0.2.0/28}, b: {host: y, addresses: 192.0.2.1}}",
        '192.0.2.1 is in 192.0.2.0/28, an address of the trunk "a" too',
    ),
    ("dispositions: {d: {choices: {}}}", 'The list "d" has no choices.'),
    ("codes: {pause: '*111'}", 'The code "*111" of pause is not to be told apart from "*11" of sign_on.'),
    ("codes: {pause: '*11'}", 'The code "*11" of pause is the same as "*11" of sign_on.'),
    ("codes: {sign_on: '*131'}", 'The code "*13" of pause is not to be told apart from "*131" of sign_on.'),
    ("codes: {sign_on: '*1'}", 'not to be told apart from "*1" of sign_on.'),
    ("codes: {pause: '201'}", 'The code "201" of pause is not to be told apart from the extension 201.'),
    ("codes: {pause: '2'}", "not to be told apart from the extension"),
    ("network: {agi_port: 5060}", "sip_port and agi_port are both 5060."),
    ("phones: {301: {name: x, secure: yes}}", '1:33: The phone "301" is to come by TLS, which the switch'),
    (
        "network: {tls_port: 5061}\nphones: {301: {name: x, secure: yes, transport: tcp}}",
        '2:49: The phone "301" comes by TLS, so it has no other transport.',
    ),
    ("phones: {301: {name: x, transport: tls}}", '"tls" is not known here.'),
    ("network: {tls_port: 5060}", "sip_port and tls_port are both 5060."),
    ("network: {ami_port: 4573}", "agi_port and ami_port are both 4573."),
    ("switch: freeswitch\nnetwork: {esl_port: 8021}", "esl_port and event_socket_port are both 8021."),
    ("switch: freeswitch\nnetwork: {esl_port: 10001}", "esl_port 10001 is one of the ports for sound"),
    ("switch: freeswitch\ntrunks: {t: {host: sip.example}}", 'cannot know the calls of the trunk "t" by the name'),
    ("network: {sip_port: 10001}", "sip_port 10001 is one of the ports for sound, 10000 to 20000."),
    ("network: {rtp_first: 20000}", "The ports 20000 to 20000 are not enough"),
    ("network: {rtp_last: 9000}", "The ports 10000 to 9000 are not enough"),
]


@pytest.mark.parametrize(("text", "sentence"), REFERENCES)
def test_errors(directory: Path, text: str, sentence: str) -> None:
    checked = check(directory, text)
    found = said(checked)
    assert checked.settings is None
    assert any(sentence in each for each in found), found
    assert all(problem.file.endswith(("x.yml", "site.yml")) for problem in checked.problems)


WARNINGS = [
    ("numbers: {4420: {open: hang up, closed: hang up}}", "This is never used"),
    ("queues: {q: {strategy: ring-all}}", 'The queue "q" has no agents'),
    (
        QUEUE + "tiers: [{agents: 12}], needs: {required: english>=2, after: {60s: english}}}}\n"
        "agents: {12: {name: B, skills: {english: 1}}}",
        'No agent of the queue "q" has english>=2: nobody will answer within the first 60 s.',
    ),
    (
        "numbers: {4420: {open: {queue: sales, needs: englihs}}}\nagents: {11: {name: A, skills: {english: 1}}}",
        'No agent has the skill "englihs". Did you mean "english"?',
    ),
    (
        QUEUE + "needs: x>=5}}\nagents: {11: {name: A, skills: {x: 5}}}",
        'No agent of the queue "q" has x>=5: nobody will answer.',
    ),
    ("queues: {q: {strategy: ring-all, tiers: [{agents: 1}]}}", "so the next one is the first."),
    (QUEUE + "shares: {1: 2}}}", "The strategy ring-all knows no shares."),
    (QUEUE + "ring_next_after: 3s}}", "The strategy ring-all rings no more phones after a while."),
    (
        "queues: {q: {strategy: ring-progressively, agents: [1, 2], ring_for: 9s}}",
        "No second phone ever rings: within 9 s there is no time for it.",
    ),
    (MENU + "back}}}", 'No other menu leads to "m"'),
    (
        "menus: {m: {prompt: x, extensions: yes, choices: {2: {queue: sales}}}}",
        'The extension 201 begins with "2" too',
    ),
    (
        "phones: {20: {name: x}}\nmenus: {m: {prompt: x, extensions: yes, choices: {1: hang up}}}",
        'The extension 201 begins with the extension 20, so callers who dial 20 in the menu "m" have to wait.',
    ),
    (
        "groups: {g: {refuse: Bye, to: {queue: sales}}}",
        'This is never used: callers of the group "g" are refused.',
    ),
    ("groups: {g: {refuse: Bye, priority: 5m}}", 'This is never used: callers of the group "g" are refused.'),
    ("groups: {g: {refuse: Bye, greeting: Hi}}", 'This is never used: callers of the group "g" are refused.'),
    (
        "speech: {command: 'nonesuch -o {file}'}",
        'The program "nonesuch", which reads texts aloud, is not installed',
    ),
    (
        "network: {tls_port: 5061, certificate: c.pem, key: /dev/null}",
        "c.pem on this machine: without its certificate the switch does not speak TLS.",
    ),
    ("dispositions: {d: {choices: {1: A, 12: B}}}", "The disposition 12 begins with the disposition 1"),
]


@pytest.mark.parametrize(("text", "sentence"), WARNINGS)
def test_warnings_stop_nothing(directory: Path, text: str, sentence: str) -> None:
    checked = check(directory, text)
    assert checked.settings is not None
    found = said(checked)
    assert found and all("warning: " in each for each in found)
    assert sentence in found[0]


@pytest.mark.parametrize("menu", ["extensions: no, choices: {1: hang up}", "choices: {1: hang up}"])
def test_extensions_that_nobody_dials_in_a_menu_may_begin_each_other(directory: Path, menu: str) -> None:
    assert said(check(directory, f"phones: {{20: {{name: x}}}}\nmenus: {{m: {{prompt: x, {menu}}}}}")) == []


def test_trunks_with_addresses_of_their_own(directory: Path) -> None:
    trunks = (
        "trunks: {a: {host: x, addresses: [192.0.2.0/28, '::1']}, b: {host: x, addresses: [192.0.2.16, '::2']}}"
    )
    assert said(check(directory, trunks)) == []


@pytest.mark.parametrize(
    ("otherwise", "endless"),
    [
        ({"a": "repeat"}, ["a"]),
        ({"a": "{menu: a}"}, ["a"]),
        ({"a": "back"}, []),  # to where a key was pressed, which ends
        ({"a": "hang up"}, []),
        ({"a": "{queue: sales}"}, []),
        ({"a": "{menu: b}"}, []),
        ({"a": "{menu: b}", "b": "back"}, ["a"]),
        ({"a": "{menu: b}", "b": "repeat"}, ["b"]),
        ({"a": "{menu: b}", "b": "{menu: a}"}, ["a", "b"]),
        ({"a": "{menu: b}", "b": "{menu: c}", "c": "{menu: b}"}, ["b", "c"]),
        ({"a": "{menu: b}", "b": "{menu: c}", "c": "back"}, ["b"]),
        ({"a": "{menu: b}", "b": "{menu: c}", "c": "{extension: 201}"}, []),
    ],
)
def test_menus_that_hold_a_silent_line_for_ever(
    directory: Path, otherwise: dict[str, str], endless: list[str]
) -> None:
    rest = {id: f", otherwise: {otherwise[id]}" if id in otherwise else "" for id in "abc"}
    keys = "1: {queue: sales}, 2: {menu: a}, 3: {menu: b}, 4: {menu: c}"
    menus = ", ".join(f"{id}: {{prompt: x, choices: {{{keys}}}{more}}}" for id, more in rest.items())
    found = said(check(directory, f"menus: {{{menus}}}"))
    assert all("a silent line never ends" in text for text in found), found
    assert [text.partition('"')[2].partition('"')[0] for text in found] == endless


def test_a_queue_without_music_when_there_is_no_default(directory: Path) -> None:
    (directory / "site.yml").write_text(SITE.replace("default: music.wav", "quiet: music.wav"))
    (found,) = said(check(directory))
    assert found.startswith('site.yml:10:3: The queue "sales" names no music, and there is none called "default".')


def test_a_number_that_a_trunk_delivers_like_another(directory: Path) -> None:
    moscow_and_hanoi = "numbers:\n  +74951234567: {open: hang up}\n  +84951234567: {open: hang up}\n"
    (found,) = said(check(directory, moscow_and_hanoi))
    assert found.startswith('x.yml:3:3: A trunk may deliver "84951234567" for this number and for "+74951234567".')


@pytest.mark.parametrize(
    ("menus", "stuck"),
    [
        ("m: {prompt: x, choices: {}}", ["m"]),
        ("m: {prompt: x, choices: {1: repeat}}", ["m"]),
        ("m: {prompt: x, choices: {1: {menu: m}}}", ["m"]),
        (
            "a: {prompt: x, choices: {1: {menu: b}}}\n  b: {prompt: x, choices: {1: {menu: a}, 2: back}}",
            ["a", "b"],
        ),
        ("m: {prompt: x, choices: {1: repeat}, otherwise: hang up}", ["m"]),
        ("m: {prompt: x, choices: {1: repeat}, otherwise: {queue: sales}}", []),
        ("m: {prompt: x, choices: {1: hang up}}", []),
        ("m: {prompt: x, choices: {1: {message: y}}}", []),
        ("m: {prompt: x, choices: {}, extensions: yes}", []),
        ("a: {prompt: x, choices: {1: {menu: b}}}\n  b: {prompt: x, choices: {1: {queue: sales}}}", []),
        ("a: {prompt: x, choices: {1: {menu: b}, 2: {queue: sales}}}\n  b: {prompt: x, choices: {0: back}}", []),
        (
            "a: {prompt: x, choices: {1: {menu: b}, 2: {queue: sales}}}\n  b: {prompt: x, choices: {0: repeat}}",
            ["b"],
        ),
    ],
)
def test_menus_without_a_way_out(directory: Path, menus: str, stuck: list[str]) -> None:
    found = said(check(directory, f"menus:\n  {menus}\n"))
    assert [f'No key of the menu "{id}" leads out' in text for id, text in zip(stuck, found, strict=True)] == [
        True for _ in stuck
    ]


def test_sounds_that_are_none(directory: Path) -> None:
    write_wav(directory / "empty.wav", frames=0)
    write_wav(directory / "cut.wav")
    (directory / "cut.wav").write_bytes((directory / "cut.wav").read_bytes()[:500])
    (directory / "folder.wav").mkdir()
    (directory / "nothing.wav").write_bytes(b"")
    (directory / "mp3.wav").write_bytes(b"ID3\x04" + bytes(100))
    found = said(check(directory, "music: {m: [empty.wav, cut.wav, folder.wav, nothing.wav, mp3.wav]}"))
    assert [text.rpartition('.wav" ')[2] for text in found] == [
        "is empty.",
        "ends too early.",
        "is not a file.",
        "is not a WAV file of plain samples (PCM): it ends too early.",
        "is not a WAV file of plain samples (PCM): file does not start with RIFF id.",
    ]


def test_customers(directory: Path) -> None:
    rows = 'number,name,group,language\n8 (916) 123-45-67,Anna,vip,\n\n+442079460123,"Smith, George",,en\n'
    checked = check(directory, customers="\ufeff" + rows)
    assert said(checked) == [] and checked.settings is not None
    customers = checked.settings.customers
    assert [(c.number, c.name, c.group, c.language) for c in customers.values()] == [
        ("+79161234567", "Anna", "vip", None),
        ("+442079460123", "Smith, George", None, "en"),
    ]
    assert list(customers) == [customer.number for customer in customers.values()]


def test_customers_by_semicolons_and_with_fewer_columns(directory: Path) -> None:
    checked = check(directory, customers="Name;Number\r\nAnna, the first;89161234567\r\n")
    assert checked.settings is not None
    assert checked.settings.customers["+79161234567"].name == "Anna, the first"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("number,name\n123,Anna\n", 'customers.csv:2:1: "123" is not a telephone number.'),
        ('number,name\n"8916\n1234567","A\nB"\n123,Anna\n', 'customers.csv:5:1: "123" is not'),
        (
            "number,name,group\n89161234567,A,vpi\n",
            'customers.csv:2:1: There is no group "vpi". Did you mean "vip"?',
        ),
        (
            "number,name,language\n89161234567,A,fr\n",
            'customers.csv:2:1: There is no voice for the language "fr".',
        ),
        (
            "number,name\n89161234567,A\n+79161234567,B\n",
            'customers.csv:3:1: "+79161234567" is the number of line 2 too.',
        ),
        ("number,name\n89161234567,A,B\n", "customers.csv:2:1: This row has more cells than the first line."),
        ("number,nmae\n89161234567,A\n", 'customers.csv:1:1: There is no column "nmae". Did you mean "name"?'),
        ("number\n89161234567\n", 'customers.csv:1:1: The column "name" is missing.'),
        ("number,name,name\n89161234567,a,b\n", 'The column "name" stands here twice.'),
        ('number,name\n89161234567,"A\n', "customers.csv:2:1: This is not a CSV row"),
        ("number,name,group\n123,A,vpi\n", 'customers.csv:2:1: "123" is not a telephone number.'),
        ("number,name,group\n123,A,vpi\n", 'customers.csv:2:1: There is no group "vpi".'),
        ("number,name\n,Anna\n", 'customers.csv:2:1: "" is not a telephone number.'),
    ],
)
def test_wrong_rows(directory: Path, rows: str, sentence: str) -> None:
    checked = check(directory, customers=rows)
    found = said(checked)
    assert checked.settings is None
    assert any(sentence in text for text in found), found


@pytest.mark.parametrize("text", ["", "\n", "number,name\n"])
def test_no_customers_in_the_file(directory: Path, text: str) -> None:
    checked = check(directory, "numbers: {4420: {open: {queue: slaes}}}", customers=text)
    assert said(checked)[0].startswith("customers.csv: warning: There are no customers in this file.")
    assert len(said(checked)) == 2


def test_customers_that_cannot_be_read_are_one_problem_among_others(directory: Path) -> None:
    (directory / "customers.csv").mkdir()
    assert said(check(directory))[0] == "customers.csv: This is not a file."
    (directory / "customers.csv").rmdir()
    (directory / "customers.csv").symlink_to("customers.csv")
    (first, second) = said(check(directory, "numbers: {4420: {open: {queue: slaes}}}"))
    assert first.startswith("customers.csv: This file cannot be read: ")
    assert "There is no queue" in second


def test_customers_in_another_encoding(directory: Path) -> None:
    (directory / "customers.csv").write_bytes("number,name\n89161234567,Анна\n".encode("cp1251"))
    (found,) = said(check(directory))
    assert found.startswith("customers.csv:2:13: This is not UTF-8 text.")


def test_a_large_configuration_is_checked_whole(directory: Path) -> None:
    """Every one of many problems is found; how long it takes is not for a test to say."""
    lines = ["phones:", *(f"  {n}: {{name: Desk}}" for n in range(1000, 2000))]
    lines += [
        "menus:",
        *(f"  m{n}: {{prompt: x, choices: {{1: {{menu: m{n + 1}}}, 3: {{queue: q{n}}}}}}}" for n in range(200)),
    ]
    lines += ["queues:", *(f"  q{n}: {{strategy: ring-all, agents: [1]}}" for n in range(100))]
    found = said(check(directory, "\n".join(lines)))
    assert len([text for text in found if "There is no queue" in text]) == 100
    assert len([text for text in found if "There is no menu" in text]) == 1
    assert len(found) == 101
