"""A draft as YAML: every text comes back as it was, remarks stay remarks."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.configuration.problems import Report
from appliance.configuration.reading import read
from appliance.importing.draft import Draft, Piece, Remarked, Topic
from appliance.importing.words import id_of, length, line, number
from appliance.importing.writing import files_of, list_of, secrets_of
from appliance.secrets import Secrets
from appliance.settings import Say

SITE = {"company": "Tea", "country": "RU", "time_zone": "UTC", "language": "en"}


@settings(deadline=None, max_examples=80)  # files are written
@given(st.lists(st.text(min_size=1), min_size=4, max_size=4), st.text(), st.text())
def test_every_text_comes_back(texts: list[str], remark: str, origin: str) -> None:
    name, prompt, message, file = texts
    if not all(line(text) and line(text).lower() not in _NO_PROMPTS for text in texts):
        return
    draft = Draft(file)
    draft.site |= SITE
    draft.add("queues", "sales", {"name": line(name), "strategy": "ring-all", "agents": ["201"]}, origin)
    draft.add("agents", "201", {"name": line(name)}, origin)
    entry = draft.add(
        "menus",
        "main",
        {
            "prompt": Remarked(line(prompt), remark),
            "choices": {
                "1": {"queue": "sales"},
                "*": {"message": Remarked(line(message), remark)},
                "#": "hang up",
            },
        },
        origin,
    )
    entry.remarks.append(remark or "nothing")
    report = Report()
    with TemporaryDirectory() as directory:
        for each, text in files_of(draft).items():
            (Path(directory) / each).write_text(text, encoding="utf-8")
        read_back = read(Path(directory), report).settings
    assert not report.found
    assert read_back.queues["sales"].name == read_back.agents["201"].name == line(name)
    menu = read_back.menus["main"]
    assert menu.prompt.by_language == {"en": Say(line(prompt))}
    to = menu.choices["*"].message
    assert to is not None and to.by_language == {"en": Say(line(message))}
    assert menu.choices["1"].queue == "sales" and menu.choices["#"].hang_up


_NO_PROMPTS = ("yes", "on", "true", "no", "off", "false", "null", "~")


@settings(deadline=None, max_examples=80)
@given(st.dictionaries(st.sampled_from(["phone-201", "phone-202", "trunk-north"]), st.text(min_size=1)))
def test_every_secret_comes_back_or_is_refused(secrets: dict[str, str]) -> None:
    draft = Draft("x")
    kept = {name for name, value in secrets.items() if draft.secret(name, value)}
    with TemporaryDirectory() as directory:
        file = Path(directory) / "secrets.yml"
        file.write_text(secrets_of(draft), encoding="utf-8")
        file.chmod(0o600)
        read_back = Secrets.read(file)
        assert read_back.names() == kept
        assert all(read_back.get(name) == secrets[name] for name in kept)


def test_ids() -> None:
    assert id_of("Отдел продаж (1)", "x", ()) == "otdel-prodazh-1"
    assert id_of("Щука & Ёж", "x", ()) == "shchuka-ezh"
    assert id_of("Sales", "x", ("sales", "sales-2")) == "sales-3"
    assert id_of("你好", "queue-400", ()) == "queue-400"
    assert id_of("a" * 60, "x", ("a" * 40,)) == "a" * 36 + "-2"


def test_lengths_and_numbers() -> None:
    assert [length(n) for n in (0, 20, 60, 3661, 10**9)] == ["0s", "20s", "1m", "1h1m1s", "24h"]
    assert number("8 (495) 123-45-67", "RU") == "+74951234567"
    assert [number(each, "RU") for each in ("4420", "Sales", "_X.", "", "a b")] == [
        "4420",
        "sales",
        None,
        None,
        None,
    ]


def test_the_list_is_one_line_a_note() -> None:
    draft = Draft("a <b>")
    draft.note(Topic.MENUS, "x\ny", "first\n# second")
    text = list_of(draft, ["menus.yml:1: <problem>"])
    assert "- x y: first # second" in text and "&lt;problem>" in text
    assert "Everything was understood." in list_of(Draft("x"))


def test_words_that_were_read_aloud_stay_words() -> None:
    draft = Draft("x")
    assert draft.prompt([Piece("", "Hello  there", "here")]) == "Hello there"
    assert draft.notes == []
