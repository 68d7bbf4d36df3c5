"""Configurations that lead round in a circle, or double at every step, end in a draft and a note."""

from pathlib import Path

import pytest

from appliance.importing.draft import Draft
from tests.unit.importing.conftest import SAMPLES, drafted

STEPS = 60  # each of which would double the work


def notes(draft: Draft) -> str:
    return "\n".join(note.text for note in draft.notes)


def of_freepbx(tmp_path: Path, destinations: list[tuple[str, str]]) -> Draft:
    """Time conditions 1, 2, 3... with these two destinations each."""
    rows = ",".join(f"({n},'tc {n}',1,'{a}','{b}')" for n, (a, b) in enumerate(destinations, start=1))
    (tmp_path / "a.sql").write_text(
        "INSERT INTO incoming (extension,destination,cidnum) VALUES ('74951234567','timeconditions,1,1','');\n"
        f"INSERT INTO timeconditions (timeconditions_id,displayname,time,truegoto,falsegoto) VALUES {rows};\n"
        "INSERT INTO timegroups_groups (id,description) VALUES (1,'office');\n"
        "INSERT INTO timegroups_details (id,timegroupid,time) VALUES (1,1,'9:00-17:59|mon-fri|*|*');\n"
    )
    return drafted("freepbx", tmp_path / "a.sql")


def test_time_conditions_in_a_circle(tmp_path: Path) -> None:
    draft = of_freepbx(tmp_path, [("timeconditions,2,1", "timeconditions,2,1"), ("timeconditions,1,1",) * 2])
    assert "timeconditions,1,1 does not exist, or leads round in a circle" in notes(draft)
    assert draft.sections["numbers"]["+74951234567"].fields["open"] == "hang up"


def test_time_conditions_that_double(tmp_path: Path) -> None:
    onward = [(f"timeconditions,{n},1",) * 2 for n in range(2, STEPS)]
    draft = of_freepbx(tmp_path, [*onward, ("app-blackhole,hangup,1",) * 2])
    assert "More than 200 time conditions follow each other" in notes(draft)


@pytest.mark.parametrize(
    "text",
    [
        "[from-trunk]\nexten => 74951234567,1,GotoIfTime(9:00-18:00,*,*,*?1)\n"
        " same => n,GotoIfTime(*,mon,*,*?1)\n",
        "[from-trunk]\nexten => 74951234567,1,Goto(a,s,1)\n"
        "[a]\nexten => s,1,Goto(b,s,1)\n[b]\nexten => s,1,Goto(a,s,1)\n",
        "[from-trunk]\ninclude => a\ninclude => b\n[a]\ninclude => from-trunk\ninclude => b\n[b]\ninclude => a\n"
        "include => from-trunk\nexten => 74951234567,1,Background(x)\n same => n,WaitExten(3)\n",
        "[from-trunk]\nexten => 74951234567,1,NoOp()\n"
        + "".join(f" same => n({n}),GotoIfTime(*,mon,*,*?{n + 2})\n" for n in range(STEPS))
        + " same => n,Hangup()\n",
    ],
)
def test_dialplans_in_a_circle(text: str, tmp_path: Path) -> None:
    (tmp_path / "extensions.conf").write_text(text)
    (tmp_path / "pjsip.conf").write_text((SAMPLES / "asterisk" / "pjsip.conf").read_text())
    draft = drafted("asterisk", tmp_path)
    assert "+74951234567" in draft.sections["numbers"]
