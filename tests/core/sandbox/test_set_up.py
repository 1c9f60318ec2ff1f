"""Installing what a repository's tests need: really, from the package index."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import SetUpError
from core.sandbox.base import Environment, SetUpPlan
from core.sandbox.environments import KEPT_ENVIRONMENTS, LocalEnvironments, uv_program
from core.sandbox.installer import NetworkSettings, network_settings
from core.sandbox.interpreter import BasePython, base_python
from core.sandbox.plan import find_plan
from core.sandbox.set_up_errors import set_up_failed
from core.types import SandboxKind

from .conftest import SMALL, Opened, Probe

KINDS = [
    pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker),
    pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap),
    SandboxKind.HOST,
]
everywhere = pytest.mark.parametrize("kind", KINDS)
PROJECT = """
[build-system]
requires = ["setuptools>=68"]
build-backend = "setuptools.build_meta"
[project]
name = "greenbar-set-up-trial"
version = "1"
dependencies = ["iniconfig==2.0.0"]
"""


@pytest.fixture
def once() -> Iterator[str]:
    """A comment that makes a plan new; the images that this process makes are removed again."""
    yield f"# {secrets.token_hex(8)}\n"
    if shutil.which("docker") is not None:
        ours = f"label=greenbar.pid={os.getpid()}"
        command = ["docker", "images", "-q", "--filter", ours, "greenbar/env"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False)
        for image in listed.stdout.split():
            subprocess.run(["docker", "rmi", "-f", image], capture_output=True, check=False)


def _ran(
    opened: Opened, copy: Path, kind: SandboxKind, source: str, plan: SetUpPlan | None = None
) -> tuple[object, list[Environment]]:
    """Set up twice, run ``source`` in the environment; with what both set-ups returned."""
    plan = plan or find_plan(copy)
    said: list[str] = []

    async def main() -> tuple[object, list[Environment]]:
        async with opened() as sandbox:
            made = [await sandbox.set_up(plan, copy, lambda text, _: said.append(text)) for _ in range(2)]
            probe = Probe(await sandbox.launch(copy, made[0], SMALL))
            return await probe.run(source), made

    outcome = asyncio.run(main())
    assert said
    return outcome


@everywhere
def test_a_requirements_file_is_installed_once_and_used(
    opened: Opened, copy: Path, kind: SandboxKind, once: str
) -> None:
    (copy / "requirements.txt").write_text(f"iniconfig==2.0.0\n{once}")
    source = "import importlib.metadata as m; result = m.version('iniconfig')"
    version, (first, second) = _ran(opened, copy, kind, source)
    assert version == "2.0.0"
    assert first.reference != ""
    assert first == second
    assert first.sentence.startswith("Installed requirements.txt in ")
    assert not (copy / "build").exists()


@everywhere
def test_the_project_itself_is_installed_so_that_it_is_found_in_the_work_folder(
    opened: Opened, copy: Path, kind: SandboxKind, once: str
) -> None:
    (copy / "pyproject.toml").write_text(PROJECT + once)
    package = copy / "src" / "trial_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (copy / "module.py").unlink()
    source = """
import importlib, os, shutil, site, subprocess, sys
shutil.copytree(base + "/src", work + "/src")
code = "import iniconfig, trial_package; print(trial_package.__file__)"
found = subprocess.check_output([sys.executable, "-c", code], text=True).strip()
result = os.path.relpath(found, work)
"""
    path, _ = _ran(opened, copy, kind, source)
    assert path == "src/trial_package/__init__.py"


@everywhere
def test_commands_run_in_a_copy_and_what_they_leave_there_is_kept(
    opened: Opened, copy: Path, kind: SandboxKind, once: str
) -> None:
    (copy / "package").mkdir()
    (copy / "package" / "given.txt").write_text("given")
    commands = (
        "cd package; echo changed > given.txt; echo made > version.txt; ln -s version.txt link",
        "mkdir -p node_modules/deep; echo 1 > node_modules/deep/index.js",
        'mkdir "$GREENBAR_ENV/cache"; echo kept > "$GREENBAR_ENV/cache/file"',
    )
    plan = SetUpPlan(commands=commands, digest=once, source="two tools")
    source = """
import os, sys
from pathlib import Path
built = Path(sys.prefix) / "project"
result = sorted(str(path.relative_to(built)) for path in built.rglob("*") if not path.is_dir())
result.append((Path(sys.prefix) / "cache/file").read_text())
"""
    found, (first, _) = _ran(opened, copy, kind, source, plan)
    assert found == ["node_modules/deep/index.js", "package/link", "package/version.txt", "kept\n"]
    assert first.sentence.startswith("Installed two tools in ")
    assert (copy / "package" / "given.txt").read_text() == "given"


@everywhere
def test_an_installer_that_fails_is_quoted_and_leaves_nothing(
    opened: Opened, copy: Path, kind: SandboxKind, cache: Path
) -> None:
    (copy / "requirements.txt").write_text("greenbar-no-such-package-7f3a==9\n")

    async def main() -> None:
        async with opened() as sandbox:
            await sandbox.set_up(find_plan(copy), copy, lambda _text, _fraction: None)

    environments = cache / "environments"
    before = set(environments.glob("*"))
    with pytest.raises(SetUpError) as caught:
        asyncio.run(main())
    assert caught.value.code == "set_up.not_found"
    assert "greenbar-no-such-package-7f3a" in caught.value.details
    assert set(environments.glob("*")) == before


@pytest.mark.docker
@pytest.mark.parametrize("kind", KINDS[:1])
def test_no_index_address_is_kept_in_the_image(
    opened: Opened, copy: Path, monkeypatch: pytest.MonkeyPatch, once: str
) -> None:
    monkeypatch.setenv("PIP_TRUSTED_HOST", "trusted.example.invalid")
    (copy / "requirements.txt").write_text(f"iniconfig==2.0.0\n{once}")

    async def main() -> Environment:
        async with opened() as sandbox:
            return await sandbox.set_up(find_plan(copy), copy, lambda _text, _fraction: None)

    made = asyncio.run(main())
    listed = subprocess.run(
        ["docker", "image", "inspect", made.reference], capture_output=True, text=True, check=True
    )
    assert "trusted.example.invalid" not in listed.stdout


@pytest.mark.docker
@pytest.mark.parametrize("kind", KINDS[:1])
def test_an_image_that_somebody_has_removed_is_made_again_at_the_launch(
    opened: Opened, copy: Path, kind: SandboxKind, once: str
) -> None:
    (copy / "requirements.txt").write_text(f"iniconfig==2.0.0\n{once}")
    source = "import importlib.metadata as m; result = m.version('iniconfig')"

    async def main() -> object:
        async with opened() as sandbox:
            made = await sandbox.set_up(find_plan(copy), copy, lambda _text, _fraction: None)
            command = ["docker", "rmi", made.reference]
            await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
            probe = Probe(await sandbox.launch(copy, made, SMALL))
            return await probe.run(source)

    assert asyncio.run(main()) == "2.0.0"


def test_the_oldest_environments_go_and_those_in_use_stay(tmp_path: Path) -> None:
    first = LocalEnvironments(tmp_path, NetworkSettings())
    others = LocalEnvironments(tmp_path, NetworkSettings())

    async def main() -> list[Environment]:
        made = [await make(first if n == 0 else others, n) for n in range(KEPT_ENVIRONMENTS + 1)]
        others.close()
        return [*made, await make(others, KEPT_ENVIRONMENTS + 1)]

    async def make(environments: LocalEnvironments, number: int) -> Environment:
        plan = SetUpPlan(commands=("true",), digest=str(number), source="nothing")
        work = tempfile.mkdtemp(dir=tmp_path)
        (tmp_path / "copy").mkdir(exist_ok=True)
        places = (str(tmp_path / "copy"), work, str(uv_program()))

        def command(script: str, target: Path, uv: Path, chosen: BasePython) -> list[str]:
            return ["/bin/sh", "-c", script]

        return await environments.make(
            SandboxKind.HOST, plan, base_python(), places, command, lambda _text, _fraction: None
        )

    made = asyncio.run(main())
    there = [Path(environment.reference).is_dir() for environment in made]
    first.close()
    others.close()
    assert there[0], "held, though the oldest"
    assert not there[1]
    assert all(there[3:])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("error: failed to lookup address information: Name does not resolve", "set_up.offline"),
        ("error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'", "set_up.compiler"),
        ("  × No solution found when resolving dependencies:\n because a==1 and a==2", "set_up.conflict"),
        ("× No solution found\n because b was not found in the package registry", "set_up.not_found"),
        ("OSError: [Errno 28] No space left on device", "set_up.no_space"),
        ("/bin/sh: 1: npm: not found", "set_up.no_program"),
        ("something else", "set_up.failed"),
    ],
)
def test_the_commonest_causes_have_their_own_sentence(said: str, code: str) -> None:
    error = set_up_failed(said)
    assert error.code == code
    assert error.details == said
    assert error.remedies[-1].action == "set_up"


def test_pip_settings_are_translated_for_uv(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://index.example.invalid/simple\ntrusted-host =\n  one\n  two\n"
        f"find-links = {tmp_path} {tmp_path}/absent\n"
    )
    env = {"PIP_EXTRA_INDEX_URL": "https://extra.example.invalid/simple", "https_proxy": "http://p:1"}
    settings = network_settings(env, (config,))
    assert settings.env == {
        "https_proxy": "http://p:1",
        "UV_DEFAULT_INDEX": "https://index.example.invalid/simple",
        "UV_INDEX": "https://extra.example.invalid/simple",
        "UV_INSECURE_HOST": "one two",
        "UV_FIND_LINKS": str(tmp_path),
    }
    assert settings.folders == (tmp_path,)
    assert not settings.needs_host_network


def test_a_proxy_on_the_loopback_needs_the_hosts_network() -> None:
    assert network_settings({"HTTPS_PROXY": "http://127.0.0.1:3128"}, ()).needs_host_network


def test_the_variable_wins_over_the_file_and_a_broken_file_is_passed_over(tmp_path: Path) -> None:
    config, broken = tmp_path / "pip.conf", tmp_path / "broken.conf"
    config.write_text("[global]\nindex-url = https://file.example.invalid/simple\n")
    broken.write_text("index-url without a section\n")
    env = {"PIP_INDEX_URL": "https://variable.example.invalid/simple"}
    settings = network_settings(env, (config, broken))
    assert settings.env["UV_DEFAULT_INDEX"] == "https://variable.example.invalid/simple"
