"""FreeSWITCH as the machine under the stories."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from appliance.lab.freeswitch import FreeSwitch, LabFreeSwitch
from appliance.names import PROFILE, fallback_queue, trunk_context
from appliance.settings import SwitchKind
from dialplan.render import Paths
from tests.freeswitch import records
from tests.scenarios.crowd.seen import SwitchBooks
from tests.scenarios.machine import Machine


class FreeSwitchMachine(Machine):
    """See Machine."""

    kind = SwitchKind.FREESWITCH
    network: ClassVar = {
        "sip_address": "127.0.0.1",
        "sip_port": 18560,
        "tls_port": 18561,
        "rtp_first": 18600,
        "rtp_last": 18900,
        "esl_port": 18584,
        "event_socket_port": 18521,
    }
    provider_port = 18581
    allowed = (
        # A phone that was shut out comes with its old password.
        r"sofia_reg\.c:\d+ SIP auth failure \(REGISTER\) on sofia profile 'appliance' for \[34@",
        # A phone has dialled what no digest can be made of.
        r"sofia_reg\.c:\d+ SIP auth failure \(INVITE\) on sofia profile 'appliance' for \[Robert",
        # A provider that is meant to refuse its password.
        r"sofia_reg\.c:\d+ trunk-volna (?:Registration Failed with status|Failed Registration) ",
        # A stranger was asked for a password, and said no more.
        r"switch_core_state_machine\.c:\d+ \S+ sofia/\S+ Abandoned$",
        # It keeps no copy of headers that look like its variables.
        r"switch_channel\.c:\d+ Invalid data \(\$\{sip_\w+\} contains a variable\)$",
        # A phone has hung up just when its leg was being handed over.
        r"\[CRIT\] mod_event_socket\.c:\d+ Socket Error!$",
        # A provider that is meant not to be there.
        r"sofia\.c:\d+ Ping failed trunk-\w+ with code \d+ ",
        r"sofia\.c:\d+ Ping succeeded trunk-\w+ with code \d+ ",
        r"\[ERR\] mod_sofia\.c:\d+ Gateway 'trunk-\w+' is down!$",
        # Its list of channels was written by two at once, and one has waited.
        r"switch_core_db\.c:\d+ SQLite is BUSY, sane=2\d\d ",
    )
    # Each held caller asks for the appliance every two seconds.
    allowed_while_dead = (
        r"mod_event_socket\.c:\d+ Socket Error: Connection refused$",
        r"\[ERR\] mod_event_socket\.c:\d+ Socket Error!$",
    )

    def __init__(self, freeswitch: FreeSwitch, directory: Path, paths: Paths) -> None:
        self._switch = LabFreeSwitch(freeswitch, directory / "work")
        super().__init__(self._switch, paths)

    def start(self) -> None:
        self._switch.start(self.paths.configuration, timeout=60.0)  # it makes keys for itself at the first start

    def channels(self) -> list[str]:
        lines = self._switch.cli("show channels").splitlines()
        return [line.split(",")[4] for line in lines[1:] if line.count(",") > 4]

    def registers_again(self, trunk: str) -> None:
        self._switch.cli(f"sofia profile {PROFILE} register {trunk_context(trunk)}")

    def serves_itself(self, queue: str) -> int:
        said = self._switch.cli(f"callcenter_config queue count members {fallback_queue(queue)}").split()
        return int(said[0]) if said and said[0].isdecimal() else 0

    def stand_ins(self, queue: str) -> int:
        listed = self._switch.cli(f"callcenter_config queue list tiers {fallback_queue(queue)}")
        return listed.count(f"{fallback_queue(queue)}|")

    def passes_on(self, name: str) -> str:
        return name.replace("${", "%{")  # so that nobody outside can name a variable of its dialplan

    def keep_records(self, files: Mapping[str, str], directory: Path) -> dict[str, str]:
        return records.kept(files, directory)

    def records(self, directory: Path) -> SwitchBooks:
        return records.read(directory)
