"""A machine has answered, as it seems: what it says is heard out before anything is said to it.

Nothing tells when a machine begins to record but the silence after its greeting. Switches can listen for that only
while they record, so what was heard goes into a file that is removed at once.
"""

import logging

from appliance.call import Conversation
from appliance.port import MessageEnd, Refused
from appliance.records import voicemail

log = logging.getLogger(__name__)

SILENCE = 2.0  # seconds after which whoever answered has said everything
AT_MOST = 25.0  # seconds


def is_person(talk: Conversation, key: str) -> bool:
    """Whether that key is pressed after all, before there is silence. Raises LegGone."""
    try:
        file = talk.desk.message_file(talk.settings.recordings, f"heard-{talk.id}")
    except OSError as error:
        log.warning("nobody listens for the end of a machine's greeting: %s", error)
        return False
    try:
        return talk.leg.take_message(str(file), AT_MOST, SILENCE, key) is MessageEnd.KEY
    except Refused as error:
        log.warning("nobody listens for the end of a machine's greeting: %s", error)
        return False
    finally:
        voicemail.remove(str(file))
