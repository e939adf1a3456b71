"""Runs wrk and reads what it measured.

Left out: what is sent, which stands in load.lua and in each scenario.
"""

import json
import os
import subprocess
from dataclasses import dataclass

from runner.places import LOAD

CLIENTS = 32


@dataclass(frozen=True)
class Shot:
    """One kind of request, as load.lua understands it."""

    path: str
    method: str = "GET"
    body: str = ""
    content_type: str = ""
    cookie: str = ""
    cookies: str = ""
    pause: int = 0

    def environment(self):
        """Give the variables that load.lua reads, on top of our own."""
        named = {
            "LOAD_METHOD": self.method,
            "LOAD_BODY": self.body,
            "LOAD_TYPE": self.content_type,
            "LOAD_COOKIE": self.cookie,
            "LOAD_COOKIES": str(self.cookies),
            "LOAD_PAUSE": str(self.pause or ""),
        }
        return os.environ | {key: value for key, value in named.items() if value}


def begin(port, shot, seconds, clients=CLIENTS):
    """Start wrk and do not wait for it."""
    command = [
        "wrk",
        "-t1",
        f"-c{clients}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "-s",
        str(LOAD),
        f"http://127.0.0.1:{port}{shot.path}",
    ]
    return subprocess.Popen(
        command, env=shot.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(running):
    """Wait for wrk and give its figures; times are in microseconds."""
    out, complaint = running.communicate()
    lines = out.strip().splitlines()
    if running.returncode != 0 or not lines:
        raise RuntimeError(f"wrk failed: {complaint.strip() or out.strip()}")
    return json.loads(lines[-1])


def run(port, shot, seconds, clients=CLIENTS):
    """Run wrk to its end and give its figures."""
    return finish(begin(port, shot, seconds, clients))
