"""The demonstration: one call, told line by line as it happens; every line was really seen or heard."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gevent
import gevent.subprocess as subprocess

from appliance.facts import AgentState
from appliance.lab import listening
from appliance.lab.phone import Happening, Phone, PhoneError, stop_all
from appliance.lab.route import AGENT_SAYS, CALLER_ADDRESS, CALLER_SAYS, Route, find_route, words_of
from appliance.settings import Prompt, Settings
from appliance.speech.prompts import Sounds

RECOGNISED = 0.7  # share of a sound from which it counts as heard
WHOLE = 0.95  # no better is expected: stop listening
SETTLED = 1.5  # seconds without getting better: that was all of it
PATIENCE = 8.0  # seconds for anything that should happen at once
REACTION = 0.5  # seconds a person takes from the end of a question to the first key
LISTENS = 2.0  # seconds of a menu before a key is pressed
ENOUGH = 2.0  # seconds of music and of either side of the talk


class StoryFailed(Exception):
    """A step that was not seen in time; the sentence says which."""


@dataclass(frozen=True)
class Cast:
    """All that the story is told with."""

    settings: Settings
    secrets: Mapping[str, str]
    sounds: Sounds
    music: Path  # with a directory for each class
    server: str  # SIP address and port of the switch
    state_of: Callable[[str], str]  # agent -> value of AgentState
    say: Callable[[str], None] = print


class Story:
    """Tells what happens, with the time since the beginning."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._began = time.monotonic()

    def tell(self, sentence: str, detail: str = "") -> None:
        """One line."""
        minutes, seconds = divmod(time.monotonic() - self._began, 60)
        self._say(f"{int(minutes):02d}:{seconds:04.1f}  {sentence}" + (f"   ({detail})" if detail else ""))

    @contextmanager
    def step(self, sentence: str) -> Iterator[None]:
        """A line that is told when its block has ended well; PhoneError and the like become StoryFailed."""
        try:
            yield
        except PhoneError as error:
            raise StoryFailed(f"{sentence}: this was not seen. {error}") from error
        self.tell(sentence)

    def until(self, sentence: str, condition: Callable[[], bool], found: Callable[[], str]) -> None:
        """A line that is told as soon as the condition holds."""
        with gevent.Timeout(PATIENCE, False):
            while not condition():
                gevent.sleep(0.02)
            self.tell(sentence)
            return
        raise StoryFailed(f"{sentence}: this was not seen within {PATIENCE:g} s; instead: {found()}.")


class Ear:
    """Listens to what a phone hears from one moment on."""

    def __init__(self, phone: Phone, story: Story) -> None:
        self._phone = phone
        self._story = story
        self._file = phone.heard()
        self._since = 0.0

    def from_now(self) -> None:
        """Forget what was heard until now, and listen to the call that is up, also when the next one comes."""
        self._file = self._phone.heard()
        self._since = listening.duration(self._file)

    def hear(self, sentence: str, *references: Path, seconds: float | None = None) -> None:
        """A step: one of these sounds is heard, all of it or `seconds` of it."""
        share = self._listen(references, seconds)
        if share < RECOGNISED:
            names = " or ".join(str(reference) for reference in references)
            raise StoryFailed(f"{sentence}: not heard; {share:.0%} of {names} was recognised.")
        self._story.tell(sentence, f"{share:.0%} of it recognised")

    def _listen(self, references: tuple[Path, ...], seconds: float | None) -> float:
        longest = max(listening.duration(reference) for reference in references)
        deadline = time.monotonic() + min(longest, seconds or longest) + PATIENCE
        best, better_at = 0.0, time.monotonic()
        while time.monotonic() < deadline:
            share = max(self._share(reference, seconds) for reference in references)
            if share > best:
                best, better_at = share, time.monotonic()
            if best >= WHOLE or (best >= RECOGNISED and time.monotonic() - better_at > SETTLED):
                break
            gevent.sleep(0.1)
        return best

    def _share(self, reference: Path, seconds: float | None) -> float:
        arguments = [str(self._file), str(reference), str(self._since), str(seconds or 0)]
        done = subprocess.run(
            [sys.executable, "-P", listening.__file__, *arguments],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise StoryFailed(f"The recording of {self._phone.name} could not be compared with {reference}.")
        return float(done.stdout)


def tell_story(cast: Cast) -> str | None:
    """Tell it; None when every step was seen, else the sentence about the first one that was not."""
    route = find_route(cast.settings)
    scene = Scene(cast, route)
    try:
        scene.play()
    except StoryFailed as failed:
        return str(failed)
    except PhoneError as error:
        return str(error)
    finally:
        stop_all(scene.caller, scene.agent)
    return None


class Scene:
    """The call itself: one caller, one agent, and what each of them sees and hears."""

    def __init__(self, cast: Cast, route: Route) -> None:
        self.cast = cast
        self.route = route
        self.settings = cast.settings
        self.agent_name = self.settings.agents[route.agent].name
        language = self.settings.language
        self.caller_speech = sound(cast.sounds.phrase(CALLER_SAYS, language))
        self.agent_speech = sound(cast.sounds.phrase(AGENT_SAYS, language))
        self.caller = Phone(
            "caller", cast.server, route.caller, local_address=CALLER_ADDRESS, speech=self.caller_speech
        )
        password = cast.secrets[f"phone-{route.phone}"]
        self.agent = Phone("agent", cast.server, route.phone, password, speech=self.agent_speech)
        self.story = Story(cast.say)
        self.caller_ear = Ear(self.caller, self.story)
        self.agent_ear = Ear(self.agent, self.story)

    def play(self) -> None:
        """From the first ring to the last key."""
        with self.story.step(f"phone {self.route.phone} registers"):
            self.caller.start()
            self.agent.start()
            self.agent.register()
        self._caller_comes()
        self._caller_waits()
        self._agent_signs_on()
        self._they_talk()
        self._wrap_up()
        self._agent_signs_off()

    def _caller_comes(self) -> None:
        route, number = self.route, self.route.number
        self.story.tell(f"{route.caller} calls {number.id}, {number.name}")
        self.caller.call(number.id, from_user=route.caller)
        with self.story.step("the call is answered"):
            self.caller.wait_for(Happening.ANSWERED, PATIENCE)
            self.caller_ear.from_now()
        if number.greeting is not None:
            self._caller_hears("the caller hears the greeting", number.greeting)
        for id, key in route.keys:
            self._caller_hears("the caller hears the menu", self.settings.menus[id].prompt, seconds=LISTENS)
            self.caller_ear.from_now()
            with self.story.step(f"the caller presses {key}"):
                self.caller.send(key)

    def _caller_waits(self) -> None:
        queue = self.route.queue
        if queue.greeting is not None:
            self._caller_hears("the caller hears the queue's greeting", queue.greeting)
        music = sorted((self.cast.music / queue.music).glob("*.wav"))
        if music:
            line = f"nobody is signed on: the caller waits for {queue.name} and hears music"
            self.caller_ear.hear(line, *music, seconds=ENOUGH)
        else:
            self.story.tell(f"the caller waits for {queue.name}; the configuration has no music {queue.music}")

    def _agent_signs_on(self) -> None:
        agent, code = self.route.agent, self.settings.codes.sign_on
        with self.story.step(f"{self.agent_name} dials {code} on phone {self.route.phone}"):
            self.agent.call(code)
            self.agent.wait_for(Happening.ANSWERED, PATIENCE)
            self.agent_ear.from_now()
        self.agent_ear.hear("the agent is asked for the agent number", *self._phrase("agent-number"))
        self._agent_keys(f"{agent}#", f"the agent keys {agent}#")
        self.agent_ear.hear("the agent is asked for the PIN", *self._phrase("agent-pin"))
        self._agent_keys(self.cast.secrets[f"agent-{agent}"] + "#", "the agent keys the PIN")
        self.agent_ear.hear("the agent hears that it worked", *self._phrase("agent-signed-on"))

    def _they_talk(self) -> None:
        with self.story.step("the agent's phone is free again"):
            self.agent.wait_for(Happening.ENDED, PATIENCE)
        with self.story.step("the agent's phone rings"):
            shown = self.agent.wait_for(Happening.INCOMING, PATIENCE)
        self.story.tell(f"the phone shows {shown.number or 'no number'}")
        self._state("the agent is being offered the call", AgentState.OFFERED)
        with self.story.step("the agent answers"):
            self.agent.answer()
            self.agent.wait_for(Happening.ANSWERED, PATIENCE)
        self._state("the agent is talking", AgentState.TALKING)
        self.agent_ear.from_now()
        self.caller_ear.from_now()
        self.caller_ear.hear("the caller hears the agent", self.agent_speech, seconds=ENOUGH)
        self.agent_ear.hear("the agent hears the caller", self.caller_speech, seconds=ENOUGH)
        self.agent_ear.from_now()
        with self.story.step("the caller hangs up"):
            self.caller.hang_up()
            self.caller.wait_for(Happening.ENDED, PATIENCE)

    def _wrap_up(self) -> None:
        queue = self.route.queue
        if queue.dispositions is not None:
            self._key_disposition(queue.dispositions)
        else:
            with self.story.step("the agent's leg ends too"):
                self.agent.wait_for(Happening.ENDED, PATIENCE)
            if queue.wrap_up > 0:
                self._state("the agent is in wrap-up", AgentState.WRAP_UP)
                self._dial_code(self.settings.codes.wrap_up, "to end the wrap-up", "agent-wrap-up-ended")
        self._state("the agent is ready again", AgentState.READY)

    def _key_disposition(self, id: str) -> None:
        dispositions = self.settings.dispositions[id]
        code, disposition = next(iter(dispositions.choices.items()))
        if self.route.queue.wrap_up > 0:
            self._state("the agent is in wrap-up", AgentState.WRAP_UP)
        asked = dispositions.prompt or self.settings.phrases["disposition"]
        self.agent_ear.hear("the agent is asked for the disposition", *self._for_agent(asked))
        self._agent_keys(code, f"the agent keys {code}, {disposition.name}")
        self.agent_ear.hear("the agent hears that it was saved", *self._phrase("disposition-saved"))
        with self.story.step("the agent's leg ends"):
            self.agent.wait_for(Happening.ENDED, PATIENCE)

    def _agent_signs_off(self) -> None:
        self._dial_code(self.settings.codes.sign_off, "to sign off", "agent-signed-off")
        self._state("the agent is signed off", AgentState.SIGNED_OFF)

    def _dial_code(self, code: str, purpose: str, phrase: str) -> None:
        with self.story.step(f"the agent dials {code} {purpose}"):
            self.agent.call(code)
            self.agent.wait_for(Happening.ANSWERED, PATIENCE)
            self.agent_ear.from_now()
        self.agent_ear.hear("the agent hears that it worked", *self._phrase(phrase))
        with self.story.step("the agent's phone is free again"):
            self.agent.wait_for(Happening.ENDED, PATIENCE)

    def _agent_keys(self, digits: str, sentence: str) -> None:
        gevent.sleep(REACTION)
        self.agent_ear.from_now()
        with self.story.step(sentence):
            self.agent.send(digits)

    def _caller_hears(self, sentence: str, prompt: Prompt, seconds: float | None = None) -> None:
        words = words_of(prompt, self.route.language, self.settings)
        heard = sound(self.cast.sounds.path(prompt, self.route.language))
        self.caller_ear.hear(f"{sentence} {words}", heard, seconds=seconds)

    def _state(self, sentence: str, state: AgentState) -> None:
        agent = self.route.agent
        self.story.until(
            sentence,
            lambda: self.cast.state_of(agent) == state.value,
            lambda: f"{self.agent_name} is {self.cast.state_of(agent)}",
        )

    def _agent_languages(self) -> tuple[str, ...]:
        """The agent's own language, and the site's, in which strangers are spoken to."""
        own = self.settings.agents[self.route.agent].language
        return (
            (self.settings.language,) if own in (None, self.settings.language) else (own, self.settings.language)
        )

    def _phrase(self, name: str) -> tuple[Path, ...]:
        return self._for_agent(self.settings.phrases[name])

    def _for_agent(self, prompt: Prompt) -> tuple[Path, ...]:
        return tuple(sound(self.cast.sounds.path(prompt, language)) for language in self._agent_languages())


def sound(path: str) -> Path:
    """The file of a rendered sound, whose path the switch wants without an ending."""
    return Path(f"{path}.wav")
