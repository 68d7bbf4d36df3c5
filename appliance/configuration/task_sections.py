"""The fields of the YAML about tasks: by when they are to be done, who is told of those that are late, and how."""

from collections.abc import Callable
from dataclasses import replace

from appliance.configuration import fields
from appliance.configuration.documents import Node, Table
from appliance.configuration.problems import Report
from appliance.configuration.shapes import TEXT, Shape, fields_of, form, one_or_several, shape_of
from appliance.configuration.tables import Fields, Wrong
from appliance.settings import Prompt
from appliance.settings.tasks import OWNER, Encryption, Escalation, Mail, Owing

_URL = r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[^\s]*)?"
_ID = r"[a-z0-9][a-z0-9-]{0,39}"
_EMAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}"
_WAYS = ("webhook", "email", "call", "agent")
_EXAMPLE = "Write it like {after: 30m, email: shift@example.com}."

receiver = fields.matching(
    rf"{_URL}|{_ID}", "an address of the web, nor the id of a webhook", "https://example.com/late, or crm"
)
email = fields.matching(_EMAIL, "an e-mail address", "shift@example.com")
_whom = fields.matching(rf"{OWNER}|[0-9]{{1,10}}", "the number of an agent", f"1001, or {OWNER}")
# As a phone dials it, or in full; which of the two it is, the phones tell.
_NUMBER = form(r"[+0-9(*#][0-9 ().*#-]{0,40}")
_OWING: Shape = fields_of(
    {"due": shape_of(fields.some_time), "hours": shape_of(fields.name), "owner": {"enum": ["agent", "nobody"]}}
)
CHOICE: Shape = {"anyOf": [TEXT, fields_of({"name": TEXT, "task": _OWING}, ("name",))]}


def step_shape(prompt: Shape) -> Shape:
    """One step of a chain."""
    ways = {
        "webhook": shape_of(receiver),
        "email": one_or_several(shape_of(email)),
        "call": _NUMBER,
        "agent": shape_of(_whom),
    }
    more = {"after": shape_of(fields.duration), "hours": shape_of(fields.name), "say": prompt}
    return {**fields_of({**more, **ways}), "anyOf": [{"required": [way]} for way in _WAYS]}


def step(
    node: Node, prompt: Callable[[Node], Prompt], outside_number: Callable[[Node], str], report: Report
) -> Escalation:
    """Who is told, and when."""
    each = Fields(node, "A step of the escalation", node.place, report)
    found = Escalation(
        after=each.take("after", fields.duration, 0.0),
        webhook=each.take("webhook", receiver, None),
        email=each.items("email", email),
        call=each.take("call", outside_number, None),
        agent=each.take("agent", _whom, None),
        say=each.take("say", prompt, None),
        hours=each.take("hours", fields.name, None),
    )
    each.close()
    if isinstance(node, Table):
        named = [way for way in _WAYS if way in node.entries]
        if len(named) != 1:
            says = "nobody is told" if not named else f"{' and '.join(named)} are two steps"
            remedy = f"Name one of {', '.join(_WAYS)}. {_EXAMPLE}"
            raise Wrong(node.place, f"A step tells one: here {says}.", remedy)
        if "say" in node.entries and named[0] in ("webhook", "email"):
            raise Wrong(node.entries["say"].key.place, "Only who is called hears something.", 'Remove "say".')
    return found


def owed(each: Fields) -> Owing:
    """By when a task is to be done."""
    return Owing(due=each.take("due", fields.some_time, Owing.due), hours=each.take("hours", fields.name, None))


def keyed(each: Fields) -> Owing:
    """The same of one that an agent opens, by a disposition."""
    owner = each.take("owner", fields.one_of("agent", "nobody"), "agent")
    return replace(owed(each), is_owned=owner == "agent")


def choice(node: Node, report: Report) -> tuple[str, Owing | None]:
    """What a disposition stands for: a name, or a table that says too what is left to be done."""
    if not isinstance(node, Table):
        return fields.text(node), None
    each = Fields(node, "A disposition", node.place, report)
    name = each.need("name", fields.text, "")
    task = each.section("task", keyed, None)
    each.close()
    return name, task


def mail(each: Fields) -> Mail:
    encryption = each.take("encryption", fields.member(Encryption), Mail.encryption)
    standard = {Encryption.TLS: 465, Encryption.NONE: 25}.get(encryption, Mail.port)
    return Mail(
        host=each.need("host", fields.host, ""),
        sender=each.need("from", email, ""),
        port=each.take("port", fields.port, standard),
        encryption=encryption,
        user=each.take("user", fields.text, None),
    )
