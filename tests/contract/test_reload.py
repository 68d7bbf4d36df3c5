"""Every switch: it takes over its files while calls go on, and what it cannot read is refused."""

import pytest

from appliance.names import Entry
from appliance.port import Arrival, Refused
from tests.contract.rig import Rig

NEW = "103"


def known(rig: Rig) -> set[str]:
    return {device.phone for device in rig.switch.devices()}


def test_a_phone_that_is_added_is_there_and_one_that_is_removed_is_not(rig: Rig) -> None:
    before = rig.write_files(*rig.phones)
    reloader = rig.reloader()
    reloader.connect()
    try:
        wanted = rig.write_files(*rig.phones, NEW)
        reloader.take_over(wanted, before)
        assert known(rig) == {*rig.phones, NEW}
        reloader.take_over(rig.write_files(*rig.phones), wanted)
        assert known(rig) == {*rig.phones}
    finally:
        reloader.close()


def test_files_that_cannot_be_read_are_refused_and_the_next_ones_are_not(rig: Rig) -> None:
    before = rig.write_files(*rig.phones)
    reloader = rig.reloader()
    reloader.connect()
    try:
        with pytest.raises(Refused), rig.unreadable(*rig.phones, NEW) as wanted:
            reloader.take_over(wanted, before)
        reloader.take_over(rig.write_files(*rig.phones), None)
        assert known(rig) == {*rig.phones}
    finally:
        reloader.close()


def test_the_same_again_is_taken_and_nothing_happens_to_a_leg(rig: Rig) -> None:
    def story(arrival: Arrival) -> object:
        arrival.leg.answer()
        arrival.leg.music(rig.music)
        return arrival.leg.wait(60.0)

    rig.at(Entry.CALLER, story)
    caller = rig.call()
    rig.wait_for(lambda: caller.hears(rig.music), "music")
    reloader = rig.reloader()
    reloader.connect()
    wanted = rig.write_files(*rig.phones)
    reloader.take_over(wanted, wanted)
    reloader.close()
    rig.wait_for(lambda: caller.hears(rig.music), "music")
    assert not caller.is_gone
    caller.hang_up()
