"""The call centre that is measured: an ordinary configuration directory, the same for either switch."""

from collections.abc import Mapping
from pathlib import Path

from appliance.settings import SwitchKind

ADDRESS = "127.0.0.3"  # the switch's, whose many ports nobody else uses there
SIP_PORT = 18060
AGI_PORT, AMI_PORT = 18073, 18038
ESL_PORT, EVENT_SOCKET_PORT = 18084, 18021
RTP_FIRST, RTP_LAST = 18100, 18999  # a waiting caller takes two, a talk four
AGENTS_AT = ("127.0.0.1", 18070)
CALLERS_AT = ("127.0.0.2", 18080)  # the trunk
SOUND_PORT = 18090  # all sound goes there, on either address, and nobody reads it

TRUNK = "bench"
MUSIC = Path(__file__).resolve().parents[2] / "config" / "music" / "waiting.wav"

# Queue -> its agents' phones. An agent's id is 1 and the phone's.
DESK, FLOOR, HELD, CROWD = "desk", "floor", "held", "crowd"
PHONES: Mapping[str, range] = {
    DESK: range(101, 109),
    FLOOR: range(201, 301),
    HELD: range(900, 901),
    CROWD: range(401, 451),
}
OURS = {DESK: "7001", FLOOR: "7002", HELD: "7003", CROWD: "7004"}  # what callers dial for the appliance
THEIRS = {DESK: "8001", FLOOR: "8002", HELD: "8003", CROWD: "8004"}  # ... and for the switch's own queue

SITE = f"""\
company: Bench
switch: {{switch}}
country: RU
time_zone: Europe/Moscow
language: en
fallback_after: 60s

network:
  sip_address: {ADDRESS}
  sip_port: {SIP_PORT}
  rtp_first: {RTP_FIRST}
  rtp_last: {RTP_LAST}
  agi_port: {AGI_PORT}
  ami_port: {AMI_PORT}
  esl_port: {ESL_PORT}
  event_socket_port: {EVENT_SOCKET_PORT}

trunks:
  {TRUNK}:
    host: {CALLERS_AT[0]}
    port: {CALLERS_AT[1]}
    addresses: [{CALLERS_AT[0]}]
    codecs: [alaw]

music:
  default: {MUSIC}
"""


def write_configuration(directory: Path, switch: SwitchKind) -> None:
    """The directory as an operator would write it."""
    directory.mkdir(parents=True)
    (directory / "site.yml").write_text(SITE.format(switch=switch.value))
    lines = ["numbers:"]
    lines += [f'  "{number}": {{open: {{queue: {queue}}}}}' for queue, number in OURS.items()]
    lines += ["", "queues:"]
    for queue, phones in PHONES.items():
        agents = ", ".join(map(agent_at, phones))
        lines += [f"  {queue}:", "    strategy: longest-idle", "    wrap_up: 0s", f"    agents: [{agents}]"]
    everybody = [phone for phones in PHONES.values() for phone in phones]
    lines += ["", "agents:", *(f"  {agent_at(phone)}: {{name: Agent {phone}}}" for phone in everybody)]
    contact = f"@{AGENTS_AT[0]}:{AGENTS_AT[1]}"
    lines += ["", "phones:"]
    lines += [f'  {phone}: {{codecs: [alaw], contact: "sip:{phone}{contact}"}}' for phone in everybody]
    (directory / "people.yml").write_text("\n".join(lines) + "\n")


def agent_at(phone: int) -> str:
    return f"1{phone}"
