"""What several of these tests need."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.configuration import checks
from tests import needs


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Postgres of our own on a Unix socket, where the machine has one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(shutil.which("initdb") or "/none")]
    programs = found[-1].parent
    if not (programs / "initdb").exists():
        needs.lack("postgres", "Debian package postgresql is not installed")
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/appliance-pg-XXXXXX"], text=True).strip())
    as_user: list[str] = []
    if Path("/proc/self").owner() == "root":  # Postgres refuses to run as root
        shutil.chown(folder, "nobody")
        as_user = ["runuser", "-u", "nobody", "--"]
    data, options = folder / "data", f"-k {folder} -c listen_addresses="
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run([*as_user, programs / "initdb", "-D", data, "-U", "test", "-A", "trust"], **quiet)
    control = [*as_user, programs / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **quiet)
    try:
        yield f"postgresql://test@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)


@pytest.fixture
def parts_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configurations that are about one thing need not make use of all that they define."""
    monkeypatch.setattr(checks, "WHOLE", ())
