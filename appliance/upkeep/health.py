"""Whether the appliance does its work: what `appliance health` looks at, in the order in which a person would."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from appliance.program import program_version
from appliance.settings import Settings
from appliance.upkeep.backup import ANY_NAME

SCARCE, GONE = 0.10, 0.03  # shares of a disk that are free
PLENTY, LITTLE, LEAST = 10 << 30, 1 << 30, 200 << 20  # bytes; PLENTY are enough whatever the share
OPEN_TOO_LONG = 12 * 3600.0  # seconds; no call lasts that long
BACKUP_TOO_OLD = 2 * 24 * 3600.0


class Verdict(Enum):
    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `remedy` is empty where nothing has to be done."""

    what: str
    verdict: Verdict
    says: str
    remedy: str = ""


def findings(answer: Mapping[str, Any], now: float) -> Iterator[Finding]:
    """What the running appliance says of itself."""
    yield _program(answer)
    yield _service(answer)
    yield _switch(answer)
    yield _database(answer)
    yield _open_calls(answer, now)
    yield from _webhooks(answer.get("webhooks", ()), now)
    if answer.get("web"):
        yield _web(answer["web"])


def _program(answer: Mapping[str, Any]) -> Finding:
    running, own = answer.get("version", "unknown"), program_version()
    if running != own:
        return Finding(
            "program",
            Verdict.WARNING,
            f"version {running} runs, {own} is installed",
            "systemctl restart appliance",
        )
    return Finding("program", Verdict.FINE, f"version {running}")


def _service(answer: Mapping[str, Any]) -> Finding:
    if answer["trouble"]:
        return Finding("service", Verdict.WRONG, answer["trouble"], "journalctl -u appliance -p warning -n 50")
    return Finding("service", Verdict.FINE, f"{answer['calls']} calls, {answer['waiting']} waiting")


def _switch(answer: Mapping[str, Any]) -> Finding:
    if not answer["switch_up"]:
        reason = answer["switch_reason"] or "no reason known"
        return Finding("switch", Verdict.WRONG, f"not connected: {reason}", f"systemctl status {answer['switch']}")
    return Finding("switch", Verdict.FINE, f"{answer['switch']} is connected")


def _database(answer: Mapping[str, Any]) -> Finding:
    if answer["unwritten"]:
        return Finding("records", Verdict.WRONG, answer["unwritten"], "see to the disk or to the database server")
    return Finding("records", Verdict.FINE, "written")


def _web(answer: Mapping[str, Any]) -> Finding:
    if answer["trouble"]:
        return Finding("web", Verdict.WARNING, answer["trouble"], "see `web:` in site.yml")
    return Finding("web", Verdict.FINE, f"listens on {answer['address']}")


def _open_calls(answer: Mapping[str, Any], now: float) -> Finding:
    oldest = answer["oldest_call"]
    if oldest is None:
        return Finding("oldest call", Verdict.FINE, "no call now")
    hours, rest = divmod(max(0.0, now - oldest["started_at"]), 3600)
    says = f"{oldest['call']}, for {hours:.0f} h {rest // 60:.0f} min"
    if now - oldest["started_at"] > OPEN_TOO_LONG:
        return Finding("oldest call", Verdict.WARNING, says, f"appliance why {oldest['call']}")
    return Finding("oldest call", Verdict.FINE, says)


def _webhooks(answer: Sequence[Mapping[str, Any]], now: float) -> Iterator[Finding]:
    """Warnings only: what others do must not make an upgrade go back."""
    for hook in answer:
        name = f"webhook {hook['webhook']}"
        if hook["since"] is None:
            yield Finding(name, Verdict.FINE, "takes what it is told")
        else:
            says = f"has taken nothing for {max(0.0, now - hook['since']) / 60:.0f} min: {hook['why']}"
            yield Finding(name, Verdict.WARNING, says, "see to its `url:`, or to the program there")


def trunks(answer: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Warnings only: what a provider does must not make an upgrade go back."""
    for trunk in answer:
        name = f"trunk {trunk['trunk']}"
        if trunk["up"]:
            yield Finding(name, Verdict.FINE, "up" if trunk["registered"] is None else "registered")
        else:
            yield Finding(name, Verdict.WARNING, trunk["why"], f"appliance trunk test {trunk['trunk']}")


def disks(settings: Settings, data: Path) -> Iterator[Finding]:
    """The room that is left where the appliance and the switch write."""
    seen: set[int] = set()
    for what, path in (("data", data), ("recordings", settings.recordings), ("backups", settings.backups)):
        try:
            device = path.stat().st_dev
            about = os.statvfs(path)
        except OSError:
            continue  # not made yet, or not for us to see
        if device in seen:
            continue
        seen.add(device)
        free, share = about.f_bavail * about.f_frsize, about.f_bavail / max(1, about.f_blocks)
        says = f"{_size(free)} free of {_size(about.f_blocks * about.f_frsize)} at {path}"
        if free < LEAST or (share < GONE and free < LITTLE):
            yield Finding(f"disk ({what})", Verdict.WRONG, says, "make room: see `keep:` in site.yml")
        elif share < SCARCE and free < PLENTY:
            yield Finding(f"disk ({what})", Verdict.WARNING, says, "make room: see `keep:` in site.yml")
        else:
            yield Finding(f"disk ({what})", Verdict.FINE, says)


def last_backup(settings: Settings, now: float) -> Iterator[Finding]:
    """How old the newest backup is, where backups can be seen."""
    try:
        newest = max((file.stat().st_mtime for file in settings.backups.glob(ANY_NAME)), default=None)
        os.listdir(settings.backups)
    except OSError:
        return
    if newest is None:
        yield Finding("backup", Verdict.WARNING, f"none in {settings.backups}", "appliance backup")
    elif now - newest > BACKUP_TOO_OLD:
        says = f"the last one is {(now - newest) / 86400:.0f} days old"
        yield Finding("backup", Verdict.WARNING, says, "journalctl -u appliance-backup")
    else:
        yield Finding("backup", Verdict.FINE, f"the last one is {(now - newest) / 3600:.0f} h old")


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
