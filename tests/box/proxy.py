"""A forward HTTP proxy that listens in one network namespace and connects from the one it was started in.

It is a process of its own: python -m tests.box.proxy NAMESPACE ADDRESS PORT
"""

from gevent import monkey

monkey.patch_all()

import socket  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from urllib.parse import urlsplit  # noqa: E402

import gevent  # noqa: E402
from gevent.server import StreamServer  # noqa: E402

from tests.box.world import enter  # noqa: E402

BLOCK = 1 << 16
LONGEST_HEAD = 1 << 16


def serve(client: socket.socket, address: object) -> None:
    """One connection: CONNECT opens a tunnel; any other request is passed on, and the connection ends after it."""
    try:
        head = b""
        while b"\r\n\r\n" not in head:
            more = client.recv(BLOCK)
            if not more or len(head) > LONGEST_HEAD:
                return
            head += more
        method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ", 2)
        if method == "CONNECT":
            host, port = target.rsplit(":", 1)
            server = socket.create_connection((host, int(port)), timeout=60)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            url = urlsplit(target)
            server = socket.create_connection((url.hostname, url.port or 80), timeout=60)
            path = url._replace(scheme="", netloc="").geturl() or "/"
            _, rest = head.split(b"\r\n", 1)
            fields = [f for f in rest.split(b"\r\n") if not f.lower().startswith((b"proxy-", b"connection:"))]
            request = [f"{method} {path} HTTP/1.1".encode("ascii"), b"Connection: close", *fields]
            server.sendall(b"\r\n".join(request))
        server.settimeout(None)
        back = gevent.spawn(pass_on, server, client)
        pass_on(client, server)
        back.join()
        server.close()
    except (OSError, ValueError):
        pass  # the client sees that the connection ends
    finally:
        client.close()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while block := source.recv(BLOCK):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for each in (source, target):
            each.close()


def main(namespace: str, address: str, port: str) -> None:
    home = Path("/proc/self/ns/net")
    with home.open() as back:
        enter(Path(namespace))
        listener = socket.create_server((address, int(port)))
        enter(Path(f"/proc/self/fd/{back.fileno()}"))
    server = StreamServer(listener, serve)
    server.start()
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
