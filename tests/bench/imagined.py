"""How fast the calls of calls.yml are made: those of the example again and again, from reading to the verdict."""

import re
import shutil
import tempfile
import time
from pathlib import Path

from appliance.rehearsal.run import run_cases
from tests.bench.figures import Verdict

CONFIG = Path(__file__).parents[2] / "config"
CALLS = 500
SECONDS = 2.0  # at most
_NAME = re.compile(r"^  (\S.*):$", re.MULTILINE)


class NotAsExpected(Exception):
    """The example's own calls fail, so that nothing can be measured."""


def measure() -> Verdict:
    """The example configuration read and checked, and so many calls made and compared. Raises NotAsExpected."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory, "config")
        shutil.copytree(CONFIG, config)
        (config / "calls.yml").write_text(many(CALLS))
        begin = time.perf_counter()
        rehearsal = run_cases(config)
        seconds = time.perf_counter() - begin
    if not rehearsal.ok or len(rehearsal.results) != CALLS:
        raise NotAsExpected(f"{len(rehearsal.failed)} of {len(rehearsal.results)} calls do not go as expected")
    return Verdict(f"seconds for {CALLS} calls of calls.yml, at most", seconds, SECONDS, seconds <= SECONDS)


def many(count: int) -> str:
    """The example's calls.yml with so many calls, of which each has a name of its own."""
    head, title, calls = (CONFIG / "calls.yml").read_text().partition("\ncalls:\n")
    each = re.split(r"\n\n(?=  \S)", calls.strip("\n"))
    named = (_NAME.sub(rf"  \1 {n}:", each[n % len(each)], count=1) for n in range(count))
    return head + title + "\n\n".join(named) + "\n"
