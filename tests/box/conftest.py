"""A box for each file of tests, which follow its life from bare to removed, and who calls it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import needs
from tests.box.box import Box, make_base, why_not
from tests.box.centre import Centre
from tests.box.office import Office
from tests.box.plays import CONFIGURATION, PLAYBOOK, REPOSITORY, Plays
from tests.box.world import world

CACHE = REPOSITORY / ".lab" / "box"


@pytest.fixture(scope="module", autouse=True)
def wanted() -> None:
    """Nothing is begun that nobody has asked for, or that cannot end well."""
    if not (os.environ.get("APPLIANCE_BOX") or needs.is_required("box")):
        needs.lack("box", "it is asked for by make test-box, which takes a quarter of an hour")
    reason = why_not()
    if reason is None and not PLAYBOOK.exists():
        reason = "Ansible is not installed"
    if reason is not None:
        needs.lack("box", reason)


@pytest.fixture(scope="module")
def release() -> str:
    """Of Debian: the first whose packages include Asterisk 22."""
    return "forky"


@pytest.fixture(scope="module")
def box(wanted: None, release: str) -> Iterator[Box]:
    """A bare system, booted; the tests stand in the world around it as long as it is up."""
    base = CACHE / release
    make_base(base, release)
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=CACHE))  # an overlay does not lie on another overlay
    try:
        with world(), Box(base, directory, CACHE / f"{release}-cache") as box:
            yield box
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def failures_before(request: pytest.FixtureRequest) -> int:
    failed: int = request.session.testsfailed
    return failed


@pytest.fixture(autouse=True)
def one_after_the_other(request: pytest.FixtureRequest, failures_before: int) -> None:
    """After a step that has failed, the next ones of its file would only say so again."""
    if request.session.testsfailed > failures_before:
        pytest.skip("the step before has failed")


@pytest.fixture(scope="module")
def configuration() -> Path:
    """What the call centre is like."""
    return CONFIGURATION


@pytest.fixture(scope="module")
def plays(box: Box, configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> Plays:
    return Plays(box, tmp_path_factory.mktemp("plays"), configuration)


@pytest.fixture(scope="module")
def centre(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """An agent at a phone and a caller behind the trunk."""
    with Centre(box, tmp_path_factory.mktemp("centre")) as centre:
        yield centre


@pytest.fixture
def office(box: Box, centre: Centre, tmp_path: Path) -> Iterator[Office]:
    """Where softphones are."""
    office = Office(box, centre, tmp_path)
    yield office
    office.close()
