"""Environments in Greenbar's cache folder, for the sandboxes that use the host's files.

An environment is a virtual environment in a folder of its own. A small file beside it names the
folder and is written last, so that one half made is never used and two at once do no harm. Whoever
uses an environment holds a lock on that file; the oldest that nobody holds are removed.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from core.errors import SandboxError, SetUpError
from core.rooms import Room, reap_rooms
from core.sandbox import external
from core.sandbox.base import Environment, ReportProgress, SetUpPlan
from core.sandbox.installer import NetworkSettings
from core.sandbox.interpreter import BasePython
from core.sandbox.local_pythons import choose_python, find_python
from core.sandbox.set_up_errors import set_up_failed
from core.sandbox.set_up_script import Transcript, install_script
from core.types import Remedy, SandboxKind

CommandFor: TypeAlias = Callable[[str, Path, Path, BasePython], list[str]]
"""From script, target folder, uv program and the environment's Python to the command that runs it."""

KEPT_ENVIRONMENTS = 12
_NOT_WHOLE = "The project itself could not be built"
"""As greenbar_set_up has it."""


class LocalEnvironments:
    """Makes and finds environments under ``cache``; ``network`` is the host's way out."""

    def __init__(self, cache: Path, network: NetworkSettings) -> None:
        self._cache = cache
        self._folder = cache / "environments"
        self._held: dict[Path, int] = {}
        self.network = network

    async def make(
        self,
        kind: SandboxKind,
        plan: SetUpPlan,
        default: BasePython,
        places: tuple[str, str, str],
        command: CommandFor,
        progress: ReportProgress,
        path: tuple[str, ...] = (),
        finish: Callable[[Path], None] | None = None,
    ) -> Environment:
        """The environment of ``plan``, from the cache or installed now.

        ``default`` is the Python to take where the plan wants no other; ``places`` are base, work
        and uv as the script sees them; ``path`` has folders of programs that commands may need.
        ``finish`` runs in a thread on the installed folder.
        Raises SetUpError.
        """
        key = hashlib.sha256(f"{plan.digest} {default.executable} {kind}".encode()).hexdigest()[:12]
        note = self._folder / f"{key}.json"
        if (known := await asyncio.to_thread(self._use, note)) is not None:
            return known
        started = time.monotonic()
        (self._cache / "uv").mkdir(parents=True, exist_ok=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        room = await asyncio.to_thread(Room, f"{key}-", self._folder)
        target = room.path
        try:
            uv = await asyncio.to_thread(uv_program)
            env = self._env(path)
            pythons = self._cache / "pythons"
            python, why = await choose_python(plan, default, pythons, uv, env, progress)
            base, work, uv_inside = places
            executable = os.fspath(python.executable)
            script = install_script(plan, uv_inside, executable, base, work, os.fspath(target))
            progress("Installing what the tests need", None)
            said = Transcript(progress)
            finished = await external.run(command(script, target, uv, python), env=env, on_line=said)
            if finished.status:
                raise set_up_failed(said.tail or finished.tail)
            if finish is not None:
                await asyncio.to_thread(finish, target)
            notes = (*plan.notes, *filter(None, (why,)), *said.notes)
            sentence = installed_sentence(plan, time.monotonic() - started, notes)
            await asyncio.to_thread(_write, note, Environment(os.fspath(target), sentence))
        except BaseException:
            await asyncio.to_thread(room.remove)
            raise
        room.keep()
        made = await asyncio.to_thread(self._use, note)
        await asyncio.to_thread(self._prune)
        return made or Environment(os.fspath(target), sentence)

    async def on_python(self, plan: SetUpPlan, default: BasePython) -> Environment | None:
        """See :meth:`core.sandbox.base.Sandbox.find_python`."""
        found = await asyncio.to_thread(find_python, plan, default, self._cache / "pythons")
        if found is None:
            return None
        minor, python = found
        if python == default:
            return Environment()
        return Environment(os.fspath(await self.bare(python.executable)), python_sentence(minor))

    async def reap(self) -> None:
        """Remove what a crash has left half made."""
        await asyncio.to_thread(reap_rooms, "", self._cache / "environments")

    async def bare(self, python: Path) -> Path:
        """A virtual environment with nothing in it, for repositories that need nothing.

        The base Python by itself would do, were it not for what people install into it: an old
        pytest there would take the place of ours. Raises SandboxError.
        """
        key = hashlib.sha256(os.fsencode(python)).hexdigest()[:12]
        folder = self._folder / f"bare-{key}"
        if not await asyncio.to_thread((folder / "bin" / "python").exists):
            await asyncio.to_thread(_make_bare, python, folder)
        return folder

    def close(self) -> None:
        """Let go of the environments in use. Idempotent."""
        held, self._held = self._held, {}
        for handle in held.values():
            os.close(handle)

    def _use(self, note: Path) -> Environment | None:
        """The environment that ``note`` names, held from now on; ``None`` where it is gone."""
        if note not in self._held:
            try:
                handle = os.open(note, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                return None
            fcntl.flock(handle, fcntl.LOCK_SH)
            self._held[note] = handle
        if (known := _read(note)) is None:
            os.close(self._held.pop(note))
            return None
        os.utime(note)
        return known

    def _prune(self) -> None:
        """Remove all but the newest environments, by their last use; never one that is held."""
        notes = sorted(self._folder.glob("*.json"), key=lambda note: -note.stat().st_mtime)
        for note in notes[KEPT_ENVIRONMENTS:]:
            with note.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                known = _read(note)
                note.unlink(missing_ok=True)
                if known is not None:
                    shutil.rmtree(known.reference, ignore_errors=True)

    def _env(self, path: tuple[str, ...]) -> dict[str, str]:
        certificates = self.network.certificates
        env = self.network.env_with(None if certificates is None else os.fspath(certificates))
        return {
            **env,
            "PATH": ":".join((*path, "/usr/local/bin", "/usr/bin", "/bin")),
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
    room = Room(".bare-", folder.parent)
    try:
        made = room.path / "made"
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
    finally:
        room.remove()


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


def installed_sentence(plan: SetUpPlan, seconds: float, notes: tuple[str, ...]) -> str:
    """What was installed, how long it took, and what was not done as the repository asks."""
    source = plan.source
    if any(note.startswith(_NOT_WHOLE) for note in notes):
        source = source.replace("the project itself", "what the project depends on")
    return " ".join((f"Installed {source} in {seconds:.0f} s.", *notes))


def python_sentence(minor: str) -> str:
    """Of an environment with nothing in it."""
    return f"The tests run on Python {minor}, as the project asks."


def _read(note: Path) -> Environment | None:
    try:
        record = json.loads(note.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    known = Environment(record["reference"], record["sentence"])
    # The Python that it was made with may be gone.
    return known if Path(known.reference, "bin", "python").exists() else None


def _write(note: Path, made: Environment) -> None:
    with tempfile.NamedTemporaryFile("w", dir=note.parent, encoding="utf-8", delete=False) as file:
        json.dump({"reference": made.reference, "sentence": made.sentence}, file)
    Path(file.name).replace(note)
