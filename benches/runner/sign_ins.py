"""Sign-ins: how many against the bare hash, and what a flood of them does to session checks."""

import os
import subprocess
import time

from runner import load
from runner.load import Shot
from runner.places import BUILT
from runner.programs import FORM, PASSWORD
from runner.scenarios import WARM_UP, in_turns

# The accounts of a filled database; any of them will do.
SIGN_IN = Shot(
    "/login",
    method="POST",
    content_type=FORM,
    body=f"username=user-1&password={PASSWORD.replace(' ', '+')}",
)
# A modest stream of checks: so many clients, each of which rests for about so many milliseconds.
CALM_CLIENTS = 16
CALM_PAUSE = 10
# What clients that are gone have asked for is still hashed; so long until nothing of it is left.
AFTERMATH = 1.5


def bare_hashes(seconds):
    """How many hashes a second all cores make with nothing around them."""
    command = [BUILT / "hash-rate", str(seconds), str(len(os.sched_getaffinity(0)))]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def succeeded(figures):
    """The rate of what did not fail: who is turned away is answered at once."""
    return figures["rate"] * (1 - figures["failed"] / max(figures["requests"], 1))


def sign_in_rate(results, programs, rounds, seconds):
    """Sign-ins per second, each beside a measurement of the bare hash."""

    def turn(program):
        with program.start() as server:
            load.run(server.port, SIGN_IN, WARM_UP)
            time.sleep(AFTERMATH)
            before = bare_hashes(seconds)
            figures = load.run(server.port, SIGN_IN, seconds)
            time.sleep(AFTERMATH)
            after = bare_hashes(seconds)
            bare = (before + after) / 2
            figures["rate"] = succeeded(figures)
            results.add(
                "sign-in", program.name, bare=bare, ratio=figures["rate"] / bare, **figures
            )

    in_turns("sign-ins", programs, rounds, turn)


def checks_during_flood(results, programs, rounds, seconds):
    """The latency of session checks, alone and in a flood of sign-ins, calm and at full load."""

    def turn(program):
        with program.start() as server:
            full = Shot("/profile", cookie=program.sign_in(server))
            calm = Shot("/profile", cookie=full.cookie, pause=CALM_PAUSE)
            load.run(server.port, full, WARM_UP)
            alone = _both(server.port, calm, full, seconds)
            flood = load.begin(server.port, SIGN_IN, 2 * seconds + 2)
            time.sleep(1)
            beside = _both(server.port, calm, full, seconds)
            signed_in = succeeded(load.finish(flood))
            for kind in ("calm", "full"):
                results.add(
                    f"flood-{kind}",
                    program.name,
                    signed_in=signed_in,
                    alone=alone[kind]["p99"],
                    beside=beside[kind]["p99"],
                    ratio=beside[kind]["p99"] / alone[kind]["p99"],
                    failed=beside[kind]["failed"],
                    rate_alone=alone[kind]["rate"],
                    rate_beside=beside[kind]["rate"],
                )

    in_turns("checks during a flood", programs, rounds, turn)


def _both(port, calm, full, seconds):
    return {
        "calm": load.run(port, calm, seconds, CALM_CLIENTS),
        "full": load.run(port, full, seconds),
    }
