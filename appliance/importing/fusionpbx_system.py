"""FusionPBX's phones, mailboxes and gateways. Pure."""

from collections.abc import Sequence

from appliance.importing.draft import Draft, Topic
from appliance.importing.people import phone
from appliance.importing.rows import Row
from appliance.importing.trunks import trunk
from appliance.importing.words import phone as phone_id

_OF_EXTENSIONS = (
    *(
        "directory_first_name",
        "directory_last_name",
        "directory_visible",
        "directory_exten_visible",
        "user_context",
    ),
    *(
        "accountcode",
        "effective_caller_id_number",
        "max_registrations",
        "limit_max",
        "limit_destination",
        "mwi_account",
    ),
    *("call_timeout", "call_screen_enabled", "extension_type", "sip_force_expires", "nibble_account", "unique_id"),
    *("description", "enabled", "extension_language", "extension_dialect", "extension_voice", "dial_user"),
    *("dial_domain", "dial_string", "hold_music", "force_ping", "follow_me_destinations"),
)
_OF_GATEWAYS = (
    *("context", "profile", "hostname", "enabled", "description", "expire_seconds", "retry_seconds", "ping"),
    *(
        "ping_min",
        "ping_max",
        "contact_in_ping",
        "contact_params",
        "caller_id_in_from",
        "supress_cng",
        "distinct_to",
    ),
    *("sip_cid_type", "extension_in_contact", "extension", "realm"),
)


def phones(rows: Sequence[Row], draft: Draft) -> None:
    """Extensions."""
    for row in rows:
        id, name = row["extension"], row["effective_caller_id_name"]
        name = name or f"{row['directory_first_name']} {row['directory_last_name']}".strip() or id
        row.pass_over(*_OF_EXTENSIONS)
        if phone_id(id) is None:
            draft.note(Topic.PEOPLE, row.where, f"{id} cannot be an extension here: 2 to 10 digits are.")
            row.use()
        elif row["enabled"] and not row.is_on("enabled"):
            draft.note(Topic.PEOPLE, row.where, f"The extension {id} was switched off; it is left out.")
            row.use()
        else:
            phone(draft, id, name, row.where, row["password"])


def voicemails(rows: Sequence[Row], draft: Draft) -> None:
    """There is no voicemail here."""
    boxes = [row["voicemail_id"] for row in rows]
    for row in rows:
        row.use()
    if boxes:
        text = f"These extensions have voicemail: {', '.join(boxes)}. There is none here; their boxes stay behind."
        draft.note(Topic.PEOPLE, "v_voicemails", text)


def gateways(rows: Sequence[Row], draft: Draft) -> None:
    """SIP providers."""
    for row in rows:
        host, realm = row["proxy"], row["realm"]
        trunk(
            draft,
            row["gateway"],
            row,
            host=host or realm,
            username=row["auth_username"] or row["username"],
            password=row["password"],
            registers=row.is_on("register"),
            codecs=row["codec_prefs"].replace("PCMA", "alaw").replace("PCMU", "ulaw"),
            from_user=row["from_user"],
            from_domain=row["from_domain"],
            proxy=row["outbound_proxy"] or row["register_proxy"],
            transport=row["register_transport"],
            calls=row["channels"],
            is_off=bool(row["enabled"]) and not row.is_on("enabled"),
        )
        row.pass_over(*_OF_GATEWAYS)
