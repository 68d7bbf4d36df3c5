"""What a value looks like to an editor: the JSON Schema of each type of field, kept with the type itself. Pure.

An editor knows YAML's own types: 201 is a number to it and "201" is text, where to the reader both are the same.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

Shape = dict[str, Any]
F = TypeVar("F", bound=Callable[..., object])

_SAMPLES = {"integer": ("1", "10"), "number": ("1.5",), "boolean": ("true",)}

TEXT: Shape = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
SWITCH: Shape = {"enum": ["yes", "no", "on", "off", "true", "false", True, False]}


def shaped(shape: Shape) -> Callable[[F], F]:
    """Keep a shape with a type of field."""

    def keep(read: F) -> F:
        read.__dict__["shape"] = shape
        return read

    return keep


def shape_of(read: Callable[..., object]) -> Shape:
    """The shape of what a type of field reads."""
    shape = getattr(read.func if isinstance(read, partial) else read, "shape", None)
    if shape is None:
        raise LookupError(f"{read!r} does not say what its values look like; decorate it with @shaped(...).")
    return dict(shape)


def form(pattern: str) -> Shape:
    """Text of a certain form. What YAML takes for a number may be of that form too."""
    kinds = [kind for kind, samples in _SAMPLES.items() if any(re.fullmatch(pattern, each) for each in samples)]
    return {"type": ["string", *kinds] if kinds else "string", "pattern": rf"^\s*(?:{pattern})\s*$"}


def one_or_several(shape: Shape, least: int = 0) -> Shape:
    """A list; a single value may stand without the brackets."""
    several = {"type": "array", "items": shape, **({"minItems": least} if least else {})}
    return {"anyOf": [shape, several]}


def table_of(key: Shape, value: Shape) -> Shape:
    """A table whose keys are up to the operator."""
    if "enum" in key:
        return {"type": "object", "properties": dict.fromkeys(key["enum"], value), "additionalProperties": False}
    names = {"pattern": key["pattern"]} if "pattern" in key else {}
    return {"type": "object", "propertyNames": names, "additionalProperties": value}


def fields_of(properties: Mapping[str, Shape], required: tuple[str, ...] = ()) -> Shape:
    """A table with certain fields."""
    more = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}
