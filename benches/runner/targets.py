"""P1 to P7 as one table: what was asked for beside what was measured.

Left out: P5, which the table of memory shows; P8, which scale.py measures; and saying whether
any of it is good.
"""

from dataclasses import dataclass

from runner.figures import NOTHING, megabytes, middle, ratio, seconds_as_millis, table, written
from runner.programs import AXUM_MEMORY, AXUM_SQLITE, BARE, FLASK_SIGNED


@dataclass(frozen=True)
class Measured:
    """What was measured of one program."""

    results: dict
    program: dict

    def against(self, scenario, peer):
        """How many times the rate of a peer it reaches."""
        ours, theirs = (self._rate(scenario, name) for name in (self.program["name"], peer))
        return ratio(ours / theirs) if ours and theirs else NOTHING

    def figure(self, scenario, key, form):
        """The median of one of its figures."""
        figures = self.results.get(scenario, {}).get(self.program["name"], {})
        return written(middle(figures.get(key)), form)

    def _rate(self, scenario, name):
        return middle(self.results.get(scenario, {}).get(name, {}).get("rate"))


def section(data):
    """The table, for every transport that was measured."""
    rows = []
    for program in data["programs"]:
        if program["kunci"] and program["store"] == "SQLite":
            one, transport = Measured(data["results"], program), program["transport"]
            of_checks = (
                _checks_on_hyper(one) if transport == "hyper" else _checks_on_tiny_http(one)
            )
            rows += [
                [f"{transport}: {row[0]}", *row[1:]] for row in of_checks + _everything_else(one)
            ]
    return table(["target", "asked for", "measured"], rows)


def _checks_on_hyper(one):
    bare = BARE["hyper"]
    return [
        (
            f"many sessions, against {AXUM_MEMORY}",
            "P1, at least 1",
            one.against("many", AXUM_MEMORY),
        ),
        (
            f"one session, against {AXUM_MEMORY}",
            "P1, at least 1",
            one.against("check", AXUM_MEMORY),
        ),
        (
            f"many sessions, against {AXUM_SQLITE}",
            "P1, at least 3",
            one.against("many", AXUM_SQLITE),
        ),
        (
            f"one session, against {FLASK_SIGNED}",
            "P1, at least 25",
            one.against("check", FLASK_SIGNED),
        ),
        (f"one session, against {bare}", "P1, at least 0.85", one.against("check", bare)),
    ]


def _checks_on_tiny_http(one):
    bare = BARE["tiny_http"]
    return [(f"one session, against {bare}", "P2, at least 0.9", one.against("check", bare))]


def _everything_else(one):
    size = written(one.program["size"], megabytes)
    started = one.figure("check", "first_answer", seconds_as_millis)
    return [
        (
            "sign-ins, against the bare hash",
            "P3, at least 0.95",
            one.figure("sign-in", "ratio", ratio),
        ),
        (
            "p99 in a flood, against alone",
            "P4, at most 3",
            one.figure("flood-calm", "ratio", ratio),
        ),
        ("the same at full load", "P4, at most 3", one.figure("flood-full", "ratio", ratio)),
        (
            f"new sessions, against {AXUM_SQLITE}",
            "P6, at least 5",
            one.against("new", AXUM_SQLITE),
        ),
        ("memory, idle", "P7, below 10 MB, aim 6", one.figure("check", "idle", megabytes)),
        ("binary", "P7, below 5 MB", size),
        ("first answer", "P7, within 20 ms", started),
    ]
