"""A caller is put through to a number outside, by the rules for outgoing calls."""

from appliance import facts as f
from appliance.call import Conversation
from appliance.flows.outbound import dial_out, tell_reasons
from appliance.port import Outcome
from appliance.speech.prompts import KeyPath
from appliance.trunks.outbound import plan

_NO_PHONE = ""


def call_number(talk: Conversation, number: str, because: KeyPath) -> None:
    """Call a number and talk; then the call is over. It costs what any outgoing call costs, so the same rules,
    caps and trunks hold; of rules, those for all phones alike."""
    talk.step("outside", number, because)
    talk.progress(f.CallOutcome.FORWARDED_REFUSED)
    talk.leg.music(None)
    chosen = plan(talk.settings, number, _NO_PHONE, talk.desk.lines, talk.now())
    tell_reasons(talk, chosen, f"a caller who is put through to {number}")
    if chosen.refusal is not None:
        talk.phrase("outbound-failed")
    else:
        dialled = dial_out(talk, chosen, f.CallOutcome.FORWARDED_MISSED, f.CallOutcome.FORWARDED_FAILED)
        if dialled.outcome is Outcome.ANSWERED:
            return
        failed = talk.outcome is f.CallOutcome.FORWARDED_FAILED
        talk.phrase("outbound-failed" if failed else "extension-not-available")
    talk.phrase("goodbye")
