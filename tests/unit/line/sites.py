"""Sites for random histories of the line: queues of every kind that share their agents."""

from appliance.line.skills import NOTHING, make_needs
from appliance.settings import AppQueue, AppQueueStrategy, Order, PauseAfter, Sticky, Strategy, Tier
from appliance.settings.queues import NEAREST
from tests.unit.line import world
from tests.unit.line.world import queue

S, Q = Strategy, AppQueueStrategy
SKILLS = {"a1": {"en": 5}, "a2": {"en": 2, "de": 3}, "a3": {"de": 5}, "a4": {"en": 3}, "a5": {}}
NEEDS = (
    NOTHING,
    NOTHING,
    make_needs({"en": 3}, {}, {20.0: {"en": 2}, 45.0: {"en": 0}}),
    make_needs({"de": 1}, {"en": 2}, {}),
    make_needs({}, {"de": 4}, {}),
    make_needs({}, {"en": 4}, {}),
)
OWN = Sticky(own_agent=30.0)
FIRST = world.settings(
    queue("idle", S.LONGEST_IDLE, "a1 a2 a3", wrap_up=7.0, sticky=OWN),
    queue(
        "tiers", S.FEWEST_CALLS, "a4 a5 a1", sticky=OWN, tiers=(Tier(("a5",), after=15.0), Tier(("a1",), misses=2))
    ),
    queue("turns", S.ROUND_ROBIN, "a2 a3 a5", weight=3.0, sticky=OWN),
    queue("all", S.RING_ALL, "a3 a4 a5", sticky=OWN),
    queue(
        "best", S.SKILL_FIRST, "a1 a2 a4", sticky=OWN, weight=0.5, pause_after=PauseAfter(no_answer=2, within=60.0)
    ),
    queue("any", S.WEIGHTED_RANDOM, "a1 a5", sticky=OWN, shares={"a5": 3.0}),
    queue("more", S.RING_PROGRESSIVELY, "a2 a4 a5 a1", sticky=OWN, ring_for=14.0, ring_next_after=3.0),
    skills=SKILLS,
    pause_after=PauseAfter(no_answer=3, busy=2),
)
STRICT = world.settings(
    queue("idle", S.IN_ORDER, "a3 a2 a1"),
    queue("tiers", S.LEAST_TALK_TIME, "a4 a1", tiers=(Tier(("a1",)),)),
    queue("turns", S.LONGEST_IDLE, "a2 a3 a5", weight=2.0),
    queue("all", S.FEWEST_CALLS, "a3 a4 a5"),
    queue("best", S.RING_ALL, "a1 a2 a4"),
    queue("any", S.RANDOM, "a1 a5"),
    queue("more", S.RING_PROGRESSIVELY, "a5 a4", ring_for=9.0, tiers=(Tier(("a4",), after=4.0),)),
    skills=SKILLS,
    order=Order.STRICT,
)
APP_QUEUE = world.settings(
    *(
        queue(
            id, NEAREST[theirs], agents, app_queue=AppQueue(theirs, autofill=id != "best"), weight=weight, **more
        )
        for id, theirs, agents, weight, more in (
            ("idle", Q.LEASTRECENT, "a1 a2 a3", 1.0, {"wrap_up": 7.0}),
            ("tiers", Q.FEWESTCALLS, "a4 a5 a1", 2.0, {"tiers": (Tier(("a5",), after=15.0), Tier(("a1",)))}),
            ("turns", Q.RRMEMORY, "a2 a3 a5", 1.0, {"sticky": OWN}),
            ("all", Q.RINGALL, "a3 a4 a5", 1.0, {}),
            ("best", Q.LINEAR, "a1 a2 a4", 0.5, {"pause_after": PauseAfter(no_answer=2)}),
            ("any", Q.WRANDOM, "a1 a5", 1.0, {}),
            ("more", Q.RRORDERED, "a2 a4 a5", 1.0, {}),
        )
    ),
    skills=SKILLS,
)
SITES = {"first": FIRST, "strict": STRICT, "app_queue": APP_QUEUE}
