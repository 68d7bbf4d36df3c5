"""In which order other systems offer a call to agents, and which of our strategies is that or comes near. Pure."""

from appliance.settings import Strategy

# A strategy that we have under another name. One that is added to ours later gets its line here.
_SAME = {
    # Asterisk's app_queue; FreePBX hands its names through
    "ringall": Strategy.RING_ALL,
    "leastrecent": Strategy.LONGEST_IDLE,
    # FreeSWITCH's mod_callcenter; FusionPBX hands its names through
    "ring-all": Strategy.RING_ALL,
    "longest-idle-agent": Strategy.LONGEST_IDLE,
    # ring groups of FusionPBX
    "simultaneous": Strategy.RING_ALL,
    "enterprise": Strategy.RING_ALL,
}

# One that we do not have, and what comes nearest.
_NEAREST = {
    # app_queue
    "fewestcalls": Strategy.LONGEST_IDLE,
    "random": Strategy.LONGEST_IDLE,
    "rrmemory": Strategy.LONGEST_IDLE,
    "rrordered": Strategy.LONGEST_IDLE,
    "roundrobin": Strategy.LONGEST_IDLE,
    "linear": Strategy.LONGEST_IDLE,
    "wrandom": Strategy.LONGEST_IDLE,
    # mod_callcenter
    "ring-progressively": Strategy.RING_ALL,
    "round-robin": Strategy.LONGEST_IDLE,
    "top-down": Strategy.LONGEST_IDLE,
    "agent-with-least-talk-time": Strategy.LONGEST_IDLE,
    "agent-with-fewest-calls": Strategy.LONGEST_IDLE,
    "sequentially-by-agent-order": Strategy.LONGEST_IDLE,
    "sequentially-by-next-agent-order": Strategy.LONGEST_IDLE,
    # ring groups
    "sequence": Strategy.LONGEST_IDLE,
    "rollover": Strategy.LONGEST_IDLE,
    "hunt": Strategy.LONGEST_IDLE,
    "memoryhunt": Strategy.RING_ALL,
    "firstavailable": Strategy.LONGEST_IDLE,
    "firstnotonphone": Strategy.LONGEST_IDLE,
}


def strategy(written: str) -> tuple[Strategy, str]:
    """Our strategy for theirs, and a sentence about the difference, "" where there is none."""
    name = written.strip().lower()
    if name in _SAME:
        return _SAME[name], ""
    bare = name.removesuffix("-prim")  # FreePBX: not unless the first phone of the group is free
    ours = _NEAREST.get(bare) or _SAME.get(bare)
    if ours is not None:
        return ours, f"its strategy is {name}; {ours.value} comes nearest to it"
    return Strategy.LONGEST_IDLE, f'its strategy "{name}" is not known; longest-idle was taken'
