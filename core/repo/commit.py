"""Commits one accept on a new branch, and nothing else of the user's tree. Blocking.

The tree of the commit is made in an index of its own, which begins as HEAD: what the user has staged or
changed stays as it is, as with ``git commit --only`` (git-commit(1)). git itself makes the commit, so
the project's hooks, the signing configuration and the identity count as they always do. Where git
refuses, HEAD goes back to where it was and the new branch is deleted. Nothing is ever pushed.
"""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.repo.git_commands import Entry, GitCommands, GitRun, failed_hook
from core.types import FileChange, OwnChanges, Patch, RelPath, Remedy

_UNDER_WAY: Final = (
    ("MERGE_HEAD", "A merge", "git merge --continue"),
    ("rebase-merge", "A rebase", "git rebase --continue"),
    ("rebase-apply", "A rebase", "git rebase --continue"),
    ("CHERRY_PICK_HEAD", "A cherry-pick", "git cherry-pick --continue"),
    ("REVERT_HEAD", "A revert", "git revert --continue"),
    ("BISECT_LOG", "A bisection", "git bisect reset"),
)
MOST_NAMES: Final = 99


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that was made. ``said`` is what hooks printed; ``added`` are files that these have brought
    in, ``unsettled`` those whose staged version could not follow it."""

    branch: str
    commit: str
    paths: tuple[RelPath, ...]
    said: str = ""
    added: tuple[RelPath, ...] = ()
    unsettled: tuple[RelPath, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """One file of an accept, against HEAD."""

    change: FileChange
    head: Entry | None
    entangled: bool
    """It held changes of the user's own before the fix."""


class BranchCommit:
    """The commit of one accept, whose ``patch`` leads from before it to after it."""

    def __init__(self, root: Path, patch: Patch) -> None:
        self._git = GitCommands(root)
        self._root = root
        self._patch = patch

    # --- before ----------------------------------------------------------------------------------

    def check(self) -> None:
        """Raises RepositoryError where no commit can be made now: none yet in the repository, a merge or
        the like under way, a locked index, no name and address, nothing to commit."""
        if self._git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}").status != 0:
            raise RepositoryError(
                "commit.no_head",
                "The repository has no commit yet, so there is nothing to branch from.",
                (Remedy("Make the first commit", shell="git add --all && git commit"),),
            )
        for name, what, command in _UNDER_WAY:
            if self._git.path(name).exists():
                raise RepositoryError(
                    "commit.under_way",
                    f"{what} is under way in this repository. Finish it first.",
                    (Remedy("Finish it", shell=command),),
                )
        if self._git.ask("ls-files", "--unmerged").output:
            raise RepositoryError(
                "commit.under_way",
                "The index holds conflicts that are not settled.",
                (Remedy("Look at them", shell="git status"),),
            )
        lock = self._git.path("index.lock")
        if lock.exists():
            raise RepositoryError(
                "commit.locked",
                "Another git command is at work in this repository, or was cut off.",
                (Remedy("Remove its lock, if none is", shell=f"rm {shlex.quote(str(lock))}"),),
            )
        for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            answer = self._git.ask("var", who)
            if answer.status != 0:
                raise RepositoryError(
                    "commit.identity",
                    "Git does not know your name and address, which every commit bears.",
                    (
                        Remedy("Set your name", shell='git config --global user.name "Your Name"'),
                        Remedy("Set your address", shell="git config --global user.email you@host"),
                    ),
                    answer.complaint,
                )
        if not any(self._wants(file) for file in self._files()):
            raise RepositoryError(
                "commit.nothing", "The fix is in the last commit already. There is nothing to commit."
            )

    def check_branch(self, branch: str) -> None:
        """Raises RepositoryError for a name that git does not take, or that is taken."""
        refused = self._git.ask("check-ref-format", f"refs/heads/{branch}").status != 0
        if refused or branch.startswith("-"):
            raise RepositoryError(
                "commit.branch_name", f"{branch or 'An empty name'} cannot be the name of a branch."
            )
        if self._exists(branch):
            free = self.free_branch(branch)
            raise RepositoryError(
                "commit.branch_exists",
                f"There is a branch {branch} already.",
                (Remedy(f"Use {free}", shell=f"greenbar commit --branch {shlex.quote(free)}"),),
            )

    def free_branch(self, wanted: str) -> str:
        """``wanted``, or the first of ``wanted-2``, ``wanted-3`` ... that there is not."""
        names = [wanted, *(f"{wanted}-{number}" for number in range(2, MOST_NAMES))]
        return next((name for name in names if not self._exists(name)), wanted)

    def detached(self) -> str:
        """The short hash of a detached HEAD; empty on a branch."""
        if self._git.ask("symbolic-ref", "--quiet", "HEAD").status == 0:
            return ""
        return self._git.text("rev-parse", "--short", "HEAD")

    def entangled(self) -> tuple[RelPath, ...]:
        """Files that held changes of the user's own before the fix: committed as they are, they would
        take these along."""
        return tuple(file.change.path for file in self._files() if file.entangled)

    # --- the commit ------------------------------------------------------------------------------

    def make(
        self,
        branch: str,
        message: str,
        own_changes: OwnChanges = OwnChanges.REFUSE,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Made:
        """Commit on a new ``branch``, which HEAD then is at.

        Raises RepositoryError as :meth:`check` and :meth:`check_branch`; ``commit.entangled``,
        ``commit.conflict``, ``commit.hook``, ``commit.signing``, ``commit.failed``. Then, and where
        ``stopped`` came true (:class:`core.repo.git_commands.Stopped`), the repository is as it was.
        """
        self.check()
        self.check_branch(branch)
        if not message.strip():
            raise RepositoryError("commit.message", "The message is empty. Nothing was committed.")
        files = [file for file in self._files() if self._wants(file)]
        entangled = [file.change.path for file in files if file.entangled]
        if entangled and own_changes is OwnChanges.REFUSE:
            raise RepositoryError(
                "commit.entangled",
                f"{', '.join(entangled)} held changes of your own before the fix. Nothing was committed.",
                (
                    Remedy("Leave mine out", shell="greenbar commit --own-changes leave"),
                    Remedy("Take mine along", shell="greenbar commit --own-changes take"),
                ),
            )
        with tempfile.TemporaryDirectory(prefix="greenbar-commit-") as folder:
            room = Path(folder)
            index = self._make_index(room / "index", files, own_changes)
            text = room / "message"
            text.write_text(message.strip() + "\n", encoding="utf-8", errors="surrogateescape")
            before = self._git.text("rev-parse", "HEAD")
            with self._on_branch(branch):
                run = index.run(
                    "commit", "--quiet", "--file", str(text), trace=room / "trace", stopped=stopped
                )
                if run.status != 0:
                    raise _refused(run, room / "trace")
        after = self._git.text("rev-parse", "HEAD")
        paths = self._git.changed(before, after)
        unsettled = tuple(path for path in paths if not self._settle(path, before, after))
        self._git.ask("update-index", "-q", "--refresh")
        return Made(
            branch=branch,
            commit=self._git.text("rev-parse", "--short", "HEAD"),
            paths=paths,
            said=run.output.decode("utf-8", "replace").strip(),
            added=tuple(path for path in paths if path not in self._patch.paths),
            unsettled=unsettled,
        )

    def _make_index(self, place: Path, files: list[_File], own_changes: OwnChanges) -> GitCommands:
        """An index at ``place`` that holds HEAD with the accept; git with that index."""
        real = self._git.path("index")
        if real.exists():
            # What is known of the files' times makes git's own comparison quick.
            place.write_bytes(real.read_bytes())
        index = self._git.with_index(place)
        index.text("read-tree", *(["--reset"] if real.exists() else []), "HEAD")
        for file in files:
            self._put(index, file, own_changes)
        index.ask("update-index", "-q", "--refresh")
        return index

    def _put(self, index: GitCommands, file: _File, own_changes: OwnChanges) -> None:
        """Let ``index`` hold what the commit is to hold of a file."""
        change, path = file.change, file.change.path
        after = change.after
        if file.entangled and own_changes is OwnChanges.TAKE:
            now = self._root / path
            after = now.read_bytes() if now.is_file() else None
        if file.entangled and own_changes is OwnChanges.LEAVE:
            if file.head is None or change.before is None or after is None:
                raise _conflict(path)
            sides = (index.content(Entry("", index.store(path, side))) for side in (change.before, after))
            merged = index.merge(index.content(file.head), *sides)
            if merged is None:
                raise _conflict(path)
            blob = index.store(path, merged, as_is=True)
        elif after is None:
            index.text("update-index", "--force-remove", "--", path)
            return
        else:
            blob = index.store(path, after)
        mode = file.head.mode if file.head else self._mode(path)
        index.text("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")

    @contextmanager
    def _on_branch(self, branch: str) -> Iterator[None]:
        """HEAD on a new branch; where the block raises, as before."""
        symbolic = self._git.ask("symbolic-ref", "--quiet", "HEAD")
        before = self._git.text("rev-parse", "HEAD")
        made = self._git.ask("branch", "--no-track", branch)
        if made.status != 0:
            raise RepositoryError(
                "commit.branch", f"Git could not make the branch {branch}.", details=made.complaint
            )
        try:
            # As git switch does, but no hook can fail between: the files stay as they are.
            reason = f"greenbar: moving to {branch}"
            self._git.text("symbolic-ref", "-m", reason, "HEAD", f"refs/heads/{branch}")
            yield
        except BaseException:
            if symbolic.status == 0:
                self._git.text("symbolic-ref", "HEAD", symbolic.output.decode().strip())
            else:
                self._git.text("update-ref", "--no-deref", "HEAD", before)
            self._git.ask("branch", "--quiet", "--delete", "--force", branch)
            raise

    def _settle(self, path: RelPath, before: str, after: str) -> bool:
        """Let the user's index follow the commit in this file, their own staged changes kept; ``False``
        where both touch the same lines, and the index stays as it is."""
        old, new = self._git.entry(before, path), self._git.entry(after, path)
        staged = self._git.staged(path)
        if staged == new:
            return True
        if staged == old:
            self._stage(path, new)
            return True
        if old is None or new is None or staged is None:
            return False
        content = self._git.content
        merged = self._git.merge(content(staged), content(old), content(new))
        if merged is None:
            return False
        self._stage(path, Entry(staged.mode, self._git.store(path, merged, as_is=True)))
        return True

    def _stage(self, path: RelPath, entry: Entry | None) -> None:
        if entry is None:
            self._git.text("update-index", "--force-remove", "--", path)
        else:
            info = f"{entry.mode},{entry.blob},{path}"
            self._git.text("update-index", "--add", "--cacheinfo", info)

    # --- parts -----------------------------------------------------------------------------------

    def _files(self) -> list[_File]:
        found = []
        for change in self._patch.changes:
            head = self._git.entry("HEAD", change.path)
            before = None if change.before is None else self._git.blob(change.path, change.before)
            found.append(_File(change, head, before != (head.blob if head else None)))
        return found

    def _wants(self, file: _File) -> bool:
        """Whether HEAD lacks what the accept has made of the file."""
        after = file.change.after
        blob = None if after is None else self._git.blob(file.change.path, after)
        return blob != (file.head.blob if file.head else None)

    def _exists(self, branch: str) -> bool:
        return self._git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}").status == 0

    def _mode(self, path: RelPath) -> str:
        """Of a file that HEAD does not have."""
        place = self._root / path
        executable = place.is_file() and place.stat().st_mode & 0o100
        counts = self._git.ask("config", "--type=bool", "core.fileMode").output.strip() != b"false"
        return "100755" if executable and counts else "100644"


def _conflict(path: RelPath) -> RepositoryError:
    return RepositoryError(
        "commit.conflict",
        f"Your own changes of {path} and the fix touch the same lines, so it cannot be committed alone.",
        (Remedy("Take mine along", shell="greenbar commit --own-changes take"),),
    )


def _refused(run: GitRun, trace: Path) -> RepositoryError:
    """Why git made no commit, with the words of whoever refused."""
    said = run.output.decode("utf-8", "replace").strip()
    hook = failed_hook(trace)
    if hook:
        return RepositoryError(
            "commit.hook",
            f"The project's {hook} hook refused the commit. Nothing was committed.",
            (Remedy("Mend what it says, then commit again", action="commit"),),
            said,
        )
    if "sign" in said and ("gpg" in said or "ssh" in said or "failed to write commit object" in said):
        return RepositoryError(
            "commit.signing",
            "Git could not sign the commit, as your configuration asks for. Nothing was committed.",
            (Remedy("Look at the signing key", shell="git config --get user.signingKey"),),
            said,
        )
    return RepositoryError("commit.failed", "Git made no commit. Nothing was committed.", details=said)
