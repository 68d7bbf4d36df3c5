"""FreePBX's site, phones and trunks, from the dump of its database. Pure.

The tables are defined in module.xml of FreePBX/core; the keywords of the tables sip and pjsip are those of
functions.inc/drivers/*.class.php and of the trunk pages there.
"""

from zoneinfo import available_timezones

import phonenumbers

from appliance.importing.draft import Draft, Remarked, Topic, Value
from appliance.importing.people import phone
from appliance.importing.rows import Row, Tables, by, joined
from appliance.importing.trunks import trunk
from appliance.importing.words import line
from appliance.importing.words import phone as phone_id

_SIP = ("sip", "pjsip")

# What FreePBX writes for every device, and how the switch treats a phone: here that is the appliance's business.
_OF_DEVICES = (
    *("account", "accountcode", "aggregate_mwi", "allow", "avpf", "bundle", "callerid", "canreinvite", "context"),
    *("defaultuser", "deny", "devicetype", "dial", "direct_media", "disallow", "dtmfmode", "emergency_cid"),
    *("encryption", "force_avp", "force_callerid", "force_rport", "hint_override", "host", "icesupport", "id"),
    *("mailbox", "match", "max_audio_streams", "max_contacts", "max_video_streams", "maximum_expiration"),
    *("media_address", "media_encryption_optimistic", "media_use_received_transport", "minimum_expiration"),
    *("message_context", "mwi_subscription", "namedcallgroup", "namedpickupgroup", "nat", "outbound_auth"),
    *("outbound_proxy", "permit", "port", "qualify", "qualifyfreq", "refer_blind_progress", "remove_existing"),
    *("rewrite_contact", "rtcp_mux", "rtp_symmetric", "rtp_timeout", "rtp_timeout_hold", "send_connected_line"),
    *("sendrpid", "sessiontimers", "sipdriver", "tech", "timers", "timers_min_se", "transport", "trustrpid"),
    *("type", "user_eq_phone", "vmexten", "device_state_busy_at", "defaultexpiry", "secret_origional", "md5_cred"),
    *("videosupport", "description", "dtls_ca_file", "dtls_cert_file", "dtls_private_key"),
)
_OF_USERS = ("extension", "sipname", "mohclass", "noanswer_cid", "busy_cid", "chanunavail_cid", "password")
_COUNTRIES = {"uk": "GB", "us-old": "US", "tw": "TW"}


def site(tables: Tables, draft: Draft) -> None:
    """Company, country, time zone and language, where nobody has said them on the command line."""
    settings = by(tables.get("freepbx_settings", ()), "keyword")

    def said(keyword: str) -> str:
        return settings[keyword]["value"] if keyword in settings else ""

    tone = said("TONEZONE").lower()
    country = _COUNTRIES.get(tone, tone.upper())
    zone = said("PHPTIMEZONE")
    language = said("UIDEFAULTLANG")[:2].lower()
    found: dict[str, Value] = {
        "company": line(said("FREEPBX_SYSTEM_IDENT")),
        "country": country if country in phonenumbers.SUPPORTED_REGIONS else "",
        "time_zone": zone if zone in available_timezones() else "",
        "language": language if language in ("ru", "en") else "",
    }
    for key, value in found.items():
        if value and key not in draft.site:
            draft.site[key] = Remarked(value, "as in freepbx_settings")
    for row in settings.values():
        row.use()
    if settings:
        draft.passed.append(f"freepbx_settings: {len(settings)} settings of the system itself")


def phones(tables: Tables, draft: Draft) -> None:
    """Extensions: a user, and the device of the same number."""
    users = by(tables.get("users", ()), "extension")
    secrets = {
        tech: joined((row for row in tables.get(tech, ()) if _is_device(row)), "id", "keyword", "data")
        for tech in _SIP
    }
    boxes: list[str] = []
    for device in tables.get("devices", ()):
        id, tech = device["id"], device["tech"].lower()
        user = users.get(device["user"] or id)
        if tech not in _SIP:
            text = f"The extension {id} is no SIP phone ({tech or 'virtual'}): it has no place here yet."
            draft.note(Topic.PEOPLE, device.where, text)
            device.use()
            continue
        if phone_id(id) is None:
            draft.note(Topic.PEOPLE, device.where, f"{id} cannot be an extension here: 2 to 10 digits are.")
            device.use()
            continue
        keys = secrets["pjsip"].get(id) or secrets["sip"].get(id) or Row(device.where, {})
        name = (user["name"] if user else "") or device["description"] or id
        phone(draft, id, name, device.where, keys["secret"])
        if keys["media_encryption"] not in ("", "no"):
            text = (
                f"The phone {id} encrypts its sound ({keys['media_encryption']}): say secure: yes, and tls_port."
            )
            draft.note(Topic.PEOPLE, keys.where, text)
        keys.pass_over(*_OF_DEVICES)
        device.pass_over(*_OF_DEVICES)
        draft.account(Topic.PEOPLE, f"phone {id}", [keys])
        if user:
            user.pass_over(*_OF_USERS)
            if user["voicemail"] not in ("", "novm"):
                boxes.append(id)
    if boxes:
        text = f"These extensions have voicemail: {', '.join(boxes)}. There is none here; their boxes stay behind."
        draft.note(Topic.PEOPLE, "table users", text)
    draft.account(Topic.PEOPLE, "extension", [*tables.get("users", ()), *tables.get("devices", ())])


def _is_device(row: Row) -> bool:
    return not row.peek("id").startswith("tr-") and row.peek("id").isdecimal() and len(row.peek("id")) > 1


def trunks(tables: Tables, draft: Draft) -> None:
    """SIP trunks; others have no place here."""
    of_pjsip = joined(_of_trunks(tables, "pjsip"), "id", "keyword", "data")
    of_sip = joined((row for row in tables.get("sip", ()) if not _is_device(row)), "id", "keyword", "data")
    for row in tables.get("trunks", ()):
        id, tech, name = row["trunkid"], row["tech"].lower(), row["name"] or row["channelid"]
        row.pass_over("channelid", "provider", "routedisplay", "usercontext", "keepcid", "failscript", "continue")
        if tech == "pjsip" and id in of_pjsip:
            _pjsip(draft, name, row, of_pjsip[id])
        elif tech == "sip" and f"tr-peer-{id}" in of_sip:
            _sip(draft, name, row, of_sip, id)
        else:
            draft.note(
                Topic.TRUNKS, row.where, f"The trunk {name} is of the kind {tech}, for which there is no place."
            )
            row.use()
    draft.account(Topic.TRUNKS, "trunk", tables.get("trunks", ()))
    draft.account(Topic.TRUNKS, "setting of a trunk", [*of_sip.values(), *of_pjsip.values()])


def _of_trunks(tables: Tables, table: str) -> list[Row]:
    """Trunks are keyed by their small numbers there, and devices by extensions."""
    ids = {row.peek("trunkid") for row in tables.get("trunks", ()) if row.peek("tech").lower() == table}
    return [row for row in tables.get(table, ()) if row.peek("id") in ids and not row.is_used]


_OF_PJSIP_TRUNKS = (
    *("aor_contact", "aors", "auth_rejection_permanent", "client_uri", "context", "dialopts", "disabletrunk"),
    *("expiration", "fatal_retry_interval", "fax_detect", "forbidden_retry_interval", "force_rport", "hcid", "id"),
    *("identify_by", "inband_progress", "language", "max_retries", "media_address", "media_encryption", "name"),
    *("npanxx", "qualify_frequency", "retry_interval", "rewrite_contact", "rtp_symmetric", "send_connected_line"),
    *("server_uri", "sv_channelid", "sv_trunk_name", "sv_usercontext", "t38_udptl", "t38_udptl_ec", "tech"),
    *("t38_udptl_maxdatagram", "t38_udptl_nat", "trunk_name", "trust_id_outbound", "trust_rpid", "direct_media"),
    *("user_eq_phone", "pjsip_line", "extdisplay", "peerdetails", "userconfig", "register", "pp", "provider"),
    *("dialoutopts_cb", "dtmfmode", "transport", "from_user", "message_context", "outcid", "keepcid", "maxchans"),
)


def _pjsip(draft: Draft, name: str, row: Row, keys: Row) -> None:
    registers = keys["registration"] in ("", "send")
    trunk(
        draft,
        name,
        row,
        host=keys["sip_server"],
        port=keys["sip_server_port"],
        username=keys["username"] if keys["authentication"] != "none" else "",
        password=keys["secret"] if keys["authentication"] != "none" else "",
        registers=registers and keys["authentication"] != "none",
        addresses=keys["match"],
        codecs=keys["codecs"],
        from_user=keys["from_user"],
        from_domain=keys["from_domain"],
        proxy=keys["outbound_proxy"],
        transport=keys["transport"],
        calls=row["maxchans"],
        is_off=row["disabled"] == "on",
    )
    keys.pass_over(*_OF_PJSIP_TRUNKS)


def _sip(draft: Draft, name: str, row: Row, tables: dict[str, Row], id: str) -> None:
    peer = tables[f"tr-peer-{id}"]
    registration = tables.get(f"tr-reg-{id}")
    register = registration["register"] if registration else ""
    trunk(
        draft,
        name,
        row,
        host=peer["host"],
        port=peer["port"],
        username=peer["username"] or peer["defaultuser"] or peer["user"],
        password=peer["secret"],
        registers=bool(register),
        codecs=peer["allow"],
        from_user=peer["fromuser"],
        from_domain=peer["fromdomain"],
        proxy=peer["outboundproxy"],
        transport=peer["transport"],
        calls=row["maxchans"],
        is_off=row["disabled"] == "on",
    )
    peer.pass_over(
        "account", "type", "context", "insecure", "disallow", "qualify", "nat", "dtmfmode", "canreinvite"
    )
    peer.pass_over("directmedia", "trustrpid", "sendrpid", "qualifyfreq")
