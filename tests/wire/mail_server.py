"""A mail server of its own process, which writes down each letter it takes: aiosmtpd, as people set up theirs.

Run as: python mail_server.py DIRECTORY CERTIFICATE KEY starttls|tls|none [USER PASSWORD]. Prints its port.
"""

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

REFUSED = "nobody@example.com"


class Handler:
    """Takes every letter, but for one addressee."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._count = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == REFUSED:
            return "550 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._count += 1
        letter = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "tls": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "content": (envelope.content or b"").decode("ascii"),  # type: ignore[union-attr]
        }
        (self._directory / f"{self._count}.json").write_text(json.dumps(letter))
        return "250 taken"


async def main(directory: Path, certificate: str, key: str, encryption: str, login: list[str]) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    wanted = LoginPassword(*(each.encode() for each in login)) if login else None

    def is_known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data == wanted, handled=False, auth_data=data)

    def make() -> SMTP:
        return SMTP(
            Handler(directory),
            tls_context=context if encryption == "starttls" else None,
            require_starttls=encryption == "starttls",
            authenticator=is_known if wanted else None,
            auth_required=wanted is not None,
            auth_require_tls=encryption == "starttls",
        )

    over_tls = context if encryption == "tls" else None
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0, ssl=over_tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]))
