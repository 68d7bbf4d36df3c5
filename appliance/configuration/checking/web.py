"""The HTTP port: whom it believes, who may reach it, and for whom a call-back could be asked there. Pure."""

import ipaddress
from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import did_you_mean, shown
from appliance.configuration.reading import Reading
from appliance.configuration.web_sections import MOST_FIELDS

_PLAIN = "http://"
_HERE = ("http://127.0.0.1", "http://localhost")


def web(reading: Reading) -> Iterator[Finding]:
    """What could not work."""
    settings = reading.settings
    if settings.web is None:
        return
    for id in settings.web.form.departments:
        path = ("web", "form", "departments", id)
        queue = settings.queues.get(id)
        if queue is None:
            yield Finding(path, f"There is no queue {shown(id)}.", did_you_mean(id, settings.queues))
        elif queue.callback is None:
            text = f"The queue {shown(id)} calls nobody back, so nobody can ask for it over the web."
            yield Finding(path, text, f'Give the queue {shown(id)} "callback:", or remove this line.')
    if not any(queue.callback for queue in settings.queues.values()):
        text = "Nobody can ask for anything over the web: no queue calls customers back."
        yield Finding(("web",), text, 'Give a queue "callback:", or leave "web:" out.', warning=True)
    if len(settings.web.form.fields) > MOST_FIELDS:
        text = f"The form has {len(settings.web.form.fields)} fields; {MOST_FIELDS} are the most."
        yield Finding(("web", "form", "fields"), text, "Ask less: each one costs customers.")


def web_exposed(reading: Reading) -> Iterator[Finding]:
    """What works, and is hardly meant."""
    found = reading.settings.web
    if found is None:
        return
    if not ipaddress.ip_address(found.address).is_loopback:
        text = f"The web is served on {found.address} without TLS: what customers send goes there in the clear."
        remedy = "Leave address out, and let a reverse proxy on this machine stand before it."
        yield Finding(("web", "address"), text, remedy, warning=True)
    for place, proxy in enumerate(found.proxies):
        if ipaddress.ip_network(proxy, strict=False).prefixlen == 0:
            text = f"{proxy} is everybody: whoever asks may say that they are somebody else, and no limit holds."
            yield Finding(("web", "proxies", str(place)), text, "Name the proxy alone.", warning=True)
    if found.url and not found.proxies:
        text = "The proxy is not named through which customers come: all of them are one address, with one limit."
        yield Finding(("web", "url"), text, "Name it: proxies: [127.0.0.1].", warning=True)
    origins = [(("web", "origins", str(place)), origin) for place, origin in enumerate(found.origins)]
    for path, site in [(("web", "url"), found.url), *origins]:
        if site.startswith(_PLAIN) and not site.startswith(_HERE):
            text = f"{site} has no TLS: anybody on the way can read and change what customers send."
            yield Finding(path, text, "Write https://.", warning=True)
    if found.limits.per_address.most > found.limits.all.most:
        text = "One address may ask for more than everybody together."
        yield Finding(("web", "limits", "per_address"), text, "Let all be the greatest.", warning=True)
