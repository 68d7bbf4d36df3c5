"""A leg on a scripted Asterisk: which commands its verbs become, and where its keys come from."""

import gevent
import pytest

from agi import leg as leg_module
from agi.offer import Offer
from appliance.line.strategies import RING_AT_ONCE
from appliance.names import Exit
from appliance.port import ANY_KEY, Dialled, Key, LegGone, MessageEnd, Outcome, Outside, Refused
from tests.wire.peers import TRANSCRIPTS, AgiLeg, quietly, result, wait_for


def test_sounds_play_one_after_another(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.play, ["/a", "/b"])
    on_line.expect('STREAM FILE "/a" ""', "200 result=0 endpos=8000")
    on_line.expect('STREAM FILE "/b" ""', "200 result=0 endpos=8000")
    assert result(verb) == ""


def test_an_interrupting_key_counts_once_whichever_connection_is_faster(on_line: AgiLeg) -> None:
    for event_is_first, key in ((True, "2"), (False, "1")):
        reply = f"200 result={ord(key)} endpos=400"
        verb = quietly(on_line.leg.play, ["/a", "/b"], "12")
        if event_is_first:
            assert on_line.peer.line() == b'STREAM FILE "/a" "12"'
            on_line.leg.press(key)
            on_line.peer.say(f"{reply}\n".encode())
        else:
            on_line.expect('STREAM FILE "/a" "12"', reply)
            on_line.leg.press(key)
        assert result(verb) == key
        assert result(quietly(on_line.leg.read_key, 0.01)) == ""


def test_the_next_command_cuts_an_announcement_short(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.announce, ["/a", "/b"])
    assert on_line.peer.line() == b'STREAM FILE "/a" ""'
    on_line.leg.post("an offer")
    on_line.expect("NOOP", "200 result=0")  # nothing is said of the sound
    assert result(verb) is None
    assert result(quietly(on_line.leg.wait, 1)) == "an offer"


def test_an_announcement_may_end_by_itself_while_it_is_cut_short(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.announce, ["/a"])
    assert on_line.peer.line() == b'STREAM FILE "/a" ""'
    on_line.leg.press("4")
    assert on_line.peer.line() == b"NOOP"
    on_line.peer.say(b"200 result=0 endpos=8000\n200 result=0\n")
    assert result(verb) is None
    verb = quietly(on_line.leg.music, "default")  # the connection is not out of step
    on_line.expect('SET MUSIC "ON" "default"', "200 result=0")
    result(verb)
    assert result(quietly(on_line.leg.wait, 1)) == Key("4")


def test_an_announcement_that_asterisk_cannot_play(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.announce, ["/a"])
    on_line.expect('STREAM FILE "/a" ""', "200 result=-1 endpos=0")
    on_line.expect('WAIT FOR DIGIT "0"', "200 result=0")
    with pytest.raises(Refused, match="cannot play /a"):
        result(verb)


def test_an_event_that_comes_far_too_late_is_no_second_press(
    on_line: AgiLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leg_module, "EVENT_LAG", 0.01)
    monkeypatch.setattr(leg_module, "ECHO", 0.0)
    verb = quietly(on_line.leg.play, ["/a"], "2")
    on_line.expect('STREAM FILE "/a" "2"', "200 result=50 endpos=400")
    assert result(verb) == "2"
    on_line.leg.press("2")
    on_line.leg.press("2")
    assert result(quietly(on_line.leg.read_key, 1)) == "2"
    assert result(quietly(on_line.leg.read_key, 0.01)) == ""


def test_a_key_that_asterisk_announces_twice_is_one(on_line: AgiLeg) -> None:
    on_line.leg.press("#")
    on_line.leg.press("#")
    assert result(quietly(on_line.leg.read_key, 1)) == "#"
    assert result(quietly(on_line.leg.read_key, 0.01)) == ""


def test_a_prompt_cut_short_by_the_echo_of_a_key_before_is_played_again(on_line: AgiLeg) -> None:
    for key in "#1":
        on_line.leg.press(key)
        assert result(quietly(on_line.leg.read_key, 1)) == key
    verb = quietly(on_line.leg.play, ["/a"], ANY_KEY)
    on_line.expect(f'STREAM FILE "/a" "{ANY_KEY}"', "200 result=35 endpos=160")
    on_line.expect(f'STREAM FILE "/a" "{ANY_KEY}"', "200 result=0 endpos=8000")
    assert result(verb) == ""


def test_a_prompt_is_cut_short_by_the_same_key_pressed_again(
    on_line: AgiLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leg_module, "ECHO", 0.0)
    on_line.leg.press("1")
    assert result(quietly(on_line.leg.read_key, 1)) == "1"
    verb = quietly(on_line.leg.play, ["/a"], "1")
    assert on_line.peer.line() == b'STREAM FILE "/a" "1"'
    on_line.leg.press("1")
    on_line.peer.say(b"200 result=49 endpos=160\n")
    assert result(verb) == "1"


def test_the_same_key_pressed_again_counts_again(on_line: AgiLeg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leg_module, "ECHO", 0.001)
    on_line.leg.press("1")
    assert result(quietly(on_line.leg.wait, 0.01)) == Key("1")
    assert result(quietly(on_line.leg.wait, 0.01)) is None
    on_line.leg.press("1")
    assert result(quietly(on_line.leg.wait, 1)) == Key("1")


def test_without_events_the_key_of_the_reply_counts(on_line: AgiLeg) -> None:
    on_line.hears_events = False
    verb = quietly(on_line.leg.play, ["/a"], "2")
    on_line.expect('STREAM FILE "/a" "2"', "200 result=50 endpos=400")
    assert result(verb) == "2"
    verb = quietly(on_line.leg.read_key, 1.5)
    on_line.expect('WAIT FOR DIGIT "1500"', "200 result=35")
    assert result(verb) == "#"


def test_a_key_pressed_ahead_interrupts_before_anything_is_played(on_line: AgiLeg) -> None:
    on_line.leg.press("7")
    on_line.leg.press("2")
    assert result(quietly(on_line.leg.play, ["/a"], "12")) == "2"
    assert result(quietly(on_line.leg.read_key, 1)) == "7"


def test_a_key_between_two_sounds_interrupts(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.play, ["/a", "/b"], ANY_KEY)
    assert on_line.peer.line().startswith(b'STREAM FILE "/a"')
    on_line.leg.press("5")
    on_line.peer.say(b"200 result=0 endpos=8000\n")
    assert result(verb) == "5"


def test_keys_are_read_in_order_and_posts_are_left_for_wait(on_line: AgiLeg) -> None:
    on_line.leg.post("item")
    on_line.leg.press("1")
    on_line.leg.press("2")
    assert [result(quietly(on_line.leg.read_key, 1)) for _ in range(2)] == ["1", "2"]
    on_line.leg.press("3")
    assert [result(quietly(on_line.leg.wait, 1)) for _ in range(2)] == ["item", Key("3")]
    assert result(quietly(on_line.leg.wait, 0.01)) is None


def test_wait_is_woken_by_a_post_and_sends_nothing(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.wait)
    on_line.leg.post("news")
    assert result(verb) == "news"
    on_line.close()
    assert on_line.peer._rest == b""


@pytest.mark.parametrize("ending", [b"HANGUP\n", b""])
def test_a_hangup_ends_wait_and_read_key(on_line: AgiLeg, ending: bytes) -> None:
    verbs = [quietly(on_line.leg.wait), quietly(on_line.leg.read_key, 60)]
    on_line.peer.say(ending) if ending else on_line.peer.close()
    for verb in verbs:
        with pytest.raises(LegGone):
            result(verb)
    for verb in (on_line.leg.answer, lambda: on_line.leg.play([]), lambda: on_line.leg.music(None)):
        with pytest.raises(LegGone):
            verb()
    on_line.leg.hang_up()


def test_music_goes_on_after_a_sound_and_after_a_missing_one(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.music, "jazz")
    on_line.expect('SET MUSIC "ON" "jazz"')
    result(verb)
    verb = quietly(on_line.leg.play, ["/a"])
    on_line.expect('STREAM FILE "/a" ""', "200 result=0 endpos=8000")
    on_line.expect('SET MUSIC "ON" "jazz"')
    result(verb)
    verb = quietly(on_line.leg.play, ["/none"])
    on_line.expect('STREAM FILE "/none" ""', "200 result=-1 endpos=0")
    on_line.expect('WAIT FOR DIGIT "0"')
    on_line.expect('SET MUSIC "ON" "jazz"')
    with pytest.raises(Refused, match="/none"):
        result(verb)
    verb = quietly(on_line.leg.music, None)
    on_line.expect('SET MUSIC "OFF"')
    result(verb)
    verb = quietly(on_line.leg.play, ["/a"])
    on_line.expect('STREAM FILE "/a" ""', "200 result=0 endpos=8000")
    result(verb)


def dial(on_line: AgiLeg, data: str, *phones: str, music: str | None = "jazz", wrap_up: bool = True) -> Dialled:
    verb = quietly(on_line.leg.dial, phones or ["201"], 15, music, wrap_up)
    assert on_line.peer.line().startswith(b'EXEC "Dial" ')
    on_line.leg.joined()
    on_line.leg.press("4")
    on_line.peer.say(b"200 result=0\n")
    on_line.expect('GET FULL VARIABLE "${DIALSTATUS},${DIALEDPEERNAME},${HANGUPCAUSE}"', f"200 result=1 ({data})")
    dialled = result(verb)
    assert isinstance(dialled, Dialled)
    return dialled


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        ("CHANUNAVAIL,,3", Outcome.UNREACHABLE),
        ("CHANUNAVAIL,,21", Outcome.REFUSED),
        ("NOANSWER,,3", Outcome.NO_ANSWER),
        ("BUSY,,17", Outcome.BUSY),
        ("CONGESTION,,34", Outcome.FAILED),
        (",,", Outcome.FAILED),
    ],
)
def test_what_became_of_a_dial(on_line: AgiLeg, data: str, outcome: Outcome) -> None:
    assert dial(on_line, data) == Dialled(outcome)


def test_a_talk(on_line: AgiLeg) -> None:
    dialled = dial(on_line, "ANSWER,PJSIP/20-1-00000190,16")
    assert (dialled.outcome, dialled.phone) == (Outcome.ANSWERED, "20-1")
    assert 0 <= dialled.talked < 1
    assert result(quietly(on_line.leg.read_key, 0.01)) == ""  # the 4 was meant for the agent


def expect_dial_outside(line: AgiLeg, to: Outside, options: str, shown: str, pres: str) -> gevent.Greenlet:
    verb = quietly(line.leg.dial_outside, to, 20.0)
    for variable, value in (("name", ""), ("num", shown), ("pres", pres)):
        line.expect(f'SET VARIABLE "CALLERID({variable})" "{value}"', "200 result=1")
    line.expect('EXEC "HangupCauseClear"', "200 result=0")
    line.expect(f'EXEC "Dial" "PJSIP/{to.number}@trunk-north,20,{options}"', "200 result=0")
    return verb


def test_a_number_outside_is_refused_with_a_status(on_line: AgiLeg) -> None:
    to = Outside("north", "89161234567", "84951234567")
    verb = expect_dial_outside(on_line, to, "gi", "84951234567", "allowed")
    on_line.expect('GET FULL VARIABLE "${DIALSTATUS},${DIALEDPEERNAME},${HANGUPCAUSE}"', "200 result=1 (BUSY,,17)")
    leg = "PJSIP/trunk-north-0000002a"
    on_line.expect('GET FULL VARIABLE "${HANGUPCAUSE_KEYS()}"', f"200 result=1 ({leg})")
    on_line.expect(f'GET FULL VARIABLE "${{HANGUPCAUSE({leg},tech)}}"', "200 result=1 (SIP 486 Busy Here)")
    assert result(verb) == Dialled(Outcome.BUSY, status=486)


def test_no_number_is_shown_and_a_tone_is_heard(on_line: AgiLeg) -> None:
    verb = expect_dial_outside(on_line, Outside("north", "112", None, early_media=False), "gir", "", "prohib")
    on_line.expect(
        'GET FULL VARIABLE "${DIALSTATUS},${DIALEDPEERNAME},${HANGUPCAUSE}"',
        "200 result=1 (ANSWER,PJSIP/trunk-north-0000002a,16)",
    )
    dialled = result(verb)
    assert isinstance(dialled, Dialled) and (dialled.outcome, dialled.phone) == (Outcome.ANSWERED, "north")


@pytest.mark.parametrize("keys", ["", "a,b", "Local/1@x", "PJSIP/1,tech)}${SHELL(id)}"])
def test_of_what_was_dialled_only_one_leg_of_a_trunk_is_asked(on_line: AgiLeg, keys: str) -> None:
    verb = expect_dial_outside(on_line, Outside("north", "112", None), "gi", "", "prohib")
    on_line.expect('GET FULL VARIABLE "${DIALSTATUS},${DIALEDPEERNAME},${HANGUPCAUSE}"', "200 result=1 (,,)")
    on_line.expect('GET FULL VARIABLE "${HANGUPCAUSE_KEYS()}"', f"200 result=1 ({keys})")
    assert result(verb) == Dialled(Outcome.FAILED)


@pytest.mark.parametrize("number", ["", "1,2", "1&2", "1@2", "1/2", "${x}", "1\n2", "1^2", "+" * 61])
def test_a_number_that_would_be_something_else_is_refused(on_line: AgiLeg, number: str) -> None:
    for to in (Outside("north", number, None), Outside("north", "112", number)):
        with pytest.raises(Refused):
            on_line.leg.dial_outside(to, 2.0)


@pytest.mark.parametrize(
    ("music", "wrap_up", "arguments"),
    [
        ("jazz", True, "PJSIP/201&PJSIP/202,2.5,gim(jazz)F(appliance-wrapup^s^1)"),
        (None, False, "PJSIP/201&PJSIP/202,2.5,gir"),
    ],
)
def test_the_options_of_a_dial(on_line: AgiLeg, music: str | None, wrap_up: bool, arguments: str) -> None:
    quietly(on_line.leg.dial, ["201", "202"], 2.5, music, wrap_up)
    assert on_line.peer.line().decode() == f'EXEC "Dial" "{arguments}"'


def test_as_many_phones_as_a_strategy_rings_fit_into_one_command(on_line: AgiLeg) -> None:
    phones = [str(10**9 + n) for n in range(RING_AT_ONCE)]
    assert dial(on_line, "NOANSWER,,0", *phones, music="a" * 40).outcome is Outcome.NO_ANSWER


@pytest.mark.parametrize("phone", ["", "201&SIP/evil", "201,1", "201@evil", "a/b"])
def test_a_phone_that_would_be_something_else_is_refused(on_line: AgiLeg, phone: str) -> None:
    with pytest.raises(Refused):
        on_line.leg.dial([phone], 5)


def test_a_caller_who_leaves_while_it_rings(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.dial, ["201"], 15)
    on_line.peer.line()
    on_line.peer.say(b"200 result=-1\nHANGUP\n")
    with pytest.raises(LegGone):
        result(verb)


class _Asking:
    """A leg of Asterisk's own that asks which phone it rings next; each of its commands lets others go on."""

    def __init__(self, number: int) -> None:
        self.env = {"agi_channel": f"Local/more@ring-0000000{number};2"}
        self.is_gone = False
        self.on_gone = lambda: None
        self.told: list[tuple[str, ...]] = []

    def run(self, *command: str) -> None:
        gevent.sleep(0)
        self.told.append(command)


def test_of_two_legs_that_ask_one_is_given_the_phone(on_line: AgiLeg) -> None:
    offer = on_line.leg._offer = Offer(["201"], 10.0, on_line.leg._clock.now() + 10.0, None, False, 2, 0.0)
    legs = [_Asking(1), _Asking(2)]
    asking = [gevent.spawn(on_line.leg.next_phone, leg) for leg in legs]
    gevent.sleep(0)
    assert on_line.leg.ring("202")
    wait_for(lambda: any(len(leg.told) == 2 for leg in legs), "a phone for one of them")
    assert sorted(len(leg.told) for leg in legs) == [0, 2]
    on_line.leg._offer = None
    on_line.leg._wake_asking()
    gevent.joinall(asking, timeout=5, raise_error=True)
    assert not offer.waiting


def test_recording_escapes_the_name_of_the_file(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.record, "/calls, 1/a.wav")
    on_line.expect('EXEC "MixMonitor" "/calls\\\\, 1/a.wav,b"')
    result(verb)


def test_leaving_says_how_and_then_gives_the_leg_back(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.leave, Exit.FALLBACK, "sales")
    on_line.expect('SET VARIABLE "APPLIANCE_QUEUE" "sales"', "200 result=1")
    on_line.expect('SET VARIABLE "APPLIANCE_DONE" "fallback"', "200 result=1")
    result(verb)
    assert on_line.peer.is_closed()


def test_hanging_up_is_marked_as_done_first(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.hang_up)
    on_line.expect('SET VARIABLE "APPLIANCE_DONE" "done"', "200 result=1")
    on_line.expect("HANGUP", "200 result=1")
    result(verb)
    on_line.leg.hang_up()


def test_a_recorded_call_is_driven_by_the_same_commands(on_line: AgiLeg) -> None:
    """What real Asterisk answered to this story, line by line."""
    leg = on_line.leg
    heard: list[object] = []

    def story() -> None:
        leg.answer()
        leg.mark("call-1")
        heard.append(leg.play(["/sounds/half"]))
        heard.append(leg.play(["/sounds/beep2s", "/sounds/beep2s"], ANY_KEY))
        with pytest.raises(Refused):
            leg.play(["/sounds/nothing"], "1")
        leg.music("default")
        leg.play(["/sounds/half"])
        heard.append(leg.play(["/sounds/beep2s"], "9"))
        leg.record("/recordings/rec, 1/a.wav")
        heard.append(leg.dial(["201"], 10, "default", True).phone)
        heard.append(leg.dial(["202"], 10, None, True).outcome)
        heard.append(leg.dial(["201"], 1.5, None, True).outcome)
        heard.append(leg.dial(["201", "202"], 5, "default", True).outcome)
        leg.dial(["201"], 10, "default", True)

    verb = quietly(story)
    lines = (TRANSCRIPTS / "caller.agi").read_text().splitlines()
    conversation = lines[next(n for n, line in enumerate(lines) if line.startswith("> ")) :]
    for line in conversation:
        text = line[2:]
        if line.startswith("> "):
            sent = on_line.peer.line().decode()
            assert sent == text
        else:
            digit = text.removeprefix("200 result=").split()[0]
            if digit.isdecimal() and int(digit) > 1:
                leg.press(chr(int(digit)))
            on_line.peer.say(text.encode() + b"\n")
    with pytest.raises(LegGone):
        result(verb)
    wait_for(lambda: on_line.wire.is_gone, "the end")
    assert heard == [
        "", "1", "9", "201", Outcome.UNREACHABLE, Outcome.NO_ANSWER, Outcome.REFUSED
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "end"),
    [
        ("200 result=35 (dtmf) endpos=16000", MessageEnd.KEY),
        ("200 result=56020 (timeout) endpos=16000", MessageEnd.SILENCE),
    ],
)
def test_a_message_and_what_ends_it(on_line: AgiLeg, reply: str, end: MessageEnd) -> None:
    on_line.leg.press("5")  # before, so it is forgotten
    verb = quietly(on_line.leg.take_message, "/r/m.wav", 60.0, 4.0)
    on_line.expect('RECORD FILE "/r/m" "wav" "#" "60000" "s=4"', reply)
    if end is MessageEnd.KEY:
        on_line.leg.press("#")
    assert result(verb) is end
    assert result(quietly(on_line.leg.read_key, 0.01)) == ""


def test_a_message_as_long_as_may_be(on_line: AgiLeg) -> None:
    verb = quietly(on_line.leg.take_message, "/r/m.wav", 0.1, 4.0)
    on_line.expect('RECORD FILE "/r/m" "wav" "#" "100" "s=4"', "200 result=0 (timeout) endpos=800")
    assert result(verb) is MessageEnd.LIMIT


def test_a_message_ended_by_the_echo_of_a_key_before_begins_again(on_line: AgiLeg) -> None:
    on_line.leg.press("#")
    assert result(quietly(on_line.leg.read_key, 1)) == "#"
    verb = quietly(on_line.leg.take_message, "/r/m.wav", 60.0, 4.0)
    on_line.expect('RECORD FILE "/r/m" "wav" "#" "60000" "s=4"', "200 result=35 (dtmf) endpos=0")
    on_line.expect('RECORD FILE "/r/m" "wav" "#" "60000" "s=4"', "200 result=0 (timeout) endpos=800")
    assert result(verb) is MessageEnd.SILENCE
