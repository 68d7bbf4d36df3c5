"""Somebody on the web, and the small call centre that is asked by them: the real pages, without a socket."""

from dataclasses import replace
from typing import Any

import gevent
from werkzeug.test import Client, TestResponse

from appliance.settings import Callback, OutboundRule, Settings, Trunk
from appliance.settings.trunks import Numbers
from appliance.settings.web import Form, FormField, Limit, Limits, Web
from tests.simulated.centre import MAIN, Centre, settings

SITE = "https://example.com"
BASE = "https://calls.example.com"
CUSTOMER = "+79161234567"
OTHER = "+79161234568"
ADDRESS = "198.51.100.7"
PROXY = "127.0.0.1"
WEB = Web(
    *(8089, "127.0.0.1", BASE, (PROXY,), (SITE,)),
    limits=Limits(Limit(5, 600.0), Limit(2, 3600.0), Limit(20, 600.0)),
    form=Form(
        {"sales": {"en": "Sales", "ru": "Продажи"}},
        {"order": FormField({"en": "Order number", "ru": "Номер заказа"}, 20)},
    ),
)


def with_web(web: Web = WEB, **changes: Any) -> Settings:
    """The usual centre, which calls customers of its queues back and serves the web."""
    base = settings()
    trunks = {"north": Trunk("north", "192.0.2.1")}
    rules = {"russia": OutboundRule("russia", (Numbers(country="RU"),), ("north",), show=MAIN)}
    queues = {id: replace(queue, callback=Callback()) for id, queue in base.queues.items()}
    return settings(**{"queues": queues, "web": web, "trunks": trunks, "outbound": rules, **changes})


class Visitor:
    """A browser or program at one address, behind the proxy."""

    def __init__(self, centre: Centre, address: str = ADDRESS, **headers: str) -> None:
        assert centre.daemon is not None
        self._centre = centre
        self._client = Client(centre.daemon.web.site())
        self._headers = {"Host": "calls.example.com", "X-Forwarded-For": address, **headers}

    def ask(self, method: str, path: str, headers: Any = None, **more: Any) -> TestResponse:
        """The answer to one request. Time passes as it must."""
        self._centre.run_for(0.02)
        asking = gevent.spawn(self.open, method, path, headers, **more)
        self._centre.clock.run(asking.ready, within=10.0)
        answer: TestResponse = asking.get()
        return answer

    def open(self, method: str, path: str, headers: Any = None, **more: Any) -> TestResponse:
        headers = {**self._headers, **(headers or {})}
        environ = {"REMOTE_ADDR": PROXY, **more.pop("environ_overrides", {})}
        return self._client.open(path, method=method, headers=headers, environ_overrides=environ, **more)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, headers)

    def stamp(self) -> str:
        """Of a form that was opened long enough ago."""
        stamp: str = self.get("/callbacks/departments").get_json()["stamp"]
        self._centre.run_for(4)
        return stamp

    def wants(self, number: str = CUSTOMER, **more: Any) -> TestResponse:
        """Ask to be called back."""
        headers = more.pop("headers", None)
        data = {"department": "sales", "number": number, **more}
        if "stamp" not in data:
            data["stamp"] = self.stamp()
        return self.ask("POST", "/callbacks", headers, json=data)
