"""A server while it runs: how soon it answered, how much memory it takes, and its end.

Left out: which programs there are, see programs.
"""

import http.client
import os
import signal
import socket
import subprocess
import time

PATIENCE = 30


def free_port():
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A started program; use it in a with statement."""

    def __init__(self, command, log, port, path="/profile", environment=None, folder=None):
        self.port = port
        self.log = log
        with open(log, "wb") as out:
            began = time.perf_counter()
            # A group of its own, to end it with its children, but the same session: Linux shares
            # the processor between sessions before it looks at the priorities within each.
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=os.environ | (environment or {}),
                process_group=0,
            )
        try:
            self._wait_for_answer(path)
        except BaseException:
            self.stop()
            raise
        self.first_answer = time.perf_counter() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_for_answer(self, path):
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with socket.create_connection(
                    ("127.0.0.1", self.port), timeout=PATIENCE
                ) as client:
                    client.sendall(request.encode())
                    if client.recv(1):
                        return
            except ConnectionError:
                time.sleep(0.0002)
        raise RuntimeError(f"{self.process.args[0]} does not answer:\n{self.output()}")

    def output(self):
        """Give what the program has printed."""
        return self.log.read_text(errors="replace")

    def ask(self, method, path, body=None, headers=None):
        """Send one request; give the status, the first cookie and the text."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        client.request(method, path, body=body, headers=headers or {})
        answer = client.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        text = answer.read().decode(errors="replace")
        client.close()
        return answer.status, cookie, text

    def resident(self):
        """Give the resident memory in bytes; what several processes share counts once."""
        pids = processes_of_group(self.process.pid)
        if len(pids) == 1:
            return kibibytes(f"/proc/{pids[0]}/status", "VmRSS")
        return sum(kibibytes(f"/proc/{pid}/smaps_rollup", "Pss") for pid in pids)

    def peak(self):
        """Give the highest resident memory so far in bytes; for a single process only."""
        return kibibytes(f"/proc/{self.process.pid}/status", "VmHWM")

    def read_from_disk(self):
        """Give how many bytes were not in memory so far and came from a disk; for a single process only."""
        return number(f"/proc/{self.process.pid}/io", "read_bytes")

    def stop(self):
        """End the program, and all processes that it has started."""
        for grace, kind in ((10, signal.SIGTERM), (5, signal.SIGKILL)):
            if self.process.poll() is not None:
                return
            try:
                os.killpg(self.process.pid, kind)
                self.process.wait(grace)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def processes_of_group(group):
    """List the processes of a process group."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(name)) == group:
                found.append(int(name))
        except ProcessLookupError:
            continue
    return found


def kibibytes(path, key):
    """Read a line such as `VmRSS:  123 kB`, as bytes."""
    return number(path, key) * 1024


def number(path, key):
    """Read the number of a line such as `read_bytes: 123`."""
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    raise RuntimeError(f"{path} has no {key}")
