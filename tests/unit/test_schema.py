"""The JSON Schema for editors says what the reader says: no more keys, no fewer, and the same kinds of values."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from appliance.commands.check import schema as command
from appliance.configuration.documents import Items, Node, Table
from appliance.configuration.problems import Report
from appliance.configuration.reading import read
from appliance.configuration.schema import meanings, schema
from appliance.configuration.tables import Fields
from tests.unit.yaml_core import load_core

ROOT = Path(__file__).parents[2]
NO_PART = ("calls.yml",)  # lie beside a configuration, and are read for something else
SHIPPED = sorted(path for path in (ROOT / "config").glob("*.yml") if path.name not in NO_PART)
OTHERS = sorted(
    path
    for folder in ("tests/scenarios/config", "tests/box/config")
    for path in (ROOT / folder).glob("*.yml")
    if path.name not in NO_PART
)
SCHEMA = schema()
EDITOR = Draft202012Validator(SCHEMA)
WHOLE: dict[str, Any] = {}
for _path in SHIPPED:
    WHOLE |= load_core(_path.read_text())
# Sections that the example only speaks of.
EMPTY = {"keep": {}, "network": {}, "speech": {}, "codes": {}, "provisioning": {}, "webhooks": {}}

Keys = tuple[str | int, ...]


def underlined(data: object) -> bool:
    return not EDITOR.is_valid(data)


def test_the_file_beside_the_example_is_what_the_program_prints() -> None:
    """Made by: appliance schema > config/schema.json"""
    assert json.loads((ROOT / "config" / "schema.json").read_text()) == SCHEMA
    assert command.name == "schema"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", [*SHIPPED, *OTHERS], ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_every_shipped_file_is_fine(path: Path) -> None:
    found = EDITOR.iter_errors(load_core(path.read_text()))
    assert [f"{error.json_path}: {error.message}" for error in found] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_names_it_in_its_first_line(path: Path) -> None:
    assert path.read_text().splitlines()[0] == "# yaml-language-server: $schema=schema.json"


# Keys


def shapes_of(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The shape itself, what it refers to, and its alternatives."""
    if "$ref" in shape:
        yield from shapes_of(SCHEMA["$defs"][shape["$ref"].rpartition("/")[2]])
    yield shape
    for other in shape.get("anyOf", ()):
        yield from shapes_of(other)


def shapes_at(path: Keys) -> list[dict[str, Any]]:
    found = list(shapes_of(SCHEMA))
    for key in path:
        inner: list[dict[str, Any]] = []
        for shape in found:
            if isinstance(key, int):
                inner += shapes_of(shape.get("items", {}))
            elif key in shape.get("properties", {}):
                inner += shapes_of(shape["properties"][key])
            elif isinstance(shape.get("additionalProperties"), dict):
                inner += shapes_of(shape["additionalProperties"])
        found = inner
    return found


def tables(node: Node, *path: str | int) -> Iterator[tuple[Table, Keys]]:
    if isinstance(node, Table):
        yield node, path
        for key, entry in node.entries.items():
            yield from tables(entry.value, *path, key)
    elif isinstance(node, Items):
        for position, item in enumerate(node.items):
            yield from tables(item, *path, position)


def test_no_key_that_is_read_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks a table for a field is overheard, and the schema must know of that field there."""
    asked: list[tuple[Node | None, str]] = []
    begin, node = Fields.__init__, Fields.node

    def overhear_begin(self: Any, table: Node | None, *rest: Any) -> None:
        self.heard = table
        begin(self, table, *rest)

    def overhear(self: Any, key: str) -> Node | None:
        asked.append((self.heard, key))
        return node(self, key)

    monkeypatch.setattr(Fields, "__init__", overhear_begin)
    monkeypatch.setattr(Fields, "node", overhear)
    (tmp_path / "x.yml").write_text(json.dumps({**EMPTY, **WHOLE}))
    reading = read(tmp_path, Report())
    where = {id(table): path for table, path in tables(reading.tree)}
    where[id(reading.tree)] = ()
    checked = 0
    for table, key in asked:
        if isinstance(table, Table) and id(table) in where:
            known = {name for shape in shapes_at(where[id(table)]) for name in shape.get("properties", {})}
            assert key in known, (where[id(table)], key)
            checked += 1
    assert checked > 150


def described(shape: dict[str, Any], meaning: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Keys of the schema without a sentence, and sentences without a key."""
    if isinstance(meaning, str):
        return
    (shape,) = (
        each for each in shape.get("anyOf", [shape]) if "object" in each.get("type", ())
    )  # the other is yes or no
    inner = shape["additionalProperties"] if isinstance(shape.get("additionalProperties"), dict) else shape
    names = inner.get("properties", {})
    for name in {*names} ^ ({*meaning} - {"_"}):
        yield (*path, name)
    for name in {*names} & {*meaning}:
        yield from described(names[name], meaning[name], *path, name)


def test_every_key_has_a_meaning_and_no_meaning_is_left_over() -> None:
    """They are in appliance/configuration/keys.yml."""
    assert list(described(SCHEMA, meanings())) == []


# Values


def leaves(data: Any, *path: str | int) -> Iterator[Keys]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from leaves(value, *path, key)
    if not isinstance(data, dict | list):
        yield path


def branches(data: Any, *path: str | int) -> Iterator[Keys]:
    if isinstance(data, dict):
        yield path
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from branches(value, *path, key)


def changed(path: Keys, value: object) -> dict[str, Any]:
    """The example with another value at one place."""
    data = deepcopy(WHOLE)
    inside: Any = data
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return data


def complaints(directory: Path, data: object) -> list[str]:
    """What the reader alone finds wrong."""
    report = Report()
    (directory / "x.yml").write_text(json.dumps(data))
    read(directory, report)
    return [str(problem) for problem in report.found if not problem.warning]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schema")


def test_the_example_as_one_file_is_fine(directory: Path) -> None:
    assert complaints(directory, WHOLE) == []
    assert not underlined(WHOLE)


@pytest.mark.parametrize("path", [*branches(WHOLE)], ids=lambda path: ".".join(map(str, path)) or "the whole")
def test_a_key_that_is_refused_is_underlined(directory: Path, path: Keys) -> None:
    data = changed((*path, "No such!"), "x")
    assert complaints(directory, data)
    assert underlined(data)


@pytest.mark.parametrize("path", [*leaves(WHOLE)], ids=lambda path: ".".join(map(str, path)))
def test_a_list_or_a_table_that_is_refused_is_underlined(directory: Path, path: Keys) -> None:
    for value in ([["x"]], {"x": {"y": "z"}}, [], {}, None):
        data = changed(path, value)
        if complaints(directory, data):
            assert underlined(data), value


WORDS = st.sampled_from(
    [
        *("", "yes", "no", "25", "25s", "1h30m", "-1", "sales", "201", "hang up", "repeat", "any", "for ever"),
        *("2026-12-31", "x y"),
    ]
)
NUMBERS = st.one_of(st.integers(-10, 100_000), st.booleans())
VALUES = st.one_of(WORDS, NUMBERS, st.lists(WORDS, max_size=2), st.dictionaries(WORDS, WORDS, max_size=2))


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from([*leaves(WHOLE)]), value=VALUES)
def test_what_is_accepted_is_not_underlined(directory: Path, path: Keys, value: object) -> None:
    data = changed(path, value)
    if not complaints(directory, data):
        found = [f"{error.json_path}: {error.message}" for error in EDITOR.iter_errors(data)]
        assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "queues: {sales: {strategy: ring-all, ring_for: 25}}",
        "queues: {sales: {strategy: ring-al}}",
        "queues: {sales: {agents: [1001]}}",
        "queues: {Sales: {strategy: ring-all}}",
        "country: Russia",
        "menus: {main: {prompt: x, choices: {10: hang up}}}",
        "numbers: {4420: {open: {queue: a, menu: b}}}",
        "numbers: {4420: {open: {que: a}}}",
        "phones: {bob: {}}",
        "network: {sip_port: 99999}",
        "phones: {201: {secure: maybe}}",
        "switch: freepbx",
        "keep: {records: 90}",
    ],
)
def test_typical_mistakes_are_underlined(text: str) -> None:
    assert underlined(load_core(text))


def test_the_loader_of_these_tests_reads_as_editors_do() -> None:
    assert load_core("{a: yes, b: 0o17, c: 017, d: 9:30, e: true, f: '1', g: 1.5, h: }") == {
        **{"a": "yes", "b": 15, "c": 17, "d": "9:30", "e": True, "f": "1", "g": 1.5, "h": None}
    }
    with pytest.raises(yaml.YAMLError):
        load_core("a: [")
