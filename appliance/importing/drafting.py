"""From a path to a draft: what each importer reads, and what holds where its source does not say it."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import available_timezones

import phonenumbers

from appliance.importing.asterisk import FILES, Asterisk
from appliance.importing.csv_tables import read_rows, table_of
from appliance.importing.draft import Draft, Remarked, Topic, bare
from appliance.importing.files import SoundFolders, read_bytes, read_dump_bytes
from appliance.importing.freepbx import FreePbx
from appliance.importing.fusionpbx import UNDERSTOOD, FusionPbx
from appliance.importing.rows import Row
from appliance.importing.settle import settle
from appliance.importing.sql_dump import read_dump
from appliance.importing.texts import decoded
from appliance.trouble import Trouble


def _begin(path: Path, site: Mapping[str, str], folders: SoundFolders) -> Draft:
    """An empty draft; what the command line says of the site holds."""
    zone, country = site.get("time_zone"), site.get("country")
    if zone and zone not in available_timezones():
        raise Trouble(f"{zone} is not a time zone; write it like Europe/Moscow.")
    if country and country not in phonenumbers.SUPPORTED_REGIONS:
        raise Trouble(f"{country} is not a country; use the two letters of ISO 3166, such as RU.")
    language = site.get("language")
    if language and not re.fullmatch(r"[a-z]{2,3}", language):
        raise Trouble(f"{language} is not a language; write it like ru or en.")
    draft = Draft(path.name or str(path), folders.find, folders.find_music)
    draft.site.update(site)
    return draft


def _complete(draft: Draft, numbers: list[str]) -> str:
    """Fill in what nobody has said of the site; returns the country."""
    guesses = {
        "company": "My company",
        "country": _country_of(numbers),
        "time_zone": "UTC",
        "language": "en",
    }
    for key, guess in guesses.items():
        if key not in draft.site:
            draft.site[key] = Remarked(guess, "a guess: please put it right")
            remedy = f"put it right in site.yml, or import again with --{key.replace('_', '-')}"
            draft.note(Topic.SITE, "site.yml", f"The {key.replace('_', ' ')} is a guess ({guess}): {remedy}.")
    draft.site = {key: draft.site[key] for key in guesses}
    return str(bare(draft.site["country"]))


def _country_of(numbers: list[str]) -> str:
    """The country of most numbers that are written in full."""
    found: Counter[str] = Counter()
    for written in numbers:
        try:
            region = phonenumbers.region_code_for_number(phonenumbers.parse("+" + written.lstrip("+"), None))
        except phonenumbers.NumberParseException:
            continue
        if region:
            found[region] += 1
    return found.most_common(1)[0][0] if found else "US"


def from_freepbx(path: Path, site: Mapping[str, str], folders: SoundFolders) -> Draft:
    """The dump of the database."""
    draft = _begin(path, site, folders)
    text, encoding = decoded(read_dump_bytes(path), str(path))
    if encoding != "utf-8":
        draft.note(Topic.SITE, path.name, f"The dump is not UTF-8; it was read as {encoding}. Look at the names.")
    tables = read_dump(text, path.name)
    system = FreePbx(tables, draft)
    system.run(_complete(draft, [row.peek("extension") for row in tables.get("incoming", ())]))
    settle(draft)
    return draft


def from_fusionpbx(path: Path, site: Mapping[str, str], folders: SoundFolders, domain: str = "") -> Draft:
    """A directory of tables as CSV."""
    draft = _begin(path, site, folders)
    tables: dict[str, list[Row]] = {}
    for file in _csv_files(path):
        text, encoding = decoded(read_bytes(file), str(file))
        if encoding != "utf-8":
            draft.note(
                Topic.SITE, file.name, f"This table is not UTF-8; it was read as {encoding}. Look at the names."
            )
        tables.setdefault(table_of(file.name), []).extend(read_rows(text, file.name))
    if not set(UNDERSTOOD) & set(tables):
        raise Trouble(
            f"{path} has no table of FusionPBX: name the files v_extensions.csv, v_ivr_menus.csv and so on."
        )
    tables = _of_one_domain(tables, domain, draft)
    numbers = [row.peek("destination_number") for row in tables.get("v_destinations", ())]
    system = FusionPbx(tables, draft)
    system.run(_complete(draft, numbers))
    settle(draft)
    return draft


def _csv_files(path: Path) -> list[Path]:
    try:
        files = sorted(file for file in path.iterdir() if file.name.lower().endswith((".csv", ".csv.gz")))
    except NotADirectoryError:
        raise Trouble(f"{path} is a file; a directory with a CSV file for each table is expected.") from None
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror or error}.") from None
    if not files:
        raise Trouble(f"There is no CSV file in {path}: export the tables of FusionPBX there, one a file.")
    return files


def _of_one_domain(tables: dict[str, list[Row]], wanted: str, draft: Draft) -> dict[str, list[Row]]:
    """The rows of one domain, and of none. What is of other domains is counted."""
    names = {row["domain_uuid"]: row["domain_name"] for row in tables.get("v_domains", ())}
    used = {row.peek("domain_uuid") for table in UNDERSTOOD for row in tables.get(table, ())} - {""}
    known = {names.get(id, id): id for id in sorted(used)}
    if wanted and wanted not in known:
        raise Trouble(f"There is no domain {wanted} in these tables; there are: {', '.join(known)}.")
    if len(known) > 1 and not wanted:
        raise Trouble(f"These tables have several domains ({', '.join(known)}): name one with --domain.")
    chosen = known.get(wanted) if wanted else next(iter(known.values()), "")
    found: dict[str, list[Row]] = {}
    for table, rows in tables.items():
        found[table] = [row for row in rows if row.peek("domain_uuid") in ("", chosen) or table == "v_domains"]
        others = len(rows) - len(found[table])
        if others:
            draft.passed.append(f"{table}: {others} rows of other domains")
    return found


def from_asterisk(path: Path, site: Mapping[str, str], folders: SoundFolders) -> Draft:
    """A configuration directory."""
    draft = _begin(path, site, folders)
    seen: set[Path] = set()

    def load(name: str) -> list[tuple[str, str]]:
        """The files of a name; an absolute one of the old machine is looked for here."""
        pattern = Path(name)
        if pattern.is_absolute():
            pattern = Path(*pattern.parts[3:]) if name.startswith("/etc/asterisk/") else Path(pattern.name)
        if ".." in pattern.parts or not pattern.parts:
            return []
        found: list[tuple[str, str]] = []
        for file in sorted(path.glob(str(pattern))):
            if file.is_file():
                seen.add(file)
                raw = read_bytes(file) if file.stat().st_size else b"\n"
                text, encoding = decoded(raw, str(file))
                if encoding != "utf-8":
                    said = f"This file is not UTF-8; it was read as {encoding}. Look at the names."
                    draft.note(Topic.SITE, str(file.relative_to(path)), said)
                found.append((str(file.relative_to(path)), text))
        return found

    try:
        there = [file.name for file in sorted(path.iterdir())]
    except NotADirectoryError:
        raise Trouble(f"{path} is a file; a directory such as /etc/asterisk is expected.") from None
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror or error}.") from None
    if not set(FILES) & set(there):
        raise Trouble(f"{path} is not a configuration of Asterisk: it has none of {', '.join(FILES)}.")
    system = Asterisk(load, draft)
    system.run(_complete(draft, system.numbers()))
    settle(draft)
    draft.passed += [
        name for name in there if path / name not in seen and name.endswith((".conf", ".ael", ".lua"))
    ]
    return draft
