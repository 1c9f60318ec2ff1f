"""A second, private Docker engine that is reached as one on another machine is: by TCP, TLS or ssh.

It shares nothing with the machine's own engine: folders, socket, processes and bridge are its own, and it
has no firewall rules. (Having no bridge is no choice: ``--bridge=none`` deletes that of the other one.)
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import NO_PROGRAM

START_SECONDS = 60.0
STOP_SECONDS = 30.0
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(there: object, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not there():  # type: ignore[operator]
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"{process.args!r} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


@contextmanager
def running(command: list[str], log: Path, there: object) -> Iterator[None]:
    """A server of our own, ended in the end by its id."""
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL)
    try:
        wait_for(there, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def engine(folder: Path, *options: str) -> Iterator[None]:
    """dockerd over ``folder``, which keeps its images from one start to the next.

    Listens on ``folder``/engine.sock besides what ``options`` say.
    """
    program = shutil.which("dockerd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or os.geteuid() != 0:
        pytest.skip("a second Docker engine needs root and dockerd")
    own = folder / "engine.sock"
    own.unlink(missing_ok=True)
    command = [program, "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"]
    command += ["--pidfile", f"{folder}/pid", "--iptables=false", "--ip6tables=false"]
    command += ["--shutdown-timeout", "1"]
    command += ["-H", f"unix://{own}", *options]
    with bridge() as name, running([*command, "--bridge", name], folder / "log", lambda: answers(own)):
        yield


@contextmanager
def bridge() -> Iterator[str]:
    """A network bridge that nothing else uses."""

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    if shutil.which("ip") is None:
        pytest.skip(f"ip, which a second Docker engine needs, {NO_PROGRAM}")
    name = f"gb{secrets.token_hex(5)}"
    ip("link", "add", name, "type", "bridge")
    try:
        ip(
            "addr",
            "add",
            f"10.{secrets.choice(range(100, 250))}.{secrets.choice(range(250))}.1/24",
            "dev",
            name,
        )
        yield name
    finally:
        ip("link", "del", name)


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
            probe.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return b" 200 " in probe.recv(100)
        except OSError:
            return False


def make_certificates(folder: Path) -> None:
    """``ca.pem``, ``cert.pem`` and ``key.pem`` of a client, and the server's in ``server/``."""
    (folder / "server").mkdir(parents=True)

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(
        "req",
        "-x509",
        *curve,
        "-keyout",
        "ca-key.pem",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=far",
        "-days",
        "2",
    )
    for name, place, extension in (
        ("server", "server/", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth"),
        ("client", "", "extendedKeyUsage=clientAuth"),
    ):
        (folder / "extension").write_text(extension)
        request = f"{name}.csr"
        openssl("req", *curve, "-keyout", f"{place}key.pem", "-out", request, "-subj", f"/CN={name}")
        openssl(
            *("x509", "-req", "-in", request, "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"),
            *("-out", f"{place}cert.pem", "-extfile", "extension", "-days", "2"),
        )


@contextmanager
def ssh_server(folder: Path) -> Iterator[tuple[int, Path]]:
    """An sshd on a high port that takes one throw-away key.

    Gives its port, and a folder for the PATH whose ``ssh`` knows the key.
    """
    if SSHD is None:
        pytest.skip(f"sshd {NO_PROGRAM}")
    folder.mkdir(parents=True)
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"], check=True
        )
    shutil.copyfile(folder / "user.pub", folder / "authorized")
    port = free_port()
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nPasswordAuthentication no\n"
        f"PermitRootLogin prohibit-password\nSetEnv PATH={os.environ['PATH']}\n"
    )
    key = (folder / "host.pub").read_text().split(" ")
    (folder / "known").write_text(f"[127.0.0.1]:{port} {key[0]} {key[1]}\n")
    (folder / "ssh_config").write_text(
        f"IdentityFile {folder}/user\nIdentitiesOnly yes\nUserKnownHostsFile {folder}/known\n"
    )
    path = folder / "bin"
    path.mkdir()
    (path / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
    (path / "ssh").chmod(0o755)
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd locks itself in before the login
    command = [SSHD, "-D", "-e", "-f", f"{folder}/sshd_config"]
    with running(command, folder / "log", lambda: listens(port)):
        yield port, path
