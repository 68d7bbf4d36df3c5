"""Softphones that no one here wrote, without sound cards: they say what is in a file."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gevent import subprocess

from appliance.lab.process import die_with_parent
from tests.scenarios.waiting import until

MOST_TIME = 20.0


class Softphone:
    """One running program; what it says goes to a file. `through` is what it is started by, if it is not to stand
    where the tests do, and `address` the one that it has there."""

    def __init__(
        self, program: str, home: Path, *, address: str = "127.0.0.1", through: Sequence[str] = ()
    ) -> None:
        self._program = program
        self._through = through
        self.address = address
        self.home = home
        self.log = home / "softphone.log"
        self._process: Any = None

    def _start(self, *arguments: str) -> None:
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                [*self._through, self._program, *arguments],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "HOME": str(self.home), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""},
                preexec_fn=die_with_parent,
            )

    def _press(self, keys: str) -> None:
        self._process.stdin.write(keys.encode())
        self._process.stdin.flush()

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def says(self, text: str) -> None:
        """Wait until it has said that."""
        until(
            lambda: f"{text!r} is said, instead of: {self.said()[-2000:]}", lambda: text in self.said(), MOST_TIME
        )

    def stop(self) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdin.close()


class Linphone(Softphone):
    """linphonec, which answers by itself and knows nothing but a link and whom to trust."""

    def __init__(
        self,
        program: str,
        home: Path,
        authority: Path,
        *,
        address: str = "127.0.0.1",
        through: Sequence[str] = (),
    ) -> None:
        super().__init__(program, home, address=address, through=through)
        self._authority = authority
        self.settings = home / "linphonerc"

    def start(self, link: str | None) -> None:
        """`link`: where it gets its configuration; None: it has one from before."""
        (self.home / ".local/share/linphone").mkdir(parents=True, exist_ok=True)
        if link is not None:
            self.settings.write_text(
                f"[sip]\nroot_ca={self._authority}\nsip_port=-1\nbind_address={self.address}\nuse_ipv6=0\n"
                f"[rtp]\nbind_address={self.address}\naudio_rtp_port=19450-19499\n[misc]\nconfig-uri={link}\n"
            )
        self._detailed.unlink(missing_ok=True)
        self._start("-a", "-c", str(self.settings), "-l", str(self._detailed), "-d", "6")

    def speaks(self, file: Path) -> None:
        """Instead of a microphone."""
        self._press("soundcard use files\n")
        self._press(f"play {file}\n")

    def calls(self, number: str) -> None:
        self._press(f"call {number}\n")

    def keys(self, digits: str) -> None:
        """Into the call, as soon as it is up."""
        self.says("Media streams established")
        self._press(f"{digits}\n")

    def has_no_certificate(self) -> None:
        """Say so, which it asks for by its prompt for passwords, and does nothing else meanwhile."""
        self.says("Password for (null) on (null)")
        self._press("none\n")

    def has_friends(self, *names: str) -> None:
        """Wait until its list of contacts has these."""
        self._press("friend list\n")
        for name in names:
            self.says(f"name: {name}")

    def offered(self) -> dict[str, list[str]]:
        """The streams of its last call and the payload types of each, in order."""
        text = self._details()
        offer = text[text.rindex("\nINVITE sip:") :].partition("\n20")[0]
        streams = re.findall(r"^m=(\w+) ([1-9]\d*) \S+ ([\d ]+)\r?$", offer, re.MULTILINE)
        return {kind: payloads.split() for kind, _, payloads in streams}

    def is_refused(self) -> None:
        """Wait until its registration was refused."""
        until("it is refused", lambda: "LinphoneRegistrationFailed" in self._details())

    def _details(self) -> str:
        return self._detailed.read_text(errors="replace") if self._detailed.exists() else ""

    @property
    def _detailed(self) -> Path:
        return self.home / "detailed.log"


class Baresip(Softphone):
    """baresip on a directory of its own, with a file for a microphone."""

    @property
    def directory(self) -> Path:
        return self.home / ".baresip"

    def start(self, voice: Path) -> None:
        """On the files that are there; only what depends on this machine's sound is another."""
        config = self.directory / "config"
        text = config.read_text()
        for device in ("audio_source", "audio_player", "audio_alert"):
            assert f"{device} alsa,default\n" in text
        text = text.replace("audio_source alsa,default", f"audio_source aufile,{voice}")
        text = text.replace("audio_player alsa,default", "audio_player aubridge,none")
        text = text.replace("audio_alert alsa,default", "audio_alert aubridge,alert")
        text = text.replace("module alsa.so\n", "module aufile.so\nmodule aubridge.so\n")
        config.write_text(f"sip_listen {self.address}:0\nrtp_ports 19500-19549\n{text}")
        self._start("-f", str(self.directory))

    def answers(self) -> None:
        """Take the call that rings."""
        self.says("Incoming call from")
        self._press("a")

    def calls(self, number: str) -> None:
        self._press(f"d{number}\n")
        self.says("Call established")

    def keys(self, digits: str) -> None:
        """Into the call that is up."""
        self._press(digits)
