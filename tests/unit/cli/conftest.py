"""What the tests of commands share: an installation, its records, and a moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import facts as f
from appliance.clock import RealClock
from appliance.facts import AgentState, CallOutcome, VisitOutcome
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store
from tests.unit.cli.site import NOON, SITE


@pytest.fixture(scope="session")
def quiet() -> bytes:
    """A WAV file with a tenth of a second of silence."""
    data = bytes(1600)
    header = (16).to_bytes(4, "little") + bytes([1, 0, 1, 0]) + (8000).to_bytes(4, "little")
    header += (16000).to_bytes(4, "little") + bytes([2, 0, 16, 0])
    body = b"WAVEfmt " + header + b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


@pytest.fixture
def site(tmp_path: Path, quiet: bytes) -> Path:
    """An installation: config/, data/, secrets.yml."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "site.yml").write_text(SITE)
    (config / "quiet.wav").write_bytes(quiet)
    (tmp_path / "data").mkdir()
    secrets = tmp_path / "secrets.yml"
    secrets.write_text('ami: "abc"\nphone-201: "abc"\nagent-1001: "1111"\nagent-1002: "2222"\n')
    secrets.chmod(0o600)
    return tmp_path


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RealClock, "now", lambda self: NOON + 600)


@pytest.fixture
def records(site: Path) -> Iterator[Path]:
    """The records of one answered and one abandoned call."""
    database = open_database("sqlite", site / "data")
    passed = (f.Candidate("1002", f.PassedOver.PAUSED, "1"), f.Candidate("1001", None, "idle for 9 s"))
    Store(database).write(
        [
            f.AgentChanged("1001", NOON - 100, AgentState.READY, "signed on", phone="201"),
            f.CallStarted("20231115-1", NOON, "l1", "89161234567", 'Eve\n\x1b[2J",;%', "+74951234567", "main"),
            f.CallIdentified("20231115-1", NOON, "+79161234567", "+74951234567", "Eve", None, "en"),
            f.VisitJoined("20231115-1.1", "20231115-1", "sales", NOON, 0.0, "l1"),
            f.Considered("20231115-1.1", NOON, "20231115-1.1.1", passed),
            f.Offered("20231115-1.1.1", "20231115-1.1", NOON, NOON + 25, 20.0, {"1001": "201"}),
            f.OfferEnded("20231115-1.1.1", "20231115-1.1", NOON + 10, {"1001": Outcome.ANSWERED}),
            f.VisitAnswered("20231115-1.1", NOON + 10, "1001"),
            f.VisitEnded("20231115-1.1", NOON + 10, VisitOutcome.ANSWERED),
            f.CallStarted("20231115-2", NOON + 20, "l2", "", "", "+74951234567", "main"),
            f.VisitJoined("20231115-2.1", "20231115-2", "sales", NOON + 20, 0.0, "l2"),
            f.VisitEnded("20231115-2.1", NOON + 50, VisitOutcome.ABANDONED),
            f.CallEnded("20231115-2", NOON + 50, CallOutcome.ABANDONED),
            f.TalkEnded("20231115-1.1", NOON + 70, "1001"),
            f.CallEnded("20231115-1", NOON + 70, CallOutcome.ANSWERED),
        ]
    )
    yield site
    t.database.close()
