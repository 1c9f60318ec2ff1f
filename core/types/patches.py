"""The repository, patches and their hunks."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.names import HunkId, RelPath


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """What the window shows about an opened repository. ``path`` is absolute."""

    path: str
    name: str
    branch: str
    """Branch name, or the short hash of a detached head."""
    dirty: int
    """How many files differ from the last commit (untracked ones count)."""
    files: int
    language: str = ""
    """What its tests are in, as a title (``Python with pytest``); empty until they are run."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a patch, whole. ``None`` means that the file does not exist on that side."""

    path: RelPath
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Patch:
    """A set of file changes, at most one for each path, sorted by path."""

    changes: tuple[FileChange, ...]

    @property
    def paths(self) -> tuple[RelPath, ...]:
        return tuple(change.path for change in self.changes)


@dataclass(frozen=True, slots=True)
class Hunk:
    """One hunk of a unified diff; starts count from 1, ``lines`` keep their leading sign."""

    id: HunkId
    path: RelPath
    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[str, ...]
    section: str = ""
    """The function or class in which the hunk lies, where it is known."""

    @property
    def head(self) -> str:
        """The line above it in a unified diff, without the function."""
        return f"@@ -{self.old_start},{self.old_count} +{self.new_start},{self.new_count} @@"


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file that decides the verdict. ``reason`` is a short phrase: ``a test file``."""

    path: RelPath
    reason: str


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What the review shows of one file. Texts are decoded; a binary file has empty texts."""

    path: RelPath
    before: str
    after: str
    hunks: tuple[Hunk, ...]
    binary: bool = False
    locked: bool = False
    """True for tests and test configuration: shown in a lane of their own."""
    confirmed: bool = False
    """True for tests that the user has confirmed for this task: in that lane, and written with it."""

    @property
    def is_offered(self) -> bool:
        """Whether it is written unless the user says otherwise."""
        return self.confirmed or not self.locked
