"""What is wrong with trunks and with the rules for outgoing calls. Pure."""

import ipaddress
from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import SwitchKind
from appliance.settings.trunks import OutboundRule, ShowIn, Transport, Trunk


def trunks(reading: Reading) -> Iterator[Finding]:
    """Everything that contradicts itself, or that the switch could not do."""
    settings = reading.settings
    for trunk in settings.trunks.values():
        yield from _trunk(trunk, settings.switch)
        if trunk.transport is Transport.TLS and settings.network.tls_port is None:
            text = f"The trunk {shown(trunk.id)} is reached by TLS, and the switch speaks none."
            yield Finding(("trunks", trunk.id, "transport"), text, 'Say tls_port: 5061 below "network:".')
    yield from _rules(reading)


def _trunk(trunk: Trunk, switch: SwitchKind) -> Iterator[Finding]:
    path = ("trunks", trunk.id)
    if switch is SwitchKind.FREESWITCH and not trunk.addresses and not _is_address(trunk.host):
        # FreeSWITCH looks up no names for this, and has nothing like Asterisk's token of a registration.
        text = f"FreeSWITCH cannot know the calls of the trunk {shown(trunk.id)} by the name of its host."
        remedy = "List the IP addresses its calls come from, for example addresses: [198.51.100.0/28]."
        yield Finding((*path, "host"), text, remedy)
    if trunk.show_in and ShowIn.FROM not in trunk.show_in and trunk.sender is None:
        text = f"The trunk {shown(trunk.id)} shows our number elsewhere than in From, so From would have no user."
        yield Finding((*path, "show_in"), text, 'Add "from", or say from_user.')
    if {ShowIn.PAI, ShowIn.RPID} <= {*trunk.show_in}:
        text = "P-Asserted-Identity and Remote-Party-ID say the same, and not every switch sends both."
        yield Finding((*path, "show_in"), text, "Remove one of them; pai is the newer.")
    if trunk.from_user is not None and ShowIn.FROM in trunk.show_in:
        text = "From cannot have both from_user and the number that is shown."
        yield Finding((*path, "show_in"), text, 'Remove "from" here, or from_user.')
    if trunk.srtp and trunk.transport is not Transport.TLS:
        text = "Without TLS everybody on the way can read the keys by which the sound is encrypted."
        yield Finding((*path, "srtp"), text, "Say transport: tls.", warning=True)
    if not trunk.register:
        for field in ("expires", "retry"):
            if getattr(trunk, field) != getattr(Trunk, field):
                text = f"This is never used: the trunk {shown(trunk.id)} does not register."
                yield Finding((*path, field), text, "Remove it, or say register: yes.", warning=True)


def _rules(reading: Reading) -> Iterator[Finding]:
    settings = reading.settings
    takes_everything = ""
    for rule in settings.outbound.values():
        path = ("outbound", rule.id)
        if takes_everything:
            text = f"This rule is never used: {shown(takes_everything)}, before it, takes every call."
            yield Finding(path, text, "Put it before that rule.", warning=True)
        yield from _contradictions(rule)
        yield from _shown(rule, reading)
        for numbers in rule.numbers:
            if numbers.dialled in settings.phones:
                text = (
                    f"{numbers.dialled} is a phone here: who dials it calls that phone, whatever this rule says."
                )
                yield Finding((*path, "numbers"), text, "Give the phone another extension.", warning=True)
        if not rule.numbers and not rule.phones:
            takes_everything = takes_everything or rule.id
    if settings.outbound and not any(rule.emergency for rule in settings.outbound.values()):
        text = "No rule is for emergency numbers: whether phones may call them depends on the other rules."
        remedy = 'Put one first, like emergency: {numbers: ["112"], emergency: yes, trunks: [...]}.'
        yield Finding(("outbound",), text, remedy, warning=True)


def _contradictions(rule: OutboundRule) -> Iterator[Finding]:
    path = ("outbound", rule.id)
    if rule.refuse and rule.emergency:
        yield Finding((*path, "refuse"), "Emergency calls cannot be refused.", 'Remove "refuse" or "emergency".')
    if rule.emergency and not (rule.numbers and all(numbers.dialled for numbers in rule.numbers)):
        yield Finding(path, "A rule for emergency numbers must list them.", 'Write them like numbers: ["112"].')
    given = {
        "phones": bool(rule.phones),
        "calls": rule.calls is not None,
        "calls_per_hour": rule.calls_per_hour is not None,
    }
    for field in (field for field, is_given in given.items() if is_given and rule.emergency):
        text = "This is never used: every phone may call emergency numbers at any time."
        yield Finding((*path, field), text, "Remove it.", warning=True)
    unused = {
        "trunks": bool(rule.trunks),
        "show": bool(rule.show or rule.withhold),
        "calls": given["calls"],
        "calls_per_hour": given["calls_per_hour"],
    }
    for field in (field for field, is_given in unused.items() if is_given and rule.refuse):
        yield Finding(
            (*path, field), "This is never used: calls by this rule are refused.", "Remove it.", warning=True
        )


def _shown(rule: OutboundRule, reading: Reading) -> Iterator[Finding]:
    # What is missing may stand in a file that could not be read.
    if rule.show is not None and reading.complete and rule.show not in reading.settings.numbers:
        text = f"{rule.show} is not one of the numbers here; providers mostly refuse calls that show others."
        yield Finding(("outbound", rule.id, "show"), text, 'Define it below "numbers:".', warning=True)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
