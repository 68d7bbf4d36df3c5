"""The HTTPS server from which phones fetch their configuration, each under its one-time link.

What is not served looks the same whatever the reason: 404. No token and no secret is ever logged.
"""

import logging
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from appliance.clock import Clock, RealClock
from appliance.settings import Provisioning, Settings
from appliance.trouble import Trouble
from appliance.web.small_requests import SmallRequests
from provisioning.account import account_of, directory_of
from provisioning.doorman import Doorman
from provisioning.formats import FORMATS, File, file_name, render_directory, render_one
from provisioning.links import TOKEN_LENGTH, Link, Links

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 64
WITHIN = 20.0  # seconds a connection may take from beginning to end
MOST_BYTES = 16_384  # of one request
DIRECTORY_KEPT = 10.0  # seconds

Start = Callable[[str, list[tuple[str, str]]], object]
Load = Callable[[], tuple[Settings, Mapping[str, str]]]  # the configuration and the secrets as they are now

_LINK = re.compile(rf"/p/([A-Za-z0-9_-]{{{TOKEN_LENGTH}}})(?:/([A-Za-z0-9._-]{{0,64}}))?")
_DIRECTORY = "/directory/"
_NOT_FOUND = b"Not Found\n"
_TEXT = "text/plain; charset=utf-8"


class Site:
    """What is served, as a WSGI application. `load` raises Trouble while there is no sound configuration."""

    def __init__(self, links: Links, load: Load, networks: Iterable[str], clock: Clock | None = None) -> None:
        self._links = links
        self._load = load
        self._clock = clock or RealClock()
        self._doorman = Doorman(networks)
        self._directories: dict[str, tuple[float, bytes]] = {}

    def __call__(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        address = str(environ.get("REMOTE_ADDR", ""))
        method, path = environ.get("REQUEST_METHOD"), str(environ.get("PATH_INFO", ""))
        now = self._clock.now()
        if not self._doorman.knows(address):
            return self._refuse(start, address, "it is in none of the networks of `provisioning:`")
        if not self._doorman.is_patient_with(address, now):
            return self._refuse(start, address, "it has asked for too much that is not there")
        if method in ("GET", "HEAD"):
            found = _LINK.fullmatch(path)
            answer = (
                self._link(found[1], found[2] or "", method, environ, start)
                if found
                else self._directory(path, method, start)
            )
            if answer is not None:
                return answer
        self._doorman.was_wrong(address, now)
        return self._refuse(start, address, "there is no such link, or no longer")

    def _link(
        self, token: str, wanted: str, method: str, environ: Mapping[str, Any], start: Start
    ) -> Iterable[bytes] | None:
        """A phone's configuration; the link is dead from then on, but not if somebody only looks."""
        link = self._links.look(token, self._clock.now())
        if link is None:
            return None
        file = self._configuration(link)
        if file is None or not _leads_to(link, wanted):
            return _not_found(start)  # phones try several names; whoever holds a link does not guess
        headers = _headers(file.content, file.media_type)
        address = str(environ.get("REMOTE_ADDR", ""))
        if method == "HEAD":
            start("200 OK", headers)
            return ()
        if self._links.use(token, address, self._clock.now()) is None:
            return None
        start("200 OK", headers)
        return self._send(link, file, address, _harmless(str(environ.get("HTTP_USER_AGENT", ""))))

    def _configuration(self, link: Link) -> File | None:
        try:
            settings, secrets = self._load()
            phone = settings.phones[link.phone]
            return render_one(FORMATS[link.format], account_of(settings, secrets[f"phone-{phone.id}"], phone))
        except KeyError:
            log.error("the link for phone %s leads nowhere: the configuration has no such phone", link.phone)
        except (Trouble, ValueError, OSError) as error:
            log.error("the link for phone %s cannot be answered: %s", link.phone, error)
        return None

    def _send(self, link: Link, file: File, address: str, agent: str) -> Iterator[bytes]:
        """Whether all of it could be sent shows in whether we are asked for more."""
        sent = False
        try:
            yield file.content
            sent = True
            log.info("phone %s has been provisioned: %s as %s (%s)", link.phone, address, link.format, agent)
        finally:
            if not sent:
                self._links.give_back(link)
                log.warning("phone %s has not been provisioned: %s left before the end", link.phone, address)

    def _directory(self, path: str, method: str, start: Start) -> Iterable[bytes] | None:
        name = path.removeprefix(_DIRECTORY) if path.startswith(_DIRECTORY) else ""
        format = next((each for each in FORMATS.values() if each.directory and each.directory[0] == name), None)
        if format is None:
            return None
        now = self._clock.now()
        at, content = self._directories.get(name, (0.0, b""))
        if not content or now - at > DIRECTORY_KEPT:
            try:
                settings, _ = self._load()
                content = render_directory(format, directory_of(settings.phones)) or b""
            except (Trouble, ValueError, OSError) as error:
                log.error("the directory cannot be shown: %s", error)
                return _not_found(start)
            self._directories[name] = (now, content)
        start("200 OK", _headers(content, "application/xml"))
        return (content,) if method == "GET" else ()

    def _refuse(self, start: Start, address: str, why: str) -> Iterable[bytes]:
        if self._doorman.is_news(address, self._clock.now()):
            log.warning("refused %s: %s", address, why)
        return _not_found(start)


class Handler(SmallRequests):
    """Phones ask for files, and send nothing."""

    most_bytes = MOST_BYTES
    takes_bodies = False


class Server(WSGIServer):  # type: ignore[misc]
    """The site behind TLS. Each connection has a deadline, whatever it is busy with."""

    def __init__(self, site: Site, provisioning: Provisioning) -> None:
        self._context = _context(provisioning)
        self._provisioning = provisioning
        super().__init__(
            (provisioning.address, provisioning.port),
            site,
            spawn=Pool(MOST_CONNECTIONS),
            log=None,
            error_log=None,
            handler_class=Handler,
            ssl_context=self._context,
        )

    def reload(self) -> None:
        """Read the certificate again: it is renewed while we run."""
        try:
            self._context.load_cert_chain(self._provisioning.certificate, self._provisioning.key)
            log.info("the certificate was read again")
        except (OSError, ssl.SSLError) as error:
            log.error("the certificate cannot be read again, the old one stays: %s", error)

    def wrap_socket_and_handle(self, client: Any, address: tuple[Any, ...]) -> None:
        try:
            with gevent.Timeout(WITHIN, False):
                super().wrap_socket_and_handle(client, address)
        except OSError as error:  # no TLS, an unknown certificate, gone: nothing that is ours
            log.debug("a connection of %s ended: %s", address[0], error)


def _context(provisioning: Provisioning) -> ssl.SSLContext:
    """Raises Trouble where there is no certificate with its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    remedy = "Name them below `provisioning:`, or make them by `appliance provisioning certificate`."
    for file in (provisioning.certificate, provisioning.key):
        try:
            file.open("rb").close()
        except OSError as error:
            raise Trouble(f"{file}: this cannot be read: {error.strerror or error}. {remedy}") from None
    try:
        context.load_cert_chain(provisioning.certificate, provisioning.key, password=_no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        files = f"{provisioning.certificate} and {provisioning.key}"
        raise Trouble(f"{files} are no certificate with its key ({error}). {remedy}") from None
    return context


def _no_password() -> bytes:
    """There is nobody to be asked for one."""
    raise ValueError("the key is encrypted")


def _leads_to(link: Link, wanted: str) -> bool:
    """Whether a link has a file of that name: its own, or what a phone makes of an address it completes."""
    format = FORMATS[link.format]
    completed = format.asks_for is not None and re.fullmatch(format.asks_for, wanted) is not None
    return wanted in ("", file_name(format, link.phone)) or completed


def _not_found(start: Start) -> Iterable[bytes]:
    start("404 Not Found", _headers(_NOT_FOUND, _TEXT))
    return (_NOT_FOUND,)


def _headers(content: bytes, media_type: str) -> list[tuple[str, str]]:
    length = ("Content-Length", str(len(content)))
    return [("Content-Type", media_type), length, ("Cache-Control", "no-store"), ("Connection", "close")]


def _harmless(text: str) -> str:
    """What a client says of itself, as it may stand in a log."""
    return (
        "".join(c if c.isprintable() and c.isascii() else "?" for c in text)[:100] or "it does not say what it is"
    )
