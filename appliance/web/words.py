"""What customers read, in their language: sentences, lengths of time, and times of day."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from babel.dates import format_date, format_time, format_timedelta

from appliance.settings.web import Texts

_FILE = Path(__file__).with_name("texts.yml")


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def languages() -> tuple[str, ...]:
    """Those the form speaks."""
    return tuple(_texts())


class Words:
    """The words of one language. `zone` is that of the site."""

    def __init__(self, language: str, zone: str) -> None:
        self.language = language
        self._zone = ZoneInfo(zone)

    def like(self, language: str) -> "Words":
        """The same in another language, if it is one of ours."""
        return Words(language, self._zone.key) if language in languages() else self

    def __call__(self, name: str, **values: object) -> str:
        return str(_texts()[self.language][name]).format_map(values)

    def error(self, code: str, **values: object) -> str:
        return str(_texts()[self.language]["errors"][code]).format_map(values)

    def of(self, texts: Texts) -> str:
        """A text of the configuration, in this language if there is one."""
        return texts.get(self.language) or next(iter(texts.values()), "")

    def length(self, seconds: float) -> str:
        """In whole minutes: nobody can know it better."""
        minutes = max(1, round(seconds / 60))
        return format_timedelta(minutes * 60, granularity="minute", threshold=1.5, locale=self.language)

    def between(self, low: float, high: float) -> str:
        """Such as "2 to 7 minutes"."""
        first, last = (max(1, round(each / 60)) for each in (low, high))
        if first == last:
            return self.length(high)
        return self("between", low=first, high=self.length(high)) if last < 90 else self.length((low + high) / 2)

    def moment(self, at: float, now: float) -> str:
        """The time of day, with the date where it is another day."""
        local, today = (datetime.fromtimestamp(each, self._zone) for each in (at, now))
        time = format_time(local, "short", locale=self.language)
        if local.date() == today.date():
            return time
        day = format_date(local, "EEEE, d MMMM", locale=self.language)
        return f"{day}, {time}"

    def iso(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._zone).isoformat(timespec="seconds")
