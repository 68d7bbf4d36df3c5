"""Requests that are refused: a status of HTTP, a code for programs, and by and by a sentence for people."""

from appliance.web.asked import Wrong


class Fault(Exception):
    """Nothing has been done. `wrong` names the fields that have to be put right."""

    def __init__(self, status: int, code: str, wrong: tuple[Wrong, ...] = (), retry_after: float = 0.0) -> None:
        super().__init__(code)
        self.status, self.code, self.wrong, self.retry_after = status, code, wrong, retry_after
