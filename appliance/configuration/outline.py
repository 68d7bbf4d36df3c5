"""Which fields a table has, found out by having them read: nothing is written down a second time.

What reads a table is handed fields of which none is there; each that it asks for is taken down with its shape.
"""

from collections.abc import Callable
from typing import TypeVar

from appliance.configuration.documents import Node
from appliance.configuration.problems import Place, Report
from appliance.configuration.shapes import Shape, fields_of, one_or_several, shape_of, table_of
from appliance.configuration.tables import Fields

T = TypeVar("T")


def outline(read: Callable[[Fields], object]) -> Shape:
    """The shape of a table of fields."""
    asked = _Asked()
    read(asked)
    return fields_of(asked.properties, tuple(asked.required))


class _Asked(Fields):
    """Fields that are not there, and remember who asked for them."""

    def __init__(self) -> None:
        super().__init__(None, "", Place(""), Report())
        self.properties: dict[str, Shape] = {}
        self.required: list[str] = []

    def node(self, key: str) -> Node | None:
        raise LookupError(f"{key} is read by nothing that knows the shape of its values.")

    def needed(self, key: str) -> Node | None:
        return None  # not always: only because of what another field says

    def take(self, key: str, read: Callable[[Node], T], default: T) -> T:
        self.properties[key] = shape_of(read)
        return default

    def need(self, key: str, read: Callable[[Node], T], fallback: T) -> T:
        self.required.append(key)
        return self.take(key, read, fallback)

    def items(
        self, key: str, read: Callable[[Node], T], if_empty: str = "", *, needed: bool = False
    ) -> tuple[T, ...]:
        self._add(key, one_or_several(shape_of(read), least=1 if if_empty else 0), needed)
        return ()

    def section(
        self, key: str, read: Callable[[Fields], T], default: T, *, switch: Callable[[Node], bool] | None = None
    ) -> T:
        table = outline(read)
        self._add(key, table if switch is None else {"anyOf": [shape_of(switch), table]})
        return default

    def each(
        self,
        key: str,
        kind: str,
        read_id: Callable[[Node], str],
        read: Callable[[str, Fields], T],
        spellings: dict[str, str] | None = None,
    ) -> dict[str, T]:
        self._add(key, _or_nothing(table_of(shape_of(read_id), outline(lambda fields: read("", fields)))))
        return {}

    def table(
        self,
        key: str,
        read_key: Callable[[Node], str],
        read: Callable[[Node], T],
        fallback: T,
        *,
        needed: bool = False,
    ) -> dict[str, T]:
        self._add(key, _or_nothing(table_of(shape_of(read_key), shape_of(read))), needed)
        return {}

    def _add(self, key: str, shape: Shape, needed: bool = False) -> None:
        self.properties[key] = shape
        if needed:
            self.required.append(key)


def _or_nothing(shape: Shape) -> Shape:
    """A table that may be empty: `queues:` and nothing behind it."""
    return {**shape, "type": ["object", "null"]}
