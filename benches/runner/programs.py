"""The compared programs: how each is started, how one gets a session of it, how a new one is made.

Left out: what is measured with them, see scenarios.
"""

import os
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

from runner.load import Shot
from runner.places import BUILT, GUNICORN, KUNCI, PEERS, fresh_folder, say
from runner.process import Server, free_port

FORM = "application/x-www-form-urlencoded"
PASSWORD = "correct horse battery staple"
IN_MEMORY = 20_000

# All clients sit at one address and sign in to one account, more of them at once than anybody may guess
# wrongly; a good sign-in costs nothing in the end, and an attempt is charged until it is known to be one.
MANY_AT_ONCE = {
    "KUNCI_THROTTLE__GUESSES_AT_ONCE": "10000",
    "KUNCI_THROTTLE__NETWORK_GUESSES_AT_ONCE": "10000",
}

AXUM_MEMORY = "axum + tower-sessions, memory"
AXUM_SQLITE = "axum + tower-sessions, SQLite"
FLASK_SIGNED = "Flask, signed cookie, gunicorn"
BARE = {"hyper": "bare hyper", "tiny_http": "bare tiny_http, 4 workers"}

POST_SESSION = Shot("/session", method="POST")
PUT_VALUE = Shot(
    "/api/v1/session/data/k", method="PUT", body='"v"', content_type="application/json"
)


@dataclass(frozen=True)
class Program:
    """One compared program. `{port}` and `{folder}` in its command are filled in."""

    name: str
    command: tuple
    binary: Path | None = None
    transport: str = ""
    store: str = ""
    # How one comes by a cookie: "file", "register", "post", or nothing where no session is
    # looked at.
    cookie_by: str = ""
    new_session: Shot | None = None
    environment: dict = field(default_factory=dict)
    # Where it keeps its data; without it, a fresh folder at each start.
    data: Path | None = None

    @property
    def is_kunci(self):
        """Whether this is Kunci itself."""
        return bool(self.transport)

    def start(self):
        """Start it and wait for its first answer."""
        port = free_port()
        home = fresh_folder("server")
        fill = {"port": port, "folder": self.data or home}
        command = [str(part).format(**fill) for part in self.command]
        environment = {key: value.format(**fill) for key, value in self.environment.items()}
        return Server(command, home / "log", port, environment=environment, folder=home)

    def cookies_file(self):
        """The file of many cookies."""
        return self.data / "cookies"

    def sign_in(self, server):
        """Give a cookie with which /profile knows somebody; where nobody is known, one as long."""
        if not self.cookie_by:
            return "kunci=" + "x" * 86
        if self.cookie_by == "file":
            with open(self.cookies_file(), encoding="ascii") as lines:
                cookie = next(lines).strip()
        elif self.cookie_by == "register":
            body = f"username=ada&password={PASSWORD.replace(' ', '+')}"
            cookie = server.ask("POST", "/register", body, {"Content-Type": FORM})[1]
        else:
            cookie = server.ask("POST", "/session")[1]
        status, _, text = server.ask("GET", "/profile", headers={"Cookie": cookie})
        if status != 200 or not text.startswith("Welcome"):
            raise RuntimeError(f"{self.name} does not know its session: {status} {text}")
        return cookie

    def fresh(self):
        """The same program on data of its own that are new at each start."""
        cookie_by = "register" if self.is_kunci else self.cookie_by
        return replace(self, data=None, cookie_by=cookie_by)


def transports():
    """Say which transports this Kunci has; tiny_http is always one."""
    known = ["tiny_http"]
    for name in ("hyper",):
        asked = subprocess.run(
            [KUNCI, "config", "check"],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"KUNCI_SERVER__TRANSPORT": name},
        )
        if asked.returncode == 0:
            known.insert(0, name)
        else:
            say(f"left out: Kunci on {name}, which this binary does not have")
    return known


def kunci(transport, store, data=None):
    """Kunci on a transport and a store."""
    where = "sqlite:{folder}/kunci.db" if store == "SQLite" else "memory:"
    command = (
        KUNCI,
        "serve",
        "--listen",
        "127.0.0.1:{port}",
        "--transport",
        transport,
        "--data",
        "{folder}",
        "--store",
        where,
    )
    return Program(
        f"Kunci, {transport}, {store}",
        command,
        KUNCI,
        transport,
        store,
        cookie_by="file" if data else "register",
        new_session=PUT_VALUE,
        data=data,
        environment=MANY_AT_ONCE,
    )


def peer(name, binary, *arguments, **more):
    """One of the peers in Rust."""
    return Program(name, (BUILT / binary, "{port}", *arguments), BUILT / binary, **more)


def flask(name, module, **more):
    """One of the peers in Python."""
    command = (
        GUNICORN,
        "--workers",
        "2",
        "--preload",
        "--bind",
        "127.0.0.1:{port}",
        "--chdir",
        PEERS,
        "--log-level",
        "error",
        f"{module}:app",
    )
    return Program(
        name,
        command,
        cookie_by="post",
        new_session=POST_SESSION,
        environment={"PEER_DATABASE": "{folder}/peer.db"},
        **more,
    )


def all_programs(filled):
    """Everything that is compared; `filled` says where filled stores are."""
    ours = [
        kunci(transport, store, filled["kunci"] if store == "SQLite" else None)
        for transport in transports()
        for store in ("SQLite", "memory")
    ]
    return ours + [
        peer(BARE["hyper"], "bare-hyper"),
        peer(BARE["tiny_http"], "bare-tiny-http"),
        peer(AXUM_MEMORY, "axum-memory", cookie_by="post", new_session=POST_SESSION),
        peer(
            AXUM_SQLITE,
            "axum-sqlite",
            "{folder}/sessions.db",
            cookie_by="file",
            new_session=POST_SESSION,
            data=filled["axum-sqlite"],
        ),
        flask(FLASK_SIGNED, "flask_signed"),
        flask("Flask-Session, SQLite, gunicorn", "flask_session_sqlite"),
    ]


def with_many_sessions(everything, filled):
    """Those that begin with many sessions; in memory there are fewer of them."""
    in_memory = peer(
        AXUM_MEMORY,
        "axum-memory",
        str(IN_MEMORY),
        "{folder}/cookies",
        cookie_by="file",
        data=filled["axum-memory"],
    )
    return [program for program in everything if program.cookie_by == "file"] + [in_memory]
