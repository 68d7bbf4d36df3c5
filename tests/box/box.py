"""A bare Debian that is booted with systemd in a container, and is what an administrator has in front of them.

Its disk is a layer over an unpacked base, so each box is new. Everything is mounted in a mount namespace of the
container's own and gone with it.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

import gevent
from gevent import subprocess as started

from tests.box.world import ADMINISTRATOR, BOX, BOX_ADDRESS, PROXY
from tests.needs import lack

PACKAGES = "systemd,systemd-sysv,dbus,openssh-server,iproute2,ca-certificates"  # no Python: the play brings it
KEYRINGS = Path("/usr/share/keyrings")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NEEDED = ("systemd-nspawn", "mmdebstrap", "ip", "unshare", "ssh", "ssh-keygen")
BOOT_TIME = 60.0

# cgroup2 alone: systemd of this release refuses a host that has version 1 beside it.
BOOT = """
set -e
mount -t cgroup2 none /sys/fs/cgroup
mount -t overlay box -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
shift
directory=$1
shift
exec systemd-nspawn --quiet --boot --keep-unit --register=no --link-journal=no --resolv-conf=off --timezone=off \
    --console=read-only --capability=CAP_NET_ADMIN --machine=appliance-box --directory="$directory/root" "$@"
"""


def why_not() -> str | None:
    """Why no box can be booted here; None where it can be tried."""
    if os.geteuid() != 0:
        return "it takes root"
    missing = [program for program in NEEDED if shutil.which(program) is None]
    return f"this machine lacks {', '.join(missing)}" if missing else None


def make_base(base: Path, release: str) -> None:
    """Unpack and configure the bare system of that release of Debian, once."""
    if base.exists():
        return
    new = base.with_name(base.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.parent.mkdir(parents=True, exist_ok=True)
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}", f"--keyring={KEYRINGS}"]
    command += ['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Retries "3"', release, str(new)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        complaint = done.stderr.strip().splitlines() or [f"mmdebstrap ended with status {done.returncode}"]
        lack("box", f"Debian {release} could not be had: {complaint[-1]}")
    new.rename(base)


class Box:
    """One booted system. `cache` keeps downloaded packages from box to box, `directory` its disk and its logs."""

    def __init__(self, base: Path, directory: Path, cache: Path) -> None:
        self.directory = directory
        self.key = directory / "key"
        self._base = base
        self._cache = cache
        self._process: started.Popen | None = None

    def __enter__(self) -> Self:
        for name in ("upper/root/.ssh", "upper/etc/apt/apt.conf.d", "work", "root"):
            (self.directory / name).mkdir(parents=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        self._prepare(self.directory / "upper")
        self.boot()
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            # The first process in there takes all others with it; the disk is thrown away.
            for pid in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split():
                os.kill(int(pid), signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _prepare(self, disk: Path) -> None:
        """What is not the box's own: the administrator's key, and the way to packages that this machine has."""
        (disk / "root/.ssh/authorized_keys").write_bytes(self.key.with_suffix(".pub").read_bytes())
        (disk / "root/.ssh").chmod(0o700)
        (disk / "root").chmod(0o700)
        (disk / "etc/apt/apt.conf.d/99test").write_text(
            f'Acquire::http::Proxy "{PROXY}";\nAcquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n'
            'Acquire::Languages "none";\nAPT::Keep-Downloaded-Packages "true";\n'
            'Dpkg::Options "--force-unsafe-io";\n'
        )
        (disk / "etc/hostname").write_text("switch\n")
        (disk / "etc/resolv.conf").write_text(
            "# There is no name server in this world: nothing has to wait for one.\n"
        )
        (disk / "etc/pip.conf").write_text(
            f"[global]\nproxy = {PROXY}\ncert = /etc/ssl/host.crt\ndisable-pip-version-check = true\n"
        )
        (disk / "etc/ssl").mkdir()
        shutil.copy(CERTIFICATES, disk / "etc/ssl/host.crt")
        for name in ("apt/partial", "pip"):
            (self._cache / name).mkdir(parents=True, exist_ok=True)

    def boot(self) -> None:
        log = (self.directory / "console").open("ab")
        self._process = started.Popen(
            [
                *("unshare", "--mount", "--propagation=private", "sh", "-c", BOOT, "box"),
                *(str(self._base), str(self.directory), f"--network-namespace-path=/run/netns/{BOX}"),
                *(
                    f"--bind={self._cache}/apt:/var/cache/apt/archives",
                    f"--bind={self._cache}/pip:/root/.cache/pip",
                ),
            ],
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            stdin=started.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.wait_until_up()

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + BOOT_TIME
        while self._process is not None and self._process.poll() is None and time.monotonic() < deadline:
            if self.ssh("systemctl is-system-running --wait", check=False).stdout.strip() in (
                "running",
                "degraded",
            ):
                return
            gevent.sleep(0.2)
        last = (self.directory / "console").read_text(errors="replace").strip().splitlines()[-5:]
        lack("box", "systemd does not come up in a container here: " + " / ".join(last))

    def reboot(self) -> None:
        """Restart the system, and return when it is up again."""
        assert self._process is not None
        self.ssh("systemctl reboot", check=False)
        self._process.wait(timeout=BOOT_TIME)  # so the container says that it wants to be started again
        (self.directory / "ssh").unlink(missing_ok=True)
        self.boot()

    @property
    def ssh_options(self) -> list[str]:
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes")
        shared = (
            "ControlMaster=auto",
            f"ControlPath={self.directory}/ssh",
            "ControlPersist=60",
            "ConnectTimeout=5",
        )
        return ["-i", str(self.key), *(word for option in (*options, *shared) for word in ("-o", option))]

    def ssh(
        self, command: str, check: bool = True, from_: str = ADMINISTRATOR
    ) -> subprocess.CompletedProcess[str]:
        """What a command says on the box, run by root."""
        done = started.run(
            ["ssh", "-b", from_, *self.ssh_options, f"root@{BOX_ADDRESS}", command],
            stdin=started.DEVNULL,
            stdout=started.PIPE,
            stderr=started.PIPE,
            text=True,
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done
