"""Renders Settings into the configuration files of Asterisk. Pure: the same settings give the same text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from appliance import names
from appliance.identify import number_forms
from appliance.settings import Number, Settings, Strategy, Trunk
from dialplan import filters

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

# The nearest that the switch's own queue has.
_STRATEGIES = {Strategy.LONGEST_IDLE: "leastrecent", Strategy.RING_ALL: "ringall"}
_ANY_ADDRESS = ("0.0.0.0", "::")


@dataclass(frozen=True)
class Paths:
    """Where the switch finds its files. Without the optional ones, where Debian puts them."""

    configuration: Path
    sounds: Path
    music: Path  # with a sub-directory for each class
    recordings: Path
    modules: Path | None = None
    data: Path | None = None
    var: Path | None = None
    run: Path | None = None
    log: Path | None = None
    spool: Path | None = None


def render(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, str]:
    """The files of the switch, name -> text. Raises ValueError, naming the file, for what cannot be said."""
    for field in fields(paths):
        path = getattr(paths, field.name)
        if path is not None and not path.is_absolute():
            raise ValueError(f"The path of {field.name} must be absolute, not {str(path)!r}.")
    context = _context(settings, secrets, paths)
    rendered = dict.fromkeys(DEFAULTS, _DEFAULT)
    for name in FILES:
        try:
            rendered[name] = _environment().get_template(name).render(context)
        except ValueError as error:
            raise ValueError(f"{name} cannot be written: {str(error).rstrip('.')}.") from error
    return rendered


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dialplan", "templates/asterisk"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=_single_line,
    )
    for name in ("caller_name", "code", "extension", "host", "network", "text", "token", "uri"):
        environment.filters[name] = getattr(filters, name)
    environment.filters["seconds"] = lambda value: max(1, round(value))
    return environment


def _single_line(value: object) -> object:
    """Whatever a template forgets to escape, it can never begin a line of its own."""
    if isinstance(value, str) and ("\n" in value or "\r" in value):
        raise ValueError(f"{filters.shorten(value)} has a line break")
    return value


def _context(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, object]:
    trunks, phones = settings.trunks.values(), settings.phones.values()
    codecs = {codec for used in (*(t.codecs for t in trunks), *(p.codecs for p in phones)) for codec in used}
    modules = {module for codec in codecs for module in _codec_modules(codec)}
    return {
        "settings": settings,
        "network": settings.network,
        "paths": paths,
        "names": names,
        "agi": f"agi://127.0.0.1:{settings.network.agi_port}",
        "codes": sorted({getattr(settings.codes, field.name) for field in fields(settings.codes)}),
        "codec_modules": sorted(modules.difference(*_ALWAYS)),
        "codec_list": _codec_list,
        "default_music": _default_music(settings),
        "dtmf_mode": _dtmf_mode,
        "events": EVENTS,
        "fallback": _first_queue(settings),
        "identified_by": _identified_by,
        "media_address": None if settings.network.sip_address in _ANY_ADDRESS else settings.network.sip_address,
        "music": {name: files for name, files in settings.music.items() if files},
        "numbers": list(_numbers(settings)),
        "secret": _secret_of(secrets),
        "strategy": lambda queue: _STRATEGIES[queue.strategy],
        "zone": settings.country.lower(),
    }


def _numbers(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every spelling of every number of ours, with the queue that serves it when the appliance is gone."""
    seen: set[str] = set()
    for number in settings.numbers.values():
        for form in number_forms(number.id, settings.country):
            if form not in seen:
                seen.add(form)
                yield form, _fallback(settings, number)


def _fallback(settings: Settings, number: Number) -> str:
    return number.fallback or number.open.queue or _first_queue(settings)


def _first_queue(settings: Settings) -> str:
    return next(iter(settings.queues), "")


def _default_music(settings: Settings) -> str:
    classes = [name for name, files in settings.music.items() if files]
    return "default" if "default" in classes or not classes else classes[0]


def _identified_by(trunk: Trunk) -> tuple[str, ...]:
    """Where calls of this trunk come from. A registered trunk is known by its registration (line=yes), so its
    host is not looked up for this at the start of the switch."""
    if trunk.addresses:
        return tuple(filters.network(address) for address in trunk.addresses)
    return () if trunk.register else (filters.host(trunk.host),)


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


def _secret_of(secrets: Mapping[str, str]) -> Callable[[str], str]:
    def secret(name: str) -> str:
        if name not in secrets:
            raise ValueError(f"the secret {name} is missing")
        try:
            return filters.text(secrets[name])
        except ValueError:  # says nothing of what the secret is
            raise ValueError(
                f"the secret {name} is empty, too long, begins or ends with a space, or has a control character"
            ) from None

    return secret
