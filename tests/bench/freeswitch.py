"""FreeSWITCH under the bench, with mod_callcenter."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from appliance.lab.freeswitch import LabFreeSwitch, find_freeswitch
from appliance.names import DOMAIN, trunk_context
from dialplan.render import Paths
from tests.bench import centre
from tests.bench.figures import Targets

START_WITHIN = 60.0  # it makes keys for itself at the first start

# The fairest settings there are: nobody is waited for or passed over, and no tiers are looked at.
QUEUE: Mapping[str, str] = {
    "strategy": "longest-idle-agent",
    "moh-sound": "local_stream://default",
    "time-base-score": "queue",
    "max-wait-time": "0",
    "max-wait-time-with-no-agent": "0",
    "tier-rules-apply": "false",
    "discard-abandoned-after": "1",
    "abandoned-resume-allowed": "false",
}
AGENT: Mapping[str, str] = {
    "type": "callback",
    "status": "Available",
    "max-no-answer": "0",
    "wrap-up-time": "0",
    "reject-delay-time": "0",
    "busy-delay-time": "0",
    "no-answer-delay-time": "0",
}


class BenchFreeSwitch:
    """See BenchSwitch."""

    title = "FreeSWITCH"
    own_queue = "mod_callcenter"
    own_settings: Mapping[str, str] = MappingProxyType({**QUEUE, **AGENT})
    targets = Targets(median_ratio=20.0, p99_ratio=None, crowded_ratio=2.0)

    def __init__(self, work: Path) -> None:
        freeswitch = find_freeswitch()
        self._work = work
        self.version = freeswitch.version
        self.process = LabFreeSwitch(freeswitch, work)

    def paths(self, sounds: Path, music: Path) -> Paths:
        return Paths(
            configuration=self._work / "freeswitch",
            sounds=sounds,
            music=music,
            recordings=self._work / "recordings",
        )

    def with_own_queue(self, files: Mapping[str, str]) -> dict[str, str]:
        queues, agents, tiers, extensions = "", "", "", ""
        for queue, number in centre.THEIRS.items():
            params = "".join(f'<param name="{name}" value="{value}"/>' for name, value in QUEUE.items())
            queues += f'<queue name="bench-{queue}">{params}</queue>\n'
            extensions += (
                f'<extension name="bench-{queue}"><condition field="destination_number" expression="^{number}$">'
                '<action application="set" data="absolute_codec_string=PCMA"/><action application="answer"/>'
                f'<action application="callcenter" data="bench-{queue}"/><action application="hangup"/>'
                "</condition></extension>\n"
            )
            if queue == centre.HELD:
                continue
            settings = " ".join(f'{name}="{value}"' for name, value in AGENT.items())
            for phone in centre.PHONES[queue]:
                contact = f"[leg_timeout=20]user/{phone}@{DOMAIN}"
                agents += f'<agent name="bench-{phone}" contact="{contact}" {settings}/>\n'
                tiers += f'<tier agent="bench-{phone}" queue="bench-{queue}" level="1" position="1"/>\n'
        context = f'<context name="{trunk_context(centre.TRUNK)}">\n'
        return {
            **files,
            "callcenter.conf.xml": _replaced(
                files["callcenter.conf.xml"],
                {
                    "</queues>": f"{queues}</queues>",
                    "<agents/>": f"<agents>\n{agents}</agents>",
                    "<tiers/>": f"<tiers>\n{tiers}</tiers>",
                },
            ),
            "dialplan.xml": _replaced(files["dialplan.xml"], {context: context + extensions}),
        }

    def start(self, configuration: Path) -> None:
        self.process.start(configuration, START_WITHIN)  # the phones have addresses of their own

    def channels(self) -> str:
        listed = self.process.cli("show channels")
        return "" if listed.endswith("0 total.") and "\n" not in listed else listed or "it does not say which"


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        if text.count(old) != 1:
            raise ValueError(f"what the renderer writes has {old!r} {text.count(old)} times, not once")
        text = text.replace(old, new)
    return text
