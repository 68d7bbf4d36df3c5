"""A trunk of another system as one of ours, for all importers. Pure."""

import re
from collections.abc import Callable

from appliance.configuration import fields
from appliance.configuration.documents import Text
from appliance.configuration.problems import Place
from appliance.configuration.tables import Wrong
from appliance.configuration.trunk_sections import host_and_port
from appliance.importing.draft import Draft, Topic, Value
from appliance.importing.rows import Row
from appliance.importing.words import line

_HOST = re.compile(r"(?:sips?:)?(?:[^@]*@)?([^:;>]+)(?::([0-9]+))?.*")


def trunk(
    draft: Draft,
    name: str,
    row: Row,
    *,
    host: str,
    port: str = "",
    username: str = "",
    password: str = "",
    registers: bool = False,
    addresses: str = "",
    codecs: str = "",
    from_user: str = "",
    from_domain: str = "",
    proxy: str = "",
    transport: str = "",
    calls: str = "",
    is_off: bool = False,
) -> None:
    """Add a trunk, or say why it cannot be one."""
    found = _HOST.fullmatch(host.strip())
    bare, own_port = (found[1].strip("[]"), found[2] or "") if found else ("", "")
    if not _is(fields.host, bare):
        text = (
            f"The trunk {name} has no host that can be called ({line(host) or 'nothing'}); it is not in the draft."
        )
        draft.note(Topic.TRUNKS, row.where, text)
        row.use()
        return
    id = draft.new_id("trunks", name, "trunk")
    values: dict[str, Value] = {"host": bare}
    said = port or own_port
    if _is(fields.port, said) and said != "5060":
        values["port"] = int(said)
    if transport.lower().endswith("tcp"):
        values["transport"] = "tcp"
    elif transport.lower().endswith("tls"):
        draft.note(
            Topic.TRUNKS, row.where, f"The trunk {name} is reached by TLS: say transport: tls, and tls_port."
        )
    near = proxy.strip().removeprefix("sip:").partition(";")[0].strip("\\")
    if _is(host_and_port, near):
        values["proxy"] = near
    if _is(fields.username, username):
        values["username"] = username
        if registers:
            values["register"] = "yes"
        if not draft.secret(f"trunk-{id}", password):
            text = f"The trunk {name} has no password that can be kept: put it into the secrets as trunk-{id}."
            draft.note(Topic.TRUNKS, row.where, text)
    if _is(fields.username, from_user) and from_user != username:
        values["from_user"] = from_user
    if _is(fields.host, from_domain) and from_domain != bare:
        values["from_domain"] = from_domain
    known = [each for each in re.split(r"[&,|\s]+", addresses.strip()) if each]
    values["addresses"] = [each for each in known if _is(fields.address, each)]
    for each in known:
        if not _is(fields.address, each):
            draft.note(Topic.TRUNKS, row.where, f"{each} is no IP address, so it is not among those of {name}.")
    values["codecs"] = codecs_of(codecs)
    if calls.isdecimal() and 0 < int(calls) <= 10_000:
        values["calls"] = int(calls)
    entry = draft.add("trunks", id, values, f"{name} ({row.where})")
    if is_off:
        entry.remarks.append("it was switched off there")
        draft.note(
            Topic.TRUNKS, row.where, f"The trunk {name} was switched off; here it is on. Remove it, or keep it."
        )


def codecs_of(written: str) -> list[Value]:
    """The codecs among these that are known here."""
    names = re.split(r"[&,|\s]+", written.lower())
    return [each for each in dict.fromkeys(name.strip("!") for name in names) if each in fields.CODECS]


def _is(read: Callable[[Text], object], text: str) -> bool:
    """Whether the configuration would take that value."""
    try:
        read(Text(Place(""), text))
    except Wrong:
        return False
    return True


def say_what_calls_out(draft: Draft, where: str) -> None:
    """Calls to the outside are not imported."""
    if draft.section("trunks"):
        text = (
            "Rules for outgoing calls are not imported: until you write some (outbound.yml), no phone calls out."
        )
        draft.note(Topic.TRUNKS, where, text)
