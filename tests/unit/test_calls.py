"""calls.yml: what is written there is understood, or complained about with its place; what fails says how."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.configuration.checks import load
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.run import Rehearsal, rehearse, run_cases

CONFIG = Path(__file__).parents[2] / "config"
PREMISES = Premises(load(CONFIG).reading)
USUAL = 'usual: {from: "+79123456780", to: "+74951234567", at: 2026-11-20T12:00}\n'


def tried(directory: Path, text: str, only: str | None = None) -> Rehearsal:
    (directory / "calls.yml").write_text(text)
    return rehearse(directory, PREMISES, only)


def wrong(directory: Path, text: str) -> list[str]:
    """The problems of a file, each without the name of the directory."""
    return [str(problem).removeprefix(f"{directory}/") for problem in tried(directory, text).problems]


def failures(directory: Path, *fields: str) -> list[str]:
    """What is said of one call that has these fields, without the place."""
    body = "".join(f"    {field}\n" for field in fields)
    rehearsal = tried(directory, f"{USUAL}calls:\n  it:\n{body}")
    assert not rehearsal.problems, rehearsal.problems
    return [failure.text for result in rehearsal.results for failure in result.failures]


def test_it_is_no_section_of_the_configuration(tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "mine")
    (tmp_path / "mine" / "calls.yml").write_text("calls: {nonsense: [")
    assert load(tmp_path / "mine").problems == load(CONFIG).problems
    assert not run_cases(tmp_path / "mine").ok
    (tmp_path / "mine" / "calls.yml").unlink()
    assert run_cases(tmp_path / "mine").ok


def test_every_mistake_has_its_place_and_a_remedy(tmp_path: Path) -> None:
    text = """usual:
  at: tomorrow
  form: red
calls:
  first:
    from: nobody
    to: +7495123456
    keys: [1, x]
    signed_on: [1001, 999]
    answers: soon
    hangs_up: 3
    trunk: nort
    ends: queue salse
    hear: hello
  second:
    from: 201
    to: "!"
    at: 2026-11-20T12:00
    ends: nowhere at all
    hears: menus.main.promt
    waits: long
    rule: russa
    by: nort
    shows: "+79990000000"
    group: vipp
    language: fr
  third:
    from: anonymous
    to: 4420
    at: 2026-11-20T12:00
  fourth: nothing
cals: {}
"""
    found = wrong(tmp_path, text)
    expected = (
        'calls.yml:2:7: "tomorrow" is not a date with a time. Write it like 2026-12-31T23:00.',
        'calls.yml:3:3: What is usual for calls has no field "form". Did you mean "from"?',
        'calls.yml:6:11: "nobody" is not the number of a caller. Write it like +79123456780; or a phone of ours, '
        "or anonymous.",
        'calls.yml:7:9: "+7495123456" is not a number of ours. Did you mean "+74951234568"?',
        'calls.yml:8:15: "x" cannot be pressed on a telephone. Keys are 0 to 9, "*" and "#"; one that is not '
        'pressed is "silence".',
        'calls.yml:9:23: There is no agent "999". Known here: 1001, 1002, 1003, 1004.',
        'calls.yml:10:14: "soon" is not an answer. Write no, busy, or after 5s.',
        'calls.yml:11:15: "3" is not a length of time. Write "3s" for seconds or "3m" for minutes.',
        'calls.yml:12:12: There is no trunk "nort". Did you mean "north"?',
        'calls.yml:13:11: There is no queue "salse". Did you mean "sales"?',
        'calls.yml:14:5: The call "first" has no field "hear". Did you mean "hears"?',
        'calls.yml:17:9: "!" is nothing that a phone can dial. Write digits, "*" and "#".',
        'calls.yml:20:12: "menus.main.promt" is no prompt of the configuration. Did you mean "menus.main.prompt"?',
        'calls.yml:21:12: "long" is no wait. Write it like under 20s, or over 1m.',
        'calls.yml:22:11: There is no rule "russa". Did you mean "russia"?',
        'calls.yml:23:9: There is no trunk "nort". Did you mean "north"?',
        'calls.yml:25:12: There is no group "vipp". Did you mean "vip"?',
        'calls.yml:26:15: There is no language "fr". Known here: en, ru.',
        'calls.yml:27:3: The call "third" expects nothing. Say what must become of it, for example "ends: queue '
        'sales".',
        'calls.yml:31:11: The call "fourth" must be a table of fields. Write each on a line of its own below '
        'it, indented further, as "key: value".',
        'calls.yml:32:1: The file "calls.yml" has no field "cals". Did you mean "calls"?',
    )
    assert [each for each in expected if each not in found] == []
    assert any(each.startswith('calls.yml:19:11: "nowhere at all" is no end of a call. ') for each in found)
    assert any(each.startswith('calls.yml:24:12: There is no number "+79990000000".') for each in found)
    assert any(each.startswith('calls.yml:31:11: The call "fourth" must be a table') for each in found)
    assert not tried(tmp_path, text).ok and not tried(tmp_path, text).results


def test_what_is_usual_holds_where_nothing_else_is_said(tmp_path: Path) -> None:
    text = USUAL + "calls:\n  one: {ends: queue sales, keys: 1}\n  two: {to: 4420, ends: queue support}\n"
    assert tried(tmp_path, text).ok
    assert [result.case.name for result in tried(tmp_path, text, "two").results] == ["two"]


@pytest.mark.parametrize(
    "call, expected, sentence",
    [
        ("keys: 1", "ends: queue support", "end in queue support, but ends in queue sales, answered by 1001"),
        ("keys: 1", "ends: extension 201", "end in extension 201, but ends in queue sales, answered by 1001"),
        ("keys: 1", "ends: {answered by: 1002}", "be answered by 1002, but ends in queue sales, answered by 1001"),
        ("to: 4420", "ends: abandoned", "end as abandoned, but ends in queue support, answered by 1002"),
        ("keys: 9", "hears: menus.main.wrong", 'hear "menus.main.wrong", but hears “Здравствуйте!'),
        ("keys: 9,1", "not_hears: чайная УЛИЦА", 'not hear "чайная УЛИЦА", but hears “Наш адрес'),
        ("keys: 1", "group: vip", "be of the group vip, but is of no group"),
        ("from: +79161234567", "group: none", "be of the group none, but is of the group vip"),
        ("keys: 1", "language: en", "be in en, but is in ru"),
        ("keys: 9,1", "waits: under 20s", "wait under 20s, but does not stand in a queue"),
        ("to: 4420", "waits: over 20s", "wait over 20s, but waits 0:03"),
        ("keys: 1", "rule: russia", "be made by the rule russia, but is made by no rule"),
        ("from: 201", "by: north", "go out by north, but does not go out"),
    ],
)
def test_a_failure_is_a_sentence(tmp_path: Path, call: str, expected: str, sentence: str) -> None:
    (said,) = failures(tmp_path, call, expected)
    assert said.startswith(f'"it" should {sentence}')


def test_calls_to_the_outside_say_by_which_trunks_and_what_was_shown(tmp_path: Path) -> None:
    out = ("from: 201", "to: +79161234567")
    assert failures(tmp_path, *out, "rule: russia", "by: north", 'shows: "+74951234567"') == []
    assert failures(tmp_path, *out, "rule: premium") == [
        '"it" should be made by the rule premium, but is made by the rule russia.'
    ]
    assert failures(tmp_path, *out, "by: north, prostor") == [
        '"it" should go out by north, then prostor, but goes out by north.'
    ]
    assert failures(tmp_path, *out, "shows: withheld") == ['"it" should show withheld, but shows +74951234567.']


def test_what_is_heard_is_heard_in_order(tmp_path: Path) -> None:
    assert failures(tmp_path, "keys: 7,1", "hears: [menus.main.prompt, menus.main.wrong, menus.main.prompt]") == []
    (said,) = failures(tmp_path, "keys: 7,1", "hears: [menus.main.wrong, numbers.+74951234567.greeting]")
    assert said.startswith(
        '"it" should hear "numbers.+74951234567.greeting" after "menus.main.wrong", but hears “Ч'
    )
    assert failures(tmp_path, "keys: silence,1", "hears: [no-key, Вы ничего не выбрали]") != []
    assert failures(tmp_path, "keys: silence,1", "hears: [menus.main.prompt, no-key]") == []
    assert failures(tmp_path, "to: 4420", "hears: gong") == []


def test_several_ends_must_all_be_true(tmp_path: Path) -> None:
    assert failures(tmp_path, "keys: 202", "ends: [extension 202, extension answered]") == []
    assert failures(tmp_path, "keys: 202", "answers: no", "ends: [extension 202, extension missed]") == []
    assert len(failures(tmp_path, "keys: 202", "ends: [extension 201, extension missed]")) == 2


def test_agents_may_each_do_something_else(tmp_path: Path) -> None:
    fields = ("to: 4420", "ends: answered by 1004")
    assert failures(tmp_path, *fields, "signed_on: 1004") == []
    assert failures(tmp_path, *fields, "paused: 1002", "busy: [1003]") == []
    assert failures(tmp_path, *fields, "answers: {1002: no, 1003: busy}") == []
    assert failures(tmp_path, *fields) != []


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.text("calls:usul fromtekyw[]{}\n -\"'*#1,", max_size=80))
def test_whatever_is_written_there_only_gives_problems(tmp_path: Path, text: str) -> None:
    tried(tmp_path, text)
    tried(tmp_path, f"{USUAL}calls:\n  it:\n    ends: {text}\n")
    tried(tmp_path, f"{USUAL}calls:\n  it: {{ends: closed, keys: {text}}}\n")
