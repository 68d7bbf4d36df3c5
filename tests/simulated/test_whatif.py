"""A day is recorded and goes by once more: exactly, and in the model with changes."""

import heapq
import json
import os
import sqlite3
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from appliance.clock import RealClock
from appliance.places import Places
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import exponential, lognormal
from appliance.traffic.scenario import AgentDay, Break, Scenario
from appliance.trouble import Trouble
from tests.simulated.recording import record
from tests.unit.cli.site import places, run

DAY = "2026-11-20"
START = 1_795_154_400.0  # 9:00 in Moscow
HOURS = 3
AGENTS = [str(1001 + n) for n in range(6)]
SITE = f"""
company: ACME
country: RU
time_zone: Europe/Moscow
language: en
agents: {{{", ".join(f'"{a}": {{name: A{a}}}' for a in AGENTS)}}}
phones: {{{", ".join(f'"{int(a) - 800}": {{name: P{a}}}' for a in AGENTS)}}}
pauses: {{"1": lunch}}
music: {{default: quiet.wav}}
queues:
  support: {{name: Support, strategy: longest-idle, agents: [1001, 1002, 1003, 1004], ring_for: 15s, wrap_up: 40s}}
  sales: {{name: Sales, strategy: ring-all, agents: [1004, 1005, 1006], ring_for: 15s, wrap_up: 20s}}
numbers:
  "+74951234567": {{open: {{queue: sales}}}}
  "+74951234568": {{open: {{queue: support}}}}
"""


def traffic(queue: str, calls: float, talk: float, patience: float) -> Any:
    times = arrivals([Demand(START, HOURS * 3600.0, calls)], seed=1, about=queue)
    return callers(queue, times, lognormal(talk, talk * 0.8), exponential(patience), seed=1)


def agent(n: int, id: str) -> AgentDay:
    lunch = Break(START + 3600 + n * 300, START + 4500 + n * 300, "1")
    return AgentDay(
        id,
        str(int(id) - 800),
        ((START - 60 + n, START + HOURS * 3600.0 + n),),
        (lunch,),
        lognormal(4, 2),
        {Outcome.NO_ANSWER: 0.05},
        lognormal(30, 20),
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the records and the journal of a day."""
    site = tmp_path_factory.mktemp("site")
    (site / "config").mkdir()
    (site / "config" / "site.yml").write_text(SITE)
    with wave.open(str(site / "config" / "quiet.wav"), "wb") as quiet:
        quiet.setparams((1, 2, 8000, 0, "NONE", ""))
        quiet.writeframes(bytes(1600))
    settings = Places(site / "config", site / "secrets.yml", site / "data").settings()
    database = open_database("sqlite", site / "data", upgrade=True)
    calls = heapq.merge(
        traffic("support", 180, 150.0, 120.0), traffic("sales", 90, 100.0, 90.0), key=lambda caller: caller.at
    )
    days = [agent(n, id) for n, id in enumerate(AGENTS)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        record(database, Scenario(settings, calls, days, seed=1), START - 120, monkeypatch)
    database.close()
    return site


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(RealClock, "now", lambda self: START + 2 * 86400)
    yield
    if not t.database.is_closed():
        t.database.close()


def whatif(site: Path, *options: str, day: str = DAY) -> Any:
    return json.loads(run(site, "whatif", "--day", day, *options, "--json").output)


def test_without_changes_all_decisions_are_the_same(recorded: Path) -> None:
    result = run(recorded, "whatif", "--day", DAY)
    assert result.exit_code == 0 and "decisions, all the same." in result.output
    done = whatif(recorded)
    assert done["same"] and done["difference"] is None and done["left_out"] == []
    with closing(sqlite3.connect(recorded / "data" / "appliance.sqlite3")) as books:
        (decisions,) = books.execute("SELECT count(*) FROM decision").fetchone()
    assert done["decisions"] == decisions > 250


@pytest.mark.parametrize("seed", ["1", "77"])
def test_nor_does_it_matter_how_python_hashes(recorded: Path, seed: str) -> None:
    code = (
        "from appliance.clock import RealClock\n"
        f"RealClock.now = lambda self: {START + 2 * 86400}\n"
        f"from appliance.cli import cli\ncli([*{places(recorded)!r}, 'whatif', '--day', '{DAY}'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0 and "all the same" in done.stdout, done.stderr


def test_the_first_difference_is_shown(recorded: Path, tmp_path: Path) -> None:
    """Somebody else was offered the call, the records say."""
    site = copy(recorded, tmp_path)
    with closing(sqlite3.connect(site / "data" / "appliance.sqlite3")) as books:
        query = "SELECT n, body FROM event WHERE kind = 'Offered' AND body LIKE '%\"1001\"%' ORDER BY n LIMIT 1"
        n, body = books.execute(query).fetchone()
        books.execute("UPDATE event SET body = ? WHERE n = ?", (body.replace('"1001"', '"1002"'), n))
        books.commit()
    result = run(site, "whatif", "--day", DAY)
    assert result.exit_code == 1
    recorded_line, replayed_line = result.output.splitlines()[-2:]
    assert recorded_line.startswith("  recorded  Offered") and '"1002"' in recorded_line
    assert replayed_line.startswith("  replayed  Offered") and '"1001"' in replayed_line


def test_other_rules_than_those_of_the_day_decide_otherwise(recorded: Path, tmp_path: Path) -> None:
    site = copy(recorded, tmp_path)
    file = site / "config" / "site.yml"
    file.write_text(file.read_text().replace("longest-idle", "in-order"))
    assert not whatif(site)["same"]


def copy(site: Path, to: Path) -> Path:
    (to / "data").mkdir()
    for file in ("config/site.yml", "config/quiet.wav", "data/appliance.sqlite3"):
        (to / file).parent.mkdir(exist_ok=True)
        (to / file).write_bytes((site / file).read_bytes())
    return to


def test_the_model_is_near_to_what_was(recorded: Path) -> None:
    """A change that is none: only chance differs."""
    told = whatif(recorded, "--wrap-up", "support=40s", "--runs", "3")
    for queue in ("support", "sales"):
        for name, most in {"answered": 0.06, "SL-C": 0.12, "talk": 0.08, "occupancy": 0.06}.items():
            line = told["queues"][queue][name]
            assert line["unchanged"] == pytest.approx(line["recorded"], rel=most), (queue, name)
            assert line["differences"] == [0.0] * 3, "the same day again is the same"
        assert told["queues"][queue]["offered"]["unchanged"] == told["queues"][queue]["offered"]["recorded"]


def test_more_agents_serve_sooner_and_fewer_later(recorded: Path) -> None:
    more = whatif(recorded, "--agents", "support+2")["queues"]["support"]
    fewer = whatif(recorded, "--agents", "support-2")["queues"]["support"]
    assert all(difference < 0 for difference in more["ASA"]["differences"])
    assert all(difference > 0 for difference in fewer["ASA"]["differences"])
    assert more["occupancy"]["changed"] < more["occupancy"]["unchanged"] < fewer["occupancy"]["changed"]


def test_a_shorter_wrap_up_and_another_strategy(recorded: Path) -> None:
    told = whatif(recorded, "--wrap-up", "support=10s", "--strategy", "sales=longest-idle", "--queue", "support")
    assert [*told["queues"]] == ["support"]
    wrap_up = told["queues"]["support"]["wrap-up"]
    assert wrap_up["changed"] <= 10.0 < wrap_up["unchanged"]
    assert told["changes"] == ["strategy of sales: longest-idle", "wrap-up of support: 10s"]


def test_another_configuration_as_a_whole(recorded: Path, tmp_path: Path) -> None:
    site = copy(recorded, tmp_path)
    planned = site / "config" / "site.yml"
    planned.write_text(SITE.replace("[1004, 1005, 1006]", "[1005, 1006]").replace("1004]", "1004, 1005]"))
    told = whatif(recorded, "--config", str(site / "config"))
    assert told["queues"]["sales"]["occupancy"]["changed"] != told["queues"]["sales"]["occupancy"]["unchanged"]
    planned.write_text(SITE.replace("sales", "shop"))
    with pytest.raises(Trouble, match="callers came to the queue sales that day"):
        whatif(recorded, "--config", str(site / "config"))


def test_the_same_question_has_the_same_answer(recorded: Path) -> None:
    options = ("--agents", "sales+1", "--runs", "2")
    assert whatif(recorded, *options) == whatif(recorded, *options)


def test_words_say_what_is_record_and_what_is_model(recorded: Path) -> None:
    said = run(recorded, "whatif", "--day", DAY, "--agents", "support+1", "--runs", "1").output
    for words in (
        "added-support-1 works in support as 100",
        "the model is wrong by so much",
        "From the records:",
        "Of the model:",
        "Kaplan and Meier",
        "SL-C = answered within T / (answered + abandoned)",
    ):
        assert words in said


@pytest.mark.parametrize(
    "options, sentence",
    [
        (["--strategy", "support=fastest"], "There is no strategy 'fastest': there are"),
        (["--strategy", "suport=random"], "There is no queue 'suport': Did you mean"),
        (["--strategy", "random"], "write QUEUE=VALUE, as in support=fewest-calls"),
        (["--wrap-up", "support=10"], 'Write "10s" for seconds'),
        (["--weight", "support=much"], "--weight: "),
        (["--agents", "support"], r"write QUEUE\+N or QUEUE-N"),
        (["--agents", "support-9"], "Only 4 of support worked that day"),
        (["--agents", "support+1", "--queue", "shop"], "There is no queue 'shop'"),
        (["--queue", "support"], "Say what is to be different"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(recorded: Path, options: list[str], sentence: str) -> None:
    with pytest.raises(Trouble, match=sentence):
        run(recorded, "whatif", "--day", DAY, *options)


def test_days_of_which_nothing_is_known(recorded: Path) -> None:
    for day, options, sentence in (
        ("2026-11-18", [], "The journal has nothing of 2026-11-18"),
        ("2026-11-18", ["--agents", "support+1"], "Nobody came to a queue in 2026-11-18"),
        ("2026-11-21", [], "Nothing happened in 2026-11-21"),
        ("2026-12-24", [], "That day is still to come"),
    ):
        with pytest.raises(Trouble, match=sentence):
            run(recorded, "whatif", "--day", day, *options)
