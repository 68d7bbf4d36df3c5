"""What every test of these has: an end, however bad the input is."""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

PATIENCE = 120  # seconds of a whole test: only what never ends takes as long


@pytest.fixture(autouse=True)
def comes_to_an_end() -> Iterator[None]:
    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("This never ends.")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
