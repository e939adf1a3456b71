"""The compared programs: how to start each, sign in, and create a session."""

import os
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

from runner.load import Request
from runner.paths import BUILT, GUNICORN, KUNCI, PEERS, fresh_folder, say
from runner.process import Server, free_port

FORM = "application/x-www-form-urlencoded"
PASSWORD = "correct horse battery staple"
IN_MEMORY = 20_000

# All clients have one address and one account. An attempt counts as a wrong guess until its
# password is verified, so the default limits would refuse many concurrent sign-ins. They would
# also refuse most new sessions of visitors.
KUNCI_SETTINGS = {
    "KUNCI_THROTTLE__GUESSES_AT_ONCE": "10000",
    "KUNCI_THROTTLE__NETWORK_GUESSES_AT_ONCE": "10000",
    "KUNCI_THROTTLE__VISITORS_AT_ONCE": "1000000",
    "KUNCI_THROTTLE__ALL_VISITORS_AT_ONCE": "1000000",
    # The files with cookies have the name that is the default on port 8080.
    "KUNCI_SESSIONS__COOKIE_NAME": "kunci",
}

AXUM_MEMORY = "axum + tower-sessions, memory"
AXUM_SQLITE = "axum + tower-sessions, SQLite"
FLASK_SIGNED = "Flask, signed cookie, gunicorn"
BARE = {"hyper": "bare hyper", "tiny_http": "bare tiny_http, 4 workers"}

POST_SESSION = Request("/session", method="POST")
PUT_VALUE = Request(
    "/api/v1/session/data/k", method="PUT", body='"v"', content_type="application/json"
)


@dataclass(frozen=True)
class Program:
    """A compared program. `{port}` and `{folder}` in its command are placeholders."""

    name: str
    command: tuple
    binary: Path | None = None
    transport: str = ""
    store: str = ""
    # How to get a cookie: "file", "register", "post", or empty for a program without sessions.
    cookie_by: str = ""
    new_session: Request | None = None
    environment: dict = field(default_factory=dict)
    # The data folder. If it is None, every start gets a fresh folder.
    data: Path | None = None

    @property
    def is_kunci(self):
        """Returns whether this is Kunci."""
        return bool(self.transport)

    def start(self):
        """Starts the program and waits for its first answer."""
        port = free_port()
        home = fresh_folder("server")
        fill = {"port": port, "folder": self.data or home}
        command = [str(part).format(**fill) for part in self.command]
        environment = {key: value.format(**fill) for key, value in self.environment.items()}
        return Server(command, home / "log", port, environment=environment, folder=home)

    def cookies_file(self):
        """Returns the path of the file with many cookies."""
        return self.data / "cookies"

    def sign_in(self, server):
        """Returns the cookie of a signed-in session, or an invalid one of the same length."""
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
            raise RuntimeError(f"{self.name} does not accept its own session: {status} {text}")
        return cookie

    def fresh(self):
        """Returns the same program with a fresh data folder at each start."""
        cookie_by = "register" if self.is_kunci else self.cookie_by
        return replace(self, data=None, cookie_by=cookie_by)


def transports():
    """Lists the transports of the built Kunci. It always has tiny_http."""
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
            say(f"skipped: Kunci on {name}, which this binary does not support")
    return known


def kunci(transport, store, data=None):
    """Returns Kunci with a transport and a store."""
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
        environment=KUNCI_SETTINGS,
    )


def peer(name, binary, *arguments, **more):
    """Returns a peer written in Rust."""
    return Program(name, (BUILT / binary, "{port}", *arguments), BUILT / binary, **more)


def flask(name, module, **more):
    """Returns a peer written in Python."""
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
    """Returns all compared programs. `filled` maps names to folders with filled stores."""
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
    """Returns the programs that start with many sessions, of which the memory store has fewer."""
    in_memory = peer(
        AXUM_MEMORY,
        "axum-memory",
        str(IN_MEMORY),
        "{folder}/cookies",
        cookie_by="file",
        data=filled["axum-memory"],
    )
    return [program for program in everything if program.cookie_by == "file"] + [in_memory]
