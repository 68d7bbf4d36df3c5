"""Menus, as callers hear them and key their way through."""

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.waiting import until

SWITCHBOARD = "+78432000001"
GREETING = "This is Volga Books."


def the_way(centre: Centre) -> list[tuple[str, str]]:
    """The steps of the only call, from the first menu on."""
    steps = centre.books.steps(centre.books.one("call")["id"])
    return steps[2:]


def goes_as_imagined(centre: Centre, keys: str) -> bool:
    """Whether `appliance trace` tells the same steps of the same call, without the switch and the phones."""
    call = centre.books.one("call")
    options = ("--from", call["ani"], "--to", SWITCHBOARD, "--keys", keys, "--signed-on", "nobody")
    told = centre.run("trace", *options, "--json").data
    steps = [moment["text"].partition(": ")[::2] for moment in told["moments"] if moment["kind"] == "step"]
    return centre.books.steps(call["id"]) == steps


def test_a_choice_is_heard_and_made(centre: Centre, dave: Person) -> None:
    dave.calls(SWITCHBOARD)
    dave.hears(centre.site.text(GREETING))
    dave.hears(centre.site.menu("front"))
    dave.presses("2")
    dave.hears(centre.site.music("organ"), 1)
    assert the_way(centre) == [("menu", "front"), ("key", "2"), ("queue", "delivery")]


def test_keys_pressed_ahead_are_not_lost(centre: Centre, dave: Person) -> None:
    """Through the greeting, a menu and a menu below it, before any of them has been heard."""
    dave.calls(SWITCHBOARD)
    dave.presses("51")
    dave.hears(centre.site.text("Our catalogue is printed in the spring and in the autumn."))
    assert dave.share_heard(centre.site.menu("rest")) < 0.3
    dave.is_hung_up_on()
    until("the call is over", lambda: centre.books.rows("call", outcome="informed"))
    assert the_way(centre) == [("menu", "front"), ("key", "5"), ("menu", "rest"), ("key", "1"), ("message", "")]
    assert goes_as_imagined(centre, "5,1")


def test_wrong_keys_and_silence_lead_to_otherwise(centre: Centre, dave: Person) -> None:
    dave.calls(SWITCHBOARD)
    dave.presses("9")
    dave.hears(centre.site.phrase("wrong-key"))
    dave.hears(centre.site.phrase("no-key"))
    dave.hears(centre.site.text("This is the claims department."))
    until("the caller stands in line", lambda: centre.waiting("claims"))
    assert the_way(centre) == [
        ("menu", "front"),
        ("wrong key", "9"),
        ("no key", ""),
        ("otherwise", "after 2 tries"),
        ("queue", "claims"),
    ]
    assert goes_as_imagined(centre, "9,silence")


def test_down_and_back_and_again(centre: Centre, dave: Person) -> None:
    dave.calls(SWITCHBOARD)
    dave.presses("5")
    dave.hears(centre.site.menu("rest"), 1)
    dave.presses("7")
    dave.hears(centre.site.text("Only one and star lead anywhere from here."))
    dave.presses("*")
    dave.hears(centre.site.menu("front"), 1)
    dave.presses("*")
    dave.hears(centre.site.menu("front"), 1)
    dave.presses("1")
    centre.waits("+78465550001", queue="orders")
    menus = [detail for step, detail in the_way(centre) if step == "menu"]
    assert menus == ["front", "rest", "front", "front"]


def test_a_menu_that_nobody_answers_says_good_bye(centre: Centre, dave: Person) -> None:
    dave.calls(SWITCHBOARD)
    dave.presses("588")
    dave.hears(centre.site.phrase("goodbye"))
    dave.is_hung_up_on()
    until("the call is over", lambda: centre.books.rows("call", outcome="no choice"))


def test_an_extension_dialled_directly(centre: Centre, dave: Person, carol: Person) -> None:
    dave.calls(SWITCHBOARD)
    dave.presses("33")
    assert carol.rings().number == "+78465550001"
    carol.answers()
    carol.talks_with(dave)
    carol.hangs_up()
    dave.is_hung_up_on()
    until("the call is over", lambda: centre.books.rows("call", outcome="extension answered"))
    assert [leg["endpoint"] for leg in centre.books.rows("leg")] == ["33"]


def test_an_extension_that_refuses(centre: Centre, dave: Person, carol: Person) -> None:
    carol.phone.refuse_calls()
    dave.calls(SWITCHBOARD)
    dave.presses("33")
    dave.hears(centre.site.phrase("extension-not-available"))
    dave.is_hung_up_on()
    until("the call is over", lambda: centre.books.rows("call", outcome="extension missed"))
    assert centre.books.one("leg")["cause"] == "busy"
