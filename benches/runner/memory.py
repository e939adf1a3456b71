"""Peak memory under floods, and the limit that Kunci prints when it starts."""

import socket
import time

from runner import load
from runner.load import Request
from runner.paths import say
from runner.programs import FORM, PUT_VALUE
from runner.sign_ins import SIGN_IN

CLIENTS = 256
SLOW_CLIENTS = 500
LARGE = 65_000
# A session holds at most 32 KiB.
VALUE = 32_000
LIMIT_PREFIX = "memory: at most "


def peak_memory(results, programs, seconds):
    """Runs each flood against a fresh server and reads the peak resident memory."""
    for program in programs:
        for name, flood in FLOODS.items():
            say(f"memory, {name}: {program.name}")
            with program.start() as server:
                try:
                    flood(server, seconds)
                    results.add("memory", program.name, **{name: server.peak()})
                except (RuntimeError, OSError) as error:
                    say(f"skipped: {program.name}: {error}")
                limit = printed_limit(server.output())
        results.add("memory", program.name, limit=limit)


def printed_limit(output):
    """Returns the limit as printed, or None."""
    for line in output.splitlines():
        if line.startswith(LIMIT_PREFIX):
            return line.removeprefix(LIMIT_PREFIX).strip()
    return None


def _from_wrk(request):
    def flood(server, seconds):
        load.run(server.port, request, seconds, CLIENTS)

    return flood


def _slow_clients(server, seconds):
    """Opens connections that start a request and never finish it."""
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


LARGE_VALUE = Request(
    PUT_VALUE.path,
    method=PUT_VALUE.method,
    body='"' + "x" * VALUE + '"',
    content_type=PUT_VALUE.content_type,
)

FLOODS = {
    "sign-ins": _from_wrk(SIGN_IN),
    "visitors": _from_wrk(Request("/")),
    "slow clients": _slow_clients,
    "large bodies": _from_wrk(
        Request("/login", method="POST", content_type=FORM, body="username=" + "x" * LARGE)
    ),
    "large sessions": _from_wrk(LARGE_VALUE),
}
