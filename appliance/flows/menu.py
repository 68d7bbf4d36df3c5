"""A menu: prompt, keys, wrong keys, time-outs, extensions dialled directly."""

from appliance import facts as f
from appliance.call import Conversation
from appliance.ivr import Choice, Extension, More, Wrong, last_step, next_step
from appliance.port import ANY_KEY
from appliance.settings import Destination, Menu

BETWEEN_KEYS = 3.0  # seconds to wait for the next digit of an extension


def ask_menu(talk: Conversation, menu: Menu) -> Destination:
    """Where the caller wants to go; `otherwise` after too many wrong keys and time-outs."""
    talk.step("menu", menu.id)
    for _ in range(menu.tries):
        keys, step = _read(talk, menu)
        if isinstance(step, Choice):
            talk.step("key", keys)
            return step.destination
        if isinstance(step, Extension):
            talk.step("key", keys)
            return Destination(extension=step.phone)
        talk.step("wrong key" if keys else "no key", keys)
        if not keys:
            talk.phrase("no-key")
        elif menu.wrong:
            talk.say(menu.wrong)
        else:
            talk.phrase("no-such-extension" if len(keys) > 1 else "wrong-key")
    talk.step("otherwise", f"after {menu.tries} tries")
    if menu.otherwise is None:
        talk.progress(f.CallOutcome.NO_CHOICE)
        talk.phrase("goodbye")
        return Destination(hang_up=True)
    return menu.otherwise


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
