"""Renders Settings into the configuration files of Asterisk. Pure: the same settings give the same text."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path

from jinja2 import Environment

from appliance import names
from appliance.port import Wanted
from appliance.settings import Queue, Settings, Strategy
from appliance.settings.trunks import CallerFrom, Transport, Trunk
from dialplan import common, filters
from dialplan.common import Paths

FILES = (
    "asterisk.conf",
    "cdr.conf",
    "cel.conf",
    "extensions.conf",
    "indications.conf",
    "logger.conf",
    "manager.conf",
    "modules.conf",
    "musiconhold.conf",
    "pjsip.conf",
    "queues.conf",
    "rtp.conf",
)

# Files without which the switch complains at its start, and for which its defaults are right.
DEFAULTS = ("acl.conf", "ccss.conf", "features.conf", "pjproject.conf", "queuerules.conf", "udptl.conf")
READ_AT_START = frozenset({"asterisk.conf", "modules.conf"})  # a reload passes them by
RESTART = "asterisk -rx 'core restart when convenient'"
_ENDPOINT = re.compile(r"^\[([^\]\n]+)\]\((phone|trunk)-endpoint\)$", re.MULTILINE)
_SECTION = re.compile(r"^\[([^\]\n]+)\]", re.MULTILINE)
_SECTIONS = re.compile(r"^(?=\[)", re.MULTILINE)
_DIRECTORY = re.compile(r"^(ast\w+dir) => (/.*)$", re.MULTILINE)
_DIRECTORIES = {
    "modules": "astmoddir",
    "data": "astdatadir",
    "var": "astvarlibdir",
    "run": "astrundir",
    "log": "astlogdir",
    "spool": "astspooldir",
}
_DEFAULT = "; Rendered by the appliance: the switch's own defaults are right.\n"

# What the appliance's AMI account hears of; everything else would only cost time on both sides.
EVENTS = (
    "BridgeEnter",
    "BridgeLeave",
    "ContactStatus",
    "DTMFEnd",
    "DeviceStateChange",
    "DialBegin",
    "DialEnd",
    "FullyBooted",
    "Hangup",
    "Newchannel",
    "OriginateResponse",
    "Shutdown",
)

# The modules that a codec needs besides the core.
CODECS: Mapping[str, tuple[str, ...]] = {
    "alaw": ("codec_alaw",),
    "ulaw": ("codec_ulaw",),
    "g722": ("codec_g722",),
    "g726": ("codec_g726",),
    "gsm": ("codec_gsm",),
    "opus": ("codec_opus_open_source", "res_format_attr_opus"),
    "speex": ("codec_speex",),
}
_ALWAYS = (CODECS["alaw"], CODECS["ulaw"])
DTMF = ("auto", "auto_info", "inband", "info", "rfc4733")

_TRANSPORTS = {Transport.UDP: "", Transport.TCP: ";transport=tcp", Transport.TLS: ";transport=tls"}
_IDENTITY_HEADERS = {CallerFrom.PAI: "P-Asserted-Identity", CallerFrom.RPID: "Remote-Party-ID"}

# The nearest that the switch's own queue has.
_STRATEGIES = {
    Strategy.LONGEST_IDLE: "leastrecent",
    Strategy.RING_ALL: "ringall",
    Strategy.RING_PROGRESSIVELY: "leastrecent",
    Strategy.IN_ORDER: "linear",
    Strategy.ROUND_ROBIN: "rrordered",
    Strategy.FEWEST_CALLS: "fewestcalls",
    Strategy.LEAST_TALK_TIME: "fewestcalls",
    Strategy.SKILL_FIRST: "leastrecent",
    Strategy.RANDOM: "random",
    Strategy.WEIGHTED_RANDOM: "random",  # its own weights are penalties, and the stand-in knows no others
}


def render(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, str]:
    """The files of Asterisk, name -> text. Raises ValueError, naming the file, for what cannot be said."""
    rendered = dict.fromkeys(DEFAULTS, _DEFAULT)
    return rendered | common.fill(FILES, _environment(), _context(settings, secrets, paths))


def take_over(changed: Collection[str]) -> str:
    """The command by which a running Asterisk takes over what has changed."""
    return "asterisk -rx 'core reload'" if READ_AT_START.isdisjoint(changed) else RESTART


def wanted(files: Mapping[str, str]) -> Wanted:
    """What the switch has when it has taken over these files."""
    endpoints = dict(_ENDPOINT.findall(files.get("pjsip.conf", "")))
    queues = {name: "" for name in _SECTION.findall(files.get("queues.conf", "")) if name != "general"}
    return Wanted(
        marks=common.marks(files),
        phones=frozenset(name for name, kind in endpoints.items() if kind == "phone"),
        trunks={name: "" for name, kind in endpoints.items() if kind == "trunk"},
        queues=queues,
        music={},
    )


def in_use(files: Mapping[str, str]) -> dict[str, Path]:
    """The directories that asterisk.conf names, as fields of Paths."""
    named = dict(_DIRECTORY.findall(files.get("asterisk.conf", "")))
    return {field: Path(named[key]) for field, key in _DIRECTORIES.items() if key in named}


def restart_for(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What of this a running switch does not take over, in words."""
    reasons = []
    if before.get("asterisk.conf", "") != after["asterisk.conf"]:
        reasons.append("the directories of the switch")
    if before.get("modules.conf", "") != after["modules.conf"]:
        reasons.append("the modules of the switch (a codec or TLS)")
    if _transport_sections(before.get("pjsip.conf", "")) != _transport_sections(after["pjsip.conf"]):
        reasons.append("where the switch listens for SIP (network:)")
    return reasons


def _transport_sections(pjsip: str) -> list[str]:
    """Asterisk keeps them as they were, without a word."""
    return [section for section in _SECTIONS.split(pjsip) if "\ntype = transport\n" in section]


@cache
def _environment() -> Environment:
    return common.make_environment("asterisk", _single_line)


def _single_line(value: object) -> object:
    """Whatever a template forgets to escape, it can never begin a line of its own."""
    if isinstance(value, str) and ("\n" in value or "\r" in value):
        raise ValueError(f"{filters.shorten(value)} has a line break")
    return value


def _context(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, object]:
    modules = {module for codec in common.all_codecs(settings) for module in _codec_modules(codec)}
    return {
        "settings": settings,
        "network": settings.network,
        "paths": paths,
        "names": names,
        "address": _address,
        "agi": f"agi://127.0.0.1:{settings.network.agi_port}",
        "codes": sorted({getattr(settings.codes, field.name) for field in fields(settings.codes)}),
        "codec_modules": sorted(modules.difference(*_ALWAYS)),
        "codec_list": _codec_list,
        "default_music": common.default_music(settings),
        "dtmf_mode": _dtmf_mode,
        "events": EVENTS,
        "emergency": common.emergency(settings),
        "fallback": common.first_queue(settings),
        "identified_by": _identified_by,
        "identity_header": lambda trunk: _IDENTITY_HEADERS.get(trunk.caller_from),
        "media_address": common.own_address(settings),
        "music": {name: files for name, files in settings.music.items() if files},
        "numbers": list(common.list_numbers(settings)),
        "proxy": _proxy,
        "secret": common.secret_of(secrets, filters.text),
        "sender_domain": common.sender_domain,
        "strategy": _strategy,
        "uses_tcp": common.uses_tcp(settings),
        "transports": list(_transports(settings)),
        "zone": settings.country.lower(),
    }


def _strategy(queue: Queue) -> str:
    """Of the stand-in."""
    return queue.app_queue.strategy.value if queue.app_queue else _STRATEGIES[queue.strategy]


def _identified_by(trunk: Trunk) -> tuple[str, ...]:
    """Where calls of this trunk come from. A registered trunk is known by its registration (line=yes), so its
    host is not looked up for this at the start of the switch."""
    if trunk.addresses:
        return tuple(filters.network(address) for address in trunk.addresses)
    return () if trunk.register else (filters.host(trunk.host),)


def _address(trunk: Trunk) -> str:
    """Where a trunk is."""
    return f"sip:{filters.host(trunk.host)}:{trunk.port}{_TRANSPORTS[trunk.transport]}"


def _proxy(trunk: Trunk) -> str:
    """Where everything for a trunk is sent instead."""
    host, port = common.host_and_port(trunk.proxy or "")
    return f"sip:{filters.host(host)}:{port};lr{_TRANSPORTS[trunk.transport]}"


def _transports(settings: Settings) -> Iterator[tuple[str, int]]:
    """Which the switch listens on, each with its port."""
    network = settings.network
    yield "udp", network.sip_port
    if common.uses_tcp(settings):
        yield "tcp", network.sip_port
    if network.tls_port:
        yield "tls", network.tls_port


def _codec_modules(codec: str) -> tuple[str, ...]:
    try:
        return CODECS[codec]
    except KeyError:
        raise ValueError(f"{codec!r} is no codec the switch has; it has {', '.join(CODECS)}") from None


def _codec_list(codecs: tuple[str, ...]) -> str:
    for codec in codecs:
        _codec_modules(codec)
    return ",".join(codecs)


def _dtmf_mode(mode: str) -> str:
    if mode not in DTMF:
        raise ValueError(f"{mode!r} is no way to send DTMF; there are {', '.join(DTMF)}")
    return mode
