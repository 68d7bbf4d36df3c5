"""calls.yml: calls beside the configuration, and what is expected of each."""

from dataclasses import dataclass
from os.path import lexists
from pathlib import Path

from appliance.configuration.documents import Entry, Table, Text, read_document
from appliance.configuration.problems import Place, Report, did_you_mean, shown
from appliance.configuration.reading import CALLS
from appliance.configuration.tables import Fields, entries
from appliance.rehearsal import wording
from appliance.rehearsal.expecting import Expectation, Expecting
from appliance.rehearsal.imagined import ImaginedCall
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.wording import Wording


@dataclass(frozen=True)
class Case:
    """A call with a name, and what is expected of it."""

    name: str
    place: Place
    call: ImaginedCall
    expectations: tuple[Expectation, ...]


def read_cases(directory: Path, premises: Premises, report: Report) -> list[Case]:
    """The cases in the order of the file; none where there is no file. What is wrong goes to the report."""
    path = directory / CALLS
    if not lexists(path):
        return []
    tree = read_document(path, report)
    if tree is None or (isinstance(tree, Text) and not tree.text):
        return []
    top = Fields(tree, f'The file "{CALLS}"', Place(str(path)), report)
    usual = _usual(top, report)
    reader = _Reader(premises, report)
    cases = [reader.case(entry, usual) for entry in entries(top.node("calls"), '"calls"', report)]
    top.close()
    return cases


def _usual(top: Fields, report: Report) -> dict[str, Entry]:
    """What holds for every call that says nothing else."""
    found: dict[str, Entry] = {}
    for entry in entries(top.node("usual"), '"usual"', report):
        key = entry.key.text
        if key in wording.FIELDS:
            found[key] = entry
        else:
            remedy = did_you_mean(key, wording.FIELDS)
            report.add(entry.key.place, f"What is usual for calls has no field {shown(key)}.", remedy)
    return found


class _Reader:
    """Makes cases of entries."""

    def __init__(self, premises: Premises, report: Report) -> None:
        self._wording = Wording(premises.settings, report)
        self._expecting = Expecting(premises)
        self._report = report

    def case(self, entry: Entry, usual: dict[str, Entry]) -> Case:
        name, place = " ".join(entry.key.text.split()), entry.key.place
        value = entry.value
        if isinstance(value, Table):
            value = Table(value.place, {**usual, **value.entries})
        each = Fields(value, f"The call {shown(name)}", place, self._report)
        call = self._wording.call(each)
        before = len(self._report.found)
        expectations = self._expecting.read(each)
        each.close()
        if not expectations and len(self._report.found) == before and isinstance(value, Table):
            text = f"The call {shown(name)} expects nothing."
            self._report.add(place, text, 'Say what must become of it, for example "ends: queue sales".')
        return Case(name, place, call, expectations)
