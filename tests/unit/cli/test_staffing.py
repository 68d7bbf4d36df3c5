"""How many agents are needed, asked on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.trouble import Trouble
from tests.unit.cli.site import run

LENGTHS = ("--talk", "180", "--patience", "120", "--days", "3")


def forecast(site: Path, text: str = "time,calls\n09:00,40\n09:30,0\n10:00,20\n") -> str:
    file = site / "forecast.csv"
    file.write_text(text)
    return str(file)


def asked(site: Path, *arguments: str) -> Any:
    return json.loads(run(site, "staffing", *arguments, "--json").stdout)


def test_a_forecast(site: Path) -> None:
    said = asked(site, "--csv", forecast(site), *LENGTHS, "--wrap-up", "30", "--shrinkage", "30%", "--miss", "5%")
    (plan,) = said["plans"]
    assert plan["queues"] == ["sales"]
    assert plan["target"] == {"share": 0.8, "within": 20.0, "max_abandon": None, "max_occupancy": None}
    assert [row["from"] for row in plan["intervals"]] == ["09:00", "09:30", "10:00"]
    assert [row["erlang_a"] for row in plan["intervals"]] == [7, 0, 4]
    for row in (plan["intervals"][0], plan["intervals"][2]):
        assert row["erlangs"] == pytest.approx(row["calls"] * 210 / 1800)
        assert row["difference"] == row["simulated"] - row["erlang_a"]
        assert row["to_be_rostered"] == -(-row["simulated"] * 10 // 7)
        assert row["target_met"] and row["in_time"] >= 0.8


def test_a_forecast_in_words(site: Path) -> None:
    said = run(site, "staffing", "--csv", forecast(site), *LENGTHS, "--max-occupancy", "70%").stdout
    assert "80 % of callers answered within 20 s, agents busy for at most 70 % of their time" in said
    assert "sales: talks 3:00, wrap-up 0:00; callers give up after 2:00 on average" in said
    assert "agent hours by Erlang A" in said
    assert "3 days were simulated each time." in said


def test_the_formulas_alone(site: Path) -> None:
    said = asked(site, "--csv", forecast(site), *LENGTHS, "--no-simulation")
    assert [row["simulated"] for row in said["plans"][0]["intervals"]] == [None] * 3
    assert (
        "Nothing was simulated."
        in run(site, "staffing", "--csv", forecast(site), *LENGTHS, "--no-simulation").stdout
    )


def test_recorded_days(records: Path) -> None:
    said = asked(records, "--day", "2023-11-15", "--days", "3")
    (plan,) = said["plans"]
    assert [(row["from"], row["calls"]) for row in plan["intervals"]] == [("01:00", 2.0)]
    assert plan["work"] == {"sales": {"talk": 60.0, "wrap_up": 0.0, "patience": 40.0}}
    assert plan["answers_after"] == 10.0
    assert said["about"] == "as on 2023-11-15 (Europe/Moscow)"


def test_weekdays_of_recorded_days(records: Path) -> None:
    days = ("--from", "2023-11-01", "--to", "2023-11-30", "--days", "2")
    said = asked(records, *days, "--weekday", "wed,thu")
    assert said["about"].endswith(", wed,thu only")
    with pytest.raises(Trouble, match="have no call for sales"):
        run(records, "staffing", *days, "--weekday", "mon")


def test_a_forecast_takes_the_lengths_of_the_records(records: Path) -> None:
    said = asked(records, "--csv", forecast(records), "--no-simulation")
    assert said["plans"][0]["work"]["sales"]["talk"] == 60.0


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--target", "80"], '--target: "80" is not a target. Write 80/20'),
        (["--shrinkage", "lots"], '--shrinkage: "lots" is not a share. Write it like 5%'),
        (["--queue", "sails"], '--queue: there is no queue "sails". Did you mean "sales"?'),
        (["--weekday", "someday"], '--weekday: "someday" is no day of the week.'),
        (["--csv", "none.csv"], "none.csv: This file cannot be read"),
        (["--csv", "none.csv", "--day", "today"], "Give either --csv, or the days"),
        (["--from", "2020-01-01", "--to", "2023-01-01"], "That is more than 366 days"),
        (["--day", "2023-11-15", "--weekday", "mon"], "There is no mon in 2023-11-15"),
    ],
)
def test_what_cannot_be_done_is_said(site: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(Trouble) as trouble:
        run(site, "staffing", *arguments)
    assert says in str(trouble.value) and "Place(" not in str(trouble.value)


def test_how_long_a_talk_takes_must_be_known(site: Path) -> None:
    with pytest.raises(Trouble, match="say how long a talk takes, like --talk 180"):
        run(site, "staffing", "--csv", forecast(site))


def test_an_empty_forecast(site: Path) -> None:
    with pytest.raises(Trouble, match=r"forecast\.csv has no rows"):
        run(site, "staffing", "--csv", forecast(site, ""), *LENGTHS)


def test_no_records_yet(site: Path) -> None:
    with pytest.raises(Trouble, match="There are no records"):
        run(site, "staffing")
