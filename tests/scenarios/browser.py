"""A real browser, without a screen: Debian's Chromium, driven by Playwright. Skipped where either is missing."""

import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.needs import lack

PATIENCE = 10_000  # milliseconds


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser that knows nothing of the people who have used it before."""
    program = shutil.which("chromium")
    if program is None:
        lack("chromium", "apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        lack("chromium", f"{error}: pip install '.[browser]'")
    with sync_playwright() as playwright:
        # Whoever runs as root, as in containers, has no sandbox.
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Any) -> list[str]:
    """What is wrong with a page for whoever cannot see it well, or uses no mouse: by the rules of axe."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']}: {node['html']}" for each in found for node in each["nodes"]]


@contextmanager
def static_site(folder: Path, port: int = 0) -> Iterator[int]:
    """Somebody's web site, which serves files and nothing else; its port."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Quiet)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
