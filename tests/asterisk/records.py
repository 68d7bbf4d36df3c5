"""What Asterisk writes down itself: its channel events (CEL) and its call detail records (CDR)."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agi.events import endpoint_of
from tests.scenarios.crowd.seen import DialRecord, SwitchBooks, SwitchLeg, Together

_MODULES = ("res_cdrel_custom", "cel_custom", "cdr_custom", "func_cdr")
_EVENTS = "CHAN_START,CHAN_END,ANSWER,HANGUP,BRIDGE_ENTER,BRIDGE_EXIT"
_CEL = ("eventtype", "eventtime", "CHANNEL(uniqueid)", "CHANNEL(channame)", "eventextra")
_CDR = ("uniqueid", "dstchannel", "disposition")
_FILE = "crowd.csv"
FOLDERS = ("cel-custom", "cdr-custom")  # which Asterisk does not make


def kept(files: Mapping[str, str]) -> dict[str, str]:
    """What the renderer wrote, with both kinds of records on."""
    load = "\n".join(f"load = {module}.so" for module in _MODULES)
    cel = ",".join(f"${{CSV_QUOTE(${{{name}}})}}" for name in _CEL)
    cdr = ",".join(f"${{CSV_QUOTE(${{CDR({name})}})}}" for name in _CDR)
    return {
        **files,
        "modules.conf": f"{files['modules.conf']}\n{load}\n",
        "cel.conf": f"[general]\nenable = yes\nevents = {_EVENTS}\n",
        "cel_custom.conf": f"[mappings]\n{_FILE} => {cel}\n",
        "cdr.conf": "[general]\nenable = yes\nunanswered = yes\n",
        "cdr_custom.conf": f"[mappings]\n{_FILE} => {cdr}\n",
    }


# ITU-T Q.850: what a phone's leg may have come to that ended with that number. 0 is a ringing that nobody has
# answered. Of a ringing that ended because the caller hung up, the number is 16, or that of the phone which was
# dialled for this caller before; the detail record tells such a leg from one that was really busy.
_CAUSES = {
    "0": ("no answer",),
    "16": ("normal", "cancelled"),
    "17": ("busy", "cancelled"),
    "19": ("no answer",),
    "21": ("refused", "cancelled"),
    "26": ("answered elsewhere",),
}


@dataclass
class _Leg:
    endpoint: str
    began_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    cause: str = ""
    together: list[Together] = field(default_factory=list)


def read(log: Path) -> SwitchBooks:
    """Both, as they stand in the switch's directory of logs."""
    legs: dict[str, _Leg] = {}
    names: dict[str, str] = {}  # of channels -> the ids of their legs
    bridges: dict[str, dict[str, float]] = {}  # bridge -> leg -> since
    for event, at, leg, channel, extra in _rows(log / "cel-custom" / _FILE):
        if (endpoint := endpoint_of(channel)) is None:
            continue
        told = json.loads(extra) if extra else {}
        known = legs.setdefault(leg, _Leg(endpoint, float(at)))
        names[channel] = leg
        if event == "ANSWER":
            known.answered_at = known.answered_at or float(at)
        elif event == "HANGUP":
            known.cause = str(told.get("hangupcause", ""))
        elif event == "CHAN_END":
            known.ended_at = float(at)
        elif event == "BRIDGE_ENTER":
            bridges.setdefault(told["bridge_id"], {})[leg] = float(at)
        elif event == "BRIDGE_EXIT":
            present = bridges.get(told["bridge_id"], {})
            since = present.pop(leg, None)
            for other, began in present.items():
                together = max(began, since or 0.0), float(at)
                known.together.append(Together(other, *together))
                legs[other].together.append(Together(leg, *together))
    dials = [DialRecord(a, names[b], how) for a, b, how in _rows(log / "cdr-custom" / _FILE) if b in names]
    return SwitchBooks(
        tuple(
            SwitchLeg(
                id,
                x.endpoint,
                x.began_at,
                x.answered_at,
                x.ended_at,
                _CAUSES.get(x.cause, (x.cause,)),
                tuple(x.together),
            )
            for id, x in legs.items()
            if x.ended_at is not None
        ),
        tuple(dials),
    )


def _rows(file: Path) -> Iterator[list[str]]:
    with file.open(newline="", errors="replace") as opened:
        yield from csv.reader(opened)
