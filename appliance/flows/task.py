"""Somebody who was called about a task that is late has answered: hears what it is, and may take it over."""

from appliance.call import Desk, Speaker, agent_speaker
from appliance.line.messages import Declined
from appliance.port import ANY_KEY, Arrival
from appliance.settings import Prompt
from appliance.tasks.messages import TakeTask
from appliance.tasks.words import Task

TAKE = "1"
TIMES = 3
WAIT = 5.0  # seconds for the key, each time


def serve(arrival: Arrival, desk: Desk) -> None:
    """Say it a few times, until the key is pressed or the phone hung up. Raises LegGone."""
    call = desk.task_calls.answered(arrival.leg.id)
    task = desk.engine.owed.tasks.get(call.task) if call else None
    if call is None or task is None:  # done meanwhile; or it was called about before a restart
        arrival.leg.hang_up()
        return
    agent = desk.engine.acd.roster[call.agent] if call.agent else None
    speaker = agent_speaker(arrival.leg, agent, desk)
    for _ in range(TIMES):
        if _asked(speaker, task, call.say) == TAKE:
            by = f"agent {call.agent}" if call.agent else call.to
            try:
                desk.engine.ask(TakeTask(call.task, f"{by}, on the phone", call.agent))
            except Declined:
                speaker.phrase("task-over")
            else:
                call.taken = True
                speaker.phrase("task-taken")
            break
    arrival.leg.hang_up()


def _asked(speaker: Speaker, task: Task, prompt: Prompt | None) -> str:
    """The key pressed, or ""."""
    settings = speaker.sounds.settings
    queue = settings.queues.get(task.queue or "")
    values = {
        "task": task.text,
        "number": task.number,
        "queue": queue.name if queue else None,
        "late": max(0.0, speaker.desk.clock.now() - task.due),
    }
    key = speaker.say(prompt or settings.phrases["task-late"], ANY_KEY, values)
    return key or speaker.phrase("task-take", ANY_KEY) or speaker.leg.read_key(WAIT)
