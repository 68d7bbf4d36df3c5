"""Whatever check accepts, both switches can be told; and no name or prompt means anything to a switch."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.secrets import needed
from appliance.settings import Settings
from dialplan.render import Paths, render
from tests.unit.fuzz.example import WHOLE, Keys, at, changed, checked, every_path, lay_out_data, often, seldom

SWITCHES = ("asterisk", "freeswitch")
PATHS = every_path(WHOLE)
# Where people write what they like.
FREE = [
    path
    for path in PATHS
    if isinstance(at(WHOLE, path), str)
    and (
        path[-1] in ("name", "company", "greeting", "prompt", "message", "ru", "en")
        or path[0] in ("pauses", "company")
        or (path[-2:-1] == ("choices",) and path[0] == "dispositions")
    )
    and path[0] != "speech"
]
SHOWN = [path for path in FREE if path[0] == "phones"]  # on the displays of phones: the one that reaches a switch
HARMLESS = "Harmless"
HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
    st.text("[]{}<>&;,|$\"'\\/=()%^~#!*? ax1", min_size=1, max_size=30),
)
ODD = st.sampled_from(
    ["5m", "7", "a", "hang up", "10h", "x.y", "n" * 900, "n" * 5000, "\N{TELEPHONE RECEIVER}" * 900]
)


def rendered(settings: Settings) -> Mapping[str, str]:
    secrets = dict.fromkeys(needed(settings), "1234")
    return render(settings, secrets, Paths(Path("/c"), Path("/s"), Path("/m"), settings.recordings))


def skeleton(name: str, text: str) -> object:
    """What the switch takes a file for, without what names and prompts are made of."""
    if name.endswith(".xml"):
        root = ElementTree.fromstring(re.sub(r"<\?.*?\?>|<!DOCTYPE.*?>|&\w+_\w+;", "", text, flags=re.DOTALL))
        return Counter((each.tag, tuple(sorted(each.keys()))) for each in root.iter())
    text = re.sub(r"\bappliance-mark-[0-9a-f]+", "", text)  # by which it is seen that a file has been read
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(";")]
    heads = Counter(re.split(r"=>?", line, maxsplit=1)[0].strip() for line in lines)
    comments = len(re.findall(r"(?<!\\);", "\n".join(lines)))
    variables = text.count("${") + text.count("$[") if name == "extensions.conf" else 0  # expanded nowhere else
    return heads, comments, variables


@pytest.mark.parametrize("switch", SWITCHES)
@often
@given(
    changes=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(FREE), st.just("set"), HOSTILE),
            st.tuples(st.sampled_from(PATHS), st.just("delete"), st.none()),
            st.tuples(st.sampled_from(PATHS), st.just("copy"), st.sampled_from(PATHS)),
            st.tuples(st.sampled_from(PATHS), st.just("set"), ODD),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_accepted_is_rendered(tmp_path: Path, switch: str, changes: list[tuple[Keys, str, Any]]) -> None:
    data = changed(changes)
    data["switch"] = switch
    settings = checked(lay_out_data(tmp_path, data)).settings
    if settings is not None:
        for name, text in rendered(settings).items():
            skeleton(name, text)


@pytest.mark.parametrize("switch", SWITCHES)
@seldom
@given(path=st.sampled_from(FREE) | st.sampled_from(SHOWN), hostile=HOSTILE)
@example(path=("phones", "201", "name"), hostile="${SHELL(reboot)}")
@example(path=("phones", "201", "name"), hostile='x"><action application="system"/>')
@example(path=("phones", "201", "name"), hostile="a; b ]]> [evil]")
@example(path=("company",), hostile="$${x} ${y} \\")
@example(path=("menus", "main", "prompt", "say", "ru"), hostile="`reboot` $(reboot) {file} {voice}")
def test_no_name_or_prompt_means_anything(tmp_path: Path, switch: str, path: Keys, hostile: str) -> None:
    told = []
    for text in (HARMLESS, hostile):
        data = changed([(path, "set", text)])
        data["switch"] = switch
        settings = checked(lay_out_data(tmp_path, data)).settings
        if settings is None:
            return  # it was refused
        told.append({name: skeleton(name, content) for name, content in rendered(settings).items()})
    assert told[0] == told[1]
