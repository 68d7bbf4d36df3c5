"""The plays of ansible/: each of their variables is documented, in the file of the defaults and in the manual."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEFAULTS = (ROOT / "ansible" / "group_vars" / "all.yml").read_text()
VARIABLES = re.findall(r"^([a-z]\w*):", DEFAULTS, re.MULTILINE)


def test_each_variable_stands_in_the_table_of_the_manual() -> None:
    table = (ROOT / "docs" / "install.md").read_text().partition("## Variables")[2]
    first_column = "\n".join(line.split("|")[1] for line in table.split("\n") if "|" in line)
    listed = re.findall(r"`([a-z]\w*)`", first_column)
    assert sorted(listed) == sorted(VARIABLES)


def test_each_variable_has_a_word_on_it() -> None:
    blocks = re.split(r"\n\n", DEFAULTS)
    for block in blocks:
        if re.search(r"^[a-z]\w*:", block, re.MULTILINE):
            assert block.lstrip().startswith("#"), block
