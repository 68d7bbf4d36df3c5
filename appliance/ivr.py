"""What the keys mean that a caller has pressed in a menu so far. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from appliance.settings import Destination, Menu

_END = "#"  # after an extension: do not wait for more digits


@dataclass(frozen=True)
class Choice:
    """A choice of the menu."""

    destination: Destination


@dataclass(frozen=True)
class Extension:
    """A phone, dialled directly."""

    phone: str


@dataclass(frozen=True)
class More:
    """Another key may follow: wait for it, then ask again, or ask `last_step` when none comes."""


@dataclass(frozen=True)
class Wrong:
    """Neither a choice nor the beginning of an extension."""


def next_step(menu: Menu, keys: str, extensions: Collection[str]) -> Choice | Extension | More | Wrong:
    """What to do after these keys. A key that is a choice decides at once, unless an extension begins with it."""
    if not keys:
        return More()
    if menu.extensions and any(len(phone) > len(keys) and phone.startswith(keys) for phone in extensions):
        return More()
    if len(keys) > 1 and keys.endswith(_END):
        return last_step(menu, keys.removesuffix(_END), extensions)
    return last_step(menu, keys, extensions)


def last_step(menu: Menu, keys: str, extensions: Collection[str]) -> Choice | Extension | Wrong:
    """What these keys mean when no other follows."""
    if keys in menu.choices:
        return Choice(menu.choices[keys])
    if menu.extensions and keys in extensions:
        return Extension(keys)
    return Wrong()
