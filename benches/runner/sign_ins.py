"""Sign-ins per second relative to bare hashing, and session checks during a flood of sign-ins."""

import os
import subprocess
import time

from runner import load
from runner.load import Request
from runner.paths import BUILT
from runner.programs import FORM, PASSWORD
from runner.scenarios import WARM_UP, run_rounds

# An account of a filled database.
SIGN_IN = Request(
    "/login",
    method="POST",
    content_type=FORM,
    body=f"username=user-1&password={PASSWORD.replace(' ', '+')}",
)
# Moderate load: the number of clients, and the average pause of each in milliseconds.
MODERATE_CLIENTS = 16
MODERATE_PAUSE = 10
# Seconds until the server has hashed the passwords of clients that are gone.
DRAIN = 1.5


def bare_hashes(seconds):
    """Returns the hashes per second of all cores without a server."""
    command = [BUILT / "hash-rate", str(seconds), str(len(os.sched_getaffinity(0)))]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def succeeded(figures):
    """Returns the rate of successful requests, without refused ones, which are fast."""
    return figures["rate"] * (1 - figures["failed"] / max(figures["requests"], 1))


def sign_in_rate(results, programs, rounds, seconds):
    """Measures sign-ins per second, between two measurements of bare hashing."""

    def run(program):
        with program.start() as server:
            load.run(server.port, SIGN_IN, WARM_UP)
            time.sleep(DRAIN)
            before = bare_hashes(seconds)
            figures = load.run(server.port, SIGN_IN, seconds)
            time.sleep(DRAIN)
            after = bare_hashes(seconds)
            bare = (before + after) / 2
            figures["rate"] = succeeded(figures)
            results.add(
                "sign-in", program.name, bare=bare, ratio=figures["rate"] / bare, **figures
            )

    run_rounds("sign-ins", programs, rounds, run)


def checks_during_flood(results, programs, rounds, seconds):
    """Measures session checks without and with a flood, at moderate and at full load."""

    def run(program):
        with program.start() as server:
            full = Request("/profile", cookie=program.sign_in(server))
            moderate = Request("/profile", cookie=full.cookie, pause=MODERATE_PAUSE)
            load.run(server.port, full, WARM_UP)
            alone = _both(server.port, moderate, full, seconds)
            flood = load.start(server.port, SIGN_IN, 2 * seconds + 2)
            time.sleep(1)
            during = _both(server.port, moderate, full, seconds)
            signed_in = succeeded(load.finish(flood))
            for kind in ("moderate", "full"):
                results.add(
                    f"flood-{kind}",
                    program.name,
                    signed_in=signed_in,
                    alone=alone[kind]["p99"],
                    during=during[kind]["p99"],
                    ratio=during[kind]["p99"] / alone[kind]["p99"],
                    failed=during[kind]["failed"],
                    rate_alone=alone[kind]["rate"],
                    rate_during=during[kind]["rate"],
                )

    run_rounds("checks during a flood", programs, rounds, run)


def _both(port, moderate, full, seconds):
    return {
        "moderate": load.run(port, moderate, seconds, MODERATE_CLIENTS),
        "full": load.run(port, full, seconds),
    }
