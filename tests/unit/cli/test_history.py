"""Commands that read the records: calls, report and why."""

import json
from pathlib import Path

import pytest

from appliance import facts as f
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.trouble import Trouble
from tests.unit.cli.site import NOON, run


def test_without_records_that_is_said(site: Path) -> None:
    for command in ("calls", "report", "why last"):
        with pytest.raises(Trouble, match="There are no records"):
            run(site, *command.split())


def test_calls_with_what_became_of_them(records: Path) -> None:
    lines = run(records, "calls").output.splitlines()
    assert lines[1].split() == [
        *("20231115-1", "2023-11-15", "01:13:20", "+79161234567", "Eve", "+74951234567"),
        *("sales", "0:10", "1001", "1:00", "answered"),
    ]
    assert lines[2].split()[-5:] == ["sales", "0:30", "-", "-", "abandoned"]
    assert len(run(records, "calls", "-n", "1").output.splitlines()) == 2


def test_calls_that_went_out_say_to_whom_and_why(records: Path) -> None:
    database = open_database("sqlite", records / "data", upgrade=True)
    started = f.CallStarted(
        "20231115-3", NOON + 50, "l3", "201", "", "89161112233", "", f.Direction.OUT, "201", "1001"
    )
    called = f.CallIdentified("20231115-3", NOON + 50, "+79161112233", "+74951234567", None, None, "en")
    Store(database).write(
        [
            started,
            called,
            f.TrunkTried("20231115-3", NOON + 51, "russia", "main"),
            f.CallEnded("20231115-3", NOON + 60, f.CallOutcome.OUTBOUND_MISSED),
        ]
    )
    database.close()
    last = run(records, "calls").output.splitlines()[-1]
    assert "to +79161112233" in last and last.endswith("outbound not answered")
    assert "phone 201 dials 89161112233" in run(records, "why", "last").output


def test_calls_of_an_interval_for_programs(records: Path) -> None:
    found = json.loads(run(records, "calls", "--from", "01:13:30", "--json").output)
    assert [call["id"] for call in found] == ["20231115-2"]
    assert found[0]["started_at"] == "2023-11-15T01:13:40.000+03:00"
    assert found[0]["visits"][0]["outcome"] == "abandoned"
    assert found[0]["visits"][0]["joined_at"] == "2023-11-15T01:13:40.000+03:00"
    assert found[0]["visits"][0]["answered_at"] is None
    assert run(records, "calls", "--day", "yesterday").output == "There are no such calls.\n"


def test_report(records: Path) -> None:
    output = run(records, "report", "--day", "2023-11-15").output
    row = next(line for line in output.splitlines() if line.startswith("sales")).split()
    assert row[:4] == ["sales", "2", "1", "1"]
    assert "SL-C = answered within T / (answered + abandoned)" in output and "50.0 %" in output
    assert "Ledger: 2 calls = 1 answered + 1 abandoned; 0 unexplained." in output


def test_report_for_programs_and_by_another_formula(records: Path) -> None:
    data = json.loads(run(records, "report", "--json").output)
    assert data["total"]["service_levels"]["SL-A"] == 1.0
    assert data["ledger"]["unexplained_count"] == 0
    assert data["agents"][0]["agent"] == "1001"
    assert "SL-A = answered within T / answered" in run(records, "report", "--service-level", "a").output


def test_report_of_a_misspelt_queue_or_agent_is_trouble(records: Path) -> None:
    with pytest.raises(Trouble, match="There is no queue 'sale': there are sales"):
        run(records, "report", "--queue", "sale")
    with pytest.raises(Trouble, match="There is no agent '9': there are 1001, 1002"):
        run(records, "report", "--agent", "9")


@pytest.mark.parametrize("reference", ["20231115-1", "last"])
def test_why(records: Path, reference: str) -> None:
    output = run(records, "why", reference).output
    if reference == "last":
        assert "leaves the queue after a wait of 0:30: abandoned" in output
    else:
        assert "1002 Boris  paused       lunch" in output
        assert "\x1b" not in output


def test_why_of_several_calls_lists_them(records: Path) -> None:
    with pytest.raises(Trouble, match=r"Several calls begin with '20231115': 20231115-1, 20231115-2\.$"):
        run(records, "why", "20231115")
    assert "Where several calls begin so" in " ".join(run(records, "why", "--help").output.split())


def test_why_for_programs_keeps_the_name_as_it_came(records: Path) -> None:
    data = json.loads(run(records, "why", "20231115-1", "--json").output)
    assert data["call"]["caller_name"] == 'Eve\n\x1b[2J",;%'
    (offered,) = (moment for moment in data["moments"] if moment["kind"] == "offered")
    assert offered["considered"][0] == {"agent": "1002", "passed_over": "paused", "detail": "1"}


def test_why_an_agent_was_offered_calls_or_not(records: Path) -> None:
    lines = run(records, "why", "--agent", "1001").output.splitlines()
    assert lines[0] == "1001 Anna was considered at these moments:"
    assert lines[2].split()[2:] == [
        "20231115-1",
        "sales",
        "chosen",
        *["idle", "for", "9", "s"],
        "answered",
        "0:10",
    ]
    data = json.loads(run(records, "why", "--agent", "1002", "-n", "1", "--json").output)
    (seen,) = data["moments"]
    assert (seen["call"], seen["passed_over"], seen["outcome"]) == ("20231115-1", "paused", None)
    assert seen["at"] == "2023-11-15T01:13:20.000+03:00"


def test_why_an_agent_nobody_knows_or_has_considered(site: Path, records: Path) -> None:
    with pytest.raises(Trouble, match="There is no agent '9': there are 1001"):
        run(records, "why", "--agent", "9")
    for arguments in ((), ("last", "--agent", "1001")):
        with pytest.raises(Trouble, match="Name a call"):
            run(records, "why", *arguments)
    t.Decision.delete().execute()
    assert run(records, "why", "--agent", "1001").output == "1001 Anna has not been considered for any call yet.\n"


def test_why_an_agent_looks_through_any_number_of_decisions(
    records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.records.why_agent.AT_ONCE", 2)
    database = open_database("sqlite", records / "data")
    for number in range(7):
        only = (f.Candidate("1002" if number else "1001", None),)
        Store(database).write([f.Considered("20231115-1.1", NOON + number, None, only)])
    database.close()
    data = json.loads(run(records, "why", "--agent", "1001", "--json").output)
    assert len(data["moments"]) == 2
