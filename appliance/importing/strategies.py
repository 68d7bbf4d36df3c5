"""In which order other systems offer a call to agents, and which of our strategies is that or comes near. Pure."""

from appliance.settings import AppQueueStrategy, Strategy

# A strategy that we have, perhaps under another name; docs/strategies.md says where ours avoids a fault of theirs.
_SAME = {
    # Asterisk's app_queue; FreePBX hands its names through
    "ringall": Strategy.RING_ALL,
    "leastrecent": Strategy.LONGEST_IDLE,
    "fewestcalls": Strategy.FEWEST_CALLS,
    "random": Strategy.RANDOM,
    "rrordered": Strategy.ROUND_ROBIN,
    "linear": Strategy.IN_ORDER,
    # FreeSWITCH's mod_callcenter; FusionPBX hands its names through
    "ring-all": Strategy.RING_ALL,
    "ring-progressively": Strategy.RING_PROGRESSIVELY,
    "longest-idle-agent": Strategy.LONGEST_IDLE,
    "round-robin": Strategy.ROUND_ROBIN,
    "agent-with-least-talk-time": Strategy.LEAST_TALK_TIME,
    "agent-with-fewest-calls": Strategy.FEWEST_CALLS,
    "sequentially-by-agent-order": Strategy.IN_ORDER,
    # ring groups
    "simultaneous": Strategy.RING_ALL,
    "enterprise": Strategy.RING_ALL,
    "sequence": Strategy.IN_ORDER,
    "rollover": Strategy.IN_ORDER,
    "hunt": Strategy.IN_ORDER,
}

# One that we do not have, and what comes nearest.
_NEAREST = {
    # app_queue
    "rrmemory": Strategy.ROUND_ROBIN,
    "roundrobin": Strategy.ROUND_ROBIN,
    "wrandom": Strategy.RANDOM,
    # mod_callcenter
    "top-down": Strategy.IN_ORDER,
    "sequentially-by-next-agent-order": Strategy.ROUND_ROBIN,
    # ring groups
    "memoryhunt": Strategy.RING_ALL,
    "firstavailable": Strategy.IN_ORDER,
    "firstnotonphone": Strategy.IN_ORDER,
}


_APP_QUEUE = {each.value for each in AppQueueStrategy}  # which queues may keep: `compatible: app_queue`


def strategy(written: str) -> tuple[Strategy, str]:
    """Our strategy for theirs, and a sentence about the difference, "" where there is none."""
    name = written.strip().lower()
    if name in _SAME:
        return _SAME[name], ""
    bare = name.removesuffix("-prim")  # FreePBX: not unless the first phone of the group is free
    ours = _NEAREST.get(bare) or _SAME.get(bare)
    if ours is not None:
        exactly = f', and with "compatible: app_queue" it may stay {name}' if name in _APP_QUEUE else ""
        return ours, f"its strategy is {name}; {ours.value} comes nearest to it{exactly}"
    return Strategy.LONGEST_IDLE, f'its strategy "{name}" is not known; longest-idle was taken'
