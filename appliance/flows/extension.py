"""A caller dials a phone directly."""

from appliance import facts as f
from appliance.call import Conversation
from appliance.engine import TalkOver
from appliance.flows.voicemail import leave_message
from appliance.port import Outcome
from appliance.speech.prompts import KeyPath

RING_FOR = 30.0


def ring_extension(talk: Conversation, phone: str, because: KeyPath) -> None:
    """Ring one phone and talk; then the call is over."""
    talk.step("extension", phone, because)
    talk.progress(f.CallOutcome.EXTENSION_MISSED)
    dialled = talk.leg.dial([phone], RING_FOR)
    talk.step("extension", f"{phone}: {dialled.outcome.value}", ("phones", phone))
    if dialled.outcome is Outcome.ANSWERED:
        talk.desk.engine.tell(TalkOver(talk.leg.id, dialled.phone or ""))
        return
    known = talk.settings.phones.get(phone)
    if known and known.voicemail:
        leave_message(talk, known.voicemail, ("phones", phone, "voicemail"))
    else:
        talk.phrase("extension-not-available")
        talk.phrase("goodbye")
