"""FreePBX as a draft: queues, ring groups, menus, numbers, from the dump of its database. Pure.

The tables are those of module.xml in FreePBX/core, queues, ivr, timeconditions, ringgroups, announcement,
recordings, daynight, miscdests, setcid and music; what a value does is in functions.inc.php of each.
"""

from collections.abc import Mapping

from appliance.importing import freepbx_system
from appliance.importing.draft import Draft, Topic, Value
from appliance.importing.freepbx_ways import Ways
from appliance.importing.hold import music_classes
from appliance.importing.people import agent, extension_of, in_tiers, say_who_signs_on
from appliance.importing.routes import Folding, in_words
from appliance.importing.rows import Row, Tables, by, joined
from appliance.importing.strategies import strategy
from appliance.importing.trunks import say_what_calls_out
from appliance.importing.words import length, line, number
from appliance.trouble import Trouble

# Tables each row of which is in the draft or in the list. All others are counted only.
UNDERSTOOD = (
    *("announcement", "daynight", "devices", "freepbx_settings", "incoming", "ivr_details", "ivr_entries"),
    *("miscdests", "music", "pjsip", "queues_config", "queues_details", "recordings", "ringgroups", "setcid"),
    *("sip", "timeconditions", "timegroups_details", "timegroups_groups", "trunks", "users"),
)
_KEYS = "0123456789*#"
_OF_QUEUES = (
    *(
        "announce-position",
        "autofill",
        "autopausedelay",
        "eventmemberstatus",
        "eventwhencalled",
        "extension",
        "id",
    ),
    *("memberdelay", "min-announce-frequency", "monitor-join", "penaltymemberslimit", "queue-callswaiting"),
    *("queue-thankyou", "queue-thereare", "queue-youarenext", "retry", "ringinuse", "rvol_mode", "rvolume"),
    *("skip_joinannounce", "timeoutpriority", "timeoutrestart", "use_queue_context", "queuewait", "togglehint"),
    *("monitor_heard", "monitor_spoken", "monitor_type", "qregex", "cwignore", "answered_elsewhere", "password"),
    *("cron_schedule", "cron_random", "reportholdtime", "alertinfo", "ringing", "flags"),
)


class FreePbx:
    """Makes the draft of the tables."""

    def __init__(self, tables: Tables, draft: Draft) -> None:
        if not {"queues_config", "users", "incoming"} & set(tables):
            named = ", ".join(list(tables)[:5])
            raise Trouble(
                f"{draft.source} is not the database of FreePBX (asterisk): it has the tables {named}..."
            )
        self._tables = tables
        self._draft = draft
        freepbx_system.site(tables, draft)
        freepbx_system.phones(tables, draft)
        self._queues = self._new_ids("queues", tables.get("queues_config", ()), "extension", "descr", "queue")
        self._groups = self._new_ids("queues", tables.get("ringgroups", ()), "grpnum", "description", "group")
        self._menus = self._new_ids("menus", tables.get("ivr_details", ()), "id", "name", "menu")
        self._ways = Ways(tables, draft, self._queues, self._groups, self._menus)
        self._folding = Folding(draft)

    def run(self, country: str) -> None:
        """Everything there is."""
        for row in self._rows("queues_config"):
            self._queue(row)
        for row in self._rows("ringgroups"):
            self._group(row)
        for row in self._rows("ivr_details"):
            self._menu(row)
        for row in self._rows("incoming"):
            self._number(row, country)
        for extension, id in (*self._queues.items(), *self._groups.items()):
            self._inside(extension, id)
        freepbx_system.trunks(self._tables, self._draft)
        self._music()
        say_who_signs_on(self._draft)
        say_what_calls_out(self._draft, "tables outbound_routes and outbound_route_patterns")
        self._account()

    def _rows(self, table: str) -> list[Row]:
        return self._tables.get(table, [])

    def _new_ids(self, section: str, rows: object, key: str, name: str, kind: str) -> dict[str, str]:
        """Ids for all of a kind, before anything refers to them."""
        found: dict[str, str] = {}
        assert isinstance(rows, list | tuple)
        for row in rows:
            id = self._draft.new_id(section, row[name], f"{kind}-{row[key]}")
            self._draft.section(section)[id] = self._draft.blank(id)
            found[row[key]] = id
        return found

    def _queue(self, row: Row) -> None:
        extension = row["extension"]
        id = self._queues[extension]
        details = [each for each in self._rows("queues_details") if each.peek("id") == extension]
        members = [each for each in details if each.peek("keyword") == "member"]
        keys = joined([each for each in details if each not in members], "id", "keyword", "data")
        said = keys.get(extension, Row(row.where, {}))
        ours, difference = strategy(said["strategy"] or "ringall")
        values: dict[str, Value] = {
            "name": line(row["descr"]) or id,
            "strategy": ours.value,
            **in_tiers(self._members(members)),
            **_time("ring_for", said.whole("timeout")),
            **_time("wrap_up", said.whole("wrapuptime")),
            "music": self._draft.music(said["music"]),
            **({"record": "yes"} if said["recording"] in ("yes", "force", "always") else {}),
            **self._heard("greeting", row["joinannounce_id"], f"greeting of {row['descr']}", row),
            **_time("service_level", said.whole("servicelevel")),
        }
        if difference:
            self._draft.note(Topic.QUEUES, said.where, f"The queue {id}: {difference}.")
        self._overflow(row, id)
        self._draft.fill("queues", id, values, f"the queue {extension} ({row.where})")
        said.pass_over(*_OF_QUEUES)
        row.pass_over(*_OF_QUEUES)
        for key in ("joinempty", "leavewhenempty"):
            if said[key] not in ("", "yes" if key == "joinempty" else "no"):
                text = (
                    f"The queue {id} turns callers away when nobody is there ({key} {said[key]}); here they wait."
                )
                self._draft.note(Topic.QUEUES, said.where, text)
        self._draft.account(Topic.QUEUES, f"queue {id}", [said])

    def _members(self, rows: list[Row]) -> list[tuple[int, str]]:
        """The agents of a queue with their penalties."""
        users = by(self._rows("users"), "extension")
        found: list[tuple[int, str]] = []
        for row in sorted(rows, key=lambda each: each.whole("flags")):
            interface, _, penalty = row["data"].rpartition(",")
            extension = extension_of(interface or penalty)
            row.pass_over("keyword", "id")
            if extension is None:
                text = f"The member {row['data']} of the queue {row['id']} is no phone of this system."
                self._draft.note(Topic.QUEUES, row.where, text)
                continue
            user = users.get(extension)
            rank = int(penalty) if interface and penalty.strip().isdecimal() else 0
            found.append((rank, agent(self._draft, extension, user["name"] if user else "", row.where)))
        return found

    def _overflow(self, row: Row, id: str) -> None:
        wait, dest = row.whole("maxwait"), row["dest"]
        if dest:
            to = in_words(self._folding.destination(self._ways.step(dest, row.where), row.where))
            when = f"after {length(wait)} of waiting" if wait else "whom the queue does not take"
            text = f"Callers of the queue {id} {when} go {to}; here they wait until they are served."
            self._draft.note(Topic.QUEUES, row.where, text)

    def _heard(self, field: str, recording: str, stand_in: str, row: Row) -> dict[str, Value]:
        pieces = self._ways.pieces(recording, stand_in, row.where)
        return {field: self._draft.prompt(pieces)} if pieces else {}

    def _group(self, row: Row) -> None:
        """A ring group becomes a queue, whose agents sign on."""
        extension = row["grpnum"]
        id = self._groups[extension]
        users = by(self._rows("users"), "extension")
        ours, difference = strategy(row["strategy"])
        members: list[str] = []
        for each in row["grplist"].split("-"):
            if each.isdecimal() and each in users:
                members.append(agent(self._draft, each, users[each]["name"], row.where))
            elif each.strip():
                text = f"The ring group {extension} rings {each} too, which is no phone of this system."
                self._draft.note(Topic.QUEUES, row.where, text)
        values: dict[str, Value] = {
            "name": line(row["description"]) or id,
            "strategy": ours.value,
            "agents": list(dict.fromkeys(members)),
            **_time("ring_for", row.whole("grptime")),
            "music": self._draft.music("" if row["ringing"] in ("", "Ring") else row["ringing"]),
            **self._heard("greeting", row["annmsg_id"], f"greeting of {row['description']}", row),
        }
        text = (
            f"The ring group {extension} is the queue {id} now: its phones ring once their agents have signed on"
        )
        self._draft.note(Topic.QUEUES, row.where, f"{text}, and callers wait until one of them answers.")
        if difference:
            self._draft.note(Topic.QUEUES, row.where, f"The queue {id}: {difference}.")
        if row["postdest"]:
            to = in_words(self._folding.destination(self._ways.step(row["postdest"], row.where), row.where))
            text = f"Callers whom nobody in the ring group {extension} answers go {to}; here they wait."
            self._draft.note(Topic.QUEUES, row.where, text)
        row.pass_over(
            "needsconf", "cwignore", "cfignore", "cpickup", "progress", "elsewhere", "rvolume", "alertinfo"
        )
        row.pass_over("recording" if row.peek("recording") == "dontcare" else "rvolume")
        self._draft.fill("queues", id, values, f"the ring group {extension} ({row.where})")

    def _menu(self, row: Row) -> None:
        number = row["id"]
        id = self._menus[number]
        entries = [each for each in self._rows("ivr_entries") if each.peek("ivr_id") == number]
        choices: dict[str, Value] = {}
        extra: dict[str, str] = {}
        for entry in entries:
            key = entry["selection"]
            entry.pass_over("ivr_id")
            if key in ("t", "i"):
                extra[key] = entry["dest"]
            elif len(key) == 1 and key in _KEYS:
                choices[key] = self._folding.destination(self._ways.step(entry["dest"], entry.where), entry.where)
            else:
                entry.use()
                text = f"The menu {id} has the choice {key}: here a choice is one key (0 to 9, * or #)."
                self._draft.note(Topic.MENUS, entry.where, text)
        loops = [row[name] for name in ("timeout_loops", "invalid_loops")]
        tries = max((int(each) for each in loops if each.isdecimal()), default=0) + 1
        values: dict[str, Value] = {
            **self._heard("prompt", row["announcement"], row["name"], row),
            "choices": choices,
            **({"extensions": "yes"} if row["directdial"] == "ext-local" else {}),
            **_time("wait", row.whole("timeout_time")),
            **({"tries": min(tries, 20)} if tries != 3 else {}),
            **self._heard("wrong", row["invalid_retry_recording"].replace("default", ""), "wrong key", row),
            **self._otherwise(row, id, extra),
        }
        if "prompt" not in values:
            values = {"prompt": line(row["name"]) or id, **values}
            self._draft.note(
                Topic.MENUS, row.where, f"The menu {id} has no announcement; its name is read instead."
            )
        if row["directdial"] not in ("", "Disabled", "ext-local", "0"):
            text = f"Callers of the menu {id} can dial the entries of a directory ({row['directdial']}); not here."
            self._draft.note(Topic.MENUS, row.where, text)
        row.pass_over("strict_dial_timeout", "accept_pound_key", "rvolume", "alertinfo", "description", "retvm")
        row.pass_over("timeout_append_announce", "invalid_append_announce", "timeout_enabled")
        for column in ("timeout_retry_recording", "invalid_recording", "timeout_recording"):
            if row.peek(column) == "default":
                row.pass_over(column)
        self._draft.fill("menus", id, values, f"the IVR {row['name']} ({row.where})")

    def _otherwise(self, row: Row, id: str, extra: Mapping[str, str]) -> dict[str, Value]:
        """Where callers go who press nothing, or nothing right."""
        silent = row["timeout_destination"] if row["timeout_loops"] != "disabled" else extra.get("t", "")
        wrong = row["invalid_destination"] if row["invalid_loops"] != "disabled" else extra.get("i", "")
        if silent and wrong and silent != wrong:
            text = (
                f"Callers of the menu {id} who press a wrong key go elsewhere ({wrong}) than those who press none"
            )
            self._draft.note(Topic.MENUS, row.where, f"{text} ({silent}); here both go the way of the latter.")
        chosen = silent or wrong
        if not chosen:
            return {}
        return {"otherwise": self._folding.destination(self._ways.step(chosen, row.where), row.where)}

    def _number(self, row: Row, country: str) -> None:
        did, cid = row["extension"], row["cidnum"]
        row.pass_over(
            "privacyman", "pmmaxretries", "pmminlength", "reversal", "delay_answer", "fanswer", "mohclass"
        )
        row.pass_over("rvolume", "indication_zone", "ringing", "pricid")
        first = self._ways.step(row["destination"], row.where)
        to = in_words(self._folding.destination(first, row.where)) if cid or not did else ""
        if cid:
            who = f"Calls from {cid} to {did or 'any number'} went {to}"
            text = f"{who}: put them into a group of customers with a way of its own (customers.yml)."
            self._draft.note(Topic.NUMBERS, row.where, text)
            row.use()
            return
        if not did:
            text = (
                f"Calls to every other number went {to}; here a caller of a number that is not defined hears so."
            )
            self._draft.note(Topic.NUMBERS, row.where, text)
            row.use()
            return
        id = number(did, country)
        if id is None or self._draft.has("numbers", id) or self._draft.has("phones", id):
            why = "cannot be a number here" if id is None else "is here already"
            self._draft.note(Topic.NUMBERS, row.where, f"{did} {why}; the route {row['description']} is left out.")
            row.use()
            return
        name = line(row["description"]) or id
        fields = {"name": name, **self._folding.number(first, row.where)}
        self._draft.add("numbers", id, fields, f"the inbound route {did} ({row.where})")

    def _inside(self, extension: str, id: str) -> None:
        """Queues can be dialled by phones, as before."""
        if number(extension, "ZZ") and not self._draft.has("phones", extension):
            queue = self._draft.section("queues")[id]
            fields: dict[str, Value] = {
                "name": queue.fields.get("name", id),
                "open": {"queue": id},
                "fallback": id,
            }
            self._draft.add("numbers", extension, fields, f"its extension, so that phones reach the queue {id}")

    def _music(self) -> None:
        for row in self._rows("music"):
            row.pass_over("id", "random", "format", "type")
            if row["application"]:
                text = f"The music {row['category']} comes out of a program or a radio: give it a file instead."
                self._draft.note(Topic.SOUND, row.where, text)
        music_classes(self._draft, {row["category"]: row.where for row in self._rows("music")})

    def _account(self) -> None:
        """Name what is left of the tables that are understood, and count the others."""
        about = {"sip": Topic.PEOPLE, "pjsip": Topic.PEOPLE, "incoming": Topic.NUMBERS, "recordings": Topic.SOUND}
        for table in UNDERSTOOD:
            topic = about.get(table) or next((t for word, t in _TOPICS if word in table), Topic.REST)
            self._draft.account(topic, f"row of {table}", self._rows(table))
        for table in sorted(set(self._tables) - set(UNDERSTOOD)):
            if self._rows(table):
                self._draft.passed.append(f"the table {table}: {len(self._rows(table))} rows")


_TOPICS = (
    ("queue", Topic.QUEUES),
    ("ringgroup", Topic.QUEUES),
    ("ivr", Topic.MENUS),
    ("time", Topic.HOURS),
    ("daynight", Topic.HOURS),
    ("announcement", Topic.SOUND),
    ("music", Topic.SOUND),
)


def _time(field: str, seconds: int) -> dict[str, Value]:
    return {field: length(seconds)} if seconds else {}
