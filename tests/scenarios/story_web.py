"""A customer asks for a call on a page of another site, in a real browser, and is called at a real phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.settings import Say
from appliance.speech.prompts import sound_name
from tests.scenarios.browser import PATIENCE, chromium, static_site
from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.providers import called
from tests.scenarios.waiting import until

PORT, SHOP_PORT = 19089, 19090
CUSTOMER, AS_DIALLED = "+79161112233", "89161112233"
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Books by mail</title></head>
<body><main><h1>Books by mail</h1>
<script src="http://127.0.0.1:{PORT}/callbacks/form.js" data-department="letters" data-language="en"></script>
</main></body></html>
"""


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    """A page of somebody's site, with the form on it."""
    (tmp_path / "page.html").write_text(PAGE)
    with static_site(tmp_path, SHOP_PORT), chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(2 * PATIENCE)
        yield page


def test_a_customer_asks_on_a_page_and_is_called(centre: Centre, alice: Person, sever: Person, page: Any) -> None:
    page.goto(f"http://127.0.0.1:{SHOP_PORT}/page.html")
    page.get_by_label("Phone number").fill("8 916 111-22-33")
    page.get_by_label("Order number").fill("47 11")
    page.get_by_role("button", name="Call me").click()
    page.get_by_text("You are number 1 in line.").wait_for()
    assert [each["number"] for each in centre.run("callbacks", "--json").data] == [CUSTOMER]

    centre.sign_on("alice")
    alice.rings()
    page.get_by_text("We are calling you now.").wait_for()
    alice.answers()
    about = spoken(centre, "Order number: 47 11.")
    until("what it is about has been spoken", about.exists)
    alice.hears(about)
    alice.presses("1")
    assert called(sever.rings().message) == AS_DIALLED
    sever.answers()
    alice.talks_with(sever)
    page.get_by_text("This request is closed.").wait_for()
    sever.hangs_up()
    alice.is_hung_up_on()
    centre.closes_its_books()
    assert (centre.books.one("callback")["kind"], centre.books.one("callback")["outcome"]) == ("web", "served")
    assert "Order number: 47 11" in centre.run("why", centre.books.one("callback")["id"]).out


def spoken(centre: Centre, text: str) -> Path:
    """The sound of a text that was made while somebody listened."""
    name = sound_name(Say(text), "en", centre.site.settings.speech)
    return centre.places.spoken / f"{name}.wav"
