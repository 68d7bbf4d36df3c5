"""The shipped configuration, to be spoilt: as data, as files, and what holds whatever has been done to it."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from appliance.configuration.checks import Checked, load
from tests.unit.yaml_core import load_core

CONFIG = Path(__file__).parents[3] / "config"
FILES = {path.name: path.read_text() for path in sorted(CONFIG.glob("*.yml")) if path.name != "calls.yml"}
CUSTOMERS = (CONFIG / "customers.csv").read_text()
WHOLE: dict[str, Any] = {}
for _text in FILES.values():
    WHOLE |= load_core(_text)

Keys = tuple[str | int, ...]

often = settings(max_examples=120, deadline=None, suppress_health_check=[*HealthCheck])
seldom = settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck])


def lay_out(directory: Path, files: dict[str, str | bytes], customers: str | bytes = CUSTOMERS) -> Path:
    """A directory with these files, and the sounds of the example."""
    for path in directory.glob("*.*"):
        if not path.is_dir():
            path.unlink()
    for name in ("sounds", "music"):
        if not (directory / name).exists():
            (directory / name).symlink_to(CONFIG / name)
    for name, content in {**files, "customers.csv": customers}.items():
        (directory / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


def lay_out_data(directory: Path, data: object) -> Path:
    """The same of data, in one file."""
    return lay_out(directory, {"x.yml": json.dumps(data)})


def checked(directory: Path) -> Checked:
    """What check says; whatever it is, it has a file, a sentence, and one line."""
    found = load(directory)
    for problem in found.problems:
        assert problem.file.startswith(str(directory)), problem
        assert problem.text.endswith((".", "?")) and problem.text[0] != " ", problem
        assert "\n" not in str(problem) and str(problem).isprintable(), problem
        assert problem.line >= 0 and problem.column >= 0
    assert (found.settings is None) == any(not problem.warning for problem in found.problems)
    return found


def at(data: Any, path: Keys) -> Any:
    for key in path:
        data = data[key]
    return data


def every_path(data: Any, *path: str | int) -> list[Keys]:
    """All places in the data but the top."""
    found: list[Keys] = [path] if path else []
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        found += every_path(value, *path, key)
    return found


def changed(changes: list[tuple[Keys, str, Any]]) -> dict[str, Any]:
    """The example with places in it set, deleted, or copied to one another; what is gone is passed over."""
    data = deepcopy(WHOLE)
    for path, what, value in changes:
        try:
            inside = at(data, path[:-1])
            if what == "set":
                inside[path[-1]] = deepcopy(value)
            elif what == "delete":
                del inside[path[-1]]
            elif what == "copy":
                inside[path[-1]] = deepcopy(at(data, value))
            elif isinstance(inside, dict):
                inside[str(value)] = inside.pop(path[-1])
        except (KeyError, IndexError, TypeError):
            continue
    return data
