"""Mistakes that operators make, and the very words in which they are told what is wrong and where.

Every sentence has been read aloud. Each mistake has one complaint, however much it breaks.
"""

import wave
from pathlib import Path

import pytest

from appliance.configuration.checks import load

SITE = """\
company: Tea
country: RU
time_zone: Europe/Moscow
language: ru
numbers:
  "+74951234567": {hours: office, open: {menu: main}, closed: {message: Закрыто.}}
hours: {office: {open: mon-fri 9:00-18:00}}
menus: {main: {prompt: Добрый день!, choices: {1: {queue: sales}}}}
queues:
  sales: {strategy: ring-all, agents: [1, 2]}
music: {default: quiet.wav}
phones: {201: {name: Desk}, 202: {name: Desk}}
agents: {1: {name: Anna}, 2: {name: Boris}}
speech: {command: "cat > {file}"}
"""

QUEUE = "queues:\n  other:\n    strategy: ring-all\n    agents: [1]\n"
CURLY = "\N{LEFT DOUBLE QUOTATION MARK}*16\N{RIGHT DOUBLE QUOTATION MARK}"
NUMBER = "numbers:\n  4420:\n    open: {queue: sales}\n"
MENU = "menus:\n  other:\n    prompt: Hello\n    choices:\n      1: {queue: sales}\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "site.yml").write_text(SITE)
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return tmp_path


def told(directory: Path, name: str, written: str | bytes) -> list[str]:
    (directory / name).write_bytes(written.encode() if isinstance(written, str) else written)
    return [str(problem).replace(f"{directory}/", "") for problem in load(directory).problems]


def test_there_is_no_mistake_to_begin_with(directory: Path) -> None:
    assert told(directory, "x.yml", "# nothing\nqueues:\n") == []


SPELLING = [
    (
        QUEUE + "    stratgy: x\n",
        'x.yml:5:5: The queue "other" has no field "stratgy".',
        'Did you mean "strategy"?',
    ),
    (
        QUEUE + "    ring_f\N{CYRILLIC SMALL LETTER O}r: 20s\n",
        'x.yml:5:5: The queue "other" has no field "ring_f\N{CYRILLIC SMALL LETTER O}r".',
        'Did you mean "ring_for"? The letter "\N{CYRILLIC SMALL LETTER O}" here is Cyrillic.',
    ),
    (NUMBER.replace("sales", "slaes"), 'x.yml:3:19: There is no queue "slaes".', 'Did you mean "sales"?'),
    (
        NUMBER.replace("{queue", "{qeue"),
        'x.yml:3:12: "qeue" is not a kind of destination.',
        'Did you mean "queue"?',
    ),
    (
        NUMBER + "    hours: ofice\n    closed: hang up\n",
        'x.yml:4:12: There is no set of opening hours "ofice".',
        'Did you mean "office"?',
    ),
    (QUEUE.replace("[1]", "[1, 9]"), 'x.yml:4:17: There is no agent "9".', "Known here: 1, 2."),
    (QUEUE.replace("ring-all", "ringal"), 'x.yml:3:15: "ringal" is not known here.', 'Did you mean "ring-all"?'),
    (
        QUEUE.replace("ring-all", "ringall"),
        'x.yml:3:15: "ringall" is a strategy of Asterisk\'s app_queue.',
        'Write "strategy: ring-all", or "compatible: app_queue" as well.',
    ),
    (
        QUEUE.replace("ring-all", "longest-idle\n    compatible: app_queue"),
        'x.yml:3:15: app_queue has no strategy "longest-idle".',
        "Write one of its own (ringall, leastrecent, fewestcalls, random, rrmemory, rrordered, linear, wrandom), "
        'or remove "compatible".',
    ),
    ("quues: {}\n", 'x.yml:1:1: The configuration has no field "quues".', 'Did you mean "queues"?'),
    ("Queues: {}\n", 'x.yml:1:1: The configuration has no field "Queues".', 'Did you mean "queues"?'),
    (
        "queues: {Late Shift: {strategy: ring-all, agents: 1}}\n",
        'x.yml:1:10: "Late Shift" is not an id (small letters, digits and hyphens).',
        "Write it like sales or late-shift.",
    ),
]

INDENTATION = [
    (
        QUEUE.replace("    agents", "\tagents"),
        "x.yml:4:1: A tab stands where only spaces may.",
        "Indent with spaces.",
    ),
    (
        QUEUE.replace("    agents", "   agents"),
        "x.yml:4:4: The indentation of this line fits none of the lines above.",
        "Indent it exactly like the other lines that belong to the same thing.",
    ),
    (
        QUEUE.replace("    agents", "      agents"),
        "x.yml:4:7: This line is indented too far.",
        "Indent it like the line above, if both belong to the same thing.",
    ),
    (
        "queues:\n  other:\n  wrap_up: 5s\n",
        'x.yml:2:9: The queue "other" must be a table of fields.',
        'Write each on a line of its own below it, indented further, as "key: value".',
    ),
    (
        QUEUE.replace("    agents", "  \xa0 agents"),
        "x.yml:4:3: This is no ordinary space, although it may look like one (U+00A0).",
        "Replace it by a space, or remove it.",
    ),
]

SIGNS = [
    (
        QUEUE.replace("strategy:", "strategy"),
        "x.yml:3:5: A colon and a space must follow a key.",
        'Write it like "key: value".',
    ),
    (
        QUEUE.replace("strategy: ", "strategy:"),
        "x.yml:3:5: A colon and a space must follow a key.",
        'Write it like "key: value".',
    ),
    (
        "queues:\n  other:\n    strategy:ring-all\n",
        'x.yml:3:5: The queue "other" must be a table of fields.',
        'A space must follow the colon, as in "key: value".',
    ),
    (QUEUE.replace("[1]", "[1"), 'x.yml:4:13: The bracket "[" is not closed.', 'Close it with "]".'),
    (NUMBER.replace("}", ""), 'x.yml:3:11: The bracket "{" is not closed.', 'Close it with "}".'),
    (NUMBER.replace("}", "}}"), 'x.yml:3:25: This "}" closes nothing.', "Remove it."),
    (
        "menus: {other: {prompt: x, choices: {1: {queue: sales]}}}\n",
        'x.yml:1:54: A "]" stands here, while the "{" of line 1 has not been closed.',
        'Write "}" before it.',
    ),
    (
        "queues: {other: {strategy: ring-all agents: [1]}}\n",
        'x.yml:1:43: Before this a comma is missing, or the "}" that closes the bracket.',
        "",
    ),
    (
        QUEUE.replace("[1]", "").rstrip() + "\n    -1\n    -2\n",
        "x.yml:5:5: A space must follow the hyphen of a list.",
        'Write it like "- 1001".',
    ),
    (
        NUMBER + "    name: Sales: the best\n",
        "x.yml:4:16: A text that contains a colon and a space must stand in quotes.",
        'Write it like name: "Gold: the best".',
    ),
    (
        NUMBER + '    name: "Sales\n',
        "x.yml:4:11: This quotation mark is not closed.",
        "Close it at the end of the text.",
    ),
    (
        NUMBER + "    name: 'Anna's line'\n",
        "x.yml:4:17: The text in quotation marks has ended before this.",
        "Put the other kind of quotation marks around the text.",
    ),
    (
        NUMBER + '    greeting: {sound: "sounds\\yes.wav"}\n',
        "x.yml:4:30: A backslash in double quotation marks has a meaning of its own.",
        "Use single quotation marks, in which a backslash is just that.",
    ),
    (
        "codes:\n  sign_on: *11\n",
        "x.yml:2:12: A text that begins with * must stand in quotes.",
        "References to another part of a file are not used here: if one was meant, write it out.",
    ),
    (
        MENU + "      *: repeat\n",
        "x.yml:6:7: A text that begins with * must stand in quotes.",
        'Write it like "*".',
    ),
    (
        MENU + "      #: hang up\n" + NUMBER.replace("queue: sales", "menu: other"),
        "x.yml:6:7: warning: This line is a remark.",
        'A key that is a hash must stand in quotes: "#".',
    ),
    (
        f"codes:\n  sign_on: {CURLY}\n",
        f'x.yml:2:12: "{CURLY}" is not a code that can be dialled.',
        'These are not the quotation marks of YAML. Write it like "*11".',
    ),
    (
        "<<<<<<< HEAD\nqueues: {}\n=======\nmenus: {}\n>>>>>>> branch\n",
        "x.yml:1:1: A merge of two versions has left its marks in this file.",
        "Keep one of the versions, and remove the lines that begin with <<<<<<<, ======= or >>>>>>>.",
    ),
]

VALUES = [
    (
        NUMBER + "    priority: 25\n",
        'x.yml:4:15: "25" is not a length of time.',
        'Write "25s" for seconds or "25m" for minutes.',
    ),
    (
        "hours:\n  other: {open: mon-fri 9-18}\n",
        'x.yml:2:17: "mon-fri 9-18" is not a span of opening hours.',
        'Write it like "mon-fri 9:00-18:00" or "sat,sun 22:00-6:00".',
    ),
    ("groups:\n  old: {refuse: no}\n", 'x.yml:2:17: "no" is not a prompt.', "Did you mean to leave it out?"),
    (
        "numbers:\n  4420: {hours: office, open: {queue: sales}}\n",
        'x.yml:2:17: The number "4420" has opening hours but does not say where to go when "closed".',
        "Add it, for example closed: {message: We are closed.}",
    ),
    (
        "numbers:\n  8 (495) 123-45-67: {open: {queue: sales}}\n",
        'x.yml:2:3: "8 (495) 123-45-67" is the same number as the one at site.yml:6.',
        "Remove one of them.",
    ),
    (
        NUMBER + "    greeting: {sound: sounds/hello.wav}\n",
        'x.yml:4:23: The sound "sounds/hello.wav" does not exist.',
        "",
    ),
    (
        NUMBER + "    open: {menu: main}\n",
        'x.yml:4:5: "open" stands here twice; the first is at x.yml:3.',
        "Remove or rename one of them.",
    ),
    (
        QUEUE.replace("[1]", "Anna"),
        'x.yml:4:13: "Anna" is not the number of an agent (digits).',
        "Write it like 1001.",
    ),
    ("network:\n  sip_port: 50600000\n", 'x.yml:2:13: "50600000" is not a whole number from 1 to 65535.', ""),
    (QUEUE + "    record: maybe\n", 'x.yml:5:13: "maybe" is neither yes nor no.', ""),
    ("queues:\n  other:\n    agents: [1]\n", 'x.yml:2:3: The queue "other" has no "strategy".', ""),
]

ENCODINGS = [
    (
        "x.yml",
        NUMBER.encode() + "    name: Продажи\n".encode("cp1251"),
        "x.yml:4:11: This is not UTF-8 text.",
        "Save the file with the encoding UTF-8.",
    ),
    (
        "x.yml",
        NUMBER.encode("utf-16"),
        "x.yml:1:1: This is UTF-16 text.",
        "Save the file with the encoding UTF-8.",
    ),
    ("x.yml", b"queues: {}\nmenus: \x00\n", "x.yml:2:8: A control character (U+0000) stands here.", "Remove it."),
    ("x.yaml", NUMBER.encode(), "x.yaml: warning: This file is not read.", 'Let its name end in ".yml".'),
    ("x.yml.txt", NUMBER.encode(), "x.yml.txt: warning: This file is not read.", 'Let its name end in ".yml".'),
    (
        "customers.csv",
        b"number;name\n89161234567;Anna\n8916123;Boris\n",
        'customers.csv:3:1: "8916123" is not a telephone number.',
        "Write it like +74951234567.",
    ),
]


@pytest.mark.parametrize(("written", "text", "remedy"), [*SPELLING, *INDENTATION, *SIGNS, *VALUES])
def test_mistakes_in_what_is_written(directory: Path, written: str, text: str, remedy: str) -> None:
    assert told(directory, "x.yml", written) == [f"{text} {remedy}".strip()]


@pytest.mark.parametrize(("name", "raw", "text", "remedy"), ENCODINGS)
def test_mistakes_in_how_it_is_saved(directory: Path, name: str, raw: bytes, text: str, remedy: str) -> None:
    assert told(directory, name, raw) == [f"{text} {remedy}".strip()]


def test_the_country_by_its_name(directory: Path) -> None:
    (directory / "customers.csv").write_text("number,name\n89161234567,Anna\n")  # whose country nobody knows now
    assert told(directory, "site.yml", SITE.replace("country: RU", "country: Russia")) == [
        'site.yml:2:10: "Russia" is not a country. Use the two letters of ISO 3166, such as RU or GB.'
    ]


def test_a_number_may_stand_in_a_file_that_cannot_be_read(directory: Path) -> None:
    emergency = "emergency: {numbers: ['112'], emergency: yes, trunks: [t]}"
    rule = f"outbound: {{{emergency}, all: {{numbers: any, trunks: [t], show: '+74959999999'}}}}\n"
    trunk = "trunks: {t: {host: 192.0.2.1, register: no, addresses: [192.0.2.1]}}\n"
    broken = told(directory, "x.yml", "numbers: {\n")
    assert told(directory, "y.yml", rule + trunk) == broken


@pytest.mark.parametrize(
    "raw",
    [
        NUMBER.replace("4420", "0212").encode(),  # stays as it is written, and is no 138
        b"\xef\xbb\xbf" + NUMBER.encode(),  # a byte order mark
        NUMBER.replace("\n", "\r\n").encode(),
        NUMBER.replace("open: ", "open:\t").encode(),
    ],
)
def test_what_is_no_mistake(directory: Path, raw: bytes) -> None:
    assert told(directory, "x.yml", raw) == []
