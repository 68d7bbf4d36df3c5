"""Finds in any configuration what the demonstration needs: a way to a queue, and who works there. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import phonenumbers

from appliance.settings import Destination, Number, Prompt, Queue, Say, Settings, Trunk
from appliance.speech.prompts import in_language

TRUNK = "lab-trunk"
CALLER_ADDRESS = "127.0.0.2"  # the provider's; the phones are on 127.0.0.1
CALLER_SAYS = "lab-caller"  # names of phrases
AGENT_SAYS = "lab-agent"
FALLBACK_CALLER = "+12025550143"  # reserved for examples

# What the two say to each other. Languages that are missing speak English, with their own voice.
TALK: Mapping[str, Mapping[str, str]] = {
    CALLER_SAYS: {
        "en": "Hello, this is the caller. My last invoice seems to be wrong, and I would like to know why.",
        "ru": "Здравствуйте, это абонент. В последнем счёте, кажется, ошибка, и я хочу узнать, почему.",  # noqa: RUF001
    },
    AGENT_SAYS: {
        "en": "Good morning, you are through to the service desk. Please tell me the number on your contract.",
        "ru": "Добрый день, вас слушает оператор. Назовите, пожалуйста, номер вашего договора.",
    },
}


class NoRoute(Exception):
    """The configuration has nothing to demonstrate; one sentence says what is missing."""


@dataclass(frozen=True)
class Route:
    """Who calls what, the keys on the way (menu, key), and who answers where."""

    caller: str
    number: Number
    keys: tuple[tuple[str, str], ...]
    queue: Queue
    agent: str
    phone: str
    language: str  # in which the caller is spoken to


def lab_settings(settings: Settings, recordings: Path) -> Settings:
    """The same call centre on this machine alone: on loopback, always open, and with one trunk, from which the
    caller comes, instead of the real ones, so that no provider is asked to register us."""
    talk = {name: talk_prompt(name, settings) for name in TALK}
    return replace(
        settings,
        network=replace(
            settings.network, sip_address="127.0.0.1", external_address=None, local_networks=(), tls_port=None
        ),
        trunks={TRUNK: Trunk(TRUNK, host=CALLER_ADDRESS, addresses=(CALLER_ADDRESS,), qualify=0.0)},
        outbound={},
        numbers={id: replace(number, hours=None, closed=None) for id, number in settings.numbers.items()},
        phrases={**settings.phrases, **talk},
        database="sqlite",
        recordings=recordings,
    )


def talk_prompt(name: str, settings: Settings) -> Prompt:
    """What one of the two says, in the languages of the site."""
    words = TALK[name]
    return Prompt({language: Say(words.get(language, words["en"])) for language in settings.languages})


def find_route(settings: Settings) -> Route:
    """The way that shows most: through a menu, to a queue that asks for dispositions. Raises NoRoute."""
    phones = [phone.id for phone in settings.phones.values() if phone.contact is None]
    if not phones:
        raise NoRoute("No phone of the configuration registers; the demonstration needs one for the agent.")
    routes = [
        (number, keys, settings.queues[queue])
        for number in settings.numbers.values()
        for keys, queue in ways(settings, number.open, ())
        if settings.queues[queue].agents
    ]
    if not routes:
        raise NoRoute("No number leads to a queue with agents; the demonstration needs such a way.")

    def shows(way: tuple[Number, tuple[tuple[str, str], ...], Queue]) -> tuple[bool, bool, int]:
        _, keys, queue = way
        return bool(keys), queue.dispositions is not None, -len(keys)

    number, keys, queue = max(routes, key=shows)  # the first of equals
    agent = queue.agents[0]
    phone = phones[list(settings.agents).index(agent) % len(phones)]
    language = number.language or settings.language
    return Route(stranger(settings), number, keys, queue, agent, phone, language)


def ways(
    settings: Settings, place: Destination, keys: tuple[tuple[str, str], ...]
) -> Iterator[tuple[tuple[tuple[str, str], ...], str]]:
    """Every way of keys from a place to a queue, through no menu twice."""
    if place.queue is not None:
        yield keys, place.queue
    elif place.menu is not None and place.menu not in {menu for menu, _ in keys}:
        for key, choice in settings.menus[place.menu].choices.items():
            yield from ways(settings, choice, (*keys, (place.menu, key)))


def stranger(settings: Settings) -> str:
    """A caller's number that is valid in the country and belongs to no customer."""
    example = phonenumbers.example_number_for_type(settings.country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return FALLBACK_CALLER
    for last in range(10):
        candidate = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[:-1] + str(last)
        if candidate not in settings.customers:
            return candidate
    return FALLBACK_CALLER


def words_of(prompt: Prompt, language: str, settings: Settings) -> str:
    """What a prompt says, for a person to read; a recording by its file's name."""
    piece = in_language(prompt, language, settings.language)[1]
    return f"“{piece.text}”" if isinstance(piece, Say) else f"({piece.path.name})"
