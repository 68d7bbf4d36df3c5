"""Which numbers may be called back: what strangers write is understood, and what is refused, and why."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.callbacks.allowed import Allowed, NotAllowed, Why, allowed
from appliance.callbacks.routes import callback_plan
from appliance.settings import Customer, Destination, Group, Number, Prompt, Queue, Settings, Strategy
from appliance.settings.callback import Callback
from appliance.settings.trunks import LineType, Numbers, OutboundRule, Trunk
from appliance.trunks.outbound import Quiet

OURS = "+74951234567"
MOBILE = "+79161234567"
BLOCKED = "+79261234569"
LONDON = "+442079460123"
TRUNKS = ("north",)
RULES = (
    OutboundRule("emergency", (Numbers(dialled="112"),), TRUNKS, emergency=True),
    OutboundRule("thieves", (Numbers(prefix="+79000"),), refuse=True),
    OutboundRule("russia", (Numbers(country="RU"),), TRUNKS, calls=1),
    OutboundRule("desk", (Numbers(country="GB"),), TRUNKS, phones=("201",)),
    OutboundRule("elsewhere", (Numbers(country="FR"),)),
)


def site(*named: str, rules: tuple[OutboundRule, ...] = RULES, country: str = "RU") -> Settings:
    queues = {
        "sales": Queue("sales", "Sales", Strategy.IN_ORDER, (), callback=Callback(rules=named)),
        "quiet": Queue("quiet", "Quiet", Strategy.IN_ORDER, ()),
    }
    return Settings(
        directory=Path("/"),
        company="Tea",
        country=country,
        time_zone="UTC",
        language="en",
        queues=queues,
        trunks={"north": Trunk("north", "192.0.2.1")},
        outbound={rule.id: rule for rule in rules},
        numbers={
            OURS: Number(OURS, "Shop", Destination(queue="sales")),
            "4420": Number("4420", "Partners", Destination(queue="sales")),
        },
        groups={"blocked": Group("blocked", "Blocked", refuse=Prompt({}))},
        customers={BLOCKED: Customer(BLOCKED, "Spam", "blocked", None)},
    )


@pytest.mark.parametrize(
    "written",
    [
        *(MOBILE, "8 (916) 123-45-67", "79161234567", "007 916 123 45 67", "9161234567", "  +7 916 1234567 "),
        "+7\u00a0916\u2011123\u201145\u201167",
    ],
)
def test_a_number_in_any_spelling(written: str) -> None:
    assert allowed(site(), "sales", written) == Allowed(MOBILE)


@pytest.mark.parametrize(
    "written, why, said, because",
    [
        ("", Why.NO_NUMBER, "no telephone number", ()),
        ("anonymous", Why.NO_NUMBER, "no telephone number", ()),
        ("201", Why.NO_NUMBER, "no telephone number", ()),
        ("+7916123456789012345", Why.NO_NUMBER, "no telephone number", ()),
        ("9161234567;+79161234567", Why.NO_NUMBER, "no telephone number", ()),
        ("٨٩١٦١٢٣٤٥٦٧", Why.NO_NUMBER, "no telephone number", ()),
        ("112", Why.EMERGENCY, "112 is an emergency number", ()),
        (" 1-1-2 ", Why.EMERGENCY, "112 is an emergency number", ()),
        ("+2710111", Why.EMERGENCY, "+2710111 is an emergency number", ()),
        ("+72001234567", Why.NOT_IN_USE, "There is no such number", ()),
        ("+35875194", Why.SHORT, "is a short number", ()),
        ("+49110", Why.NO_NUMBER, "no telephone number", ()),
        ("8 809 123-45-67", Why.COSTLY, "+78091234567 is a premium-rate number", ()),
        ("+33811234567", Why.COSTLY, "+33811234567 is a shared-cost number", ()),
        ("8 495 123-45-67", Why.OURS, f"{OURS} is a number of ours", ("numbers", OURS)),
        ("8 926 123-45-69", Why.BLOCKED, f"Calls of {BLOCKED} are refused", ("groups", "blocked", "refuse")),
        ("+79000123456", Why.NO_RULE, "rule thieves refuses it", ("outbound", "thieves", "refuse")),
        (LONDON, Why.NO_RULE, "no rule allows it", ("outbound",)),
        ("+33142685300", Why.NO_RULE, "No trunk takes calls to", ("outbound", "elsewhere", "trunks")),
    ],
)
def test_what_is_refused(written: str, why: Why, said: str, because: tuple[str, ...]) -> None:
    found = allowed(site(), "sales", written)
    assert isinstance(found, NotAllowed), found
    assert (found.why, found.because) == (why, because) and said in found.text


def test_numbers_abroad_need_a_rule_that_the_queue_names() -> None:
    """The rule is for one phone only, and no phone calls customers back."""
    assert isinstance(allowed(site("russia"), "sales", LONDON), NotAllowed)
    assert allowed(site("russia", "desk"), "sales", LONDON) == Allowed(LONDON)
    assert isinstance(allowed(site("desk"), "sales", MOBILE), NotAllowed)  # of the others none holds then


def test_what_is_refused_to_everybody_is_refused_whatever_rules_a_queue_names() -> None:
    found = allowed(site("russia"), "sales", "+79000123456")
    assert isinstance(found, NotAllowed) and found.because == ("outbound", "thieves", "refuse")


def test_no_rule_makes_a_premium_number_one_that_may_be_called() -> None:
    anything = OutboundRule("anything", (), TRUNKS)
    premium = OutboundRule("premium", (Numbers(type=LineType.PREMIUM),), TRUNKS)
    for rules in ((anything,), (premium,), (premium, anything)):
        for named in ((), tuple(rule.id for rule in rules)):
            found = allowed(site(*named, rules=rules), "sales", "+78091234567")
            assert isinstance(found, NotAllowed) and found.why is Why.COSTLY
    assert allowed(site(rules=(anything,)), "sales", LONDON) == Allowed(LONDON)


def test_queues_without_call_backs() -> None:
    for queue in ("quiet", "sails"):
        found = allowed(site(), queue, MOBILE)
        assert isinstance(found, NotAllowed) and found.why is Why.NO_CALLBACK


def test_without_a_country_the_number_says_its_own() -> None:
    settings = site(country="ZZ")
    assert allowed(settings, "sales", MOBILE) == Allowed(MOBILE)
    assert isinstance(allowed(settings, "sales", "89161234567"), NotAllowed)


SPELLING = st.text(alphabet="0123456789+-() .*#,;wpP/\u0660\x00\nabe", max_size=60)
COUNTRIES = st.sampled_from(["RU", "GB", "US", "DE", "FR", "KZ", "IT", "ZZ"])


@given(written=st.text() | SPELLING | st.integers(min_value=1, max_value=10**15).map(str), country=COUNTRIES)
def test_no_text_of_strangers_breaks_anything(written: str, country: str) -> None:
    everything = OutboundRule("everything", (), TRUNKS)
    settings = site(rules=(everything,), country=country)
    found = allowed(settings, "sales", written)
    if isinstance(found, NotAllowed):
        assert found.text.endswith(".") and found.text.isprintable()
        return
    assert allowed(settings, "sales", found.number) == found  # whoever asks again hears the same
    assert callback_plan(settings, "sales", found.number, Quiet(), 0.0).attempts


@given(written=SPELLING)
def test_how_busy_the_trunks_are_changes_nothing(written: str) -> None:
    capped = site()
    free = replace(capped, outbound={id: replace(rule, calls=None) for id, rule in capped.outbound.items()})
    assert allowed(capped, "sales", written) == allowed(free, "sales", written)
