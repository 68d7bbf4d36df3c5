"""What the command line asks the running appliance about messages."""

from collections.abc import Mapping
from typing import Any

from appliance import facts as f
from appliance.call import Desk
from appliance.records.voicemail import remove
from appliance.trouble import Trouble

VOICEMAIL_COMMANDS = ("voicemail-delete",)


def answer(desk: Desk, command: str, arguments: Mapping[str, Any]) -> object:
    """Delete a message, and say which it was. Raises Trouble."""
    wanted = str(arguments.get("message"))
    found = next((each for each in desk.engine.messages(None) if each.id == wanted), None)
    if found is None:
        raise Trouble(f"There is no message {wanted[:60]!r}: `appliance voicemail` lists them.")
    desk.engine.note(f.MessageDeleted(found.id, desk.clock.now(), str(arguments.get("by") or "somebody")[:60]))
    remove(found.file)
    return {"message": found.id, "box": found.box}
