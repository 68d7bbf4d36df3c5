"""Rules by which callers leave a queue as they are written: what is understood, and what is hardly meant."""

from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.rehearsal.imagined import ImaginedCall
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.telling import trace_text
from appliance.rehearsal.trace import trace
from appliance.settings import Destination, Overflow, Presence, Settings, WhenEmpty

SITE = """
company: Tea
country: RU
time_zone: UTC
language: en
music: {default: music.wav}
phones: {201: {name: Desk}}
agents: {1: {name: Anna}, 2: {name: Boris}}
speech: {command: "cat > {file}"}
numbers: {"+74951234567": {open: {queue: support}}, "+74951234568": {open: {queue: sales}}}
trunks: {a: {host: 192.0.2.1, addresses: [192.0.2.1]}}
outbound:
  emergency: {numbers: ["112"], emergency: yes, trunks: a}
  russia: {numbers: [{country: RU}], trunks: a}
  abroad: {numbers: any, phones: [201], trunks: a}
"""
_QUOTES = str.maketrans("“”", '""')
SORRY = "{message: Sorry.}"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "site.yml").write_text(SITE)
    (tmp_path / "music.wav").write_bytes((Path(__file__).parents[2] / "config/music/waiting.wav").read_bytes())
    return tmp_path


def write(directory: Path, support: str, sales: str = "") -> None:
    """Two queues with these fields besides."""
    queues = {"support": f"agents: [1], {support}", "sales": f"agents: [2], {sales}"}
    lines = [f"  {id}: {{strategy: in-order, {fields}}}".replace(", }", "}") for id, fields in queues.items()]
    (directory / "x.yml").write_text("\n".join(["queues:", *lines, ""]))


def problems(directory: Path, support: str, sales: str = "") -> list[str]:
    write(directory, support, sales)
    return [f"{p.text} {p.remedy}".strip() + (" (warning)" if p.warning else "") for p in load(directory).problems]


def settings(directory: Path, support: str) -> Settings:
    write(directory, support)
    checked = load(directory)
    assert checked.settings is not None and not checked.problems, checked.problems
    return checked.settings


def test_everything_that_can_be_said_of_leaving(directory: Path) -> None:
    queue = settings(
        directory,
        "overflow: [{length: 20, per_agent: 2.5, to: {message: Full.}}, {expected_wait: 10m, to: {queue: sales}}, "
        '{after: 5m, expected_wait: 1m, to: {number: "8 (916) 123-45-67"}}], '
        "when_empty: {join: wait, waiting: leave, there: [ready, paused, unreachable], after: 30s, "
        "to: {extension: 201}}, keys: {1: {queue: sales}, 0: {number: 112}, '*': hang up}",
    ).queues["support"]
    full, slow, late = queue.overflow
    assert (full.length, full.per_agent, full.is_for_joining, str(full)) == (
        20,
        2.5,
        True,
        "length 20, per agent 2.5",
    )
    assert slow == Overflow(Destination(queue="sales"), expected_wait=600.0)
    assert (late.after, late.expected_wait, str(late.to)) == (300.0, 60.0, "number +79161234567")
    there = frozenset({Presence.READY, Presence.PAUSED, Presence.UNREACHABLE})
    assert queue.when_empty == WhenEmpty(Destination(extension="201"), False, True, there, 30.0)
    assert {key: str(to) for key, to in queue.keys.items()} == {
        "1": "queue sales",
        "0": "number 112",
        "*": "hang up",
    }


@pytest.mark.parametrize(
    "support, said",
    [
        ("overflow: {to: {queue: sales}}", "This rule of overflow has no condition. Give it one"),
        ("overflow: {after: 5m}", 'A rule of overflow has no "to".'),
        ("overflow: {after: 5m, to: {queue: sale}}", "There is no queue “sale”. Did you mean “sales”?"),
        ("overflow: {afer: 5m, to: hang up}", "A rule of overflow has no field"),
        ("overflow: {length: 0, to: {queue: sales}}", "“0” is not a whole number from 1 to 10000."),
        ("overflow: {after: 5m, to: {queue: support}}", "This leads callers of the queue “support” back to it."),
        ("when_empty: {join: go, to: {queue: sales}}", "“go” is not known here."),
        ("when_empty: {there: [], to: {queue: sales}}", "This list is empty. Name at least one, such as ready."),
        ("keys: {12: {queue: sales}}", "“12” is not a key of a telephone"),
        (
            'keys: {1: {number: "+442079460000"}}',
            "Callers cannot be put through to +442079460000: no rule allows it.",
        ),
        ('keys: {1: {number: "201"}}', "Callers cannot be put through to 201: no rule allows it."),
        ("keys: {1: {number: abc}}", "“abc” is not what a phone can dial"),
    ],
)
def test_mistakes(directory: Path, support: str, said: str) -> None:
    found = [each for each in problems(directory, support) if "(warning)" not in each]
    plain = [each.translate(_QUOTES) for each in found]
    assert [each for each in plain if each.startswith(said.translate(_QUOTES))], found


@pytest.mark.parametrize(
    "support, sales, said",
    [
        (
            f"overflow: [{{after: 5m, length: 3, to: {SORRY}}}]",
            "",
            "This rule is never true: length is asked of who joins, and has not waited yet. Make two rules of it.",
        ),
        (
            f"overflow: [{{after: 2m, to: {SORRY}}}, {{after: 5m, expected_wait: 1m, to: {{queue: sales}}}}]",
            "",
            "This rule is never used: whenever it is true, rule 1 before it is true as well. "
            "Put it before rule 1, or remove it.",
        ),
        (
            "overflow: [{after: 5m, to: {queue: sales}}]",
            "overflow: [{after: 5m, to: {queue: support}}]",
            "Callers go round in a circle of queues: support -> sales -> support. "
            "Let one of them lead to a message, a number outside, or another place where it ends.",
        ),
        (
            "overflow: [{after: 5m, to: hang up}]",
            "",
            "Who leaves the queue here hears nothing: the call ends. Let it lead to a message, or anywhere else.",
        ),
        (
            f"when_empty: {{join: wait, waiting: stay, to: {SORRY}}}",
            "",
            "This is never used: who would join may wait, and who waits may stay. "
            "Say join: refuse, or waiting: leave.",
        ),
    ],
)
def test_what_is_hardly_meant(directory: Path, support: str, sales: str, said: str) -> None:
    assert problems(directory, support, sales) == [f"{said} (warning)"]


def test_the_same_agents_are_not_there_either(directory: Path) -> None:
    assert problems(directory, "when_empty: {to: {queue: sales}}") == []
    (directory / "y.yml").write_text("queues: {late: {strategy: in-order, agents: [1]}}")
    (found,) = problems(directory, "when_empty: {to: {queue: late}}")
    assert found.startswith("Where nobody is there for") and found.endswith("(warning)")


def test_a_circle_in_which_nobody_would_ever_wait_is_an_error(directory: Path) -> None:
    full = "overflow: [{{length: 5, to: {{queue: {0}}}}}]"
    (found,) = problems(directory, full.format("sales"), full.format("support"))
    assert "while all of them are full or empty: support -> sales -> support." in found
    assert "(warning)" not in found


def test_a_trace_tells_by_which_line_the_caller_left(directory: Path) -> None:
    write(directory, "overflow: [{after: 2m, to: {number: 89161234567}}], when_empty: {after: 0s, to: hang up}")
    premises = Premises(load(directory).reading)
    told = trace(premises, ImaginedCall("+79123456780", "+74951234567", 1.7e9, "a", signed_on=("1",), busy=("1",)))
    text = trace_text(told, premises)
    assert "leaves the queue after a wait of 2:00: overflowed (after 2m: has waited 2m), to number" in text
    assert "outside: +79161234567" in text and told.stands == ["queue support", "number +79161234567"]
    assert told.outcome is not None and told.outcome.value == "forwarded answered"
    left = next(m for m in told.moments if m.kind == "left")
    assert left.place is not None and left.place.line == 2
    nobody = trace(premises, ImaginedCall("+79123456780", "+74951234567", 1.7e9, "a"))
    assert nobody.stands == ["queue support", "hang up"]
    assert nobody.outcome is not None and nobody.outcome.value == "unstaffed"
