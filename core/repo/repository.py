"""Opens and describes a git repository, and says plainly why one cannot be opened.

Blocking; :mod:`core.repo.offloop` has the doors for the loop's thread.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from core.errors import RepositoryError
from core.repo.git import Git, GitAnswer
from core.repo.listing import Listing, list_files
from core.types import Remedy, RepositoryInfo

_OPEN_ANOTHER = Remedy("Open another folder", action="open")


@dataclass(frozen=True, slots=True)
class Repository:
    """An opened repository: its root, and what it looked like when it was opened."""

    root: Path
    info: RepositoryInfo

    def list_files(self) -> Listing:
        """The files as they are now. Raises RepositoryError."""
        return list_files(self.root)

    def inspect(self) -> RepositoryInfo:
        """What it looks like now. Raises RepositoryError."""
        return _inspect(self.root)


def open_repository(path: Path | str) -> Repository:
    """Open the repository that ``path`` lies in; a file counts as its folder.

    Raises RepositoryError: no such folder, unreadable, a home folder or drive, no repository,
    bare, inside ``.git``, owned by somebody whom git does not trust, git missing.
    """
    folder = Path(path).expanduser().absolute()
    if folder.is_file():
        folder = folder.parent
    _check_folder(folder)
    answer = Git(folder).ask(
        "rev-parse", "--is-bare-repository", "--is-inside-git-dir", "--absolute-git-dir"
    )
    if answer.status != 0:
        raise _not_opened(folder, answer)
    bare, inside, git_dir = os.fsdecode(answer.output).rstrip("\n").split("\n", 2)
    if bare == "true":
        raise RepositoryError(
            "repository.bare",
            f"{folder} is a bare repository, which has no files to work on.",
            (Remedy("Clone it", shell=f"git clone {shlex.quote(str(folder))}"), _OPEN_ANOTHER),
        )
    if inside == "true":
        if Path(git_dir).name != ".git":
            raise RepositoryError(
                "repository.inside_git",
                f"{folder} lies in git's own files, not in a working tree.",
                (_OPEN_ANOTHER,),
            )
        folder = Path(git_dir).parent
    toplevel = os.fsdecode(Git(folder).run("rev-parse", "--show-toplevel")).removesuffix("\n")
    root = Path(toplevel)
    _check_folder(root)
    return Repository(root, _inspect(root))


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise RepositoryError("repository.missing", f"There is no folder {folder}.", (_OPEN_ANOTHER,))
    if not folder.is_dir():
        raise RepositoryError("repository.missing", f"{folder} is not a folder.", (_OPEN_ANOTHER,))
    if not os.access(folder, os.R_OK | os.X_OK):
        raise RepositoryError(
            "repository.unreadable",
            f"You have no permission to read {folder}.",
            (Remedy("Show its permissions", shell=f"ls -ld {shlex.quote(str(folder))}"), _OPEN_ANOTHER),
        )
    real = folder.resolve()
    if real == Path(real.anchor):
        reason = "the root of a drive"
    elif real == Path.home().resolve():
        reason = "your home folder"
    else:
        return
    raise RepositoryError(
        "repository.refused",
        f"{folder} is {reason}, which is too much for one task; open the folder of one project.",
        (_OPEN_ANOTHER,),
    )


def _not_opened(folder: Path, answer: GitAnswer) -> RepositoryError:
    """Git's refusal in our words. Git runs in the C locale, so its messages can be relied on."""
    if "dubious ownership" in answer.complaint or "safe.directory" in answer.complaint:
        told = [line.strip() for line in answer.complaint.splitlines() if "git config --global" in line]
        usual = f"git config --global --add safe.directory {shlex.quote(str(folder))}"
        return RepositoryError(
            "repository.ownership",
            f"Git does not trust {folder} because another user owns it.",
            (Remedy("Trust this repository", shell=told[0] if told else usual), _OPEN_ANOTHER),
            answer.complaint,
        )
    if "not a git repository" in answer.complaint:
        return RepositoryError(
            "repository.not_git",
            f"{folder} is not in a git repository.",
            (Remedy("Make it one", shell=f"git init {shlex.quote(str(folder))}"), _OPEN_ANOTHER),
            answer.complaint,
        )
    return RepositoryError(
        "git.failed", f"Git could not open {folder}.", (_OPEN_ANOTHER,), answer.complaint
    )


def _inspect(root: Path) -> RepositoryInfo:
    status = Git(root).run(
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--untracked-files=all",
        "--no-renames",
        "--no-ahead-behind",
    )
    oid = branch = ""
    dirty = 0
    for entry in os.fsdecode(status).split("\0"):
        if entry.startswith("# branch.oid "):
            oid = entry.removeprefix("# branch.oid ")
        elif entry.startswith("# branch.head "):
            branch = entry.removeprefix("# branch.head ")
        elif entry and not entry.startswith("# "):
            dirty += 1
    return RepositoryInfo(
        path=str(root),
        name=root.name,
        branch=oid[:7] if branch == "(detached)" else branch,
        dirty=dirty,
        files=len(list_files(root)),
    )
