"""Sends an e-mail by the server that the site names."""

import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from appliance.settings.tasks import Encryption, Mail

TIMEOUT = 30.0  # seconds for each step of the conversation


class NotSent(Exception):
    """Nobody was told, and why, for a person."""


def message(mail: Mail, to: tuple[str, ...], subject: str, text: str, id: str, at: float) -> EmailMessage:
    """An e-mail whose Message-ID is made of `id`: who gets it twice can tell."""
    made = EmailMessage()
    made["Subject"] = " ".join(subject.split())
    made["From"] = mail.sender
    made["To"] = ", ".join(to)
    made["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    made["Message-ID"] = f"<{id}@{Address(addr_spec=mail.sender).domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, cte="quoted-printable")  # every server takes it
    return made


def send(mail: Mail, password: str | None, made: EmailMessage) -> str:
    """Hand it to the server; what that has said, for a person. Raises NotSent."""
    context = ssl.create_default_context()
    try:
        with _connected(mail, context) as server:
            if mail.encryption is Encryption.STARTTLS:
                server.starttls(context=context)
            if mail.user is not None:
                server.login(mail.user, password or "")
            refused = server.send_message(made)
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{mail.host} has answered {error.smtp_code} {_text(error.smtp_error)}") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise NotSent(f"{mail.host} takes none of the addresses: {_listed(error.recipients)}") from None
    except (smtplib.SMTPException, ssl.SSLError) as error:
        raise NotSent(f"{mail.host}: {error}") from None
    except OSError as error:
        raise NotSent(f"{mail.host}:{mail.port} cannot be reached: {error.strerror or error}") from None
    return f"taken by {mail.host}" + (f", but for {_listed(refused)}" if refused else "")


def _connected(mail: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    if mail.encryption is Encryption.TLS:
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT)


def _listed(refused: dict[str, tuple[int, bytes]]) -> str:
    return ", ".join(f"{address} ({code} {_text(said)})" for address, (code, said) in sorted(refused.items()))


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
