"""The softphone's own process: one SIP account of pjsua2, driven by JSON lines on standard input and output.

It runs apart from the appliance because pjsua2 brings threads of its own and can take the process down with
it. Started by `appliance.lab.phone`; the first line is the account, every other one a command. It ends with
its parent: end of file on standard input is enough, whatever the parent died of.
"""

import contextlib
import json
import os
import re
import select
import shutil
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pjsua2 as pj

MAX_TURN = 20  # ms that pjsua may take before standard input is looked at again
BUSY_HERE = 486


class Wire:
    """The pipe to the parent, on a descriptor of its own, so that nothing pjsua prints gets between."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)
        self._rest = b""

    def send(self, **message: Any) -> None:
        os.write(self._out, json.dumps(message).encode() + b"\n")

    def mute(self) -> None:
        """Nobody listens any more: say the rest to nobody."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._out)

    def lines(self, wait: float = 0.0) -> list[dict[str, Any]]:
        """The commands that have come; EOFError when the parent is gone."""
        if not select.select([0], [], [], wait)[0]:
            return []
        chunk = os.read(0, 65536)
        if not chunk:
            raise EOFError
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [json.loads(line) for line in lines]


class SipCall(pj.Call):  # type: ignore[misc]
    """One call of the phone: says what happens to it, plays the speech and records what is heard."""

    def __init__(self, phone: "SoftPhone", number: int, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(phone.account, call_id)
        self.phone = phone
        self.number = number
        self.recorder: pj.AudioMediaRecorder | None = None
        self.rang = self.over = False

    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY and info.role == pj.PJSIP_ROLE_UAC and not self.rang:
            self.rang = True
            self.phone.tell("ringing", self.number)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.phone.tell("answered", self.number)
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED and not self.over:
            self.over = True
            self.phone.ended(self, info.lastStatusCode, info.lastReason)

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:
        info = self.getInfo()  # must outlive the loop: its media are views into it
        for index, media in enumerate(info.media):
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self._connect(self.getAudioMedia(index))

    def _connect(self, audio: pj.AudioMedia) -> None:
        if self.recorder is None:
            self.recorder = pj.AudioMediaRecorder()
            self.recorder.createRecorder(str(self.phone.directory / f"heard-{self.number}.wav"))
        audio.startTransmit(self.recorder)
        if self.phone.player is not None:
            self.phone.player.startTransmit(audio)

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:
        self.phone.tell("digit", self.number, reason=prm.digit)


class Account(pj.Account):  # type: ignore[misc]
    """The SIP account: registration and incoming calls."""

    phone: "SoftPhone"

    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        if prm.code // 100 == 2:
            self.phone.tell("registered" if prm.expiration else "unregistered", 0)
        else:
            self.phone.tell("registration failed", 0, code=prm.code, reason=prm.reason)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        self.phone.incoming(prm.callId, prm.rdata.wholeMsg)


class SoftPhone:
    """One phone with one line: what the commands do, and what is told to the parent."""

    def __init__(self, wire: Wire, setup: dict[str, Any]) -> None:
        self.wire = wire
        self.server: str = setup["server"]
        self.user: str = setup["user"]
        self.local: str = f"{setup['local_address']}:{setup['local_port']}"
        self.directory = Path(setup["directory"])
        self.call: SipCall | None = None
        self.calls: list[SipCall] = []  # ended ones are kept until pjsua is done with them
        self.count = 0
        self.answer_after: float | None = None
        self.answer_at: float | None = None
        self.refuse_with: int | None = None
        self.player: pj.AudioMediaPlayer | None = None
        self.endpoint = pj.Endpoint()
        self._start_endpoint(setup)
        self.account = self._make_account(setup)
        if setup.get("speech"):
            self.player = pj.AudioMediaPlayer()
            self.player.createPlayer(setup["speech"])

    def _start_endpoint(self, setup: dict[str, Any]) -> None:
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = "appliance lab"
        config.logConfig.level = config.logConfig.consoleLevel = setup["log_level"]
        config.medConfig.clockRate = config.medConfig.sndClockRate = 8000  # nothing on a telephone line has more
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        self.endpoint.libCreate()
        self.endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.boundAddress = setup["local_address"]
        transport.port = setup["local_port"]
        kind = pj.PJSIP_TRANSPORT_TLS if setup["secure"] else pj.PJSIP_TRANSPORT_UDP
        self.by = ";transport=tls" if setup["secure"] else ""
        self.transport: int = self.endpoint.transportCreate(kind, transport)
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        for codec in self.endpoint.codecEnum2():
            wanted = {"PCMA/8000/1": 255, "PCMU/8000/1": 254}
            self.endpoint.codecSetPriority(codec.codecId, wanted.get(codec.codecId, 0))

    def _make_account(self, setup: dict[str, Any]) -> Account:
        config = pj.AccountConfig()
        config.sipConfig.transportId = self.transport
        config.mediaConfig.transportConfig.boundAddress = setup["local_address"]
        config.mediaConfig.transportConfig.port = 0
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        if setup["secure"]:
            config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
        if setup.get("password") is None:
            config.idUri = f"sip:{self.user}@{self.local}"
        else:
            config.idUri = f"sip:{self.user}@{self.server}"
            config.regConfig.registrarUri = f"sip:{self.server}{self.by}"
            config.regConfig.registerOnAdd = False
            config.regConfig.timeoutSec = 120
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", self.user, 0, setup["password"]))
        account = Account()
        account.phone = self
        account.create(config)
        return account

    # -- what is told

    def tell(self, event: str, call: int, **details: Any) -> None:
        self.wire.send(event=event, call=call, at=time.time(), **details)

    def ended(self, call: SipCall, code: int, reason: str) -> None:
        if call.recorder is not None:
            call.recorder = None  # writes the last of the file and its header
        if self.call is call:
            self.call = None
            self.answer_at = None
        self.tell("ended", call.number, code=code, reason=reason)

    def incoming(self, call_id: int, message: str) -> None:
        self.count += 1
        call = SipCall(self, self.count, call_id)
        self.calls.append(call)
        if self.call is not None:
            call.over = True  # one line: the parent never hears of it
            call.hangup(status(BUSY_HERE))
            return
        self.call = call
        name, number = split_uri(call.getInfo().remoteUri)
        self.tell("incoming", call.number, name=name, number=number, message=message)
        if self.refuse_with is not None:
            call.hangup(status(self.refuse_with))
            return
        call.answer(status(180))
        if self.answer_after is not None:
            self.answer_at = time.monotonic() + self.answer_after

    # -- what is commanded

    def do_register(self) -> None:
        self.account.setRegistration(True)

    def do_unregister(self) -> None:
        self.account.setRegistration(False)

    def do_call(self, number: str, name: str | None, from_user: str | None, headers: dict[str, str]) -> None:
        if self.call is not None:
            raise RuntimeError("a call is up already")
        self.count += 1
        call = SipCall(self, self.count)
        options = pj.CallOpParam(True)
        if name is not None or from_user is not None:
            host = self.server if self.account.getInfo().regIsConfigured else self.local
            shown = (name or "").replace("\\", "\\\\").replace('"', '\\"')
            options.txOption.localUri = f'"{shown}" <sip:{quote(from_user or self.user, safe="+*")}@{host}>'
        for key, value in headers.items():
            header = pj.SipHeader()
            header.hName, header.hValue = key, value
            options.txOption.headers.append(header)
        self.call = call
        self.calls.append(call)
        try:
            call.makeCall(f"sip:{quote(number, safe='+*')}@{self.server}{self.by}", options)
        except pj.Error:
            self.call = None
            raise

    def do_answer(self) -> None:
        self._line().answer(status(200))

    def do_progress(self) -> None:
        self._line().answer(status(183))

    def do_reject(self, code: int) -> None:
        self._line().hangup(status(code))

    def do_hang_up(self) -> None:
        if self.call is not None:
            self.call.hangup(pj.CallOpParam())

    def do_hush(self) -> None:
        line = self._line()
        info = line.getInfo()  # must outlive the loop: its media are views into it
        for index, media in enumerate(info.media):
            if self.player is not None and media.type == pj.PJMEDIA_TYPE_AUDIO:
                self.player.stopTransmit(line.getAudioMedia(index))

    def do_send(self, digits: str, info: bool) -> None:
        parameters = pj.CallSendDtmfParam()
        parameters.method = pj.PJSUA_DTMF_METHOD_SIP_INFO if info else pj.PJSUA_DTMF_METHOD_RFC2833
        parameters.digits = digits
        self._line().sendDtmf(parameters)

    def do_mode(self, answer_after: float | None, refuse_with: int | None) -> None:
        self.answer_after, self.refuse_with = answer_after, refuse_with

    def _line(self) -> SipCall:
        if self.call is None:
            raise RuntimeError("there is no call")
        return self.call

    # -- life

    def run(self) -> None:
        """Serve until the parent closes the pipe."""
        while True:
            for command in self.wire.lines():
                self._obey(command)
            self.endpoint.libHandleEvents(MAX_TURN)
            if self.answer_at is not None and time.monotonic() >= self.answer_at:
                self.answer_at = None
                self.do_answer()

    def _obey(self, command: dict[str, Any]) -> None:
        number = command.pop("n")
        try:
            getattr(self, "do_" + command.pop("do"))(**command)
        except pj.Error as error:
            self.wire.send(done=number, error=error.reason)
        except RuntimeError as error:
            self.wire.send(done=number, error=str(error))
        else:
            self.wire.send(done=number, error=None)

    def close(self) -> None:
        """Hang up and take the registration back, without waiting long for answers."""
        self.endpoint.hangupAllCalls()
        if self.account.getInfo().regIsActive:
            self.account.setRegistration(False)
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline and (self.call or self.account.getInfo().regIsActive):
            self.endpoint.libHandleEvents(MAX_TURN)


def status(code: int) -> pj.CallOpParam:
    """The options of an answer with that SIP status."""
    options = pj.CallOpParam(True)
    options.statusCode = code
    return options


def split_uri(uri: str) -> tuple[str, str]:
    """Display name and user part of a From header: '"Bob" <sip:7@x>' -> ("Bob", "7")."""
    name, bracket, rest = uri.rpartition("<")
    address = rest if bracket else uri
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    user, at, _ = address.partition(":")[2].partition("@")
    return name, user if at else ""


def main() -> None:
    """Run one phone until standard input ends."""
    wire = Wire()
    lines: list[dict[str, Any]] = []
    try:
        while not lines:
            lines = wire.lines(wait=10.0)
        phone = SoftPhone(wire, lines[0])
    except pj.Error as error:
        wire.send(event="broken", call=0, at=time.time(), reason=error.reason)
        return
    except EOFError:
        return
    wire.send(event="started", call=0, at=time.time())
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        phone.run()
    wire.mute()
    phone.close()
    shutil.rmtree(phone.directory, ignore_errors=True)


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # pjsua's own shutdown waits for servers that may be gone
