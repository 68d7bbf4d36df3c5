"""What FreeSWITCH writes down itself: one line for each of its channels (mod_cdr_csv)."""

import csv
from collections.abc import Mapping
from pathlib import Path

from appliance.names import TRUNK
from tests.scenarios.crowd.seen import SwitchBooks, SwitchLeg, Together

_FILE = "Master.csv"
_COLUMNS = (
    "uuid",
    "direction",
    "dialed_user",
    TRUNK,
    "start_uepoch",
    "answer_uepoch",
    "bridge_uepoch",
    "end_uepoch",
    "hangup_cause",
    "last_bridge_to",
)
# What a phone's leg may have come to that ended with that word.
_CAUSES = {
    "NORMAL_CLEARING": ("normal",),
    "NO_ANSWER": ("no answer",),
    "USER_BUSY": ("busy",),
    "CALL_REJECTED": ("refused",),
    "LOSE_RACE": ("answered elsewhere",),
    "ORIGINATOR_CANCEL": ("cancelled",),
}
_CONFIGURATION = """\
    <configuration name="cdr_csv.conf">
      <settings>
        <param name="log-base" value="{directory}"/>
        <param name="default-template" value="crowd"/>
        <param name="legs" value="ab"/>
        <param name="master-file-only" value="true"/>
      </settings>
      <templates><template name="crowd">{columns}</template></templates>
    </configuration>
"""


def kept(files: Mapping[str, str], directory: Path) -> dict[str, str]:
    """What the renderer wrote, with the records on."""
    columns = ",".join(f'"${{{name}}}"' for name in _COLUMNS)
    configuration = _CONFIGURATION.format(directory=directory, columns=columns)
    place = '    <configuration name="timezones.conf">'
    modules = files["modules.conf.xml"].replace("</modules>", '  <load module="mod_cdr_csv"/>\n    </modules>')
    main = files["freeswitch.xml"].replace(place, configuration + place)
    assert main != files["freeswitch.xml"] and modules != files["modules.conf.xml"]
    return {**files, "modules.conf.xml": modules, "freeswitch.xml": main}


def read(directory: Path) -> SwitchBooks:
    """The channels that phones and trunks had. Two were together from the bridge until the first of them ended."""
    with (directory / "cdr-csv" / _FILE).open(newline="") as file:
        rows = {row["uuid"]: row for row in csv.DictReader(file, _COLUMNS)}
    return SwitchBooks(tuple(_leg(row, rows.get(row["last_bridge_to"])) for row in rows.values()))


def _leg(row: Mapping[str, str], other: Mapping[str, str] | None) -> SwitchLeg:
    ended_at = _seconds(row["end_uepoch"])
    assert ended_at is not None
    together: tuple[Together, ...] = ()
    if other is not None and (bridged_at := _seconds(row["bridge_uepoch"])) is not None:
        together = (Together(other["uuid"], bridged_at, min(ended_at, _seconds(other["end_uepoch"]) or ended_at)),)
    return SwitchLeg(
        row["uuid"],
        row["dialed_user"] if row["direction"] == "outbound" else row[TRUNK],
        _seconds(row["start_uepoch"]) or 0.0,
        _seconds(row["answer_uepoch"]),
        ended_at,
        _CAUSES.get(row["hangup_cause"], (row["hangup_cause"],)),
        together,
    )


def _seconds(microseconds: str) -> float | None:
    return int(microseconds) / 1e6 if microseconds not in ("", "0") else None
