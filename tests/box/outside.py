"""What those around the box find out about it."""

import socket
import ssl

from tests.box.box import Box
from tests.box.world import BOX_ADDRESS, PHONES

SERVICES = (
    "appliance",
    "appliance-provisioning",
    "appliance-backup.timer",
    "appliance-tidy.timer",
    "nftables",
    "fail2ban",
)


def everything_runs(box: Box, switch: str) -> None:
    for service in (switch, *SERVICES):
        active = box.ssh(f"systemctl is-active {service}; systemctl is-enabled {service}", check=False).stdout
        assert active.split() == ["active", "enabled"], service
    assert box.ssh("systemctl --failed --no-legend").stdout == ""


def sip_answers(from_: str) -> bool:
    """Whether the switch answers OPTIONS that comes from there."""
    request = (
        f"OPTIONS sip:{BOX_ADDRESS} SIP/2.0\r\nVia: SIP/2.0/UDP {from_}:5099;branch=z9hG4bK1\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:31@{from_}>;tag=1\r\nTo: <sip:{BOX_ADDRESS}>\r\n"
        f"Call-ID: {from_}\r\nCSeq: 1 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    with socket.socket(type=socket.SOCK_DGRAM) as ours:
        ours.bind((from_, 5099))
        ours.settimeout(2)
        ours.sendto(request.encode(), (BOX_ADDRESS, 5060))
        try:
            return ours.recv(4096).startswith(b"SIP/2.0")
        except TimeoutError:
            return False


def connects(from_: str, port: int) -> bool:
    try:
        with socket.create_connection((BOX_ADDRESS, port), timeout=2, source_address=(from_, 0)):
            return True
    except OSError:
        return False


def shown_certificate(port: int) -> str:
    """What a phone is shown there, whoever may have signed it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((BOX_ADDRESS, port), 5, (PHONES, 0)) as raw, context.wrap_socket(raw) as secure:
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(True) or b"")
