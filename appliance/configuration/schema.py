"""The whole configuration as a JSON Schema, which lets editors complete and underline."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from appliance.configuration import fields
from appliance.configuration.documents import Node, Table, Text, read_document
from appliance.configuration.outline import outline
from appliance.configuration.problems import Report
from appliance.configuration.queue_sections import QueueSections
from appliance.configuration.reading import read_settings
from appliance.configuration.sections import Sections
from appliance.configuration.shapes import Shape, shape_of
from appliance.configuration.tables import Fields

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KEYS = Path(__file__).with_name("keys.yml")

_ITSELF = "_"
_TITLE = "Configuration of the telephony appliance"
# What stands in many places is said once, and referred to.
_SHARED = {
    "prompt": shape_of(Sections.prompt),
    "destination": shape_of(Sections.destination),
    "choice": shape_of(Sections.menu_destination),
    "length-of-time": shape_of(fields.duration),
    "yes-or-no": shape_of(fields.yes_or_no),
    "language": shape_of(fields.language),
    "id": shape_of(fields.name),
    "phrase": shape_of(Sections.phrase),
    "text": shape_of(fields.text),
    "needs": shape_of(QueueSections.needs),
}

Meanings = Mapping[str, Any]  # of keys: a sentence, or those of a table's keys with "_" for the table itself


def schema() -> Shape:
    """Of one file. Any section may stand in any file, so none has to be there."""
    whole = outline(read_everything)
    described = _described(whole, meanings())
    definitions = {name: _referring(shape, but=name) for name, shape in _SHARED.items()}
    return {"$schema": DIALECT, "title": _TITLE, **_referring(described), "$defs": definitions}


def read_everything(top: Fields) -> object:
    """Ask for every field there is."""
    return read_settings(top, Path("/"), Report(), False, {})


@lru_cache(maxsize=1)
def meanings() -> Meanings:
    """What each key means."""
    report = Report()
    found = _plain(read_document(KEYS, report))
    assert not report.found and isinstance(found, dict), report.found
    return found


def _plain(node: Node | None) -> object:
    if isinstance(node, Table):
        return {key: _plain(entry.value) for key, entry in node.entries.items()}
    return " ".join(node.text.split()) if isinstance(node, Text) else None


def _described(shape: Shape, meaning: Meanings | str) -> Shape:
    """A shape with what its keys mean."""
    if isinstance(meaning, str):
        return {**shape, "description": meaning}
    more = {"description": meaning[_ITSELF]} if _ITSELF in meaning else {}
    if "anyOf" in shape:
        inner = {key: each for key, each in meaning.items() if key != _ITSELF}
        return {**shape, **more, "anyOf": [_described(each, inner) for each in shape["anyOf"]]}
    if isinstance(shape.get("additionalProperties"), dict):
        inner = {key: each for key, each in meaning.items() if key != _ITSELF}
        return {**shape, **more, "additionalProperties": _described(shape["additionalProperties"], inner)}
    properties = {
        key: _described(each, meaning[key]) if key in meaning else each
        for key, each in shape.get("properties", {}).items()
    }
    return {**shape, **more, "properties": properties}


def _referring(value: Any, but: str = "") -> Any:
    """The same with references to what is shared."""
    if isinstance(value, list):
        return [_referring(each) for each in value]
    if not isinstance(value, dict):
        return value
    bare = {key: each for key, each in value.items() if key != "description"}
    for name, shape in _SHARED.items():
        if name != but and bare == shape:
            about = {key: value[key] for key in ("description",) if key in value}
            return {"$ref": f"#/$defs/{name}", **about}
    return {key: _referring(each) for key, each in value.items()}
