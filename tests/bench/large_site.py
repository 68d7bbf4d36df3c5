"""The configuration of a large call centre, written by code: extensions, queues and menus by the hundred."""

import wave
from pathlib import Path

SITE = """\
company: Large
country: RU
time_zone: Europe/Moscow
language: ru
switch: {switch}
trunks: {{main: {{host: 192.0.2.1, addresses: [192.0.2.1]}}}}
hours: {{office: {{open: [mon-fri 9:00-18:00, sat 10:00-14:00], holidays: [2026-11-04, 2027-01-01..2027-01-08]}}}}
music: {{default: waiting.wav}}
"""
AGENTS_IN_A_QUEUE = 20
CHOICES = 4


def write_large_site(directory: Path, switch: str, extensions: int, queues: int, menus: int) -> None:
    """Write it: as many agents as extensions, as many numbers as menus have room for."""
    with wave.open(str(directory / "waiting.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    (directory / "site.yml").write_text(SITE.format(switch=switch))
    numbers = range(1001, 1001 + extensions)
    (directory / "agents.yml").write_text(
        _section("agents", (f"{n}: {{name: Agent {n}}}" for n in numbers))
        + _section("phones", (f"{n}: {{name: Desk {n}}}" for n in numbers))
    )
    (directory / "queues.yml").write_text(_section("queues", (_queue(n, numbers) for n in range(queues))))
    (directory / "menus.yml").write_text(_section("menus", (_menu(n, menus, queues) for n in range(menus))))
    firsts = range(0, menus, CHOICES + 1)
    (directory / "numbers.yml").write_text(_section("numbers", (_number(n) for n in firsts)))


def _section(name: str, entries: object) -> str:
    return f"{name}:\n" + "".join(f"  {entry}\n" for entry in entries)  # type: ignore[attr-defined]


def _queue(n: int, numbers: range) -> str:
    agents = [numbers[(n * AGENTS_IN_A_QUEUE // 2 + each) % len(numbers)] for each in range(AGENTS_IN_A_QUEUE)]
    return f"""q{n}:
    name: Queue {n}
    strategy: longest-idle
    agents: {agents}
    ring_for: 15s
    wrap_up: 30s
    greeting:
      say:
        ru: Вы позвонили в отдел номер {n}. Вам ответит первый освободившийся специалист.
        en: This is department {n}. The next free agent will be with you shortly."""


def _menu(n: int, menus: int, queues: int) -> str:
    """Each of these is the first of a few: its keys lead to the ones behind it, and theirs to queues."""
    first = n % (CHOICES + 1) == 0
    below = [m for m in range(n + 1, n + 1 + CHOICES) if m < menus] if first else []
    keys = [f"      {key}: {{menu: m{m}}}" for key, m in enumerate(below, start=1)]
    keys += [f"      {key}: {{queue: q{(n * 3 + key) % queues}}}" for key in range(len(keys) + 1, CHOICES + 1)]
    keys.append('      "*": repeat' if first else '      "*": back')
    return "\n".join(
        [
            f"m{n}:",
            "    prompt:",
            "      say:",
            f"        ru: Меню номер {n}. Чтобы сделать заказ, нажмите один. Если нужна помощь, нажмите два.",
            f"        en: Menu number {n}. For orders, press one. For help, press two.",
            "    choices:",
            *keys,
            f"    otherwise: {{queue: q{n % queues}}}",
        ]
    )


def _number(menu: int) -> str:
    return f"""\"+7495{2000000 + menu}":
    hours: office
    greeting: Здравствуйте!
    open: {{menu: m{menu}}}
    closed: {{message: Сейчас мы не работаем.}}
    fallback: q0"""
