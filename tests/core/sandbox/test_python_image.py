"""Another Python than the base's, in containers: its usual image, where one of that name is here.

No registry need answer: the image is made of the Debian root and another Python of this computer.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.sandbox.base import Environment, SetUpPlan
from core.sandbox.debian import source_of_host
from core.types import SandboxKind
from tests.conftest import NO_PROGRAM
from tests.pythons import another_python

from .conftest import SMALL, Opened, Probe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.docker,
    pytest.mark.parametrize("kind", [SandboxKind.DOCKER]),
]
VERSION = "import sys; result = '%d.%d' % sys.version_info[:2]"


def docker(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def minor(opened: Opened, tmp_path: Path) -> Iterator[str]:
    """The minor version of a ``python:X.Y-slim`` that is here while the test runs."""
    minor, python = another_python()
    name = f"python:{minor}-slim"
    if docker("image", "inspect", name).returncode == 0:
        yield minor
        return

    async def prepare() -> None:
        async with opened():
            pass

    asyncio.run(prepare())  # makes the Debian root
    library = Path("lib", f"python{minor}")
    if python.prefix == Path("/usr") or not (python.prefix / library).is_dir():
        pytest.skip(f"Python {minor} in a folder of its own {NO_PROGRAM}")
    context = tmp_path / "context"
    left_out = shutil.ignore_patterns("test", "__pycache__", "config-*", "site-packages", "idlelib")
    shutil.copytree(python.prefix / library, context / "local" / library, ignore=left_out)
    (context / "local" / "bin").mkdir()
    for shared in (python.prefix / "lib").glob("libpython*.so*"):
        shutil.copy(shared, context / "local" / "lib", follow_symlinks=False)
    shutil.copy(python.executable, context / "local" / "bin" / f"python{minor}")
    (context / "local" / "bin" / "python3").symlink_to(f"python{minor}")
    recipe = f"FROM {source_of_host().tag}\nCOPY local /usr/local\nRUN ldconfig\n"
    (context / "Dockerfile").write_text(recipe)
    built = docker("build", "--network=none", "-t", name, str(context))
    assert built.returncode == 0, built.stderr
    try:
        yield minor
    finally:
        docker("rmi", name)


def ran(opened: Opened, copy: Path, plan: SetUpPlan, *, install: bool) -> tuple[object, Environment]:
    said: list[str] = []

    async def main() -> tuple[object, Environment]:
        async with opened() as sandbox:

            def note(text: str, fraction: float | None) -> None:
                said.append(text)

            if install:
                made = await sandbox.set_up(plan, copy, note)
            else:
                found = await sandbox.find_python(plan, note)
                assert found is not None
                made = found
            probe = Probe(await sandbox.launch(copy, made, SMALL))
            return await probe.run(VERSION), made

    outcome = asyncio.run(main())
    assert not any(text.startswith("Fetching") for text in said), said
    return outcome


def test_the_image_of_the_wanted_python_runs_tests_that_need_nothing_else(
    opened: Opened, copy: Path, kind: SandboxKind, minor: str
) -> None:
    version, made = ran(opened, copy, SetUpPlan(python=minor), install=False)
    assert version == minor
    assert made.sentence == f"The tests run on Python {minor}, as the project asks."
    docker("rmi", made.reference)


def test_packages_are_installed_on_the_image_of_the_wanted_python(
    opened: Opened, copy: Path, kind: SandboxKind, minor: str
) -> None:
    plan = SetUpPlan(
        packages=("iniconfig==2.0.0",),
        python_range=f"=={minor}.*",
        digest=secrets.token_hex(8),
        source="one package",
    )
    version, made = ran(opened, copy, plan, install=True)
    try:
        assert version == minor
        assert "could not be fetched" not in made.sentence
        assert made.reference.startswith("greenbar/env:")
    finally:
        docker("rmi", made.reference)


def test_a_python_whose_image_is_nowhere_is_not_found_and_the_bases_own_is(
    opened: Opened, copy: Path, kind: SandboxKind
) -> None:
    async def main() -> tuple[Environment | None, Environment | None]:
        async with opened() as sandbox:
            probe = Probe(await sandbox.launch(copy, Environment(), SMALL))
            own = SetUpPlan(python=str(await probe.run(VERSION)))
            nowhere = SetUpPlan(python="3.29")
            asked = [await sandbox.find_python(plan, lambda *_: None) for plan in (own, nowhere)]
            return asked[0], asked[1]

    assert asyncio.run(main()) == (Environment(), None)
