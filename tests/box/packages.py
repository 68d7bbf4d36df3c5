"""Debian packages of the FreeSWITCH that was built on this machine, and the closed repository they are had from.

They are cut, named and installed as those of SignalWire are, which take a token that tests do not have: a program
and its library, a package for each module, one for the unit.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gevent.pywsgi import WSGIServer

from provisioning.certificates import Made
from tests.needs import lack

BUILD = Path("/usr/local/freeswitch")
LIBRARIES = Path("/usr/local/lib")  # where its build puts sofia-sip and spandsp
HOST = "packages.example.com"
PORT = 4443
TOKEN = "PT-of-nobody-0123456789"

# Where the build looks, and where packages have it.
_PLACES = {
    **{"etc/freeswitch": "/etc/freeswitch", "lib/freeswitch/mod": "/usr/lib/freeswitch/mod"},
    **{f"var/{each}/freeswitch": f"/var/{each}/freeswitch" for each in ("lib", "log", "cache")},
    **{"var/run/freeswitch": "/run/freeswitch", "share/freeswitch": "/usr/share/freeswitch"},
}
_UNIT = """
[Unit]
Description=freeswitch
Wants=network-online.target
After=network.target network-online.target local-fs.target

[Service]
Type=forking
PIDFile=/run/freeswitch/freeswitch.pid
Environment="DAEMON_OPTS=-nonat"
Environment="USER=freeswitch"
Environment="GROUP=freeswitch"
EnvironmentFile=-/etc/default/freeswitch
ExecStartPre=/bin/chown -R ${USER}:${GROUP} /var/lib/freeswitch /var/log/freeswitch /etc/freeswitch \
/usr/share/freeswitch /run/freeswitch
ExecStart=/usr/bin/freeswitch -u ${USER} -g ${GROUP} -ncwait ${DAEMON_OPTS}
TimeoutSec=45s
Restart=always
LimitNOFILE=100000
UMask=0007

[Install]
WantedBy=multi-user.target
"""
_MAKES_USER = """#!/bin/sh
set -e
getent group freeswitch > /dev/null || groupadd --system freeswitch
getent passwd freeswitch > /dev/null || useradd --system -g freeswitch -d /var/lib/freeswitch freeswitch
for each in lib/freeswitch lib/freeswitch/db lib/freeswitch/recordings lib/freeswitch/storage log/freeswitch \
    cache/freeswitch; do
    mkdir -p /var/$each
    chown freeswitch:freeswitch /var/$each
    chmod o-rwx,g+u /var/$each
done
mkdir -p /etc/freeswitch/tls
chown freeswitch:freeswitch /etc/freeswitch/tls
"""
_REMOVES_USER = """#!/bin/sh
set -e
if [ "$1" = purge ]; then
    userdel freeswitch 2> /dev/null || true
    rm -rf /var/lib/freeswitch /var/log/freeswitch /var/cache/freeswitch /run/freeswitch
fi
"""
_STARTS = """#!/bin/sh
set -e
systemd-tmpfiles --create freeswitch.conf
deb-systemd-helper enable freeswitch.service > /dev/null
systemctl daemon-reload
deb-systemd-invoke start freeswitch.service > /dev/null || true
"""
_STOPS = """#!/bin/sh
set -e
deb-systemd-invoke stop freeswitch.service > /dev/null || true
"""
_FORGETS = """#!/bin/sh
set -e
if [ "$1" = purge ]; then deb-systemd-helper purge freeswitch.service > /dev/null; fi
systemctl daemon-reload
"""


def release_of_this_machine() -> str:
    """The Debian for which things that were built here are good."""
    about = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.MULTILINE))
    if about.get("ID") != "debian":
        lack("freeswitch", "packages of FreeSWITCH can be made on a Debian only, for the same Debian")
    return about["VERSION_CODENAME"]


def make_packages(directory: Path, names: Iterable[str]) -> None:
    """Packages with these names, and those of the libraries that they need, in that directory."""
    if not (BUILD / "bin/freeswitch").exists():
        lack("freeswitch", f"there is no {BUILD} to make packages of")
    make = _Maker(directory, version_of_build()).make
    for library, about in (("libsofia-sip-ua.so.0", "sofia-sip-ua"), ("libspandsp.so.3", "spandsp")):
        found = re.search(r"^Version: (\S+)", (LIBRARIES / f"pkgconfig/{about}.pc").read_text(), re.MULTILINE)
        files = {f"usr/lib/{library}": (LIBRARIES / library).resolve()}
        maker = _Maker(directory, found[1] if found else "0")  # Debian has an older one of the same name
        maker.make(library.partition(".so")[0] + library[-1], files)
    core = (BUILD / "lib/libfreeswitch.so.1").resolve()
    ours = ("libsofia-sip-ua0", "libspandsp3")
    make("libfreeswitch1", {"usr/lib/libfreeswitch.so.1": core}, ours)
    programs = {f"usr/bin/{name}": BUILD / "bin" / name for name in ("freeswitch", "fs_cli")}
    places = {str(BUILD.relative_to("/") / place): Link(target) for place, target in _PLACES.items()}
    share = {"usr/share/freeswitch/README": "What modules share lies here.\n"}
    scripts = {"postinst": _MAKES_USER, "postrm": _REMOVES_USER}
    make("freeswitch", programs | places | share, ("libfreeswitch1",), scripts)
    unit = {
        "lib/systemd/system/freeswitch.service": _UNIT,
        "usr/lib/tmpfiles.d/freeswitch.conf": "d /run/freeswitch 0755 freeswitch freeswitch - -\n",
    }
    scripts = {"postinst": _STARTS, "prerm": _STOPS, "postrm": _FORGETS}
    make("freeswitch-systemd", unit, ("freeswitch",), scripts)
    for name in names:
        if name.startswith("freeswitch-mod-"):
            module = f"{name.removeprefix('freeswitch-').replace('-', '_')}.so"
            file = BUILD / "lib/freeswitch/mod" / module
            make(name, {f"usr/lib/freeswitch/mod/{module}": file}, ("libfreeswitch1",))


def version_of_build() -> str:
    said = subprocess.run([BUILD / "bin/freeswitch", "-version"], capture_output=True, text=True, check=True)
    found = re.search(r"version: (\d[\d.]*)", said.stdout)
    assert found is not None, said.stdout
    return found[1]


@dataclass(frozen=True)
class Link:
    """A symbolic link in a package."""

    target: str


class _Maker:
    def __init__(self, directory: Path, version: str) -> None:
        self._directory = directory
        self._version = version

    def make(
        self,
        name: str,
        files: Mapping[str, str | Path | Link],
        needs: Iterable[str] = (),
        scripts: Mapping[str, str] | None = None,
    ) -> None:
        """A package with these: path in the package -> a text, a file that is here, or a link."""
        tree = self._directory / name
        for target, what in files.items():
            file = tree / target
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(what, Link):
                file.symlink_to(what.target)
            elif isinstance(what, Path):
                shutil.copyfile(what, file)
                file.chmod(0o755)
            else:
                file.write_text(what)
        libraries = {each for what in files.values() if isinstance(what, Path) for each in packages_of(what)}
        about = tree / "DEBIAN"
        about.mkdir()
        (about / "control").write_text(
            f"Package: {name}\nVersion: {self._version}\nArchitecture: {architecture()}\nSection: comm\n"
            f"Maintainer: The tests <nobody@example.com>\nDepends: {', '.join(sorted({*needs, *libraries}))}\n"
            "Description: FreeSWITCH, as it was built on the machine that runs the tests\n"
        )
        for script, text in (scripts or {}).items():
            (about / script).write_text(text)
            (about / script).chmod(0o755)
        command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(self._directory)]
        subprocess.run(command, check=True, capture_output=True)


def architecture() -> str:
    return subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()


def packages_of(program: Path) -> Iterator[str]:
    """The packages of Debian that have the libraries which a file is linked with."""
    for library in re.findall(r"=> (/\S+)", subprocess.check_output(["ldd", str(program)], text=True)):
        if not library.startswith("/usr/local/"):
            yield package_of(library)


@cache
def package_of(file: str) -> str:
    paths = [file, f"/usr{file}"]  # Debian has been merging both
    done = subprocess.run(["dpkg-query", "--search", *paths], capture_output=True, text=True)
    return done.stdout.partition(":")[0]


def make_repository(directory: Path, suite: str) -> None:
    """What apt wants to find beside the packages, signed by a key that is made for it."""
    listed = []
    for file in sorted(directory.glob("*.deb")):
        control = subprocess.check_output(["dpkg-deb", "--field", str(file)], text=True)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        listed.append(f"{control}Filename: {file.name}\nSize: {file.stat().st_size}\nSHA256: {digest}\n")
    index = directory / "dists" / suite / f"main/binary-{architecture()}" / "Packages"
    index.parent.mkdir(parents=True)
    index.write_text("\n".join(listed))
    release = directory / "dists" / suite / "Release"
    digest = hashlib.sha256(index.read_bytes()).hexdigest()
    release.write_text(
        f"Origin: tests\nSuite: {suite}\nCodename: {suite}\nComponents: main\nArchitectures: {architecture()}\n"
        "Date: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n"
        f" {digest} {index.stat().st_size} {index.relative_to(release.parent)}\n"
    )
    home = directory / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"]
    try:
        subprocess.run(
            [*gpg, "--quick-generate-key", "tests <nobody@example.com>"], check=True, capture_output=True
        )
        sign = [*gpg, "--clearsign", "--output", str(release.with_name("InRelease")), str(release)]
        subprocess.run(sign, check=True, capture_output=True)
        subprocess.run([*gpg, "--output", str(directory / "key.gpg"), "--export"], check=True, capture_output=True)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)


@contextmanager
def served(directory: Path, address: str, made: Made) -> Iterator[None]:
    """The directory by HTTPS, to those who have the token, at HOST, for which that certificate is."""
    wanted = f"Basic {base64.b64encode(f'signalwire:{TOKEN}'.encode()).decode()}"

    def answer(environment: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        file = directory / os.path.normpath(environment["PATH_INFO"]).lstrip("/")
        if environment.get("HTTP_AUTHORIZATION") != wanted:
            start("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="packages"')])
            return [b""]
        if not file.is_file():
            start("404 Not Found", [])
            return [b""]
        start("200 OK", [("Content-Length", str(file.stat().st_size))])
        return [file.read_bytes()]

    server = WSGIServer(
        (address, PORT), answer, log=None, error_log=None, certfile=str(made.certificate), keyfile=str(made.key)
    )
    server.start()
    try:
        yield
    finally:
        server.stop(timeout=1)
