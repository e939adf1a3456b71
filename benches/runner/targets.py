"""P1 to P7 as one table: what was asked for beside what was measured.

Left out: P8, which scale.py measures, and saying whether that is good.
"""

from runner.figures import NOTHING, megabytes, middle, ratio, seconds_as_millis, table, written


def section(data):
    """The table, for every transport that was measured."""
    rows = []
    for program in data["programs"]:
        if program["kunci"] and program["store"] == "SQLite":
            rows += _rows(data, program)
    head = ["target", "asked for", "measured"]
    return f"### Beside the targets\n\n{table(head, rows)}"


def _rows(data, program):
    name, transport = program["name"], program["transport"]

    def against(scenario, peer):
        found = data["results"].get(scenario, {})
        ours, theirs = (middle(found.get(one, {}).get("rate")) for one in (name, peer))
        return ratio(ours / theirs) if ours and theirs else NOTHING

    def figure(scenario, key, form):
        return written(middle(data["results"].get(scenario, {}).get(name, {}).get(key)), form)

    axum_memory, axum_sqlite = ("axum + tower-sessions, memory", "axum + tower-sessions, SQLite")
    bare = "bare hyper" if transport == "hyper" else "bare tiny_http, 4 workers"
    asked_of_bare = "P1, at least 0.85" if transport == "hyper" else "P2, at least 0.9"
    first = (
        [
            [
                f"check, many sessions, against {axum_memory}",
                "P1, at least 1",
                against("many", axum_memory),
            ],
            [
                f"check, many sessions, against {axum_sqlite}",
                "P1, at least 3",
                against("many", axum_sqlite),
            ],
            [
                "check, one session, against Flask, signed cookie",
                "P1, at least 25",
                against("check", "Flask, signed cookie, gunicorn"),
            ],
        ]
        if transport == "hyper"
        else []
    )
    rows = first + [
        [f"check, one session, against {bare}", asked_of_bare, against("check", bare)],
        [
            "sign-ins, against the bare hash",
            "P3, at least 0.95",
            figure("sign-in", "ratio", ratio),
        ],
        [
            "p99 of a check in a flood, against alone",
            "P4, at most 3",
            figure("flood-calm", "ratio", ratio),
        ],
        ["the same at full load", "P4, at most 3", figure("flood-full", "ratio", ratio)],
        [f"new sessions, against {axum_sqlite}", "P6, at least 5", against("new", axum_sqlite)],
        ["memory, idle", "P7, below 10 MB, aim 6", figure("check", "idle", megabytes)],
        ["binary", "P7, below 5 MB", written(program["size"], megabytes)],
        ["first answer", "P7, within 20 ms", figure("check", "first_answer", seconds_as_millis)],
    ]
    return [[f"{transport}: {row[0]}", *row[1:]] for row in rows]
