"""Bugs that a repository has had: commits that mended source and tests, taken back on today's tree.

As in SWE-smith's "PR mirroring" (Yang et al. 2025, section 2.1), but without a model: what does not
apply any more is left out. Commits are chosen as in BugsInPy (Widyasari et al., FSE 2020): they touch
source and tests together. Blocking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import RepositoryError
from core.repo.git import Git
from core.types import RelPath

_MOST_COMMITS: Final = 2_000
_MOST_FILES: Final = 3
_MOST_LINES: Final = 40
"""Added and removed in the source: a fix, not a feature."""
_COMMIT, _SUBJECT = "\x01", "\x02"


@dataclass(frozen=True, slots=True)
class PastFix:
    """A commit, and the source files that it mended."""

    commit: str
    subject: str
    paths: tuple[RelPath, ...]


def past_fixes(root: Path, is_test: Callable[[RelPath], bool], endings: tuple[str, ...]) -> list[PastFix]:
    """Small commits that changed tests and a few source files with these ``endings``, newest first.

    Raises RepositoryError.
    """
    log = Git(root).run(
        "log",
        f"-n{_MOST_COMMITS}",
        "--no-merges",
        "--no-renames",
        "--diff-filter=AMD",
        "--numstat",
        f"--format={_COMMIT}%H{_SUBJECT}%s",
    )
    found = []
    for entry in log.decode("utf-8", "surrogateescape").split(_COMMIT)[1:]:
        head, _, rest = entry.partition("\n")
        commit, _, subject = head.partition(_SUBJECT)
        rows = [line.split("\t", 2) for line in rest.splitlines() if line.count("\t") >= 2]
        files = {path: (added, removed) for added, removed, path in rows}
        sources = {path: files[path] for path in files if path.endswith(endings) and not is_test(path)}
        if any(is_test(path) for path in files) and _is_small(sources):
            found.append(PastFix(commit, subject, tuple(sorted(sources))))
    return found


def _is_small(sources: dict[RelPath, tuple[str, str]]) -> bool:
    if not 0 < len(sources) <= _MOST_FILES:
        return False
    counts = [number for pair in sources.values() for number in pair]
    return all(n.isdigit() for n in counts) and 0 < sum(map(int, counts)) <= _MOST_LINES


def taken_back(source: Path, fix: PastFix, tree: Path) -> dict[RelPath, str]:
    """The files of ``tree``, a repository of the same project, as they were without the fix; empty where
    it cannot be taken back, or files would come or go. ``tree`` is left as it was."""
    from git import GitError, Repo

    what = ("--format=", "--no-ext-diff", "--no-renames", fix.commit, "--", *fix.paths)
    diff = Git(source).ask("show", *what)
    if diff.status != 0 or not diff.output:
        return {}
    before = {path: _read(tree / path) for path in fix.paths}
    patch = tree.parent / f"{fix.commit}.patch"
    try:
        patch.write_bytes(diff.output)
        with Repo(tree) as repository:
            repository.git.apply("--reverse", "--whitespace=nowarn", str(patch))
            after = {path: _read(tree / path) for path in fix.paths}
            repository.git.checkout("--", ".")
    except GitError:
        return {}
    except OSError as error:
        raise RepositoryError("bench.layout", f"{tree} cannot be written.", details=str(error)) from error
    finally:
        patch.unlink(missing_ok=True)
    if None in before.values() or None in after.values():
        return {}
    return {path: text for path, text in after.items() if text is not None and text != before[path]}


def _read(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.is_file() else None
