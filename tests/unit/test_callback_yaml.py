"""Call-backs as they are written: what is understood, where it stands, and what is told of mistakes."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.line.promises import AttemptEnd, First
from appliance.settings import Destination, Queue, Say, Settings
from appliance.settings.callback import DELAYS, Callback, Redial, Slots

SITE = """
company: Tea
country: RU
time_zone: UTC
language: en
music: {default: music.wav}
phones: {201: {name: Desk}}
agents: {1: {name: Anna}, 2: {name: Boris}}
speech: {command: "cat > {file}"}
numbers: {"+74951234567": {open: {queue: support}}, "+74951234568": {open: {queue: sales}}}
trunks: {a: {host: 192.0.2.1, addresses: [192.0.2.1]}}
outbound:
  emergency: {numbers: ["112"], emergency: yes, trunks: a}
  premium: {numbers: [{type: premium}], refuse: yes}
  russia: {numbers: [{country: RU}], trunks: a}
  abroad: {numbers: any, phones: [201], trunks: a}
"""
OFFICE = 'hours: {office: {open: "mon-fri 9:00-18:00"}}'
OPEN = "hours: office, closed: {message: Closed.}, "


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "site.yml").write_text(SITE)
    (tmp_path / "music.wav").write_bytes((Path(__file__).parents[2] / "config/music/waiting.wav").read_bytes())
    return tmp_path


def write(directory: Path, support: str, sales: str = "", more: str = "") -> None:
    """Two queues with these fields besides."""
    queues = {"support": f"agents: [1], {support}", "sales": f"agents: [2], {sales}"}
    lines = [f"  {id}: {{strategy: in-order, {fields}}}".replace(", }", "}") for id, fields in queues.items()]
    (directory / "x.yml").write_text("\n".join(["queues:", *lines, more, ""]))


def problems(directory: Path, support: str, sales: str = "", more: str = "") -> list[str]:
    write(directory, support, sales, more)
    found = load(directory).problems
    return [f"{p.text} {p.remedy}".strip() + (" (warning)" if p.warning else "") for p in found]


def settings(directory: Path, support: str, sales: str = "", more: str = "") -> Settings:
    write(directory, support, sales, more)
    checked = load(directory)
    assert checked.settings is not None and not checked.problems, checked.problems
    return checked.settings


def queue(directory: Path, support: str, more: str = "") -> Queue:
    return settings(directory, support, more=more).queues["support"]


def test_everything_that_can_be_said_of_call_backs(directory: Path) -> None:
    support = queue(
        directory,
        OPEN + "callback: {first: agent, offer: {after: 30s, expected_wait: 3m}, "
        "key: 2, ring_for: 30s, tries: 5, again: {busy: 1m, no_answer: 2m, refused: 3m, unreachable: 4m, "
        "machine: 5m, no_agent: 20s, not_now: 1h}, expires: 3d, customer_hours: 10:00-20:30, "
        "rules: [russia, abroad], greeting: Hello., machine: Good bye., "
        "slots: {length: 15m, capacity: 4, days: 7, ahead: 1h, priority: 20m}, "
        "redial: {after: 10m, waited: 30s, within: 2h, tries: 2}}",
        OFFICE,
    )
    delays = {
        **DELAYS,
        AttemptEnd.BUSY: 60.0,
        AttemptEnd.NO_ANSWER: 120.0,
        AttemptEnd.REFUSED: 180.0,
        AttemptEnd.UNREACHABLE: 240.0,
        AttemptEnd.MACHINE: 300.0,
        AttemptEnd.NO_AGENT: 20.0,
        AttemptEnd.NOT_NOW: 3600.0,
    }
    rules = support.callback
    assert rules is not None and rules.greeting is not None and rules.machine is not None
    assert (rules.greeting.by_language["en"], rules.machine.by_language["en"]) == (Say("Hello."), Say("Good bye."))
    assert replace(rules, greeting=None, machine=None) == Callback(
        first=First.AGENT,
        offer_after=30.0,
        offer_wait=180.0,
        key="2",
        ring_for=30.0,
        tries=5,
        delays=delays,
        expires=3 * 86400.0,
        from_time=time(10),
        to_time=time(20, 30),
        rules=("russia", "abroad"),
        slots=Slots(900.0, 4, 7, 3600.0, 1200.0),
        redial=Redial(600.0, 30.0, 7200.0, 2),
    )
    assert support.keys == {"2": Destination(callback="support")}


def test_yes_is_all_that_holds_where_nothing_is_said(directory: Path) -> None:
    support = queue(directory, "callback: yes")
    assert support.callback == Callback() and support.keys == {"1": Destination(callback="support")}
    assert queue(directory, "callback: {}").callback == Callback()
    nobody = queue(directory, "callback: no")
    assert nobody.callback is None and not nobody.keys
    whole = queue(directory, OPEN + "callback: {slots: yes, redial: yes}", OFFICE).callback
    assert whole is not None and (whole.slots, whole.redial) == (Slots(), Redial())
    without = queue(directory, "callback: {slots: no, redial: no, machine: no}").callback
    assert without == Callback()


def test_a_machine_may_hear_our_own_words(directory: Path) -> None:
    read = settings(directory, "callback: {machine: yes}")
    rules = read.queues["support"].callback
    assert rules is not None and rules.machine == read.phrases["callback-machine"]
    words = "We are {company}. Until {when}."
    more = f"phrases: {{callback-machine: {{en: '{words}'}}}}"
    rules = settings(directory, "callback: {machine: yes}", more=more).queues["support"].callback
    assert rules is not None and rules.machine is not None and rules.machine.by_language["en"] == Say(words)


@pytest.mark.parametrize(
    "support, key, keys",
    [
        ("callback: yes, keys: {1: {callback: support}}", "1", {"1": False}),
        ("callback: yes, keys: {2: {callback: support}}", "2", {"2": False}),
        ("callback: {key: 3}, keys: {2: {callback: support}}", "3", {"2": False, "3": False}),
        ("callback: {slots: yes}, keys: {2: {callback: support, when: chosen}}", "1", {"1": False, "2": True}),
        ("callback: {slots: yes}, keys: {1: {callback: support, when: chosen}}", "1", {"1": True}),
    ],
)
def test_the_key_may_stand_among_the_others(
    directory: Path, support: str, key: str, keys: dict[str, bool]
) -> None:
    read = queue(directory, OPEN + support, OFFICE)
    assert read.callback is not None and read.callback.key == key
    assert read.keys == {each: Destination(callback="support", at_a_time=chosen) for each, chosen in keys.items()}


def test_destinations(directory: Path) -> None:
    read = settings(
        directory,
        OPEN + "callback: {slots: yes}, overflow: [{after: 5m, to: {callback: sales}}], "
        "when_empty: {to: {callback: support, when: chosen}}",
        "callback: yes, keys: {0: {menu: m}}",
        "menus: {m: {prompt: Hm., choices: {1: {callback: sales}, 2: {callback: support, when: chosen}}}}\n"
        "removed: {old: {callback: sales}}\n" + OFFICE,
    )
    now, chosen = Destination(callback="sales"), Destination(callback="support", at_a_time=True)
    support = read.queues["support"]
    assert support.overflow[0].to == read.removed["old"] == now
    assert support.when_empty is not None and support.when_empty.to == chosen
    assert read.menus["m"].choices == {"1": now, "2": chosen}
    assert (str(now), str(chosen)) == ("callback sales", "callback support")


def test_who_is_called_back_may_need_a_skill(directory: Path) -> None:
    keys = "keys: {1: {callback: support, needs: x>=2}, 2: {callback: support, when: chosen, needs: x}}"
    (directory / "agents.yml").write_text("agents: {3: {name: Clara, skills: {x: 5}}}")
    agents = "tiers: [{agents: [3]}], "
    read = queue(directory, f"{OPEN}{agents}callback: {{slots: yes}}, {keys}", OFFICE).keys
    assert [to.needs != Destination.needs for to in read.values()] == [True, True]
    assert [to.at_a_time for to in read.values()] == [False, True]


@pytest.mark.parametrize(
    "support, said",
    [
        ("callback: maybe", "“maybe” is neither yes nor no."),
        ("callback: {frist: agent}", "The section “callback” has no field “frist”. Did you mean “first”?"),
        ("callback: {first: anybody}", "“anybody” is not known here. Known here: agent, customer."),
        ("callback: {again: {bussy: 1m}}", "The section “again” has no field “bussy”. Did you mean “busy”?"),
        (
            "callback: {again: {busy: 1s}}",
            "“1s” is too soon: the customer would be called again and again.",
        ),
        ("callback: {expires: 3 years}", "“3 years” is not a length of time."),
        ("callback: {expires: 0s}", "A time of zero is of no use here."),
        (
            "callback: {customer_hours: 20:00-9:00}",
            "“20:00-9:00” are no times of the day.",
        ),
        ("callback: {customer_hours: [1, 2]}", "Text is expected here, not a list or a table."),
        ("callback: {slots: {length: 7m}}", "“7m” is no length for a time to choose"),
        ("callback: {key: 12}", "“12” is not a key of a telephone"),
        ("callback: {tries: 0}", "“0” is not a whole number from 1 to 20."),
        ("callback: [yes]", "The section “callback” must be a table of fields."),
        ("callback: {machine: [yes]}", "A prompt must be a table of fields."),
        ("callback: {greeting: yes}", "“yes” is not a prompt."),
        ("keys: {1: {callback: sales, when: tomorrow}}", "“tomorrow” is not known here. Known here: chosen."),
        ("keys: {1: {queue: sales, when: chosen}}", "Only of a call-back one chooses the time. Write it like"),
        ("keys: {1: {calback: sales}}", "“calback” is not a kind of destination. Did you mean “callback”?"),
    ],
)
def test_mistakes(directory: Path, support: str, said: str) -> None:
    quotes = str.maketrans("“”", '""')
    found = [each for each in problems(directory, support, "callback: yes") if "(warning)" not in each]
    assert [each for each in found if each.translate(quotes).startswith(said.translate(quotes))], found


def test_where_things_stand(directory: Path) -> None:
    write(directory, "callback: {key: 2, offer: {after: 30s}}")
    reading = load(directory).reading
    line = (directory / "x.yml").read_text().splitlines()[1]
    place = reading.place("queues", "support", "keys", "2")  # where nobody has written keys
    assert (place.line, line[place.column - 1 :][:2]) == (2, "2,")
    place = reading.place("queues", "support", "callback", "offer", "after")
    assert line[place.column - 1 :].startswith("30s")


# Checks


@pytest.mark.parametrize(
    "support, sales, said",
    [
        ("keys: {1: {callback: sale}}", "", "x.yml:2:67: There is no queue “sale”. Did you mean “sales”?"),
        (
            "keys: {1: {callback: sales}}",
            "",
            "x.yml:2:67: The queue “sales” calls nobody back. Add callback: yes to",
        ),
        (
            "keys: {1: {callback: sales, when: chosen}}",
            "callback: yes",
            "x.yml:2:80: There are no times to choose: the queue “sales” has no slots. Add slots: yes below",
        ),
        (
            "callback: yes, keys: {1: {queue: sales}}",
            "",
            "x.yml:2:68: The key 1 is the one for a call-back of this queue, and leads elsewhere here: queue "
            "sales. Remove this one, or say below callback: that its key is “2”.",
        ),
        (
            "callback: {key: 2}, keys: {2: {callback: sales}}",
            "callback: yes",
            "x.yml:2:73: The key 2 is the one for a call-back of this queue, and leads elsewhere here: "
            "callback sales. Remove this one, or say below callback: that its key is “1”.",
        ),
        (
            "callback: {rules: [rusia]}",
            "",
            "x.yml:2:65: There is no rule for outgoing calls “rusia”. Did you mean",
        ),
        ("callback: {rules: emergency}", "", "x.yml:2:64: Emergency numbers are not called back."),
        ("callback: {rules: [premium, russia]}", "", "x.yml:2:65: By the rule “premium” every call is refused."),
        (
            "callback: {redial: {after: 2h, within: 1h}, customer_hours: 9:00-20:00}",
            "",
            "x.yml:2:85: Nobody is ever called: after 1h it is given up already. Let it be longer than after.",
        ),
    ],
)
def test_what_cannot_be(directory: Path, support: str, sales: str, said: str) -> None:
    write(directory, support, sales)
    quotes = str.maketrans("“”", '""')
    found = [str(each).removeprefix(f"{directory}/") for each in load(directory).problems if not each.warning]
    assert len(found) == 1 and found[0].startswith(said.translate(quotes)), found


NOBODY = "x.yml:2:56: Nobody can be called back for the queue “support”:"


@pytest.mark.parametrize(
    "outbound, said",
    [
        ("", f"{NOBODY} there is no trunk. Define one below"),
        (
            "trunks: {a: {host: 192.0.2.1, addresses: [192.0.2.1]}}",
            f"{NOBODY} no rule for outgoing calls is for all phones.",
        ),
        (
            "trunks: {a: {host: 192.0.2.1, addresses: [192.0.2.1]}}\n"
            "outbound: {help: {numbers: ['112'], emergency: yes, trunks: a}, "
            "x: {numbers: any, phones: 201, trunks: a}}",
            f"{NOBODY} no rule for outgoing calls is for all phones.",
        ),
    ],
)
def test_nobody_who_can_be_called(directory: Path, outbound: str, said: str) -> None:
    (directory / "site.yml").write_text(SITE[: SITE.index("trunks:")] + outbound)
    write(directory, "callback: yes")
    quotes = str.maketrans("“”", '""')
    (found,) = [str(each).removeprefix(f"{directory}/") for each in load(directory).problems if not each.warning]
    assert found.startswith(said.translate(quotes))
    (directory / "other.yml").write_text("trunks: [")  # may be there
    assert not [each for each in load(directory).problems if "Nobody can be called" in each.text]


HOURS = "hours: {{office: {{open: {0}}}}}"


@pytest.mark.parametrize(
    "support, more, said",
    [
        (
            "callback: {slots: yes}",
            "",
            "Times of the night may be chosen as well: the queue is always open. Say customer_hours",
        ),
        ("callback: {redial: yes}", "", "Who hangs up at night is called at night: the queue is always open. Say"),
        (
            OPEN + "callback: {customer_hours: 9:00-20:00}",
            HOURS.format("mon-fri 20:00-23:00"),
            "Customers who live by the clock of the hours “office” are never called back: those are never open "
            "from 09:00 to 20:00. Let the two have",
        ),
        (
            "callback: {expires: 20m}",
            "",
            "After refused or unreachable or machine nobody is called again: the call-",
        ),
        (
            "callback: {offer: {}}",
            "",
            "This does not say when callers are told of the call-back, so they never are.",
        ),
    ],
)
def test_what_is_hardly_meant(directory: Path, support: str, more: str, said: str) -> None:
    (found,) = problems(directory, support, more=more)
    assert found.startswith(said.translate(str.maketrans("“”", '""'))) and found.endswith("(warning)")


@pytest.mark.parametrize(
    "support, more",
    [
        ("callback: {slots: yes, redial: yes, customer_hours: 9:00-20:00}", ""),
        (OPEN + "callback: {slots: yes, redial: yes}", OFFICE),
        (OPEN + "callback: {customer_hours: 9:00-20:00}", HOURS.format("mon-fri 19:00-23:00")),
        ("callback: {expires: 20m, tries: 1}", ""),
        ("callback: {rules: abroad, offer: {after: 0s}}", ""),
        (OPEN.replace("{message: Closed.}", "{callback: support}") + "callback: yes", OFFICE),
        ("callback: yes, overflow: [{after: 5m, to: {callback: support}}]", ""),
    ],
)
def test_what_is_fine(directory: Path, support: str, more: str) -> None:
    assert problems(directory, support, more=more) == []


def test_a_queue_that_is_never_open_calls_nobody(directory: Path) -> None:
    never = 'hours: {office: {open: "mon 9:00-18:00", holidays: [01-01..12-31]}}'
    found = problems(directory, OPEN + "callback: yes", more=never)
    assert [each for each in found if each.startswith("Nobody is ever called back: by the hours")], found
