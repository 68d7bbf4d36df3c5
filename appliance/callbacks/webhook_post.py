"""One POST to another program, which may be slow, gone, or send rubbish back."""

from collections.abc import Mapping

import gevent
import urllib3

MARGIN = 1.0  # seconds beyond what the receiver may take, for looking up its name


class NotTaken(Exception):
    """Why the receiver has not taken it, in words."""


# Each request has a connection of its own: they are few, and a kept one may have died meanwhile. Certificates are
# judged by what the machine trusts. No proxy, no redirection: customers' numbers go where the operator said.
_pool = urllib3.PoolManager(retries=False, maxsize=1)


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> None:
    """Return when the receiver has taken it. Raises NotTaken. Blocks the calling greenlet alone."""
    try:
        with gevent.Timeout(timeout + MARGIN):
            status = _status(url, body, headers, timeout)
    except gevent.Timeout:
        raise NotTaken(f"no answer within {timeout:g} s") from None
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise NotTaken(_plain(error)) from None
    if not 200 <= status < 300:
        raise NotTaken(f"the answer was {status}")


def _status(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> int:
    answer = _pool.request(
        "POST",
        url,
        body=body,
        headers=dict(headers),
        timeout=urllib3.Timeout(total=timeout),
        redirect=False,
        preload_content=False,
    )
    try:
        return answer.status
    finally:
        answer.close()


def _plain(error: Exception) -> str:
    """The cause without the names of Python's objects."""
    cause: BaseException = error
    while (deeper := getattr(cause, "reason", None) or cause.__cause__ or cause.__context__) is not None:
        if not isinstance(deeper, BaseException):
            break
        cause = deeper
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return " ".join(said.rpartition("object at 0x")[2].partition(">: ")[2].split() or said.split()) or "no answer"
