"""A Docker engine of a test's own, which may be killed. Only for root.

It lives in network, mount and process namespaces of its own: an engine that starts without a bridge
removes the machine's, and one that is killed leaves mounts and shims behind, which end with these.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psutil

START_SECONDS = 60.0
_FIRST = 'while read -r _; do dockerd "$@" >> "$0" 2>&1 < /dev/null & done'
"""The namespace's first process: starts an engine for each line that it reads."""


class Daemon:
    def __init__(self, folder: Path) -> None:
        """``folder`` must lie on a file system that overlays can use, and have a short path."""
        self._log = folder / "log"
        self.socket = folder / "docker.sock"
        self._pid = folder / "pid"
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "pid"}
        options = [f"--{option}={folder / name}" for option, name in places.items()]
        plain = ["--bridge=none", "--iptables=false", "--ip-masq=false", "--log-level=error"]
        own = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        command = ["sh", "-c", _FIRST, str(self._log), "-H", self.host, *options, *plain]
        self._namespace = subprocess.Popen([*own, *command], stdin=subprocess.PIPE)

    @property
    def host(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Returns once it answers."""
        assert self._namespace.stdin is not None
        self._namespace.stdin.write(b"\n")
        self._namespace.stdin.flush()
        deadline = time.monotonic() + START_SECONDS
        while self.docker("version", check=False).returncode:
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.1)

    def load(self, image: str) -> None:
        """Take over an image of the machine's engine."""
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as save:
            command = ["docker", "-H", self.host, "load"]
            subprocess.run(command, stdin=save.stdout, capture_output=True, check=True)

    def kill(self) -> None:
        """As the kernel does for want of memory: at once, without a word to anybody."""
        below = psutil.Process(self._namespace.pid).children(recursive=True)
        [engine] = [process for process in below if process.name() == "dockerd"]
        engine.kill()
        while engine.is_running() and engine.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.02)
        self._pid.unlink(missing_ok=True)

    def end(self) -> None:
        """End everything that was ever started here."""
        assert self._namespace.stdin is not None
        for process in psutil.Process(self._namespace.pid).children():
            process.kill()
        self._namespace.stdin.close()
        self._namespace.wait()

    def docker(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        command = ["docker", "-H", self.host, *arguments]
        return subprocess.run(command, capture_output=True, check=check, timeout=30)
