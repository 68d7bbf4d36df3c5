"""What keys mean in a menu."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.ivr import Choice, Extension, More, Wrong, last_step, next_step
from appliance.settings import Destination, Menu, Prompt

SALES, SUPPORT, AGAIN = Destination(queue="sales"), Destination(queue="support"), Destination(repeat=True)
CHOICES = {"1": SALES, "2": SUPPORT, "*": AGAIN}
PLAIN = Menu("plain", Prompt({}), CHOICES)
DIRECT = Menu("direct", Prompt({}), CHOICES, extensions=True)
PHONES = ("201", "202", "2021", "300")


def test_a_choice_decides_at_once() -> None:
    assert next_step(PLAIN, "2", PHONES) == Choice(SUPPORT)
    assert next_step(DIRECT, "1", PHONES) == Choice(SALES)
    assert next_step(DIRECT, "*", PHONES) == Choice(AGAIN)


def test_no_key_yet() -> None:
    assert next_step(PLAIN, "", PHONES) == More()
    assert last_step(PLAIN, "", PHONES) == Wrong()


def test_what_is_no_choice_is_wrong() -> None:
    assert next_step(PLAIN, "3", PHONES) == Wrong()
    assert next_step(PLAIN, "12", PHONES) == Wrong()
    assert next_step(DIRECT, "4", PHONES) == Wrong()
    assert next_step(DIRECT, "29", PHONES) == Wrong()


def test_extensions_need_leave() -> None:
    assert next_step(PLAIN, "201", PHONES) == Wrong()
    assert last_step(PLAIN, "201", PHONES) == Wrong()


def test_an_extension_is_dialled() -> None:
    assert next_step(DIRECT, "3", PHONES) == More()
    assert next_step(DIRECT, "30", PHONES) == More()
    assert next_step(DIRECT, "300", PHONES) == Extension("300")


def test_a_choice_that_begins_an_extension_waits() -> None:
    assert next_step(DIRECT, "2", PHONES) == More()
    assert last_step(DIRECT, "2", PHONES) == Choice(SUPPORT)
    assert last_step(DIRECT, "20", PHONES) == Wrong()


def test_an_extension_that_begins_another_waits() -> None:
    assert next_step(DIRECT, "202", PHONES) == More()
    assert last_step(DIRECT, "202", PHONES) == Extension("202")
    assert next_step(DIRECT, "2021", PHONES) == Extension("2021")


def test_hash_ends_the_waiting() -> None:
    assert next_step(DIRECT, "202#", PHONES) == Extension("202")
    assert next_step(DIRECT, "2#", PHONES) == Choice(SUPPORT)
    assert next_step(DIRECT, "20#", PHONES) == Wrong()
    assert next_step(DIRECT, "#", PHONES) == Wrong()


@given(st.text("0123456789*#", max_size=6), st.sets(st.text("0123456789", min_size=2, max_size=5), max_size=6))
def test_waiting_always_has_a_reason(keys: str, phones: set[str]) -> None:
    step = next_step(DIRECT, keys, phones)
    if step == More():
        assert not keys or any(phone.startswith(keys) and phone != keys for phone in phones)
    else:
        assert step == last_step(DIRECT, keys, phones) or keys.endswith("#")


@given(st.sets(st.text("0123456789", min_size=2, max_size=5), min_size=1, max_size=8))
def test_every_extension_can_be_dialled(phones: set[str]) -> None:
    for phone in phones:
        for length in range(1, len(phone)):
            assert next_step(DIRECT, phone[:length], phones) == More()
        assert next_step(DIRECT, phone, phones) in (More(), Extension(phone))
        assert next_step(DIRECT, phone + "#", phones) == Extension(phone)
