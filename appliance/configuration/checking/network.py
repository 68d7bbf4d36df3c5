"""Ports that collide, and TLS that is asked for and not there. Pure."""

from collections.abc import Iterator
from itertools import combinations

from appliance.configuration.checking.clashes import CONTROL_PORTS
from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading


def ports(reading: Reading) -> Iterator[Finding]:
    """Two things on one port, and too few ports for sound."""
    network = reading.settings.network
    own = CONTROL_PORTS[reading.settings.switch]
    names = ("sip_port", *own, *(("tls_port",) if network.tls_port else ()))
    taken = {name: int(getattr(network, name)) for name in names}
    for (name, port), (other, second) in combinations(taken.items(), 2):
        if port == second:
            path = ("network", other if reading.written("network", other) else name)
            yield Finding(path, f"{name} and {other} are both {port}.", "Give one of them another port.")
    first, last = network.rtp_first, network.rtp_last
    if last - first < 3:
        text = f"The ports {first} to {last} are not enough for a single call."
        remedy = "A call takes four; rtp_first must be less than rtp_last."
        yield Finding(("network", "rtp_last"), text, remedy)
    for name, port in taken.items():
        if first <= port <= last:
            text = f"{name} {port} is one of the ports for sound, {first} to {last}."
            yield Finding(("network", name), text, "Give it a port outside of them.")


def secure_phones(reading: Reading) -> Iterator[Finding]:
    """Phones that are to come by TLS, which the switch does not speak, or by something else as well."""
    for phone in reading.settings.phones.values():
        if phone.secure and reading.written("phones", phone.id, "transport"):
            text = f"The phone {shown(phone.id)} comes by TLS, so it has no other transport."
            yield Finding(("phones", phone.id, "transport"), text, 'Leave "transport:" out, or "secure:".')
        if phone.secure and not reading.settings.network.tls_port:
            text = f"The phone {shown(phone.id)} is to come by TLS, which the switch does not speak."
            yield Finding(("phones", phone.id, "secure"), text, 'Give "network:" a "tls_port:".')
