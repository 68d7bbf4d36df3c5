"""One box for all of these tests, which follow its life from bare to removed, and who calls it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import needs
from tests.box.box import Box, make_base, why_not
from tests.box.centre import Centre
from tests.box.plays import PLAYBOOK, REPOSITORY, Plays
from tests.box.world import world

CACHE = REPOSITORY / ".lab" / "box"


@pytest.fixture(scope="package")
def box() -> Iterator[Box]:
    """A bare system, booted; the tests stand in the world around it as long as it is up."""
    if not (os.environ.get("APPLIANCE_BOX") or needs.is_required("box")):
        needs.lack("box", "it is asked for by make test-box, which takes about ten minutes")
    reason = why_not()
    if reason is None and not PLAYBOOK.exists():
        reason = "Ansible is not installed"
    if reason is not None:
        needs.lack("box", reason)
    base = CACHE / "base"
    make_base(base)
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=CACHE))  # an overlay does not lie on another overlay
    try:
        with world(), Box(base, directory, CACHE / "cache") as box:
            yield box
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="package")
def plays(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Plays:
    return Plays(box, tmp_path_factory.mktemp("plays"))


@pytest.fixture(scope="package")
def centre(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """An agent at a phone and a caller behind the trunk."""
    with Centre(box, tmp_path_factory.mktemp("centre")) as centre:
        yield centre
