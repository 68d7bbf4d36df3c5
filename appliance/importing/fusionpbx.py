"""FusionPBX as a draft: queues, agents, menus, numbers, from its tables. Pure.

The tables are those of app/*/app_config.php in fusionpbx/fusionpbx; what a value does is in the *_edit.php beside.
"""

from appliance.importing.draft import Draft, Topic, Value
from appliance.importing.fusionpbx_queues import Queues
from appliance.importing.fusionpbx_system import gateways, phones, voicemails
from appliance.importing.fusionpbx_ways import INBOUND, TIMES, Ways
from appliance.importing.hold import music_classes
from appliance.importing.people import say_who_signs_on
from appliance.importing.routes import Folding, in_words
from appliance.importing.rows import Row, Tables
from appliance.importing.trunks import say_what_calls_out
from appliance.importing.words import length, line, number

UNDERSTOOD: dict[str, Topic] = {
    "v_call_center_agents": Topic.PEOPLE,
    "v_call_center_queues": Topic.QUEUES,
    "v_call_center_tiers": Topic.QUEUES,
    "v_call_flows": Topic.HOURS,
    "v_destinations": Topic.NUMBERS,
    "v_extensions": Topic.PEOPLE,
    "v_gateways": Topic.TRUNKS,
    "v_ivr_menu_options": Topic.MENUS,
    "v_ivr_menus": Topic.MENUS,
    "v_music_on_hold": Topic.SOUND,
    "v_recordings": Topic.SOUND,
    "v_ring_group_destinations": Topic.QUEUES,
    "v_ring_groups": Topic.QUEUES,
    "v_voicemails": Topic.PEOPLE,
}
# Looked at for time conditions and inbound routes; the system brings a hundred others of its own.
DIALPLANS = ("v_dialplans", "v_dialplan_details")
_OTHERS = ("v_domains",)
_KEYS = "0123456789*#"


class FusionPbx:
    """Makes the draft of the tables of one domain."""

    def __init__(self, tables: Tables, draft: Draft) -> None:
        self._tables = tables
        self._draft = draft
        for table in UNDERSTOOD:
            for row in self._rows(table):
                row.pass_over(*_bookkeeping(row))
        phones(self._rows("v_extensions"), draft)
        self._queues = self._new_ids("queues", "v_call_center_queues", "queue_extension", "queue_name")
        self._groups = self._new_ids("queues", "v_ring_groups", "ring_group_extension", "ring_group_name")
        self._menus = self._new_ids("menus", "v_ivr_menus", "ivr_menu_extension", "ivr_menu_name")
        self._ways = Ways(tables, draft, {**self._queues, **self._groups}, self._menus)
        self._folding = Folding(draft)

    def run(self, country: str) -> None:
        """Everything there is."""
        queues = Queues(self._tables, self._draft, self._ways, self._folding, self._queues, self._groups)
        for row in self._rows("v_call_center_queues"):
            queues.queue(row)
        for row in self._rows("v_ring_groups"):
            queues.group(row)
        for row in self._rows("v_ivr_menus"):
            self._menu(row)
        for row in self._rows("v_destinations"):
            self._number(row, country)
        self._inbound_routes(country)
        for extension, id in (*self._queues.items(), *self._groups.items()):
            self._inside(extension, {"queue": id}, str(self._draft.section("queues")[id].fields.get("name", id)))
        for extension, id in self._menus.items():
            self._inside(extension, {"menu": id}, id)
        gateways(self._rows("v_gateways"), self._draft)
        voicemails(self._rows("v_voicemails"), self._draft)
        self._music()
        say_who_signs_on(self._draft)
        say_what_calls_out(self._draft, "table v_dialplans")
        self._account()

    def _rows(self, table: str) -> list[Row]:
        return self._tables.get(table, [])

    def _new_ids(self, section: str, table: str, key: str, name: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for row in self._rows(table):
            id = self._draft.new_id(section, row[name], f"{section[:-1]}-{row[key]}")
            self._draft.section(section)[id] = self._draft.blank(id)
            found[row[key]] = id
        return found

    def _menu(self, row: Row) -> None:
        id = self._menus[row["ivr_menu_extension"]]
        choices: dict[str, Value] = {}
        for option in self._rows("v_ivr_menu_options"):
            if option.peek("ivr_menu_uuid") != row.peek("ivr_menu_uuid"):
                continue
            key = option["ivr_menu_option_digits"]
            option.pass_over("ivr_menu_option_order", "ivr_menu_option_description", "ivr_menu_option_enabled")
            action, data = option["ivr_menu_option_action"], option["ivr_menu_option_param"]
            if len(key) == 1 and key in _KEYS:
                step = self._ways.option(action, data, option.where)
                choices[key] = self._folding.destination(step, option.where)
            else:
                text = f"The menu {id} has the choice {key} ({data or action}): here a choice is one key."
                self._draft.note(Topic.MENUS, option.where, text)
        tries = max(row.whole("ivr_menu_max_failures"), row.whole("ivr_menu_max_timeouts"))
        wait = (row.whole("ivr_menu_timeout") + 999) // 1000
        prompt = self._ways.heard("prompt", row["ivr_menu_greet_long"] or row["ivr_menu_greet_short"], id, row)
        if not prompt:
            prompt = {"prompt": line(row["ivr_menu_name"]) or id}
            self._draft.note(Topic.MENUS, row.where, f"The menu {id} has no greeting; its name is read instead.")
        invalid = row["ivr_menu_invalid_sound"]
        leaving = row["ivr_menu_exit_app"], row["ivr_menu_exit_data"]
        otherwise = (
            self._folding.destination(self._ways.step(*leaving, row.where), row.where) if leaving[0] else ""
        )
        values: dict[str, Value] = {
            **prompt,
            "choices": choices,
            **({"extensions": "yes"} if row.is_on("ivr_menu_direct_dial") else {}),
            **({"wait": length(wait)} if wait else {}),
            **({"tries": min(tries, 20)} if tries not in (0, 3) else {}),
            **({} if "ivr/ivr-" in invalid else self._ways.heard("wrong", invalid, "wrong key", row)),
            "otherwise": otherwise,
        }
        row.pass_over(
            "ivr_menu_language", "ivr_menu_dialect", "ivr_menu_voice", "ivr_menu_context", "ivr_menu_ringback"
        )
        row.pass_over(
            "ivr_menu_inter_digit_timeout", "ivr_menu_digit_len", "ivr_menu_greet_short", "ivr_menu_enabled"
        )
        row.pass_over("ivr_menu_confirm_attempts", "ivr_menu_description", "ivr_menu_confirm_macro")
        row.pass_over(
            "ivr_menu_exit_sound" if "ivr/ivr-" in row.peek("ivr_menu_exit_sound") else "ivr_menu_enabled"
        )
        self._draft.fill("menus", id, values, f"the IVR {row['ivr_menu_name']} ({row.where})")

    def _number(self, row: Row, country: str) -> None:
        if row["destination_type"] not in ("", "inbound"):
            row.use()
            text = f"{row['destination_number']} is a destination of the type {row['destination_type']}; left out."
            self._draft.note(Topic.NUMBERS, row.where, text)
            return
        did = row["destination_prefix"] + row["destination_area_code"] + row["destination_number"]
        step = self._ways.actions(row)
        row.pass_over(
            "destination_context", "destination_order", "destination_number_regex", "destination_type_voice"
        )
        row.pass_over("destination_accountcode", "destination_type_fax", "destination_trunk_prefix")
        if row["destination_enabled"] and not row.is_on("destination_enabled"):
            self._draft.note(Topic.NUMBERS, row.where, f"{did} was switched off; it is left out.")
            row.use()
            return
        self._add_number(did, row["destination_description"], step, row, country)

    def _add_number(self, did: str, name: str, step: object, row: Row, country: str) -> None:
        id = number(did, country)
        if id is None or self._draft.has("numbers", id) or self._draft.has("phones", id):
            why = "cannot be a number here" if id is None else "is here already"
            self._draft.note(Topic.NUMBERS, row.where, f"{did or 'This destination'} {why}; it is left out.")
            row.use()
            return
        fields: dict[str, Value] = {"name": line(name) or id}
        fields |= self._folding.number(step, row.where)  # type: ignore[arg-type]
        self._draft.add("numbers", id, fields, f"the destination {did} ({row.where})")

    def _inbound_routes(self, country: str) -> None:
        """Inbound routes that no destination stands for."""
        done = {row.peek("dialplan_uuid") for row in self._rows("v_destinations")} - {""}
        for row in self._rows("v_dialplans"):
            if row.peek("app_uuid") == INBOUND and row.peek("dialplan_uuid") not in done:
                found = self._ways.inbound(row)
                row.use()
                if found is None:
                    text = f"The inbound route {row['dialplan_name']} is not of a form that is understood."
                    self._draft.note(Topic.NUMBERS, row.where, text)
                else:
                    self._add_number(found[0], row["dialplan_name"], found[1], row, country)

    def _inside(self, extension: str, to: Value, name: str) -> None:
        """What could be dialled by phones still can."""
        if number(extension, "ZZ") and not self._draft.has("phones", extension):
            fields: dict[str, Value] = {"name": name, "open": to}
            self._draft.add(
                "numbers", extension, fields, f"its extension, so that phones reach {in_words(to)[3:]}"
            )

    def _music(self) -> None:
        classes: dict[str, str] = {}
        for row in self._rows("v_music_on_hold"):
            classes.setdefault(row["music_on_hold_name"], row.where)
            row.pass_over(
                "music_on_hold_path", "music_on_hold_rate", "music_on_hold_shuffle", "music_on_hold_interval"
            )
            row.pass_over("music_on_hold_channels", "music_on_hold_timer_name")
        music_classes(self._draft, classes)

    def _account(self) -> None:
        for table, topic in UNDERSTOOD.items():
            self._draft.account(topic, f"row of {table}", self._rows(table))
        others = [row for row in self._rows("v_dialplans") if not row.is_used and row.peek("app_uuid") != TIMES]
        unused = [row for row in self._rows("v_dialplans") if not row.is_used and row.peek("app_uuid") == TIMES]
        for row in unused:
            row.pass_over(*_bookkeeping(row))
        self._draft.account(Topic.HOURS, "time condition", unused)
        owned = {row.peek("dialplan_uuid") for table in UNDERSTOOD for row in self._rows(table)}
        names = sorted(
            {line(row.peek("dialplan_name")) for row in others if row.peek("dialplan_uuid") not in owned}
        )
        if names:
            self._draft.passed.append(f"these dialplans of v_dialplans: {', '.join(names)}")
        for table in sorted(set(self._tables) - {*UNDERSTOOD, *DIALPLANS, *_OTHERS}):
            self._draft.passed.append(f"the table {table}: {len(self._rows(table))} rows")


def _bookkeeping(row: Row) -> list[str]:
    """Columns by which the system keeps its books."""
    return [
        name
        for name in row.columns()
        if name.endswith("_uuid") or name in ("insert_date", "insert_user", "update_date", "update_user", "v_id")
    ]
