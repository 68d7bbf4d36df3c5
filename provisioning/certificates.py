"""Certificates for those who have no name in the public DNS: an authority of one's own, and what it signs."""

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.trouble import Trouble

AUTHORITY_LASTS = timedelta(days=3650)
SERVER_LASTS = timedelta(days=397)  # what phones and browsers believe at most
_SLACK = timedelta(hours=1)  # clocks of phones are slow


@dataclass(frozen=True)
class Made:
    """The files. Phones are to trust `authority`."""

    authority: Path
    certificate: Path
    key: Path
    made_authority: bool
    ends: datetime


def make_certificate(directory: Path, names: tuple[str, ...], company: str, now: datetime | None = None) -> Made:
    """A new key and certificate for a server with these names, signed by the authority in that directory, which is
    made if there is none. Raises Trouble, or OSError."""
    now = now or datetime.now(UTC)
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    authority, authority_key = directory / "ca.crt", directory / "ca.key"
    made_authority = not authority.exists() and not authority_key.exists()
    if made_authority:
        _make_authority(authority, authority_key, company, now)
    try:
        issuer = x509.load_pem_x509_certificate(authority.read_bytes())
        signer = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise Trouble(f"{authority} and {authority_key} are no authority with its key: {error}.") from None
    if not isinstance(signer, ec.EllipticCurvePrivateKey) or issuer.public_key() != signer.public_key():
        raise Trouble(f"{authority_key} is not the key of {authority}: remove both, and have them made anew.")
    key = ec.generate_private_key(ec.SECP256R1())
    ends = min(now + SERVER_LASTS, issuer.not_valid_after_utc)
    if ends <= now:
        raise Trouble(f"{authority} has run out: remove it and {authority_key}, and have them made anew.")
    certificate = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]), key, now, ends)
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA256())
    )
    made = Made(authority, directory / "server.crt", directory / "server.key", made_authority, ends)
    _write_key(made.key, key)
    _write(made.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return made


def _make_authority(file: Path, key_file: Path, company: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Phones of {company}"[:64])])
    certificate = (
        _builder(name, key, now, now + AUTHORITY_LASTS)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    _write(file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _builder(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode())


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(file, pem, 0o600)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Replaced as a whole, with its mode from the first moment, for whom the directory belongs to."""
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(content)
        if os.geteuid() == 0:
            owner = file.parent.stat()
            os.fchown(out.fileno(), owner.st_uid, owner.st_gid)
    new.replace(file)
