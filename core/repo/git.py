"""Runs git, read-only, over one folder. Only :mod:`core.repo.git_commands` writes, to commit.

Blocking: callers on the loop go through a thread. Nothing here writes to the repository, not even
the index refresh that ``git status`` likes to do, and nothing that the repository's own
configuration names is started.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.types import Remedy

_SECONDS: Final = 120.0
"""Long enough for a huge tree on a slow disk; a hung network mount must not hang us for ever."""

NOT_OURS: Final = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CEILING_DIRECTORIES",
        "GIT_LITERAL_PATHSPECS",
    }
)
"""Set where Greenbar is started from a git hook; they would point git at another repository."""

_OPTIONS: Final = ("--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
"""``core.fsmonitor`` may name a program, and a repository from anywhere must not start one."""


@dataclass(frozen=True, slots=True)
class GitAnswer:
    status: int
    output: bytes
    complaint: str
    """Standard error."""


@dataclass(frozen=True, slots=True)
class Git:
    """Git in one folder. An answer that takes longer than ``seconds`` is not waited for."""

    folder: Path
    seconds: float = _SECONDS

    def ask(self, *arguments: str) -> GitAnswer:
        """Run and return whatever comes. Raises RepositoryError where git is missing or hangs."""
        environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        environment |= {
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "LANGUAGE": "C",
        }
        try:
            ran = subprocess.run(
                ["git", *_OPTIONS, "-C", str(self.folder), *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=self.seconds,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except FileNotFoundError as error:
            raise RepositoryError(
                "git.missing",
                "Git is not installed, or not on the PATH.",
                (Remedy("Install git", shell="sudo apt install git"),),
            ) from error
        except subprocess.TimeoutExpired as error:
            raise RepositoryError(
                "git.time_limit",
                f"Git gave no answer within {self.seconds:.0f} seconds in {self.folder}.",
            ) from error
        except OSError as error:
            raise RepositoryError(
                "git.failed", "Git could not be started.", details=str(error)
            ) from error
        return GitAnswer(ran.returncode, ran.stdout, ran.stderr.decode("utf-8", "replace").strip())

    def run(self, *arguments: str) -> bytes:
        """Standard output of a command that must succeed. Raises RepositoryError with git's words."""
        answer = self.ask(*arguments)
        if answer.status != 0:
            raise RepositoryError(
                "git.failed",
                f"Git could not read the repository {self.folder}.",
                details=answer.complaint,
            )
        return answer.output
