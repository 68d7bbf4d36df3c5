"""The section `webhooks:` of the YAML, and the keys by which what is told is signed."""

import wave
from base64 import b64decode
from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.secrets import Secrets, add_missing
from appliance.settings import Settings, Told, Webhook
from tests.unit.test_mistakes import SITE

FULL = """\
webhooks:
  crm: {url: "https://crm.example.com/calls?from=us"}
  sms:
    url: https://sms.example.com
    events: [promised, reminder]
    remind: 1h
    timeout: 5s
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "site.yml").write_text(SITE)
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return tmp_path


def told(directory: Path, written: str) -> list[str]:
    (directory / "webhooks.yml").write_text(written)
    return [str(problem) for problem in load(directory).problems]


def settings(directory: Path) -> Settings:
    (directory / "webhooks.yml").write_text(FULL)
    checked = load(directory)
    assert checked.settings is not None, checked.problems
    return checked.settings


def test_what_is_read(directory: Path) -> None:
    assert settings(directory).webhooks == {
        "crm": Webhook("crm", "https://crm.example.com/calls?from=us", tuple(Told), 1800.0, 10.0),
        "sms": Webhook("sms", "https://sms.example.com", (Told.PROMISED, Told.REMINDER), 3600.0, 5.0),
    }


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("crm: {events: [ended]}", 'has no "url"'),
        ("crm: {url: crm.example.com}", '"crm.example.com" is not an address of the web.'),
        ('crm: {url: "https://me:hush@example.com/"}', "is not an address of the web."),
        ('crm: {url: "https://example.com:port/"}', "is not an address of the web."),
        ('crm: {url: "https:///calls"}', "is not an address of the web."),
        ("crm: {url: https://example.com, events: [reminders]}", 'Did you mean "reminder"?'),
        ("crm: {url: https://example.com, events: []}", "This list is empty."),
        ("crm: {url: https://example.com, secret: hush}", 'has no field "secret"'),
        ("crm: {url: http://crm.example.com/}", "sends names and numbers of customers unencrypted."),
    ],
)
def test_what_is_wrong(directory: Path, written: str, said: str) -> None:
    found = told(directory, f"webhooks:\n  {written}\n")
    assert len(found) == 1 and said in found[0]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080"])
def test_this_machine_may_be_told_unencrypted(directory: Path, host: str) -> None:
    assert told(directory, f'webhooks:\n  crm: {{url: "http://{host}/calls"}}\n') == []


def test_the_keys_are_made_up(directory: Path) -> None:
    file = directory / "secrets.yml"
    made = add_missing(file, settings(directory))
    assert {"webhook-crm", "webhook-sms"} <= set(made)
    key = Secrets.read(file).get("webhook-crm")
    assert key.startswith("whsec_") and len(b64decode(key.removeprefix("whsec_"))) == 32
