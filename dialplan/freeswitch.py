"""Renders Settings into the configuration files of FreeSWITCH. Pure: the same settings give the same text."""

import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from itertools import groupby
from operator import itemgetter

from jinja2 import Environment
from markupsafe import Markup

from appliance import names
from appliance.port import Wanted
from appliance.settings import Queue, Settings, Strategy
from appliance.settings.trunks import CallerFrom, ShowIn, Trunk
from dialplan import common, filters
from dialplan.common import Paths

# One directory without sub-directories; freeswitch.xml includes the others by name and nothing else.
FILES = (
    "acl.conf.xml",
    "callcenter.conf.xml",
    "dialplan.xml",
    "directory.xml",
    "event_socket.conf.xml",
    "freeswitch.xml",
    "local_stream.conf.xml",
    "logfile.conf.xml",
    "mark.conf.xml",
    "modules.conf.xml",
    "sofia.conf.xml",
    "switch.conf.xml",
    "vars.xml",
)

# What a bare reload reads anew while calls go on; for the rest the appliance has the switch take each part anew.
RELOADED = frozenset({"acl.conf.xml", "dialplan.xml", "directory.xml", "mark.conf.xml"})
RESTART = "fs_cli -x 'fsctl shutdown restart elegant'"

# In the order in which they are loaded; what each is for stands in docs/freeswitch-install.md.
MODULES = (
    "mod_logfile",
    "mod_commands",
    "mod_expr",
    "mod_dptools",
    "mod_dialplan_xml",
    "mod_sndfile",
    "mod_local_stream",
    "mod_tone_stream",
    "mod_sofia",
    "mod_callcenter",
    "mod_event_socket",
)

# What each codec is called, and the module it needs besides the core.
CODECS: Mapping[str, tuple[str, str | None]] = {
    "alaw": ("PCMA", None),
    "ulaw": ("PCMU", None),
    "g722": ("G722", "mod_spandsp"),
    "gsm": ("GSM", "mod_spandsp"),
    "opus": ("OPUS", "mod_opus"),
    "speex": ("SPEEX", None),
}
DTMF = ("auto", "inband", "info", "rfc4733")
# What a running switch passes by.
_AT_START = {
    "event_socket.conf.xml": "where the switch takes commands (network: event_socket_port, or the secret esl)",
    "logfile.conf.xml": "the log of the switch",
    "modules.conf.xml": "the modules of the switch (a codec)",
    "switch.conf.xml": "the ports for sound (network:)",
}
_AT_START_OF_PROFILE = re.compile(
    r'<param name="((?:ext-)?(?:sip|rtp)-ip|sip-port|bind-params|local-network-acl|tls[a-z-]*)" value="([^"]*)"'
)
_USER = re.compile(r'<user id="([^"]+)"')
_MOST_TRUNKS = 100  # access lists of one SIP profile

# The nearest that the switch's own queue has.
_STRATEGIES = {
    Strategy.LONGEST_IDLE: "longest-idle-agent",
    Strategy.RING_ALL: "ring-all",
    Strategy.RING_PROGRESSIVELY: "ring-progressively",
    Strategy.IN_ORDER: "sequentially-by-agent-order",
    Strategy.ROUND_ROBIN: "round-robin",
    Strategy.FEWEST_CALLS: "agent-with-fewest-calls",
    Strategy.LEAST_TALK_TIME: "agent-with-least-talk-time",
    Strategy.SKILL_FIRST: "longest-idle-agent",
    Strategy.RANDOM: "random",
    Strategy.WEIGHTED_RANDOM: "random",
}

# The variables in which the headers arrive that say who calls, and what comes before the number in each.
_IDENTITIES = {
    CallerFrom.FROM: ("sip_from_user", "^"),
    CallerFrom.PAI: ("sip_P-Asserted-Identity", "^"),
    CallerFrom.RPID: ("sip_Remote-Party-ID", "^[^<]*<?sips?:"),
}

_IDENTITY_TYPES = {ShowIn.PAI: "pid", ShowIn.RPID: "rpid"}
_KEYS_SENT = {"rfc4733": "rfc2833", "auto": "rfc2833", "info": "info", "inband": "none"}

# What is heard while a phone rings, and when a code does not work now; after ITU-T E.180 and national plans.
_RINGING = {
    "ca": "%(2000,4000,440,480)",
    "gb": "%(400,200,400,450);%(400,2000,400,450)",
    "ie": "%(400,200,400,450);%(400,2000,400,450)",
    "us": "%(2000,4000,440,480)",
}
_RINGING_ELSEWHERE = "%(1000,4000,425)"
_CONGESTION = "%(250,250,425)"


def render(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, str]:
    """The files of FreeSWITCH, name -> text. Raises ValueError, naming the file, for what cannot be said."""
    files = common.fill(FILES, _environment(), _context(settings, secrets, paths))
    # The switch reads all or nothing, so there is one mark for all.
    mark = common.mark_of("".join(files.values()))
    return {name: text.replace(common.PLACE_OF_MARK, mark) for name, text in files.items()}


def modules_of(settings: Settings) -> tuple[str, ...]:
    """The modules that these settings need, in the order in which they are loaded."""
    needed = {module for codec in common.all_codecs(settings) if (module := _codec(codec)[1])}
    return (*MODULES, *sorted(needed))


def take_over(changed: Collection[str]) -> str:
    """The command by which a running FreeSWITCH takes over what has changed."""
    return "fs_cli -x 'reloadacl'" if RELOADED.issuperset(changed) else RESTART


def wanted(files: Mapping[str, str]) -> Wanted:
    """What the switch has when it has taken over these files."""
    return Wanted(
        marks=common.marks(files),
        phones=frozenset(_USER.findall(files.get("directory.xml", ""))),
        trunks=_parts(files.get("sofia.conf.xml", ""), "gateway"),
        queues=_parts(files.get("callcenter.conf.xml", ""), "queue"),
        music=_parts(files.get("local_stream.conf.xml", ""), "directory"),
        sip=common.mark_of(files.get("sofia.conf.xml", "")),
    )


def _parts(text: str, tag: str) -> dict[str, str]:
    """The elements of that name, by name: another text is another part."""
    found = re.findall(rf'<{tag} name="([^"]+)"(.*?)</{tag}>', text, re.DOTALL)
    return {name: common.mark_of(body) for name, body in found}


def restart_for(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What of this a running switch does not take over, in words."""
    reasons = [why for name, why in _AT_START.items() if before.get(name, "") != after[name]]
    old, new = (set(_AT_START_OF_PROFILE.findall(files.get("sofia.conf.xml", ""))) for files in (before, after))
    return [*reasons, *(["where the switch listens for SIP (network:)"] if old != new else [])]


@cache
def _environment() -> Environment:
    environment = common.make_environment("freeswitch", _escaped)
    environment.autoescape = True  # what has been escaped is known from what has not
    for name in ("endpoint", "pattern", "plain", "shown_name"):
        environment.filters[name] = getattr(filters, name)
    return environment


def _escaped(value: object) -> Markup:
    """Whatever a template inserts, it can never end the attribute it stands in."""
    return value if isinstance(value, Markup) else Markup(filters.xml(value))


def _variable(name: str) -> Markup:
    """A channel variable that the dialplan is to look up; the dollar stays one."""
    return Markup(f"${{{filters.token(name)}}}")


def _context(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, object]:
    if len(settings.trunks) > _MOST_TRUNKS:
        raise ValueError(f"FreeSWITCH tells at most {_MOST_TRUNKS} trunks apart, not {len(settings.trunks)}.")
    codecs = ["alaw", "ulaw", *common.all_codecs(settings)]
    music = {name: files for name, files in settings.music.items() if files}
    default_music = common.default_music(settings)
    return {
        "settings": settings,
        "network": settings.network,
        "paths": paths,
        "names": names,
        "address": common.own_address(settings),
        "codes": sorted({getattr(settings.codes, field.name) for field in fields(settings.codes)}),
        "codecs": _codec_list(tuple(dict.fromkeys(codecs))),
        "codec_list": _codec_list,
        "congestion": _CONGESTION,
        "default_music": default_music,
        "emergency": common.emergency(settings),
        "fallback": common.first_queue(settings),
        "dtmf_mode": _dtmf_mode,
        "identified_by": _identified_by,
        "identity": lambda trunk: _IDENTITIES.get(trunk.caller_from),
        "identity_type": _identity_type,
        "keys_sent": lambda mode: _KEYS_SENT[_dtmf_mode(mode)],
        "modules": modules_of(settings),
        "music": music,
        "place_of_mark": common.PLACE_OF_MARK,
        "music_of": lambda queue: _music_of(queue, music, default_music),
        "numbers": _numbers(settings),
        "proxy": _proxy,
        "ringing": _RINGING.get(settings.country.lower(), _RINGING_ELSEWHERE),
        "secret": common.secret_of(secrets, filters.plain),
        "sender_domain": common.sender_domain,
        "strategy": lambda queue: _STRATEGIES[queue.strategy],
        "uses_tcp": common.uses_tcp(settings),
        "var": _variable,
    }


def _numbers(settings: Settings) -> list[tuple[str, list[str]]]:
    """The queues that stand in, each with spellings of numbers that it serves."""
    grouped = groupby(common.list_numbers(settings), key=itemgetter(1))
    return [(queue, [form for form, _ in forms]) for queue, forms in grouped]


def _music_of(queue: Queue, music: Mapping[str, object], default: str) -> str:
    return queue.music if queue.music in music else default


def _identified_by(trunk: Trunk) -> tuple[str, ...]:
    """Where calls of this trunk come from."""
    return tuple(filters.network(address) for address in trunk.addresses or (trunk.host,))


def _codec(codec: str) -> tuple[str, str | None]:
    try:
        return CODECS[codec]
    except KeyError:
        raise ValueError(f"{codec!r} is no codec the switch has; it has {', '.join(CODECS)}") from None


def _codec_list(codecs: tuple[str, ...]) -> str:
    return ",".join(_codec(codec)[0] for codec in codecs)


def _dtmf_mode(mode: str) -> str:
    """How a trunk sends keys. Those of RFC 4733 and INFO are understood always."""
    if mode not in DTMF:
        raise ValueError(f"{mode!r} is no way to send DTMF; there are {', '.join(DTMF)}")
    return mode


def _identity_type(trunk: Trunk) -> str:
    """The header besides From in which a trunk is shown our number."""
    return next((_IDENTITY_TYPES[each] for each in trunk.shows_in if each in _IDENTITY_TYPES), "none")


def _proxy(trunk: Trunk) -> str:
    """Where everything for a trunk is sent instead."""
    host, port = common.host_and_port(trunk.proxy or "")
    return f"{filters.host(host)}:{port}"
