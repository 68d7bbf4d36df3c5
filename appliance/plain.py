"""Dataclasses as plain JSON and back, by their type hints alone. Pure.

What is as it would be anyway (the default of a field) is left out. Floats come back exactly as they were: JSON has
the shortest digits that mean the same number. Of what another version of the program has written, fields that are
not known are passed over, and Unknown is raised where one is missing that has no default.
"""

import types
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

Plain = Any  # what JSON has words for
Decode = Callable[[Plain], Any]


class Unknown(ValueError):
    """Another version of the program has written this, and means by it what we do not know."""


def to_plain(value: object) -> Plain:
    """What JSON has words for; tuples become lists, sets become lists in order."""
    if value is None or isinstance(value, str | float | int):
        return value
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        own = ((name, getattr(value, name), default) for name, default in _defaults(_type(value)))
        return {name: to_plain(held) for name, held, default in own if default is MISSING or held != default}
    if isinstance(value, Mapping):
        return {to_plain(key): to_plain(each) for key, each in value.items()}
    if isinstance(value, Set):
        return sorted(map(to_plain, value))
    if isinstance(value, Sequence):
        return [to_plain(each) for each in value]
    raise TypeError(f"{value!r} cannot be written down")


def from_plain(kind: Any, plain: Plain) -> Any:
    """The value of that type. Raises Unknown."""
    return _decoder(kind)(plain)


def _type(value: object) -> type:
    return type(value)


@cache
def _defaults(kind: Any) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, _default(field)) for field in fields(kind))


def _default(field: Field[Any]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _same(plain: Plain) -> Any:
    return plain


@cache
def _decoder(kind: Any) -> Decode:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in (str, float, int, bool, object, Any, type(None)):
        return _same
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is tuple and arguments[-1] is not Ellipsis:
        each = [_decoder(argument) for argument in arguments]
        return lambda plain: tuple(decode(part) for decode, part in zip(each, plain, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        key, value = map(_decoder, arguments)
        return lambda plain: {key(name): value(part) for name, part in plain.items()}
    if origin is not None and issubclass(origin, Sequence | Set):
        make, one = _MADE.get(origin, list), _decoder(arguments[0])
        return lambda plain: make(map(one, plain))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind)
    raise TypeError(f"{kind} cannot be read back")


_MADE: Mapping[Any, Callable[[Any], Any]] = {tuple: tuple, set: set, Set: frozenset, frozenset: frozenset}


def _union(arguments: tuple[Any, ...]) -> Decode:
    kinds = [argument for argument in arguments if argument is not type(None)]
    if len(kinds) != 1:
        raise TypeError(f"{arguments}: which of these it is cannot be read back")
    decode = _decoder(kinds[0])
    return lambda plain: None if plain is None else decode(plain)


def _enum(kind: type[Enum]) -> Decode:
    def decode(plain: Plain) -> Enum:
        try:
            return kind(plain)
        except ValueError as error:
            raise Unknown(str(error)) from None

    return decode


def _dataclass(kind: type) -> Decode:
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}

    def decode(plain: Plain) -> Any:
        try:
            return kind(**{name: decoders[name](part) for name, part in plain.items() if name in decoders})
        except TypeError as error:
            raise Unknown(str(error)) from None

    return decode
