"""An authority for certificates by ACME that runs in the world, as Let's Encrypt does in the real one."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gevent import subprocess

from appliance.lab.process import die_with_parent
from provisioning.certificates import Made
from tests.box.world import ADMINISTRATOR, BOX_ADDRESS, WORLD, within
from tests.needs import lack
from tests.scenarios.waiting import until

HOST = "acme.example.com"
PORT = 14000
CLIENT = "pbx.example.com"  # the name that leads to the box
DIRECTORY = f"https://{HOST}:{PORT}/dir"


@contextmanager
def authority(directory: Path, made: Made) -> Iterator[None]:
    """Pebble, which Let's Encrypt has made for tests: it connects to port 80 of a name before it signs for it."""
    program = shutil.which("pebble")
    if program is None:
        lack("acme", "there is no pebble on this machine (Debian: apt-get install pebble)")
    names, log = directory / "hosts", directory / "log"
    names.write_text(f"{BOX_ADDRESS} {CLIENT}\n")
    about = {
        "listenAddress": f"{ADMINISTRATOR}:{PORT}",
        "managementListenAddress": f"{ADMINISTRATOR}:{PORT + 1}",
        "certificate": str(made.certificate),
        "privateKey": str(made.key),
        "httpPort": 80,
        "tlsPort": 443,
    }
    (directory / "pebble.json").write_text(json.dumps({"pebble": about}))
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*within(WORLD, names), program, "-config", str(directory / "pebble.json")],
            env={**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            preexec_fn=die_with_parent,
        )
    try:
        until("the authority listens", lambda: "Listening on" in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.kill()
        process.wait()
