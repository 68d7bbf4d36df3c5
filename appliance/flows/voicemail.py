"""A caller leaves a message in a box."""

import logging
from pathlib import Path

from appliance import facts as f
from appliance.call import Conversation
from appliance.port import ANY_KEY, Refused
from appliance.records.voicemail import SHORTEST
from appliance.speech.prompts import KeyPath
from appliance.speech.wav import length_of_wav

log = logging.getLogger(__name__)

SILENCE = 5.0  # seconds after which a message has ended


def leave_message(talk: Conversation, box: str, because: KeyPath) -> None:
    """Greeting, tone, message; most callers hang up at its end. A key skips the greeting."""
    talk.step("voicemail", box, because)
    known = talk.settings.voicemail[box]
    if known.greeting:
        talk.say(known.greeting, ANY_KEY)
    else:
        talk.phrase("voicemail-greeting", ANY_KEY)
    now = talk.now()
    try:
        file = talk.desk.message_file(talk.settings.recordings, f"{box}-{talk.id}-{int(now)}")
    except OSError as error:
        _failed(talk, str(error))
        return
    message = file.stem
    talk.phrase("tone")
    # The row comes first: the file is found by it whatever happens while somebody speaks.
    talk.desk.engine.note(f.MessageBegun(message, talk.id, talk.now(), box, str(file)))
    talk.progress(f.CallOutcome.VOICEMAIL)
    try:
        talk.leg.take_message(str(file), known.longest, SILENCE)
    except Refused as error:
        _failed(talk, str(error))
        return
    _kept(talk, message, file)


def _kept(talk: Conversation, message: str, file: Path) -> None:
    length = length_of_wav(file)
    if length >= SHORTEST:
        talk.desk.engine.tell(f.MessageEnded(message, talk.now(), length))
        talk.phrase("voicemail-kept")
    talk.phrase("goodbye")


def _failed(talk: Conversation, why: str) -> None:
    log.error("a message could not be recorded: %s", why)
    talk.phrase("voicemail-failed")
    talk.phrase("goodbye")
