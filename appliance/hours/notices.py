"""Notices that supervisors put in front of callers, and which of them a caller is to hear. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ALL = "all"
STILL_BECAUSE_OF_IT = 10.0  # seconds after a notice: who hangs up by then has been informed by it


@dataclass(frozen=True)
class Notice:
    """One notice in one language. `target` is ALL, or the id of a number or of a menu."""

    id: str
    target: str
    language: str
    text: str  # "" when it was recorded
    sound: str  # absolute path without a file ending
    at: float  # UTC epoch seconds, like `until`
    until: float
    by: str  # who has set it, for a person
    hang_up: bool = False  # the call ends after it

    def holds(self, at: float) -> bool:
        return at < self.until


def heard_by(
    notices: Iterable[Notice], targets: Sequence[str], language: str, site_language: str, at: float
) -> list[Notice]:
    """What a caller of that language hears at these places: one of each at most, in the best language."""
    chosen = []
    in_force = [notice for notice in notices if notice.holds(at)]
    for target in targets:
        here = {notice.language: notice for notice in in_force if notice.target == target}
        if here:
            chosen.append(here.get(language) or here.get(site_language) or next(iter(here.values())))
    return chosen
