"""Runs wrk and reads its results. load.lua sends the requests."""

import json
import os
import subprocess
from dataclasses import dataclass

from runner.paths import LOAD

CLIENTS = 32


@dataclass(frozen=True)
class Request:
    """The request that wrk sends, as load.lua reads it."""

    path: str
    method: str = "GET"
    body: str = ""
    content_type: str = ""
    cookie: str = ""
    cookies: str = ""
    pause: int = 0

    def environment(self):
        """Returns the environment with the variables that load.lua reads."""
        named = {
            "LOAD_METHOD": self.method,
            "LOAD_BODY": self.body,
            "LOAD_TYPE": self.content_type,
            "LOAD_COOKIE": self.cookie,
            "LOAD_COOKIES": str(self.cookies),
            "LOAD_PAUSE": str(self.pause or ""),
        }
        return os.environ | {key: value for key, value in named.items() if value}


def start(port, request, seconds, clients=CLIENTS):
    """Starts wrk without waiting for it."""
    command = [
        "wrk",
        "-t1",
        f"-c{clients}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "-s",
        str(LOAD),
        f"http://127.0.0.1:{port}{request.path}",
    ]
    return subprocess.Popen(
        command,
        env=request.environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(running):
    """Waits for wrk and returns its results. Times are in microseconds."""
    out, errors = running.communicate()
    lines = out.strip().splitlines()
    if running.returncode != 0 or not lines:
        raise RuntimeError(f"wrk failed: {errors.strip() or out.strip()}")
    return json.loads(lines[-1])


def run(port, request, seconds, clients=CLIENTS):
    """Runs wrk and returns its results."""
    return finish(start(port, request, seconds, clients))


def run_with_cpu(server, request, seconds):
    """Runs wrk and adds the CPU time of the server per request, in microseconds."""
    before = server.cpu_seconds()
    results = run(server.port, request, seconds)
    used = server.cpu_seconds() - before
    return results | {"cpu": used * 1e6 / results["requests"] if results["requests"] else None}
