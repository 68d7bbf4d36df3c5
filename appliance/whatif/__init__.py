"""What if: a recorded day once more, with another strategy, other agents, other times.

The callers and agents of the day (`past.py`, read by `recorded.py`) become people with habits (`habits.py`,
`lasting.py`), who meet again in the real line (appliance.traffic), as things were and with the changes
(`changes.py`, `day.py`); `comparison.py` puts the figures side by side, and `study.py` says what they mean. Exact
replay, which needs no model, is appliance.whatif.replay.
"""
