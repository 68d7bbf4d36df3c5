"""A backup file: a compressed tar that begins with what it is and ends with the checksums of all that is in it.

The checksums come last, so a file that was not finished is known by their absence; each file is read once to be
written, and once to be checked.
"""

import grp
import hashlib
import json
import os
import pwd
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from appliance.trouble import Trouble

FORMAT = 1
ABOUT = "about.json"
SUMS = "checksums.json"


@dataclass(frozen=True)
class About:
    """What a backup says of itself."""

    made_at: float  # UTC epoch seconds
    company: str
    program: str  # the version of the program that made it
    records: str  # "sqlite", "postgresql" or "" where there were none
    recordings: bool
    format: int = FORMAT


class Writer:
    """Adds files to a backup."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._sums: dict[str, str] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file; of one that grows meanwhile, what there is now. Raises OSError."""
        with path.open("rb") as file:
            info = self._tar.gettarinfo(arcname=name, fileobj=file)
            info.type, info.linkname = tarfile.REGTYPE, ""
            counted = _Counted(file)
            self._tar.addfile(info, counted)
        self._sums[name] = counted.sum

    def add_json(self, name: str, data: object) -> None:
        text = json.dumps(data, ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(text), 0o600
        self._tar.addfile(info, BytesIO(text))
        self._sums[name] = hashlib.sha256(text).hexdigest()

    def finish(self) -> None:
        self.add_json(SUMS, self._sums)


class _Counted:
    """A file whose checksum is known when it has been read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._sum.update(data)
        return data

    @property
    def sum(self) -> str:
        return self._sum.hexdigest()


@contextmanager
def writing(file: Path, about: About) -> Iterator[Writer]:
    """Make a backup file: there is a whole one under that name, readable by its owner alone, or none."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            os.fchmod(descriptor, 0o600)
            with tarfile.open(fileobj=stream, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=6) as tar:
                writer = Writer(tar)
                writer.add_json(ABOUT, asdict(about))
                yield writer
                writer.finish()
            stream.flush()
            os.fsync(descriptor)
        unfinished.replace(file)
    except BaseException:
        with suppress(FileNotFoundError):
            unfinished.unlink()
        raise


def about(file: Path) -> About:
    """What a backup is, without looking at all of it. Raises Trouble."""
    with _reading(file) as tar:
        return _about(tar, file)


def _about(tar: tarfile.TarFile, file: Path) -> About:
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == ABOUT else None
    if content is None:
        raise Trouble(f"{file} is no backup of an appliance.")
    data = json.load(content)
    if data["format"] != FORMAT:
        raise Trouble(
            f"{file} was made by a newer program than this one ({data['program']}): restore it with that."
        )
    return About(**data)


def unpack(file: Path, places: Mapping[str, Path]) -> list[str]:
    """Unpack what is below the names in `places` into these new places, and check all of the file.

    Returns the names of what was unpacked. Raises Trouble if anything is wrong with the backup, or OSError; then
    what has been unpacked is worth nothing.
    """
    sums: dict[str, str] = {}
    unpacked: list[str] = []
    promised: dict[str, str] | None = None
    with _reading(file) as tar:
        for info in tar:
            content = tar.extractfile(info)
            if content is None or promised is not None:
                raise Trouble(f"{file} is damaged: {info.name!r} has no place in a backup.")
            if info.name == SUMS:
                promised = json.load(content)
                continue
            counted = _Counted(content)
            target = _target(info.name, places)
            if target is None:
                while counted.read(1 << 20):
                    pass
            else:
                _write(counted, info, target)
                unpacked.append(info.name)
            sums[info.name] = counted.sum
    if promised is None:
        raise Trouble(f"{file} is incomplete or damaged: its end is missing.")
    wrong = [name for name in sorted(sums.keys() | promised.keys()) if sums.get(name) != promised.get(name)]
    if wrong:
        raise Trouble(f"{file} is damaged: {', '.join(wrong[:3])} is not what was backed up.")
    return unpacked


def _target(name: str, places: Mapping[str, Path]) -> Path | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise Trouble(f"The backup is not to be trusted: it names a file {name!r}.")
    place = places.get(path.parts[0])
    return None if place is None else place.joinpath(*path.parts[1:])


def _write(content: Any, info: tarfile.TarInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(content, out, 1 << 20)
        out.flush()
        os.fsync(out.fileno())
        give(target, info.uname, info.gname)
        os.fchmod(out.fileno(), info.mode & 0o777)
    os.utime(target, (info.mtime, info.mtime))


def give(path: Path, user: str, group: str) -> None:
    """Give a file to whom it belonged, where we may and they are known here."""
    if os.geteuid() == 0:
        with suppress(KeyError):
            os.chown(path, pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid)


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r|gz") as tar:
            yield tar
    except (tarfile.TarError, zlib.error, EOFError, ValueError, KeyError, TypeError) as error:
        raise Trouble(
            f"{file} is damaged, or no backup of an appliance: {' '.join(str(error).split())}."
        ) from None
    except OSError as error:
        if error.filename is not None or error.errno is not None:
            raise
        raise Trouble(f"{file} is damaged, or no backup of an appliance: {error}.") from None
