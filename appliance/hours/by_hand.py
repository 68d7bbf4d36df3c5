"""What holds because somebody said so, beside the configuration: hours opened or closed, and notices. Pure."""

from appliance import facts as f
from appliance.hours.notices import Notice
from appliance.hours.schedule import Override


class ByHand:
    """Fed with facts, by the engine alone. What is over is forgotten when something new comes."""

    def __init__(self) -> None:
        self._overrides: dict[str, Override] = {}  # by schedule
        self._notices: dict[str, Notice] = {}  # by id, in the order in which they were set

    def override(self, schedule: str, at: float) -> Override | None:
        """What holds instead of a schedule."""
        found = self._overrides.get(schedule)
        return found if found is not None and found.holds(at) else None

    def overrides(self, at: float) -> list[Override]:
        """Everything that holds, by schedule."""
        return [each for _, each in sorted(self._overrides.items()) if each.holds(at)]

    def notices(self, at: float) -> list[Notice]:
        """Those that hold, the oldest first."""
        return [notice for notice in self._notices.values() if notice.holds(at)]

    def apply(self, fact: f.Fact) -> None:
        """Take in what has happened; of most facts nothing follows here."""
        match fact:
            case f.HoursSet():
                self._overrides[fact.schedule] = Override(
                    fact.schedule, fact.is_open, fact.at, fact.until, fact.by, fact.comment
                )
            case f.HoursFollowed():
                self._overrides.pop(fact.schedule, None)
            case f.NoticeSet():
                self._notices = {id: notice for id, notice in self._notices.items() if notice.holds(fact.at)}
                for notice in self._at(fact.target, fact.language):
                    del self._notices[notice.id]
                self._notices[fact.notice] = Notice(
                    *(fact.notice, fact.target, fact.language, fact.text, fact.sound, fact.at, fact.until),
                    *(fact.by, fact.hang_up),
                )
            case f.NoticeEnded():
                self._notices.pop(fact.notice, None)

    def _at(self, target: str, language: str) -> list[Notice]:
        found = self._notices.values()
        return [notice for notice in found if (notice.target, notice.language) == (target, language)]
