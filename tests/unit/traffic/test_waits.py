"""Eight of ten waits are within what was expected of them, in traffic through the real line."""

import pytest

from tests.bench.waits import Scene, judge, scenes

SCENES = {scene.name: scene for scene in scenes()}


@pytest.mark.parametrize("name", ["3 agents, 80% busy", "overload, impatient", "shared agents, weights"])
def test_eight_of_ten_waits_are_within(name: str) -> None:
    scene: Scene = SCENES[name]
    found = judge(scene, days=3)
    for id in scene.settings.queues:
        judged = found[id, False]
        assert len(judged.waits) > 100
        assert len(judged.waits) > 0.97 * judged.given, "of those who leave it is known as well"
        within = sum(said.low <= wait <= said.high for wait, said in judged.waits) / len(judged.waits)
        assert 0.7 < within < 0.9
        assert abs(judged.mean(lambda wait, said: said.middle - wait)) < 0.25 * judged.mean(
            lambda wait, said: wait
        )
        told = found[id, True]
        assert sum(said.low <= wait <= said.high for wait, said in told.waits) > 0.65 * len(told.waits)
