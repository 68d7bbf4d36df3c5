"""How long it takes to check and to render the configuration of a large call centre. No switch is needed.

Processor time is measured. Nothing waits in either, so an operator waits as long, unless others are at work too.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from appliance.configuration.checks import load
from appliance.secrets import needed
from appliance.settings import Settings, SwitchKind
from dialplan.render import Paths, render
from tests.bench.figures import Verdict
from tests.bench.large_site import write_large_site

EXTENSIONS, QUEUES, MENUS = 1000, 100, 200
TIMES = 5  # of which the median counts
CHECK_SECONDS, PROGRAM_SECONDS, RENDER_SECONDS = 1.0, 1.5, 2.0  # at most


class NotInOrder(Exception):
    """The large configuration has problems, so that nothing can be measured."""


def measure() -> Iterator[Verdict]:
    """Checked, and rendered for each switch. Raises NotInOrder."""
    for switch in SwitchKind:
        with tempfile.TemporaryDirectory() as folder:
            directory = Path(folder)
            write_large_site(directory, switch.value, EXTENSIONS, QUEUES, MENUS)
            checked = load(directory)
            if checked.settings is None or checked.problems:
                raise NotInOrder(str(checked.problems[0]))
            if switch is SwitchKind.ASTERISK:
                program = [sys.executable, "-m", "appliance.main", "-c", folder, "check"]
                yield _verdict("check", partial(load, directory), CHECK_SECONDS)
                yield _verdict("check, with the start of the program", partial(_run, program), PROGRAM_SECONDS)
            yield _verdict(f"render for {switch.value}", partial(_render, checked.settings), RENDER_SECONDS)


def _verdict(what: str, work: Callable[[], object], most: float) -> Verdict:
    took = []
    for _ in range(TIMES):
        begin = _processor_time()
        work()
        took.append(_processor_time() - begin)
    seconds = statistics.median(took)
    return Verdict(f"seconds to {what}, at most", seconds, most, seconds <= most)


def _processor_time() -> float:
    """Of this process and of those it has started and seen to their end."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _run(program: list[str]) -> None:
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL)


def _render(settings: Settings) -> None:
    paths = Paths(Path("/etc/switch"), Path("/var/sounds"), Path("/var/music"), settings.recordings)
    render(settings, dict.fromkeys(needed(settings), "1234"), paths)
