"""An engine on another machine does what one on this machine does, and gets the copy by being sent it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConsentRefused, SandboxError
from core.sandbox.address import EngineAddress
from core.sandbox.base import Environment, Limits, Sandbox
from core.sandbox.choose import choose
from core.sandbox.debian import source_of_host
from core.sandbox.docker import ContainerSandbox, owner_labels
from core.sandbox.engine import Engine, find_engine
from core.sandbox.image import PULLED_BASE, has_image
from core.sandbox.installer import NetworkSettings
from core.sandbox.tools import Tools
from core.session.emitter import Emitter
from core.session.services import SessionSettings
from core.session.session import Session
from core.types import ConsentRequest, SandboxKind, TestReport
from tests.core.session.conftest import LocalServices
from tests.repositories import commit_repository

from . import far
from .conftest import SMALL, Probe

pytestmark = [pytest.mark.docker, pytest.mark.slow]

OWNER = (1234, 1235)
by_every_way = pytest.mark.parametrize("there", ["tcp", "tls", "ssh"], indirect=True, scope="module")
by_tls = pytest.mark.parametrize("there", ["tls"], indirect=True, scope="module")
ANSWER = "import sys; sys.path.insert(0, base); import module; result = module.ANSWER"
TREE = """
import os
result = sorted(os.path.relpath(os.path.join(d, f), base) for d, _, fs in os.walk(base) for f in fs)
"""
ISOLATED = """
import os, socket
result = []
for place in (base + "/new", tools + "/new", "/etc/new"):
    try:
        open(place, "w")
        result.append(place)
    except OSError:
        pass
try:
    socket.create_connection(("1.1.1.1", 53), timeout=3)
    result.append("network")
except OSError:
    pass
state = os.stat(base + "/module.py")
result += [state.st_uid, state.st_gid]
"""


@dataclass(frozen=True)
class Far:
    """A far engine: how the user names it, and its own socket for looking behind the curtain."""

    env: dict[str, str]
    own: Path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, cache: Path, probe_tools: Tools) -> Iterator[Path]:
    """The folder of a private engine that has the base image, copied from this machine's engine."""
    folder = tmp_path_factory.mktemp("far")

    async def copy_image() -> None:
        near = find_engine(SandboxKind.DOCKER)
        there = Engine(SandboxKind.DOCKER, EngineAddress(f"unix://{folder}/engine.sock"))
        here = ContainerSandbox(near, cache, NetworkSettings(), tools=probe_tools)
        packed = folder / "image.tar"

        def save(client: Any) -> None:
            base = PULLED_BASE if has_image(client, PULLED_BASE) else source_of_host().tag
            with packed.open("wb") as file:
                file.writelines(client.get_image(base))

        def load(client: Any) -> None:
            with packed.open("rb") as file:
                list(client.load_image(file))

        try:
            await here.prepare(lambda _text, _fraction: None)
            await near.call(save)
            await there.call(load)
        except SandboxError as error:
            pytest.skip(error.sentence)
        finally:
            packed.unlink(missing_ok=True)
            await here.close()
            await there.close()

    with far.engine(folder):
        asyncio.run(copy_image())
    yield folder
    shutil.rmtree(folder / "data", ignore_errors=True)


@pytest.fixture(scope="module")
def there(
    request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Far]:
    own, port = data / "engine.sock", far.free_port()
    folder = tmp_path_factory.mktemp(request.param)
    url = f"tcp://127.0.0.1:{port}"
    match request.param:
        case "tcp":
            with far.engine(data, "-H", url, "--tls=false"):
                yield Far({"DOCKER_HOST": url}, own)
        case "tls":
            far.make_certificates(folder)
            server = folder / "server"
            options = ["--tlsverify", f"--tlscacert={folder}/ca.pem", f"--tlscert={server}/cert.pem"]
            with far.engine(data, "-H", url, *options, f"--tlskey={server}/key.pem"):
                tls = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
                yield Far({"DOCKER_HOST": url, **tls}, own)
        case _:
            with far.ssh_server(folder / "ssh") as (ssh_port, path), far.engine(data):
                url = f"ssh://root@127.0.0.1:{ssh_port}{own}"
                yield Far({"DOCKER_HOST": url, "PATH": f"{path}:{os.environ['PATH']}"}, own)


WithSandbox = Callable[[Callable[[ContainerSandbox], Awaitable[Any]]], Any]


@pytest.fixture
def with_sandbox(
    there: Far, cache: Path, probe_tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> WithSandbox:
    """Run an async function with a prepared sandbox on the far engine; it must leave nothing there."""
    for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
        monkeypatch.delenv(name, raising=False)
    for name, value in there.env.items():
        monkeypatch.setenv(name, value)

    def run(body: Callable[[ContainerSandbox], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            engine = find_engine(SandboxKind.DOCKER)
            sandbox = ContainerSandbox(engine, cache, NetworkSettings(), tools=probe_tools, owner=OWNER)
            try:
                await sandbox.prepare(lambda _text, _fraction: None)
                result = await body(sandbox)
            finally:
                await sandbox.close()
            return result

        result = asyncio.run(main())
        assert left_in(there.own) == []
        return result

    return run


def left_in(own: Path) -> list[str]:
    """Containers and volumes of the engine behind ``own``."""

    async def main() -> list[str]:
        engine = Engine(SandboxKind.DOCKER, EngineAddress(f"unix://{own}"))
        try:
            containers = await engine.call(lambda client: client.containers(all=True))
            volumes = await engine.call(lambda client: client.volumes()["Volumes"] or [])
            return [c["Id"] for c in containers] + [v["Name"] for v in volumes]
        finally:
            await engine.close()

    return asyncio.run(main())


@by_every_way
def test_a_worker_there_sees_the_copy_and_nothing_else(with_sandbox: WithSandbox, copy: Path) -> None:
    (copy / "module.py").chmod(0o600)

    async def body(sandbox: ContainerSandbox) -> None:
        probe = Probe(await sandbox.launch(copy, Environment(), SMALL))
        assert await probe.run(ANSWER) == 42
        assert await probe.run(ISOLATED) == list(OWNER)
        assert len(await probe.run("result = 'y' * 5_000_000")) == 5_000_000
        assert await probe.run(f"result = len({'x' * 5_000_000!r})") == 5_000_000
        await probe.process.kill()
        assert await probe.process.receive() is None

    with_sandbox(body)


@by_tls
def test_a_worker_there_is_sent_what_has_changed_and_sees_nothing_that_is_gone(
    with_sandbox: WithSandbox, copy: Path
) -> None:
    (copy / "package").mkdir()
    (copy / "package" / "old ü.py").write_text("")
    (copy / "link").symlink_to("module.py")

    async def body(sandbox: ContainerSandbox) -> None:
        async def look() -> Any:
            probe = Probe(await sandbox.launch(copy, Environment(), SMALL))
            try:
                return await probe.run(ANSWER), await probe.run(TREE)
            finally:
                await probe.process.kill()

        assert await look() == (42, ["link", "module.py", "package/old ü.py"])
        (copy / "module.py").write_text("ANSWER = 43\n")
        (copy / "package" / "new.py").write_text("")
        assert await look() == (43, ["link", "module.py", "package/new.py", "package/old ü.py"])
        (copy / "package" / "old ü.py").unlink()
        assert await look() == (43, ["link", "module.py", "package/new.py"])
        shutil.rmtree(copy / "package")
        (copy / "package").write_text("a file where a folder was")
        assert await asyncio.gather(look(), look()) == [(43, ["link", "module.py", "package"])] * 2

    with_sandbox(body)


@by_tls
def test_a_worker_there_that_holds_too_much_memory_ends_as_out_of_memory(
    with_sandbox: WithSandbox, copy: Path
) -> None:
    async def body(sandbox: ContainerSandbox) -> bool:
        worker = await sandbox.launch(copy, Environment(), SMALL)
        with pytest.raises(AssertionError):
            await Probe(worker).run("held = bytearray(600 * 1024**2); held[::4096] = b'x' * (600 * 256)")
        return (await worker.wait()).out_of_memory

    assert with_sandbox(body) is True


@by_tls
def test_the_limits_are_those_of_the_machine_there(with_sandbox: WithSandbox) -> None:
    async def body(sandbox: ContainerSandbox) -> Limits:
        return sandbox.fitted(Limits(memory_bytes=1 << 60, cpus=1.0))

    limits = with_sandbox(body)
    assert limits.cpus == os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert limits.memory_bytes <= memory // 2


@by_tls
def test_what_another_machines_greenbar_has_there_is_left_alone(
    with_sandbox: WithSandbox, there: Far
) -> None:
    stale = {**owner_labels(), "greenbar.boot": "before"}

    async def main() -> None:
        engine = Engine(SandboxKind.DOCKER, EngineAddress(f"unix://{there.own}"))

        async def body(sandbox: ContainerSandbox) -> None:
            names = await engine.call(lambda client: [v["Name"] for v in client.volumes()["Volumes"]])
            assert "theirs" in names
            assert "ours" not in names
            await engine.call(lambda client: client.remove_volume("theirs"))

        try:
            theirs = {**stale, "greenbar.machine": "another"}
            await engine.call(lambda client: client.create_volume("theirs", labels=theirs))
            await engine.call(lambda client: client.create_volume("ours", labels=stale))
            await asyncio.to_thread(with_sandbox, body)
        finally:
            await engine.close()

    asyncio.run(main())


@by_tls
def test_a_server_whose_certificate_nobody_vouches_for_is_not_trusted(there: Far, tmp_path: Path) -> None:
    far.make_certificates(tmp_path / "others")
    env = {**os.environ, **there.env, "DOCKER_CERT_PATH": str(tmp_path / "others")}
    error = trouble_of(env)
    assert error.code == "sandbox.docker_unreachable"
    assert "its certificate is not trusted" in error.sentence


@by_tls
def test_a_server_that_wants_a_certificate_of_ours_says_so(there: Far, tmp_path: Path) -> None:
    shutil.copy(Path(there.env["DOCKER_CERT_PATH"]) / "ca.pem", tmp_path)
    error = trouble_of({**os.environ, **there.env, "DOCKER_CERT_PATH": str(tmp_path)})
    assert "it wants a certificate of ours" in error.sentence
    plain = {"DOCKER_HOST": there.env["DOCKER_HOST"], "PATH": os.environ["PATH"]}
    assert "it wants TLS" in trouble_of(plain).sentence
    assert trouble_of(plain).remedies[0].shell == "unset DOCKER_HOST"


def trouble_of(env: dict[str, str]) -> SandboxError:
    async def main() -> None:
        engine = find_engine(SandboxKind.DOCKER, env)
        try:
            await engine.check()
        finally:
            await engine.close()

    with pytest.raises(SandboxError) as caught:
        asyncio.run(main())
    return caught.value


class Elsewhere(LocalServices):
    async def choose_sandbox(self, spec: str) -> Sandbox:
        return await choose(spec, self.cache)


@by_tls
def test_the_copy_goes_there_only_with_consent_and_once_given_it_is_remembered(
    there: Far, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in there.env.items():
        monkeypatch.setenv(name, value)
    root = commit_repository(tmp_path / "repo", {"test_a.py": "def test_a():\n    assert 1\n"})
    asked: list[ConsentRequest] = []

    async def main(answer: bool) -> TestReport:
        async def ask(request: ConsentRequest) -> bool:
            asked.append(request)
            return answer

        services = Elsewhere(tmp_path / "home", None, isolated=True)
        session = Session(services, SessionSettings(sandbox="docker"), Emitter(()), ask)
        try:
            await session.open(str(root))
            return await session.run_tests()
        finally:
            await session.close()

    with pytest.raises(ConsentRefused) as caught:
        asyncio.run(main(False))
    assert caught.value.code == "consent.remote_engine"
    assert [request.subject for request in asked] == [there.env["DOCKER_HOST"]]
    assert left_in(there.own) == []
    for _ in range(2):
        assert asyncio.run(main(True)).failing == ()
    assert len(asked) == 2
    remembered = json.loads((tmp_path / "home" / "data" / "consents.json").read_text())
    assert remembered == {str(root): [f"remote_engine {there.env['DOCKER_HOST']}"]}
    assert left_in(there.own) == []
