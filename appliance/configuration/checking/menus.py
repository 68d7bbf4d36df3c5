"""Menus in which callers would be lost, or kept waiting. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.menus import endless, leads_out, parents
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Menu, Settings


def menus(reading: Reading) -> Iterator[Finding]:
    """What is wrong with the menus."""
    s = reading.settings
    out = leads_out(s.menus)
    above = parents(s.menus)
    for id in endless(s.menus):
        text = f"A caller of the menu {shown(id)} who presses no key is led back to it: a silent line never ends."
        remedy = "Let it lead to a queue, an extension or a message, or hang up."
        yield Finding(("menus", id, "otherwise"), text, remedy)
    for menu in s.menus.values():
        if menu.id not in out:
            text = f"No key of the menu {shown(menu.id)} leads out of the menus."
            remedy = "Add a choice that goes to a queue, an extension or a message, or hangs up."
            yield Finding(("menus", menu.id), text, remedy)
        for key, to in menu.choices.items():
            if to.back and not above.get(menu.id):
                text = f"No other menu leads to {shown(menu.id)}, so there is nothing to go back to."
                yield Finding(("menus", menu.id, "choices", key), text, warning=True)
        if menu.extensions:
            yield from _slow_keys(menu, s)


def _slow_keys(menu: Menu, settings: Settings) -> Iterator[Finding]:
    """Keys after which the menu has to wait for more, in case an extension is being dialled."""
    beginnings = {phone[0]: phone for phone in sorted(settings.phones, reverse=True) if phone}
    for key in menu.choices:
        if key in beginnings:
            text = f'The extension {beginnings[key]} begins with "{key}" too, so this choice has to wait'
            remedy = "Use another key, or other extensions."
            yield Finding(("menus", menu.id, "choices", key), f"{text} for more keys.", remedy, warning=True)
