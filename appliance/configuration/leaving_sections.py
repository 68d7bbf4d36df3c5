"""The fields of a queue that say which callers leave it, and where they go."""

from collections.abc import Callable

from appliance.configuration import fields
from appliance.configuration.documents import Node
from appliance.configuration.problems import Report
from appliance.configuration.shapes import Shape, fields_of, shape_of, shaped
from appliance.configuration.tables import Fields
from appliance.settings import Destination
from appliance.settings.leaving import Overflow, Presence, WhenEmpty

ReadDestination = Callable[[Node], Destination]

_NOWHERE = Destination(hang_up=True)
_MOST = 10_000  # callers in line
_length = fields.whole(1, _MOST)
_CONDITIONS: dict[str, Callable[[Node], float]] = {
    "after": fields.some_time,
    "expected_wait": fields.some_time,
    "length": _length,
    "per_agent": fields.factor,
}
_WHO_IS_THERE = "Name at least one, such as ready."


def overflow_shape(destination: Shape) -> Shape:
    """What a rule looks like."""
    conditions = {name: shape_of(read) for name, read in _CONDITIONS.items()}
    return {**fields_of({**conditions, "to": destination}, ("to",)), "minProperties": 2}


def overflow(node: Node, destination: ReadDestination, report: Report) -> Overflow:
    """A rule by which callers leave: conditions, and where they go."""
    each = Fields(node, "A rule of overflow", node.place, report)
    rule = Overflow(
        to=each.need("to", destination, _NOWHERE),
        after=each.take("after", fields.some_time, None),
        expected_wait=each.take("expected_wait", fields.some_time, None),
        length=each.take("length", _length, None),
        per_agent=each.take("per_agent", fields.factor, None),
    )
    each.close()
    if not any(each.node(name) for name in _CONDITIONS):
        remedy = "Give it one, such as after: 5m, expected_wait: 10m, length: 20 or per_agent: 3."
        each.complain("This rule of overflow has no condition.", remedy)
    return rule


@shaped({"enum": ["refuse", "wait"]})
def refuses(node: Node) -> bool:
    """What becomes of who would join."""
    return fields.one_of("refuse", "wait")(node) == "refuse"


@shaped({"enum": ["leave", "stay"]})
def empties(node: Node) -> bool:
    """What becomes of who waits."""
    return fields.one_of("leave", "stay")(node) == "leave"


def when_empty(each: Fields, destination: ReadDestination) -> WhenEmpty:
    """What becomes of callers while nobody is there to serve them."""
    there = each.items("there", fields.member(Presence), _WHO_IS_THERE)
    standard = WhenEmpty(_NOWHERE)
    return WhenEmpty(
        to=each.need("to", destination, _NOWHERE),
        refuses=each.take("join", refuses, standard.refuses),
        empties=each.take("waiting", empties, standard.empties),
        there=frozenset(there) or standard.there,
        after=each.take("after", fields.duration, standard.after),
    )
