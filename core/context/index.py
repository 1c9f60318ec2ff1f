"""The symbol index of a repository: kept up with its files, and asked what is around a function.

Blocking: for a thread that is not the loop's. Files near what fails are read first, and whatever was
read is kept on disk, so an index that was stopped half way answers for what is near, and goes on from
there the next time. A. Zhang et al., "AutoCodeRover", 2024, section 3.2, has the search for symbols
that these questions stand in for: our harness asks them, not the model.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from core.context.neighbours import Neighbour
from core.context.store import Place, Stamp, SymbolStore, prune
from core.context.symbols import FileSymbols, Symbol, readers
from core.types import RelPath

MOST_BYTES: Final = 400_000
"""A larger file is generated or data."""
_COMMIT_SECONDS: Final = 0.5
_FAR: Final = 3
_CONSTRUCTORS: Final = ("__init__", "__post_init__", "constructor")
_LONGEST_HEAD: Final = 900
"""Characters of each part of a class that a method is shown with."""

ShouldStop = Callable[[], bool]


class SymbolIndex:
    """Over a folder whose files are given by their relative paths. For one thread at a time."""

    def __init__(self, store: SymbolStore, root: Path) -> None:
        self._store = store
        self._root = root

    @classmethod
    def open(cls, folder: Path, repository: str, root: Path) -> SymbolIndex:
        """The index of ``repository`` (its path) below ``folder``, over the copy of it at ``root``.

        Raises OSError or sqlite3.Error where it can be neither opened nor made.
        """
        key = hashlib.sha256(os.fsencode(repository)).hexdigest()[:16]
        store = SymbolStore(folder / f"{key}.sqlite")
        prune(folder)
        return cls(store, root)

    def close(self) -> None:
        self._store.close()

    def refresh(
        self,
        files: Iterable[RelPath],
        near: Collection[RelPath] = (),
        should_stop: ShouldStop = lambda: False,
    ) -> bool:
        """Bring the index up to date with ``files``, which are all that there are; false where it was
        stopped before that. What lies close to ``near`` comes first."""
        known, by_extension = self._store.stamps(), readers()
        wanted = [path for path in files if PurePosixPath(path).suffix in by_extension and _is_text(path)]
        folders = {str(PurePosixPath(path).parent) for path in near}
        wanted.sort(key=lambda path: _closeness(path, near, folders))
        committed = time.monotonic()
        gone = known.keys() - set(wanted)
        try:
            for path in (*gone, *wanted):
                if should_stop():
                    return False
                if path in gone:
                    self._store.forget([path])
                else:
                    self._take(path, known)
                if time.monotonic() - committed > _COMMIT_SECONDS:
                    self._store.commit()
                    committed = time.monotonic()
        finally:
            self._store.commit()
        return True

    def _take(self, path: RelPath, known: Mapping[RelPath, Stamp]) -> None:
        full = self._root / path
        try:
            status = full.lstat()
            if not stat.S_ISREG(status.st_mode):  # what a link leads to has a name of its own
                return
            stamp = Stamp(status.st_mtime_ns, status.st_size)
            if known.get(path) == stamp:
                return
            content = full.read_bytes() if stamp.size <= MOST_BYTES else b""
        except OSError:
            self._store.forget([path])
            return
        if path in known and self._store.is_same(path, stamp, content):
            return
        readable = b"\0" not in content
        reader = readers()[PurePosixPath(path).suffix]
        found = reader.read(content) if readable else FileSymbols()
        self._store.put(path, stamp, content, found)

    # --- asking -----------------------------------------------------------------------------------

    def named(self, name: str) -> tuple[tuple[RelPath, Symbol], ...]:
        """Everything that is called ``name``, wherever it is."""
        return tuple((place.path, place.symbol) for place in self._store.definitions(name))

    def every_symbol(self, most: int) -> tuple[tuple[RelPath, Symbol], ...]:
        """What the files define, file by file; at most so many."""
        return tuple((place.path, place.symbol) for place in self._store.every(most))

    def definition(self, path: RelPath, name: str) -> Place | None:
        """What ``name`` most likely means in ``path``: in the file itself, in one that it imports, beside
        it, in this order; elsewhere only where ``path`` imports the name itself. Of several equally near
        ones outside of the file it might be any, so there is none."""
        imports, folder = self._store.imports_of(path), PurePosixPath(path).parent
        found = [
            (_distance(place.path, path, folder, imports), place)
            for place in self._store.definitions(name)
        ]
        nearest = min((distance for distance, _ in found), default=_FAR)
        places = [place for distance, place in found if distance == nearest]
        # Where one file has a name twice, as one for each system, the first is as good as the other.
        is_clear = len({place.path for place in places}) == 1
        return places[0] if is_clear and (nearest < _FAR or name in imports) else None

    def callees(self, path: RelPath, function: str) -> tuple[Neighbour, ...]:
        """What a function calls that the repository defines, as signatures, in the order of the calls."""
        found: dict[tuple[RelPath, int], Neighbour] = {}
        for name in self._store.called_by(path, function):
            place = self.definition(path, name)
            if place is None or (place.path == path and _is_within(place.symbol.dotted, function)):
                continue
            made = self._constructor(place) if place.symbol.kind == "class" else place
            found.setdefault((place.path, place.symbol.first), _signature(place, made))
        return tuple(found.values())

    def _constructor(self, place: Place) -> Place:
        """What a call of a class calls; the class itself where it says nothing of that."""
        wanted = {f"{place.symbol.dotted}.{name}" for name in _CONSTRUCTORS}
        own = (s for s in self._store.symbols_in(place.path) if s.dotted in wanted)
        return Place(place.path, next(own, place.symbol))

    def callers(self, path: RelPath, function: str, most: int = 3) -> tuple[Neighbour, ...]:
        """Lines that call a function, of files that are near first, one for each caller."""
        name, folder = function.rpartition(".")[2], PurePosixPath(path).parent
        own = PurePosixPath(path).stem
        found: dict[tuple[RelPath, str], tuple[int, Neighbour]] = {}
        for place, line in self._store.callers_of(name):
            if place.path == path and _is_within(place.symbol.dotted, function):
                continue
            imports = self._store.imports_of(place.path)
            near = place.path == path or bool({own, name} & imports)
            distance = _distance(place.path, path, folder, frozenset())
            if not near and distance == _FAR:
                continue
            key = (place.path, place.symbol.dotted)
            if key not in found:
                text = self._line(place.path, line)
                found[key] = (distance, Neighbour(place.path, line, place.symbol.dotted, text))
        ranked = sorted(found.values(), key=lambda entry: entry[0])
        return tuple(neighbour for _, neighbour in ranked[:most])

    def similar(
        self, code: str, most: int = 3, leave_out: Callable[[RelPath, Symbol], bool] = lambda p, s: False
    ) -> tuple[Neighbour, ...]:
        """Functions that are most like ``code`` in their words, whole."""
        found: list[Neighbour] = []
        for place in self._store.similar(code, 4 * most + 4):
            symbol = place.symbol
            if len(found) < most and not leave_out(place.path, symbol):
                text = self._lines(place.path, symbol.first, symbol.last)
                found.append(Neighbour(place.path, symbol.first, symbol.dotted, text))
        return tuple(found)

    def class_of(self, path: RelPath, function: str) -> Neighbour | None:
        """The head of the class that a method belongs to, up to its first method, and its constructor;
        ``None`` for what is no method, or is the constructor itself."""
        owner = function.rpartition(".")[0]
        symbols = self._store.symbols_in(path)
        found = next((s for s in symbols if s.dotted == owner and s.kind == "class"), None)
        if found is None or function.rpartition(".")[2] in _CONSTRUCTORS:
            return None
        members = [s for s in symbols if found.first < s.first <= found.last]
        before = min((s.first for s in members), default=found.last + 1)
        head = self._lines(path, found.first, before - 1).split("\n")
        while len(head) > 1 and (not head[-1].strip() or head[-1].lstrip()[0] in "@#/"):
            head.pop()
        made = [s for s in members if s.dotted == f"{owner}.{s.name}" and s.name in _CONSTRUCTORS]
        opening = "\n".join(head)
        parts = [opening if len(opening) <= _LONGEST_HEAD else head[0]]
        parts += [self._lines(path, s.first, s.last) for s in made]
        text = "\n\n".join(part for part in parts if len(part) <= _LONGEST_HEAD)
        return Neighbour(path, found.first, owner, text) if text else None

    def full_name(self, path: RelPath, function: str) -> str:
        """The dotted name that the index has for a function of a file: in some languages others know no
        more than the last part of it. As it is given where that is clear, or nothing is known."""
        names = [symbol.dotted for symbol in self._store.symbols_in(path)]
        ending = [name for name in names if name.endswith(f".{function}")]
        return ending[0] if function not in names and len(ending) == 1 else function

    def function(self, path: RelPath, dotted: str) -> str:
        """The code of a function; empty where the index does not know it."""
        for symbol in self._store.symbols_in(path):
            if symbol.dotted == dotted:
                return self._lines(path, symbol.first, symbol.last)
        return ""

    def _line(self, path: RelPath, line: int) -> str:
        return self._lines(path, line, line).strip()

    def _lines(self, path: RelPath, first: int, last: int) -> str:
        try:
            text = (self._root / path).read_text("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.split("\n")[first - 1 : last])


def _closeness(path: RelPath, near: Collection[RelPath], folders: Collection[str]) -> tuple[int, str]:
    folder = str(PurePosixPath(path).parent)
    return 0 if path in near else 1 if folder in folders else 2 + path.count("/"), path


def _distance(path: RelPath, origin: RelPath, folder: PurePosixPath, imports: Collection[str]) -> int:
    there = PurePosixPath(path)
    if path == origin:
        return 0
    if there.stem in imports or (there.stem == "__init__" and there.parent.name in imports):
        return 1
    return 2 if there.parent == folder else _FAR


def _is_text(path: RelPath) -> bool:
    """Whether a name can be kept: some are bytes of another encoding, which we hold as surrogates."""
    return not any("\ud800" <= sign <= "\udfff" for sign in path)


def _is_within(dotted: str, function: str) -> bool:
    return dotted == function or dotted.startswith(f"{function}.")


def _signature(place: Place, made: Place) -> Neighbour:
    symbol, called = place.symbol, made.symbol
    how = symbol.signature if called == symbol else f"{symbol.signature}: {called.signature}"
    said = f"  # {symbol.doc}" if symbol.doc else ""
    return Neighbour(place.path, symbol.first, symbol.dotted, f"{how}{said}")
