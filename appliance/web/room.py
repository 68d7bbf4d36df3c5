"""The HTTP port put together: what the composition root starts, stops, and lets follow the settings."""

import logging
from collections.abc import Mapping
from pathlib import Path

from appliance.clock import Clock
from appliance.engine import Engine
from appliance.settings.web import Web
from appliance.web.callback_pages import CallbackPages
from appliance.web.callbacks import Callbacks
from appliance.web.limits import Windows
from appliance.web.link_pages import LinkPages
from appliance.web.server import Port
from appliance.web.site import Site
from appliance.web.tickets import Seal, key_of

log = logging.getLogger(__name__)

LIMITS_FILE = "web-limits"


class WebRoom:
    """Nothing of it exists until the configuration wants it."""

    def __init__(self, engine: Engine, clock: Clock, data: Path, secrets: Mapping[str, str]) -> None:
        self._engine, self._clock, self._data = engine, clock, data
        self.secrets = secrets
        self._port: Port | None = None
        self._trouble = ""

    def follow(self, web: Web | None, secrets: Mapping[str, str]) -> None:
        """Other settings or secrets hold."""
        self.secrets = secrets
        if self._port is None and web is not None:
            try:
                self._port = Port(self.site())
            except (OSError, ValueError) as error:
                self._trouble = f"the key in {self._data} cannot be used: {error}"
                log.error("nothing is served over the web: %s", self._trouble)
        if self._port is not None:
            self._port.follow(web)

    def site(self) -> Site:
        """What is served. Raises OSError and ValueError."""
        key = key_of(self._data)
        seal = Seal(key)
        windows = Windows(self._data / LIMITS_FILE, key)
        windows.load(self._clock.now())
        pages = CallbackPages(self._engine, Callbacks(self._engine, seal, windows), seal, lambda: self.secrets)
        behind_links = LinkPages(self._engine, lambda: self.secrets)
        return Site(self._engine, self._clock, (*behind_links.rules(), *pages.rules()))

    def try_again(self) -> None:
        if self._port is not None:
            self._port.try_again()

    def stop(self) -> None:
        if self._port is not None:
            self._port.stop()

    def state(self) -> dict[str, object] | None:
        """For `appliance status`: None where nothing is to be served."""
        wanted = self._engine.settings.web
        if self._port is None:
            return {"address": f"{wanted.address}:{wanted.port}", "trouble": self._trouble} if wanted else None
        return self._port.state()
