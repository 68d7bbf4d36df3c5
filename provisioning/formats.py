"""The models of phones and the files each is given. Pure: the same account gives the same bytes."""

import io
import re
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from provisioning import dialects
from provisioning.account import Account, Entry, Transport

_MAC = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class File:
    """One file for a phone."""

    name: str
    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True)
class Format:
    """What one family of phones reads. `files` maps the names of its files to templates; {id} in a name is the
    phone's id, {mac} its hardware address. The first of them says what a link is named."""

    id: str
    title: str
    files: Mapping[str, str]
    media_type: str
    finalize: Callable[[object], object]  # has the last word on every value
    codecs: Mapping[str, str]  # what it calls each codec it has
    directory: tuple[str, str] | None = None  # path and template of the directory, where it fetches one by itself
    encoding: str = "utf-8"
    line_end: str = "\n"
    asks_for: str | None = None  # what phones ask for below an address they complete by themselves (pattern)
    refuses: str = ""  # characters that no password may have


_XML = "application/xml"
_TEXT = "text/plain"
_MACS_DIGITS = "[0-9a-fA-F]{12}"

_DIRECTORY = "directory"

_no_semicolon = dialects.without(";", "which ends a value there")
_baresip = dialects.without('"<>\\', "which baresip takes for the end of a name")
_cisco = dialects.without("$", "which has a meaning of its own for a Cisco SPA phone")

FORMATS: Mapping[str, Format] = {
    each.id: each
    for each in (
        Format(
            id="linphone",
            title="Linphone (remote provisioning)",
            files={"linphone-{id}.xml": "linphone.xml"},
            media_type=_XML,
            finalize=dialects.xml,
            codecs={
                "alaw": "PCMA/8000/1",
                "ulaw": "PCMU/8000/1",
                "g722": "G722/8000/1",
                "opus": "opus/48000/2",
                "gsm": "GSM/8000/1",
                "speex": "speex/8000/1",
            },
        ),
        Format(
            id="microsip",
            title="MicroSIP",
            files={"MicroSIP.ini": "microsip.ini"},
            media_type=_TEXT,
            finalize=dialects.ini,
            codecs={
                "alaw": "PCMA/8000/1",
                "ulaw": "PCMU/8000/1",
                "g722": "G722/16000/1",
                "opus": "opus/48000/2",
                "gsm": "GSM/8000/1",
                "speex": "speex/8000/1",
            },
            directory=("microsip.xml", "microsip-directory.xml"),
            encoding="utf-16",  # what Windows needs for letters beyond its own code page
            line_end="\r\n",
        ),
        Format(
            id="zoiper",
            title="Zoiper",
            files={"zoiper-{id}.xml": "zoiper.xml"},
            media_type=_XML,
            finalize=dialects.xml,
            codecs={"alaw": "6", "ulaw": "0", "g722": "7", "opus": "35", "gsm": "1", "speex": "24"},
            directory=("zoiper.xml", "zoiper-directory.xml"),
        ),
        Format(
            id="baresip",
            title="baresip",
            files={
                "baresip-{id}.tar": "",
                "accounts": "baresip-accounts",
                "config": "baresip-config",
                "contacts": "baresip-contacts",
            },
            media_type="application/x-tar",
            finalize=dialects.line,
            codecs={
                "alaw": "PCMA/8000/1",
                "ulaw": "PCMU/8000/1",
                "g722": "G722/16000/1",
                "opus": "opus/48000/2",
                "gsm": "GSM/8000/1",
            },
            refuses='";,<>\\ \t',
        ),
        Format(
            id="yealink",
            title="Yealink T and CP series (firmware 80 and later)",
            files={"{mac}.cfg": "yealink.cfg"},
            media_type=_TEXT,
            finalize=dialects.cfg,
            codecs={"alaw": "pcma", "ulaw": "pcmu", "g722": "g722", "opus": "opus"},
            directory=("yealink.xml", "yealink-directory.xml"),
            asks_for=rf"{_MACS_DIGITS}\.cfg",
        ),
        Format(
            id="grandstream",
            title="Grandstream GXP21xx, GRP26xx",
            files={"cfg{mac}.xml": "grandstream.xml"},
            media_type=_XML,
            finalize=dialects.xml,
            codecs={"alaw": "PCMA", "ulaw": "PCMU", "g722": "G.722", "opus": "OPUS"},
            directory=("grandstream/phonebook.xml", "grandstream-directory.xml"),
            asks_for=rf"cfg{_MACS_DIGITS}\.xml",
        ),
        Format(
            id="snom",
            title="Snom D3xx, D7xx, D8xx",
            files={"snom-{mac}.xml": "snom.xml"},
            media_type=_XML,
            finalize=dialects.xml,
            codecs={"alaw": "pcma", "ulaw": "pcmu", "g722": "g722", "opus": "opus", "gsm": "gsm"},
        ),
        Format(
            id="cisco-spa",
            title="Cisco SPA3xx, SPA5xx",
            files={"spa{mac}.xml": "cisco-spa.xml"},
            media_type=_XML,
            finalize=lambda value: dialects.xml(_cisco(value) if not isinstance(value, Markup) else value),
            codecs={"alaw": "G711a", "ulaw": "G711u", "g722": "G722"},
            directory=("cisco-spa.xml", "cisco-spa-directory.xml"),
            refuses="$",
        ),
    )
}


def render(format: Format, account: Account, mac: str | None = None) -> tuple[File, ...]:
    """The files for a phone, in the order of the format. Raises ValueError, with one sentence, for what this model
    cannot be told."""
    context = _context(format, account)
    say = f"phone {account.id} cannot be provisioned as {format.id}"
    _check_password(format, account.password, say)
    rendered = {}
    for name, template in format.files.items():
        if template:
            try:
                text = _environment(format.id).get_template(template).render(context)
            except ValueError as error:
                raise ValueError(f"{say}: {error}") from None
            encoded = text.replace("\n", format.line_end).encode(format.encoding)
            rendered[name.format(id=account.id, mac=mac or account.id)] = encoded
    media_type = format.media_type if len(rendered) == 1 else _TEXT
    return tuple(File(name, content, media_type) for name, content in rendered.items())


def render_one(format: Format, account: Account) -> File:
    """The same as one file, which is what a link leads to: several are packed together."""
    files = render(format, account)
    return files[0] if len(files) == 1 else File(file_name(format, account.id), _pack(files), format.media_type)


def render_directory(format: Format, entries: tuple[Entry, ...]) -> bytes | None:
    """The directory for a model that fetches it by itself; None for one that does not."""
    if format.directory is None:
        return None
    return _environment(_DIRECTORY).get_template(format.directory[1]).render(entries=entries).encode()


def file_name(format: Format, id: str) -> str:
    """What a link to this phone's configuration is named."""
    return next(iter(format.files)).format(id=id, mac=id)


def mac_address(text: str) -> str:
    """A hardware address as it stands in names of files. Raises ValueError."""
    plain = re.sub(r"[:.\-]", "", text.lower())
    if not _MAC.fullmatch(plain):
        raise ValueError(f"{dialects.shown(text)} is no hardware address; write it like 00:15:65:aa:bb:cc")
    return plain


def _context(format: Format, account: Account) -> dict[str, object]:
    codecs = [format.codecs[codec] for codec in account.codecs if codec in format.codecs]
    if not codecs:
        spoken = ", ".join(account.codecs)
        raise ValueError(f"phone {account.id} is to speak {spoken} only, which {format.title} does not")
    return {
        "account": account,
        "codecs": codecs,
        "all_codecs": tuple(format.codecs.values()),
        "transport": account.transport.value,
        "is_tls": account.transport is Transport.TLS,
        "directory_path": format.directory[0] if format.directory else "",
    }


def _check_password(format: Format, password: str, say: str) -> None:
    """Its complaints never show it."""
    try:
        dialects.line(password)
        refused = [c for c in password if c in format.refuses]
    except ValueError:
        raise ValueError(f"{say}: its secret has a control character, or a space around it") from None
    if refused or not password:
        forbidden = " ".join(c for c in format.refuses if not c.isspace())
        raise ValueError(f"{say}: its secret is empty or has a character that cannot be said there ({forbidden})")


@cache
def _environment(format: str) -> Environment:
    """The templates of a format, or those of directories, which all are XML."""
    is_xml = format == _DIRECTORY or FORMATS[format].media_type == _XML
    environment = Environment(
        loader=PackageLoader("provisioning", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=is_xml,
        finalize=dialects.xml if format == _DIRECTORY else FORMATS[format].finalize,
    )
    environment.filters["quoted"] = dialects.quoted
    environment.filters["no_semicolon"] = _no_semicolon
    environment.filters["baresip_name"] = _baresip
    environment.filters["plain_name"] = dialects.plain_name
    return environment


def _pack(files: tuple[File, ...]) -> bytes:
    """A tar archive, readable by its owner alone once it is unpacked."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file in files:
            member = tarfile.TarInfo(file.name)
            member.size, member.mode = len(file.content), 0o600
            archive.addfile(member, io.BytesIO(file.content))
    return packed.getvalue()
