"""A patch as ``git apply`` reads it: bytes in, bytes out. Pure.

The format is that of ``git diff --full-index --binary`` (git-diff(1), "Generating patch text"):
``a/`` and ``b/`` prefixes, C-quoted names, new and deleted files, files without a final newline,
binary literals.
Modes are left out where a file exists on both sides, since a :class:`Patch` does not change them.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b85encode

from core.repo.hunks import RawHunk, raw_hunks
from core.types import FileChange, Patch, RelPath

_NO_BLOB = "0" * 40
_NO_FINAL_NEWLINE = b"\n\\ No newline at end of file\n"
_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def unified_diff(patch: Patch) -> bytes:
    """The whole patch. Bytes, since the lines of a file are in that file's own encoding."""
    return b"".join(_file_diff(change) for change in patch.changes)


def is_binary(change: FileChange) -> bool:
    """True where either side holds a NUL byte."""
    return b"\0" in (change.before or b"") or b"\0" in (change.after or b"")


def quote(path: RelPath) -> str:
    """The name as git prints it: in double quotes with octal escapes where it is not plain ASCII."""
    raw = path.encode("utf-8", "surrogateescape")
    quoted = "".join(_quote_byte(byte) for byte in raw)
    return f'"{quoted}"' if quoted != path else path


def _file_diff(change: FileChange) -> bytes:
    old_name, new_name = quote(f"a/{change.path}"), quote(f"b/{change.path}")
    head = [f"diff --git {old_name} {new_name}"]
    if change.before is None:
        head.append("new file mode 100644")
    if change.after is None:
        head.append("deleted file mode 100644")
    head.append(f"index {_blob_id(change.before)}..{_blob_id(change.after)}")
    if is_binary(change):
        head.append("GIT binary patch")
        return _lines(head) + _binary(change.after or b"") + _binary(change.before or b"")
    hunks = raw_hunks(change.before or b"", change.after or b"")
    if hunks:
        head.append(f"--- {_label(old_name) if change.before is not None else '/dev/null'}")
        head.append(f"+++ {_label(new_name) if change.after is not None else '/dev/null'}")
    return _lines(head) + b"".join(_hunk(hunk) for hunk in hunks)


def _hunk(hunk: RawHunk) -> bytes:
    old = _range(hunk.whole.old_from, hunk.whole.old_to)
    new = _range(hunk.whole.new_from, hunk.whole.new_to)
    body = [f"@@ -{old} +{new} @@\n".encode()]
    for sign, line in hunk.lines:
        body.append(sign.encode() + (line if line.endswith(b"\n") else line + _NO_FINAL_NEWLINE))
    return b"".join(body)


def _binary(data: bytes) -> bytes:
    """One ``literal`` section: deflated, 52 bytes a line, each line led by a letter for its length."""
    deflated = zlib.compress(data)
    lines = [f"literal {len(data)}\n".encode()]
    for start in range(0, len(deflated), 52):
        piece = deflated[start : start + 52]
        length = len(piece)
        letter = chr(ord("A") + length - 1) if length <= 26 else chr(ord("a") + length - 27)
        lines.append(letter.encode() + b85encode(piece, pad=True) + b"\n")
    return b"".join(lines) + b"\n"


def _blob_id(data: bytes | None) -> str:
    if data is None:
        return _NO_BLOB
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _range(start: int, end: int) -> str:
    count = end - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"


def _quote_byte(byte: int) -> str:
    if byte in _ESCAPES:
        return "\\" + _ESCAPES[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"


def _label(name: str) -> str:
    """A name with a space gets a tab behind it, or ``patch`` would take the rest for a date."""
    return f"{name}\t" if " " in name else name


def _lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
