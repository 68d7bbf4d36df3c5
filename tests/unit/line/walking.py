"""Random walks through a rule-based machine, in thousands: hypothesis searches more cleverly, but costs far more.

Both take their steps from the same rules; a history in which a promise is broken is made as short as it can be.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import stateful
from hypothesis import strategies as st

Rule = Callable[..., None]
_STEP, _START, _ALWAYS, _WHEN = "_walk_step", "_walk_start", "_walk_always", "_walk_when"


def rule(**choices: Sequence[Any]) -> Callable[[Rule], Rule]:
    """A step, each argument one of some values."""

    def mark(function: Rule) -> Rule:
        arguments = {name: st.sampled_from(values) for name, values in choices.items()}
        marked = stateful.rule(**arguments)(function)
        setattr(marked, _STEP, choices)
        setattr(marked, _WHEN, getattr(function, _WHEN, None))
        return marked

    return mark


def precondition(holds: Callable[[Any], object]) -> Callable[[Rule], Rule]:
    """When a step can be taken. Stands above `rule`."""

    def mark(function: Rule) -> Rule:
        marked = stateful.precondition(lambda machine: bool(holds(machine)))(function)
        setattr(marked, _STEP, getattr(function, _STEP))
        setattr(marked, _WHEN, holds)
        return marked

    return mark


def initialize() -> Callable[[Rule], Rule]:
    """How every history begins."""

    def mark(function: Rule) -> Rule:
        marked = stateful.initialize()(function)
        setattr(marked, _START, True)
        return marked

    return mark


def invariant() -> Callable[[Rule], Rule]:
    """What holds after every step."""

    def mark(function: Rule) -> Rule:
        marked = stateful.invariant()(function)
        setattr(marked, _ALWAYS, True)
        return marked

    return mark


@dataclass(frozen=True)
class Step:
    name: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.arguments.items())})"


class Walks:
    """Histories of one kind of machine."""

    def __init__(self, machine: Callable[[], Any]) -> None:
        self._machine = machine
        found = {name: getattr(machine, name) for name in dir(machine)}
        self._rules = {name: each for name, each in found.items() if hasattr(each, _STEP)}
        self._start = [name for name, each in found.items() if hasattr(each, _START)]
        self._always = [name for name, each in found.items() if hasattr(each, _ALWAYS)]

    def go(self, count: int, seed: int) -> None:
        """Walk so often; raises AssertionError with the shortest history in which something is wrong."""
        for number in range(seed, seed + count):
            chance = random.Random(number)
            steps = self._draw(chance)
            if self.take(steps) is None:
                continue
            steps = self._shorten(steps)
            told = "\n".join(f"    {each}" for each in steps)
            raise AssertionError(f"walk {number} comes down to:\n{told}") from self.take(steps)

    def take(self, steps: Iterable[Step]) -> Exception | None:
        """What is wrong with a history; None: nothing."""
        machine = self._machine()
        try:
            for name in self._start:
                getattr(machine, name)()
            for step in steps:
                when = getattr(self._rules[step.name], _WHEN)
                if when is not None and not when(machine):
                    continue
                getattr(machine, step.name)(**step.arguments)
                for name in self._always:
                    getattr(machine, name)()
            machine.teardown()
        except Exception as wrong:  # whatever the machine raises is what was looked for
            return wrong
        return None

    def _draw(self, chance: random.Random) -> list[Step]:
        """Some kinds of step are frequent in one history and missing in another: rare meetings become likely."""
        often = {name: chance.choice((0, 1, 1, 4)) for name in self._rules}
        names = chance.choices([*often], [number or 0.05 for number in often.values()], k=chance.randint(15, 50))
        return [Step(name, self._arguments(name, chance)) for name in names]

    def _arguments(self, name: str, chance: random.Random) -> dict[str, Any]:
        return {key: chance.choice(values) for key, values in getattr(self._rules[name], _STEP).items()}

    def _shorten(self, steps: list[Step]) -> list[Step]:
        """Leave out what is not needed, first much at a time and then one by one."""
        size = len(steps) // 2
        while size:
            at = 0
            while at < len(steps):
                fewer = steps[:at] + steps[at + size :]
                if self.take(fewer) is None:
                    at += size
                else:
                    steps = fewer
            size //= 2
        return steps
