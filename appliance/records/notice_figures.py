"""How many callers heard each notice, and how many hung up informed: counted from the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from peewee import JOIN, Case, fn

from appliance.commands.show import harmless, iso, moment, table
from appliance.hours.notices import STILL_BECAUSE_OF_IT
from appliance.records.interval import Interval
from appliance.records.models import Call, NoticeHearing, NoticeRow, Visit

HEARD = "callers who heard at least the beginning of it"
HUNG_UP = f"of these: hung up during it, or within {STILL_BECAUSE_OF_IT:g} s after it, before they joined a queue"


@dataclass(frozen=True)
class NoticeFigures:
    """One notice. `hung_up` counts those who did so themselves: after a notice that ends the call, nobody can."""

    notice: str
    target: str
    language: str
    text: str
    by: str
    since: float
    until: float  # when it is over or was ended
    then: str
    heard: int
    hung_up: int

    def is_over(self, now: float) -> bool:
        return now >= self.until


def notice_figures(interval: Interval | None = None) -> list[NoticeFigures]:
    """Every notice, the oldest first; with an interval, those that were heard in it, counted in it."""
    counts = _counts(interval)
    rows = NoticeRow.select().order_by(NoticeRow.at, NoticeRow.id)
    return [
        NoticeFigures(
            notice=row.id,
            target=row.target,
            language=row.language,
            text=row.text,
            by=row.by,
            since=row.at,
            until=row.until if row.ended_at is None else min(row.ended_at, row.until),
            then="hang-up" if row.hang_up else "continue",
            heard=counts.get(row.id, (0, 0))[0],
            hung_up=counts.get(row.id, (0, 0))[1],
        )
        for row in rows
        if interval is None or row.id in counts
    ]


def _counts(interval: Interval | None) -> dict[str, tuple[int, int]]:
    during = NoticeHearing.ended_at.is_null()
    soon = ~NoticeRow.hang_up & (Call.ended_at <= NoticeHearing.ended_at + STILL_BECAUSE_OF_IT)
    joined = Visit.select(Visit.id).where((Visit.call == Call.id) & (Visit.joined_at >= NoticeHearing.at))
    left = Call.ended_at.is_null(False) & (during | soon) & ~fn.EXISTS(joined)
    query = (
        NoticeHearing.select(
            NoticeHearing.notice, fn.COUNT(NoticeHearing.call), fn.SUM(Case(None, [(left, 1)], 0))
        )
        .join(NoticeRow, JOIN.INNER, on=(NoticeRow.id == NoticeHearing.notice))
        .join(Call, JOIN.INNER, on=(Call.id == NoticeHearing.call))
        .group_by(NoticeHearing.notice)
    )
    if interval is not None:
        query = query.where(NoticeHearing.at >= interval.start, NoticeHearing.at < interval.end)
    found: Any = query.tuples()
    return {notice: (heard, int(hung_up or 0)) for notice, heard, hung_up in found}


def notices_text(found: Sequence[NoticeFigures], zone: tzinfo) -> str:
    """A table of notices, and what its figures mean."""
    rows = [
        (
            *(each.target, each.language, harmless(each.text, 40) or "recorded", harmless(each.by)),
            *(moment(each.since, zone), moment(each.until, zone), each.then, each.heard, each.hung_up),
        )
        for each in found
    ]
    header = ("for", "language", "notice", "by", "since", "until", "then", "heard", "hung up")
    return table(header, rows) + f"\nheard = {HEARD}\nhung up = {HUNG_UP}"


def notice_data(figures: NoticeFigures, zone: tzinfo) -> dict[str, object]:
    """A notice for programs."""
    return {**vars(figures), "since": iso(figures.since, zone), "until": iso(figures.until, zone)}
