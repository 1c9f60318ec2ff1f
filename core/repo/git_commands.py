"""Runs git where it may write: for a commit that the user has asked for. Blocking.

Other than :mod:`core.repo.git`, which only reads, it lets git start what the user's configuration names
(hooks, filters, signing), as git does for them in a terminal.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.repo.git import NOT_OURS, GitAnswer
from core.types import RelPath

_QUICK_SECONDS: Final = 120.0
_COMMIT_SECONDS: Final = 1800.0
"""Hooks may run a whole suite."""
_LOOK_SECONDS: Final = 0.1


class Stopped(Exception):
    """The user has stopped what ran."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as a tree or an index has it."""

    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class GitRun:
    """How a long command ended; ``output`` is standard output and standard error, as they came."""

    status: int
    output: bytes


@dataclass(frozen=True, slots=True)
class GitCommands:
    """Git in one working tree, with its own index or another."""

    root: Path
    index: Path | None = None

    def with_index(self, index: Path) -> GitCommands:
        return replace(self, index=index)

    def ask(self, *arguments: str, stdin: bytes = b"") -> GitAnswer:
        """Run and return whatever comes. Raises RepositoryError where git is missing or hangs."""
        try:
            ran = subprocess.run(
                self._argv(arguments),
                env=self._environment(),
                input=stdin,
                capture_output=True,
                check=False,
                timeout=_QUICK_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RepositoryError(
                "git.failed", "Git could not be run, or gave no answer.", details=str(error)
            ) from error
        return GitAnswer(ran.returncode, ran.stdout, ran.stderr.decode("utf-8", "replace").strip())

    def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """What a command that must succeed prints. Raises RepositoryError with git's words."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.status != 0:
            raise RepositoryError(
                "git.failed", f"Git could not carry out {arguments[0]}.", details=answer.complaint
            )
        return os.fsdecode(answer.output).strip()

    def run(self, *arguments: str, trace: Path, stopped: Callable[[], bool]) -> GitRun:
        """Run what may start hooks, in a process group of its own. ``trace`` gets git's own record of
        what it started. Raises :class:`Stopped`, after the group is killed; RepositoryError after half
        an hour."""
        environment = {**self._environment(), "GIT_TRACE2_EVENT": str(trace)}
        deadline = time.monotonic() + _COMMIT_SECONDS
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                self._argv(arguments),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                while not _has_ended(process):
                    if stopped():
                        raise Stopped
                    if time.monotonic() > deadline:
                        raise RepositoryError(
                            "commit.time_limit",
                            "The project's hooks took longer than half an hour. Nothing was committed.",
                        )
            finally:
                if process.poll() is None:
                    _kill(process)
            output.seek(0)
            return GitRun(process.returncode, output.read())

    # --- objects ---------------------------------------------------------------------------------

    def path(self, name: str) -> Path:
        """Where git keeps one of its own files."""
        return self.root / self.text("rev-parse", "--git-path", name)

    def entry(self, tree: str, path: RelPath) -> Entry | None:
        """A file of a tree."""
        return _entry(self.text("ls-tree", tree, "--", _literal(path)))

    def staged(self, path: RelPath) -> Entry | None:
        """A file of the index."""
        return _entry(self.text("ls-files", "--stage", "--", _literal(path)))

    def changed(self, before: str, after: str) -> tuple[RelPath, ...]:
        """Files in which two commits differ."""
        names = self.text("diff-tree", "-r", "-z", "--no-renames", "--name-only", before, after)
        return tuple(name for name in names.split("\0") if name)

    def blob(self, path: RelPath, content: bytes) -> str:
        """The name that git would give to a file's content, after its filters and line endings."""
        return self.text("hash-object", "--stdin", f"--path={path}", stdin=content)

    def store(self, path: RelPath, content: bytes, *, as_is: bool = False) -> str:
        """Write a blob and return its name; ``as_is``: it is a blob's content already."""
        how = ("--no-filters",) if as_is else (f"--path={path}",)
        return self.text("hash-object", "-w", "--stdin", *how, stdin=content)

    def content(self, entry: Entry) -> bytes:
        return self.ask("cat-file", "blob", entry.blob).output

    def merge(self, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
        """Both sides' changes of ``base``; ``None`` where they touch the same lines."""
        with tempfile.TemporaryDirectory(prefix="greenbar-merge-") as folder:
            places = []
            for name, content in (("ours", ours), ("base", base), ("theirs", theirs)):
                place = Path(folder) / name
                place.write_bytes(content)
                places.append(str(place))
            answer = self.ask("merge-file", "-p", *places)
        return answer.output if answer.status == 0 else None

    # --- parts -----------------------------------------------------------------------------------

    def _argv(self, arguments: tuple[str, ...]) -> list[str]:
        return ["git", "-c", "core.quotePath=false", "-C", str(self.root), *arguments]

    def _environment(self) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true", "LANGUAGE": "en"}
        if self.index is not None:
            environment["GIT_INDEX_FILE"] = str(self.index)
        return environment


def failed_hook(trace: Path) -> str:
    """The name of the hook that ended a command, from git's own record (git's api-trace2, "child_start"
    and "child_exit"); empty where none did. A hook may call git itself, whose record is left out."""
    try:
        lines = trace.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    hooks: dict[int, str] = {}
    failed = ""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if "/" in event.get("sid", ""):
            continue
        if event.get("event") == "child_start" and event.get("child_class") == "hook":
            hooks[event.get("child_id", -1)] = event.get("hook_name", "")
        elif event.get("event") == "child_exit" and event.get("code", 0) != 0:
            failed = hooks.get(event.get("child_id", -1), failed)
    return failed


def _entry(line: str) -> Entry | None:
    """Of one line of ``ls-tree`` (mode, type, blob) or ``ls-files --stage`` (mode, blob, stage)."""
    if not line:
        return None
    words = line.partition("\t")[0].split()
    return Entry(words[0], words[2] if words[1] == "blob" else words[1])


def _literal(path: RelPath) -> str:
    """A path that is no pattern."""
    return f":(literal){path}"


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
