"""What a supervisor sets by hand, by phone or by command: opening hours for some time, and notices to callers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from appliance import facts as f
from appliance.call import Desk
from appliance.configuration.problems import did_you_mean
from appliance.hours import expiry
from appliance.hours.notices import ALL, Notice
from appliance.hours.schedule import Override, next_change, next_opening, opening
from appliance.settings import Hours, Settings
from appliance.trouble import Trouble

DUTY_COMMANDS = ("hours", "hours-set", "hours-follow", "notice-set", "notice-end")
UNTIL_IT_CHANGES = 86400.0  # seconds at most, where nobody says until when
_LONGEST_COMMENT = 200
_LONGEST_TEXT = 2000

Arguments = Mapping[str, Any]


def answer(desk: Desk, command: str, arguments: Arguments) -> object:
    """The data for one of DUTY_COMMANDS. Raises Trouble."""
    now = desk.clock.now()
    settings = desk.engine.settings
    by = str(arguments.get("by") or "somebody")[:60]
    if command == "hours":
        at = arguments.get("at")
        moment = float(at) if isinstance(at, int | float) else now
        return hours_view(settings, desk.engine.by_hand.overrides(moment), moment)
    if command == "hours-set":
        schedules = schedules_of(settings, str(arguments.get("schedule")))
        length, until = (_text(arguments, name) for name in ("length", "until"))
        ends = {each.id: expiry.end(length, until, now, ZoneInfo(each.time_zone)) for each in schedules}
        comment = (_text(arguments, "comment") or "")[:_LONGEST_COMMENT]
        set_hours(desk, schedules, arguments.get("open") is True, lambda each: ends[each.id], by, comment)
        return hours_view(settings, desk.engine.by_hand.overrides(now), now)
    if command == "hours-follow":
        schedules = schedules_of(settings, str(arguments.get("schedule")))
        follow_hours(desk, schedules, by)
        return hours_view(settings, desk.engine.by_hand.overrides(now), now)
    if command == "notice-set":
        return notice_view(_set_notice(desk, arguments, by))
    ended = end_notices(desk, _target(settings, str(arguments.get("target"))), by)
    return [notice_view(notice) for notice in ended]


# Opening hours


def schedules_of(settings: Settings, wanted: str) -> Sequence[Hours]:
    """The schedule of that id, or all of them. Raises Trouble."""
    if wanted == ALL and settings.hours:
        return [*settings.hours.values()]
    if wanted not in settings.hours:
        known = ", ".join([*settings.hours, *([ALL] if settings.hours else [])]) or "none"
        raise Trouble(f"There are no opening hours {wanted[:40]!r}: the configuration has {known}.")
    return [settings.hours[wanted]]


def set_hours(
    desk: Desk,
    schedules: Iterable[Hours],
    is_open: bool,
    end: Callable[[Hours], float],
    by: str,
    comment: str = "",
) -> None:
    """Open or close by hand; returns when it is written down, and holds for every call from then on."""
    now = desk.clock.now()
    desk.engine.note(*(f.HoursSet(each.id, now, is_open, end(each), by, comment) for each in schedules))


def follow_hours(desk: Desk, schedules: Iterable[Hours], by: str) -> None:
    """Follow the schedules again."""
    now = desk.clock.now()
    held = (each for each in schedules if desk.engine.by_hand.override(each.id, now) is not None)
    desk.engine.note(*(f.HoursFollowed(each.id, now, by) for each in held))


def until_it_changes(schedule: Hours, now: float) -> float:
    """When the schedule itself opens or closes next, but no later than in a day."""
    change = next_change(schedule, now)
    return min(change if change is not None else now + UNTIL_IT_CHANGES, now + UNTIL_IT_CHANGES)


def hours_view(settings: Settings, overrides: Iterable[Override], at: float) -> list[dict[str, object]]:
    """Every schedule at a moment: open or not, why, and when that changes."""
    by_hand = {each.schedule: each for each in overrides if each.at <= at}
    view: list[dict[str, object]] = []
    for schedule in settings.hours.values():
        override = by_hand.get(schedule.id)
        state = opening(schedule, at, override)
        view.append(
            {
                "schedule": schedule.id,
                "time_zone": schedule.time_zone,
                "open": state.is_open,
                "why": state.reason,
                "cause": state.cause.value,
                "changes_at": next_change(schedule, at, override),
                "opens_at": next_opening(schedule, at, override),
                "by_hand": override_view(override) if override is not None and override.holds(at) else None,
                "used_by": _users(settings, schedule.id),
            }
        )
    return view


def override_view(override: Override) -> dict[str, object]:
    return {
        "schedule": override.schedule,
        "open": override.is_open,
        "by": override.by,
        "comment": override.comment,
        "since": override.at,
        "until": override.until,
    }


def _users(settings: Settings, schedule: str) -> list[str]:
    numbers = [f"number {each.id}" for each in settings.numbers.values() if each.hours == schedule]
    return numbers + [f"queue {each.id}" for each in settings.queues.values() if each.hours == schedule]


# Notices


def new_notice_id(target: str, now: float) -> str:
    """Says what it is of and when it was made; also the name of its sound."""
    return f"{datetime.fromtimestamp(now, UTC):%y%m%d-%H%M%S}-{int(now * 1000) % 1000:03}-{target.lstrip('+')}"


def put_notice(
    desk: Desk,
    id: str,
    target: str,
    language: str,
    until: float,
    by: str,
    *,
    text: str = "",
    hang_up: bool = False,
) -> Notice:
    """Put a notice whose sound has been made in front of callers, from this moment on."""
    now = desk.clock.now()
    sound = desk.notices.sound(id)
    desk.engine.note(f.NoticeSet(id, now, target, language, text, sound, until, by, hang_up))
    return Notice(id, target, language, text, sound, now, until, by, hang_up)


def end_notices(desk: Desk, target: str, by: str) -> list[Notice]:
    """Take back what is heard at that target, in all its languages. Raises Trouble when nothing is."""
    now = desk.clock.now()
    found = [notice for notice in desk.engine.by_hand.notices(now) if notice.target == target]
    if not found:
        raise Trouble(f"There is no notice for {target}.")
    desk.engine.note(*(f.NoticeEnded(notice.id, now, by) for notice in found))
    return found


def notice_view(notice: Notice) -> dict[str, object]:
    return {
        "notice": notice.id,
        "target": notice.target,
        "language": notice.language,
        "text": notice.text,
        "by": notice.by,
        "since": notice.at,
        "until": notice.until,
        "then": "hang-up" if notice.hang_up else "continue",
    }


def _set_notice(desk: Desk, arguments: Arguments, by: str) -> Notice:
    settings = desk.engine.settings
    now = desk.clock.now()
    target = _target(settings, str(arguments.get("target")))
    number = settings.numbers.get(target)
    language = _text(arguments, "language") or (number.language if number else None) or settings.language
    if language not in settings.speech.voices:
        known = did_you_mean(language, settings.speech.voices)
        raise Trouble(f"There is no voice for the language {language[:20]!r}. {known}".strip())
    until = expiry.end(_text(arguments, "length"), _text(arguments, "until"), now, ZoneInfo(settings.time_zone))
    id = new_notice_id(target, now)
    text, staged = (_text(arguments, name) or "" for name in ("text", "file"))
    text = " ".join(text.split())
    if staged:
        desk.notices.adopt(staged, id)
    elif text and len(text) <= _LONGEST_TEXT:
        desk.notices.speak(text, language, settings.speech, id)
    else:
        raise Trouble(f"A notice is a sound file, or a text of at most {_LONGEST_TEXT} letters.")
    hang_up = arguments.get("then") == "hang-up"
    return put_notice(desk, id, target, language, until, by, text=text, hang_up=hang_up)


def _target(settings: Settings, wanted: str) -> str:
    if wanted == ALL or wanted in settings.menus or wanted in settings.numbers:
        return wanted
    remedy = did_you_mean(wanted, [ALL, *settings.menus, *settings.numbers])
    raise Trouble(f"{wanted[:40]!r} is no menu and no number, nor {ALL}. {remedy}".strip())


def _text(arguments: Arguments, name: str) -> str | None:
    value = arguments.get(name)
    return None if value is None else str(value)
