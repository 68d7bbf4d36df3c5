"""Where calls go in FusionPBX: its applications and their data, as steps. Pure.

Most go to a number of the domain (transfer 400 XML pbx.example.com), which may be a queue, a menu, a phone, a time
condition and so on. Time conditions are rows of v_dialplan_details: app/time_conditions/time_condition_edit.php.
"""

import json
import re
from collections.abc import Mapping

from appliance.importing.clocks import FULL_DAY, MINUTES, NotUnderstood, Rule, minutes
from appliance.importing.draft import HANG_UP, Draft, Piece, Topic, Value
from appliance.importing.routes import GONE, Clock, Go, Memory, Say, Step
from appliance.importing.rows import Row, Tables, by
from appliance.importing.voices import NOBODY
from appliance.importing.words import line

INBOUND = "c03b422e-13a8-bd1b-e42b-b6b9b4d27ce4"  # the app_uuid of dialplans, as in app_config.php of each app
TIMES = "4b821450-926b-175a-af93-a03c441818b1"

_EXACTLY = re.compile(r"\^\(?(?:\\\+|\+)?\??([0-9]{2,15})\)?\$")
_VOICEMAIL = re.compile(r"\*99([0-9]+)")
_USER = re.compile(r"user/([0-9]+)(?:@.*)?")
_TIMED = ("year", "mon", "mday", "wday", "hour", "minute-of-day", "time-of-day")


def application(action: str) -> tuple[str, str]:
    """ "transfer:201 XML default" as application and data."""
    app, _, data = action.partition(":")
    return app.strip(), data.strip()


class Ways:
    """Makes a step of an application and its data. Knows the tables, and the ids in the draft."""

    def __init__(self, tables: Tables, draft: Draft, queues: Mapping[str, str], menus: Mapping[str, str]) -> None:
        self._draft = draft
        self._queues, self._menus = queues, menus
        self._menu_of = {
            row.peek("ivr_menu_uuid"): row.peek("ivr_menu_extension") for row in tables.get("v_ivr_menus", ())
        }
        self._recordings = by(tables.get("v_recordings", ()), "recording_filename")
        self._flows = by(tables.get("v_call_flows", ()), "call_flow_extension")
        self._dialplans = [row for row in tables.get("v_dialplans", ()) if row.peek("app_uuid") == TIMES]
        self._memory = Memory()
        self._details: dict[str, list[Row]] = {}
        for row in tables.get("v_dialplan_details", ()):
            self._details.setdefault(row.peek("dialplan_uuid"), []).append(row)

    def step(self, app: str, data: str, where: str) -> Step:
        """What happens there; the list says where it is not known."""
        name, words = app.strip().lower(), data.split()
        if name == "hangup":
            return Go(HANG_UP)
        found: Step | None = None
        if name == "transfer" and words:
            found = self._reach(words[0], where)
        elif name == "callcenter":
            found = self._queue(data.partition("@")[0])
        elif name == "ivr":
            found = self._menu(self._menu_of.get(data.strip(), ""))
        elif name == "bridge" and (user := _USER.fullmatch(data.strip())):
            found = self._phone(user[1])
        elif name == "voicemail":
            found = self._nobody(words[-1] if words else "", where)
        elif name in ("playback", "say", "phrase") and words:
            pieces = self.pieces(data, data, where)
            found = Say(pieces, GONE, line(data), where) if pieces else None
        return found or self._lost(
            f"{app} {data}", where, "is not known here, leads nowhere, or round in a circle"
        )

    def option(self, action: str, data: str, where: str) -> Step:
        """What a key of a menu does."""
        if action in ("menu-back", "menu-top"):
            return Go("back")
        if action == "menu-sub":
            return self._menu(self._menu_of.get(data, "")) or self._lost(
                f"{action} {data}", where, "does not exist"
            )
        if action == "menu-exec-app":
            app, _, rest = data.strip().partition(" ")
            return self.step(app, rest, where)
        return self.step(action, data, where)

    def actions(self, row: Row) -> Step:
        """What a row of v_destinations does: a list of actions as JSON, or the older two columns."""
        try:
            listed = json.loads(row["destination_actions"] or "[]")
            actions = [(str(each["destination_app"]), str(each["destination_data"])) for each in listed]
        except (ValueError, TypeError, KeyError):
            self._draft.note(Topic.NUMBERS, row.where, "The column destination_actions is not understood.")
            actions = []
        for app, data in (
            ("destination_app", "destination_data"),
            ("destination_alternate_app", "destination_alternate_data"),
        ):
            if row[app] and (row[app], row[data]) not in actions:
                actions.append((row[app], row[data]))
        return self._sequence(actions, row.where)

    def inbound(self, row: Row) -> tuple[str, Step] | None:
        """The number of an inbound route, and what happens to its calls."""
        details = self._of(row)
        numbers = [
            found[1]
            for each in details
            if each.peek("dialplan_detail_tag") in ("condition", "regex")
            and (found := _EXACTLY.fullmatch(each.peek("dialplan_detail_data")))
        ]
        conditions = [each for each in details if each.peek("dialplan_detail_tag") == "condition"]
        if len(numbers) != 1 or len(conditions) != 1:
            return None
        return numbers[0], self._sequence(_actions(details), row.where)

    def _sequence(self, actions: list[tuple[str, str]], where: str) -> Step:
        """Announcements, and the first of the others that ends the way."""
        for n, (app, data) in enumerate(actions):
            if app.lower() in ("set", "export", "answer", "sleep", "record_session", "limit", "ring_ready", ""):
                continue
            if app.lower() in ("playback", "say", "phrase") and n + 1 < len(actions):
                pieces = self.pieces(data, data, where)
                return Say(pieces, self._sequence(actions[n + 1 :], where), line(data), where)
            if n + 1 < len(actions):
                text = (
                    f"After {app} {data} more was to happen ({actions[n + 1][0]} {actions[n + 1][1]}); not here."
                )
                self._draft.note(Topic.REST, where, text)
            return self.step(app, data, where)
        return self._lost("", where, "is not said")

    def _lost(self, what: str, where: str, why: str) -> Step:
        self._draft.note(
            Topic.REST, where, f"The destination {what + ' ' if what else ''}{why}; the call ends there."
        )
        return GONE

    def pieces(self, sound: str, stand_in: str, where: str) -> tuple[Piece, ...]:
        """A recording by its path; or text, which was read aloud there too."""
        path = sound.strip().removeprefix("playback:")
        if not path or path.startswith("silence_stream:"):
            return ()
        if path.startswith("say:"):
            return (Piece("", path.removeprefix("say:").strip('"'), where),)
        row = self._recordings.get(path.rpartition("/")[2])
        if row is None:
            return (Piece(path, line(stand_in), where),)
        row.pass_over("recording_base64", "recording_voice", "recording_speed", "recording_filename")
        row.pass_over("recording_name", "recording_description")
        text = row["recording_message"] or row["recording_description"] or row["recording_name"]
        return (Piece(path.rpartition("/")[2], text or line(stand_in), row.where),)

    def heard(self, field: str, sound: str, stand_in: str, row: Row) -> dict[str, Value]:
        """A field with what is heard, where there is anything."""
        pieces = self.pieces(sound, stand_in, row.where)
        return {field: self._draft.prompt(pieces)} if pieces else {}

    def _reach(self, number: str, where: str) -> Step | None:
        """Whatever answers at a number of the domain."""
        mailbox = _VOICEMAIL.fullmatch(number)
        if mailbox:
            return self._nobody(mailbox[1], where)
        return (
            self._queue(number)
            or self._menu(number)
            or self._phone(number)
            or self._memory.step(number, lambda: self._flow(number) or self._times(number))
        )

    def _queue(self, number: str) -> Step | None:
        return Go({"queue": self._queues[number]}) if number in self._queues else None

    def _menu(self, number: str) -> Step | None:
        return Go({"menu": self._menus[number]}) if number in self._menus else None

    def _phone(self, number: str) -> Step | None:
        return Go({"extension": number}) if self._draft.has("phones", number) else None

    def _nobody(self, mailbox: str, where: str) -> Step:
        text = f"Callers reach the voicemail of {mailbox}; there is none here, they hear that nobody answers."
        self._draft.note(Topic.PEOPLE, where, text)
        return Go({"message": self._draft.said(NOBODY)})

    def _flow(self, number: str) -> Step | None:
        """A call flow: switched by hand, between two ways."""
        row = self._flows.get(number)
        if row is None:
            return None
        day = self.step(row["call_flow_app"], row["call_flow_data"], row.where)
        night = self.step(row["call_flow_alternate_app"], row["call_flow_alternate_data"], row.where)
        row.pass_over("call_flow_context", "call_flow_label", "call_flow_alternate_label", "call_flow_status")
        row.pass_over("call_flow_extension", "call_flow_enabled", "call_flow_description")
        return Clock(row["call_flow_name"] or f"call flow {number}", (), day, night, row.where)

    def _times(self, number: str) -> Step | None:
        """A time condition: groups of conditions with an action each; the last has no condition of time."""
        row = next((each for each in self._dialplans if each.peek("dialplan_number") == number), None)
        if row is None:
            return None
        name = row["dialplan_name"] or f"time condition {number}"
        row.use()
        groups: dict[int, list[Row]] = {}
        zone = ""
        for each in self._of(row):
            groups.setdefault(each.whole("dialplan_detail_group"), []).append(each)
            data = each["dialplan_detail_data"]
            if each["dialplan_detail_type"] == "set" and data.startswith("timezone="):
                zone = data.removeprefix("timezone=")
        step: Step = GONE
        for _, details in sorted(groups.items(), reverse=True):
            actions = [each for each in _actions(details) if each[0] not in ("set", "")]
            if not actions:
                continue
            to = self._sequence(actions, details[0].where)
            timed = [each for each in details if each["dialplan_detail_tag"] == "condition"]
            timed = [each for each in timed if each["dialplan_detail_type"] != "destination_number"]
            try:
                rule = rule_of([(each["dialplan_detail_type"], each["dialplan_detail_data"]) for each in timed])
            except NotUnderstood as wrong:
                text = f"A condition of {name} is not understood ({wrong}); it is left out."
                self._draft.note(Topic.HOURS, details[0].where, text)
                continue
            step = Clock(name, (rule,), to, step, row.where, zone) if timed else to
        return step

    def _of(self, row: Row) -> list[Row]:
        """The details of a dialplan in their order."""
        details = [
            each
            for each in self._details.get(row.peek("dialplan_uuid"), [])
            if each.peek("dialplan_detail_enabled").lower() not in ("false", "f")
        ]
        return sorted(
            details, key=lambda each: (each.whole("dialplan_detail_group"), each.whole("dialplan_detail_order"))
        )


def _actions(details: list[Row]) -> list[tuple[str, str]]:
    return [
        (each["dialplan_detail_type"], each["dialplan_detail_data"])
        for each in details
        if each.peek("dialplan_detail_tag") == "action"
    ]


def rule_of(conditions: list[tuple[str, str]]) -> Rule:
    """FreeSWITCH's conditions of time: all must be met. Raises NotUnderstood."""
    clock, found = FULL_DAY, dict[str, frozenset[int]]()
    for kind, text in conditions:
        if kind not in _TIMED:
            raise NotUnderstood(f"{kind} {text}")
        if kind == "time-of-day":
            first, dash, last = text.partition("-")
            clock &= minutes(_minute(first), _minute(last) if dash else _minute(first) + 1)
            continue
        numbers = _numbers(text)
        if kind == "minute-of-day":  # the minute that begins at midnight is 1
            clock &= sum(1 << (number - 1) for number in numbers if 1 <= number <= MINUTES)
        elif kind == "hour":
            clock &= sum(minutes(number * 60, number * 60 + 60) for number in numbers if number < 24)
        else:
            found[kind] = found.get(kind, numbers) & numbers
    return Rule(
        minutes=clock,
        weekdays=frozenset((day + 5) % 7 for day in found["wday"])
        if "wday" in found
        else Rule.weekdays,  # Sunday is 1
        days=found.get("mday"),
        months=found.get("mon"),
        years=found.get("year"),
    )


def _numbers(text: str) -> frozenset[int]:
    """ "2-6" or "7,1" or both."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if not first.isdecimal() or (dash and not last.isdecimal()) or len(first) > 4 or len(last) > 4:
            raise NotUnderstood(text)
        low, high = int(first), int(last or first)
        found.update(range(low, high + 1) if low <= high else (*range(low, 8), *range(1, high + 1)))
    return frozenset(found)


def _minute(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    if not (hour.isdecimal() and minute[:2].isdecimal() and int(hour) < 24 and int(minute[:2]) < 60):
        raise NotUnderstood(text)
    return int(hour) * 60 + int(minute[:2])
