"""What follows a failed attempt: tries are counted, nothing spins, and customers are called at decent hours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import settings as runs
from hypothesis import strategies as st

from appliance.configuration.hours_words import read_spans
from appliance.hours.schedule import opening
from appliance.line.ladder import LONGEST, CallingHours, next_attempt, time_zones_of
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Home, Kind, Promise
from appliance.settings import Callback, Hours, Queue, Settings, Strategy
from appliance.settings.callback import Redial

E = AttemptEnd
NO_TRIES = (E.FAILED, E.AGENT_MISSED)
TRIES = [end for end in E if end not in (*NO_TRIES, E.SERVED, E.CANCELLED)]
HOUR, DAY = 3600.0, 86400.0
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()  # a Monday

MOSCOW, BERLIN, NEW_YORK, INDIA = "+74951234567", "+493012345678", "+12125551234", "+911123456789"
RUSSIAN_MOBILE, TOLL_FREE, UNKNOWN = "+79161234567", "+18005551234", "+99912345"
WHERE = {
    **{MOSCOW: ("Europe/Moscow",), BERLIN: ("Europe/Berlin",)},
    **{NEW_YORK: ("America/New_York",), INDIA: ("Asia/Kolkata",), UNKNOWN: ()},
}


def promise(number: str = MOSCOW, expires: float = NOW + DAY, kind: Kind = Kind.HELD) -> Promise:
    return Promise(number, kind, First.CUSTOMER, NOW, expires)


def home(tries: int = 1, attempts: int | None = None, kind: Kind = Kind.HELD, expires: float = NOW + DAY) -> Home:
    return Home(promise(expires=expires, kind=kind), NOW, tries if attempts is None else attempts, tries)


def any_time(at: float) -> float | None:
    return at


# How often, and how soon


@pytest.mark.parametrize("end", TRIES)
def test_each_cause_has_its_delay_until_the_tries_are_used_up(end: AttemptEnd) -> None:
    rules = Callback(tries=3)
    assert [next_attempt(rules, home(tries), end, NOW, any_time) for tries in (1, 2, 3)] == [
        *(NOW + rules.delays[end],) * 2,
        CallbackEnd.UNREACHED,
    ]


def test_causes_of_which_the_rules_say_nothing_have_the_usual_delay() -> None:
    assert next_attempt(Callback(delays={E.BUSY: 10.0}), home(), E.NO_ANSWER, NOW, any_time) == NOW + 900.0


def test_who_has_not_asked_for_it_is_tried_as_often_as_that_rule_says() -> None:
    rules = Callback(tries=3, redial=Redial(tries=1))
    assert next_attempt(rules, home(1, kind=Kind.ABANDONED), E.BUSY, NOW, any_time) is CallbackEnd.UNREACHED
    assert next_attempt(rules, home(1), E.BUSY, NOW, any_time) == NOW + 120.0


def test_what_never_reached_the_network_is_no_try_and_goes_on_ever_slower() -> None:
    rules, at, gaps = Callback(tries=1), NOW, list[float]()
    for attempts in range(1, 12):
        next = next_attempt(rules, home(0, attempts), E.FAILED, at, any_time)
        assert isinstance(next, float)
        gaps.append(next - at)
        at = next
    assert gaps[0] == rules.delays[E.FAILED]
    assert gaps == sorted(gaps)
    assert gaps[-1] == LONGEST


def test_a_call_that_an_agent_misses_goes_to_the_next_at_once_but_not_for_ever() -> None:
    gaps = [next_attempt(Callback(), home(0, n), E.AGENT_MISSED, 0.0, any_time) for n in range(1, 20)]
    assert gaps[:5] == [0.0] * 5
    assert all(isinstance(gap, float) and gap >= 1.0 for gap in gaps[5:])


@pytest.mark.parametrize("rules", [Callback(), Callback(delays=dict.fromkeys(E, 0.0))])
@pytest.mark.parametrize("end", NO_TRIES)
def test_nothing_spins(rules: Callback, end: AttemptEnd) -> None:
    """A trunk that is down all day, or agents who never take the call."""
    at: float | CallbackEnd = NOW
    attempts = 0
    while not isinstance(at, CallbackEnd):
        attempts += 1
        at = next_attempt(rules, home(0, attempts), end, at, any_time)
    assert at is CallbackEnd.EXPIRED
    assert attempts < 150


def test_the_end_of_what_is_over_says_so() -> None:
    assert next_attempt(Callback(), home(), E.SERVED, NOW, any_time) is CallbackEnd.SERVED
    assert next_attempt(Callback(), home(), E.CANCELLED, NOW, any_time) is CallbackEnd.CANCELLED


@given(
    tries=st.integers(0, 5),
    in_vain=st.integers(0, 200),
    end=st.sampled_from([*TRIES, *NO_TRIES]),
    most=st.integers(1, 4),
    delays=st.dictionaries(st.sampled_from(E), st.floats(0.0, 7200.0)),
    expires=st.floats(-10.0, DAY),
    opens=st.one_of(st.none(), st.floats(0.0, DAY)),
)
def test_it_goes_on_within_what_was_promised_or_is_over(
    tries: int,
    in_vain: int,
    end: AttemptEnd,
    most: int,
    delays: dict[AttemptEnd, float],
    expires: float,
    opens: float | None,
) -> None:
    rules = Callback(tries=most, delays=delays)
    asked: list[float] = []

    def open_from(at: float) -> float | None:
        asked.append(at)
        return None if opens is None else at + opens

    waits = home(tries, tries + in_vain, expires=NOW + expires)
    found = next_attempt(rules, waits, end, NOW, open_from)
    assert (found is CallbackEnd.UNREACHED) == (tries >= most)
    if tries < most:
        (at,) = asked
        assert at >= NOW + delays.get(end, Callback().delays[end])
        in_time = opens is not None and at + opens < NOW + expires
        assert found == (at + opens if in_time and opens is not None else CallbackEnd.EXPIRED)


# When


def site(zone: str = "Europe/Moscow", *hours: Hours) -> Settings:
    return Settings(Path("/"), "", "RU", zone, "en", hours={each.id: each for each in hours})


def queue(begin: str = "", end: str = "", hours: str | None = None) -> Queue:
    times = (time.fromisoformat(each) if each else None for each in (begin, end))
    rules = Callback(**dict(zip(("from_time", "to_time"), times, strict=True)))  # type: ignore[arg-type]
    return Queue("q", "q", Strategy.LONGEST_IDLE, ("a1",), hours=hours, callback=rules)


def schedule(text: str, zone: str = "Europe/Moscow") -> Hours:
    return Hours("office", zone, tuple(read_spans(text)))


def moment(text: str, zone: str = "Europe/Moscow") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def opens(settings: Settings, queue: Queue, number: str, at: float, within: float = 3 * DAY) -> float | None:
    return CallingHours(settings).open_from(queue, promise(number, at + within), at)


def test_any_time_will_do_where_nothing_is_said() -> None:
    assert opens(site(), queue(), MOSCOW, NOW) == NOW
    assert opens(site(), replace(queue(), callback=None), MOSCOW, NOW) == NOW


def test_the_queue_has_to_be_open() -> None:
    office = site("Europe/Moscow", schedule("mon-fri 9:00-18:00"))
    friday, monday = moment("2026-11-27T18:00"), moment("2026-11-30T09:00")
    assert opens(office, queue(hours="office"), MOSCOW, friday) == monday
    assert opens(office, queue(hours="office"), MOSCOW, friday - 1) == friday - 1
    assert opens(office, queue(hours="office"), MOSCOW, friday, within=monday - friday) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (MOSCOW, "2026-11-24T09:00+03:00"),
        (NEW_YORK, "2026-11-23T23:00+03:00"),  # three in the afternoon
        (INDIA, "2026-11-24T06:30+03:00"),
        (UNKNOWN, "2026-11-24T09:00+03:00"),  # by our own clock
        (RUSSIAN_MOBILE, "2026-11-24T09:00+03:00"),  # may be in Moscow, as we are
    ],
)
def test_it_is_day_where_the_customer_lives(number: str, expected: str) -> None:
    at = moment("2026-11-23T23:00")
    assert opens(site(), queue("09:00", "20:00"), number, at) == datetime.fromisoformat(expected).timestamp()


def test_who_may_live_in_many_zones_is_called_when_it_is_day_in_all() -> None:
    found = opens(site("Europe/Berlin"), queue("08:00", "22:00"), RUSSIAN_MOBILE, moment("2026-11-23T23:00"))
    assert found == moment("2026-11-24T08:00", "Europe/Bucharest")  # the last to rise; 18:00 in Kamchatka


def test_the_zone_of_the_queue_goes_before_that_of_the_site() -> None:
    settings = site("Europe/Moscow", schedule("mon-sun 0:00-24:00", "Asia/Vladivostok"))
    found = opens(settings, queue("09:00", "20:00", "office"), RUSSIAN_MOBILE, moment("2026-11-23T23:00"))
    assert found == moment("2026-11-24T09:00", "Asia/Vladivostok")


def test_where_it_is_never_day_in_all_zones_the_first_will_do() -> None:
    assert time_zones_of(TOLL_FREE)[0] == "America/Adak"
    at = moment("2026-11-23T15:00", "America/Adak")
    assert opens(site(), queue("09:00", "12:00"), TOLL_FREE, at) == moment("2026-11-24T09:00", "America/Adak")


def test_where_the_queue_is_closed_while_it_is_day_in_all_zones_the_first_will_do() -> None:
    settings = site("Europe/Berlin", schedule("mon-sun 12:00-16:00", "Europe/Berlin"))
    at = moment("2026-11-23T20:00", "Europe/Berlin")
    assert time_zones_of(RUSSIAN_MOBILE)[0] == "Asia/Almaty"
    found = opens(settings, queue("09:00", "20:00", "office"), RUSSIAN_MOBILE, at)
    assert found == moment("2026-11-24T12:00", "Europe/Berlin")


def test_hours_that_never_meet() -> None:
    settings = site("Europe/Moscow", schedule("mon-sun 1:00-3:00"))
    assert opens(settings, queue("09:00", "20:00", "office"), MOSCOW, NOW, within=300 * DAY) is None


def test_over_midnight() -> None:
    late = queue("20:00", "02:00")
    for at, found in (("12:00", "12T20:00"), ("23:59", "12T23:59"), ("01:59", "12T01:59"), ("02:00", "12T20:00")):
        assert opens(site(), late, MOSCOW, moment(f"2026-11-12T{at}")) == moment(f"2026-11-{found}")


def test_only_one_end_is_given() -> None:
    assert opens(site(), queue("10:00"), MOSCOW, moment("2026-11-12T00:00")) == moment("2026-11-12T10:00")
    assert opens(site(), queue("", "20:00"), MOSCOW, moment("2026-11-12T20:00")) == moment("2026-11-13T00:00")


def test_the_clock_is_put_forward_over_the_beginning() -> None:
    found = opens(
        site("Europe/Berlin"), queue("02:30", "04:00"), BERLIN, moment("2026-03-29T00:00", "Europe/Berlin")
    )
    assert found == datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()  # three, by the clock on the wall


def test_the_clock_is_put_back() -> None:
    at = datetime(2026, 10, 25, 1, 15, tzinfo=UTC).timestamp()  # 02:15, for the second time
    assert opens(site("Europe/Berlin"), queue("02:30", "04:00"), BERLIN, at) == at + 900


QUARTERS = st.integers(0, 95).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
SPANS = st.tuples(st.sampled_from(["mon-fri", "mon-sun", "sat,sun", "sun", "tue"]), QUARTERS, QUARTERS)
SCHEDULES = SPANS.filter(lambda span: span[1] != span[2]).map(lambda span: f"{span[0]} {span[1]}-{span[2]}")
ZONES = st.sampled_from(
    ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "UTC"]
)
# Every day of a year is as likely as those on which some clock is put.
MOMENTS = st.one_of(
    st.integers(0, 366),
    st.sampled_from([66, 67, 86, 87, 92, 93, 94, 275, 276, 296, 297, 303, 304]),
).flatmap(
    lambda day: st.integers(0, 86399).map(lambda second: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(day, second))
)


@runs(max_examples=300, deadline=None)
@given(
    spans=st.lists(SCHEDULES, max_size=3),
    zone=ZONES,
    number=st.sampled_from([*WHERE]),
    begin=QUARTERS,
    end=QUARTERS,
    at=MOMENTS,
)
@example(["mon-sun 0:00-24:00"], "UTC", BERLIN, "02:15", "02:45", datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC))
@example(
    ["mon-sun 2:00-3:00"], "Europe/Berlin", NEW_YORK, "20:00", "21:00", datetime(2026, 10, 24, 23, tzinfo=UTC)
)
def test_it_is_the_first_moment_that_suits_both(
    spans: list[str], zone: str, number: str, begin: str, end: str, at: datetime
) -> None:
    office = [Hours("office", zone, tuple(s for text in spans for s in read_spans(text)))] if spans else []
    settings = site("Europe/Moscow", *office)
    where = WHERE[number] or (zone if spans else "Europe/Moscow",)
    begins, ends = time.fromisoformat(begin), time.fromisoformat(end)

    def suits(moment: float) -> bool:
        if not all(opening(each, moment).is_open for each in office):
            return False
        wall = datetime.fromtimestamp(moment, ZoneInfo(where[0])).time()
        return begins <= wall < ends if begins < ends else wall >= begins or wall < ends

    first = at.timestamp()
    found = opens(settings, queue(begin, end, "office" if spans else None), number, first, within=2 * DAY)
    assert found == first_of(suits, first, first + 2 * DAY)


def first_of(suits: Callable[[float], bool], at: float, until: float) -> float | None:
    """Looked for at each quarter of an hour: nothing begins in between."""
    while at < until:
        if suits(at):
            return at
        at = (at // 900 + 1) * 900
    return None
