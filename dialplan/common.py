"""What the files of either switch are made from: places, numbers, stand-ins, secrets, templates. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from appliance.identify import number_forms
from appliance.settings import Number, Settings
from appliance.settings.trunks import Transport, Trunk
from appliance.trunks.number_forms import written_as
from appliance.trunks.outbound import first_number
from dialplan import filters

_ANY_ADDRESS = ("0.0.0.0", "::")
MARK = "appliance-mark"
PLACE_OF_MARK = "appliance-place-of-the-mark"
_MARK = re.compile(rf"{MARK}-[0-9a-f]{{16}}")


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


def fill(names: tuple[str, ...], environment: Environment, context: Mapping[str, object]) -> dict[str, str]:
    """Each of these templates with what the context says. Raises ValueError, naming the file, for what cannot be
    said."""
    filled = {}
    for name in names:
        try:
            filled[name] = _marked(environment.get_template(name).render({**context, "mark": MARK}))
        except ValueError as error:
            raise ValueError(f"{name} cannot be written: {str(error).rstrip('.')}.") from error
    return filled


def _marked(text: str) -> str:
    """A file that is to carry a mark has that of its own text: another text is another mark."""
    return text.replace(MARK, mark_of(text)) if MARK in text else text


def mark_of(text: str) -> str:
    """By which the switch shows that it has read this text."""
    return f"{MARK}-{sha256(text.encode()).hexdigest()[:16]}"


def marks(files: Mapping[str, str]) -> dict[str, str]:
    """The marks of rendered files, by file."""
    found = {name: _MARK.search(text) for name, text in files.items()}
    return {name: mark[0] for name, mark in found.items() if mark}


def make_environment(folder: str, finalize: Callable[[object], object]) -> Environment:
    """The templates of a switch; `finalize` has the last word on whatever they insert."""
    environment = Environment(
        loader=PackageLoader("dialplan", f"templates/{folder}"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        finalize=finalize,
    )
    for name in ("caller_name", "code", "extension", "host", "network", "text", "token", "uri", "user"):
        environment.filters[name] = getattr(filters, name)
    environment.filters["seconds"] = lambda value: max(1, round(value))
    return environment


def list_numbers(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every spelling of every number of ours, with the queue that serves it when the appliance is gone."""
    seen: set[str] = set()
    for number in settings.numbers.values():
        for form in number_forms(number.id, settings.country):
            if form not in seen:
                seen.add(form)
                yield form, fallback(settings, number)


def fallback(settings: Settings, number: Number) -> str:
    return number.fallback or number.open.queue or number.open.callback or first_queue(settings)


def first_queue(settings: Settings) -> str:
    return next(iter(settings.queues), "")


def default_music(settings: Settings) -> str:
    classes = [name for name, files in settings.music.items() if files]
    return "default" if "default" in classes or not classes else classes[0]


def all_codecs(settings: Settings) -> list[str]:
    """Every codec that a trunk or phone may use, in order."""
    lists = [trunk.codecs for trunk in settings.trunks.values()]
    lists += [phone.codecs for phone in settings.phones.values()]
    return list(dict.fromkeys(codec for codecs in lists for codec in codecs))


def own_address(settings: Settings) -> str | None:
    """The one address the switch is to use; None for whatever the machine has."""
    address = settings.network.sip_address
    return None if address in _ANY_ADDRESS else address


def uses_tcp(settings: Settings) -> bool:
    """Whether the switch has to listen by TCP."""
    trunks = any(trunk.transport is Transport.TCP for trunk in settings.trunks.values())
    return trunks or any(phone.transport is Transport.TCP for phone in settings.phones.values())


def emergency(settings: Settings) -> list[tuple[str, list[tuple[str, str | None]]]]:
    """The emergency numbers, for when the appliance is gone: each with its trunks in order, and with the number of
    ours that is shown to each."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for rule in (rule for rule in settings.outbound.values() if rule.emergency):
        shown = None if rule.withhold else rule.show or first_number(settings)
        trunks = [settings.trunks[id] for id in rule.trunks if id in settings.trunks]
        ways = [(t.id, written_as(shown, t.numbers, settings.country) if shown else None) for t in trunks]
        for numbers in rule.numbers:
            if numbers.dialled and ways:
                found.setdefault(numbers.dialled, ways)
    return [*found.items()]


def sender_domain(trunk: Trunk) -> str | None:
    """The host of From in what a trunk is sent; None: our own address. A provider with which we have an account
    wants its own."""
    return trunk.from_domain or (trunk.host if trunk.username else None)


def host_and_port(written: str) -> tuple[str, int]:
    """A host, and its port where one is written."""
    host, _, port = written.partition(":")
    return host, int(port or 5060)


def secret_of(secrets: Mapping[str, str], say: Callable[[str], str]) -> Callable[[str], str]:
    """Looks a secret up and says it in the dialect of a file."""

    def secret(name: str) -> str:
        if name not in secrets:
            raise ValueError(f"the secret {name} is missing")
        try:
            return say(secrets[name])
        except ValueError:  # says nothing of what the secret is
            raise ValueError(
                f"the secret {name} is empty, too long, begins or ends with a space, or has a control character"
            ) from None

    return secret
