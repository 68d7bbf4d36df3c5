"""What the wire tests share."""

from collections.abc import Iterator

import pytest

from tests.wire.peers import AgiLeg, FakeManager, agi_pair


@pytest.fixture
def on_line() -> Iterator[AgiLeg]:
    """A leg on a scripted Asterisk whose control connection works."""
    leg = AgiLeg()
    yield leg
    leg.close()


@pytest.fixture
def pair() -> Iterator[tuple]:
    """A connection from a scripted Asterisk, not introduced yet."""
    wire, peer = agi_pair()
    yield wire, peer
    wire.close()
    peer.close()


@pytest.fixture
def manager() -> Iterator[FakeManager]:
    """A scripted AMI."""
    fake = FakeManager()
    yield fake
    fake.close()
