"""How many agents the formulas ask for. Pure.

They take all callers for alike and all agents for able to serve them, who answer in the moment they are free.
"""

from collections.abc import Callable

from appliance.staffing.erlang import Prediction, erlang_a, erlang_c
from appliance.staffing.target import Target


def by_erlang_c(load: float, handle: float, target: Target) -> int:
    """Nobody ever gives up."""
    return _least(lambda agents: erlang_c(load, agents, handle), target, int(load))


def by_erlang_a(load: float, handle: float, patience: float | None, target: Target) -> int:
    """Callers give up after `patience` seconds on average; None: never."""
    if patience is None:
        return by_erlang_c(load, handle, target)
    return _least(lambda agents: erlang_a(load, agents, handle, patience), target, 0)


def _least(predict: Callable[[int], Prediction | None], target: Target, too_few: int) -> int:
    """The least number of agents by which the target is met: with more it is met all the better."""

    def is_enough(agents: int) -> bool:
        found = predict(agents)
        return found is not None and target.is_met(
            found.served_within(target.within), found.abandons, found.occupancy
        )

    step = 1
    while not is_enough(too_few + step):
        too_few, step = too_few + step, step * 2
    enough = too_few + step
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if is_enough(middle) else (middle, enough)
    return enough
