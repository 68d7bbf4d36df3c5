"""Tasks as they are written: by when, who is told, and what is wrong or hardly meant."""

from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.secrets import needed
from appliance.settings import Disposition, Prompt, Say
from appliance.settings.tasks import Encryption, Escalation, Mail, Owing
from tests.unit.test_hardly_meant import directory as directory
from tests.unit.test_hardly_meant import said

TASKS = """
mail: {host: mail.example.com, from: us@example.com, user: us}
escalation:
  - {agent: owner}
  - {after: 30m, webhook: "https://example.com/late"}
  - {after: 1h, email: [a@example.com, b@example.com], hours: office}
  - {after: 2h, call: 201, say: "Late: {task}"}
queues:
  sales:
    dispositions: talks
dispositions:
  talks:
    choices:
      1: Solved
      2: {name: To be asked, task: {due: 8h, hours: office, owner: nobody}}
      3: {name: To be called}
"""


def with_tasks(directory: Path, text: str = TASKS) -> str:
    """The queue of the site has to be one with the rest of it."""
    site = directory / "site.yml"
    queues = "queues: {sales: {strategy: ring-all, agents: [1, 2]}}\n"
    site.write_text(site.read_text().replace(queues, ""))
    return text.replace("  sales:\n", "  sales:\n    strategy: ring-all\n    agents: [1, 2]\n")


def test_what_is_written(directory: Path) -> None:
    assert said(directory, with_tasks(directory)) == []
    settings = load(directory).settings
    assert settings is not None
    assert settings.escalation == (
        Escalation(0.0, agent="owner"),
        Escalation(1800.0, webhook="https://example.com/late"),
        Escalation(3600.0, email=("a@example.com", "b@example.com"), hours="office"),
        Escalation(7200.0, call="201", say=Prompt({"en": Say("Late: {task}")})),
    )
    assert settings.dispositions["talks"].choices == {
        "1": Disposition("1", "Solved"),
        "2": Disposition("2", "To be asked", Owing(8 * 3600.0, "office", is_owned=False)),
        "3": Disposition("3", "To be called"),
    }
    assert settings.mail == Mail("mail.example.com", "us@example.com", 587, Encryption.STARTTLS, "us")
    assert "mail" in needed(settings)


def test_what_a_queue_says_for_itself(directory: Path) -> None:
    own = "    callback: {task: {due: 1h}}\n    escalation: [{call: 201}]\n    dispositions: talks\n"
    text = with_tasks(directory, TASKS.replace("    dispositions: talks\n", own))
    (directory / "x.yml").write_text(text)
    reading = load(directory).reading
    queue = reading.settings.queues["sales"]
    assert queue.escalation == (Escalation(0.0, call="201"),)
    assert queue.callback is not None and queue.callback.task == Owing(3600.0)


@pytest.mark.parametrize("encryption, port", [("tls", 465), ("none", 25), ("starttls", 587)])
def test_the_port_of_mail_goes_with_its_encryption(directory: Path, encryption: str, port: int) -> None:
    mail = f"mail: {{host: localhost, from: us@example.com, encryption: {encryption}}}\n"
    said(directory, mail + "escalation: [{email: a@example.com}]\n")
    settings = load(directory).settings
    assert settings is not None and settings.mail is not None
    assert settings.mail.port == port and "mail" not in needed(settings)


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        ("{agent: owner}", "{after: 1h}", "A step tells one: here nobody is told."),
        ("{agent: owner}", "{agent: owner, call: 201}", "A step tells one: here call and agent are two steps."),
        ("{agent: owner}", "{agent: 7}", 'There is no agent "7".'),
        ("{agent: owner}", "{agent: boss}", '"boss" is not the number of an agent.'),
        ("{agent: owner}", "{agent: owner, hours: night}", 'There is no set of opening hours "night".'),
        ("{agent: owner}", "{email: us}", '"us" is not an e-mail address.'),
        ("{agent: owner}", "{email: a@example.com, say: Hello}", "Only who is called hears something."),
        ("https://example.com/late", "example.com", '"example.com" is not an address of the web'),
        ('"https://example.com/late"', "crm", 'There is no webhook "crm".'),
        ("call: 201", "call: 202", "202 is no phone here, and cannot be called"),
        (
            "call: 201",
            'call: "+79161234567"',
            "+79161234567 is no phone here, and cannot be called: no rule allows it.",
        ),
        ("after: 2h", "after: 10m", "This step comes before the one above it."),
        ("Late: {task}", "Late: {place}", "{place}, the caller's place in the line"),
        ("mail: {host: mail.example.com, from: us@example.com, user: us}\n", "", "E-mail cannot be sent"),
        ("from: us@example.com", "from: us", '"us" is not an e-mail address.'),
        ("owner: nobody", "owner: 1001", '"1001" is not known here.'),
        ("hours: office, owner", "hours: night, owner", 'There is no set of opening hours "night".'),
        ("name: To be asked, ", "", 'A disposition has no "name".'),
    ],
)
def test_what_is_wrong(directory: Path, before: str, after: str, complaint: str) -> None:
    text = with_tasks(directory)
    assert before in text
    (directory / "x.yml").write_text(text.replace(before, after, 1))
    checked = load(directory)
    assert checked.settings is None
    assert any(complaint in str(problem) for problem in checked.problems), checked.problems


CHAIN = TASKS[TASKS.index("escalation:") : TASKS.index("queues:")]


@pytest.mark.parametrize(
    "before, after, warning",
    [
        (CHAIN, "", 'Nobody is told when this task is late in the queue "sales".'),
        ("email: [a@example.com, b@example.com]", "call: 201", "No e-mail is ever sent."),
        ("user: us}", "user: us, encryption: none}", "The password for the mail server goes over the network"),
    ],
)
def test_what_is_hardly_meant(directory: Path, before: str, after: str, warning: str) -> None:
    text = with_tasks(directory)
    assert before in text
    found = said(directory, text.replace(before, after))
    assert any(warning in each for each in found), found
