"""A leg on a scripted FreeSWITCH: what it says, in which order, and what it makes of the answers."""

from collections.abc import Iterator

import gevent
import pytest

from appliance.names import Exit
from appliance.port import ANY_KEY, Dialled, Key, LegGone, MessageEnd, Outcome, Refused
from esl import leg as leg_module
from esl import rings as rings_module
from tests.wire.esl_peers import LEG, EslLeg, api
from tests.wire.peers import WITHIN, quietly, result, wait_for

PLAYED = {"variable_current_application_response": "FILE PLAYED"}
TALKED = {"variable_originate_disposition": "SUCCESS"}


@pytest.fixture
def on_line() -> Iterator[EslLeg]:
    leg = EslLeg()
    yield leg
    leg.close()


def expect_break(on_line: EslLeg) -> None:
    on_line.expect_api(f"uuid_break {LEG}")


RINGS_FOR = f"hupall ORIGINATOR_CANCEL appliance_dialler {LEG}"
OFFERED = {"socket_resume": "true", "appliance_offer": "none", "api_hangup_hook": "", "APPLIANCE_DONE": ""}


def expect_ring(on_line: EslLeg, tone: str = leg_module.RINGING_TONE) -> tuple[str, str]:
    """The phones are rung: the id of the command, and the command."""
    variables = on_line.expect_command(f"api uuid_setvar_multi {LEG} appliance_offer=", api("+OK\n"))
    offer, _, others = variables.partition(";")
    assert others == f"api_hangup_hook={RINGS_FOR};ringback={tone};transfer_ringback={tone}"
    job = on_line.expect_command("filter Job-UUID ")
    command, _, its_job = on_line.expect_command("bgapi ").partition("\nJob-UUID: ")
    assert its_job == job and command.endswith(f" {offer} XML appliance-offer")
    return job, command


def expect_dial(on_line: EslLeg) -> tuple[str, str]:
    """The leg dials: the id of what runs, and what is dialled."""
    on_line.expect_set(socket_resume="false")
    command = on_line.expect_command("sendmsg\n").split("\n")
    message = dict(line.split(": ", 1) for line in command)
    assert message["execute-app-name"] == "bridge"
    return message["Event-UUID"], message["execute-app-arg"]


def ends(on_line: EslLeg, job: str, result: str) -> None:
    """A command that takes its time has ended."""
    on_line.tell("BACKGROUND_JOB", result.encode(), Unique_ID="", Job_UUID=job)


def test_taking_over_sets_what_a_crash_needs(on_line: EslLeg) -> None:
    taking = quietly(on_line.leg.take_over)
    on_line.expect_set(**leg_module.WHILE_DRIVEN, export_vars="APPLIANCE_CALL")
    assert result(taking) is None


def test_taking_over_from_a_dead_appliance_stops_what_it_has_rung() -> None:
    leg = EslLeg(variable_api_hangup_hook=RINGS_FOR, variable_export_vars="A,B")
    taking = quietly(leg.leg.take_over)
    leg.expect_set(**leg_module.WHILE_DRIVEN, export_vars="A,B,APPLIANCE_CALL")
    leg.expect_api(RINGS_FOR)
    result(taking)
    leg.close()


def test_a_name_that_freeswitch_could_not_ring_phones_with_is_softened() -> None:
    leg = EslLeg(**{"Caller-Caller-ID-Name": 'Алиса \\"Al\\" <sip:x>; ${y}\r\n'})
    quietly(leg.leg.dial, ["201"], 1.0)
    assert "origination_caller_id_name='Алиса Al sip x y'," in expect_ring(leg)[1]
    leg.close()


def test_sounds_play_one_after_another(on_line: EslLeg) -> None:
    playing = quietly(on_line.leg.play, ["/s/a", "/s/b"])
    on_line.finish(on_line.expect_run("playback", "/s/a.wav"), **PLAYED)
    on_line.finish(on_line.expect_run("playback", "/s/b.wav"), **PLAYED)
    assert result(playing) == ""


def test_a_key_breaks_the_sound_and_its_end_is_waited_for(on_line: EslLeg) -> None:
    playing = quietly(on_line.leg.play, ["/s/a", "/s/b"], "12")
    job = on_line.expect_run("playback", "/s/a.wav")
    on_line.press("92")
    expect_break(on_line)
    assert not playing.ready()
    on_line.finish(job, **PLAYED)
    assert result(playing) == "2"
    assert on_line.leg.read_key(0.0) == "9"


def test_a_sound_is_not_broken_before_it_has_begun(on_line: EslLeg) -> None:
    playing = quietly(on_line.leg.play, ["/s/a"], "1")
    job = on_line.expect_run("playback", "/s/a.wav", begins=False)
    on_line.press("1")
    assert on_line.peer.is_silent()
    on_line.tell("CHANNEL_EXECUTE", Application_UUID=job)
    expect_break(on_line)
    on_line.finish(job, **PLAYED)
    assert result(playing) == "1"


def test_a_break_that_came_too_early_is_said_again(on_line: EslLeg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leg_module, "BREAK_AGAIN_AFTER", 0.1)
    playing = quietly(on_line.leg.play, ["/s/a"], "1")
    job = on_line.expect_run("playback", "/s/a.wav")
    on_line.press("1")
    expect_break(on_line)
    expect_break(on_line)
    on_line.finish(job, **PLAYED)
    assert result(playing) == "1"


def test_a_key_pressed_ahead_interrupts_before_anything_is_played(on_line: EslLeg) -> None:
    on_line.press("3")
    wait_for(lambda: on_line.leg._inbox, "the key")
    assert on_line.leg.play(["/s/a"], ANY_KEY) == "3"
    assert on_line.peer.is_silent()


def test_keys_are_read_in_order_and_posts_are_left_for_wait(on_line: EslLeg) -> None:
    on_line.leg.post("item")
    on_line.press("47")
    assert [on_line.leg.read_key(WITHIN), on_line.leg.read_key(WITHIN), on_line.leg.read_key(0.0)] == [
        "4",
        "7",
        "",
    ]
    assert on_line.leg.wait() == "item"
    on_line.press("#")
    assert on_line.leg.wait() == Key("#")


def test_a_missing_sound_is_refused(on_line: EslLeg) -> None:
    playing = quietly(on_line.leg.play, ["/s/missing"])
    on_line.finish(
        on_line.expect_run("playback", "/s/missing.wav"), variable_current_application_response="FILE NOT FOUND"
    )
    with pytest.raises(Refused, match=r"^FreeSWITCH cannot play /s/missing: "):
        result(playing)


def start_music(on_line: EslLeg) -> str:
    starting = quietly(on_line.leg.music, "jazz")
    job = on_line.expect_run("playback", "local_stream://jazz")
    result(starting)
    return job


def test_music_stops_for_a_sound_and_goes_on_after_it(on_line: EslLeg) -> None:
    music = start_music(on_line)
    playing = quietly(on_line.leg.play, ["/s/a"])
    expect_break(on_line)
    on_line.finish(music, **PLAYED)
    on_line.finish(on_line.expect_run("playback", "/s/a.wav"), **PLAYED)
    music = on_line.expect_run("playback", "local_stream://jazz")
    assert result(playing) == ""
    stopping = quietly(on_line.leg.music, None)
    expect_break(on_line)
    on_line.finish(music, **PLAYED)
    result(stopping)
    assert on_line.leg.wait(0.01) is None
    assert on_line.peer.is_silent()


def test_music_that_has_ended_by_itself_is_started_again(on_line: EslLeg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leg_module, "MUSIC_TOO_SHORT", 0.0)
    music = start_music(on_line)
    waiting = quietly(on_line.leg.wait)
    on_line.finish(music, **PLAYED)
    on_line.expect_run("playback", "local_stream://jazz")
    on_line.leg.post("item")
    assert result(waiting) == "item"


def test_music_that_is_not_there_is_not_asked_for_again_and_again(on_line: EslLeg) -> None:
    music = start_music(on_line)
    waiting = quietly(on_line.leg.wait, 0.1)
    on_line.finish(music, variable_current_application_response="FILE NOT FOUND")
    assert result(waiting) is None
    assert on_line.peer.is_silent()


def test_the_same_music_goes_on_without_a_gap(on_line: EslLeg) -> None:
    start_music(on_line)
    on_line.leg.music("jazz")
    assert on_line.peer.is_silent()


@pytest.mark.parametrize("music", ["", "a b", "../etc", "x://y", "a,b", "a\nb"])
def test_what_is_no_class_of_music_is_refused(on_line: EslLeg, music: str) -> None:
    with pytest.raises(Refused):
        on_line.leg.music(music)
    assert on_line.peer.is_silent()


def test_a_talk(on_line: EslLeg) -> None:
    dialling = quietly(on_line.leg.dial, ["201", "202"], 14.2, None, True)
    ringing, command = expect_ring(on_line)
    winner = command.partition("]user/202@")[0].rpartition("origination_uuid=")[2]
    job, offer = expect_dial(on_line)
    ends(on_line, ringing, f"+OK {winner}\n")
    on_line.tell("CHANNEL_BRIDGE")
    on_line.press("12")
    gevent.sleep(0.05)
    on_line.finish(job, **TALKED, variable_last_bridge_to=winner)
    on_line.expect_set(**OFFERED)
    assert on_line.expect_command("filter delete Job-UUID ") == ringing
    dialled = result(dialling)
    assert isinstance(dialled, Dialled)
    assert (dialled.outcome, dialled.phone) == (Outcome.ANSWERED, "202")
    assert 0.04 < dialled.talked < 1.0
    assert on_line.leg.read_key(0.0) == ""
    assert offer.partition("}pickup/")[2] in command


def test_the_phones_ring_before_the_music_stops(on_line: EslLeg) -> None:
    music = start_music(on_line)
    dialling = quietly(on_line.leg.dial, ["201"], 1.0, "jazz")
    ringing, _ = expect_ring(on_line, "local_stream://jazz")
    expect_break(on_line)
    on_line.finish(music, **PLAYED)
    job, offer = expect_dial(on_line)
    ends(on_line, ringing, "-ERR USER_BUSY\n")
    on_line.expect_api(f"uuid_kill {offer.partition('}pickup/')[2]}")
    on_line.finish(job, variable_originate_disposition="NORMAL_CLEARING")
    on_line.expect_set(**OFFERED)
    on_line.expect_command("filter delete ")
    assert result(dialling) == Dialled(Outcome.BUSY)
    assert on_line.leg.wait(0.01) is None
    assert on_line.peer.is_silent()


def test_no_offer_is_made_when_no_phone_can_be_rung(on_line: EslLeg) -> None:
    music = start_music(on_line)
    dialling = quietly(on_line.leg.dial, ["201"], 1.0)
    ringing, _ = expect_ring(on_line)
    ends(on_line, ringing, "-ERR USER_NOT_REGISTERED\n")
    expect_break(on_line)
    on_line.finish(music, **PLAYED)
    on_line.expect_set(**OFFERED)
    on_line.expect_command("filter delete ")
    assert result(dialling) == Dialled(Outcome.UNREACHABLE)


def test_an_offer_that_cannot_be_withdrawn_yet_is_withdrawn_later(
    on_line: EslLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leg_module, "BREAK_AGAIN_AFTER", 0.05)
    dialling = quietly(on_line.leg.dial, ["201"], 1.0)
    ringing, _ = expect_ring(on_line)
    job, _ = expect_dial(on_line)
    ends(on_line, ringing, "-ERR CALL_REJECTED\n")
    on_line.expect_command("api uuid_kill ", api("-ERR No such channel!\n"))
    on_line.expect_command("api uuid_kill ", api("+OK\n"))
    on_line.finish(job, variable_originate_disposition="NORMAL_CLEARING")
    on_line.expect_set(**OFFERED)
    on_line.expect_command("filter delete ")
    assert result(dialling) == Dialled(Outcome.REFUSED)


def test_an_answer_that_comes_to_nothing_does_not_hold_the_caller(
    on_line: EslLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rings_module, "TAKEN_WITHIN", 0.05)
    dialling = quietly(on_line.leg.dial, ["201"], 20.0)
    ringing, _ = expect_ring(on_line)
    job, _ = expect_dial(on_line)
    ends(on_line, ringing, "+OK some-leg\n")
    on_line.expect_command("api uuid_kill ", api("+OK\n"))
    on_line.finish(job, variable_originate_disposition="NORMAL_CLEARING")
    on_line.expect_set(**OFFERED)
    on_line.expect_command("filter delete ")
    assert result(dialling) == Dialled(Outcome.NO_ANSWER)


def test_a_phone_that_answers_and_hangs_up_at_once_does_not_hold_the_caller(
    on_line: EslLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rings_module, "LOOK_AGAIN_AFTER", 0.05)
    dialling = quietly(on_line.leg.dial, ["201"], 20.0)
    ringing, _ = expect_ring(on_line)
    job, _ = expect_dial(on_line)
    ends(on_line, ringing, "+OK some-leg\n")
    on_line.expect_command("api uuid_exists some-leg", api("true"))
    on_line.expect_command("api uuid_exists some-leg", api("false"))
    on_line.expect_command("api uuid_kill ", api("+OK\n"))
    on_line.finish(job, variable_originate_disposition="NORMAL_CLEARING")
    on_line.expect_set(**OFFERED)
    on_line.expect_command("filter delete ")
    assert result(dialling) == Dialled(Outcome.NO_ANSWER)


def test_an_offer_that_ends_by_itself_stops_the_ringing(on_line: EslLeg) -> None:
    dialling = quietly(on_line.leg.dial, ["201"], 1.0)
    ringing, _ = expect_ring(on_line)
    job, _ = expect_dial(on_line)
    on_line.finish(job, variable_originate_disposition="NO_ANSWER")
    on_line.expect_set(**OFFERED)
    on_line.expect_api(RINGS_FOR)
    assert on_line.expect_command("filter delete Job-UUID ") == ringing
    assert result(dialling) == Dialled(Outcome.NO_ANSWER)


def test_the_ringing_tone_is_that_of_the_dialplan() -> None:
    leg = EslLeg(variable_ringback="%(2000,4000,440,480)")
    quietly(leg.leg.dial, ["201"], 1.0)
    expect_ring(leg, "%(2000,4000,440,480)")
    leg.close()


@pytest.mark.parametrize("phone", ["", "201,202", "201@evil", "a b", "201]", "${x}", "a\nb", "201|202"])
def test_a_phone_that_would_be_something_else_is_refused(on_line: EslLeg, phone: str) -> None:
    with pytest.raises(Refused):
        on_line.leg.dial([phone], 1.0)
    assert on_line.peer.is_silent()


def test_a_caller_who_leaves_while_it_rings(on_line: EslLeg) -> None:
    dialling = quietly(on_line.leg.dial, ["201"], 1.0)
    expect_ring(on_line)
    job, _ = expect_dial(on_line)
    on_line.finish(job, variable_originate_disposition="ORIGINATOR_CANCEL", Answer_State="hangup")
    with pytest.raises(LegGone):
        result(dialling)


def test_marking_and_recording(on_line: EslLeg) -> None:
    marking = quietly(on_line.leg.mark, "call-1", "sales")
    on_line.expect_set(APPLIANCE_CALL="call-1", APPLIANCE_QUEUE="sales")
    result(marking)
    recording = quietly(on_line.leg.record, "/r/a b.wav")
    on_line.finish(on_line.expect_run("record_session", "/r/a b.wav"))
    result(recording)


def test_leaving_says_how_and_then_gives_the_leg_back(on_line: EslLeg) -> None:
    music = start_music(on_line)
    leaving = quietly(on_line.leg.leave, Exit.FALLBACK, "sales")
    expect_break(on_line)
    on_line.finish(music, **PLAYED)
    on_line.expect_set(APPLIANCE_DONE="fallback", socket_resume="false", APPLIANCE_QUEUE="sales")
    result(leaving)
    assert on_line.peer.is_closed()


def test_hanging_up_is_marked_as_done_first(on_line: EslLeg) -> None:
    hanging_up = quietly(on_line.leg.hang_up)
    on_line.expect_set(APPLIANCE_DONE="done")
    on_line.expect_api(f"uuid_kill {LEG} NORMAL_CLEARING")
    result(hanging_up)
    assert on_line.peer.is_closed()
    on_line.leg.hang_up()


def test_a_leg_that_is_sent_elsewhere_is_let_go_without_going_on(on_line: EslLeg) -> None:
    waiting = quietly(on_line.leg.wait)
    releasing = quietly(on_line.leg.release)
    on_line.expect_set(socket_resume="false")
    assert on_line.peer.command() == "exit"
    on_line.peer.close()
    result(releasing)
    with pytest.raises(LegGone):
        result(waiting)


def test_a_leg_that_is_sent_elsewhere_while_phones_ring_stops_them(on_line: EslLeg) -> None:
    dialling = quietly(on_line.leg.dial, ["201"], 1.0)
    ringing, _ = expect_ring(on_line)
    expect_dial(on_line)
    releasing = quietly(on_line.leg.release)
    on_line.expect_api(RINGS_FOR)
    assert on_line.expect_command("filter delete Job-UUID ") == ringing
    on_line.expect_set(socket_resume="false")
    on_line.peer.close()
    result(releasing)
    with pytest.raises(LegGone):
        result(dialling)


def test_a_message_that_a_key_ends(on_line: EslLeg) -> None:
    on_line.press("5")  # before, so it is forgotten
    wait_for(lambda: on_line.leg._inbox, "the key")
    taking = quietly(on_line.leg.take_message, "/r/m.wav", 60.0, 4.0)
    job = on_line.expect_run("record", "'/r/m.wav' 60 200 4")
    on_line.press("1#")
    expect_break(on_line)
    on_line.finish(job)
    assert result(taking) is MessageEnd.KEY
    assert on_line.leg.read_key(0.0) == ""


@pytest.mark.parametrize(("exhausted", "end"), [("true", MessageEnd.SILENCE), ("false", MessageEnd.LIMIT)])
def test_a_message_that_ends_by_itself(on_line: EslLeg, exhausted: str, end: MessageEnd) -> None:
    taking = quietly(on_line.leg.take_message, "/r/m.wav", 60.0, 4.0)
    on_line.finish(on_line.expect_run("record", "'/r/m.wav' 60 200 4"), variable_silence_hits_exhausted=exhausted)
    assert result(taking) is end


def test_a_message_is_recorded_into_no_file_with_quotation_marks(on_line: EslLeg) -> None:
    with pytest.raises(Refused):
        on_line.leg.take_message("/r/m' 0 0 /x.wav", 60.0, 4.0)
