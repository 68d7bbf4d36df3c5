"""Requests of which nobody can make much: small, one a connection, and nothing logged of what was asked."""

import logging
from typing import Any

from gevent.pywsgi import WSGIHandler

log = logging.getLogger(__name__)


class SmallRequests(WSGIHandler):  # type: ignore[misc]
    """A handler of gevent.pywsgi within limits."""

    most_bytes = 32_768  # of one request, body and all
    takes_bodies = True

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.rfile: Any = _Limited(self.rfile, self.most_bytes)

    def read_request(self, line: str) -> bool:
        read: bool = super().read_request(line)
        if (self.content_length or 0) > self.most_bytes:
            raise ValueError("a request that is too long")
        if not self.takes_bodies and (self.content_length or self.headers.get("transfer-encoding")):
            raise ValueError("a request with a body")
        self.close_connection = True
        return read

    def log_request(self) -> None:
        """Addresses hold tickets and tokens. Where it is wanted, a reverse proxy logs."""

    def log_error(self, message: str, *arguments: object) -> None:
        log.debug("a request of %s was no HTTP", self.client_address)

    def _log_error(self, kind: type[BaseException], value: BaseException, trace: Any) -> None:
        if issubclass(kind, Exception) and not issubclass(kind, OSError):
            log.error("a request failed: %s", kind.__name__, exc_info=(kind, value, trace))


class _Limited:
    """What a client sends, up to a limit."""

    def __init__(self, file: Any, most: int) -> None:
        self._file = file
        self._left = most

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        return self._counted(data)

    def readline(self, size: int = -1) -> bytes:
        data: bytes = self._file.readline(min(size, self._left + 1) if size >= 0 else self._left + 1)
        return self._counted(data)

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("a request that is too long")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
