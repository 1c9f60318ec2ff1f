"""The repository as it is now, for questions about it: read only, and no file that is likely secret.

Blocking. The user's own tree is read, not the private copy: a question is about what is in the editor,
and the copy is only made when tests are to run.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.chat.frames import Files
from core.chat.names import file_name
from core.context.index import SymbolIndex
from core.context.neighbours import Neighbour
from core.context.symbols import Symbol
from core.repo.listing import list_files
from core.repo.secret_files import looks_secret
from core.types import Name, NameKind, RelPath

MOST_BYTES: Final = 400_000
INDEX_SECONDS: Final = 3.0
_MOST_SYMBOLS: Final = 20_000


class Shelf:
    """One repository's files at one moment; make another one after they may have changed."""

    def __init__(self, root: Path, indexes: Path) -> None:
        """``indexes`` is the folder of the symbol indexes. Raises RepositoryError where git cannot list
        the files."""
        self._root = root
        self._indexes = indexes
        listing = list_files(root)
        every = sorted((*listing.tracked, *listing.untracked))
        self.paths: tuple[RelPath, ...] = tuple(path for path in every if not looks_secret(path))
        self.files = Files(self.paths)
        self._index: SymbolIndex | None = None

    def read(self, path: RelPath) -> str:
        """The text of a file; empty for one that is not listed, is a link, too large or not text."""
        full = self._root / path
        try:
            if path not in self.files or full.is_symlink() or not full.is_file():
                return ""
            if not full.resolve().is_relative_to(self._root.resolve()):
                return ""
            with full.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except OSError:
            return ""
        if len(content) > MOST_BYTES or b"\0" in content:
            return ""
        return content.decode("utf-8", "replace").replace("\r\n", "\n")

    # --- symbols -----------------------------------------------------------------------------------

    def open_index(self, seconds: float = INDEX_SECONDS) -> None:
        """Bring the symbol index up to date, as far as that goes in so many seconds; the next time goes
        on from there. Without one (a disk that refuses) nothing is found in it."""
        end = time.monotonic() + seconds
        try:
            self._index = SymbolIndex.open(self._indexes, str(self._root), self._root)
            self._index.refresh(self.paths, should_stop=lambda: time.monotonic() > end)
        except (OSError, sqlite3.Error):
            self._index = None

    def close(self) -> None:
        index, self._index = self._index, None
        if index is not None:
            index.close()

    def names(self) -> tuple[Name, ...]:
        """Every file and symbol that can be mentioned."""
        return (*map(file_name, self.paths), *self._symbol_names())

    def symbols_called(self, name: str) -> tuple[tuple[RelPath, Symbol], ...]:
        """Definitions by a bare or dotted name, or by ``path::name``."""
        path, _, dotted = name.rpartition("::")
        found = [
            (place, symbol)
            for place, symbol in self._definitions(dotted.rpartition(".")[2])
            if symbol.dotted == dotted or symbol.dotted.endswith(f".{dotted}")
        ]
        return tuple(entry for entry in found if not path or entry[0] == path)

    def code_of(self, path: RelPath, symbol: Symbol) -> str:
        lines = self.read(path).split("\n")
        return "\n".join(lines[symbol.first - 1 : symbol.last])

    def alike(self, words: str, most: int) -> tuple[Neighbour, ...]:
        """Functions whose words are most like these."""
        try:
            return self._index.similar(words, most) if self._index is not None else ()
        except sqlite3.Error:
            return ()

    def _definitions(self, name: str) -> Sequence[tuple[RelPath, Symbol]]:
        try:
            return self._index.named(name) if self._index is not None else ()
        except sqlite3.Error:
            return ()

    def _symbol_names(self) -> Sequence[Name]:
        try:
            every = self._index.every_symbol(_MOST_SYMBOLS) if self._index is not None else ()
        except sqlite3.Error:
            return ()
        return [
            Name(NameKind.SYMBOL, f"{path}::{symbol.dotted}", symbol.signature) for path, symbol in every
        ]
