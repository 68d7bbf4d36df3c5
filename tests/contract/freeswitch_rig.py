"""The contract on a real FreeSWITCH: one throw-away switch for all cases, and real SIP phones at the far ends."""

import re
from collections.abc import Sequence
from pathlib import Path

from gevent.socket import SHUT_RDWR

from appliance.lab.freeswitch import FreeSwitch as Installation
from appliance.lab.freeswitch import LabFreeSwitch
from appliance.port import Reloader, Wanted
from appliance.settings import Network, SwitchKind
from dialplan.install import install
from dialplan.render import Paths, render, wanted
from esl.reload import FreeSwitchReloader
from esl.switch import FreeSwitch
from tests.contract.real_rig import PHONES, VOICES, RealRig, RealSite, settings

NETWORK = Network(
    sip_address="127.0.0.1",
    sip_port=15160,
    rtp_first=15200,
    rtp_last=15998,
    esl_port=15173,
    event_socket_port=15121,
)
PHONES_ADDRESS = "127.0.0.2"  # another one than the trunk's, by which that is known
# What FreeSWITCH calls an error and is none.
HARMLESS = (
    "missing.wav",  # a sound that does not exist was to be played
    "Cannot create outgoing channel",  # a phone that has not registered was called
    "Socket Error",  # the appliance is dead
)


class FreeSwitchSite(RealSite):
    """A FreeSWITCH of its own, on what the appliance renders."""

    provider_port = 15199

    def __init__(self, installation: Installation, directory: Path) -> None:
        addresses = dict.fromkeys(PHONES, PHONES_ADDRESS)
        super().__init__(directory, dict.fromkeys(VOICES, f"{NETWORK.sip_address}:{NETWORK.sip_port}"), addresses)
        self.switch = LabFreeSwitch(installation, directory / "work")
        self.write_files(PHONES)

    def write_files(self, phones: Sequence[str], is_readable: bool = True) -> Wanted:
        secrets = {"esl": self.secret, **{f"phone-{id}": f"pass-{id}" for id in phones}}
        paths = Paths(
            configuration=self.directory / "freeswitch",
            sounds=self.directory / "sounds",
            music=self.directory / "music",
            recordings=self.recordings,
        )
        asked = settings(
            self.directory, self.recordings, NETWORK, SwitchKind.FREESWITCH, self.provider_port, phones
        )
        files = render(asked, secrets, paths)
        if not is_readable:
            files["dialplan.xml"] = files["dialplan.xml"].replace("</context>", "", 1)
        install(files, paths.configuration)
        return wanted(asked.switch, files)

    def start_switch(self) -> None:
        self.switch.start(self.directory / "freeswitch")

    def stop_switch(self) -> None:
        self.switch.stop()

    def channels(self) -> int:
        found = re.search(r"(\d+) total", self.switch.cli("show channels count"))
        return int(found[1]) if found else 0

    def hang_up_all(self) -> None:
        self.switch.cli("hupall")

    def errors(self) -> list[str]:
        errors = [line for line in self.switch.errors() if "[WARNING]" not in line]
        return [line for line in errors if not any(words in line for words in HARMLESS)]


class FreeSwitchRig(RealRig):
    """See RealRig."""

    def __init__(self, site: FreeSwitchSite) -> None:
        super().__init__(site)
        self.switch: FreeSwitch = FreeSwitch(NETWORK.esl_port, NETWORK.event_socket_port, site.secret)

    def reloader(self) -> Reloader:
        return FreeSwitchReloader(NETWORK.event_socket_port, self._site.secret)

    def break_control(self) -> None:
        # Inside the adapter, so that the switch sees nothing but the end of the connection.
        self.switch._control._connection.sock.shutdown(SHUT_RDWR)
