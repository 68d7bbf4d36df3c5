"""Starts that cannot succeed: the stories, and those for which FreeSWITCH is to blame."""

import socket
from pathlib import Path

from tests.scenarios.centre import run_appliance
from tests.scenarios.site import Site, with_other_ports
from tests.scenarios.story_bad_starts import *  # noqa: F403
from tests.scenarios.story_bad_starts import refuses, with_another_secret

SPARE_PORT, DEAD_PORT = 18585, 18522


def test_the_port_for_legs_is_taken(running_site: Site, tmp_path: Path) -> None:
    places = with_other_ports(running_site, tmp_path, esl_port=SPARE_PORT)
    with socket.create_server(("127.0.0.1", SPARE_PORT)):
        refuses(run_appliance(places, "run"), str(SPARE_PORT), "taken", "esl_port")


def test_the_switch_does_not_run(running_site: Site, tmp_path: Path) -> None:
    places = with_other_ports(running_site, tmp_path, esl_port=SPARE_PORT, event_socket_port=DEAD_PORT)
    refuses(run_appliance(places, "run"), "FreeSWITCH does not answer", str(DEAD_PORT))


def test_the_password_of_the_event_socket_is_wrong(running_site: Site, tmp_path: Path) -> None:
    places = with_other_ports(running_site, tmp_path, esl_port=SPARE_PORT)
    wrong = with_another_secret(places, tmp_path, running_site.secrets["esl"])
    refuses(run_appliance(wrong, "run"), "refuses the password")
