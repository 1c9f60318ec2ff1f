"""Environments in Greenbar's cache folder, for the sandboxes that use the host's files.

An environment is a virtual environment in a folder of its own. A small file beside it names the
folder and is written last, so that one half made is never used and two at once do no harm.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from core.errors import SandboxError, SetUpError
from core.sandbox import external
from core.sandbox.base import Environment, ReportProgress, SetUpPlan
from core.sandbox.installer import NetworkSettings, install_script
from core.types import Remedy, SandboxKind

CommandFor: TypeAlias = Callable[[str, Path, Path, Mapping[str, str]], list[str]]
"""From script, target folder, uv program and environment to the command that runs the script."""


class LocalEnvironments:
    """Makes and finds environments under ``cache``; ``network`` is the host's way out."""

    def __init__(self, cache: Path, network: NetworkSettings) -> None:
        self._cache = cache
        self.network = network

    async def make(
        self,
        kind: SandboxKind,
        plan: SetUpPlan,
        python: Path,
        places: tuple[str, str, str],
        command: CommandFor,
        progress: ReportProgress,
        finish: Callable[[Path], None] | None = None,
    ) -> Environment:
        """The environment of ``plan``, from the cache or installed now.

        ``places`` are base, work and uv as the script sees them. ``finish`` runs in a thread on
        the installed folder. Raises SetUpError.
        """
        key = hashlib.sha256(f"{plan.digest} {python} {kind}".encode()).hexdigest()[:12]
        folder = self._cache / "environments"
        note = folder / f"{key}.json"
        if (known := await asyncio.to_thread(_read, note)) is not None:
            return known
        started = time.monotonic()
        (self._cache / "uv").mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix=f"{key}-", dir=folder))
        try:
            uv = await asyncio.to_thread(uv_program)
            base, work, uv_inside = places
            script = install_script(plan, uv_inside, os.fspath(python), base, work, os.fspath(target))
            env = self._env()
            progress("Installing what the tests need", None)
            finished = await external.run(
                command(script, target, uv, env), env=env, on_line=lambda line: progress(line, None)
            )
            if finished.status:
                raise set_up_failed(finished.tail)
            if finish is not None:
                await asyncio.to_thread(finish, target)
            made = Environment(os.fspath(target), installed_sentence(plan, time.monotonic() - started))
            await asyncio.to_thread(_write, note, made)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, target, ignore_errors=True)
            raise
        return made

    async def bare(self, python: Path) -> Path:
        """A virtual environment with nothing in it, for repositories that need nothing.

        The base Python by itself would do, were it not for what people install into it: an old
        pytest there would take the place of ours. Raises SandboxError.
        """
        key = hashlib.sha256(os.fsencode(python)).hexdigest()[:12]
        folder = self._cache / "environments" / f"bare-{key}"
        if not await asyncio.to_thread((folder / "bin" / "python").exists):
            await asyncio.to_thread(_make_bare, python, folder)
        return folder

    def _env(self) -> dict[str, str]:
        certificates = self.network.certificates
        env = self.network.env_with(None if certificates is None else os.fspath(certificates))
        return {
            **env,
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": tempfile.gettempdir(),
            "LANG": "C.UTF-8",
            "UV_CACHE_DIR": os.fspath(self._cache / "uv"),
            "UV_NO_CONFIG": "1",
            "UV_NO_PROGRESS": "1",
            "UV_LINK_MODE": "copy",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_VENV_CLEAR": "1",
        }


def _make_bare(python: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bare-", dir=folder.parent) as room:
        made = Path(room) / "made"
        command = [os.fspath(python), "-I", "-m", "venv", "--without-pip", os.fspath(made)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SandboxError(
                "sandbox.python_broken",
                "This computer's Python cannot make a virtual environment.",
                (Remedy("Install its module venv", shell="sudo apt install python3-venv"),),
                (ran.stdout + ran.stderr)[-4000:],
            )
        try:
            made.rename(folder)  # only its activation scripts, which nobody uses, know the old path
        except OSError:
            if not folder.is_dir():  # else another Greenbar was quicker
                raise


def uv_program() -> Path:
    """uv of our own installation, or the one on the path. Raises SetUpError."""
    try:
        import uv

        return Path(uv.find_uv_bin())
    except (ImportError, FileNotFoundError) as error:
        found = shutil.which("uv")
        if found is None:
            raise SetUpError(
                "set_up.uv_missing",
                "The installer uv is missing.",
                (Remedy("Install uv", shell="pip install uv"),),
            ) from error
        return Path(found)


def set_up_failed(tail: str) -> SetUpError:
    """One error for every sandbox: the installer's own words are in the details."""
    return SetUpError(
        "set_up.failed",
        "Installing what the tests need has failed.",
        (Remedy("Try again", action="set_up"),),
        tail[-8000:],
    )


def installed_sentence(plan: SetUpPlan, seconds: float) -> str:
    """What was installed and how long it took."""
    return f"Installed {plan.source} in {seconds:.0f} s."


def _read(note: Path) -> Environment | None:
    try:
        record = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = Environment(record["reference"], record["sentence"])
    return known if Path(known.reference).is_dir() else None


def _write(note: Path, made: Environment) -> None:
    with tempfile.NamedTemporaryFile("w", dir=note.parent, encoding="utf-8", delete=False) as file:
        json.dump({"reference": made.reference, "sentence": made.sentence}, file)
    Path(file.name).replace(note)
