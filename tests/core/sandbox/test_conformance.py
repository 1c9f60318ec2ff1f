"""What every sandbox must do, whichever it is; where one cannot, the test names those that can."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.sandbox.base import Environment, Limits
from core.sandbox.docker import ContainerSandbox
from core.sandbox.engine import find_engine
from core.sandbox.installer import NetworkSettings
from core.sandbox.tools import Tools
from core.types import SandboxKind
from tests.processes import NAME_YOURSELF, named

from .conftest import SMALL, Opened, Probe, request

DOCKER = pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker)
PODMAN = pytest.param(SandboxKind.PODMAN, marks=pytest.mark.podman)
BUBBLEWRAP = pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap)
HOST = SandboxKind.HOST
everywhere = pytest.mark.parametrize("kind", [DOCKER, PODMAN, BUBBLEWRAP, HOST])
isolated = pytest.mark.parametrize("kind", [DOCKER, PODMAN, BUBBLEWRAP])

InProbe = Callable[..., Any]

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
        while True:
            time.sleep(60)
time.sleep(0.2)
result = True
"""


@everywhere
def test_a_worker_sees_the_private_copy_and_our_pytest(in_probe: InProbe) -> None:
    source = """
import sys
sys.path.insert(0, base)
import module, pytest
result = [module.ANSWER, pytest.__file__.startswith(tools)]
"""

    async def body(probe: Probe) -> Any:
        return await probe.run(source)

    assert in_probe(body) == [42, True]


@everywhere
def test_a_five_megabyte_line_goes_both_ways(in_probe: InProbe) -> None:
    async def there(probe: Probe) -> Any:
        return await probe.run(f"result = len({'x' * 5_000_000!r})")

    async def back(probe: Probe) -> Any:
        return len(await probe.run("result = 'y' * 5_000_000"))

    assert in_probe(there) == 5_000_000
    assert in_probe(back) == 5_000_000


@everywhere
def test_a_worker_that_writes_faster_than_it_is_read_waits_and_loses_nothing(in_probe: InProbe) -> None:
    source = """
import sys
for number in range(40_000):
    sys.stdout.write(f"{number:0999d}\\n")
result = "end"
"""

    async def body(probe: Probe) -> bool:
        await probe.process.send(request(source))
        await asyncio.sleep(0.5)
        for number in range(40_000):
            line = await probe.process.receive()
            assert line is not None
            assert int(line) == number
        return await probe.process.receive() == b'{"result": "end"}'

    assert in_probe(body)


@isolated
def test_a_worker_has_no_network(in_probe: InProbe) -> None:
    source = """
import os, socket
result = sorted(os.listdir("/sys/class/net")) if os.path.isdir("/sys/class/net") else ["lo"]
try:
    socket.create_connection(("1.1.1.1", 53), timeout=3)
    result.append("connected")
except OSError as error:
    result.append(error.errno)
"""

    async def body(probe: Probe) -> Any:
        return await probe.run(source)

    *interfaces, outcome = in_probe(body)
    assert set(interfaces) <= {"lo", "bonding_masters", "tunl0", "sit0", "ip6tnl0", "gre0"}
    assert outcome == errno.ENETUNREACH


@isolated
@pytest.mark.parametrize("place", ["base + '/module.py'", "tools + '/new.py'", "'/etc/new'", "'/new'"])
def test_nothing_but_work_and_temporary_files_can_be_written(in_probe: InProbe, place: str) -> None:
    async def body(probe: Probe) -> Any:
        return await probe.run(f"open({place}, 'w')")

    assert "Read-only file system" in in_probe(body) or "Permission denied" in in_probe(body)


@isolated
def test_no_file_of_the_user_is_there(in_probe: InProbe, copy: Path) -> None:
    secret = copy.parent / "secret.txt"
    secret.write_text("hush")
    places = [str(secret), str(Path.home() / ".ssh"), str(Path(__file__)), "/var/run/docker.sock"]

    async def body(probe: Probe) -> Any:
        return await probe.run(f"import os; result = [p for p in {places!r} if os.path.exists(p)]")

    assert in_probe(body) == []


@everywhere
def test_work_is_writable_executable_and_belongs_to_the_user(in_probe: InProbe) -> None:
    source = """
import os, subprocess
path = work + "/run.sh"
with open(path, "w") as file:
    file.write("#!/bin/sh\\necho ran\\n")
os.chmod(path, 0o755)
state = os.stat(path)
result = [subprocess.check_output([path], text=True), state.st_uid, state.st_gid]
"""

    async def body(probe: Probe) -> Any:
        return await probe.run(source)

    assert in_probe(body) == ["ran\n", os.getuid(), os.getgid()]


@pytest.mark.docker
@pytest.mark.parametrize("kind", [DOCKER])
def test_a_container_runs_as_an_ordinary_user_who_has_a_name(
    opened: Opened, copy: Path, cache: Path, probe_tools: Tools
) -> None:
    source = """
import getpass, os, pwd
with open(work + "/new", "w"), open("/tmp/new", "w"):
    result = [os.getuid(), os.stat(work + "/new").st_gid, pwd.getpwuid(os.getuid()).pw_name]
"""

    async def main() -> Any:
        network = NetworkSettings()
        engine = find_engine(SandboxKind.DOCKER)
        sandbox = ContainerSandbox(engine, cache, network, tools=probe_tools, owner=(12345, 12346))
        try:
            await sandbox.prepare(lambda _text, _fraction: None)
            return await Probe(await sandbox.launch(copy, Environment(), SMALL)).run(source)
        finally:
            await sandbox.close()

    copy.chmod(0o755)
    assert asyncio.run(main()) == [12345, 12346, "user"]


@everywhere
def test_nothing_of_the_users_environment_reaches_the_worker(
    in_probe: InProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "hush")

    async def body(probe: Probe) -> Any:
        return await probe.run("import os; result = dict(os.environ)")

    env = in_probe(body)
    assert "OPENAI_API_KEY" not in env
    assert env["LC_ALL"] == "C.UTF-8"
    assert env["PYTHONHASHSEED"] == "0"


@isolated
def test_a_worker_holds_no_capability_and_can_gain_none(in_probe: InProbe) -> None:
    source = """
status = open("/proc/self/status").read().splitlines()
lines = dict(line.split(":\\t") for line in status if ":\\t" in line)
result = [int(lines["CapEff"], 16), int(lines["CapBnd"], 16), int(lines["NoNewPrivs"])]
"""

    async def body(probe: Probe) -> Any:
        return await probe.run(source)

    assert in_probe(body) == [0, 0, 1]


@everywhere
def test_kill_ends_children_that_ignore_sigterm_and_left_the_session(
    in_probe: InProbe,
) -> None:
    name = f"gb{secrets.token_hex(5)}"

    async def body(probe: Probe) -> list[int]:
        assert await probe.run(NAME_YOURSELF.format(name=name) + STUBBORN) is True
        assert len(named(name)) >= 7
        async with asyncio.timeout(5):
            await probe.process.kill()
            await probe.process.kill()
            assert await probe.process.receive() is None
        return named(name)

    assert in_probe(body) == []


@everywhere
def test_sending_to_a_dead_worker_is_a_broken_pipe_and_waiting_tells_its_status(
    in_probe: InProbe,
) -> None:
    async def body(probe: Probe) -> Any:
        source = "import os, sys; sys.stderr.write('last words'); sys.stderr.flush(); os._exit(7)"
        await probe.process.send(b'{"run": "%s"}\n' % source.encode())
        assert await probe.process.receive() is None
        end = await probe.process.wait()
        with pytest.raises(BrokenPipeError):
            await probe.process.send(b"{}\n")
        return [end.status, end.out_of_memory, end.stderr]

    assert in_probe(body) == [7, False, "last words"]


# Podman notes only that the container's first process was killed, which it need not be.
@pytest.mark.parametrize("kind", [DOCKER, BUBBLEWRAP, HOST])
def test_a_tree_that_holds_too_much_memory_ends_as_out_of_memory(in_probe: InProbe) -> None:
    source = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(os.urandom(1024) * 1024 * 120)
        time.sleep(60)
os.wait()  # an engine kills the fattest process only
os._exit(0)
"""

    async def body(probe: Probe) -> Any:
        await probe.process.send(request(source))
        async with asyncio.timeout(20):
            while True:
                if await probe.process.receive() is None:
                    break
        return (await probe.process.wait()).out_of_memory

    assert in_probe(body) is True


@everywhere
def test_a_fork_bomb_is_stopped(in_probe: InProbe) -> None:
    source = """
import os, time
count = 0
try:
    while count < 2000:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
    result = "endless"
except OSError as error:
    result = "refused"
"""

    async def body(probe: Probe) -> Any:
        await probe.process.send(request(source))
        async with asyncio.timeout(20):
            line = await probe.process.receive()
            if line is not None and b"endless" in line:
                line = await probe.process.receive()
        return "killed" if line is None else line.decode()

    assert in_probe(body) in ("killed", '{"result": "refused"}')


@isolated
def test_the_work_folder_has_a_size(in_probe: InProbe) -> None:
    async def body(probe: Probe) -> Any:
        return await probe.run("open(work + '/big', 'wb').write(bytes(70 * 1024**2))")

    limits = Limits(memory_bytes=512 * 1024**2, processes=64, cpus=1.0, work_bytes=64 * 1024**2)
    assert "No space left" in in_probe(body, limits)


@everywhere
def test_closing_ends_every_worker_and_leaves_nothing_behind(
    opened: Opened, copy: Path, kind: SandboxKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"gb{secrets.token_hex(5)}"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def main() -> None:
        async with opened() as sandbox:
            for _ in range(3):
                await Probe(await sandbox.launch(copy, Environment(), SMALL)).run(
                    NAME_YOURSELF.format(name=name)
                )
            assert len(named(name)) == 3

    asyncio.run(main())
    assert named(name) == []
    if kind is SandboxKind.HOST:
        assert list(tmp_path.glob("greenbar-work-*")) == []
    if kind is SandboxKind.DOCKER:
        ours = f"label=greenbar.pid={os.getpid()}"
        listed = subprocess.run(
            ["docker", "ps", "-aq", "--filter", ours], capture_output=True, text=True, check=True
        )
        assert listed.stdout == ""
    assert (copy / "module.py").read_text() == "ANSWER = 42\n"


ORPHAN = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from core.sandbox.base import Environment
from core.sandbox.installer import NetworkSettings
from core.sandbox.tools import Tools
from core.sandbox import bubblewrap, docker, host
from core.sandbox.engine import find_engine
import json

async def main():
    kind, cache, folder, copy = {kind!r}, Path({cache!r}), Path({tools!r}), Path({copy!r})
    tools = Tools(folder, {digest!r})
    network = NetworkSettings()
    if kind == "docker":
        engine = find_engine(docker.SandboxKind.DOCKER)
        sandbox = docker.ContainerSandbox(engine, cache, network, tools=tools)
    elif kind == "bubblewrap":
        sandbox = bubblewrap.BubblewrapSandbox(cache, network, tools=tools)
    else:
        sandbox = host.HostSandbox(cache, network, tools)
    await sandbox.prepare(lambda text, fraction: None)
    worker = await sandbox.launch(copy, Environment(), bubblewrap.DEFAULT_LIMITS)
    await worker.send(json.dumps({{"run": {source!r}}}).encode() + b"\\n")
    await worker.receive()
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize("kind", [DOCKER, BUBBLEWRAP, HOST])
def test_a_worker_ends_when_greenbar_itself_is_killed(
    opened: Opened, copy: Path, kind: SandboxKind, cache: Path, probe_tools: Tools, tmp_path: Path
) -> None:
    name = f"gb{secrets.token_hex(5)}"
    script = ORPHAN.format(
        here=str(Path(__file__).parents[3]),
        kind=str(kind),
        cache=str(cache),
        tools=str(probe_tools.folder),
        digest=probe_tools.digest,
        copy=str(copy),
        source=NAME_YOURSELF.format(name=name),
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, env=env, check=False)
    assert ended.returncode == -9, ended.stderr.decode()
    deadline = time.monotonic() + 10
    while named(name) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert named(name) == []

    async def next_start() -> None:
        async with opened():
            pass

    asyncio.run(next_start())
    if kind is SandboxKind.DOCKER:
        listed = subprocess.run(
            ["docker", "ps", "-a", "--filter", "label=greenbar", "--format", '{{.Label "greenbar.pid"}}'],
            capture_output=True,
            text=True,
            check=True,
        )
        assert all(Path(f"/proc/{pid}").exists() for pid in listed.stdout.split())
