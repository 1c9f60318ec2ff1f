"""Which engine the user means: variables, contexts and sockets, in docker's own order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from core.errors import SandboxError
from core.sandbox.address import EngineAddress, TlsFiles, find_address
from core.types import SandboxKind

DOCKER, PODMAN = SandboxKind.DOCKER, SandboxKind.PODMAN


def make_context(home: Path, name: str, host: str, *, tls: bool = False, skip: bool = False) -> Path:
    """A context as ``docker context create`` writes it; gives the folder of its TLS files."""
    contexts, digest = home / ".docker" / "contexts", hashlib.sha256(name.encode()).hexdigest()
    endpoint = {"Host": host, "SkipTLSVerify": skip}
    meta = contexts / "meta" / digest / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}))
    material = contexts / "tls" / digest / "docker"
    if tls:
        material.mkdir(parents=True)
        for file in ("ca.pem", "cert.pem", "key.pem"):
            (material / file).write_text("")
    return material


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with a program named docker."""
    (tmp_path / "docker").touch(mode=0o755)
    return tmp_path


def env(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "PATH": str(home), **more}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("unix:///run/other.sock", "unix:///run/other.sock"),
        ("tcp://build-box", "tcp://build-box:2375"),
        ("tcp://10.0.0.7:4000", "tcp://10.0.0.7:4000"),
        ("tcp://[fe80::1]:4000", "tcp://[fe80::1]:4000"),
        ("build-box:4000", "tcp://build-box:4000"),
        ("http://build-box:4000/", "tcp://build-box:4000"),
        ("ssh://ada@build-box:2222", "ssh://ada@build-box:2222"),
        ("ssh://build-box/run/user/7/docker.sock", "ssh://build-box/run/user/7/docker.sock"),
    ],
)
def test_docker_host_is_read_in_all_its_spellings(home: Path, host: str, url: str) -> None:
    found = find_address(DOCKER, env(home, DOCKER_HOST=host))
    assert (found.url, found.source, found.reset) == (url, "DOCKER_HOST", "unset DOCKER_HOST")
    assert found.is_remote is not url.startswith("unix")


@pytest.mark.parametrize("host", ["npipe:////./pipe/docker", "tcp://", "unix://here", "tcp://a:port"])
def test_an_address_that_nobody_understands_is_named(home: Path, host: str) -> None:
    with pytest.raises(SandboxError) as caught:
        find_address(DOCKER, env(home, DOCKER_HOST=host))
    assert caught.value.code == "sandbox.docker_address"
    assert caught.value.sentence == f"DOCKER_HOST is {host}, which is no address that Greenbar knows."
    assert caught.value.remedies[0].shell == "unset DOCKER_HOST"


def test_certificates_are_taken_from_their_folder_and_checked_where_that_is_asked_for(home: Path) -> None:
    folder = home / "certificates"
    folder.mkdir()
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text("")
    given = env(home, DOCKER_HOST="tcp://build-box", DOCKER_CERT_PATH=str(folder))
    files = (folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    assert find_address(DOCKER, given).tls == TlsFiles(*files, verify=False)
    found = find_address(DOCKER, {**given, "DOCKER_TLS_VERIFY": "1"})
    assert found.tls == TlsFiles(*files, verify=True)
    assert found.url == "tcp://build-box:2376"


def test_the_current_context_is_used_with_its_certificates(home: Path) -> None:
    material = make_context(home, "build-box", "tcp://10.0.0.7:2376", tls=True)
    (home / ".docker" / "config.json").write_text('{"currentContext": "build-box", "auths": {}}')
    found = find_address(DOCKER, env(home))
    tls = TlsFiles(material / "ca.pem", material / "cert.pem", material / "key.pem")
    reset = "docker context use default"
    assert found == EngineAddress("tcp://10.0.0.7:2376", tls, "the context build-box", reset)


def test_a_variable_beats_the_current_context_and_docker_host_beats_both(home: Path) -> None:
    make_context(home, "one", "tcp://one:1")
    make_context(home, "two", "ssh://two")
    (home / ".docker" / "config.json").write_text('{"currentContext": "one"}')
    assert find_address(DOCKER, env(home)).host == "one"
    assert find_address(DOCKER, env(home, DOCKER_CONTEXT="two")).host == "two"
    both = env(home, DOCKER_CONTEXT="two", DOCKER_HOST="tcp://three")
    assert find_address(DOCKER, both).host == "three"
    assert not find_address(DOCKER, env(home, DOCKER_CONTEXT="default")).is_remote


@pytest.mark.parametrize("damage", ["absent", "not json", "[]", '{"Endpoints": {}}'])
def test_a_context_that_cannot_be_read_is_named(home: Path, damage: str) -> None:
    make_context(home, "gone", "tcp://x")
    meta = next((home / ".docker" / "contexts" / "meta").glob("*/meta.json"))
    meta.unlink() if damage == "absent" else meta.write_text(damage)
    with pytest.raises(SandboxError) as caught:
        find_address(DOCKER, env(home, DOCKER_CONTEXT="gone"))
    assert caught.value.code == "sandbox.docker_context"
    assert "context gone" in caught.value.sentence


@pytest.mark.parametrize("settings", ["", "[]", "not json", '{"currentContext": 7}'])
def test_a_damaged_configuration_means_the_engine_of_this_machine(home: Path, settings: str) -> None:
    (home / ".docker").mkdir()
    (home / ".docker" / "config.json").write_text(settings)
    assert not find_address(DOCKER, env(home)).is_remote


def test_without_a_word_from_the_user_the_first_socket_that_is_there_counts(home: Path) -> None:
    (home / "podman").mkdir()
    (home / "podman" / "podman.sock").touch()
    assert (
        find_address(PODMAN, env(home, XDG_RUNTIME_DIR=str(home))).socket == home / "podman/podman.sock"
    )
    remote = env(home, CONTAINER_HOST="ssh://core@10.0.0.7/run/podman/podman.sock")
    assert find_address(PODMAN, remote).host == "10.0.0.7"


def test_an_engine_that_is_nowhere_is_not_installed(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught:
        find_address(PODMAN, env(tmp_path))
    assert caught.value.code == "sandbox.podman_missing"
