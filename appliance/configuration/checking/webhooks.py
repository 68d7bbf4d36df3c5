"""What other programs are told that anybody on the way could read. Pure."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading


def open_webhooks(reading: Reading) -> Iterator[Finding]:
    """Customers' numbers that go unencrypted to another machine."""
    for hook in reading.settings.webhooks.values():
        address = urlsplit(hook.url)
        if address.scheme == "http" and not _is_here(address.hostname or ""):
            text = f"The webhook {shown(hook.id)} sends names and numbers of customers unencrypted."
            yield Finding(("webhooks", hook.id, "url"), text, "Let its address begin with https.", warning=True)


def _is_here(host: str) -> bool:
    """Whether that is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
