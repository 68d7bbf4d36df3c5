"""However a configuration is spoilt, check says what is wrong, and comes to an end."""

import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.fuzz.example import (
    CUSTOMERS,
    FILES,
    WHOLE,
    Keys,
    changed,
    checked,
    every_path,
    lay_out,
    lay_out_data,
    often,
)


def test_nothing_is_wrong_with_what_is_going_to_be_spoilt(tmp_path: Path) -> None:
    assert checked(lay_out(tmp_path, dict(FILES))).problems == ()
    assert checked(lay_out_data(tmp_path, WHOLE)).problems == ()


PATHS = st.sampled_from(every_path(WHOLE))
WORDS = st.sampled_from(
    [
        *(
            "",
            " ",
            "yes",
            "no",
            "null",
            "~",
            "5m",
            "-1",
            "0",
            "0212",
            "9:30",
            "1e400",
            "hang up",
            "back",
            "*",
            "#",
        ),
        *("sales", "main", "201", "1001", "+74951234567", "ru", "..", "/", "/dev/zero", "../../..", "a" * 5000),
        *("\u202e", "\u0000x", "\ud7ff", "\U0001f4de", "{file}", "{voice}", "%s", "${x}", "[", "9" * 5000),
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(), st.booleans(), st.none(), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
CHANGES = st.one_of(
    st.tuples(PATHS, st.just("set"), VALUES),
    st.tuples(PATHS, st.just("delete"), st.none()),
    st.tuples(PATHS, st.just("copy"), PATHS),
    st.tuples(PATHS, st.just("rename"), WORDS),
)


@often
@given(st.lists(CHANGES, min_size=1, max_size=4))
def test_values_set_deleted_copied_and_renamed(tmp_path: Path, changes: list[tuple[Keys, str, Any]]) -> None:
    checked(lay_out_data(tmp_path, changed(changes)))


@often
@given(seed=st.integers(0, 2**32), file=st.sampled_from(sorted(FILES)), how_many=st.integers(1, 4))
def test_lines_and_characters_moved_doubled_and_lost(tmp_path: Path, seed: int, file: str, how_many: int) -> None:
    dice = random.Random(seed)
    lines = FILES[file].splitlines(keepends=True)
    for _ in range(how_many):
        one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        match dice.randrange(6):
            case 0:
                lines[one], lines[other] = lines[other], lines[one]
            case 1:
                lines.insert(one, lines[other])
            case 2:
                del lines[one]
            case 3:
                lines[one] = " " * dice.randrange(5) + lines[one].lstrip(" ")
            case 4:
                place = dice.randrange(len(lines[one]) + 1)
                lines[one] = lines[one][:place] + dice.choice("\t:-[]{}\"'#&*!|>%@`,? ") + lines[one][place:]
            case 5:
                place = dice.randrange(len(lines[one]) + 1)
                lines[one] = lines[one][:place] + lines[one][place + 1 :]
    checked(lay_out(tmp_path, {**FILES, file: "".join(lines)}))


@often
@given(st.binary(max_size=80), st.integers(0, 2000), st.sampled_from(sorted(FILES)))
def test_bytes_that_are_written_over(tmp_path: Path, raw: bytes, place: int, file: str) -> None:
    whole = FILES[file].encode()
    checked(lay_out(tmp_path, {**FILES, file: whole[:place] + raw + whole[place + len(raw) :]}))


@often
@given(st.one_of(st.binary(max_size=200), st.text("number,;\"'\n\r\t +789vip", max_size=120).map(str.encode)))
@example(b"number,name\n" + b'"' * 1001)
@example(b'number,name\n"' + b"9" * 200_000 + b'",x\n')
@example(b"number,name\r+79161234567,Ann\r")
@example("\ufeffnumber;name\n+79161234567;Ann\n".encode())
@example(b"\x00" * 50)
@example(b"number,name\n" + b"\xed\xa0\x80,x\n")
def test_customers(tmp_path: Path, raw: bytes) -> None:
    checked(lay_out(tmp_path, dict(FILES), raw))


@often
@given(seed=st.integers(0, 2**32))
def test_customers_with_characters_written_over(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    text = list(CUSTOMERS)
    for _ in range(4):
        text[dice.randrange(len(text))] = dice.choice(',;"\n\r\x00 +9\u0430\u2028')
    checked(lay_out(tmp_path, dict(FILES), "".join(text)))


BOMB = b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c, *%c]\n" % (n + 1, n + 1, n, n, n) for n in range(97, 121))

NASTY = {
    "nothing": b"",
    "a lone hash": b"#",
    "deep lists": b"queues: " + b"[" * 5000 + b"]" * 5000,
    "deep tables": b"".join(b" " * n + b"a:\n" for n in range(3000)),
    "deep braces": b"{a: " * 4000,
    "a bomb of references": BOMB,
    "merged keys": b"queues:\n  a: &a {strategy: ring-all}\n  b: {<<: *a}\n",
    "a reference to itself": b"queues: &a [*a]\n",
    "a huge number": b"network: {sip_port: " + b"9" * 100_000 + b"}\n",
    "a huge float": b"network: {sip_port: 1e999999}\n",
    "a huge length of time": b"fallback_after: " + b"9" * 100_000 + b"h\n",
    "a huge day": b"hours: {h: {open: mon 9:00-18:00, holidays: [999999999-01-01]}}\n",
    "the last day": b"hours: {h: {open: mon 9:00-18:00, holidays: [9999-12-31..9999-12-31]}}\n",
    "a long line": b"company: " + b"x " * 500_000 + b"\n",
    "a long word": b"company: " + b"x" * 1_000_000 + b"\n",
    "a long key": b"x" * 100_000 + b": y\n",
    "many keys": b"".join(b"k%d: v\n" % n for n in range(5000)),
    "many phones alike": b"phones:\n" + b"  201: {}\n" * 3000,
    "many documents": b"---\n" * 5000,
    "only a NUL": b"\x00",
    "a byte order mark": b"\xef\xbb\xbfqueues: {}\n",
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbfqueues: {}\n",
    "a byte order mark inside": b"queues: {}\n\xef\xbb\xbfmenus: {}\n",
    "UTF-16": "queues: {}\n".encode("utf-16"),
    "UTF-32": "queues: {}\n".encode("utf-32"),
    "CRLF": b"queues: {}\r\nmenus: {}\r\n",
    "CR alone": b"queues: {}\rmenus: {}\r",
    "a surrogate": b"company: \xed\xa0\x80\n",
    "an escaped surrogate": b'company: "\\ud800"\n',
    "an escaped NUL": b'company: "\\0"\n',
    "an escaped newline in a name": b'queues: {"a\\nb": {strategy: ring-all}}\n',
    "Latin 1": "company: Brötchen\n".encode("latin-1"),
    "other line ends": "company: a\u2028b\u2029c\x85d\n".encode(),
    "a tag": b"!!python/object/apply:os.system [true]\n",
    "a directive": b"%YAML 9.9\n---\na: b\n",
    "complex keys": b"? [a, b]\n: c\n? {d: e}\n: f\n",
    "an empty key": b": x\n'': y\n",
    "quotes without end": b'company: "' + b"x\n" * 2000,
    "right to left": "company: \u202egnirts\n".encode(),
    "a path out of here": b"music: {default: [../../../../../../etc/passwd, /dev/zero, /proc/self/mem, .]}\n",
    "a path with a NUL": b'music: {default: "a\\0b"}\n',
    "a long path": b"music: {default: " + b"x/" * 5000 + b"}\n",
    "a home that is not": b"music: {default: ~nobody-at-all/x.wav}\n",
    "brackets that do not match": b"queues: [}{](\n",
}


@pytest.mark.parametrize("raw", NASTY.values(), ids=NASTY.keys())
def test_nasty_files(tmp_path: Path, raw: bytes) -> None:
    """Read before the others, so that of two equal keys its own counts."""
    checked(lay_out(tmp_path, {**FILES, "0.yml": raw}))


@pytest.mark.parametrize("name", ["x.yml", "customers.csv"])
@pytest.mark.parametrize("what", ["directory", "pipe", "loop", "nowhere", "zeros", "unreadable"])
def test_things_that_are_no_files(tmp_path: Path, what: str, name: str) -> None:
    lay_out(tmp_path, dict(FILES))
    path = tmp_path / name
    path.unlink(missing_ok=True)
    if what == "directory":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "unreadable":
        path.symlink_to("/proc/self/mem" if os.geteuid() == 0 else path.name)
    else:
        path.symlink_to({"loop": path.name, "nowhere": "not-there", "zeros": "/dev/zero"}[what])
    found = checked(tmp_path)
    assert found.settings is None
    assert [problem.file for problem in found.problems if not problem.warning] == [str(path)]


def test_a_directory_that_goes_round(tmp_path: Path) -> None:
    lay_out(tmp_path, dict(FILES))
    (tmp_path / "round").mkdir()
    (tmp_path / "round" / "again").symlink_to(tmp_path)
    assert checked(tmp_path).settings is not None
