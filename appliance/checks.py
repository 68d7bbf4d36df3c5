"""What is wrong with a configuration directory as a whole: references, sounds, menus, codes, ports."""

import os
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from shutil import which

from appliance.clashes import CONTROL_PORTS, beginnings, clashes
from appliance.customers import FILE, Row, read_customers
from appliance.identify import number_forms
from appliance.menus import endless, leads_out, parents
from appliance.problems import Problem, Report, did_you_mean, shown
from appliance.prompts import KeyPath, destinations, prompts_by_path
from appliance.reading import Reading, read
from appliance.settings import FeatureCodes, Menu, Prompt, Say, Settings, SoundFile
from appliance.trunk_checks import trunk_clashes
from appliance.wav import wrong_with_wav

__all__ = ["Checked", "Problem", "load"]


@dataclass(frozen=True)
class Checked:
    """`settings` is None when there is any error; problems come by file and line, warnings among them."""

    settings: Settings | None
    problems: tuple[Problem, ...]


def load(directory: Path) -> Checked:
    """Read and check a directory. All its problems come at once; nothing is raised."""
    report = Report()
    reading = read(directory, report)
    customers = read_customers(directory / FILE, reading.settings.country, report)
    settings = replace(reading.settings, customers={row.number: row.customer for row in customers if row.number})
    _Checks(replace(reading, settings=settings), customers, report).run()
    problems = report.sorted()
    broken = any(not problem.warning for problem in problems)
    return Checked(None if broken else settings, problems)


class _Checks:
    """Each method looks at one subject; `_at` says where."""

    def __init__(self, reading: Reading, customers: Sequence[Row], report: Report) -> None:
        self._reading = reading
        self._settings = reading.settings
        self._customers = customers
        self._report = report

    def run(self) -> None:
        self._references()
        self._customer_rows()
        self._languages()
        self._sounds()
        self._speech()
        self._opening_hours()
        self._trunks()
        self._numbers()
        self._menus()
        self._queues()
        self._dispositions()
        self._groups()
        self._clashes()
        self._codes()
        self._ports()
        self._certificate()

    def _at(self, path: KeyPath, text: str, remedy: str = "", *, warning: bool = False) -> None:
        self._report.add(self._reading.place(*path), text, remedy, warning=warning)

    def _known(self, path: KeyPath, kind: str, id: str | None, ids: Iterable[str]) -> None:
        """Complain about an id that nothing has, unless it may stand in a file that could not be read."""
        if id is not None and id not in ids and self._reading.complete:
            self._at(path, f"There is no {kind} {shown(id)}.", did_you_mean(id, ids))

    def _references(self) -> None:
        s = self._settings
        for path, to in destinations(s):
            self._known((*path, "queue"), "queue", to.queue, s.queues)
            self._known((*path, "menu"), "menu", to.menu, s.menus)
            self._known((*path, "extension"), "phone", to.extension, s.phones)
        for number in s.numbers.values():
            self._known(("numbers", number.id, "hours"), "set of opening hours", number.hours, s.hours)
            self._known(("numbers", number.id, "fallback"), "queue", number.fallback, s.queues)
        for queue in s.queues.values():
            for position, agent in enumerate(queue.agents):
                self._known(("queues", queue.id, "agents", str(position)), "agent", agent, s.agents)
            music = ("queues", queue.id, "music")
            if queue.music in s.music or self._written(music):
                self._known(music, "music", queue.music, s.music)
            elif self._reading.complete:
                text = f'The queue {shown(queue.id)} names no music, and there is none called "{queue.music}".'
                self._at(music, text, f'Name one, or define "{queue.music}" below "music:".')
            lists = ("queues", queue.id, "dispositions")
            self._known(lists, "list of dispositions", queue.dispositions, s.dispositions)

    def _customer_rows(self) -> None:
        for row in self._customers:
            group, language = row.customer.group, row.customer.language
            if group and group not in self._settings.groups and self._reading.complete:
                remedy = did_you_mean(group, self._settings.groups)
                self._report.add(row.place, f"There is no group {shown(group)}.", remedy)
            if language and language not in self._settings.speech.voices:
                self._report.add(row.place, *self._no_voice(language))

    def _no_voice(self, language: str) -> tuple[str, str]:
        voices = self._settings.speech.voices
        remedy = did_you_mean(language, voices)
        return (
            f"There is no voice for the language {shown(language)}.",
            f'{remedy} Or add one to "speech: voices:".',
        )

    def _languages(self) -> None:
        s = self._settings
        used: list[tuple[KeyPath, str]] = [(("language",), s.language)]
        used += [(("numbers", number.id, "language"), number.language or "") for number in s.numbers.values()]
        used += [(("agents", agent.id, "language"), agent.language or "") for agent in s.agents.values()]
        for path, prompt in prompts_by_path(s):
            if path[0] != "phrases" or self._written(path):
                said = (language for language, piece in prompt.by_language.items() if isinstance(piece, Say))
                used += [((*path, "say", language), language) for language in said]
        for path, language in used:
            if language and language not in s.speech.voices:
                self._at(path, *self._no_voice(language))

    def _written(self, path: KeyPath) -> bool:
        """Whether the configuration itself says this, not the appliance."""
        return self._reading.place(*path) != self._reading.place(*path[:-1])

    def _sounds(self) -> None:
        s = self._settings
        files: list[tuple[KeyPath, Path]] = [
            (("music", id, str(n)), file) for id, each in s.music.items() for n, file in enumerate(each)
        ]
        for path, prompt in prompts_by_path(s):
            files += [((*path, "sound", language), file) for language, file in _sound_files(prompt)]
        wrong = {file: wrong_with_wav(file) for file in {file for _, file in files}}
        for path, file in files:
            if wrong[file]:
                directory = self._settings.directory
                name = file.relative_to(directory) if file.is_relative_to(directory) else file
                self._at(path, f"The sound {shown(str(name))} {wrong[file]}.")

    def _speech(self) -> None:
        """Only a warning: perhaps texts are spoken on another machine."""
        says = any(
            isinstance(p, Say) for _, each in prompts_by_path(self._settings) for p in each.by_language.values()
        )
        program = next(iter(shlex.split(self._settings.speech.command)), "")
        if says and which(program) is None:
            text = f"The program {shown(program)}, which reads texts aloud, is not installed here."
            remedy = 'Install it, or name another one in "speech: command:".'
            self._at(("speech", "command"), text, remedy, warning=True)

    def _opening_hours(self) -> None:
        for number in self._settings.numbers.values():
            path = ("numbers", number.id)
            if number.hours is not None and number.closed is None:
                text = (
                    f'The number {shown(number.id)} has opening hours but does not say where to go when "closed".'
                )
                self._at((*path, "hours"), text, "Add it, for example closed: {message: We are closed.}")
            if number.hours is None and number.closed is not None:
                text = "This is never used: the number has no opening hours and is always open."
                self._at((*path, "closed"), text, warning=True)

    def _trunks(self) -> None:
        """Trunks, and the rules for outgoing calls."""
        for each in trunk_clashes(self._settings):
            self._at(each.path, each.text, each.remedy, warning=each.warning)
        for rule in self._settings.outbound.values():
            for field, kind, ids in (
                ("trunks", "trunk", self._settings.trunks.keys()),
                ("phones", "phone", self._settings.phones.keys()),
            ):
                for position, id in enumerate(getattr(rule, field)):
                    self._known(("outbound", rule.id, field, str(position)), kind, id, ids)

    def _numbers(self) -> None:
        first: dict[str, str] = {}
        for number in self._settings.numbers:
            for form in number_forms(number, self._settings.country):
                other = first.setdefault(form, number)
                if other != number:
                    text = f"A trunk may deliver {shown(form)} for this number and for {shown(other)}."
                    self._at(("numbers", number), text, "Remove one of them.")
                    break

    def _menus(self) -> None:
        s = self._settings
        out = leads_out(s.menus)
        above = parents(s.menus)
        for id in endless(s.menus):
            text = (
                f"A caller of the menu {shown(id)} who presses no key is led back to it: a silent line never ends."
            )
            self._at(
                ("menus", id, "otherwise"), text, "Let it lead to a queue, an extension or a message, or hang up."
            )
        for menu in s.menus.values():
            if menu.id not in out:
                text = f"No key of the menu {shown(menu.id)} leads out of the menus."
                remedy = "Add a choice that goes to a queue, an extension or a message, or hangs up."
                self._at(("menus", menu.id), text, remedy)
            for key, to in menu.choices.items():
                if to.back and not above.get(menu.id):
                    text = f"No other menu leads to {shown(menu.id)}, so there is nothing to go back to."
                    self._at(("menus", menu.id, "choices", key), text, warning=True)
            if menu.extensions:
                self._slow_keys(menu)

    def _slow_keys(self, menu: Menu) -> None:
        """Keys after which the menu has to wait for more, in case an extension is being dialled."""
        beginnings = {phone[0]: phone for phone in sorted(self._settings.phones, reverse=True)}
        for key in menu.choices:
            if key in beginnings:
                text = f'The extension {beginnings[key]} begins with "{key}" too, so this choice has to wait'
                remedy = "Use another key, or other extensions."
                self._at(("menus", menu.id, "choices", key), f"{text} for more keys.", remedy, warning=True)

    def _queues(self) -> None:
        for queue in self._settings.queues.values():
            path = ("queues", queue.id)
            if not queue.agents:
                text = f"The queue {shown(queue.id)} has no agents: nobody will answer."
                self._at((*path, "agents"), text, warning=True)
            for position, agent in enumerate(queue.agents):
                if agent in queue.agents[:position]:
                    text = f"The agent {shown(agent)} is in this queue twice."
                    self._at((*path, "agents", str(position)), text, "Remove one of them.")

    def _dispositions(self) -> None:
        for each in self._settings.dispositions.values():
            if not each.choices:
                self._at(("dispositions", each.id), f"The list {shown(each.id)} has no choices.")
            for shorter, longer in beginnings(each.choices):
                text = f"The disposition {longer} begins with the disposition {shorter}, so that one has to wait."
                remedy = "Let all of them have the same number of digits."
                self._at(("dispositions", each.id, "choices", longer), text, remedy, warning=True)

    def _groups(self) -> None:
        for group in self._settings.groups.values():
            unused = {"priority": group.priority, "greeting": group.greeting, "to": group.to}
            for field in (name for name, value in unused.items() if group.refuse and value):
                text = f"This is never used: callers of the group {shown(group.id)} are refused."
                remedy = 'Remove it, or "refuse" if they are welcome.'
                self._at(("groups", group.id, field), text, remedy, warning=True)

    def _clashes(self) -> None:
        for each in clashes(self._settings):
            self._at(each.path, each.text, each.remedy, warning=each.warning)

    def _codes(self) -> None:
        codes = {name: str(code) for name, code in vars(self._settings.codes).items()}
        for (name, code), (other, longer) in combinations(codes.items(), 2):
            if code.startswith(longer) or longer.startswith(code):
                same = "the same as" if code == longer else "not to be told apart from"
                text = f"The code {shown(longer)} of {other} is {same} {shown(code)} of {name}."
                self._at(("codes", other), text, "Let no code be the beginning of another.")
        for name, code in codes.items():
            for phone in self._settings.phones:
                if phone.startswith(code) or code.startswith(phone):
                    text = f"The code {shown(code)} of {name} is not to be told apart from the extension {phone}."
                    self._at(("codes", name), text, f'Begin it with a star, such as "{_standard(name)}".')

    def _ports(self) -> None:
        network = self._settings.network
        own = CONTROL_PORTS[self._settings.switch]
        names = ("sip_port", *own, *(("tls_port",) if network.tls_port else ()))
        ports = {name: int(getattr(network, name)) for name in names}
        for (name, port), (other, second) in combinations(ports.items(), 2):
            if port == second:
                path = ("network", other if self._written(("network", other)) else name)
                self._at(path, f"{name} and {other} are both {port}.", "Give one of them another port.")
        if network.rtp_last - network.rtp_first < 3:
            text = f"The ports {network.rtp_first} to {network.rtp_last} are not enough for a single call."
            self._at(("network", "rtp_last"), text, "A call takes four; rtp_first must be less than rtp_last.")
        for name, port in ports.items():
            if network.rtp_first <= port <= network.rtp_last:
                text = f"{name} {port} is one of the ports for sound, {network.rtp_first} to {network.rtp_last}."
                self._at(("network", name), text, "Give it a port outside of them.")

    def _certificate(self) -> None:
        network = self._settings.network
        for phone in self._settings.phones.values():
            if phone.secure and not network.tls_port:
                text = f"The phone {shown(phone.id)} is to come by TLS, which the switch does not speak."
                self._at(("phones", phone.id, "secure"), text, 'Give "network:" a "tls_port:".')
        for name in ("certificate", "key") if network.tls_port else ():
            file = getattr(network, name)
            if not os.path.exists(file):
                text = (
                    f"There is no file {file} on this machine: without its {name} the switch does not speak TLS."
                )
                self._at(("network", name), text, "The play makes it, or leave tls_port out.", warning=True)


def _sound_files(prompt: Prompt) -> list[tuple[str, Path]]:
    return [
        (language, piece.path) for language, piece in prompt.by_language.items() if isinstance(piece, SoundFile)
    ]


def _standard(name: str) -> str:
    return str(getattr(FeatureCodes(), name))
