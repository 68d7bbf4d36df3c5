"""Phones and trunks out of pjsip.conf and sip.conf. Pure."""

import re
from collections.abc import Sequence

from appliance.importing.asterisk_conf import Section
from appliance.importing.draft import Draft, Topic
from appliance.importing.people import phone
from appliance.importing.rows import Row
from appliance.importing.trunks import trunk

# How the switch treats a phone or a provider: here that is the appliance's business, or the same for all.
_OF_ENDPOINTS = (
    *(
        "aors",
        "auth",
        "outbound_auth",
        "type",
        "context",
        "transport",
        "disallow",
        "allow",
        "direct_media",
        "dtmf_mode",
    ),
    *("force_rport", "rewrite_contact", "rtp_symmetric", "ice_support", "language", "device_state_busy_at"),
    *("trust_id_inbound", "trust_id_outbound", "send_pai", "send_rpid", "identify_by", "mailboxes", "use_avpf"),
)
_OF_PEERS = (
    *(
        "type",
        "context",
        "disallow",
        "allow",
        "nat",
        "qualify",
        "directmedia",
        "canreinvite",
        "dtmfmode",
        "insecure",
    ),
    *(
        "language",
        "call-limit",
        "transport",
        "username",
        "defaultuser",
        "host",
        "trustrpid",
        "sendrpid",
        "mailbox",
    ),
)
_NAME = re.compile(r'\s*"?([^"<]*?)"?\s*(?:<[^>]*>)?\s*')


class Phones:
    """Adds phones and trunks to the draft, and remembers in which contexts their calls begin."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.contexts_of_phones: dict[str, str] = {}  # and where they are named
        self.contexts_of_trunks: dict[str, str] = {}

    def pjsip(self, sections: Sequence[Section]) -> None:
        """Endpoints and what belongs to them, each a section of its own type."""
        of_type: dict[str, dict[str, Row]] = {}
        for section in sections:
            row = section.row()
            of_type.setdefault(row["type"].lower(), {})[section.name] = row
        identifies = {row["endpoint"]: row for row in of_type.get("identify", {}).values()}
        registrations = of_type.get("registration", {})
        for name, row in of_type.get("endpoint", {}).items():
            aor = of_type.get("aor", {}).get(row["aors"].partition(",")[0], Row(row.where, {}))
            auth = of_type.get("auth", {}).get(row["auth"], Row(row.where, {}))
            if row["outbound_auth"] or name in identifies or (aor["contact"] and not name.isdecimal()):
                out = of_type.get("auth", {}).get(row["outbound_auth"], Row(row.where, {}))
                self._trunk(name, row, aor, out, identifies.get(name, Row(row.where, {})), registrations)
            elif self._is_phone(name, row):
                self._phone(name, row, row["callerid"], auth["password"])
            row.pass_over(*_OF_ENDPOINTS)
        for rows in (of_type.get("auth", {}), of_type.get("aor", {}), registrations):
            for row in rows.values():
                row.pass_over(
                    "type", "auth_type", "max_contacts", "remove_existing", "qualify_frequency", "transport"
                )
                row.pass_over("username", "default_expiration", "maximum_expiration", "minimum_expiration")
        boxes = [name for name, aor in of_type.get("aor", {}).items() if aor["mailboxes"]]
        if boxes:
            text = f"These have voicemail: {', '.join(boxes)}. There is none here; their boxes stay behind."
            self._draft.note(Topic.PEOPLE, "pjsip.conf", text)
        for kind, rows in of_type.items():
            topic = Topic.SITE if kind in ("", "global", "system", "transport", "acl") else Topic.PEOPLE
            self._draft.account(topic, f"section of the type {kind or '(none)'}", rows.values())

    def _is_phone(self, name: str, row: Row) -> bool:
        if re.fullmatch(r"[0-9]{2,10}", name):
            return True
        text = f"[{name}] is no trunk, and cannot be a phone here: that is named by its extension, 2 to 10 digits."
        self._draft.note(Topic.PEOPLE, row.where, text)
        row.use()
        return False

    def _phone(self, id: str, row: Row, caller: str, password: str) -> None:
        named = _NAME.fullmatch(caller)
        self.contexts_of_phones.setdefault(row["context"] or "default", row.where)
        phone(self._draft, id, named[1] if named else "", row.where, password)
        if row["media_encryption"] not in ("", "no"):
            text = f"The phone {id} encrypts its sound ({row['media_encryption']}): say secure: yes, and tls_port."
            self._draft.note(Topic.PEOPLE, row.where, text)
        if row["mailboxes"] or row["mailbox"]:
            text = f"The phone {id} has a mailbox; there is no voicemail here."
            self._draft.note(Topic.PEOPLE, row.where, text)

    def _trunk(
        self, name: str, row: Row, aor: Row, auth: Row, identify: Row, registrations: dict[str, Row]
    ) -> None:
        self.contexts_of_trunks.setdefault(row["context"] or "default", row.where)
        contact = aor["contact"]
        own = [
            each
            for each in registrations.values()
            if each.peek("outbound_auth") == row["outbound_auth"] != ""
            or each.peek("endpoint") == name
            or (contact and each.peek("server_uri") == contact)
        ]
        for each in own:
            contact = contact or each["server_uri"]
            each.pass_over("outbound_auth", "endpoint", "client_uri", "retry_interval", "expiration", "line")
            each.pass_over("contact_user", "forbidden_retry_interval", "fatal_retry_interval", "max_retries")
        trunk(
            self._draft,
            name,
            row,
            host=contact or identify["match"],
            username=auth["username"],
            password=auth["password"],
            registers=bool(own),
            addresses=identify["match"],
            codecs=row["allow"],
            from_user=row["from_user"],
            from_domain=row["from_domain"],
            proxy=row["outbound_proxy"],
            transport="tcp" if "transport=tcp" in contact else "",
        )
        identify.pass_over("type", "endpoint")

    def sip(self, sections: Sequence[Section]) -> None:
        """chan_sip, as far as it is simple: a peer with a host is a trunk, one without a phone."""
        registers: list[str] = []
        for section in sections:
            row = section.row("register")
            if section.name == "general":
                for option in section.all("register"):
                    registers.append(option.value)
                if row.left():
                    text = "The section [general] is not imported: what the switch listens to stands in site.yml."
                    self._draft.note(Topic.SITE, row.where, text)
                continue
            host = row["host"]
            if host and host != "dynamic":
                self.contexts_of_trunks.setdefault(row["context"] or "default", row.where)
                username = row["defaultuser"] or row["username"] or row["fromuser"]
                trunk(
                    self._draft,
                    section.name,
                    row,
                    host=host,
                    port=row["port"],
                    username=username,
                    password=row["secret"] or row["remotesecret"],
                    registers=any(host in each or f"@{section.name}" in each for each in registers),
                    codecs=row["allow"],
                    from_user=row["fromuser"],
                    from_domain=row["fromdomain"],
                    proxy=row["outboundproxy"],
                    transport=row["transport"],
                )
            elif self._is_phone(section.name, row):
                self._phone(section.name, row, row["callerid"] or row["fullname"], row["secret"])
            row.pass_over(*_OF_PEERS)
            self._draft.account(Topic.PEOPLE, f"section [{section.name}]", [row])
