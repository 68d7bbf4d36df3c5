"""What callers in line are told, by real phones: place and wait in words, and comfort, in nobody's way."""

from pathlib import Path

import pytest

from dialplan.speech import speak
from tests.scenarios.centre import Centre
from tests.scenarios.people import RECOGNISED, Person
from tests.scenarios.site import Site

REPAIRS, RETURNS, PARTS = "+78432000009", "+78432000010", "+78432000017"
LONG = (
    "Вы первый в очереди; `id`, $(id), ${EXTEN}. Все наши сотрудники сейчас говорят с другими покупателями, но "
    "каждый звонок для нас важен, и мы ответим вам, как только кто-нибудь из них освободится."
)


class Engine:
    """The site's engine, asked for the same as the appliance asks it."""

    def __init__(self, site: Site, directory: Path) -> None:
        self._site, self._directory = site, directory
        self._made = 0

    def says(self, text: str) -> Path:
        self._made += 1
        file = self._directory / f"expected-{self._made}.wav"
        speak(self._site.settings.speech, text, "ru", file, 30.0)
        return file


@pytest.fixture
def engine(centre: Centre, tmp_path: Path) -> Engine:
    return Engine(centre.site, tmp_path)


def test_a_caller_hears_the_place_and_then_also_the_wait_in_russian(
    centre: Centre, engine: Engine, alice: Person, dave: Person, eve: Person, frank: Person
) -> None:
    centre.sign_on("alice")

    def comes_next() -> None:
        alice.rings()
        alice.answers()
        centre.is_in_state("alice", "talking")

    dave.calls(REPAIRS)
    comes_next()
    eve.calls(REPAIRS)
    frank.calls(REPAIRS)
    frank.hears(engine.says("Вы второй в очереди."))
    for caller in (dave, eve, frank, dave):
        caller.hangs_up()
        alice.is_hung_up_on()
        comes_next()
        caller.calls(REPAIRS)  # so that somebody always waits
    # Three times by now the next caller has been served while somebody waited.
    dave.listens_from_now()
    dave.hears(engine.says("Вы второй в очереди. Ждать около одной минуты."))
    centre.hears_music("dave")


def test_a_key_and_an_offer_end_an_announcement(
    centre: Centre, engine: Engine, alice: Person, frank: Person
) -> None:
    said = engine.says(LONG)
    frank.calls(RETURNS)
    frank.hears(said, 2.0)
    frank.presses("5")
    centre.hears_music("frank")
    assert frank.share_heard(said) < RECOGNISED
    frank.listens_from_now()
    frank.hears(said, 2.0, within=40.0)
    centre.sign_on("alice")
    alice.rings()
    alice.answers()
    alice.talks_with(frank)
    assert frank.share_heard(said) < RECOGNISED
    alice.hangs_up()
    frank.is_hung_up_on()


def test_comfort_messages_take_turns_between_music_and_an_offer_ends_them(
    centre: Centre, engine: Engine, alice: Person, frank: Person
) -> None:
    thanks, soon = engine.says("Спасибо за терпение."), engine.says("Отдел Запчасти скоро ответит.")
    frank.calls(PARTS)
    centre.hears_music("frank", "organ")
    frank.hears(thanks)
    centre.hears_music("frank", "organ")
    frank.hears(soon)
    frank.presses("5")
    centre.hears_music("frank", "organ")
    centre.sign_on("alice")
    alice.rings()
    alice.answers()
    alice.talks_with(frank)
    alice.hangs_up()
    frank.is_hung_up_on()
