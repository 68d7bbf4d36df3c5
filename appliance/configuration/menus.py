"""The menus as a whole: which lead to which, and from which a caller can get somewhere. Pure."""

from collections.abc import Iterator, Mapping

from appliance.settings import Destination, Menu


def parents(menus: Mapping[str, Menu]) -> dict[str, set[str]]:
    """For each menu the others that lead to it."""
    found: dict[str, set[str]] = {}
    for menu in menus.values():
        for to in _ways(menu):
            if to.menu is not None and to.menu != menu.id:
                found.setdefault(to.menu, set()).add(menu.id)
    return found


def leads_out(menus: Mapping[str, Menu]) -> set[str]:
    """The menus from which a caller can reach something that is not a menu, by whatever way round.

    Being hung up on after too many mistakes is no way out; pressing a key that says so is.
    """
    above = parents(menus)
    into: dict[str, set[str]] = {}
    for menu in menus.values():
        for to in _ways(menu):
            targets = above.get(menu.id, set()) if to.back else {to.menu} if to.menu is not None else set()
            for target in targets:
                into.setdefault(target, set()).add(menu.id)
    found = {menu.id for menu in menus.values() if _leaves(menu, menus)}
    to_do = list(found)
    while to_do:
        for before in into.get(to_do.pop(), set()) - found:
            found.add(before)
            to_do.append(before)
    return found


def endless(menus: Mapping[str, Menu]) -> set[str]:
    """The menus by whose `otherwise` a line on which nobody presses a key comes back to them for ever."""
    return {menu.id for menu in menus.values() if _comes_back(menu, menus)}


def _comes_back(menu: Menu, menus: Mapping[str, Menu]) -> bool:
    to = menu.otherwise
    steps = 0
    while to is not None and to.menu is not None and to.menu != menu.id and to.menu in menus:
        steps += 1
        if steps > len(menus):
            return False  # to others that go round without this one
        to = menus[to.menu].otherwise
    if to is None:
        return False
    # Asked again, the menu gives the same answer; so does the one before where the next goes back to it.
    return to.menu == menu.id or (to.repeat and steps == 0) or (to.back and steps == 1)


def _ways(menu: Menu) -> Iterator[Destination]:
    yield from menu.choices.values()
    if menu.otherwise is not None:
        yield menu.otherwise


def _leaves(menu: Menu, menus: Mapping[str, Menu]) -> bool:
    """Whether a way leads right out; one to a menu that does not exist is another complaint."""
    if menu.extensions or any(to.hang_up for to in menu.choices.values()):
        return True
    return any(_is_somewhere(to, menus) for to in _ways(menu))


def _is_somewhere(to: Destination, menus: Mapping[str, Menu]) -> bool:
    unknown_menu = to.menu is not None and to.menu not in menus
    places = (to.queue, to.extension, to.number, to.message, to.voicemail, to.callback)
    return unknown_menu or any(place is not None for place in places)
