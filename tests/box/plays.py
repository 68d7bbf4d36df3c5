"""Runs the plays against the box, as an administrator does."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gevent import subprocess

from tests.box.box import Box
from tests.box.world import BOX_ADDRESS, PROXY

REPOSITORY = Path(__file__).parents[2]
CONFIGURATION = Path(__file__).parent / "config"
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")


@dataclass(frozen=True)
class Run:
    """What a run of a play said, and how it ended."""

    output: str
    status: int

    @property
    def changed(self) -> list[str]:
        """The tasks that changed something."""
        tasks = re.split(r"^(?:TASK|RUNNING HANDLER|PLAY) \[(.*?)\] \**$", self.output, flags=re.MULTILINE)
        pairs = zip(tasks[1::2], tasks[2::2], strict=True)
        return [name for name, said in pairs if re.search(r"^changed: ", said, re.MULTILINE)]


@dataclass
class Plays:
    """The administrator's inventory, and everything that was ever printed."""

    box: Box
    directory: Path
    configuration: Path
    runs: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        options = " ".join(word for word in self.box.ssh_options[2:])
        (self.directory / "inventory").write_text(
            f"[appliance]\nswitch ansible_host={BOX_ADDRESS} ansible_user=root"
            f" ansible_ssh_private_key_file={self.box.key} ansible_ssh_common_args='{options}'\n"
        )

    def run(self, play: str, *options: str, **variables: object) -> Run:
        words = [
            str(PLAYBOOK),
            "-i",
            str(self.directory / "inventory"),
            str(REPOSITORY / "ansible" / f"{play}.yml"),
        ]
        variables = {"appliance_config": str(self.configuration), **variables}
        for name, value in variables.items():
            words += ["-e", f"{name}={value}"]
        done = subprocess.run(
            [*words, *options],
            cwd=REPOSITORY,
            env={**os.environ, "HTTPS_PROXY": PROXY, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOME": str(self.directory)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        run = Run(done.stdout, done.returncode)
        self.runs.append(run)
        (self.directory / f"{len(self.runs):02}-{play}.log").write_text(done.stdout)
        return run

    def succeed(self, play: str, *options: str, **variables: object) -> Run:
        """Run a play that has to end well."""
        run = self.run(play, *options, **variables)
        assert run.status == 0, run.output[-6000:]
        return run


def build_wheel(directory: Path, change: Callable[[Path], None] = lambda tree: None) -> Path:
    """A wheel of this checkout, or of one that was changed."""
    tree = directory / "tree"
    shutil.copytree(
        REPOSITORY, tree, ignore=shutil.ignore_patterns(".*", "tests", "build", "*.egg-info", "__pycache__")
    )
    change(tree)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(directory), str(tree)]
    done = subprocess.run(
        command,
        env={**os.environ, "HTTPS_PROXY": PROXY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    (wheel,) = directory.glob("*.whl")
    return wheel
