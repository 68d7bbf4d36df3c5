"""What a replay has shown, for people and for programs."""

from typing import Any

from appliance.commands.show import harmless, iso, moment
from appliance.program import program_version
from appliance.records.interval import Interval
from appliance.whatif.replay import Replay


def replay_text(done: Replay, when: Interval) -> str:
    lines = [f"{when}: the line was told {done.messages:,} messages again; {done.facts:,} facts were compared."]
    if done.begins > when.start:
        lines.append(f"The journal begins at {moment(done.begins, when.zone)}.")
    if done.starts:
        lines.append(
            "The appliance was started once." if done.starts == 1 else f"It was started {done.starts} times."
        )
    if None in done.versions:
        lines.append("No version was applied then: it is replayed by the configuration as it is now.")
    if done.unknown:
        lines.append(f"{len(done.unknown)} messages were left out: {'; '.join(sorted({*done.unknown}))}.")
    if done.difference is None:
        return "\n".join([*lines, f"{done.decisions:,} decisions, all the same."])
    first = done.difference
    return "\n".join(
        [
            *lines,
            f"The first difference, at {moment(first.at, when.zone)}, after {done.decisions:,} decisions:",
            f"  recorded  {harmless(first.recorded or 'nothing', 2000)}",
            f"  replayed  {harmless(first.replayed or 'nothing', 2000)}",
            *_reasons(done),
        ]
    )


def _reasons(done: Replay) -> list[str]:
    if done.program != program_version():
        return [
            f"The records were made by version {done.program} of the program, and this is {program_version()}."
        ]
    return []


def replay_data(done: Replay, when: Interval) -> dict[str, Any]:
    first = done.difference
    return {
        "from": iso(when.start, when.zone),
        "to": iso(when.end, when.zone),
        "replayed_from": iso(done.begins, when.zone),
        "messages": done.messages,
        "facts": done.facts,
        "decisions": done.decisions,
        "starts": done.starts,
        "versions": sorted(done.versions, key=lambda version: version or 0),
        "left_out": done.unknown,
        "same": first is None,
        "difference": None
        if first is None
        else {"at": iso(first.at, when.zone), "recorded": first.recorded, "replayed": first.replayed},
    }
