"""A menu: prompt, keys, wrong keys, time-outs, extensions dialled directly."""

from appliance import facts as f
from appliance.call import Conversation, Way
from appliance.ivr import Choice, Extension, More, Wrong, last_step, next_step
from appliance.port import ANY_KEY
from appliance.settings import Destination, Menu
from appliance.speech.prompts import KeyPath

BETWEEN_KEYS = 3.0  # seconds to wait for the next digit of an extension


def ask_menu(talk: Conversation, menu: Menu, because: KeyPath) -> Way:
    """Where the caller wants to go; `otherwise` after too many wrong keys and time-outs."""
    here = ("menus", menu.id)
    talk.step("menu", menu.id, because)
    if not menu.choices and not menu.extensions:  # an announcement, after which the call goes on
        talk.say(menu.prompt)
        return _otherwise(talk, menu, "there is nothing to choose", (*here, "prompt"))
    for _ in range(menu.tries):
        keys, step = _read(talk, menu)
        if isinstance(step, Choice):
            chosen = (*here, "choices", keys)
            talk.step("key", keys, chosen)
            return Way(step.destination, chosen)
        if isinstance(step, Extension):
            talk.step("key", keys, (*here, "extensions"))
            return Way(Destination(extension=step.phone), (*here, "extensions"))
        talk.step("wrong key" if keys else "no key", keys, (*here, "choices" if keys else "wait"))
        if not keys:
            talk.phrase("no-key")
        elif menu.wrong:
            talk.say(menu.wrong)
        else:
            talk.phrase("no-such-extension" if len(keys) > 1 else "wrong-key")
    return _otherwise(talk, menu, f"after {menu.tries} tries", (*here, "tries"))


def _otherwise(talk: Conversation, menu: Menu, why: str, because: KeyPath) -> Way:
    """Where the call goes when the caller has chosen nothing."""
    here = ("menus", menu.id)
    talk.step("otherwise", why, because)
    if menu.otherwise is None:
        talk.progress(f.CallOutcome.NO_CHOICE)
        talk.phrase("goodbye")
        return Way(Destination(hang_up=True), here)
    return Way(menu.otherwise, (*here, "otherwise"))


def _read(talk: Conversation, menu: Menu) -> tuple[str, Choice | Extension | Wrong]:
    """The keys of one try and what they mean."""
    phones = talk.settings.phones.keys()
    keys = talk.say(menu.prompt, ANY_KEY) or talk.leg.read_key(menu.wait)
    if not keys:
        return "", Wrong()
    while isinstance(step := next_step(menu, keys, phones), More):
        key = talk.leg.read_key(BETWEEN_KEYS)
        if not key:
            return keys, last_step(menu, keys, phones)
        keys += key
    return keys, step
