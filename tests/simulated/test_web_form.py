"""The form on the page of another site, in a real browser: the real server and engine on the simulated switch.

The clock of the call centre goes along with the one on the wall.
"""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gevent
import pytest

from appliance.settings.web import Form, FormField, Limit, Limits, Web
from appliance.web.server import Port
from tests.scenarios.browser import PATIENCE, chromium, static_site, violations
from tests.simulated.centre import Centre, running
from tests.simulated.test_web import end_all
from tests.simulated.web import with_web

PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A shop</title>
<style>input {{ width: 900px; }} label {{ color: #eee; }} body {{ --callback-accent: #7b1fa2; }}</style></head>
<body><main><h1>A shop</h1>
<script src="{base}/callbacks/form.js" data-language="{language}" {more}></script>
<noscript><a href="{base}/callbacks/form?language={language}">Request a call</a></noscript>
</main></body></html>
"""
FORM = Form(
    {"sales": {"en": "Sales", "ru": "Продажи"}, "support": {"en": "Support", "ru": "Поддержка"}},
    {"topic": FormField({"en": "What is it about", "ru": "Тема разговора"}, 100, needed=True)},
    fill_in=0.0,
)
ASKING = re.compile(r"/callbacks\?")
MANY = Limits(Limit(50, 600.0), Limit(50, 600.0), Limit(200, 600.0))


@dataclass
class Shop:
    """A page of another origin with the form on it, and the call centre behind the form."""

    centre: Centre
    base: str
    url: str
    folder: Path

    def page(self, language: str = "en", more: str = "") -> str:
        (self.folder / "page.html").write_text(PAGE.format(base=self.base, language=language, more=more))
        return f"{self.url}/page.html"

    def promised(self, queue: str = "sales") -> list[Any]:
        return [visit.home.promise for visit in self.centre.engine.acd.waiting(queue)]


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    folder = tmp_path / "shop"
    folder.mkdir()
    with static_site(folder) as port:
        url = f"http://127.0.0.1:{port}"
        web = Web(a_free_port(), origins=(url,), form=FORM, limits=MANY)
        with running(tmp_path / "data", with_web(web)) as centre:
            assert centre.daemon is not None
            server = Port(centre.daemon.web.site())
            server.follow(web)
            time_passes = gevent.spawn(_along_with_the_wall, centre)
            yield Shop(centre, web.base, url, folder)
            time_passes.kill()
            server.stop()
            end_all(centre)


def _along_with_the_wall(centre: Centre) -> None:
    while True:
        centre.run_for(0.05)
        gevent.sleep(0.05)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == [] and context.cookies() == []
    context.close()


def fill_in(page: Any, number: str = "8 916 123-45-67") -> None:
    page.get_by_label("Department").select_option("sales")
    page.get_by_label("Phone number").fill(number)
    page.get_by_label("What is it about").fill("A broken teapot")
    page.get_by_label("Your name").fill("Vera")


def test_a_customer_asks_sees_the_place_and_cancels(shop: Shop, page: Any) -> None:
    page.goto(shop.page())
    assert page.get_by_label("Department").locator("option").all_inner_texts() == [
        *("", "Sales (open now)", "Support (open now)")
    ]
    fill_in(page)
    page.get_by_role("button", name="Call me").click()
    status = page.get_by_role("status")
    page.get_by_text("You are number 1 in line.").wait_for()
    (promise,) = shop.promised()
    assert (promise.number, promise.name, promise.language) == ("+79161234567", "Vera", "en")
    assert promise.context == (("What is it about", "A broken teapot"),)
    assert status.evaluate("e => e.getRootNode().activeElement === e"), "who cannot see it is told of it"

    page.reload()
    page.get_by_text("You are number 1 in line.").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Cancel the request").click()
    page.get_by_text("Your request is cancelled.").wait_for()
    assert shop.promised() == []
    page.get_by_role("button", name="Ask for another call").click()
    page.get_by_label("Phone number").wait_for()


def test_what_is_wrong_stands_at_the_field_and_is_told_to_who_cannot_see_it(shop: Shop, page: Any) -> None:
    page.goto(shop.page())
    fill_in(page, number="12")
    page.get_by_label("What is it about").fill("")
    page.get_by_role("button", name="Call me").click()
    page.get_by_role("alert").get_by_text("Please look at what is marked below.").wait_for()
    number, topic = page.get_by_label("Phone number"), page.get_by_label("What is it about")
    for field, says in ((number, "Please give your phone number"), (topic, "Please fill in this field.")):
        assert field.get_attribute("aria-invalid") == "true"
        ids = (field.get_attribute("aria-describedby") or "").split()
        told = " ".join(page.locator(f"#{id}").inner_text() for id in ids)
        assert says in told
    assert number.evaluate("e => e.getRootNode().activeElement === e"), (
        "the first field that is wrong has the focus"
    )
    assert violations(page) == []
    number.fill("+7 916 123-45-67")
    topic.fill("Tea")
    page.get_by_role("button", name="Call me").click()
    page.get_by_text("You are number 1 in line.").wait_for()


def test_everything_can_be_done_by_keyboard_in_the_order_in_which_it_is_seen(shop: Shop, page: Any) -> None:
    page.goto(shop.page("ru"))
    page.get_by_label("Отдел").focus()
    page.keyboard.press("ArrowDown")
    names = ["number", "name", "field-topic"]
    typed = {"number": "89161234567", "name": "Юлия", "field-topic": "Чай"}
    for name in names:
        page.keyboard.press("Tab")
        focused = page.evaluate("document.querySelector('main > div').shadowRoot.activeElement.name")
        assert focused == name
        page.keyboard.type(typed[name])
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main > div').shadowRoot.activeElement.type") == "submit"
    page.keyboard.press("Enter")
    page.get_by_text("Ваше место в очереди: 1.").wait_for()
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Заказ звонка отменён.").wait_for()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_it_fits_narrow_screens_and_great_letters(shop: Shop, page: Any, language: str) -> None:
    """320 pixels are also what is left of 1280 where somebody makes everything four times as large."""
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(shop.page(language, 'data-department="sales"'))
    button = page.get_by_role("button")
    button.wait_for()
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= 320
    button.click()
    page.get_by_role("alert").wait_for()
    assert page.evaluate(wide) <= 320
    assert violations(page) == []
    colour = button.evaluate("e => getComputedStyle(e).backgroundColor")
    assert colour == "rgb(123, 31, 162)", "the site gives it its own looks"


def test_the_server_is_gone_and_comes_back(shop: Shop, page: Any) -> None:
    page.goto(shop.page(more='data-department="sales"'))
    page.get_by_label("Phone number").fill("89161234567")
    page.get_by_label("What is it about").fill("Tea")
    page.route(ASKING, lambda route: route.abort())
    page.get_by_role("button", name="Call me").click()
    page.get_by_role("alert").get_by_text("We cannot be reached at the moment.").wait_for()
    page.unroute(ASKING)
    page.get_by_role("button", name="Call me").click()
    page.get_by_text("You are number 1 in line.").wait_for()


def test_who_is_quicker_than_a_person_is_asked_for_a_moment_of_patience(shop: Shop, page: Any) -> None:
    engine = shop.centre.engine
    engine.settings = replace(engine.settings, web=replace(engine.settings.web, form=replace(FORM, fill_in=2.0)))
    page.goto(shop.page())
    fill_in(page)
    page.get_by_role("button", name="Call me").click()
    page.get_by_text("You are number 1 in line.").wait_for()


def test_a_page_of_a_site_that_is_not_named_has_no_form(shop: Shop, page: Any) -> None:
    shop.page(more='data-department="sales"')
    page.goto(f"http://localhost:{shop.url.rpartition(':')[2]}/page.html")
    page.get_by_text("We cannot be reached at the moment.").wait_for()
    assert page.locator("form").count() == 0


def test_without_scripts_it_works_as_well(shop: Shop, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(shop.page())
    page.get_by_role("link", name="Request a call").click()
    fill_in(page, number="12")
    page.get_by_role("button", name="Call me").click()
    page.get_by_text("Please give your phone number").wait_for()
    page.get_by_label("Phone number").fill("89161234567")
    page.get_by_role("button", name="Call me").click()
    page.get_by_text("You are number 1 in line.").wait_for()
    assert [promise.name for promise in shop.promised()] == ["Vera"]
    page.get_by_role("button", name="Cancel the request").click()
    page.get_by_text("Your request is cancelled.").wait_for()
    assert shop.promised() == []
    context.close()


def test_a_closed_department_says_when_it_opens(tmp_path: Path) -> None:
    base = with_web()
    sales = replace(base.queues["sales"], hours="office")
    with running(tmp_path, replace(base, queues={**base.queues, "sales": sales})) as centre:
        from tests.simulated.web import Visitor

        centre.run_for(12 * 3600)
        (found,) = Visitor(centre).get("/callbacks/departments?language=en").get_json()["departments"]
        assert not found["open"] and found["says"].startswith("closed now, opens Monday")
        assert [each["from"][:16] for each in found["hours"]][:2] == ["2026-11-23T09:00", "2026-11-24T09:00"]
