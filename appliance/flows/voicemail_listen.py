"""Somebody at a phone of ours listens to the messages of a box, after its number and PIN."""

from datetime import datetime
from hmac import compare_digest
from zoneinfo import ZoneInfo

from appliance import facts as f
from appliance.call import Desk, Speaker
from appliance.flows.pins import LONGEST_ID, LONGEST_PIN, PIN_TRIES
from appliance.port import ANY_KEY
from appliance.records.voicemail import Left, remove
from appliance.secrets import voicemail
from appliance.settings import Box

AGAIN, KEEP, DELETE = "1", "2", "3"
MOST_TIMES = 10  # that one message is played
_PATIENCE = 6.0  # seconds for a key


def listen(speaker: Speaker, digits: str, phone: str, desk: Desk) -> None:
    """All messages, the new ones first; who keys nothing keeps them."""
    box = _open(speaker, digits, desk)
    if box is None:
        return
    left = sorted(desk.engine.messages(box.id), key=lambda each: each.heard_at is not None)
    new = sum(each.heard_at is None for each in left)
    if not left:
        speaker.phrase("voicemail-empty")
        return
    speaker.say(desk.engine.settings.phrases["voicemail-count"], ANY_KEY, {"messages": new, "stored": len(left)})
    for message in left:
        _play(speaker, message, phone, desk)
    speaker.phrase("voicemail-no-more")


def _open(speaker: Speaker, digits: str, desk: Desk) -> Box | None:
    """The box whose number and PIN were keyed. An unknown number and a wrong PIN are told alike."""
    boxes = {box.number: box for box in desk.engine.settings.voicemail.values()}
    for _ in range(PIN_TRIES):
        number = digits.removesuffix("#") or speaker.ask("voicemail-box", LONGEST_ID)
        pin = speaker.ask("agent-pin", LONGEST_PIN)
        box = boxes.get(number)
        expected = desk.secrets.get(voicemail(box.id), "") if box else ""
        if expected and compare_digest(pin.encode(), expected.encode()):
            return box
        digits = ""
        speaker.phrase("voicemail-wrong-pin")
    return None


def _play(speaker: Speaker, message: Left, phone: str, desk: Desk) -> None:
    """When it was left, by whom, the message itself, and what is to become of it."""
    settings = desk.engine.settings
    came = datetime.fromtimestamp(message.at, ZoneInfo(settings.time_zone))
    about = {"date": came.date(), "time": came.time(), "number": message.number}
    key = speaker.say(settings.phrases["voicemail-received"], ANY_KEY, about)
    for _ in range(MOST_TIMES):
        if not key or key == AGAIN:
            key = speaker.hear(message.sound, ANY_KEY)
        if message.heard_at is None:
            desk.engine.tell(f.MessageHeard(message.id, desk.clock.now(), phone))
        while key not in (AGAIN, KEEP, DELETE):
            key = speaker.phrase("voicemail-choices", ANY_KEY) or speaker.leg.read_key(_PATIENCE) or KEEP
        if key != AGAIN:
            break
    if key == DELETE:
        desk.engine.note(f.MessageDeleted(message.id, desk.clock.now(), f"phone {phone}"))
        remove(message.file)
        speaker.phrase("voicemail-deleted")
