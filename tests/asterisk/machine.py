"""Asterisk as the machine under the stories."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from appliance.lab.switch import Asterisk, LabSwitch
from appliance.names import fallback_queue, trunk_context
from appliance.settings import SwitchKind
from dialplan.render import Paths
from tests.asterisk import records
from tests.scenarios.crowd.seen import SwitchBooks
from tests.scenarios.machine import Machine


class AsteriskMachine(Machine):
    """See Machine."""

    kind = SwitchKind.ASTERISK
    network: ClassVar = {
        "sip_address": "127.0.0.1",
        "sip_port": 19060,
        "tls_port": 19061,
        "rtp_first": 19100,
        "rtp_last": 19400,
        "agi_port": 19073,
        "ami_port": 19038,
    }
    provider_port = 19081
    allowed = (
        # A provider that is meant to refuse its password.
        r"res_pjsip_outbound_registration\.c: 403 Forbidden fatal response received from ",
        # A provider that is meant to answer rubbish: it does not always say that it drops some.
        r"sip_transport\.c Dropping \d+ bytes packet from UDP 127\.0\.0\.17:\d+ : ",
        # It says of every name that it cuts that it does, and the name.
        r"res_pjsip\.c: CallerID Name '.*",
        # A phone that hangs up while it is told of a caller, or is hung up on because another one was faster.
        r"app_stack\.c: PJSIP/\S+ Abnormal 'Gosub\(appliance-briefing,s,1\)' exit\.",
    )
    # Each held caller asks for the appliance once a second.
    allowed_while_dead = (
        r"res_agi\.c: Connecting to '127\.0\.0\.1:\d+' failed for url .*: Connection refused",
        r"res_agi\.c: Couldn't connect to any host\.  FastAGI failed\.",
    )

    def __init__(self, asterisk: Asterisk, directory: Path, paths: Paths) -> None:
        self._switch = LabSwitch(asterisk)
        own = replace(
            paths,
            modules=asterisk.modules,
            data=asterisk.data,
            var=directory / "var",
            run=directory / "run",
            log=directory / "log",
            spool=directory / "spool",
        )
        super().__init__(self._switch, own)

    def start(self) -> None:
        self._switch.start(self.paths.configuration)

    def channels(self) -> list[str]:
        lines = self._switch.cli("core show channels concise").splitlines()
        return [line.split("!")[0] for line in lines if "!" in line]

    def registers_again(self, trunk: str) -> None:
        self._switch.cli(f"pjsip send register {trunk_context(trunk)}")

    def serves_itself(self, queue: str) -> int:
        said = re.search(r" has (\d+) calls ", self._switch.cli(f"queue show {fallback_queue(queue)}"))
        return int(said[1]) if said else 0

    def stand_ins(self, queue: str) -> int:
        return self._switch.cli(f"queue show {fallback_queue(queue)}").count("PJSIP/")

    def looks_for(self, phones: Sequence[str]) -> None:
        for phone in phones:
            self._switch.cli(f"pjsip qualify {phone}")

    def keep_records(self, files: Mapping[str, str], directory: Path) -> dict[str, str]:
        assert self.paths.log is not None
        for folder in records.FOLDERS:
            (self.paths.log / folder).mkdir(parents=True)
        return records.kept(files)

    def records(self, directory: Path) -> SwitchBooks:
        assert self.paths.log is not None
        return records.read(self.paths.log)
