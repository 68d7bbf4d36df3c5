"""Where calls go in extensions.conf: its applications, line by line, as steps. Pure.

What is understood: Playback, Background and WaitExten with the keys of the same context, Goto, GotoIfTime, Queue,
Dial of a phone or several, VoiceMail and the ends of a call. Everything else is passed over and named.
"""

import re
from collections.abc import Mapping, Sequence

from appliance.importing.asterisk_dialplan import Context, Line
from appliance.importing.clocks import NotUnderstood, read_gotoiftime
from appliance.importing.draft import HANG_UP, Draft, Piece, Topic, Value
from appliance.importing.people import agent
from appliance.importing.routes import GONE, Clock, Folding, Go, Memory, Say, Step
from appliance.importing.voices import NOBODY
from appliance.importing.words import length, line

_QUIET = frozenset(
    (
        "answer",
        "noop",
        "verbose",
        "log",
        "wait",
        "ringing",
        "progress",
        "proceeding",
        "resetcdr",
        "nocdr",
        "musiconhold",
    )
)
_ENDS = frozenset(("hangup", "busy", "congestion", "return"))
_QUIET_SETTINGS = ("timeout(", "channel(language)", "channel(musicclass)", "cdr(", "cdr_prop(", "__")
_DEVICE = re.compile(r"(?:PJSIP|SIP)/([0-9]{2,10})", re.IGNORECASE)
_KEYS = "0123456789*#"
_WAITING = ("background", "waitexten")
SPECIAL = ("s", "t", "i", "h", "o", "a", "T")


class Ways:
    """Follows a call through contexts. Makes a menu of each place that waits for a key."""

    def __init__(self, contexts: Mapping[str, Context], draft: Draft, folding: Folding) -> None:
        self._contexts, self._draft, self.folding = contexts, draft, folding
        self._queues: dict[str, str] = {}
        self._memory = Memory()
        self._menus: dict[tuple[str, str, int], str] = {}

    def add_queue(self, name: str, id: str) -> None:
        self._queues[name] = id

    def reach(self, context: str) -> list[Context]:
        """A context and all that it includes, each once, in the order in which they are asked for an extension."""
        found: dict[str, Context] = {}
        to_do = [context]
        while to_do:
            name = to_do.pop(0)
            if name in self._contexts and name not in found:
                found[name] = self._contexts[name]
                to_do = [*found[name].includes, *to_do]
        return list(found.values())

    def lines(self, context: str, exten: str) -> list[Line]:
        """The lines of an extension, here or in what is included."""
        return next((found for each in self.reach(context) if (found := each.matching(exten))), [])

    def all_of(self, context: str) -> dict[str, list[Line]]:
        """Every extension of a context and of what it includes."""
        found: dict[str, list[Line]] = {}
        for each in self.reach(context):
            found = {**each.extensions, **found}
        return found

    def step(self, context: str, exten: str, at: int = 0, where: str = "") -> Step:
        """What happens to a call from a line on."""
        if not self.lines(context, exten):
            return self._lost(f"{context},{exten}", where, "is not in the dialplan")
        found = self._memory.step((context, exten, at), lambda: self._made(context, exten, at))
        return found or self._lost(f"{context},{exten}", where, "leads round in a circle")

    def _made(self, context: str, exten: str, at: int) -> Step:
        lines = self.lines(context, exten)
        for n in range(at, len(lines)):
            lines[n].is_used = True
            each = lines[n].dialled(exten)
            if is_quiet(each):
                continue
            if each.application in _WAITING:
                return Go({"menu": self._menu(context, exten, n)})
            if each.application == "playback":
                then = self.step(context, exten, n + 1, each.where) if n + 1 < len(lines) else GONE
                pieces = pieces_of(each)
                return Say(pieces, then, _first(pieces), each.where) if pieces else then
            if each.application == "goto":
                return self.target(context, exten, each.data, each.where)
            if each.application == "gotoiftime":
                return self._timed(each, context, exten, n)
            found = self._end(each, lines[n + 1 :])
            if found is not None:
                return found
            self._draft.note(Topic.REST, each.where, f"{each} is not understood; the call goes on without it.")
        return GONE

    def _lost(self, what: str, where: str, why: str) -> Step:
        self._draft.note(Topic.REST, where, f"The destination {what} {why}; the call ends there.")
        return GONE

    def target(self, context: str, exten: str, data: str, where: str) -> Step:
        """[[context,]extension,]priority, as Goto has it."""
        parts = [part.strip() for part in data.split(",")]
        priority = parts.pop() if parts else ""
        exten = parts.pop() if parts else exten
        context = parts.pop() if parts else context
        lines = self.lines(context, exten)
        at = next((n for n, each in enumerate(lines) if each.label == priority and priority), None)
        if at is None:
            at = int(priority) - 1 if priority.isdecimal() and priority != "0" else 0
        menu = next((n for n in range(at, -1, -1) if (context, exten, n) in self._menus), None)
        if menu is not None and all(is_quiet(each) for each in lines[at:menu]):
            return Go({"menu": self._menus[context, exten, menu]})
        return self.step(context, exten, at, where)

    def _timed(self, each: Line, context: str, exten: str, n: int) -> Step:
        times, _, ways = each.data.partition("?")
        match, _, other = ways.partition(":")
        going_on = self.step(context, exten, n + 1, each.where)
        to = self.target(context, exten, match, each.where) if match else going_on
        otherwise = self.target(context, exten, other, each.where) if other else going_on
        try:
            rule = read_gotoiftime(times)
        except NotUnderstood:
            self._draft.note(
                Topic.HOURS, each.where, f"The times {times} are not understood; they are never met here."
            )
            return otherwise
        return Clock(context if exten == "s" else f"{context} {exten}", (rule,), to, otherwise, each.where)

    def _end(self, each: Line, after: Sequence[Line]) -> Step | None:
        """Where the way of a call ends, or somebody is called."""
        if each.application in _ENDS:
            return Go(HANG_UP)
        if each.application == "queue":
            parts = [part.strip() for part in each.data.split(",")]
            id = self._queues.get(parts[0])
            if id is None:
                return self._lost(f"queue {parts[0]}", each.where, "is not in queues.conf")
            wait = parts[4] if len(parts) > 4 else ""
            when = f" after {length(int(wait))}" if wait.isdecimal() else ""
            self._pass(after, f"the queue {parts[0]} gives a caller up{when}")
            return Go({"queue": id})
        if each.application == "voicemail":
            text = (
                f"Callers reach the voicemail of {each.data}; there is none here, they hear that nobody answers."
            )
            self._draft.note(Topic.PEOPLE, each.where, text)
            self._pass(after, "a message has been left")
            return Go({"message": self._draft.said(NOBODY)})
        if each.application == "dial":
            return self._dial(each, after)
        return None

    def _pass(self, lines: Sequence[Line], when: str) -> None:
        """What comes after the end of a way here."""
        for each in lines:
            if not each.is_used and not is_quiet(each) and each.application not in _ENDS:
                self._draft.note(Topic.REST, each.where, f"{each}, when {when}, is not imported.")
            each.is_used = True

    def _dial(self, each: Line, after: Sequence[Line]) -> Step:
        devices, _, rest = each.data.partition(",")
        seconds = rest.partition(",")[0].strip()
        phones = [found[1] for device in devices.split("&") if (found := _DEVICE.fullmatch(device.strip()))]
        known = [phone for phone in phones if self._draft.has("phones", phone)]
        self._pass(after, "nobody answers")
        if not known or len(known) < len(devices.split("&")):
            text = f"{each} calls something that is no phone of this system"
            if not known:
                self._draft.note(Topic.TRUNKS, each.where, f"{text}; the call ends there.")
                return GONE
            self._draft.note(Topic.QUEUES, each.where, f"{text} too; it is left out.")
        if len(known) == 1:
            return Go({"extension": known[0]})
        return Go({"queue": self._group(each, known, seconds)})

    def _group(self, each: Line, phones: Sequence[str], seconds: str) -> str:
        """Several phones that ring at once become a queue."""
        name = f"dial-{'-'.join(phones)}"
        if name not in self._queues:
            id = self._draft.new_id("queues", name, "group")
            names = self._draft.section("phones")
            agents: list[Value] = [
                agent(self._draft, phone, str(names[phone].fields["name"]), each.where) for phone in phones
            ]
            fields: dict[str, Value] = {
                "name": f"Phones {', '.join(phones)}",
                "strategy": "ring-all",
                "agents": agents,
            }
            if seconds.isdecimal() and int(seconds):
                fields["ring_for"] = length(int(seconds))
            self._draft.add("queues", id, fields, f"{each} ({each.where})")
            text = f"{each} is the queue {id} now: its phones ring once their agents have signed on"
            self._draft.note(Topic.QUEUES, each.where, f"{text}, and callers wait until one of them answers.")
            self._queues[name] = id
        return self._queues[name]

    # Menus

    def _menu(self, context: str, exten: str, at: int) -> str:
        """The menu that begins with this line: what is heard, how long is waited, and the keys of the context."""
        key = (context, exten, at)
        if key in self._menus:
            return self._menus[key]
        lines = self.lines(context, exten)
        name = context if exten == "s" else f"{context} {exten}"
        id = self._menus[key] = self._draft.new_id("menus", name, "menu")
        self._draft.section("menus")[id] = self._draft.blank(id)
        pieces: list[Piece] = []
        wait = ""
        end = at
        while end < len(lines) and (lines[end].application in _WAITING or is_quiet(lines[end])):
            lines[end].is_used = True
            if lines[end].application == "background" and not (
                wait and _names(pieces_of(lines[end])) == _names(pieces)
            ):
                pieces += pieces_of(lines[end])
            elif lines[end].application == "waitexten":
                wait = lines[end].data.partition(",")[0]
            end += 1
        choices = self._choices(context, exten, id)
        otherwise: Step = GONE
        if self.lines(context, "t"):
            otherwise = self.step(context, "t", 0, lines[at].where)
            self._pass(lines[end:], "no key is pressed")
        elif end < len(lines):
            otherwise = self.step(context, exten, end, lines[end].where)
        wrong = self._wrong(context)
        fields: dict[str, Value] = {
            "prompt": self._draft.prompt(pieces) if pieces else line(name),
            "choices": choices,
            **({"extensions": "yes"} if self._dials_phones(context) else {}),
            **(
                {"wait": length(int(float(wait)))}
                if re.fullmatch(r"\d+(\.\d+)?", wait) and float(wait) >= 1
                else {}
            ),
            **({"wrong": self._draft.prompt(wrong)} if wrong else {}),
        }
        to = self.folding.destination(otherwise, lines[at].where)
        if to == {"menu": id}:
            text = f"Callers of the menu {id} who press no key hear it again for ever; here three times."
            self._draft.note(Topic.MENUS, lines[at].where, text)
        elif to != HANG_UP:
            fields["otherwise"] = to
        if not pieces:
            self._draft.note(
                Topic.MENUS, lines[at].where, f"The menu {id} says nothing; its name is read instead."
            )
        self._draft.fill("menus", id, fields, f"the context {context} ({lines[at].where})")
        return id

    def _choices(self, context: str, own: str, id: str) -> dict[str, Value]:
        choices: dict[str, Value] = {}
        here = list(self._contexts[context].extensions.values()) if context in self._contexts else []
        for exten, lines in self.all_of(context).items():
            if len(exten) == 1 and exten in _KEYS:
                step = self.step(context, exten, 0, lines[0].where)
                choices[exten] = self.folding.destination(step, lines[0].where)
            elif exten in (*SPECIAL, own) or _is_phones(lines) or lines not in here:
                continue
            elif not (exten.isdecimal() and self._draft.has("phones", exten)):
                text = f"The menu {id} has the choice {exten}: here a choice is one key (0 to 9, * or #)."
                self._draft.note(Topic.MENUS, lines[0].where, text)
        return choices

    def _dials_phones(self, context: str) -> bool:
        """Whether callers can dial extensions there."""
        found = False
        for exten, lines in self.all_of(context).items():
            if _is_phones(lines) or (exten.isdecimal() and self._draft.has("phones", exten)):
                found = True
                self.use_phone(lines)
        return found

    def use_phone(self, lines: Sequence[Line]) -> None:
        """The lines that ring a phone: here every phone can be dialled without."""
        for n, each in enumerate(lines):
            if each.application == "dial":
                each.is_used = True
                self._pass(lines[n + 1 :], "nobody answers")
                break
            each.is_used = each.is_used or is_quiet(each)

    def _wrong(self, context: str) -> list[Piece]:
        """What callers hear who press a wrong key; after it the menu is heard again."""
        pieces: list[Piece] = []
        for each in self.lines(context, "i"):
            each.is_used = True
            if each.application in ("playback", "background"):
                pieces += pieces_of(each)
            elif not is_quiet(each) and each.application not in (*_ENDS, "goto"):
                text = f"{each}, after a wrong key, is not imported: the menu is heard again."
                self._draft.note(Topic.MENUS, each.where, text)
        return [piece for piece in pieces if piece.name not in ("invalid", "pbx-invalid", "option-is-invalid")]


def is_quiet(each: Line) -> bool:
    """Whether a line does nothing that a caller would notice."""
    name = each.data.lower()
    return each.application in _QUIET or (each.application == "set" and name.startswith(_QUIET_SETTINGS))


def left_of(lines: Sequence[Line]) -> list[Line]:
    """The lines of an extension that nobody has followed, as far as they do anything; one of them at least."""
    unused = [each for each in lines if not each.is_used]
    return [each for each in unused if not is_quiet(each) and each.application not in _ENDS] or unused[:1]


def _is_phones(lines: Sequence[Line]) -> bool:
    """Whether an extension does nothing but ring the phone of its number."""
    return any(
        each.application == "dial" and re.match(r"(?i)(PJSIP|SIP)/\$\{EXTEN\}(,|$)", each.data) for each in lines
    )


def pieces_of(each: Line) -> tuple[Piece, ...]:
    """The sounds of Playback and Background."""
    names = [name.strip() for name in each.data.partition(",")[0].split("&")]
    return tuple(
        Piece(name, name.rpartition("/")[2].replace("-", " ").replace("_", " "), each.where)
        for name in names
        if name and not name.startswith("silence/")
    )


def _names(pieces: Sequence[Piece]) -> list[str]:
    return [piece.name for piece in pieces]


def _first(pieces: Sequence[Piece]) -> str:
    return pieces[0].text if pieces else ""
