"""A running server: its start, memory, CPU time and end."""

import http.client
import os
import signal
import socket
import subprocess
import time

TIMEOUT = 30
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def free_port():
    """Returns a TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A started program, for use in a with statement."""

    def __init__(self, command, log, port, path="/profile", environment=None, folder=None):
        self.port = port
        self.log = log
        with open(log, "wb") as out:
            started = time.perf_counter()
            # A process group of its own allows ending it with its children. It stays in the
            # same session, because Linux shares the processor between sessions before it
            # considers priorities within each.
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
        self.first_answer = time.perf_counter() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _wait_for_answer(self, path):
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with socket.create_connection(
                    ("127.0.0.1", self.port), timeout=TIMEOUT
                ) as client:
                    client.sendall(request.encode())
                    if client.recv(1):
                        return
            except ConnectionError:
                time.sleep(0.0002)
        raise RuntimeError(f"{self.process.args[0]} does not answer:\n{self.output()}")

    def output(self):
        """Returns everything that the program has printed."""
        return self.log.read_text(errors="replace")

    def ask(self, method, path, body=None, headers=None):
        """Sends one request and returns the status, the first cookie and the text."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        client.request(method, path, body=body, headers=headers or {})
        answer = client.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        text = answer.read().decode(errors="replace")
        client.close()
        return answer.status, cookie, text

    def resident(self):
        """Returns the resident memory in bytes. Memory that processes share counts once."""
        pids = processes_of_group(self.process.pid)
        if len(pids) == 1:
            return kibibytes(f"/proc/{pids[0]}/status", "VmRSS")
        return sum(kibibytes(f"/proc/{pid}/smaps_rollup", "Pss") for pid in pids)

    def peak(self):
        """Returns the peak resident memory in bytes, for a single process only."""
        return kibibytes(f"/proc/{self.process.pid}/status", "VmHWM")

    def read_from_disk(self):
        """Returns the number of bytes read from a disk, for a single process only."""
        return number(f"/proc/{self.process.pid}/io", "read_bytes")

    def cpu_seconds(self):
        """Returns the CPU time of all processes and threads, in user and kernel mode."""
        ticks = sum(cpu_ticks(pid) for pid in processes_of_group(self.process.pid))
        return ticks / TICKS_PER_SECOND

    def stop(self):
        """Ends the program and all processes that it has started."""
        for grace, kind in ((10, signal.SIGTERM), (5, signal.SIGKILL)):
            if self.process.poll() is not None:
                return
            try:
                os.killpg(self.process.pid, kind)
                self.process.wait(grace)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def processes_of_group(group):
    """Lists the processes of a process group."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(name)) == group:
                found.append(int(name))
        except ProcessLookupError:
            continue
    return found


def cpu_ticks(pid):
    """Returns utime + stime of a process, including its ended threads; see proc_pid_stat(5)."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        # The second field is a name in parentheses and may contain spaces.
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def kibibytes(path, key):
    """Reads a line such as `VmRSS:  123 kB` and returns bytes."""
    return number(path, key) * 1024


def number(path, key):
    """Reads the number of a line such as `read_bytes: 123`."""
    with open(path, encoding="ascii") as lines:
        for line in lines:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    raise RuntimeError(f"{path} has no {key}")
