"""The highest memory under floods, beside the bound that Kunci prints when it starts.

Left out: whether the server stays polite meanwhile; tests look after that.
"""

import socket
import time

from runner import load
from runner.load import Shot
from runner.places import say
from runner.programs import FORM, PUT_VALUE
from runner.sign_ins import SIGN_IN

CLIENTS = 256
SLOW_CLIENTS = 500
LARGE = 65_000
# A session holds at most 32 KiB.
VALUE = 32_000
BOUND_BEGINS = "memory: at most "


def peak_memory(results, programs, seconds):
    """Meet a fresh server with each flood and read its highest resident memory."""
    for program in programs:
        for name, flood in FLOODS.items():
            say(f"memory, {name}: {program.name}")
            with program.start() as server:
                try:
                    flood(server, seconds)
                    results.add("memory", program.name, **{name: server.peak()})
                except (RuntimeError, OSError) as error:
                    say(f"left out: {program.name}: {error}")
                bound = printed_bound(server.output())
        results.add("memory", program.name, bound=bound)


def printed_bound(output):
    """The bound as printed, or nothing."""
    for line in output.splitlines():
        if line.startswith(BOUND_BEGINS):
            return line.removeprefix(BOUND_BEGINS).strip()
    return None


def _from_wrk(shot):
    def flood(server, seconds):
        load.run(server.port, shot, seconds, CLIENTS)

    return flood


def _slow_clients(server, seconds):
    """Connections that begin a request and never end it."""
    head = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\nusername="
    clients = []
    try:
        for number in range(SLOW_CLIENTS):
            client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            client.sendall(head if number % 2 else head[:30])
            clients.append(client)
        time.sleep(seconds)
    finally:
        for client in clients:
            client.close()


LARGE_VALUE = Shot(
    PUT_VALUE.path,
    method=PUT_VALUE.method,
    body='"' + "x" * VALUE + '"',
    content_type=PUT_VALUE.content_type,
)

FLOODS = {
    "sign-ins": _from_wrk(SIGN_IN),
    "visitors": _from_wrk(Shot("/")),
    "slow clients": _slow_clients,
    "large bodies": _from_wrk(
        Shot("/login", method="POST", content_type=FORM, body="username=" + "x" * LARGE)
    ),
    "large sessions": _from_wrk(LARGE_VALUE),
}
