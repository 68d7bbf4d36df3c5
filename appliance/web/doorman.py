"""Who asks: the address behind trusted proxies, the site whose page it is, and whether that may ask at all."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from appliance.settings.web import Limit, Web
from appliance.web.addresses import Address, address_of, client_of

REQUESTS = Limit(240, 60.0)  # of any kind, by one address
ALL_REQUESTS = Limit(60, 1.0)  # by everybody: whoever answers them has calls to see to
_LONGEST_CHAIN = 20  # addresses of X-Forwarded-For that are looked at

Environ = Mapping[str, Any]


class Doorman:
    """Knows the proxies, the names of this site, and the sites whose pages may ask."""

    def __init__(self, web: Web) -> None:
        self._proxies = [ipaddress.ip_network(each, strict=False) for each in web.proxies]
        self._origins = {*web.origins, _origin(web.base)}
        self._hosts = {_host(web.base), *_own_hosts(web)}

    def client(self, environ: Environ) -> str:
        """Whose request it is; who has one address of IPv6 has the network of 64 bits around it."""
        known = address_of(str(environ.get("REMOTE_ADDR", "")))
        chain = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")[-_LONGEST_CHAIN:]
        while known is not None and chain and self._is_proxy(known):
            before = address_of(chain.pop().strip())
            if before is None:
                break
            known = before
        return client_of(known) if known is not None else str(known)

    def is_unknown_proxy(self, environ: Environ) -> bool:
        """Whether somebody says for whom they ask, and is not believed."""
        peer = address_of(str(environ.get("REMOTE_ADDR", "")))
        return "HTTP_X_FORWARDED_FOR" in environ and not (peer is not None and self._is_proxy(peer))

    def is_ours(self, environ: Environ) -> bool:
        """Whether the request is meant for this site, by a name under which it is known."""
        return str(environ.get("HTTP_HOST", "")).lower() in self._hosts

    def knows(self, origin: str) -> bool:
        """Whether pages of that site may ask: exactly as it is written in the configuration."""
        return origin in self._origins

    def _is_proxy(self, address: Address) -> bool:
        return any(address.version == each.version and address in each for each in self._proxies)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _own_hosts(web: Web) -> tuple[str, ...]:
    """What who asks directly calls this port, and what a proxy calls it that hands on no name."""
    names = ("127.0.0.1", "localhost", "[::1]", f"[{web.address}]" if ":" in web.address else web.address)
    return tuple(f"{name}:{web.port}" for name in names)
