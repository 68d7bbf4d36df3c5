"""All calls of calls.yml made, and what became of them compared with what was expected."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.configuration import checks
from appliance.configuration.checks import Checked
from appliance.configuration.problems import Problem, Report, shown
from appliance.rehearsal.cases import Case, read_cases
from appliance.rehearsal.expecting import Failure
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.trace import Trace, trace

_COLLECT_AFTER = 50_000  # objects


@dataclass(frozen=True)
class Result:
    """A case that has been tried. `failures` are sentences with their places in calls.yml."""

    case: Case
    trace: Trace
    failures: tuple[Problem, ...]


@dataclass(frozen=True)
class Rehearsal:
    """What became of all cases. With `problems`, calls.yml could not be understood and none was tried."""

    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()
    names: tuple[str, ...] = ()  # of all cases there are

    @property
    def failed(self) -> Sequence[Result]:
        return [result for result in self.results if result.failures]

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against this configuration; also where there is no calls.yml."""
        return not self.failed and not any(not problem.warning for problem in self.problems)


def run_cases(directory: Path, checked: Checked | None = None, only: str | None = None) -> Rehearsal:
    """Try the cases of a directory whose configuration has no errors, or the `only` one of that name."""
    checked = checked or checks.load(directory)
    return rehearse(directory, Premises(checked.reading), only)


def rehearse(directory: Path, premises: Premises, only: str | None = None) -> Rehearsal:
    """The same on premises that are ready."""
    report = Report()
    cases = read_cases(directory, premises, report)
    problems = report.sorted()
    if any(not problem.warning for problem in problems):
        return Rehearsal(problems=problems)
    tried = (case for case in cases if only is None or case.name == only)
    names = tuple(case.name for case in cases)
    with _fewer_collections():
        return Rehearsal(tuple(_result(case, premises) for case in tried), problems, names)


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Looking for garbage among all that has been kept of the calls before takes half of the time otherwise."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _result(case: Case, premises: Premises) -> Result:
    told = trace(premises, case.call)
    failures = [each for expectation in case.expectations for each in expectation(told)]
    return Result(case, told, tuple(_problem(case, each) for each in failures))


def _problem(case: Case, failure: Failure) -> Problem:
    text = f"{shown(case.name)} should {failure.should}, but {failure.does}."
    return Problem(failure.place.file, failure.place.line, failure.place.column, text)
