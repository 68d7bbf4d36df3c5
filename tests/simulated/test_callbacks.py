"""Call-backs from the caller's side and the agent's: promised, called, talked to, asked again, called in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gevent
import pytest

from appliance.callbacks.requests import Wish, promise
from appliance.facts import AgentState, CallOutcome, VisitOutcome
from appliance.line.promises import CallbackEnd, First, Kind
from appliance.records import models as t
from appliance.settings import Destination
from appliance.settings.callback import Slots
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, PhoneCall, Stage
from tests.simulated.calling_back import (
    CUSTOMER,
    KEY,
    attempts,
    called,
    in_line,
    number_of_calls,
    promised,
    running,
    the_callback,
    the_visit,
    with_callbacks,
)
from tests.simulated.centre import SALES_LINE, SUPPORT_LINE, Centre, say


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, with_callbacks()) as centre:
        yield centre


def test_who_goes_home_is_called_and_talks(centre: Centre) -> None:
    caller = promised(centre)
    assert caller.prompts[-2:] == [centre.sound("callback-promised"), centre.sound("goodbye")]
    assert t.Call.get(t.Call.id == caller.call).outcome == CallOutcome.CALLBACK_PROMISED.value
    centre.switch.provider("north").presses("1")
    centre.phone("alice").answers(1, talks=20)
    centre.run_for(60)
    assert number_of_calls(centre) == 0, "nobody is there to talk to"
    centre.sign_on("alice")
    callee = called(centre)
    centre.until(lambda: centre.state("alice") is AgentState.TALKING)
    assert (callee.to.number, callee.to.shown) == ("89161234567", "84951234568")
    assert callee.prompts[0] == centre.sound("callback-greeting")
    assert callee.partners == ["201"]
    centre.until(lambda: callee.stage is Stage.GONE)
    visit = the_visit()
    assert (visit.outcome, visit.agent) == (VisitOutcome.ANSWERED.value, "1001")
    assert t.Call.get(t.Call.id == f"{visit.id}.c1").outcome == CallOutcome.CALLED_BACK.value
    assert the_callback().outcome == CallbackEnd.SERVED.value and attempts() == ["served"]
    (recording,) = t.Recording.select()
    assert recording.call == f"{visit.id}.c1"


def test_the_disposition_is_asked_for_as_after_any_talk(centre: Centre) -> None:
    promised(centre)
    centre.switch.provider("north").answers(2, talks=15)
    centre.switch.provider("north").presses("1")
    centre.phone("alice").answers(1)
    centre.phone("alice").keys_afterwards("1#")
    centre.sign_on("alice")
    called(centre)
    centre.until(lambda: t.DispositionRow.select().exists())


def test_whom_a_key_is_asked_of_in_vain_is_a_machine_and_is_called_again(tmp_path: Path) -> None:
    wanted = with_callbacks(machine=say("we shall try again"))
    with running(tmp_path, wanted) as centre:
        promised(centre)
        centre.sign_on("alice")
        machine = called(centre)
        centre.until(lambda: machine.prompts.count(centre.sound("callback-choices")) == 2)
        machine.fall_silent(after=9.0)
        centre.until(lambda: machine.stage is Stage.GONE)
        assert machine.prompts[-1] == centre.sound("we shall try again")
        assert not list((tmp_path / "recordings").rglob("*.wav")), "what a machine has said is not kept"
        assert centre.state("alice") is AgentState.READY, "and no agent hears it"
        centre.switch.provider("north").refuses(486)
        centre.until(lambda: attempts()[1:2] == ["busy"], within=4000)
        centre.switch.provider("north").answers(1, talks=5)
        centre.switch.provider("north").presses("1")
        centre.phone("alice").answers(1)
        centre.until(lambda: attempts() == ["machine", "busy", "served"], within=4000)
        centre.until(lambda: not centre.switch.legs())


def test_a_person_who_is_slow_is_no_machine(tmp_path: Path) -> None:
    with running(tmp_path, with_callbacks(machine=say("we shall try again"))) as centre:
        centre.switch.provider("north").answers(2, talks=5)
        promised(centre)
        centre.sign_on("alice")
        centre.phone("alice").answers(1)
        person = called(centre)
        centre.until(lambda: person.prompts.count(centre.sound("callback-choices")) == 2)
        person.press("1", after=10.0)
        centre.until(lambda: attempts() == ["served"])
        centre.until(lambda: not centre.switch.legs())


def test_not_now(centre: Centre) -> None:
    promised(centre)
    centre.switch.provider("north").presses("2")
    centre.sign_on("alice")
    callee = called(centre)
    centre.until(lambda: callee.stage is Stage.GONE)
    assert callee.prompts[-2:] == [centre.sound("callback-later"), centre.sound("goodbye")]
    assert attempts() == ["not now"] and the_callback().outcome is None
    centre.switch.provider("north").presses("3")
    again = called(centre, 2)
    centre.until(lambda: again.stage is Stage.GONE)
    assert again.prompts[-2:] == [centre.sound("callback-cancelled"), centre.sound("goodbye")]
    assert the_callback().outcome == CallbackEnd.CANCELLED_BY_CUSTOMER.value
    assert the_visit().outcome == VisitOutcome.UNREACHED.value


def test_who_agrees_and_hangs_up_in_line_is_called_again(centre: Centre) -> None:
    promised(centre)
    centre.switch.provider("north").presses("1")
    centre.phone("alice").ignores()
    centre.sign_on("alice")
    callee = called(centre)
    centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
    callee.hang_up()
    centre.until(lambda: attempts() == ["no agent"])
    centre.phone("alice").answers(1, talks=5)
    called(centre, 2)
    centre.until(lambda: attempts() == ["no agent", "served"])


def test_the_place_is_kept_while_the_caller_chooses_and_no_agent_waits_for_that(centre: Centre) -> None:
    first, second = in_line(centre), in_line(centre, "+79161111111")
    first.press(KEY)
    centre.until(lambda: centre.sound("callback-confirm") in first.prompts)
    centre.phone("alice").answers(1, talks=5)
    centre.sign_on("alice")
    centre.until(lambda: second.stage is Stage.TALKING)
    centre.until(lambda: first.stage is Stage.TALKING, within=90.0)
    assert not t.Callback.select().exists()


def test_three_tries_and_back_to_the_line(centre: Centre) -> None:
    caller = in_line(centre)
    caller.press(KEY)
    centre.until(lambda: caller.prompts.count(centre.sound("callback-confirm")) == 3)
    centre.run_for(20)
    assert caller.hears(Sound.MUSIC) and not t.Callback.select().exists()
    caller.hang_up()
    centre.run_for(1)
    assert the_visit().outcome == VisitOutcome.ABANDONED.value


def test_another_number_is_keyed_and_confirmed(centre: Centre) -> None:
    caller = in_line(centre, "")
    caller.press_when_asked(["0044205556677#", "89035556677#", "1"])
    caller.press(KEY)
    centre.until(lambda: caller.stage is Stage.GONE)
    assert centre.sound("callback-wrong-number") in caller.prompts
    assert the_callback().number == "+79035556677"


def test_who_hangs_up_before_confirming_a_number_is_promised_nothing(centre: Centre) -> None:
    caller = in_line(centre)
    caller.press(KEY)
    centre.until(lambda: centre.sound("callback-confirm") in caller.prompts)
    caller.hang_up()
    centre.run_for(5)
    assert not t.Callback.select().exists() and the_visit().outcome == VisitOutcome.ABANDONED.value


def test_who_hangs_up_after_confirming_is_called(centre: Centre) -> None:
    caller = in_line(centre)
    caller.press(KEY)
    centre.until(lambda: centre.sound("callback-confirm") in caller.prompts)
    caller.press("1")
    centre.run_for(0.0)
    caller.hang_up()
    centre.run_for(5)
    assert the_callback().outcome is None
    assert t.Call.get(t.Call.id == the_visit().call).outcome == CallOutcome.CALLBACK_PROMISED.value


def test_one_call_back_for_each_number_and_queue(centre: Centre) -> None:
    promised(centre)
    again = in_line(centre)
    again.press_when_asked(["1"])
    again.press(KEY)
    centre.until(lambda: centre.sound("callback-already") in again.prompts)
    centre.run_for(5)
    assert again.hears(Sound.MUSIC) and t.Callback.select().count() == 1


def test_a_destination_where_nobody_holds(centre: Centre) -> None:
    caller = centre.call(SALES_LINE, CUSTOMER, trunk="north")
    caller.press_when_asked(["1"])
    centre.until(lambda: caller.stage is Stage.GONE)
    assert the_callback().number == CUSTOMER and the_callback().kind == "asked"
    centre.switch.provider("north").presses("1")
    centre.phone("alice").answers(1, talks=5)
    centre.sign_on("alice")
    centre.until(lambda: attempts() == ["served"])
    centre.until(lambda: not centre.switch.legs())


def test_who_was_called_may_leave_the_line_by_a_key(tmp_path: Path) -> None:
    queue = with_callbacks().queues["support"]
    keys = {**queue.keys, "0": Destination(message=say("write to us"))}
    wanted = with_callbacks()
    wanted = replace(wanted, queues={**wanted.queues, "support": replace(queue, keys=keys)})
    with running(tmp_path, wanted) as centre:
        promised(centre)
        centre.switch.provider("north").presses("1")
        centre.phone("alice").ignores()
        centre.sign_on("alice")
        customer = called(centre)
        centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
        customer.press("0", after=20.0)  # when the phone has rung in vain
        centre.until(lambda: customer.stage is Stage.GONE)
        assert customer.prompts[-1] == centre.sound("write to us")
        assert the_callback().outcome is not None and the_visit().outcome is not None


def test_the_agent_is_told_who_it_is_as_of_any_caller(tmp_path: Path) -> None:
    wanted = with_callbacks()
    queue = replace(wanted.queues["support"], whisper=say("call-back"), accept=True)
    wanted = replace(wanted, queues={**wanted.queues, "support": queue})
    with running(tmp_path, wanted) as centre:
        promised(centre)
        centre.switch.provider("north").answers(2, talks=5)
        centre.switch.provider("north").presses("1")
        alice = centre.phone("alice")
        alice.answers(1)
        alice.accepts = True
        centre.sign_on("alice")
        called(centre)
        centre.until(lambda: attempts() == ["served"])
        assert centre.sound("call-back") in alice.past[-1].prompts


def test_it_is_offered_once_in_line(tmp_path: Path) -> None:
    with running(tmp_path, with_callbacks(offer_after=30.0)) as centre:
        caller = in_line(centre)
        centre.run_for(20)
        assert centre.sound("callback-offer") not in caller.prompts
        centre.run_for(200)
        assert caller.prompts.count(centre.sound("callback-offer")) == 1
        caller.hang_up()


def test_who_is_offered_to_an_agent_just_then_hears_of_it_later(tmp_path: Path) -> None:
    rules = with_callbacks(offer_after=30.0)
    support = replace(rules.queues["support"], agents=("1001", "1002"))
    with running(tmp_path, replace(rules, queues={**rules.queues, "support": support})) as centre:
        caller = in_line(centre)
        centre.run_for(20)
        centre.sign_on("alice", "bob")  # one phone rings after the other, and nobody is there
        centre.run_for(80)
        begun = [heard for heard in caller.heard if heard.what == centre.sound("callback-offer")]
        lengths = [heard.end - heard.begin for heard in begun if heard.end is not None]
        assert len(begun) == len(lengths) == 2  # the first time a phone began to ring in the same moment
        assert lengths[0] == 0.0 and lengths[1] > 1.0
        caller.hang_up()


class TestAgentFirst:
    @pytest.fixture
    def centre(self, tmp_path: Path) -> Iterator[Centre]:
        with running(tmp_path, with_callbacks(First.AGENT)) as centre:
            centre.switch.provider("north").answers(2, talks=20)
            yield centre

    def asked(self, centre: Centre, key: str) -> PhoneCall:
        """The agent's phone, which answers and presses that."""
        promised(centre)
        alice = centre.phone("alice")
        centre.sign_on("alice")
        centre.until(lambda: alice.stage is Stage.RINGING)
        call: PhoneCall = alice.call
        call.press_when_asked([key])
        call.pick_up()
        return call

    def test_the_agent_hears_who_it_is_and_calls(self, centre: Centre) -> None:
        call = self.asked(centre, "1")
        centre.phone("alice").keys_afterwards("1#")
        customer = called(centre)
        centre.until(lambda: customer.stage is Stage.TALKING)
        assert call.prompts[:3] == [
            centre.sound(phrase) for phrase in ("agent-callback-number", "agent-accept", "agent-callback-calling")
        ]
        assert centre.state("alice") is AgentState.TALKING
        assert customer.prompts == [] and customer.partners == ["201"]
        centre.until(lambda: t.DispositionRow.select().exists())
        assert attempts() == ["served"] and the_callback().outcome == CallbackEnd.SERVED.value
        assert the_visit().agent == "1001" and t.Recording.select().count() == 1

    def test_who_presses_nothing_does_not_call(self, centre: Centre) -> None:
        call = self.asked(centre, "")
        centre.until(lambda: call.stage is Stage.GONE)
        assert attempts()[0] == "agent missed" and number_of_calls(centre) == 0
        assert the_callback().outcome is None

    def test_who_hangs_up_does_not_call(self, centre: Centre) -> None:
        call = self.asked(centre, "")
        centre.run_for(1)
        call.hang_up()
        centre.until(lambda: attempts()[:1] == ["agent missed"])
        assert number_of_calls(centre) == 0

    @pytest.mark.parametrize("status, end", [(486, "busy"), (603, "refused"), (404, "unreachable")])
    def test_the_agent_hears_why_a_customer_is_not_reached(self, centre: Centre, status: int, end: str) -> None:
        centre.switch.provider("north").refuses(status)
        call = self.asked(centre, "1")
        centre.until(lambda: call.stage is Stage.GONE)
        assert call.prompts[-1] == centre.sound(f"agent-callback-{end}")
        assert attempts() == [end]
        assert centre.state("alice") is AgentState.READY


class TestCallingIn:
    def calls(self, centre: Centre, *keys: str) -> Caller:
        """Who is to be called back calls, and presses these."""
        caller = centre.call(SUPPORT_LINE, CUSTOMER, trunk="north")
        caller.press_when_asked(keys)
        return caller

    def test_the_place_is_given_back(self, centre: Centre) -> None:
        promised(centre)
        centre.run_for(100)
        other = in_line(centre, "+79161111111")
        caller = self.calls(centre, "1")
        centre.until(lambda: caller.hears(Sound.MUSIC))
        assert centre.sound("callback-open") in caller.prompts
        assert the_callback().outcome == CallbackEnd.CALLED_IN.value
        centre.phone("alice").answers(1)
        centre.phone("alice").keys_afterwards("1#")
        centre.sign_on("alice")
        centre.until(lambda: caller.stage is Stage.TALKING)
        assert other.stage is Stage.LISTENING, "the place of the one was before that of the other"
        caller.hang_up()
        centre.until(lambda: t.DispositionRow.select().exists())
        assert the_visit().outcome == VisitOutcome.ANSWERED.value
        assert t.Call.get(t.Call.id == caller.call).outcome == CallOutcome.ANSWERED.value
        assert number_of_calls(centre) == 0
        other.hang_up()

    def test_who_comes_back_may_go_home_again(self, centre: Centre) -> None:
        promised(centre)
        caller = self.calls(centre, "1", "1")
        centre.until(lambda: caller.hears(Sound.MUSIC))
        caller.press(KEY)
        centre.until(lambda: caller.stage is Stage.GONE)
        centre.switch.provider("north").presses("1")
        centre.phone("alice").answers(1, talks=5)
        centre.sign_on("alice")
        centre.until(lambda: the_visit().outcome == VisitOutcome.ANSWERED.value)
        assert attempts() == ["served"]

    def test_cancelled(self, centre: Centre) -> None:
        promised(centre)
        caller = self.calls(centre, "2")
        centre.until(lambda: caller.stage is Stage.GONE)
        assert caller.prompts[-2:] == [centre.sound("callback-cancelled"), centre.sound("goodbye")]
        assert the_callback().outcome == CallbackEnd.CANCELLED_BY_CUSTOMER.value
        assert the_visit().outcome == VisitOutcome.UNREACHED.value

    def test_who_never_asked_for_a_call_is_not_asked_what_is_to_become_of_it(self, centre: Centre) -> None:
        wish = Wish("support", CUSTOMER, Kind.ABANDONED)
        made = gevent.spawn(promise, centre.engine, wish)
        centre.until(made.ready)
        caller = self.calls(centre)
        centre.until(lambda: caller.hears(Sound.MUSIC))
        assert centre.sound("callback-open") not in caller.prompts
        caller.hang_up()

    def test_nothing_pressed_and_served_in_that_call(self, centre: Centre) -> None:
        promised(centre)
        caller = self.calls(centre)
        centre.until(lambda: caller.hears(Sound.MUSIC))
        assert the_callback().outcome is None
        caller.hang_up()
        centre.run_for(1)
        assert the_callback().outcome is None, "it stays"

    def test_served_in_another_call_in(self, centre: Centre) -> None:
        promised(centre)
        caller = self.calls(centre)
        centre.until(lambda: caller.hears(Sound.MUSIC))
        centre.switch.provider("north").ignores()
        centre.phone("alice").answers(1, talks=5)
        centre.sign_on("alice")
        centre.until(lambda: the_callback().outcome is not None, within=400)
        callback = the_callback()
        assert (callback.outcome, callback.why) == (
            CallbackEnd.SERVED_OTHERWISE.value,
            f"talked to agent 1001 in call {caller.call}",
        )
        centre.until(lambda: not centre.switch.legs())

    def test_served_in_a_call_of_an_agent(self, centre: Centre) -> None:
        promised(centre)
        centre.sign_on("alice")
        centre.switch.provider("north").presses("2")
        centre.until(lambda: attempts() == ["not now"])
        call = centre.phone("alice").dial("89161234567")
        centre.until(lambda: call.stage is Stage.TALKING)
        assert the_callback().outcome == CallbackEnd.SERVED_OTHERWISE.value
        call.hang_up()

    def test_a_place_is_given_back_while_the_customer_is_called(self, centre: Centre) -> None:
        promised(centre)
        centre.switch.provider("north").ignores()
        centre.phone("alice").answers(1, talks=5)
        centre.sign_on("alice")
        ringing = called(centre)
        caller = self.calls(centre, "1")
        centre.until(lambda: caller.stage is Stage.TALKING)
        assert ringing.stage is Stage.GONE and attempts() == ["cancelled"]
        assert the_callback().outcome == CallbackEnd.CALLED_IN.value
        centre.until(lambda: not centre.switch.legs())


class TestAtATime:
    @pytest.fixture
    def centre(self, tmp_path: Path) -> Iterator[Centre]:
        with running(tmp_path, with_callbacks(slots=Slots(ahead=600.0))) as centre:
            yield centre

    def test_who_stands_in_line_chooses_a_time(self, centre: Centre) -> None:
        caller = in_line(centre)
        caller.press_when_asked(["2", "1", "1", "1"])
        caller.press(KEY)
        centre.until(lambda: caller.stage is Stage.GONE)
        assert caller.prompts[-2:] == [centre.sound("callback-promised-at"), centre.sound("goodbye")]
        callback = the_callback()
        assert callback.kind == "chosen time" and callback.not_before >= callback.promised_at + 600.0
        assert t.Call.get(t.Call.id == caller.call).outcome == CallOutcome.CALLBACK_PROMISED.value

    def test_who_hangs_up_while_choosing_wanted_a_call(self, centre: Centre) -> None:
        caller = in_line(centre)
        caller.press_when_asked(["2", "1"])
        caller.press(KEY)
        centre.until(lambda: centre.sound("callback-slot") in caller.prompts)
        caller.hang_up()
        centre.run_for(5)
        callback = the_callback()
        assert (callback.outcome, callback.kind) == (None, "held")
        assert callback.not_before < centre.clock.now() + 15

    def test_who_calls_before_the_time_that_was_chosen_has_a_place(self, centre: Centre) -> None:
        caller = in_line(centre)
        caller.press_when_asked(["2", "1", "1", "1"])
        caller.press(KEY)
        centre.until(lambda: caller.stage is Stage.GONE)
        again = centre.call(SUPPORT_LINE, CUSTOMER, trunk="north")
        again.press_when_asked(["1"])
        centre.until(lambda: again.hears(Sound.MUSIC))
        assert the_callback().outcome == CallbackEnd.CALLED_IN.value
        centre.phone("alice").answers(1, talks=5)
        centre.sign_on("alice")
        centre.until(lambda: again.stage is Stage.TALKING)
        assert number_of_calls(centre) == 0

    def test_who_calls_chooses_another_time(self, centre: Centre) -> None:
        promised(centre, "1", "1")
        caller = centre.call(SUPPORT_LINE, CUSTOMER, trunk="north")
        caller.press_when_asked(["3", "2", "1"])
        centre.until(lambda: caller.stage is Stage.GONE)
        assert centre.sound("callback-open-move") in caller.prompts
        assert caller.prompts[-2:] == [centre.sound("callback-promised-at"), centre.sound("goodbye")]
        callback = the_callback()
        assert callback.outcome is None and callback.not_before >= centre.clock.now() + 600.0
