"""Patches as values: build, choose hunks, reverse, describe for the review. Pure.

A :class:`core.types.Patch` holds whole files on both sides; hunks are a view of it, numbered in
each file from 0. A new, deleted, binary or empty file has exactly one hunk, ``path#0``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from core.errors import PatchError
from core.repo.hunks import RawHunk, enclosing_scope, merge_hunks, raw_hunks, split_lines
from core.repo.paths import check_path
from core.repo.text import TextFile
from core.repo.unified import is_binary
from core.types import FileChange, FileDiff, Hunk, HunkId, Patch, RelPath


@dataclass(frozen=True, slots=True)
class _Codecs:
    old: str
    new: str


def build_patch(changes: Iterable[FileChange]) -> Patch:
    """Sort by path and drop what changes nothing.

    Raises PatchError for a path outside the repository or one that occurs twice.
    """
    kept = sorted((c for c in changes if c.before != c.after), key=lambda change: change.path)
    for change in kept:
        check_path(change.path)
    for left, right in pairwise(kept):
        if left.path == right.path:
            raise PatchError("patch.twice", f"The patch changes {left.path} twice.")
    return Patch(tuple(kept))


def patch_from_edits(
    edits: Mapping[RelPath, str | None], read: Callable[[RelPath], bytes | None]
) -> Patch:
    """A patch from whole new texts (``\\n`` newlines; ``None`` deletes), each in its file's own style.

    ``read`` gives the bytes that a path has now, or ``None``. New files are UTF-8 with ``\\n``.
    Raises PatchError for a binary file or a character that the file's encoding lacks.
    """
    return build_patch(_edited(path, text, read(path)) for path, text in edits.items())


def overlay(patch: Patch) -> dict[RelPath, bytes | None]:
    """What to lay over the private copy so that it looks as after the patch."""
    return {change.path: change.after for change in patch.changes}


def reverse(patch: Patch) -> Patch:
    """The patch that takes this one back."""
    return Patch(tuple(FileChange(c.path, c.after, c.before) for c in patch.changes))


def count_lines(patch: Patch) -> tuple[int, int]:
    """How many lines the patch adds and removes; binary files count as none."""
    signs = [
        sign
        for change in patch.changes
        if not is_binary(change)
        for hunk in raw_hunks(change.before or b"", change.after or b"")
        for sign, _ in hunk.lines
    ]
    return signs.count("+"), signs.count("-")


def outline(patch: Patch, most: int) -> tuple[int, int, str]:
    """How many lines a patch adds and removes, as :func:`count_lines` has it, and these lines, with their
    signs, under where they are: ``m.py:12``. At most so many, and a last one that says how many more
    there are."""
    lines: list[str] = []
    added = removed = 0
    for change in patch.changes:
        if is_binary(change):
            lines.append(f"{change.path}: binary")
            continue
        codecs = _Codecs(_codec(change.before), _codec(change.after))
        for hunk in raw_hunks(change.before or b"", change.after or b""):
            signs = [sign for sign, _ in hunk.lines]
            added, removed = added + signs.count("+"), removed + signs.count("-")
            lines.append(f"{change.path}:{hunk.spans[0].old_from + 1}")
            lines += [line for line in _shown_lines(hunk, codecs) if line[:1] != " "]
    if len(lines) > most:
        lines[most:] = [f"… {len(lines) - most} more lines"]
    return added, removed, "\n".join(lines)


def diff_lines(file: FileDiff) -> Iterator[str]:
    """The diff of a file for reading, line by line; it is not meant to be applied."""
    yield f"--- a/{file.path}"
    yield f"+++ b/{file.path}"
    if file.binary:
        yield "Binary files differ"
        return
    for hunk in file.hunks:
        yield f"{hunk.head} {hunk.section}".rstrip()
        yield from hunk.lines


def hunks_of(change: FileChange) -> tuple[Hunk, ...]:
    """The hunks of one file, decoded for people."""
    raw = [] if is_binary(change) else raw_hunks(change.before or b"", change.after or b"")
    if not raw:
        return (Hunk(f"{change.path}#0", change.path, 0, 0, 0, 0, ()),)
    codecs = _Codecs(_codec(change.before), _codec(change.after))
    return tuple(_hunk(change, number, hunk, codecs) for number, hunk in enumerate(raw))


def hunk_ids(patch: Patch) -> tuple[HunkId, ...]:
    """All hunk ids of the patch, in order."""
    return tuple(f"{c.path}#{n}" for c in patch.changes for n in range(_hunk_count(c)))


def select_hunks(patch: Patch, chosen: Collection[HunkId]) -> Patch:
    """The patch with exactly the ``chosen`` hunks; all of them give an equal patch, none an empty one.

    Raises PatchError for an id that the patch does not have.
    """
    wanted = frozenset(chosen)
    if unknown := wanted.difference(hunk_ids(patch)):
        raise PatchError("patch.unknown_hunk", f"The patch has no hunk {min(unknown)!r}.")
    kept: list[FileChange] = []
    for change in patch.changes:
        numbers = {n for n in range(_hunk_count(change)) if f"{change.path}#{n}" in wanted}
        if len(numbers) == _hunk_count(change):
            kept.append(change)
        elif numbers and change.before is not None and change.after is not None:
            after = merge_hunks(change.before, change.after, numbers)
            kept.append(FileChange(change.path, change.before, after))
    return Patch(tuple(kept))


def file_diffs(patch: Patch, is_locked: Callable[[RelPath], bool]) -> tuple[FileDiff, ...]:
    """What the review shows, file by file, in the patch's order."""
    return tuple(_file_diff(change, is_locked(change.path)) for change in patch.changes)


def _edited(path: RelPath, text: str | None, before: bytes | None) -> FileChange:
    if text is None:
        return FileChange(path, before, None)
    if before is None:
        return FileChange(path, None, TextFile("").with_text(text))
    file = TextFile.from_bytes(before)
    if file is None:
        raise PatchError("patch.binary", f"{path} is a binary file and cannot be edited as text.")
    return FileChange(path, before, file.with_text(text))


def _file_diff(change: FileChange, locked: bool) -> FileDiff:
    binary = is_binary(change)
    before = "" if binary else _shown_text(change.before)
    after = "" if binary else _shown_text(change.after)
    return FileDiff(change.path, before, after, hunks_of(change), binary, locked)


def _hunk_count(change: FileChange) -> int:
    if is_binary(change) or change.before is None or change.after is None:
        return 1
    return max(1, len(raw_hunks(change.before, change.after)))


def _hunk(change: FileChange, number: int, raw: RawHunk, codecs: _Codecs) -> Hunk:
    whole = raw.whole
    old_count, new_count = whole.old_to - whole.old_from, whole.new_to - whole.new_from
    return Hunk(
        id=f"{change.path}#{number}",
        path=change.path,
        old_start=whole.old_from + (old_count > 0),
        old_count=old_count,
        new_start=whole.new_from + (new_count > 0),
        new_count=new_count,
        lines=_shown_lines(raw, codecs),
        section=_section(change, raw, codecs),
    )


def _section(change: FileChange, raw: RawHunk, codecs: _Codecs) -> str:
    if not change.path.endswith((".py", ".pyi")):
        return ""
    first = raw.spans[0]
    if first.new_to > first.new_from:
        data, codec, at = change.after, codecs.new, first.new_from
    else:
        data, codec, at = change.before, codecs.old, first.old_from
    return enclosing_scope([line.decode(codec, "replace") for line in split_lines(data or b"")], at)


def _shown_lines(raw: RawHunk, codecs: _Codecs) -> tuple[str, ...]:
    """Signed lines without their newline; carriage returns show only where they make a difference."""
    uniform = all(line.endswith(b"\r\n") for _, line in raw.lines)
    newline = b"\r\n" if uniform else b"\n"
    shown: list[str] = []
    for sign, line in raw.lines:
        codec = codecs.new if sign == "+" else codecs.old
        shown.append(sign + line.removesuffix(newline).decode(codec, "replace"))
        if not line.endswith(b"\n"):
            shown.append("\\ No newline at end of file")
    return tuple(shown)


def _shown_text(data: bytes | None) -> str:
    return (data or b"").decode(_codec(data), "replace").replace("\r\n", "\n")


def _codec(data: bytes | None) -> str:
    file = TextFile.from_bytes(data or b"")
    return file.encoding if file is not None else "latin-1"
