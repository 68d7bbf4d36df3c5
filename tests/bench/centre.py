"""The call centre that is measured: an ordinary configuration directory, and app_queue's queues beside it."""

from collections.abc import Mapping
from pathlib import Path

from appliance.names import trunk_context

ADDRESS = "127.0.0.1"
SIP_PORT = 18060
AGI_PORT = 18073
AMI_PORT = 18038
RTP_FIRST, RTP_LAST = 18100, 18999  # a waiting caller takes two, a talk four
AGENTS_AT = (ADDRESS, 18070)
CALLERS_AT = ("127.0.0.2", 18080)  # the trunk
SOUND_PORT = 18090  # all sound goes there, on either address, and nobody reads it

TRUNK = "bench"
MUSIC = Path(__file__).resolve().parents[2] / "config" / "music" / "waiting.wav"

# Queue -> its agents' phones. An agent's id is 1 and the phone's.
DESK, FLOOR, HELD = "desk", "floor", "held"
PHONES: Mapping[str, range] = {DESK: range(101, 109), FLOOR: range(201, 301), HELD: range(900, 901)}
OURS = {DESK: "7001", FLOOR: "7002", HELD: "7003"}  # what callers dial for the appliance
THEIRS = {DESK: "8001", FLOOR: "8002", HELD: "8003"}  # ... and for app_queue

# The fairest settings there are: nothing is announced, nobody is waited for, all free agents are tried at once,
# and `retry` (the pause after a round in which nobody could be reached) at its least. 0 would mean 5 s.
APP_QUEUE: Mapping[str, str] = {
    "strategy": "leastrecent",
    "autofill": "yes",
    "wrapuptime": "0",
    "retry": "1",
    "timeout": "20",
    "ringinuse": "no",
    "memberdelay": "0",
    "joinempty": "yes",
    "leavewhenempty": "no",
    "announce-frequency": "0",
    "announce-holdtime": "no",
    "announce-position": "no",
    "reportholdtime": "no",
    "musicclass": "default",
}

SITE = f"""\
company: Bench
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

trunks:
  {TRUNK}:
    host: {CALLERS_AT[0]}
    port: {CALLERS_AT[1]}
    addresses: [{CALLERS_AT[0]}]
    codecs: [alaw]

music:
  default: {MUSIC}
"""


def write_configuration(directory: Path) -> None:
    """The directory as an operator would write it."""
    directory.mkdir(parents=True)
    (directory / "site.yml").write_text(SITE)
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


def with_app_queue(files: Mapping[str, str]) -> dict[str, str]:
    """What the renderer wrote, and app_queue's queues with the same phones, reached by the same trunk."""
    queues, extensions = [], [f"[{trunk_context(TRUNK)}](+)"]
    for queue, number in THEIRS.items():
        queues += ["", f"[bench-{queue}]", *(f"{key} = {value}" for key, value in APP_QUEUE.items())]
        if queue != HELD:
            queues += [f"member => PJSIP/{phone}" for phone in PHONES[queue]]
        extensions += [f"exten => {number},1,Answer()", f" same => n,Queue(bench-{queue})", " same => n,Hangup()"]
    return {
        **files,
        "queues.conf": files["queues.conf"] + "\n".join(queues) + "\n",
        "extensions.conf": files["extensions.conf"] + "\n" + "\n".join(extensions) + "\n",
    }
