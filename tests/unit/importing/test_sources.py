"""How sources are read: dumps, CSV files, Asterisk's files; and what is said of those that cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.importing.asterisk_conf import Reader, Section
from appliance.importing.asterisk_dialplan import is_of
from appliance.importing.csv_tables import read_rows, table_of
from appliance.importing.sql_dump import read_dump
from appliance.importing.texts import decoded
from appliance.trouble import Trouble

DUMP = """-- MySQL dump 10.19
CREATE TABLE `users` (
  `extension` varchar(20) NOT NULL DEFAULT '',
  `name` varchar(50) DEFAULT NULL,
  PRIMARY KEY (`extension`)
) ENGINE=InnoDB;
INSERT INTO `users` VALUES ('201','Anna'),
('202',NULL);
INSERT INTO `users` (`name`, `extension`) VALUES (_utf8mb4 'O\\'Neil; (x),\\n''y''', 203), (0x416e6e61,-4.5);
-- Dump completed on 2026-11-20 12:00:00
"""
CELLS = [("201", "Anna"), ("202", ""), ("203", "O'Neil; (x),\n'y'"), ("-4.5", "Anna")]


def test_the_rows_of_a_dump() -> None:
    rows = read_dump(DUMP, "a.sql")["users"]
    assert [(row.peek("extension"), row._cells["name"]) for row in rows] == CELLS
    assert [row.where for row in rows[:3]] == ["a.sql:7 users row 1", "a.sql:8 users row 2", "a.sql:9 users row 3"]


def quoted(text: str) -> str:
    """As mysqldump writes it."""
    for plain, written in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ('"', '\\"')):
        text = text.replace(plain, written)
    return f"'{text}'"


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_every_text_comes_back(rows: list[tuple[str, str]]) -> None:
    values = ",".join(f"({quoted(a)},{quoted(b)})" for a, b in rows)
    found = read_dump(f"INSERT INTO t (a,b) VALUES {values};", "a.sql")["t"]
    assert [(row._cells["a"], row._cells["b"]) for row in found] == rows


@pytest.mark.parametrize("end", range(len(DUMP) - 25, 190, -7))
def test_a_dump_that_is_cut_off_is_refused(end: int) -> None:
    with pytest.raises(Trouble, match=r"^a\.sql"):
        read_dump(DUMP[:end], "a.sql")


def test_what_is_no_dump_is_refused() -> None:
    with pytest.raises(Trouble, match="no table in it"):
        read_dump("Dear Sir,\nplease find enclosed", "a.txt")


def test_encodings() -> None:
    assert decoded("Отдел".encode(), "a") == ("Отдел", "utf-8")
    assert decoded("\ufeffОтдел".encode(), "a") == ("Отдел", "utf-8")  # noqa: RUF001
    assert decoded("Отдел".encode("cp1251"), "a") == ("Отдел", "cp1251")
    assert decoded("SET NAMES koi8r; Отдел".encode("koi8-r"), "a") == ("SET NAMES koi8r; Отдел", "koi8-r")
    assert decoded("Отдел".encode("utf-16"), "a") == ("Отдел", "utf-16")
    with pytest.raises(Trouble, match="a is not a text file"):
        decoded(b"\x7fELF\x00\x01", "a")


def test_csv() -> None:
    text = 'Extension;Name\r\n201;"Анна; ""A"""\r\n\r\n202;"two\r\nlines"\r\n203;NULL\r\n'
    rows = read_rows(text, "v_extensions.csv")
    assert [(row.where, row.peek("extension"), row.peek("name")) for row in rows] == [
        ("v_extensions.csv:2", "201", 'Анна; "A"'),
        ("v_extensions.csv:4", "202", "two\r\nlines"),
        ("v_extensions.csv:6", "203", ""),
    ]
    assert {table_of(name) for name in ("v_Extensions.csv", "public.v_extensions.csv.gz", "extensions.csv")} == {
        "v_extensions"
    }


@pytest.mark.parametrize(
    "text, said",
    [
        ("a,b\n1,2\n3\n", r"x\.csv:3: this row has 1 cells, the first line 2"),
        ('a,b\n1,"2\n', r"x\.csv:2: this is not a CSV row"),
        ("\n\n", "x.csv is empty"),
        ("hello there\n1\n", "does not begin with the names of columns"),
    ],
)
def test_a_csv_file_that_is_broken_is_refused(text: str, said: str) -> None:
    with pytest.raises(Trouble, match=said):
        read_rows(text, "x.csv")


def sections(complaints: list[str], **files: str) -> list[Section]:
    def load(name: str) -> list[tuple[str, str]]:
        stem = name.removesuffix(".conf")
        wanted = sorted(files) if stem == "*" else [stem] if stem in files else []
        return [(f"{each}.conf", files[each]) for each in wanted if each != "main" or stem == "main"]

    return Reader(load, lambda where, text: complaints.append(f"{where}: {text}")).read("main.conf")


def test_sections_with_templates_includes_and_remarks() -> None:
    complaints: list[str] = []
    main = (
        "[base](!)\nallow=alaw ; a remark\ncontext=in\n[201](base)\nsecret=a\\;b\ncontext=own\nallow+=,ulaw\n"
        ";-- a remark\nof two lines --; ring=20\n#include more.conf\n[201](+)\nlate = yes\n"
    )
    found = sections(complaints, main=main, more="[x](none,base)\nkey => value = more\nnonsense\n#exec /bin/id\n")
    by_name = {section.name: section for section in found}
    assert [(o.key, o.value) for o in by_name["201"].options] == [
        ("context", "in"),
        ("secret", "a;b"),
        ("context", "own"),
        ("allow", "alaw,ulaw"),
        ("ring", "20"),
        ("late", "yes"),
    ]
    assert by_name["201"].row()["context"] == "own"
    assert [(o.key, o.value, o.where) for o in by_name["x"].options][-1] == ("key", "value = more", "more.conf:2")
    assert by_name["base"].is_template
    assert complaints == [
        "more.conf:1: There is no template none.",
        "more.conf:3: This line is not understood: nonsense",
        "more.conf:4: The output of a program is included here (/bin/id); it is not run.",
    ]


def test_files_that_include_each_other_and_files_that_are_not_there() -> None:
    complaints: list[str] = []
    sections(complaints, main="[a]\nb=c\n#include main.conf\n#include nowhere.conf\n#tryinclude nowhere.conf\n")
    assert any("included in a circle" in each for each in complaints)
    assert any("nowhere.conf, which is included here, is not there" in each for each in complaints)


@given(st.text())
def test_any_text_at_all_is_read_or_complained_of(text: str) -> None:
    sections([], main=text)


@pytest.mark.parametrize(
    "exten, pattern, fits",
    [
        ("201", "_2XX", True),
        ("2010", "_2XX", False),
        ("101", "_[2-4]XX", False),
        ("301", "_[2-4]XX", True),
        ("84951234567", "_8.", True),
        ("8", "_8.", False),
        ("8", "_8!", True),
        ("105", "_NXX", False),
        ("*98", "_*9X", True),
        ("1", "_[", False),
    ],
)
def test_patterns_of_extensions(exten: str, pattern: str, fits: bool) -> None:
    assert is_of(exten, pattern) is fits
