"""What one phone has to know, whichever model it is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from appliance.settings import FeatureCodes, Phone, Provisioning, Settings

_ANY_ADDRESS = ("0.0.0.0", "::")

# What stands on the keys that dial the codes of every agent, and on the voicemail's.
_CODES = ("sign_on", "sign_off", "pause", "resume", "wrap_up")
_LABELS = {
    "en": ("Sign on", "Sign off", "Pause", "Resume", "End wrap-up"),
    "ru": ("Вход", "Выход", "Пауза", "Возврат", "Итог"),
}
_VOICEMAIL = {"en": "Voicemail", "ru": "Голосовая почта"}
_LANGUAGE = "en"  # for sites in any other language


class Transport(Enum):
    """How a phone talks SIP with the switch."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


@dataclass(frozen=True)
class Entry:
    """A name and what is dialled for it: a key, or a line of the directory."""

    name: str
    number: str


@dataclass(frozen=True)
class Account:
    """A phone's SIP account and all that is set up around it."""

    id: str
    name: str
    password: str = field(repr=False)
    host: str  # of the switch, as it is written in a SIP address
    port: int
    codecs: tuple[str, ...]  # in order, as the settings call them
    transport: Transport = Transport.UDP
    srtp: bool = False
    voicemail: str | None = None
    keys: tuple[Entry, ...] = ()  # the feature codes
    directory: tuple[Entry, ...] = ()  # the other phones
    directory_host: str = ""  # host:port of the HTTPS server that has the directory for phones that fetch it
    company: str = ""
    language: str = _LANGUAGE

    @property
    def server(self) -> str:
        """Where the switch is, with the port."""
        return f"{self.host}:{self.port}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Keys and directory, for phones that have one list for both."""
        voicemail = (Entry(voicemail_label(self.language), self.voicemail),) if self.voicemail else ()
        return (*self.keys, *voicemail, *self.directory)


def account_of(settings: Settings, password: str, phone: Phone) -> Account:
    """What that phone has to know. Raises ValueError, in one sentence, where the settings do not say it all."""
    provisioning = settings.provisioning
    if provisioning is None:
        raise ValueError('the configuration has no section "provisioning"')
    network = settings.network
    return Account(
        id=phone.id,
        name=phone.name,
        password=password,
        host=sip_host(settings, provisioning, phone.secure),
        port=network.tls_port if phone.secure and network.tls_port else network.sip_port,
        codecs=phone.codecs,
        transport=Transport.TLS if phone.secure else Transport(phone.transport.value),
        srtp=phone.secure,
        voicemail=provisioning.voicemail,
        keys=keys_of(settings.codes, settings.language),
        directory=directory_of(settings.phones, phone.id),
        directory_host=f"{host_in_uri(provisioning.host)}:{provisioning.port}",
        company=settings.company,
        language=settings.language,
    )


def sip_host(settings: Settings, provisioning: Provisioning, by_tls: bool) -> str:
    """Where phones find the switch: as they are told to, else where it listens if that is one address, else where
    they got this from. By TLS they want a name, as it stands in a certificate."""
    listens = settings.network.sip_address
    is_address = listens not in _ANY_ADDRESS and not by_tls
    return host_in_uri(provisioning.sip_host or (listens if is_address else provisioning.host))


def host_in_uri(host: str) -> str:
    """A host as it is written in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def keys_of(codes: FeatureCodes, language: str) -> tuple[Entry, ...]:
    """The codes of every agent with what stands on their keys. Phones have few keys: supervisors dial theirs."""
    labels = _LABELS.get(language.partition("-")[0], _LABELS[_LANGUAGE])
    dialled = (getattr(codes, code) for code in _CODES)
    return tuple(Entry(label, code) for label, code in zip(labels, dialled, strict=True))


def voicemail_label(language: str) -> str:
    return _VOICEMAIL.get(language.partition("-")[0], _VOICEMAIL[_LANGUAGE])


def directory_of(phones: Mapping[str, Phone], without: str | None = None) -> tuple[Entry, ...]:
    """The phones one can call, by name."""
    others = (phone for phone in phones.values() if phone.id != without)
    return tuple(Entry(phone.name, phone.id) for phone in sorted(others, key=lambda each: (each.name, each.id)))
