"""Asterisk under the bench, with app_queue."""

from collections.abc import Callable, Mapping
from pathlib import Path

import gevent

from appliance.lab.process import LabError
from appliance.lab.switch import LabSwitch, find_asterisk
from appliance.names import trunk_context
from dialplan.render import Paths
from tests.bench import centre
from tests.bench.figures import Targets

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
PHONES_WITHIN = 60.0
LOOK_EVERY = 0.05


class BenchAsterisk:
    """See BenchSwitch."""

    title = "Asterisk"
    own_queue = "app_queue"
    own_settings: Mapping[str, str] = APP_QUEUE
    targets = Targets(median_ratio=40.0, p99_ratio=20.0, crowded_ratio=2.0, cpu_ratio=1.3)

    def __init__(self, root: Path, work: Path, say: Callable[[str], None]) -> None:
        self._asterisk = find_asterisk(root, say)
        self._work = work
        self.version = self._asterisk.version
        self.process = LabSwitch(self._asterisk)

    def paths(self, sounds: Path, music: Path) -> Paths:
        return Paths(
            configuration=self._work / "asterisk",
            sounds=sounds,
            music=music,
            recordings=self._work / "recordings",
            modules=self._asterisk.modules,
            data=self._asterisk.data,
            **{name: self._work / name for name in ("var", "run", "log", "spool")},
        )

    def with_own_queue(self, files: Mapping[str, str]) -> dict[str, str]:
        queues, extensions = [], [f"[{trunk_context(centre.TRUNK)}](+)"]
        for queue, number in centre.THEIRS.items():
            queues += ["", f"[bench-{queue}]", *(f"{key} = {value}" for key, value in APP_QUEUE.items())]
            if queue != centre.HELD:
                queues += [f"member => PJSIP/{phone}" for phone in centre.PHONES[queue]]
            extensions += [
                f"exten => {number},1,Answer()",
                f" same => n,Queue(bench-{queue})",
                " same => n,Hangup()",
            ]
        return {
            **files,
            "queues.conf": files["queues.conf"] + "\n".join(queues) + "\n",
            "extensions.conf": files["extensions.conf"] + "\n" + "\n".join(extensions) + "\n",
        }

    def start(self, configuration: Path) -> None:
        self.process.start(configuration)
        phones = [phone for queue in centre.PHONES.values() for phone in queue]
        for phone in phones:
            self.process.cli(f"pjsip qualify {phone}")
        with gevent.Timeout(PHONES_WITHIN, LabError(f"Not ready within {PHONES_WITHIN:g} s: the phones.")):
            while self.process.cli("pjsip show contacts").count(" Avail ") < len(phones):
                gevent.sleep(LOOK_EVERY)

    def channels(self) -> str:
        # Where the machine has no network interface but loopback, Asterisk says that first.
        if "0 active channels" in self.process.cli("core show channels count").splitlines():
            return ""
        return self.process.cli("core show channels concise") or "it does not say which"
