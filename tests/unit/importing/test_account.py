"""Nothing is dropped silently: whatever is added to a source is in the draft or in the list."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance.importing.draft import Draft
from appliance.importing.freepbx import UNDERSTOOD
from appliance.importing.fusionpbx import UNDERSTOOD as UNDERSTOOD_CSV
from appliance.importing.sql_dump import read_dump
from appliance.importing.writing import files_of, list_of
from tests.unit.importing.conftest import SAMPLES, drafted


def said(draft: Draft) -> str:
    """All that an operator can read."""
    return "\n".join([*files_of(draft).values(), list_of(draft)])


# Tables of keys and values, or of which a row says nothing but that there is one.
KEYWORDS = {"freepbx_settings"}


@pytest.mark.parametrize("table", [each for each in UNDERSTOOD if each not in KEYWORDS])
def test_a_column_that_is_not_known_is_named_for_each_row(table: str, tmp_path: Path) -> None:
    text = (SAMPLES / "freepbx.sql").read_text()
    rows = read_dump(text, "freepbx.sql")[table]
    columns = [*rows[0].columns(), "strange"]
    values = []
    for n, row in enumerate(rows):
        cells = [*(row._cells[column] for column in columns[:-1]), f"odd-{n}."]
        values.append(
            "(" + ",".join("'" + cell.replace("\\", "\\\\").replace("'", "\\'") + "'" for cell in cells) + ")"
        )
    new = f"INSERT INTO `{table}` ({','.join(columns)}) VALUES {','.join(values)};"
    changed, times = re.subn(rf"^INSERT INTO `{table}` .*?;$", lambda _: new, text, flags=re.DOTALL | re.MULTILINE)
    assert times == 1
    (tmp_path / "freepbx.sql").write_text(changed)
    text = said(drafted("freepbx", tmp_path / "freepbx.sql"))
    for n in range(len(rows)):
        where = re.escape(f"{table} row {n + 1}")
        assert f"odd-{n}." in text or re.search(rf"- freepbx\.sql:\d+ {where}:", text), f"{table} row {n + 1}"


@pytest.mark.parametrize("table", ["sip", "pjsip", "queues_details"])
def test_a_keyword_that_is_not_known_is_named(table: str, tmp_path: Path) -> None:
    text = (SAMPLES / "freepbx.sql").read_text()
    ids = {row.peek("id") for row in read_dump(text, "x")[table]}
    rows = ",".join(f"('{id}','strange','odd-{id}.',0)" for id in ids)
    (tmp_path / "freepbx.sql").write_text(
        text.replace("-- Dump", f"INSERT INTO `{table}` VALUES {rows};\n-- Dump")
    )
    found = said(drafted("freepbx", tmp_path / "freepbx.sql"))
    assert [id for id in ids if f"odd-{id}." not in found] == []


@pytest.mark.parametrize("table", [each for each in UNDERSTOOD_CSV if each != "v_voicemails"])
def test_a_column_of_a_csv_that_is_not_known_is_named(table: str, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "fusionpbx", tmp_path / "fusionpbx")
    file = tmp_path / "fusionpbx" / f"{table}.csv"
    lines = file.read_text().splitlines(keepends=True)
    changed = [f"strange,{lines[0]}"]
    for n, line in enumerate(lines[1:], start=2):
        is_row = not line.startswith('lines"')  # the second line of a cell
        changed.append(f"odd-{n}.,{line}" if is_row else line)
    file.write_text("".join(changed))
    text = said(drafted("fusionpbx", tmp_path / "fusionpbx"))
    for n, line in enumerate(changed[1:], start=2):
        if line.startswith("odd-"):
            assert f"odd-{n}." in text or f"- {table}.csv:{n}:" in text, f"{table} {n}"


@pytest.mark.parametrize(
    "name", ["pjsip.conf", "queues.conf", "queues.d/support.conf", "agents.conf", "musiconhold.conf"]
)
def test_an_option_that_is_not_known_is_named_for_each_section(name: str, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "asterisk", tmp_path / "asterisk")
    file = tmp_path / "asterisk" / name
    wanted = []
    changed = []
    for n, line in enumerate(file.read_text().splitlines(), start=1):
        changed.append(line)
        if line.startswith("["):
            changed.append(f"strange=odd-{n}.")
            wanted += [] if "(!)" in line else [(f"odd-{n}.", f"{line.partition(']')[0]}] is no trunk")]
    file.write_text("\n".join(changed))
    text = said(drafted("asterisk", tmp_path / "asterisk"))
    assert [each for each in wanted if not any(word in text for word in each)] == []


def test_a_line_of_the_dialplan_that_is_not_known_is_named(tmp_path: Path) -> None:
    """Whether it stands before, in or after what is understood."""
    text = (SAMPLES / "asterisk" / "extensions.conf").read_text().splitlines()
    places = [n for n, line in enumerate(text) if re.match(r"\s*(exten|same) *=>(?!.*hint)", line)]
    for n in places:
        directory = tmp_path / str(n)
        shutil.copytree(SAMPLES / "asterisk", directory)
        new = [*text[: n + 1], f" same => n,Strange(odd-{n}.)", *text[n + 1 :]]
        (directory / "extensions.conf").write_text("\n".join(new))
        assert f"odd-{n}." in said(drafted("asterisk", directory)), text[n]


def test_no_secret_stands_anywhere_but_among_the_secrets(drafts: Mapping[str, Draft]) -> None:
    for kind, draft in drafts.items():
        assert len(draft.secrets) >= 4, kind
        found = said(draft)
        for name, secret in draft.secrets.items():
            if not secret.isdecimal():  # a password that is the extension is a word of many lines
                assert secret not in found, name
    for pin in ("482915", "9911", "9876", "UklGRg", "very-secret", "778899"):
        assert all(pin not in said(draft) for draft in drafts.values()), pin
