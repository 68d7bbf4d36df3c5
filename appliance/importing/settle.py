"""What a draft needs once everything is in it: ways that lead somewhere, a queue for when we are gone. Pure."""

from collections.abc import Iterator, Mapping

from appliance.configuration.menus import endless
from appliance.importing.draft import HANG_UP, Draft, Entry, Topic, Value, bare
from appliance.settings import Destination, Menu, Prompt

_SECTIONS = {"queue": "queues", "menu": "menus", "extension": "phones"}
_WORDS = {HANG_UP: Destination(hang_up=True), "repeat": Destination(repeat=True), "back": Destination(back=True)}


def settle(draft: Draft) -> None:
    """Mend what `check` would refuse, and name it."""
    _ways_to_nowhere(draft)
    _endless_menus(draft)
    for number in draft.section("numbers").values():
        if "fallback" not in number.fields:
            queue = _first_queue(draft, number.fields.get("open", HANG_UP))
            if queue is not None:
                number.fields["fallback"] = queue


def _ways_to_nowhere(draft: Draft) -> None:
    """Destinations that have found no place in the draft."""
    for section, entry, table, key in _places(draft):
        kind, id = _target(table[key])
        if kind in _SECTIONS and not draft.has(_SECTIONS[kind], id):
            text = f"It leads to the {kind} {id}, which is not in the draft; the call ends there."
            draft.note(Topic(section), entry.origin or entry.id, text)
            table[key] = HANG_UP


def _places(draft: Draft) -> Iterator[tuple[str, Entry, dict[str, Value], str]]:
    """Every table that has a destination, and its key."""
    for entry in draft.section("numbers").values():
        for key in ("open", "closed", "holiday"):
            if key in entry.fields:
                yield Topic.NUMBERS.value, entry, entry.fields, key
    for entry in draft.section("menus").values():
        if "otherwise" in entry.fields:
            yield Topic.MENUS.value, entry, entry.fields, "otherwise"
        choices = entry.fields.get("choices")
        if isinstance(choices, dict):
            for key in choices:
                yield Topic.MENUS.value, entry, choices, key


def _target(value: Value) -> tuple[str, str]:
    """The kind of a destination and its id."""
    plain = bare(value)
    if isinstance(plain, Mapping) and len(plain) == 1:
        ((kind, target),) = plain.items()
        return kind, str(target) if isinstance(target, str) else ""
    return str(plain), ""


def _endless_menus(draft: Draft) -> None:
    """Menus that would ask a silent line for ever: there they did, or the switch stopped it."""
    menus = draft.section("menus")
    while loop := sorted(endless(_menus(draft)), key=lambda id: ("choices" not in menus[id].fields, id)):
        entry = menus[loop[0]]
        _forget_announcement(draft, _target(entry.fields.pop("otherwise"))[1])
        entry.remarks.append("who pressed no key was led back here for ever; now the call ends with a goodbye")
        text = f"Callers of the menu {entry.id} who press no key are led back to it; here the call ends then."
        draft.note(Topic.MENUS, entry.origin, text)


def _forget_announcement(draft: Draft, id: str) -> None:
    """Remove an announcement to which nothing leads any more: it was heard between two askings of a menu."""
    entry = draft.section("menus").get(id)
    if entry is None or "choices" in entry.fields:
        return
    if not any(_target(table[key]) == ("menu", id) for _, _, table, key in _places(draft)):
        draft.note(
            Topic.MENUS, entry.origin, f"The announcement {id}, heard before the menu is asked again, is left out."
        )
        del draft.section("menus")[id]


def _menus(draft: Draft) -> dict[str, Menu]:
    """The menus, as far as it matters where they lead."""
    found = {}
    for entry in draft.section("menus").values():
        otherwise = entry.fields.get("otherwise")
        found[entry.id] = Menu(entry.id, Prompt({}), {}, otherwise=_destination(otherwise) if otherwise else None)
    return found


def _destination(value: Value) -> Destination:
    kind, id = _target(value)
    if kind in _WORDS:
        return _WORDS[kind]
    return Destination(menu=id) if kind == "menu" else Destination(hang_up=True)


def _first_queue(draft: Draft, start: Value) -> str | None:
    """The queue that is nearest to a destination: it serves callers while the appliance is gone."""
    seen: set[str] = set()
    to_do = [start]
    while to_do:
        kind, id = _target(to_do.pop(0))
        if kind == "queue":
            return id
        menu = draft.section("menus").get(id) if kind == "menu" and id not in seen else None
        if menu is not None:
            seen.add(id)
            choices = menu.fields.get("choices", {})
            assert isinstance(choices, Mapping)
            to_do += [*choices.values(), menu.fields.get("otherwise", HANG_UP)]
    return None
