"""Where calls go in FreePBX: its destination strings, such as ivr-3,s,1, as steps. Pure.

The strings are made by the modules' *_getdest functions (FreePBX/queues functions.inc.php, FreePBX/core
functions.inc.php and so on); what each does to a call is in the *_get_config functions beside them.
"""

from collections.abc import Callable, Mapping

from appliance.importing.clocks import NotUnderstood, Rule, read_gotoiftime
from appliance.importing.draft import HANG_UP, Draft, Piece, Topic
from appliance.importing.routes import GONE, Clock, Go, Memory, Say, Step
from appliance.importing.rows import Row, Tables, by
from appliance.importing.voices import NOBODY


class Ways:
    """Makes a step of a destination. Knows the tables, and the ids that queues and menus have in the draft."""

    def __init__(
        self,
        tables: Tables,
        draft: Draft,
        queues: Mapping[str, str],
        groups: Mapping[str, str],
        menus: Mapping[str, str],
    ) -> None:
        self._draft = draft
        self._queues, self._groups, self._menus = queues, groups, menus
        self._recordings = by(tables.get("recordings", ()), "id")
        self._announcements = by(tables.get("announcement", ()), "announcement_id")
        self._conditions = by(tables.get("timeconditions", ()), "timeconditions_id")
        self._groups_of_times = by(tables.get("timegroups_groups", ()), "id")
        self._times = tables.get("timegroups_details", [])
        self._switches = tables.get("daynight", [])
        self._dialled = by(tables.get("miscdests", ()), "id")
        self._callers = by(tables.get("setcid", ()), "cid_id")
        self._places: dict[str, Callable[[str, str], Step | None]] = {
            "ext-queues": self._queue,
            "ext-group": self._group,
            "from-did-direct": self._extension,
            "ext-local": self._extension,
            "from-internal": self._dial,
            "ext-miscdests": self._misc,
            "app-blackhole": self._hole,
        }
        self._onward: dict[str, Callable[[str, str], Step | None]] = {
            "timeconditions": self._condition,
            "app-daynight": self._switch,
            "app-setcid": self._caller,
        }
        self._memory = Memory()

    def step(self, destination: str, where: str) -> Step:
        """What happens at a destination; the list says where it is not known."""
        kind, _, rest = destination.strip().partition(",")
        target = rest.partition(",")[0]
        found: Step | None = None
        if not destination.strip():
            return self._lost("", where, "is not said")
        if kind.startswith("ivr-"):
            menu = self._menus.get(kind.removeprefix("ivr-"))
            found = Go({"menu": menu}) if menu else None
        elif kind.startswith("app-announcement-"):
            id = kind.removeprefix("app-announcement-")
            found = self._memory.step(kind, lambda: self._announcement(id, where))
        elif kind in self._onward:
            found = self._memory.step((kind, target), lambda: self._onward[kind](target, where))
        elif kind in self._places:
            found = self._places[kind](target, where)
        else:
            return self._lost(destination, where, "is of a kind that is not known here")
        return found or self._lost(destination, where, "does not exist, or leads round in a circle")

    def _lost(self, what: str, where: str, why: str) -> Step:
        self._draft.note(
            Topic.REST, where, f"The destination {what + ' ' if what else ''}{why}; the call ends there."
        )
        return GONE

    def pieces(self, id: str, stand_in: str, where: str) -> tuple[Piece, ...]:
        """The recordings of a row of the table recordings."""
        row = self._recordings.get(id)
        if row is None:
            if id not in ("", "0", "-1", "None"):
                self._draft.note(Topic.SOUND, where, f"There is no recording {id} in the table recordings.")
            return ()
        name = row["displayname"] or stand_in
        about = row["description"] if row["description"] not in ("", "No long description available") else name
        row.pass_over("fcode", "fcode_pass", "fcode_lang", "id")
        files = [part for part in row["filename"].split("&") if part and not part.startswith("silence/")]
        return tuple(Piece(file, about if n == 0 else "", row.where) for n, file in enumerate(files))

    def _queue(self, target: str, where: str) -> Step | None:
        return Go({"queue": self._queues[target]}) if target in self._queues else None

    def _group(self, target: str, where: str) -> Step | None:
        return Go({"queue": self._groups[target]}) if target in self._groups else None

    def _extension(self, target: str, where: str) -> Step | None:
        if target[:2] == "vm" and target[3:].isdecimal():
            text = (
                f"Callers reach the voicemail of {target[3:]}; there is none here, they hear that nobody answers."
            )
            self._draft.note(Topic.PEOPLE, where, text)
            return Go({"message": self._draft.said(NOBODY)})
        return Go({"extension": target}) if self._draft.has("phones", target) else None

    def _dial(self, target: str, where: str) -> Step | None:
        """What a phone could dial."""
        reach = (self._extension, self._queue, self._group)
        return next((found for each in reach if (found := each(target, where))), None)

    def _misc(self, target: str, where: str) -> Step | None:
        row = self._dialled.get(target)
        if row is None:
            return None
        number, name = row["destdial"], row["description"]
        row.pass_over("id")
        found = self._dial(number, where)
        if found is None:
            what = f"{name}, which dials {number},"
            return self._lost(what, row.where, "leads to a number outside, or to a feature code")
        return found

    def _announcement(self, id: str, where: str) -> Step | None:
        row = self._announcements.get(id)
        if row is None:
            return None
        name = row["description"] or f"announcement {id}"
        row.pass_over("announcement_id", "noanswer", "allow_skip")
        after = row["post_dest"]
        then = Go("back") if row.is_on("return_ivr") else self.step(after, row.where)
        pieces = self.pieces(row["recording_id"], name, row.where)
        return Say(pieces, then, name, row.where) if pieces else then

    def _condition(self, id: str, where: str) -> Step | None:
        row = self._conditions.get(id)
        if row is None:
            return None
        name = row["displayname"] or f"time condition {id}"
        row.pass_over("timeconditions_id", "generate_hint", "invert_hint", "priority", "deptname", "fcc_password")
        match = self.step(row["truegoto"], row.where)
        other = self.step(row["falsegoto"], row.where)
        rules = self._rules(row, name)
        return Clock(name, rules, match, other, row.where, row["timezone"].replace("default", ""))

    def _rules(self, row: Row, name: str) -> tuple[Rule, ...]:
        if row["mode"] not in ("", "time-group"):
            text = (
                f"The time condition {name} follows a calendar, which is not in the dump. Write its hours by hand."
            )
            row.pass_over("calendar_id", "calendar_group_id")
            self._draft.note(Topic.HOURS, row.where, text)
            return ()
        group = self._groups_of_times.get(row["time"])
        if group is None:
            text = f"The time condition {name} has no time group, so it is never met."
            self._draft.note(Topic.HOURS, row.where, text)
            return (Rule(minutes=0),)
        group.pass_over("id")
        of_group = group["description"]
        rules = []
        for times in self._times:
            if times.peek("timegroupid") == row["time"]:
                times.pass_over("id", "timegroupid")
                try:
                    rules.append(read_gotoiftime(times["time"]))
                except NotUnderstood:
                    text = f"The times {times['time']} of the time group {of_group} are not understood."
                    self._draft.note(Topic.HOURS, times.where, text)
        return tuple(rules) or (Rule(minutes=0),)

    def _switch(self, id: str, where: str) -> Step | None:
        """A call flow toggle: what is keyed by hand decides, and the dump does not say what it is now."""
        rows = {row.peek("dmode"): row for row in self._switches if row.peek("ext") == id}
        if "day" not in rows or "night" not in rows:
            return None
        for row in rows.values():
            row.pass_over("ext", "dmode", "dest" if row["dmode"] == "password" else "ext")
        name = rows["fc_description"]["dest"] if "fc_description" in rows else f"toggle {id}"
        day = self.step(rows["day"]["dest"], rows["day"].where)
        night = self.step(rows["night"]["dest"], rows["night"].where)
        return Clock(name or f"toggle {id}", (), day, night, rows["day"].where)

    def _caller(self, id: str, where: str) -> Step | None:
        row = self._callers.get(id)
        if row is None:
            return None
        row.pass_over("cid_id", "description", "variables")
        text = f"The caller became {row['cid_name']}, {row['cid_num']} here; now name and number stay."
        self._draft.note(Topic.REST, row.where, text)
        return self.step(row["dest"], row.where)

    def _hole(self, target: str, where: str) -> Step:
        if target != "hangup":
            text = f"Callers hear {_HOLES.get(target, target)} there until they hang up; here the call ends."
            self._draft.note(Topic.REST, where, text)
        return Go(HANG_UP)


_HOLES = {
    "congestion": "the tone of congestion",
    "busy": "the busy tone",
    "zapateller": "the tone for numbers that do not exist",
    "musiconhold": "music",
    "ring": "the ringing tone",
    "no-service": "that the number is not in service",
}
