"""The texts that proposers may read: the private copy's files, and what a candidate makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.repo.copy import PrivateCopy
from core.repo.text import TextFile
from core.types import RelPath

MOST_SOURCE_BYTES = 400_000
"""A larger file is not shown to proposers: parsing and mutating it would cost the whole budget."""


class Sources(Mapping[RelPath, str]):
    """The copy's files of a language, decoded when asked for; too large or binary ones are not there."""

    def __init__(self, copy: PrivateCopy, extensions: tuple[str, ...]) -> None:
        """``extensions`` with their dots."""
        self._copy = copy
        self._extensions = extensions
        self._paths = tuple(path for path in copy.files() if path.endswith(extensions))
        self._texts: dict[RelPath, str | None] = {}

    def __getitem__(self, path: RelPath) -> str:
        if path not in self._texts:
            self._texts[path] = self._read(path)
        text = self._texts[path]
        if text is None:
            raise KeyError(path)
        return text

    def __iter__(self) -> Iterator[RelPath]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def _read(self, path: RelPath) -> str | None:
        data = self._copy.find(path) if path.endswith(self._extensions) else None
        if data is None or len(data) > MOST_SOURCE_BYTES:
            return None
        file = TextFile.from_bytes(data)
        return None if file is None else file.text


class Edited(Mapping[RelPath, str]):
    """Texts with some of them as a candidate has them."""

    def __init__(self, texts: Mapping[RelPath, str], edits: Mapping[RelPath, str]) -> None:
        self._texts = texts
        self._edits = edits

    def __getitem__(self, path: RelPath) -> str:
        return self._edits[path] if path in self._edits else self._texts[path]

    def __iter__(self) -> Iterator[RelPath]:
        return iter(dict.fromkeys((*self._texts, *self._edits)))

    def __len__(self) -> int:
        return len(dict.fromkeys((*self._texts, *self._edits)))
