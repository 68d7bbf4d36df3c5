"""Internet addresses as who asks has them. Pure."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(text: str) -> Address | None:
    """None for what is none. An IPv4 address may come written as IPv6."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def client_of(address: Address) -> str:
    """Who is taken for one: whoever has one address of IPv6 has the network of 64 bits around it."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
