"""Outgoing calls decided: which rule, which trunks in which order, which form of a number, and why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.identify import called_number, identify, read_from, to_e164
from appliance.port import (
    Dialled,
    EndCause,
    LegEnded,
    LegInfo,
    LegRinging,
    LegStarted,
    Outcome,
    TrunkChanged,
    TrunkState,
)
from appliance.settings import Destination, Number, Settings
from appliance.settings.trunks import LineType, NumberForm, Numbers, OutboundRule, ShowIn, Trunk
from appliance.trunks.lines import TrunkLines
from appliance.trunks.number_forms import is_of_country, is_of_type, written_as
from appliance.trunks.outbound import Reason, Refusal, next_trunk_helps, plan
from appliance.trunks.sip_words import FAILURES, NO_ANSWER_FROM_HOST, WORDS, Blame, failure, named

OURS = "+74951234567"
MOBILE = "+79161234567"


@dataclass
class Load:
    """What is going on, as a test says."""

    calls: Mapping[str, int] = field(default_factory=dict)
    by_rule: Mapping[str, int] = field(default_factory=dict)
    lately: Mapping[str, int] = field(default_factory=dict)
    down: frozenset[str] = frozenset()

    def calls_of(self, trunk: str) -> int:
        return self.calls.get(trunk, 0)

    def calls_by(self, rule: str) -> int:
        return self.by_rule.get(rule, 0)

    def lately_by_trunk(self, trunk: str, now: float) -> int:
        return self.lately.get(trunk, 0)

    def lately_by_rule(self, rule: str, now: float) -> int:
        return self.lately.get(rule, 0)

    def is_down(self, trunk: str) -> bool:
        return trunk in self.down


def site(*rules: OutboundRule, **trunk: object) -> Settings:
    return Settings(
        Path("/c"),
        "Acme",
        "RU",
        "Europe/Moscow",
        "ru",
        numbers={OURS: Number(OURS, "Main", Destination(hang_up=True))},
        trunks={
            "a": Trunk("a", "192.0.2.1", **trunk),  # type: ignore[arg-type]
            "b": Trunk("b", "192.0.2.2", numbers=NumberForm.E164),
        },
        outbound={rule.id: rule for rule in rules},
    )


RUSSIA = OutboundRule("russia", (Numbers(country="RU"),), ("a", "b"), show=OURS)


def test_the_first_rule_that_fits_decides() -> None:
    mobile = OutboundRule("mobile", (Numbers(country="RU", type=LineType.MOBILE),), ("b",))
    made = plan(site(mobile, RUSSIA), "89161234567", "201", Load(), 0.0)
    assert (made.rule, [to.trunk for to in made.attempts], made.number) == (mobile, ["b"], MOBILE)
    assert plan(site(RUSSIA, mobile), "89161234567", "201", Load(), 0.0).rule == RUSSIA


@pytest.mark.parametrize("dialled", [MOBILE, "79161234567", "89161234567", "9161234567", "8-916-123-45-67"])
def test_every_spelling_reaches_each_trunk_in_its_own_form(dialled: str) -> None:
    first, second = plan(site(RUSSIA, numbers=NumberForm.NATIONAL), dialled, "201", Load(), 0.0).attempts
    assert (first.number, first.shown) == ("89161234567", "84951234567")
    assert (second.number, second.shown) == ("79161234567", "74951234567")


def test_trunks_that_are_full_are_passed_over_and_those_that_are_down_come_last() -> None:
    down = plan(site(RUSSIA), MOBILE, "201", Load(down=frozenset("a")), 0.0)
    assert [to.trunk for to in down.attempts] == ["b", "a"]
    full = plan(site(RUSSIA, calls=2), MOBILE, "201", Load(calls={"a": 2}), 0.0)
    assert [to.trunk for to in full.attempts] == ["b"]
    assert "trunk a passed over: it has 2 calls already" in [reason.text for reason in full.reasons]
    hour = plan(site(RUSSIA, calls_per_hour=9), MOBILE, "201", Load(lately={"a": 9}), 0.0)
    assert [to.trunk for to in hour.attempts] == ["b"]


def test_caps_refuse_and_sound_the_alarm_but_not_for_an_emergency() -> None:
    rule = OutboundRule("all", (), ("a",), calls=1, calls_per_hour=5)
    for load in (Load(by_rule={"all": 1}), Load(lately={"all": 5})):
        made = plan(site(rule), MOBILE, "201", load, 0.0)
        assert (made.refusal, made.alarm) == (Refusal.TOO_MANY, True)
    only = plan(site(OutboundRule("all", (), ("a",)), calls=1), MOBILE, "201", Load(calls={"a": 1}), 0.0)
    assert (only.refusal, only.alarm) == (Refusal.TOO_MANY, True)
    help = OutboundRule("help", (Numbers(dialled="112"),), ("a",), emergency=True, phones=("202",), calls=1)
    made = plan(site(help, calls=1), "112", "201", Load(calls={"a": 1}, by_rule={"help": 1}), 0.0)
    assert [to.number for to in made.attempts] == ["112"]


def test_rules_for_some_phones_and_rules_that_refuse() -> None:
    premium = OutboundRule("premium", (Numbers(type=LineType.PREMIUM),), refuse=True)
    boss = OutboundRule("boss", (), ("b",), phones=("201",), withhold=True)
    settings = site(premium, boss)
    assert plan(settings, "+78091234567", "201", Load(), 0.0).refusal is Refusal.NOT_ALLOWED
    assert plan(settings, MOBILE, "201", Load(), 0.0).attempts[0].shown is None
    other = plan(settings, MOBILE, "202", Load(), 0.0)
    assert other.refusal is Refusal.NOT_ALLOWED
    assert other.reasons[0] == Reason("rule boss: not for phone 202", ("outbound", "boss", "phones"))
    assert plan(site(), MOBILE, "201", Load(), 0.0).refusal is Refusal.NOT_ALLOWED


@given(st.text(max_size=60))
def test_nothing_that_a_phone_can_dial_becomes_a_strange_number(dialled: str) -> None:
    made = plan(site(OutboundRule("all", (), ("a", "b"))), dialled, "201", Load(), 0.0)
    assert made.attempts or made.refusal
    for to in made.attempts:
        assert to.number.lstrip("+").isdecimal() and to.number.isascii()


# Forms of numbers


@pytest.mark.parametrize(
    "form, home, abroad",
    [
        (NumberForm.PLUS, "+79161234567", "+442079460000"),
        (NumberForm.E164, "79161234567", "442079460000"),
        (NumberForm.NATIONAL, "89161234567", "810442079460000"),
        (NumberForm.SIGNIFICANT, "9161234567", "810442079460000"),
    ],
)
def test_numbers_are_written_as_the_provider_wants_and_read_back(form: NumberForm, home: str, abroad: str) -> None:
    assert written_as(MOBILE, form, "RU") == home and written_as("+442079460000", form, "RU") == abroad
    assert read_from(home, form, "RU") == MOBILE and read_from(abroad, form, "RU") == "+442079460000"
    assert written_as("112", form, "RU") == "112"


def test_a_provider_s_own_form_is_tried_first() -> None:
    assert read_from("4951234567", NumberForm.NATIONAL, "RU") == OURS
    ambiguous = "4989123456789"  # Munich without a plus
    assert read_from(ambiguous, NumberForm.E164, "RU") == "+" + ambiguous == to_e164("+" + ambiguous, "RU")


def test_countries_and_types() -> None:
    assert is_of_country(MOBILE, "RU") and not is_of_country("+77012345678", "RU")
    assert is_of_type("+78091234567", LineType.PREMIUM) and is_of_type("+78001234567", LineType.TOLL_FREE)
    assert is_of_type(MOBILE, LineType.MOBILE) and not is_of_type(MOBILE, LineType.FIXED)


def test_a_forwarded_call_where_the_trunk_says_so() -> None:
    settings = site(forwarded=True)
    for diverted, found in ((OURS, OURS), ("84951234567", OURS), ("+79990000000", None), ("garbage", None)):
        number = called_number(settings, "4420", diverted, "a")
        assert (number.id if number else None) == found
    assert called_number(settings, "4420", OURS, "b") is None
    assert identify(settings, "74951234567", "b").number == OURS


def test_where_our_number_stands() -> None:
    assert Trunk("a", "h").shows_in == (ShowIn.FROM,) and Trunk("a", "h").sender is None
    account = Trunk("a", "h", username="acct")
    assert account.shows_in == (ShowIn.PAI,) and account.sender == "acct"
    assert Trunk("a", "h", username="acct", show_in=(ShowIn.FROM,)).sender is None
    assert Trunk("a", "h", from_user="us", show_in=(ShowIn.RPID,)).sender == "us"


# What failures mean


@pytest.mark.parametrize(
    "dialled, helps",
    [
        (Dialled(Outcome.ANSWERED, "a", 3.0), False),
        (Dialled(Outcome.BUSY, status=486), False),
        (Dialled(Outcome.UNREACHABLE, status=404), False),
        (Dialled(Outcome.NO_ANSWER, status=480), False),
        (Dialled(Outcome.NO_ANSWER), False),
        (Dialled(Outcome.CANCELLED, status=487), False),
        (Dialled(Outcome.REFUSED, status=603), False),
        (Dialled(Outcome.REFUSED, status=403), True),
        (Dialled(Outcome.UNREACHABLE, status=408), True),
        (Dialled(Outcome.FAILED, status=488), True),
        (Dialled(Outcome.FAILED, status=503), True),
        (Dialled(Outcome.UNREACHABLE), True),
        (Dialled(Outcome.FAILED), True),
    ],
)
def test_another_trunk_helps_where_the_trunk_has_failed(dialled: Dialled, helps: bool) -> None:
    assert next_trunk_helps(dialled) is helps


@given(st.one_of(st.none(), st.integers(min_value=-5, max_value=2000)))
def test_every_status_has_words(status: int | None) -> None:
    meant = failure(status)
    assert meant.what and meant.cause and meant.remedy and named(status)


def test_the_words_of_some() -> None:
    assert failure(None) is NO_ANSWER_FROM_HOST and named(404) == "404 Not Found" and named(499) == "499"
    assert failure(302).what == "the provider sends us elsewhere"
    assert failure(599).blame is Blame.TRUNK and failure(699).blame is Blame.CALLEE
    assert {status for status in WORDS if status not in FAILURES} == {500}


# Lines


def test_lines_are_counted_in_both_directions_and_once() -> None:
    lines = TrunkLines(["a"])
    assert lines.admit("in", "a", 2)
    lines.take("phone", "a", "rule", 10.0)
    assert (lines.calls_of("a"), lines.calls_by("rule")) == (2, 1)
    lines.event(LegStarted("out", "a"))
    lines.event(LegRinging("out", "a", "phone"))
    assert lines.calls_of("a") == 2
    assert not lines.admit("late", "a", 2) and lines.admit("in", "a", 2)
    lines.event(LegEnded("in", "a", EndCause.NORMAL))
    lines.give_back("phone")
    assert (lines.calls_of("a"), lines.calls_by("rule")) == (1, 0)
    assert lines.admit("late", "a", 2) and lines.calls_of("a") == 2


def test_of_two_that_come_for_the_last_line_one_gets_it() -> None:
    lines = TrunkLines(["a"])
    for leg in ("one", "two"):
        lines.event(LegStarted(leg, "a"))
    assert [lines.admit(leg, "a", 1) for leg in ("one", "two")] == [True, False]


def test_an_hour_and_what_was_before_a_restart() -> None:
    lines = TrunkLines(["a"])
    lines.take("p", "a", "r", 3600.0)
    lines.remember([(10.0, "a", "r"), (20.0, "a", "other")])
    assert lines.lately_by_trunk("a", 3605.0) == 3 and lines.lately_by_rule("r", 3605.0) == 2
    assert lines.lately_by_trunk("a", 3615.0) == 2 and lines.lately_by_trunk("a", 7200.0) == 0


def test_what_the_switch_says_is_the_truth() -> None:
    lines = TrunkLines(["a", "b"])
    lines.admit("gone", "a", None)
    known = lines.known()
    lines.admit("new", "a", None)
    lines.seen(known, [LegInfo("there", "b", None, 0.0), LegInfo("phone", "201", None, 0.0)])
    assert (lines.calls_of("a"), lines.calls_of("b")) == (1, 1)
    lines.states([TrunkState("a", reachable=False), TrunkState("b", registered=True)])
    assert lines.is_down("a") and not lines.is_down("b")
    lines.event(TrunkChanged("a", True))
    assert not lines.is_down("a")


def test_a_leg_whose_end_was_faster_than_its_beginning_is_not_counted_for_ever() -> None:
    lines = TrunkLines(["a"])
    lines.event(LegEnded("quick", "a", EndCause.NORMAL))
    assert lines.admit("quick", "a", 1) and lines.calls_of("a") == 0
