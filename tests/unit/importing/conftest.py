"""The samples, and drafts of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from appliance.importing.draft import Draft
from appliance.importing.drafting import from_asterisk, from_freepbx, from_fusionpbx
from appliance.importing.files import SoundFolders

SAMPLES = Path(__file__).with_name("samples")
SITE = {"company": "Tea", "country": "RU", "time_zone": "Europe/Moscow", "language": "ru"}
SOURCES: Mapping[str, tuple[Callable[..., Draft], str]] = {
    "freepbx": (from_freepbx, "freepbx.sql"),
    "fusionpbx": (from_fusionpbx, "fusionpbx"),
    "asterisk": (from_asterisk, "asterisk"),
}


def drafted(kind: str, path: Path | None = None) -> Draft:
    """A draft of a sample, or of another source of its kind."""
    make, name = SOURCES[kind]
    return make(path or SAMPLES / name, SITE, SoundFolders((), (), "ru"))


@pytest.fixture(scope="session")
def drafts() -> Mapping[str, Draft]:
    return {kind: drafted(kind) for kind in SOURCES}
