"""Plain pytest, to compare with: the same pytest and the same Python, without Greenbar.

As nice as the worker is, and in a session of its own as the worker is (Linux shares the processor
out by session first), so that other work on the machine slows both alike. Files lie in memory, as in
the sandbox: on a disk, a suite that writes files takes up to twice as long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.paths import find_paths
from core.sandbox.base import PYTHON
from core.sandbox.docker import LOW_SHARES
from core.sandbox.engine import find_engine
from core.sandbox.image import INSIDE_TOOLS, make_image
from core.sandbox.image_notes import ImageNotes
from core.sandbox.installer import network_settings
from core.sandbox.tools import make_tools
from core.types import SandboxKind

_PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
_NICE = ("nice", "-n", "10")
_MEMORY = Path("/dev/shm")


def on_host(root: Path, python: str = sys.executable) -> float:
    """Seconds of a plain run on the host, over a copy of ``root``."""
    tools = make_tools(find_paths().cache)
    memory = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="greenbar-bench-", dir=memory) as folder:
        copy = Path(folder) / "copy"
        subprocess.run(["cp", "-r", root, copy], check=True)
        env = {
            "PATH": os.environ["PATH"],
            "TMPDIR": folder,
            "PYTHONPATH": os.fspath(tools.folder / "site"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        began = time.perf_counter()
        done = subprocess.run(
            [*_NICE, python, "-s", *_PYTEST],
            cwd=copy, env=env, capture_output=True, check=False, start_new_session=True,
        )  # fmt: skip
        seconds = time.perf_counter() - began
    _require_finished(done)
    return seconds


async def image() -> str:
    """The tag of the image that the sandbox's workers run in."""
    engine = find_engine(SandboxKind.DOCKER)
    try:
        tools = make_tools(find_paths().cache)
        owner = (os.getuid(), os.getgid())
        cache, network = find_paths().cache, network_settings()
        notes = ImageNotes(cache / "images")
        return await make_image(engine, tools, owner, cache, network, PYTHON, notes, _say_nothing)
    finally:
        await engine.close()


def in_image(root: Path, tag: str) -> float:
    """Seconds of a plain run in a container of the sandbox's own image, its start included."""
    script = f"cp -r /suite/. /work && exec nice -n 10 python3 -s {' '.join(_PYTEST)}"
    command = [
        *("docker", "run", "--rm", "--network", "none", "--cpu-shares", str(LOW_SHARES)),
        *("--user", f"{os.getuid()}:{os.getgid()}"),
        *("--mount", f"type=bind,source={root},target=/suite,readonly"),
        *("--tmpfs", "/work:rw,exec,mode=1777", "--tmpfs", "/tmp:rw,exec,mode=1777"),
        *("--workdir", "/work"),
        *("--env", f"PYTHONPATH={INSIDE_TOOLS}/site", tag, "sh", "-c", script),
    ]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False)
    seconds = time.perf_counter() - began
    _require_finished(done)
    return seconds


def same_python(tag: str) -> str | None:
    """A Python of the host of the image's version and compiler; only then do seconds compare."""
    ask = ("-I", "-c", "import platform as p; print(p.python_version(), p.python_compiler())")
    inside = _output(["docker", "run", "--rm", "--network", "none", tag, "python3", *ask])
    for python in ("/usr/bin/python3", "/usr/local/bin/python3", sys.executable):
        if Path(python).exists() and _output([python, *ask]) == inside:
            return python
    return None


def _say_nothing(text: str, fraction: float | None) -> None:
    """Progress that nobody watches."""


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _require_finished(done: subprocess.CompletedProcess[bytes]) -> None:
    if done.returncode not in (0, 1):
        raise RuntimeError((done.stdout + done.stderr).decode("utf-8", "replace")[-2000:])
