"""The units for systemd, as systemd itself judges them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import needs

UNITS = sorted(path for path in (Path(__file__).parents[2] / "systemd").iterdir() if path.is_file())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
PROGRAM = "/opt/appliance/current/bin/appliance"
OLDEST = 250  # since then `security --offline` exists, and all that the units use
EXPOSED_AT_MOST = 30  # tenths


@pytest.fixture(scope="module", autouse=True)
def systemd_analyze() -> None:
    if shutil.which("systemd-analyze") is None:
        needs.lack("systemd", "there is no systemd-analyze (Debian package systemd)")
    said = subprocess.check_output(["systemd-analyze", "--version"], text=True)
    if int(said.split()[1]) < OLDEST:
        needs.lack("systemd", f"systemd {said.split()[1]} is older than {OLDEST}")


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", "--no-pager", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for unit in UNITS:  # the program is not installed here
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    done = analyze("verify", *(tmp_path / unit.name for unit in UNITS))
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("service", SERVICES, ids=lambda unit: unit.stem)
def test_little_is_exposed(service: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", service)
    assert done.returncode == 0, done.stdout


def test_a_service_that_is_open_is_found_out(tmp_path: Path) -> None:
    """Else the test above might measure nothing."""
    service = tmp_path / "open.service"
    service.write_text(re.sub(r"(?m)^(Protect|Private|Restrict|SystemCall).*\n", "", SERVICES[0].read_text()))
    assert analyze("security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", service).returncode != 0
