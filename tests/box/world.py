"""What lies around the box: a network of its own with an administrator, a provider, phones and a stranger.

Network namespaces joined by cables. The tests stand in one, the box in another; a third is an office with phones,
which is reached through the first as through a router. None has a way out; packages come through a proxy that the
administrator's end of the cable has (tests/box/proxy.py).
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORLD, BOX, OFFICE = "appliance-world", "appliance-box", "appliance-office"  # the namespaces
ADMINISTRATOR = "198.51.100.1"
BOX_ADDRESS = "198.51.100.2"
PROVIDER = "203.0.113.10"
PHONES = "192.168.50.10"
OFFICE_ADDRESS, _OFFICE_ROUTER = "192.168.60.20", "192.168.60.1"
STRANGER = "203.0.113.66"
PROXY_PORT = 3128
PROXY = f"http://{ADMINISTRATOR}:{PROXY_PORT}"

_NAMESPACES = Path("/run/netns")
_CLONE_NEWNET = 0x40000000


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@contextmanager
def world() -> Iterator[None]:
    """Make the namespaces and stand in the world; on leaving, everything of it is gone."""
    remove()
    try:
        for name in (WORLD, BOX, OFFICE):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", WORLD, "link", "add", "box", "type", "veth", "peer", "name", "host0", "netns", BOX)
        for address in (f"{ADMINISTRATOR}/24", f"{PROVIDER}/32", f"{PHONES}/24", f"{STRANGER}/32"):
            ip("-n", WORLD, "address", "add", address, "dev", "box")
        ip("-n", WORLD, "link", "set", "box", "up")
        ip("-n", BOX, "address", "add", f"{BOX_ADDRESS}/24", "dev", "host0")
        ip("-n", BOX, "link", "set", "host0", "up")
        ip("-n", BOX, "route", "add", "default", "via", ADMINISTRATOR)
        ip("-n", WORLD, "link", "add", "office", "type", "veth", "peer", "name", "wall", "netns", OFFICE)
        ip("-n", WORLD, "address", "add", f"{_OFFICE_ROUTER}/24", "dev", "office")
        ip("-n", WORLD, "link", "set", "office", "up")
        ip("-n", OFFICE, "address", "add", f"{OFFICE_ADDRESS}/24", "dev", "wall")
        ip("-n", OFFICE, "link", "set", "wall", "up")
        ip("-n", OFFICE, "route", "add", "default", "via", _OFFICE_ROUTER)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            with proxy():
                enter(_NAMESPACES / WORLD)
                try:
                    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")  # of this namespace
                    yield
                finally:
                    _set_namespace(home)
        finally:
            os.close(home)
    finally:
        remove()


def remove() -> None:
    for name in (WORLD, BOX, OFFICE):
        if (_NAMESPACES / name).exists():
            ip("netns", "del", name)


def within(namespace: str, names: Path) -> tuple[str, ...]:
    """What a program is started by so that it stands in a namespace, and knows the names in that file alone."""
    script = 'mount --bind "$0" /etc/hosts && mount --bind /dev/null /etc/resolv.conf && exec "$@"'
    there = ("nsenter", f"--net={_NAMESPACES / namespace}")
    return (*there, "unshare", "--mount", "--propagation=private", "sh", "-c", script, str(names))


def enter(namespace: Path) -> None:
    """Stand in a network namespace from now on; what is started from here stands there too."""
    there = os.open(namespace, os.O_RDONLY)
    try:
        _set_namespace(there)
    finally:
        os.close(there)


def _set_namespace(descriptor: int) -> None:
    # os.setns is there from Python 3.12 on.
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter the network namespace")


@contextmanager
def proxy() -> Iterator[None]:
    """The way to the registries of packages, for the box and for the administrator."""
    command = [sys.executable, "-m", "tests.box.proxy", str(_NAMESPACES / WORLD), ADMINISTRATOR, str(PROXY_PORT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), "the proxy does not start"
            yield
        finally:
            process.terminate()
