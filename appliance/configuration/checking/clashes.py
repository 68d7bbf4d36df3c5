"""What a switch could not tell apart: ids, numbers and addresses that collide. Pure."""

import ipaddress
from collections.abc import Iterable, Iterator
from itertools import combinations

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Settings, SwitchKind

# The ports between the appliance and each switch.
CONTROL_PORTS = {
    SwitchKind.ASTERISK: ("agi_port", "ami_port"),
    SwitchKind.FREESWITCH: ("esl_port", "event_socket_port"),
}


def clashes(reading: Reading) -> Iterator[Finding]:
    """Everything that collides."""
    settings = reading.settings
    yield from _ids(settings)
    yield from _addresses(settings)
    yield from _extensions(settings)
    yield from _provisioning(settings)
    yield from _web(settings)


def _web(settings: Settings) -> Iterator[Finding]:
    """The HTTP port, beside what else listens here."""
    if settings.web is None:
        return
    taken = {getattr(settings.network, name): name for name in CONTROL_PORTS[settings.switch]}
    taken |= {settings.network.sip_port: "sip_port"}
    taken |= {settings.provisioning.port: "the server for phones"} if settings.provisioning else {}
    if settings.web.port in taken:
        text = f"Port {settings.web.port} of the web is that of {taken[settings.web.port]} too."
        yield Finding(("web", "port"), text, "Give it another port, such as 8089.")


def beginnings(words: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of words of which the first begins the second."""
    known = set(words)
    return [(w[:n], w) for w in sorted(known) for n in range(1, len(w)) if w[:n] in known]


def _ids(settings: Settings) -> Iterator[Finding]:
    for trunk in settings.trunks.keys() & settings.phones.keys():
        text = f"{shown(trunk)} is a trunk and a phone; the switch could not tell them apart."
        yield Finding(("trunks", trunk), text, "Rename the trunk.")
    for number in settings.numbers.keys() & settings.phones.keys():
        text = f"{shown(number)} is a number and a phone; who dials it could mean either."
        yield Finding(("numbers", number), text, "Give the phone another extension.")


def _addresses(settings: Settings) -> Iterator[Finding]:
    for one, other in combinations(settings.trunks.values(), 2):
        for place, address in enumerate(other.addresses):
            shared = next((known for known in one.addresses if _overlap(known, address)), None)
            if shared is not None:
                path = ("trunks", other.id, "addresses", str(place))
                same = "an address" if shared == address else f"in {shared}, an address"
                text = (
                    f"{address} is {same} of the trunk {shown(one.id)} too; the switch could not tell them apart."
                )
                yield Finding(path, text, "Let each address belong to one trunk only.")


def _overlap(one: str, other: str) -> bool:
    first, second = (ipaddress.ip_network(each, strict=False) for each in (one, other))
    return first.version == second.version and first.overlaps(second)


def _extensions(settings: Settings) -> Iterator[Finding]:
    """A caller who has dialled the shorter extension is kept waiting, in case the longer one is meant."""
    menu = next((menu.id for menu in settings.menus.values() if menu.extensions), None)
    if menu is None:
        return
    for shorter, longer in beginnings(settings.phones):
        text = f"The extension {longer} begins with the extension {shorter}, so callers who dial {shorter} in the"
        remedy = "Let no extension be the beginning of another."
        yield Finding(("phones", longer), f"{text} menu {shown(menu)} have to wait.", remedy, warning=True)


def _provisioning(settings: Settings) -> Iterator[Finding]:
    """The server for phones, beside what else listens here, and to whom it listens."""
    section = settings.provisioning
    if section is None:
        return
    taken = {settings.network.sip_port: "SIP"}
    taken |= {getattr(settings.network, name): name for name in CONTROL_PORTS[settings.switch]}
    if section.port in taken:
        text = f"Port {section.port} of the server for phones is that of {taken[section.port]} too."
        yield Finding(("provisioning", "port"), text, "Give it another port, such as 8443.")
    for place, network in enumerate(section.networks):
        if ipaddress.ip_network(network, strict=False).prefixlen == 0:
            text = f"{network} is everybody: whoever finds a link first is given a phone's secret."
            path = ("provisioning", "networks", str(place))
            yield Finding(path, text, "Name the networks of your phones.", warning=True)
