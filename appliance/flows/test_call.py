"""A call by which a trunk is tested has been answered: say what it was, and end it."""

from appliance.call import Desk, Speaker
from appliance.port import Arrival


def serve(arrival: Arrival, desk: Desk) -> None:
    """Raises LegGone when the other side hangs up."""
    desk.tests.answered(arrival.leg.id)
    speaker = Speaker(arrival.leg, desk.sounds, desk, desk.engine.settings.language)
    speaker.phrase("trunk-test")
    arrival.leg.hang_up()
