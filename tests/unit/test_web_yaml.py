"""The HTTP port as it is written, and what is wrong with it or hardly meant."""

from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.secrets import needed
from appliance.settings.web import Form, FormField, Limit, Limits, Web
from tests.unit.test_hardly_meant import directory as directory
from tests.unit.test_hardly_meant import said

WEB = """
web:
  port: 8089
  url: https://calls.example.com/
  proxies: [127.0.0.1]
  origins: [https://example.com, "http://localhost:8000"]
  signature: yes
  limits: {per_address: 5/10m, per_number: 2/1h30m, all: 100/10m}
  form:
    departments: {tea: {ru: Чай, en: Tea}}
    fields:
      order: {label: Order number, longest: 20}
      topic: {label: {ru: Тема, en: Topic}, needed: yes}
    fill_in: 5s
queues: {tea: {name: Tea, strategy: ring-all, agents: [1], callback: {}}}
trunks: {north: {host: sip.example.com}}
outbound:
  emergency: {numbers: ["112"], emergency: yes, trunks: [north]}
  russia: {numbers: [{country: RU}], trunks: [north], show: "+74951234567"}
"""


def test_what_is_written(directory: Path) -> None:
    assert said(directory, WEB) == []
    settings = load(directory).settings
    assert settings is not None
    assert settings.web == Web(
        *(8089, "127.0.0.1", "https://calls.example.com", ("127.0.0.1",)),
        *(("https://example.com", "http://localhost:8000"), True),
        Limits(Limit(5, 600.0), Limit(2, 5400.0), Limit(100, 600.0)),
        Form(
            {"tea": {"ru": "Чай", "en": "Tea"}},
            {
                "order": FormField({"en": "Order number"}, 20),
                "topic": FormField({"ru": "Тема", "en": "Topic"}, needed=True),
            },
            5.0,
        ),
    )
    assert settings.web.base == "https://calls.example.com"
    assert "web-signature" in needed(settings)


def test_without_a_word_it_listens_on_this_machine_alone(directory: Path) -> None:
    said(directory, "web: {port: 8089}")
    settings = load(directory).settings
    assert settings is not None and settings.web is not None
    assert settings.web.base == "http://127.0.0.1:8089" and not settings.web.proxies and not settings.web.origins
    assert "web-signature" not in needed(settings)


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        ("port: 8089", "address: 127.0.0.1", 'The section "web" has no "port".'),
        ("port: 8089", "port: 5060", "Port 5060 of the web is that of sip_port too."),
        ("https://example.com", "https://example.com/", "is no site as browsers name it"),
        ("https://example.com", '"*"', "is no site as browsers name it"),
        ("https://calls.example.com/", "calls.example.com", "is not an address of the web"),
        ("5/10m", "5", "does not say how many in which time"),
        ("5/10m", "0/10m", "does not say how many in which time"),
        ("5/10m", "5/0m", "does not say how many in which time"),
        ("tea: {ru: Чай", "milk: {ru: Чай", 'There is no queue "milk".'),
        (", callback: {}", "", 'The queue "tea" calls nobody back'),
        ("order:", "Order!:", "is not the id of a field"),
        ("longest: 20", "longest: 2000", "is not a whole number from 1 to 300"),
        ("[127.0.0.1]", "[proxy]", "is not an IP address or network"),
    ],
)
def test_what_is_wrong(directory: Path, before: str, after: str, complaint: str) -> None:
    assert before in WEB
    (directory / "x.yml").write_text(WEB.replace(before, after, 1))
    checked = load(directory)
    assert checked.settings is None
    assert any(complaint in str(problem) for problem in checked.problems), checked.problems


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        ("port: 8089", "port: 8089\n  address: 0.0.0.0", "without TLS"),
        ("[127.0.0.1]", "[0.0.0.0/0]", "is everybody"),
        ("  proxies: [127.0.0.1]\n", "", "all of them are one address"),
        ("https://example.com", "http://example.com", "has no TLS"),
        ("100/10m", "2/10m", "more than everybody together"),
    ],
)
def test_what_is_hardly_meant(directory: Path, before: str, after: str, complaint: str) -> None:
    assert before in WEB
    (warning,) = said(directory, WEB.replace(before, after, 1))
    assert complaint in warning


def test_a_port_over_which_nothing_can_be_asked_for(directory: Path) -> None:
    (warning,) = said(directory, "web: {port: 8089}")
    assert "no queue calls customers back" in warning
