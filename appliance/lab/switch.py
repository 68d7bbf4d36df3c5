"""A switch for the lab: finds a usable Asterisk, or makes a throw-away root with Debian's, and runs it."""

import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gevent
import gevent.subprocess as subprocess

from appliance.lab.process import LabError, SwitchProcess

OLDEST = 18
RELEASES = ("forky", "sid")  # Debian 12 and 13 have no Asterisk
KEYRINGS = Path("/usr/share/keyrings")
PACKAGES = "asterisk,asterisk-modules"
LIBRARY_PLACES = ("usr/lib/{triplet}", "lib/{triplet}", "usr/lib")


@dataclass(frozen=True)
class Asterisk:
    """An Asterisk that can be run here."""

    command: tuple[str, ...]  # to be followed by Asterisk's own arguments
    modules: Path
    data: Path
    version: str


def find_asterisk(root: Path, say: Callable[[str], None] = print) -> Asterisk:
    """The machine's own Asterisk if it will do, else the one in `root`, which is made if need be."""
    own = installed_asterisk()
    if own is not None:
        return own
    if not (root / "usr/sbin/asterisk").exists():
        make_root(root, say)
    return extracted_asterisk(root)


def installed_asterisk() -> Asterisk | None:
    """The Asterisk on PATH, if it is new enough and has PJSIP."""
    program = shutil.which("asterisk")
    if program is None:
        return None
    version = version_of((program,))
    if version is None or int(version.split(".")[0]) < OLDEST:
        return None
    for folder in (
        "/usr/lib/asterisk/modules",
        f"/usr/lib/{triplet()}/asterisk/modules",
        "/usr/lib64/asterisk/modules",
    ):
        if (Path(folder) / "res_pjsip.so").exists():
            data = next((d for d in map(Path, ("/usr/share/asterisk", "/var/lib/asterisk")) if d.exists()), None)
            return Asterisk((program,), Path(folder), data or Path("/usr/share/asterisk"), version)
    return None


def extracted_asterisk(root: Path) -> Asterisk:
    """The Asterisk in an extracted root. It runs in place: no chroot, no mounts, no rights of root.

    The root's own loader is called with the root's own libraries, since those of this machine are older.
    """
    libraries = [root / place.format(triplet=triplet()) for place in LIBRARY_PLACES]
    libraries = [folder for folder in libraries if folder.is_dir()]
    loader = next((file for folder in libraries for file in sorted(folder.glob("ld-linux-*.so.*"))), None)
    if loader is None:
        raise LabError(f"There is no program loader in {root}; remove that folder and try again.")
    path = ":".join(map(str, libraries))
    command = (str(loader), "--library-path", path, str(root / "usr/sbin/asterisk"))
    version = version_of(command)
    if version is None:
        raise LabError(f"The Asterisk in {root} does not run; remove that folder and try again.")
    modules = next((m for m in root.glob("usr/lib/**/asterisk/modules") if (m / "res_pjsip.so").exists()), None)
    if modules is None:
        raise LabError(f"The Asterisk in {root} has no PJSIP; remove that folder and try again.")
    return Asterisk(command, modules, root / "usr/share/asterisk", version)


def triplet() -> str:
    """Debian's name for this machine's libraries."""
    return f"{platform.machine()}-linux-gnu"


def version_of(command: Sequence[str]) -> str | None:
    """What `asterisk -V` says, e.g. "22.10.0"; None when it does not run."""
    try:
        done = subprocess.run([*command, "-V"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(rb"Asterisk (?:certified[-/])?(\d+(?:\.\d+)*)", done.stdout)
    return found[1].decode() if found else None


def make_root(root: Path, say: Callable[[str], None] = print) -> None:
    """Extract Debian's Asterisk and what it needs into `root`, whole or not at all."""
    if shutil.which("mmdebstrap") is None:
        raise LabError(
            "This machine has no usable Asterisk and no mmdebstrap to get one: apt-get install mmdebstrap."
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    for left_over in root.parent.glob(f"{root.name}.new-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=f"{root.name}.new-", dir=root.parent))
    new.chmod(0o755)
    problem = ""
    try:
        for release in RELEASES:
            say(f"Getting Asterisk from Debian {release} into {root} (about 100 MB, once) ...")
            problem = extract(release, new, say)
            if not problem and version_of(extracted_asterisk(new).command):
                if root.exists():
                    shutil.rmtree(root)
                new.rename(root)
                return
            shutil.rmtree(new, ignore_errors=True)
        raise LabError(f"Debian's Asterisk could not be had: {problem}")
    finally:
        shutil.rmtree(new, ignore_errors=True)


def extract(release: str, directory: Path, say: Callable[[str], None]) -> str:
    """Run mmdebstrap, passing its progress on; its complaint, or "" when it went well."""
    command = ["mmdebstrap", "--variant=extract", f"--include={PACKAGES}"]
    command += ['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Retries "3"']
    if KEYRINGS.is_dir():
        command += [f"--keyring={KEYRINGS}"]
    command += [release, str(directory)]  # from mmdebstrap's own mirror
    last: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout:
            text = line.decode(errors="replace").strip()
            if text.startswith("I: ") and not text.endswith("..."):
                continue
            if text.startswith("I: "):
                say("  " + text.removeprefix("I: "))
            elif text.startswith("E: "):
                last.append(text.removeprefix("E: "))
        code = process.wait()
    return "" if code == 0 else "; ".join(last[-3:]) or f"mmdebstrap ended with status {code}"


class LabSwitch(SwitchProcess):
    """An Asterisk that runs on a configuration directory."""

    # That a phone by TCP has gone without a word is not for a person.
    complaint = re.compile(
        r"\b(ERROR|WARNING)\["
        r"(?!.* 'Broken pipe' sending OPTIONS request to endpoint )"
        r"(?!.*\bError sending Response msg .*: Broken pipe$)"
    )

    def __init__(self, asterisk: Asterisk) -> None:
        super().__init__()
        self.asterisk = asterisk
        self._configuration = Path()

    def start(self, configuration: Path, timeout: float = 30.0) -> None:
        """Start on `configuration` (asterisk.conf and the rest) and return when it takes calls."""
        self._configuration = configuration
        directories = read_directories(configuration / "asterisk.conf")
        for key in ("astrundir", "astlogdir", "astvarlibdir", "astdbdir", "astspooldir"):
            if key in directories:
                directories[key].mkdir(parents=True, exist_ok=True)
        control = directories["astrundir"] / "asterisk.ctl"
        if control.exists() and self.cli("core show version"):
            raise LabError(f"An Asterisk is running on {configuration} already; stop it first.")
        control.unlink(missing_ok=True)
        out = directories["astlogdir"] / "console"
        self._launch(
            [*self.asterisk.command, "-f", "-C", str(configuration / "asterisk.conf")],
            out,
            read_log_files(configuration / "logger.conf", directories["astlogdir"]),
        )
        try:
            self._wait_until_booted(control, timeout, out)
        except BaseException:
            self.stop()
            raise

    def _wait_until_booted(self, control: Path, timeout: float, out: Path) -> None:
        with gevent.Timeout(timeout, False):
            while self._process.poll() is None:
                if control.exists() and "fully booted" in self.cli("core waitfullybooted"):
                    taken = taken_ports(self.errors(), self._configuration / "pjsip.conf")
                    if taken:
                        raise LabError(
                            f"Another program uses what the switch needs: {', '.join(taken)}. Stop it (is another "
                            "lab running?), or give other ports below `network:`."
                        )
                    return
                gevent.sleep(0.05)
        code = self._process.poll()
        how = f"has not come up within {timeout:g} s" if code is None else f"ended at once with status {code}"
        raise LabError(f"Asterisk {how}: {self._last_words(out)}")

    def cli(self, command: str) -> str:
        """What a command of Asterisk's console says; "" when the switch cannot be reached."""
        done = subprocess.run(
            [*self.asterisk.command, "-C", str(self._configuration / "asterisk.conf"), "-rx", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
        )
        # Said first on a machine without an ethernet card.
        lines = done.stdout.decode(errors="replace").strip().splitlines()
        text = "\n".join(line for line in lines if not line.startswith("No ethernet interface found"))
        return "" if text.startswith("Unable to connect to remote asterisk") else text


def taken_ports(errors: Sequence[str], pjsip: Path) -> list[str]:
    """The addresses that the switch could not listen on, from its complaints."""
    bound = (
        dict(re.findall(r"^\[(\w+)\][^\[]*?^bind\s*=\s*(\S+)", pjsip.read_text(), re.MULTILINE)) if errors else {}
    )
    taken = []
    for line in errors:
        if found := re.search(r"Unable to bind (.+?) to (\S+): ", line):
            taken.append(f"{found[2]} ({found[1]})")
        elif found := re.search(r"Transport '(.+?)' could not be started", line):
            taken.append(f"{bound.get(found[1], found[1])} (SIP)")
    return taken


def read_directories(file: Path) -> dict[str, Path]:
    """The [directories] of an asterisk.conf."""
    if not file.exists():
        raise LabError(f"There is no {file}: the configuration has not been rendered.")
    pairs = re.findall(r"^\s*(ast\w+)\s*=>?\s*([^;\n]+)", file.read_text(), re.MULTILINE)
    return {key: Path(value.strip()) for key, value in pairs}


def read_log_files(file: Path, directory: Path) -> list[Path]:
    """The log files that a logger.conf asks for."""
    text = file.read_text() if file.exists() else ""
    section = text.partition("[logfiles]")[2].partition("\n[")[0]
    names = re.findall(r"^\s*([^\s;=]+)\s*=", section, re.MULTILINE)
    return [directory / name for name in names if name != "console" and not name.startswith("syslog")]
