"""The program as a whole: what is said when something cannot be done, and the exit status."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.site import places, program


def test_trouble_is_one_sentence_and_status_2(site: Path) -> None:
    done = program(*places(site), "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("appliance: The appliance is not running") and done.stderr.count("\n") == 1


def test_statuses_of_the_program(site: Path) -> None:
    assert program(*places(site), "check").returncode == 0
    assert program(*places(site), "nonsense").returncode == 2
    (site / "config" / "site.yml").write_text("company: [")
    assert program(*places(site), "check").returncode == 1
    assert program(*places(site), "run").returncode == 2


def test_a_file_that_may_not_be_written_is_named(site: Path) -> None:
    (site / "asterisk").write_text("a file where a directory should be")
    done = program(*places(site), "render", "--into", f"{site}/asterisk")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"{site}/asterisk" in done.stderr


def test_a_fault_of_ours_is_kept_in_a_file_and_named(site: Path) -> None:
    code = "from appliance import main, places; places.Places.checked = lambda self: 1 / 0; main.main(['check'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(site)},
        timeout=60,
    )
    assert done.returncode == 2
    assert "This is a fault in the appliance; please report it" in done.stderr
    assert "Traceback" not in done.stderr
    (file,) = site.glob("appliance-fault-*.txt")
    assert str(file) in done.stderr
    assert "ZeroDivisionError" in file.read_text()


@pytest.mark.parametrize("arguments", [("report",), ("report", "--json"), ("report", "--help"), ("--help",)])
def test_a_reader_who_leaves_ends_the_program_quietly(records: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "appliance.main", *places(records), *arguments]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


def test_a_full_disk_under_the_output_is_said(records: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "appliance.main", *places(records), "report"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (
        2,
        "appliance: The output cannot be written: No space left on device.\n",
    )


def test_an_interrupt_ends_the_program_quietly(site: Path) -> None:
    code = (
        "from appliance import main, places\n"
        "import signal\n"
        "places.Places.checked = lambda self: signal.raise_signal(signal.SIGINT)\n"
        "main.main(['check'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "\n")  # closes the line with ^C
