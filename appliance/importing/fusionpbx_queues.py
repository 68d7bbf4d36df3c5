"""FusionPBX's queues, their agents, and its ring groups. Pure."""

from collections.abc import Callable, Mapping, Sequence

from appliance.importing.draft import Draft, Topic, Value
from appliance.importing.fusionpbx_ways import Ways, application
from appliance.importing.people import agent, extension_of, in_tiers
from appliance.importing.routes import Folding, in_words
from appliance.importing.rows import Row, Tables, by
from appliance.importing.strategies import strategy
from appliance.importing.words import length, line


class Queues:
    """Fills in queues whose ids are known."""

    def __init__(
        self,
        tables: Tables,
        draft: Draft,
        ways: Ways,
        folding: Folding,
        queues: Mapping[str, str],
        groups: Mapping[str, str],
    ) -> None:
        self._tables, self._draft, self._ways, self._folding = tables, draft, ways, folding
        self._queues, self._groups = queues, groups
        self._at: dict[str, str] = {}  # the agent who works at a phone

    def _rows(self, table: str) -> list[Row]:
        return self._tables.get(table, [])

    def queue(self, row: Row) -> None:
        extension = row["queue_extension"]
        id = self._queues[extension]
        ours, difference = strategy(row["queue_strategy"])
        tiers = [
            each
            for each in self._rows("v_call_center_tiers")
            if each.peek("call_center_queue_uuid") == row.peek("call_center_queue_uuid")
        ]
        agents, timeouts, wrap_ups = self._agents(tiers, id)
        values: dict[str, Value] = {
            "name": line(row["queue_name"]) or id,
            "strategy": ours.value,
            **in_tiers(agents, _waits(row)),
            **self._same("ring_for", timeouts, id, row),
            **self._same("wrap_up", wrap_ups, id, row),
            "music": self._draft.music(_class(row["queue_moh_sound"])),
            **({"record": "yes"} if row["queue_record_template"] else {}),
            **self._ways.heard("greeting", row["queue_greeting"], f"greeting of {row['queue_name']}", row),
        }
        if difference:
            self._draft.note(Topic.QUEUES, row.where, f"The queue {id}: {difference}.")
        if row["queue_timeout_action"]:
            wait = row.whole("queue_max_wait_time")
            app, data = application(row["queue_timeout_action"])
            to = in_words(self._folding.destination(self._ways.step(app, data, row.where), row.where))
            when = f"after {length(wait)} of waiting" if wait else "whom the queue gives up"
            text = f"Callers of the queue {id} {when} go {to}; here they wait until they are served."
            self._draft.note(Topic.QUEUES, row.where, text)
        row.pass_over(
            "queue_context", "queue_description", "queue_time_base_score", "queue_language", "queue_dialect"
        )
        row.pass_over("queue_voice", "queue_discard_abandoned_after", "queue_abandoned_resume_allowed")
        row.pass_over("queue_tier_rule_no_agent_no_wait", "queue_limit")
        row.pass_over("queue_max_wait_time_with_no_agent_time_reached")
        self._draft.fill("queues", id, values, f"the queue {extension} ({row.where})")

    def _agents(self, tiers: Sequence[Row], queue: str) -> tuple[list[tuple[int, str]], list[int], list[int]]:
        """The agents of a queue in order, with their levels, how long each rings, and how long each has after a
        talk."""
        known = by(self._rows("v_call_center_agents"), "call_center_agent_uuid")
        found: list[tuple[int, str]] = []
        timeouts: list[int] = []
        wrap_ups: list[int] = []
        for tier in sorted(tiers, key=lambda row: (row.whole("tier_level"), row.whole("tier_position"))):
            row = known.get(tier["call_center_agent_uuid"])
            tier.pass_over("agent_name", "queue_name")
            if row is None:
                self._draft.note(
                    Topic.QUEUES, tier.where, f"A tier of the queue {queue} names an agent who is not there."
                )
                continue
            contact = extension_of(row["agent_contact"].rpartition("}")[2]) or ""
            id = row["agent_id"] if row["agent_id"].isdecimal() and len(row["agent_id"]) <= 10 else contact
            if not id:
                text = f"The agent {row['agent_name']} has no number, and no phone of this system."
                self._draft.note(Topic.PEOPLE, row.where, text)
                row.use()
                continue
            self._at.setdefault(contact, id)
            working = agent(self._draft, id, row["agent_name"], row.where, row["agent_password"])
            found.append((tier.whole("tier_level"), working))
            timeouts.append(row.whole("agent_call_timeout"))
            wrap_ups.append(row.whole("agent_wrap_up_time"))
            row.pass_over("agent_type", "agent_status", "agent_logout", "agent_reject_delay_time", "agent_record")
            row.pass_over("agent_busy_delay_time", "agent_no_answer_delay_time", "agent_max_no_answer")
        return found, timeouts, wrap_ups

    def _same(self, field: str, seconds: Sequence[int], id: str, row: Row) -> dict[str, Value]:
        """What each agent has there, and a queue here: the longest of them."""
        longest = max(seconds, default=0)
        if len(set(seconds)) > 1:
            text = f"The agents of the queue {id} differ in {field} ({', '.join(map(str, seconds))} s)"
            self._draft.note(Topic.QUEUES, row.where, f"{text}; here it is {length(longest)} for all of them.")
        return {field: length(longest)} if longest else {}

    def group(self, row: Row) -> None:
        """A ring group becomes a queue, whose agents sign on."""
        extension = row["ring_group_extension"]
        id = self._groups[extension]
        users = by(self._rows("v_extensions"), "extension")
        ours, difference = strategy(row["ring_group_strategy"])
        members: list[str] = []
        for each in self._rows("v_ring_group_destinations"):
            if each.peek("ring_group_uuid") != row.peek("ring_group_uuid"):
                continue
            phone = each["destination_number"]
            each.pass_over(
                "destination_delay", "destination_timeout", "destination_description", "destination_enabled"
            )
            if phone in users:
                if not each["destination_enabled"] or each.is_on("destination_enabled"):
                    members.append(
                        self._at.get(phone) or agent(self._draft, phone, _name(users[phone]), each.where)
                    )
            else:
                text = f"The ring group {extension} rings {phone} too, which is no phone of this system."
                self._draft.note(Topic.QUEUES, each.where, text)
        values: dict[str, Value] = {
            "name": line(row["ring_group_name"]) or id,
            "strategy": ours.value,
            "agents": list(dict.fromkeys(members)),
            **(
                {"ring_for": length(row.whole("ring_group_call_timeout"))}
                if row.peek("ring_group_call_timeout")
                else {}
            ),
            **self._ways.heard(
                "greeting", row["ring_group_greeting"], f"greeting of {row['ring_group_name']}", row
            ),
        }
        text = (
            f"The ring group {extension} is the queue {id} now: its phones ring once their agents have signed on"
        )
        self._draft.note(Topic.QUEUES, row.where, f"{text}, and callers wait until one of them answers.")
        if difference:
            self._draft.note(Topic.QUEUES, row.where, f"The queue {id}: {difference}.")
        if row["ring_group_timeout_app"]:
            step = self._ways.step(row["ring_group_timeout_app"], row["ring_group_timeout_data"], row.where)
            to = in_words(self._folding.destination(step, row.where))
            text = f"Callers whom nobody in the ring group {extension} answers go {to}; here they wait."
            self._draft.note(Topic.QUEUES, row.where, text)
        row.pass_over("ring_group_context", "ring_group_enabled", "ring_group_description", "ring_group_ringback")
        self._draft.fill("queues", id, values, f"the ring group {extension} ({row.where})")


def _class(sound: str) -> str:
    """The class of local_stream://default/8000."""
    return sound.removeprefix("local_stream://").partition("/")[0]


def _name(row: Row) -> str:
    return row["effective_caller_id_name"] or f"{row['directory_first_name']} {row['directory_last_name']}".strip()


def _waits(row: Row) -> Callable[[int], str]:
    """How long callers wait before agents of a level are asked; "" where only the order counts."""
    seconds = row.whole("queue_tier_rule_wait_second")
    applies, multiplied = row.is_on("queue_tier_rules_apply"), row.is_on("queue_tier_rule_wait_multiply_level")

    def wait(level: int) -> str:
        return length(seconds * level if multiplied else seconds) if applies and seconds else ""

    return wait
