"""The contract on a real Asterisk: one throw-away switch for all cases, and real SIP phones at the far ends."""

from collections.abc import Sequence
from pathlib import Path

from gevent.socket import SHUT_RDWR

from agi.reload import AsteriskReloader
from agi.switch import Asterisk
from appliance.lab.switch import Asterisk as Installation
from appliance.lab.switch import LabSwitch
from appliance.port import Reloader, Wanted
from appliance.settings import Network, SwitchKind
from dialplan.install import install
from dialplan.render import Paths, render, wanted
from tests.contract.real_rig import PHONES, VOICES, RealRig, RealSite, settings

NETWORK = Network(
    sip_address="127.0.0.1", sip_port=19560, rtp_first=19600, rtp_last=19900, agi_port=19573, ami_port=19538
)
# What Asterisk calls an error and is none: a phone that has not registered was called.
HARMLESS = ("Could not create dialog to invalid URI", "Failed to create outgoing session to endpoint")


class AsteriskSite(RealSite):
    """An Asterisk of its own, on what the appliance renders."""

    provider_port = 19599

    def __init__(self, installation: Installation, directory: Path) -> None:
        super().__init__(directory, dict.fromkeys(VOICES, f"{NETWORK.sip_address}:{NETWORK.sip_port}"))
        self.switch = LabSwitch(installation)
        self._installation = installation
        self.write_files(PHONES)

    def write_files(self, phones: Sequence[str], is_readable: bool = True) -> Wanted:
        secrets = {"ami": self.secret, **{f"phone-{id}": f"pass-{id}" for id in phones}}
        asked = settings(self.directory, self.recordings, NETWORK, SwitchKind.ASTERISK, self.provider_port, phones)
        files = render(asked, secrets, self._paths(self._installation))
        if not is_readable:
            files["extensions.conf"] = files["extensions.conf"].replace("[globals]", "[globals")
        install(files, self.directory / "asterisk")
        return wanted(asked.switch, files)

    def start_switch(self) -> None:
        self.switch.start(self.directory / "asterisk")

    def stop_switch(self) -> None:
        self.switch.stop()

    def channels(self) -> int:
        return int(self.switch.cli("core show channels count").split()[0])

    def hang_up_all(self) -> None:
        self.switch.cli("channel request hangup all")

    def errors(self) -> list[str]:
        errors = [line for line in self.switch.errors() if "ERROR[" in line]
        return [line for line in errors if not any(words in line for words in HARMLESS)]

    def _paths(self, installation: Installation) -> Paths:
        return Paths(
            configuration=self.directory / "asterisk",
            sounds=self.directory / "sounds",
            music=self.directory / "music",
            recordings=self.recordings,
            modules=installation.modules,
            data=installation.data,
            var=self.directory / "var",
            run=self.directory / "run",
            log=self.directory / "log",
            spool=self.directory / "spool",
        )


class AsteriskRig(RealRig):
    """See RealRig."""

    def __init__(self, site: AsteriskSite) -> None:
        super().__init__(site)
        self.switch: Asterisk = Asterisk(NETWORK.agi_port, NETWORK.ami_port, site.secret)

    def reloader(self) -> Reloader:
        return AsteriskReloader(NETWORK.ami_port, self._site.secret)

    def break_control(self) -> None:
        # Inside the adapter, since the switch has no means to end the connection of one account.
        self.switch._control._socket.shutdown(SHUT_RDWR)
