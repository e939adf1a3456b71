"""The targets P1 to P7 and the measured values.

The table of memory shows P5, and scale.py measures P8.
"""

from dataclasses import dataclass

from runner.figures import (
    NOTHING,
    formatted,
    megabytes,
    median,
    millis,
    ratio,
    seconds_as_millis,
    table,
)
from runner.programs import AXUM_MEMORY, AXUM_SQLITE, BARE


@dataclass(frozen=True)
class Measured:
    """The measured values of one program."""

    results: dict
    program: dict

    def relative_to(self, peer, scenario, key="rate"):
        """Returns the ratio of a value to that of a peer."""
        ours, theirs = (self._median(scenario, name, key) for name in (self.program["name"], peer))
        return ratio(ours / theirs) if ours and theirs else NOTHING

    def figure(self, scenario, key, form):
        """Returns the formatted median of a value."""
        return formatted(self._median(scenario, self.program["name"], key), form)

    def _median(self, scenario, name, key):
        return median(self.results.get(scenario, {}).get(name, {}).get(key))


def section(data):
    """Returns the table, for every measured transport."""
    rows = []
    for program in data["programs"]:
        if program["kunci"] and program["store"] == "SQLite":
            measured, transport = Measured(data["results"], program), program["transport"]
            checks = _hyper_checks if transport == "hyper" else _tiny_http_checks
            rows += [
                [f"{transport}: {row[0]}", *row[1:]]
                for row in checks(measured) + _common_rows(measured)
            ]
    return table(["value", "target", "measured"], rows)


def _hyper_checks(measured):
    return [
        (
            f"CPU per check of many sessions, relative to {AXUM_MEMORY}",
            "P1, at most 1.05",
            measured.relative_to(AXUM_MEMORY, "many", "cpu"),
        ),
        (
            f"checks/s of many sessions, relative to {AXUM_MEMORY}",
            "P1, at least 1",
            measured.relative_to(AXUM_MEMORY, "many"),
        ),
        (
            f"checks/s of many sessions, relative to {AXUM_SQLITE}",
            "P1, at least 3.5",
            measured.relative_to(AXUM_SQLITE, "many"),
        ),
    ]


def _tiny_http_checks(measured):
    bare = BARE["tiny_http"]
    return [
        (
            f"checks/s of one session, relative to {bare}",
            "P2, at least 0.9",
            measured.relative_to(bare, "check"),
        )
    ]


def _common_rows(measured):
    size = formatted(measured.program["size"], megabytes)
    return [
        (
            "sign-ins/s, relative to bare hashing",
            "P3, at least 0.9",
            measured.figure("sign-in", "ratio", ratio),
        ),
        (
            "p99 of checks during a flood, 1,500 checks/s",
            "P4, below 3 ms",
            measured.figure("flood-moderate", "during", millis),
        ),
        (
            "p99 of checks during a flood, full load",
            "P4, below 10 ms",
            measured.figure("flood-full", "during", millis),
        ),
        (
            f"new sessions/s, relative to {AXUM_SQLITE}",
            "P6, at least 4",
            measured.relative_to(AXUM_SQLITE, "new"),
        ),
        ("memory when idle", "P7, below 10 MB", measured.figure("check", "idle", megabytes)),
        ("binary with the default features", "P7, below 20 MB", size),
        (
            "first answer",
            "P7, within 20 ms",
            measured.figure("check", "first_answer", seconds_as_millis),
        ),
    ]
