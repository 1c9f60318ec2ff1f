"""The symbol index on disk: one SQLite file for each repository, with its full-text search for code.

Blocking. Everything in it can be made again, so a file that cannot be read, or is of another version,
is made anew. Ranking by words is SQLite's own BM25 (``bm25()`` of FTS5; S. Robertson, H. Zaragoza,
"The probabilistic relevance framework: BM25 and beyond", 2009), which needs no second copy in memory and
no further package.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.context.symbols import FileSymbols, Symbol
from core.context.words import words_of
from core.types import RelPath

VERSION: Final = 1
KEPT: Final = 24
"""Indexes of so many repositories stay on disk."""
_WAIT_SECONDS: Final = 0.5
_MOST_WORDS: Final = 24
"""Of the code that alike code is looked up for: its rarest words that others have too."""
_SCHEMA: Final = """
    CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT UNIQUE, mtime INTEGER, size INTEGER,
        digest BLOB);
    CREATE TABLE symbols (id INTEGER PRIMARY KEY, file INTEGER, kind TEXT, name TEXT, dotted TEXT,
        first INTEGER, last INTEGER, signature TEXT, doc TEXT);
    CREATE TABLE calls (file INTEGER, name TEXT, line INTEGER, caller INTEGER);
    CREATE TABLE imports (file INTEGER, name TEXT);
    CREATE INDEX symbols_name ON symbols (name);
    CREATE INDEX symbols_file ON symbols (file);
    CREATE INDEX calls_name ON calls (name);
    CREATE INDEX calls_file ON calls (file);
    CREATE INDEX imports_file ON imports (file);
    CREATE VIRTUAL TABLE code USING fts5 (words, detail=none);
    CREATE VIRTUAL TABLE vocabulary USING fts5vocab (code, 'row');
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file looked like when it was read."""

    mtime_ns: int
    size: int


@dataclass(frozen=True, slots=True)
class Place:
    """A symbol, and the file that it is in."""

    path: RelPath
    symbol: Symbol


class SymbolStore:
    """One repository's index. For one thread at a time; several programs may have the same file open."""

    def __init__(self, path: Path) -> None:
        """Open or make the index. Raises OSError or sqlite3.Error where neither can be done."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._base = _open(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                raise
            for left in (path, *path.parent.glob(f"{path.name}-*")):
                left.unlink(missing_ok=True)
            self._base = _open(path)
        os.utime(path)

    def close(self) -> None:
        self._base.close()

    # --- keeping up -------------------------------------------------------------------------------

    def stamps(self) -> dict[RelPath, Stamp]:
        """Every file that the index knows, as it was."""
        rows = self._base.execute("SELECT path, mtime, size FROM files")
        return {path: Stamp(mtime, size) for path, mtime, size in rows}

    def is_same(self, path: RelPath, stamp: Stamp, content: bytes) -> bool:
        """Whether a file with a new stamp holds what it held; the stamp is then taken over."""
        row = self._base.execute("SELECT digest FROM files WHERE path = ?", (path,)).fetchone()
        if row is None or row[0] != _digest(content):
            return False
        values = (stamp.mtime_ns, stamp.size, path)
        self._base.execute("UPDATE files SET mtime = ?, size = ? WHERE path = ?", values)
        return True

    def put(self, path: RelPath, stamp: Stamp, content: bytes, found: FileSymbols) -> None:
        """Take a file in, in the place of what was known of it."""
        self.forget([path])
        run = self._base.execute
        values = (path, stamp.mtime_ns, stamp.size, _digest(content))
        file = run("INSERT INTO files (path, mtime, size, digest) VALUES (?, ?, ?, ?)", values).lastrowid
        lines = content.decode("utf-8", "replace").split("\n")
        ids = []
        for s in found.symbols:
            row = (file, s.kind, s.name, s.dotted, s.first, s.last, s.signature, s.doc)
            made = run(
                "INSERT INTO symbols (file, kind, name, dotted, first, last, signature, doc)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            ).lastrowid
            ids.append(made)
            if s.kind != "class":
                words = " ".join(words_of("\n".join(lines[s.first - 1 : s.last])))
                run("INSERT INTO code (rowid, words) VALUES (?, ?)", (made, words))
        self._base.executemany(
            "INSERT INTO calls VALUES (?, ?, ?, ?)",
            ((file, c.name, c.line, ids[c.caller] if c.caller >= 0 else None) for c in found.calls),
        )
        self._base.executemany(
            "INSERT INTO imports VALUES (?, ?)", ((file, name) for name in sorted(found.imports))
        )

    def forget(self, paths: Iterable[RelPath]) -> None:
        """Drop files that are gone."""
        run = self._base.execute
        for path in paths:
            row = run("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
            if row is None:
                continue
            run("DELETE FROM code WHERE rowid IN (SELECT id FROM symbols WHERE file = ?)", row)
            for table in ("symbols", "calls", "imports"):
                run(f"DELETE FROM {table} WHERE file = ?", row)
            run("DELETE FROM files WHERE id = ?", row)

    def commit(self) -> None:
        """Make what was put and forgotten last; until then a crash leaves the index as it was."""
        self._base.commit()

    # --- asking -----------------------------------------------------------------------------------

    def symbols_in(self, path: RelPath) -> tuple[Symbol, ...]:
        """What a file defines, in its order."""
        return tuple(place.symbol for place in self._places("f.path = ? ORDER BY s.first", (path,)))

    def every(self, most: int) -> tuple[Place, ...]:
        """All symbols, file by file; at most so many."""
        return self._places("1 ORDER BY f.path, s.first LIMIT ?", (most,))

    def definitions(self, name: str, most: int = 50) -> tuple[Place, ...]:
        """Everything that is called ``name``, without its owners."""
        return self._places("s.name = ? LIMIT ?", (name, most))

    def called_by(self, path: RelPath, dotted: str) -> tuple[str, ...]:
        """The names that a function calls, and the functions inside of it, in their order."""
        rows = self._base.execute(
            "SELECT c.name FROM calls c JOIN symbols s ON s.id = c.caller"
            " JOIN files f ON f.id = s.file WHERE f.path = ?"
            " AND (s.dotted = ? OR substr(s.dotted, 1, length(?) + 1) = ? || '.')"
            " GROUP BY c.name ORDER BY min(c.rowid)",
            (path, dotted, dotted, dotted),
        )
        return tuple(name for (name,) in rows)

    def callers_of(self, name: str, most: int = 50) -> tuple[tuple[Place, int], ...]:
        """The functions that call ``name``, each with the line of the call."""
        rows = self._base.execute(
            f"SELECT {_COLUMNS}, c.line FROM calls c JOIN symbols s ON s.id = c.caller"
            " JOIN files f ON f.id = s.file WHERE c.name = ? LIMIT ?",
            (name, most),
        )
        return tuple((_place(row[:-1]), row[-1]) for row in rows)

    def imports_of(self, path: RelPath) -> frozenset[str]:
        """The last parts of what a file imports."""
        rows = self._base.execute(
            "SELECT i.name FROM imports i JOIN files f ON f.id = i.file WHERE f.path = ?", (path,)
        )
        return frozenset(name for (name,) in rows)

    def similar(self, code: str, most: int) -> tuple[Place, ...]:
        """Functions whose code has the same rare words as ``code``, the likest first by BM25."""
        words = self._rare(dict.fromkeys(words_of(code)))
        if not words:
            return ()
        wanted = " OR ".join(f'"{word}"' for word in words)
        rows = self._base.execute(
            f"SELECT {_COLUMNS} FROM code JOIN symbols s ON s.id = code.rowid"
            " JOIN files f ON f.id = s.file WHERE code MATCH ? ORDER BY bm25(code) LIMIT ?",
            (wanted, most),
        )
        return tuple(map(_place, rows))

    def _rare(self, words: Iterable[str]) -> list[str]:
        """Of these words the rarest that are there at all: common ones match everything."""
        asked = "SELECT doc FROM vocabulary WHERE term = ?"
        counts = ((self._base.execute(asked, (word,)).fetchone(), word) for word in words)
        known = sorted((row[0], word) for row, word in counts if row is not None)
        return [word for _, word in known[:_MOST_WORDS]]

    def _places(self, condition: str, values: Sequence[object]) -> tuple[Place, ...]:
        rows = self._base.execute(
            f"SELECT {_COLUMNS} FROM symbols s JOIN files f ON f.id = s.file WHERE {condition}",
            tuple(values),
        )
        return tuple(map(_place, rows))


_COLUMNS: Final = "f.path, s.kind, s.name, s.dotted, s.first, s.last, s.signature, s.doc"


def prune(folder: Path) -> None:
    """Remove all but the indexes used last. Quiet where that fails."""
    with suppress(OSError):
        known = sorted(folder.glob("*.sqlite"), key=lambda path: -path.stat().st_mtime)
        for old in known[KEPT:]:
            for left in (old, *folder.glob(f"{old.name}-*")):
                left.unlink(missing_ok=True)


def _open(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=_WAIT_SECONDS, check_same_thread=False)
    try:
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise sqlite3.DatabaseError("an index of another version")
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        if version == 0:
            base.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    except BaseException:
        base.close()
        raise
    return base


def _place(row: Sequence[object]) -> Place:
    path, kind, name, dotted, first, last, signature, doc = row
    return Place(
        str(path),
        Symbol(
            str(kind), str(name), str(dotted), int(str(first)), int(str(last)), str(signature), str(doc)
        ),
    )


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
