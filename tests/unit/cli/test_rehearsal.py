"""The commands trace and test: what they print for people and for programs, and their exit status."""

import json
from pathlib import Path

import pytest

from appliance.trouble import Trouble
from tests.unit.cli.site import program, run

CALL = ("trace", "--from", "+79123456780", "--to", "8 495 123-45-67", "--at", "2023-11-15T12:00")
CALLS = """usual: {from: "+79123456780", to: "+74951234567", at: 2023-11-15T12:00}
calls:
  Anna answers: {ends: answered by 1001}
  Nobody is there: {signed_on: nobody, ends: abandoned}
"""


def test_trace_tells_a_call_without_secrets_records_or_switch(site: Path) -> None:
    (site / "secrets.yml").unlink()
    (site / "data").rmdir()
    result = run(site, *CALL)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "+79123456780 calls +74951234567 on Wednesday 2023-11-15 12:00:00 (Europe/Moscow)"
    assert "00:00.0  site.yml:16  queue: sales" in lines
    assert lines[-1] == "Outcome: answered, 0:33 after its beginning."
    assert {path.name for path in site.iterdir()} == {"config"}


def test_trace_speaks_json(site: Path) -> None:
    data = json.loads(run(site, *CALL, "--signed-on", "1002", "--answers", "after 7s", "--json").output)
    assert (data["outcome"], data["answered_by"], data["wait"]) == ("answered", "1002", 7.0)
    queue = next(moment for moment in data["moments"] if moment["text"] == "queue: sales")
    assert (queue["file"], queue["line"]) == (f"{site}/config/site.yml", 16)
    assert queue["at"] == "2023-11-15T12:00:00.000+03:00" and queue["because"] == [
        "numbers",
        "+74951234567",
        "open",
    ]


def test_trace_is_about_now_where_nothing_is_said_and_anywhere(site: Path) -> None:
    (site / "config").rename(site / "elsewhere")
    assert run(site, *CALL[:5], f"{site}/elsewhere").exit_code == 0


def test_what_cannot_be_followed_is_said_in_sentences(site: Path) -> None:
    options = ("--at", "soon", "--keys", "1,x", "--signed-on", "1003", "--answers", "later", "--hang-up", "5")
    with pytest.raises(Trouble) as trouble:
        run(site, "trace", "--from", "me", "--to", "+74951234560", *options)
    assert str(trouble.value).splitlines() == [
        '--answers: "later" is not an answer. Write no, busy, or after 5s.',
        '--at: "soon" is not a date with a time. Write it like 2026-12-31T23:00.',
        '--from: "me" is not the number of a caller. Write it like +79123456780; or a phone of ours, or '
        "anonymous.",
        '--hang-up: "5" is not a length of time. Write "5s" for seconds or "5m" for minutes.',
        '--keys: "x" cannot be pressed on a telephone. Keys are 0 to 9, "*" and "#"; one that is not pressed is '
        '"silence".',
        '--signed-on: There is no agent "1003". Did you mean "1002"?',
        '--to: "+74951234560" is not a number of ours. Did you mean "+74951234567"?',
    ]


def test_a_wrong_configuration_is_neither_followed_nor_tested(site: Path) -> None:
    (site / "config" / "more.yml").write_text("menus: {a: {prompt: x, choices: {1: {queue: nowhere}}}}")
    (site / "config" / "calls.yml").write_text(CALLS)
    for command in (CALL, ("test",)):
        with pytest.raises(Trouble, match=r"cannot be used:\n.*more.yml:1:4\d: There is no queue"):
            run(site, *command)


def test_test_says_that_all_calls_go_as_expected(site: Path) -> None:
    (site / "config" / "calls.yml").write_text(CALLS)
    result = run(site, "test")
    assert (result.exit_code, result.output) == (0, "2 calls, as expected.\n")
    result = run(site, "test", f"{site}/config", "--case", "Anna answers", "--json")
    data = json.loads(result.output)
    assert data["ok"] and [(call["name"], call["ok"]) for call in data["calls"]] == [("Anna answers", True)]
    assert data["calls"][0]["trace"]["answered_by"] == "1001"


def test_test_tells_what_happened_instead_and_exits_with_1(site: Path) -> None:
    (site / "config" / "calls.yml").write_text(CALLS.replace("by 1001", "by 1002"))
    result = run(site, "test")
    assert result.exit_code == 1
    first, *told, last = result.output.splitlines()
    place = f"{site}/config/calls.yml:3:24"
    assert first == (
        f'{place}: "Anna answers" should be answered by 1002, but ends in queue sales, answered by 1001.'
    )
    assert "    00:00.0  site.yml:16  queue: sales" in told
    assert last == "2 calls, 1 not as expected."
    data = json.loads(run(site, "test", "--json").output)
    assert not data["ok"] and data["calls"][0]["failures"][0]["sentence"] == first


def test_without_calls_nothing_is_tested(site: Path) -> None:
    with pytest.raises(Trouble, match=r"There is no calls.yml with calls in .*config: nothing has been tested."):
        run(site, "test")
    (site / "config" / "calls.yml").write_text(CALLS)
    with pytest.raises(
        Trouble, match=r'There is no call "Ana answers" in .*calls.yml. Did you mean "Anna answers"\?'
    ):
        run(site, "test", "--case", "Ana answers")
    (site / "config" / "calls.yml").write_text("calls: {it: {ends: closd}}")
    with pytest.raises(Trouble, match=r'calls.yml:1:20: "closd" is no end of a call. Did you mean "closed"\?'):
        run(site, "test")


def test_the_program_itself_ends_with_2_and_without_a_traceback(site: Path) -> None:
    done = program("-c", f"{site}/config", "trace", "--from", "1", "--to", "2")
    assert done.returncode == 2 and "Traceback" not in done.stderr and "--to" in done.stderr
