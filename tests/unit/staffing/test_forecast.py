"""Expected calls from a CSV file, and what is wrong with one."""

import pytest

from appliance.staffing.forecast import read_forecast
from appliance.trouble import Trouble


def read(text: str, interval: float = 1800.0, queue: str | None = "sales") -> dict[str, dict[str, float]]:
    """By queue, the intervals that have calls, by the time of day at which they begin."""
    found = read_forecast(text, "f.csv", interval, ["sales", "support"], queue)
    return {
        name: {
            f"{int(n * interval) // 3600}:{int(n * interval) % 3600 // 60:02}": each
            for n, each in enumerate(calls)
            if each
        }
        for name, calls in found.items()
    }


def test_calls_by_time_of_day() -> None:
    assert read("time,calls\n9:00,12\n09:30,7.5\n") == {"sales": {"9:00": 12, "9:30": 7.5}}


def test_rows_within_an_interval_add_up() -> None:
    assert read("time,calls\n9:00,12\n9:15,8\n9:30,1\n") == {"sales": {"9:00": 20, "9:30": 1}}


def test_rows_further_apart_are_spread() -> None:
    text = "time,calls\n9:00,12\n10:00,8\n"
    assert read(text) == {"sales": {"9:00": 6, "9:30": 6, "10:00": 4, "10:30": 4}}
    assert read(text, 3600.0) == {"sales": {"9:00": 12, "10:00": 8}}


def test_several_days_are_averaged() -> None:
    text = "time;calls\n2026-11-23 09:00;12\n2026-11-24T09:00;20\n2026-11-24 09:30:00;3,5\n"
    assert read(text) == {"sales": {"9:00": 16, "9:30": 1.75}}


def test_several_queues() -> None:
    text = "Queue, Time, Calls\nsales, 9:00, 5\nsupport, 9:00, 6\n"
    assert read(text, queue=None) == {"sales": {"9:00": 5}, "support": {"9:00": 6}}


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "f.csv has no rows"),
        ("time,calls\n", "f.csv has no rows: write a line time,calls and below it rows like 9:00,42."),
        ("time,cals\n9:00,3\n", 'f.csv:1: there is no column "cals". Did you mean "calls"?'),
        ("9:00,3\n", 'f.csv:1: there is no column "9:00". Known here: calls, queue, time.'),
        ("time,queue\n9:00,sales\n", "f.csv:1: the column calls is missing."),
        ("time,calls,calls\n9:00,3,4\n", "f.csv:1: the column calls stands here twice."),
        ("time,calls\n9:00,many\n", 'f.csv:2: "many" is not a number of calls.'),
        ("time,calls\n9:00,-3\n", 'f.csv:2: "-3" is not a number of calls.'),
        ("time,calls\n9:00,nan\n", 'f.csv:2: "nan" is not a number of calls.'),
        ("time,calls\n9:00,3\nnoon,3\n", 'f.csv:3: "noon" is not a time.'),
        ("time,calls\n25:00,3\n", 'f.csv:2: "25:00" is not a time.'),
        ("time,calls\n9:00,3,4\n", "f.csv:2: this row has 3 cells, the first line 2."),
        ('time,calls\n9:00,"3\n', "f.csv:2: this is not a CSV row"),
        ("time,calls\n9:00,0\n", "f.csv: every row has 0 calls"),
        ("time,calls,queue\n9:00,3,suport\n", 'f.csv:2: there is no queue "suport". Did you mean "support"?'),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, says: str) -> None:
    with pytest.raises(Trouble) as trouble:
        read(text)
    assert says in str(trouble.value)


def test_whose_calls_they_are_must_be_known() -> None:
    with pytest.raises(Trouble, match="name one by --queue, or add a column queue"):
        read("time,calls\n9:00,3\n", queue=None)
