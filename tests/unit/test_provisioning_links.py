"""One-time links, who may ask for them, and certificates."""

import os
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from appliance.trouble import Trouble
from provisioning import doorman
from provisioning.certificates import make_certificate
from provisioning.doorman import Doorman
from provisioning.links import TOKEN_BYTES, TOKEN_LENGTH, Links

NOW = 1_800_000_000.0
HOUR = 3600.0


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(tmp_path)


def test_a_token_is_long_and_stands_nowhere(links: Links, tmp_path: Path) -> None:
    tokens = {links.make("31", "yealink", NOW, HOUR) for _ in range(50)}
    assert len(tokens) == 50 and TOKEN_BYTES * 8 >= 128
    assert {len(token) for token in tokens} == {TOKEN_LENGTH}
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert not any(token.encode() in written for token in tokens)


def test_a_link_is_dead_once_it_was_used(links: Links) -> None:
    token = links.make("31", "yealink", NOW, HOUR)
    assert links.look(token, NOW) == links.look(token, NOW)  # looking does nothing
    link = links.use(token, "192.0.2.7", NOW)
    assert link is not None and (link.phone, link.format) == ("31", "yealink")
    assert links.use(token, "192.0.2.7", NOW) is None
    assert links.look(token, NOW) is None


def test_a_link_that_could_not_be_answered_lives_again(links: Links) -> None:
    token = links.make("31", "yealink", NOW, HOUR)
    link = links.use(token, "192.0.2.7", NOW)
    assert link is not None
    links.give_back(link)
    assert links.use(token, "192.0.2.7", NOW) == link


def test_a_link_expires(links: Links) -> None:
    token = links.make("31", "yealink", NOW, HOUR)
    assert links.look(token, NOW + HOUR - 1) is not None
    assert links.look(token, NOW + HOUR) is None
    assert links.use(token, "192.0.2.7", NOW + HOUR) is None


def test_revoking_kills_the_living_links_of_that_phone_alone(links: Links) -> None:
    mine, used, others = (links.make(phone, "yealink", NOW, HOUR) for phone in ("31", "31", "32"))
    links.use(used, "192.0.2.7", NOW)
    assert links.revoke("31", NOW) == 1
    assert links.revoke("31", NOW) == 0
    assert links.look(mine, NOW) is None
    assert links.look(others, NOW) is not None


def test_nobody_knows_a_link_by_part_of_it_or_by_its_digest(links: Links) -> None:
    token = links.make("31", "yealink", NOW, HOUR)
    link = links.look(token, NOW)
    assert link is not None
    for wrong in (token[:-1], token + "A", token.swapcase(), link.digest, "", "%"):
        assert links.use(wrong, "192.0.2.7", NOW) is None


def test_links_are_shared_between_processes_and_kept_to_their_owner(links: Links, tmp_path: Path) -> None:
    token = links.make("31", "yealink", NOW, HOUR)
    assert Links(tmp_path).use(token, "192.0.2.7", NOW) is not None
    assert links.look(token, NOW) is None
    for path in (tmp_path / "provisioning", tmp_path / "provisioning" / "links.sqlite3"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_belongs_to_the_owner_of_the_data(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    Links(tmp_path).make("31", "yealink", NOW, HOUR)
    for path in (tmp_path / "provisioning", tmp_path / "provisioning" / "links.sqlite3"):
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12345)


def test_links_that_died_long_ago_are_forgotten(links: Links, tmp_path: Path) -> None:
    old = links.make("31", "yealink", NOW, HOUR)
    link = links.look(old, NOW)
    assert link is not None
    links.make("31", "yealink", NOW + 40 * 86_400, HOUR)
    content = (tmp_path / "provisioning" / "links.sqlite3").read_bytes()
    assert content.count(b"yealink") >= 1
    links.give_back(link)  # of what is not there any more
    assert links.look(old, NOW) is None


def test_known_networks() -> None:
    guard = Doorman(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"])
    for known in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "2001:db8::1%eth0", "198.51.100.7"):
        assert guard.knows(known)
    for unknown in ("192.0.3.1", "198.51.100.8", "::1", "2001:db9::1", "", "pbx", "192.0.2.1.evil"):
        assert not guard.knows(unknown)


def test_who_guesses_too_often_is_looked_at_no_more_for_a_while() -> None:
    guard = Doorman([])
    for _ in range(doorman.MOST_WRONG):
        assert guard.is_patient_with("192.0.2.1", NOW)
        guard.was_wrong("192.0.2.1", NOW)
    assert not guard.is_patient_with("192.0.2.1", NOW)
    assert guard.is_patient_with("192.0.2.2", NOW)
    assert not guard.is_patient_with("192.0.2.1", NOW + doorman.FORGIVEN_EVERY - 2)
    assert guard.is_patient_with("192.0.2.1", NOW + doorman.FORGIVEN_EVERY + 1)


def test_a_network_of_ipv6_counts_as_one() -> None:
    guard = Doorman([])
    for last in range(doorman.MOST_WRONG):
        guard.was_wrong(f"2001:db8::{last}", NOW)
    assert not guard.is_patient_with("2001:db8::ffff", NOW)
    assert guard.is_patient_with("2001:db8:0:1::1", NOW)


def test_a_refusal_is_news_once_a_minute() -> None:
    guard = Doorman([])
    assert guard.is_news("192.0.2.1", NOW)
    assert not guard.is_news("192.0.2.1", NOW + 1)
    assert guard.is_news("192.0.2.2", NOW + 1)
    assert guard.is_news("192.0.2.1", NOW + doorman.LOG_EVERY)


@given(st.lists(st.ip_addresses(v=4).map(str), max_size=50))
def test_what_is_remembered_has_a_limit(addresses: list[str]) -> None:
    guard = Doorman([])
    before, doorman.MOST_ADDRESSES = doorman.MOST_ADDRESSES, 10
    try:
        for address in addresses:
            guard.was_wrong(address, NOW)
            guard.is_news(address, NOW)
        assert len(guard._wrong) <= 10 and len(guard._logged) <= 10
    finally:
        doorman.MOST_ADDRESSES = before


def test_a_certificate_is_what_a_phone_that_trusts_the_authority_believes(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "tls", ("pbx.example.com", "192.0.2.1"), "Severny Chai")
    certificate = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["pbx.example.com"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.1"]
    ssl.create_default_context(cafile=str(made.authority))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)
    assert made.made_authority
    for secret in (made.key, tmp_path / "tls" / "ca.key"):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_made_again_the_authority_stays_and_the_certificate_is_another(tmp_path: Path) -> None:
    first = make_certificate(tmp_path, ("pbx",), "Chai")
    authority, certificate = first.authority.read_bytes(), first.certificate.read_bytes()
    again = make_certificate(tmp_path, ("pbx",), "Chai")
    assert not again.made_authority
    assert again.authority.read_bytes() == authority
    assert again.certificate.read_bytes() != certificate


def test_an_authority_that_is_none_or_has_run_out_is_said(tmp_path: Path) -> None:
    make_certificate(tmp_path, ("pbx",), "Chai")
    with pytest.raises(Trouble, match="has run out"):
        make_certificate(tmp_path, ("pbx",), "Chai", datetime.now(UTC) + timedelta(days=4000))
    (tmp_path / "ca.crt").write_text("nonsense")
    with pytest.raises(Trouble, match="are no authority with its key"):
        make_certificate(tmp_path, ("pbx",), "Chai")
    other = make_certificate(tmp_path / "other", ("pbx",), "Chai")
    (tmp_path / "ca.crt").write_bytes(other.authority.read_bytes())
    with pytest.raises(Trouble, match="is not the key of"):
        make_certificate(tmp_path, ("pbx",), "Chai")
