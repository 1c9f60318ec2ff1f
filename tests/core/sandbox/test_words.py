"""What the user is told when a sandbox cannot be had, and what choosing makes of it."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest

from core.errors import SandboxError, UsageError
from core.sandbox import engine_words as words
from core.sandbox.bubblewrap import BubblewrapSandbox
from core.sandbox.choose import choose
from core.sandbox.doctor import looks, start_docker
from core.sandbox.engine import find_engine
from core.sandbox.engine_words import Machine
from core.session.readiness import look_around
from core.types import ReadinessRow, ReadinessState, SandboxKind

DOCKER, PODMAN = SandboxKind.DOCKER, SandboxKind.PODMAN


def trouble(kind: SandboxKind, env: dict[str, str]) -> SandboxError:
    async def main() -> None:
        engine = find_engine(kind, env)
        try:
            await engine.check()
        finally:
            await engine.close()

    with pytest.raises(SandboxError) as caught:
        asyncio.run(main())
    error = caught.value
    assert error.sentence.endswith(".")
    assert error.remedies
    return error


def test_an_engine_whose_socket_is_absent_is_not_running(tmp_path: Path) -> None:
    error = trouble(SandboxKind.DOCKER, {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})
    assert error.code == "sandbox.docker_stopped"
    assert error.sentence == "Docker is installed but not running."
    assert error.remedies[0].action == "start_docker"
    assert error.remedies[0].shell == "sudo systemctl start docker"


def test_an_engine_whose_socket_nobody_listens_on_is_not_running(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(f"{tmp_path}/dead.sock")
    error = trouble(SandboxKind.DOCKER, {"DOCKER_HOST": f"unix://{tmp_path}/dead.sock"})
    assert error.code == "sandbox.docker_stopped"


def test_an_engine_that_never_answers_is_given_up_quickly(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(f"{tmp_path}/mute.sock")
        mute.listen()
        error = trouble(SandboxKind.DOCKER, {"DOCKER_HOST": f"unix://{tmp_path}/mute.sock"})
    assert error.code == "sandbox.docker_stopped"
    assert error.sentence == "Docker is installed but does not answer."


def test_no_permission_on_the_socket_names_the_group(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may use every socket")
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind(f"{tmp_path}/closed.sock")
        (tmp_path / "closed.sock").chmod(0)
        error = trouble(SandboxKind.DOCKER, {"DOCKER_HOST": f"unix://{tmp_path}/closed.sock"})
    assert error.code == "sandbox.docker_permission"
    assert error.remedies[0].shell == "sudo usermod -aG docker $USER"


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("tcp://127.0.0.1:1", "the connection was refused"),
        ("tcp://no.such.host.invalid:2375", "its name is unknown"),
    ],
)
def test_an_engine_elsewhere_that_cannot_be_reached_says_who_named_it_and_why(
    host: str, why: str
) -> None:
    error = trouble(SandboxKind.DOCKER, {"DOCKER_HOST": host})
    assert error.code == "sandbox.docker_unreachable"
    assert error.sentence == f"Docker at {host} (DOCKER_HOST) cannot be used: {why}."
    assert error.remedies[0].shell == "unset DOCKER_HOST"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("ada@box: Permission denied (publickey).", "ssh has no key that opens it without a question"),
        ("Host key verification failed.", "ssh does not know the machine's key yet"),
        ("ssh: Could not resolve hostname box", "its name is unknown"),
        ("sh: 1: docker: not found", "there is no docker command on that machine"),
        ("something new", "ssh could not connect"),
    ],
)
def test_what_ssh_says_becomes_a_clause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, why: str
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 255\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    error = trouble(SandboxKind.DOCKER, {"DOCKER_HOST": "ssh://ada@box"})
    assert error.sentence.startswith("Docker at ssh://ada@box (DOCKER_HOST) cannot be used: ")
    assert why in error.sentence
    assert said in error.details


def test_an_engine_that_is_not_installed_says_so(tmp_path: Path) -> None:
    error = trouble(SandboxKind.PODMAN, {"PATH": str(tmp_path), "HOME": str(tmp_path)})
    assert error.code == "sandbox.podman_missing"
    assert error.sentence == "Podman is not installed."


@pytest.fixture
def nothing_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose engine is stopped and that has no bubblewrap."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("CONTAINER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("nothing_works")
def test_bubblewrap_that_is_absent_says_so() -> None:
    with pytest.raises(SandboxError, match="Bubblewrap is not installed") as caught:
        asyncio.run(BubblewrapSandbox.check())
    assert caught.value.code == "sandbox.bubblewrap_missing"


def test_a_kernel_that_forbids_namespaces_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SandboxError) as caught:
        asyncio.run(BubblewrapSandbox.check())
    assert caught.value.code == "sandbox.bubblewrap_forbidden"
    assert "uid map" in caught.value.details
    assert caught.value.remedies


@pytest.mark.usefixtures("nothing_works")
def test_auto_never_takes_the_host_and_says_why_each_sandbox_is_out(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught:
        asyncio.run(choose("auto", tmp_path))
    error = caught.value
    assert error.code == "sandbox.none"
    for sentence in ("Docker is installed but not running.", "Bubblewrap is not installed."):
        assert sentence in error.details
    actions = [remedy.action for remedy in error.remedies]
    assert actions[0] == "start_docker"
    assert actions[-1] == "use_host"


@pytest.mark.usefixtures("nothing_works")
def test_a_named_sandbox_that_cannot_be_had_gives_its_own_reason(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught:
        asyncio.run(choose("docker", tmp_path))
    assert caught.value.code == "sandbox.docker_stopped"


@pytest.mark.usefixtures("nothing_works")
def test_the_host_can_be_chosen_by_name(tmp_path: Path) -> None:
    assert asyncio.run(choose("host", tmp_path)).kind is SandboxKind.HOST


def test_an_unknown_word_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="known are auto, docker, podman, bubblewrap, host"):
        asyncio.run(choose("chroot", tmp_path))


@pytest.mark.usefixtures("nothing_works")
def test_the_doctor_names_what_is_missing_and_its_remedy(tmp_path: Path) -> None:
    told: list[tuple[ReadinessRow, ...]] = []
    found = asyncio.run(look_around(looks(tmp_path), told.append))
    assert {row.state for row in told[0]} == {ReadinessState.LOOKING}
    assert len(told) == len(found) + 1, "the table is told again with each row"
    rows = {row.subject: row for row in found}
    assert list(rows) == ["git", "Docker", "Podman", "Bubblewrap", "Python tools"]
    tools = rows.pop("Python tools")
    assert (tools.state, "pytest" in tools.sentence) == (ReadinessState.OK, True)
    assert rows["git"].state is ReadinessState.MISSING
    assert rows["Docker"].state is ReadinessState.ATTENTION
    assert rows["Bubblewrap"].state is ReadinessState.MISSING
    assert all(row.remedy is not None for row in rows.values())


HERE = Machine()
DESKTOP = Path("/home/ada/.docker/desktop/docker.sock")


@pytest.mark.parametrize(
    ("error", "sentence", "shell"),
    [
        (
            words.stopped(DOCKER, DESKTOP, HERE, ""),
            "Docker Desktop is installed but not running.",
            "systemctl --user start docker-desktop",
        ),
        (
            words.stopped(DOCKER, Path("/run/user/7/docker.sock"), HERE, ""),
            "Docker is installed but not running.",
            "systemctl --user start docker",
        ),
        (
            words.stopped(DOCKER, Path("/var/run/docker.sock"), Machine(wsl=True, systemd=False), ""),
            "Docker is installed but not running.",
            "sudo service docker start",
        ),
        (
            words.stopped(DOCKER, DESKTOP, Machine(mac=True), ""),
            "Docker Desktop is installed but not running.",
            "open -a Docker",
        ),
        (
            words.stopped(PODMAN, Path("/run/podman/podman.sock"), HERE, ""),
            "Podman is installed, but its service is not running.",
            "systemctl --user start podman.socket",
        ),
        (
            words.missing(DOCKER, Machine(wsl=True)),
            "Docker is not installed in this Linux of WSL.",
            "sudo apt install docker.io",
        ),
        (
            words.forbidden(DOCKER, Path("/var/run/docker.sock"), Machine(in_docker_group=True), ""),
            "You may use Docker only after logging in anew: your session is older than that right.",
            "sg docker -c greenbar",
        ),
        (
            words.too_old("3.4.4"),
            "Podman 3.4.4 is too old; version 4 or newer works.",
            "sudo apt install podman",
        ),
    ],
)
def test_each_trouble_has_its_own_words_and_remedy(
    error: SandboxError, sentence: str, shell: str
) -> None:
    assert (error.sentence, error.remedies[0].shell) == (sentence, shell)


def test_a_running_engine_says_what_it_is_and_where() -> None:
    info = {"NCPU": 16, "MemTotal": 64 * 1024**3, "SecurityOptions": ["name=rootless"]}
    said = words.running(DOCKER, info, "28.2", "tcp://build-box:2376", "DOCKER_HOST", has_image=True)
    where = "at tcp://build-box:2376, which DOCKER_HOST names"
    assert said == f"Docker 28.2 is running {where} (rootless; 16 cores, 64 GB)."
    desktop = {"OperatingSystem": "Docker Desktop", "NCPU": 4, "MemTotal": 8 * 1024**3}
    said = words.running(DOCKER, desktop, "28.2", "unix:///x", "", has_image=False)
    assert said.startswith(
        "Docker Desktop with Docker 28.2 is running (4 cores, 8 GB). The sandbox image"
    )


@pytest.mark.docker
def test_starting_a_running_docker_returns_at_once() -> None:
    try:
        find_engine(SandboxKind.DOCKER)
    except SandboxError as error:
        pytest.skip(error.sentence)
    before = time.monotonic()
    asyncio.run(start_docker())
    assert time.monotonic() - before < 30


@pytest.mark.docker
def test_auto_prefers_docker_where_it_runs(tmp_path: Path) -> None:
    async def main() -> SandboxKind:
        await (engine := find_engine(SandboxKind.DOCKER)).check()
        await engine.close()
        sandbox = await choose("auto", tmp_path)
        await sandbox.close()
        return sandbox.kind

    try:
        assert asyncio.run(main()) is SandboxKind.DOCKER
    except SandboxError as error:
        pytest.skip(error.sentence)
