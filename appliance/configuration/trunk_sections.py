"""The sections "trunks" and "outbound" of the YAML: what fields they have, and what each is made of."""

import re
from functools import partial

from appliance.configuration import fields
from appliance.configuration.documents import Items, Node, Table, Text
from appliance.configuration.outline import outline
from appliance.configuration.problems import Report, shown
from appliance.configuration.shapes import form, one_or_several, shaped
from appliance.configuration.tables import Fields, Wrong, attempt
from appliance.identify import to_e164
from appliance.settings.trunks import (
    TLS_PORT,
    CallerFrom,
    LineType,
    NumberForm,
    Numbers,
    OutboundRule,
    ShowIn,
    Transport,
    Trunk,
)

ANY = "any"
WITHHELD = "withheld"
_SOME_CODEC = 'Name a codec, or leave "codecs" out.'
_SOME_TRUNK = 'Name a trunk, or write "refuse: yes".'
_HOST_AND_PORT = re.compile(r"(.+?)(?::([0-9]{1,5}))?")
_PREFIX = re.compile(r"\+[0-9]{1,14}")
_DIALLED = re.compile(r"[0-9*#]{2,15}")
_TEST = re.compile(r"\+?[0-9*#]{2,20}")
_EXAMPLES = '"+7495*", "112", {country: RU}, {type: mobile} or any'
_count = fields.whole(1, 10_000)


def trunk(id: str, each: Fields) -> Trunk:
    """One trunk."""
    transport = each.take("transport", fields.member(Transport), Trunk.transport)
    read = Trunk(
        id=id,
        host=each.need("host", fields.host, ""),
        port=each.take("port", fields.port, TLS_PORT if transport is Transport.TLS else Trunk.port),
        transport=transport,
        srtp=each.take("srtp", fields.yes_or_no, Trunk.srtp),
        proxy=each.take("proxy", host_and_port, None),
        username=each.take("username", fields.username, None),
        register=each.take("register", fields.yes_or_no, False),
        from_user=each.take("from_user", fields.username, None),
        from_domain=each.take("from_domain", fields.host, None),
        addresses=each.items("addresses", fields.address),
        codecs=each.items("codecs", fields.one_of(*fields.CODECS), _SOME_CODEC) or Trunk.codecs,
        dtmf=each.take("dtmf", fields.one_of(*fields.DTMF), Trunk.dtmf),
        caller_from=each.take("caller_from", fields.member(CallerFrom), Trunk.caller_from),
        forwarded=each.take("forwarded", fields.yes_or_no, Trunk.forwarded),
        numbers=each.take("numbers", fields.member(NumberForm), Trunk.numbers),
        trusted=each.take("trusted", fields.yes_or_no, Trunk.trusted),
        show_in=each.items("show_in", fields.member(ShowIn)),
        early_media=each.take("early_media", fields.yes_or_no, Trunk.early_media),
        calls=each.take("calls", _count, None),
        calls_per_hour=each.take("calls_per_hour", _count, None),
        qualify=each.take("qualify", fields.duration, Trunk.qualify),
        expires=each.take("expires", fields.some_time, Trunk.expires),
        retry=each.take("retry", fields.some_time, Trunk.retry),
        test=each.take("test", test_number, None),
    )
    if read.register and not read.username:
        each.needed("username")
    return read


def outbound_rule(id: str, each: Fields, country: str, report: Report) -> OutboundRule:
    """One rule for outgoing calls."""
    refuse = each.take("refuse", fields.yes_or_no, False)
    none: tuple[Numbers, ...] = ()
    numbers = each.need("numbers", partial(read_numbers, country=country, report=report), none)
    trunks = each.items("trunks", fields.name, "" if refuse else _SOME_TRUNK)
    if not refuse:
        each.needed("trunks")
    show = each.take("show", partial(shown_number, country=country), None)
    return OutboundRule(
        id=id,
        numbers=numbers,
        trunks=trunks,
        refuse=refuse,
        emergency=each.take("emergency", fields.yes_or_no, False),
        phones=each.items("phones", fields.phone_id),
        show=None if show == WITHHELD else show,
        withhold=show == WITHHELD,
        calls=each.take("calls", _count, None),
        calls_per_hour=each.take("calls_per_hour", _count, None),
        ring_for=each.take("ring_for", fields.some_time, OutboundRule.ring_for),
    )


@shaped(form(_PREFIX.pattern))
def _prefix(node: Node) -> str:
    value = fields.text(node)
    if not _PREFIX.fullmatch(value):
        remedy = "Write it with + and the country's code, like +7495."
        raise Wrong(node.place, f"{shown(value)} is not the beginning of telephone numbers.", remedy)
    return value


def _kind_of_numbers(each: Fields) -> Numbers:
    return Numbers(
        prefix=each.take("prefix", _prefix, None),
        country=each.take("country", fields.country, None),
        type=each.take("type", fields.member(LineType), None),
    )


_NUMBERS = {
    "anyOf": [form(r"\+[0-9][0-9 ().-]*\*?|[0-9*#]{2,15}"), {**outline(_kind_of_numbers), "minProperties": 1}]
}


@shaped({"anyOf": [{"const": ANY}, one_or_several(_NUMBERS, least=1)]})
def read_numbers(node: Node, country: str, report: Report) -> tuple[Numbers, ...]:
    """The numbers a rule is about: one or a list of them; `any` is all there are."""
    if isinstance(node, Text) and node.text.strip() == ANY:
        return ()
    if isinstance(node, Items) and not node.items:
        report.add(node.place, "This list is empty.", f"Write numbers like {_EXAMPLES}.")
    nodes = node.items if isinstance(node, Items) else (node,)
    read = partial(_numbers, country=country, report=report)
    found = (attempt(read, each, None, report) for each in nodes)
    return tuple(each for each in found if each is not None)


def _numbers(node: Node, country: str, report: Report) -> Numbers:
    if isinstance(node, Table):
        each = Fields(node, "A kind of numbers", node.place, report)
        numbers = _kind_of_numbers(each)
        each.close()
        if numbers == Numbers():
            raise Wrong(node.place, "This says nothing of a number.", f"Write numbers like {_EXAMPLES}.")
        return numbers
    value = fields.text(node)
    if value.endswith("*") and _PREFIX.fullmatch(value[:-1]):
        return Numbers(prefix=value[:-1])
    if value.startswith("+"):
        number = to_e164(value, country)
        if number is not None:
            return Numbers(dialled=number)
    elif _DIALLED.fullmatch(value) and not (value[0].isdecimal() and value.endswith("*")):
        return Numbers(dialled=value)
    raise Wrong(node.place, f"{shown(value)} is no kind of numbers.", f"Write it like {_EXAMPLES}.")


@shaped(form(r"\+[0-9][0-9 ().-]*|withheld"))
def shown_number(node: Node, country: str) -> str:
    """A number of ours that is shown to whom we call, or "withheld"."""
    value = fields.text(node)
    if value == WITHHELD:
        return value
    number = to_e164(value, country) if value.startswith("+") else None
    if number is None:
        raise Wrong(
            node.place, f"{shown(value)} is not a telephone number.", "Write it like +74951234567, or withheld."
        )
    return number


@shaped(form(_TEST.pattern))
def test_number(node: Node) -> str:
    """A number to call: with + and the country's code, or just as the provider takes it."""
    value = fields.text(node)
    if not _TEST.fullmatch(value):
        remedy = "Write it like +74951234567."
        raise Wrong(node.place, f"{shown(value)} is not a number that can be called.", remedy)
    return value


@shaped(form(_HOST_AND_PORT.pattern))
def host_and_port(node: Node) -> str:
    """A host, perhaps with a port."""
    value = fields.text(node)
    found = _HOST_AND_PORT.fullmatch(value)
    if found is None or (found[2] and not 1 <= int(found[2]) <= 65535):
        raise Wrong(
            node.place, f"{shown(value)} is not a host with a port.", "Write it like sbc.example.com:5060."
        )
    fields.host(Text(node.place, found[1]))
    return value
