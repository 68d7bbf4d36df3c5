"""Links to call-backs: whose they are, until when they are good, and that nobody can make one up."""

from hypothesis import given
from hypothesis import strategies as st

from appliance.callbacks.links import STAYS_GOOD, read, token, url

KEY, ID, EXPIRES = "secret", "261120-090501-001.1", 1795268700.0
GOOD = token(ID, EXPIRES, KEY)


def test_what_is_made_is_read() -> None:
    assert read(GOOD, KEY, EXPIRES) == ID
    assert token(ID, EXPIRES, KEY) == GOOD  # one for each call-back


def test_until_when_it_is_good() -> None:
    assert read(GOOD, KEY, EXPIRES + STAYS_GOOD - 1) == ID
    assert read(GOOD, KEY, EXPIRES + STAYS_GOOD) is None


def test_another_key() -> None:
    assert read(GOOD, "other", EXPIRES) is None and read(token(ID, EXPIRES, ""), "", EXPIRES) is None


def test_every_letter_matters() -> None:
    for place, letter in enumerate(GOOD):
        for other in "0a_-.A":
            changed = GOOD[:place] + other + GOOD[place + 1 :]
            assert other == letter or read(changed, KEY, EXPIRES) is None, changed


@given(st.text(max_size=90))
def test_any_text_is_no_link(text: str) -> None:
    assert read(text, KEY, EXPIRES) is None
    assert read(GOOD + text, KEY, EXPIRES) == (None if text else ID)


@given(
    st.from_regex(r"[0-9]{6}-[0-9]{6}-[0-9]{3}\.[0-9]{1,2}", fullmatch=True),
    st.floats(0, 4e9),
    st.text(min_size=1),
)
def test_all_of_ours_are_read(id: str, expires: float, key: str) -> None:
    assert read(token(id, expires, key), key, expires) == id


def test_as_it_is_sent() -> None:
    made = url("https://calls.example.com", ID, EXPIRES, "ru", KEY)
    assert made == f"https://calls.example.com/callbacks/link/{GOOD}?language=ru"
    assert url("https://x", ID, EXPIRES, "", KEY).endswith(GOOD)
