"""Finds lexers on threads of their own: importing Pygments and compiling a language takes too long
for the GUI thread. The threads touch nothing of Qt and end by themselves."""

from __future__ import annotations

import threading
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer  # type: ignore[import-untyped]


class LexerFinder:
    """Lexers by the name of a file, each sought once."""

    def __init__(self) -> None:
        self._found: dict[str, Lexer] = {}
        self._sought: set[str] = set()

    def find(self, path: str) -> Lexer | None:
        """The lexer for ``path``; ``None`` while it is being sought. Returns at once."""
        name = PurePosixPath(path).name
        suffix = PurePosixPath(path).suffix
        # Some names say more than their suffix, such as CMakeLists.txt.
        kind = suffix if suffix not in ("", ".txt") else name
        if kind not in self._sought:
            self._sought.add(kind)
            threading.Thread(target=self._seek, args=(kind, name), name="lexer", daemon=True).start()
        return self._found.get(kind)

    def _seek(self, kind: str, name: str) -> None:
        from pygments.lexers import get_lexer_for_filename  # type: ignore[import-untyped]
        from pygments.lexers.special import TextLexer  # type: ignore[import-untyped]
        from pygments.util import ClassNotFound  # type: ignore[import-untyped]

        try:
            lexer = get_lexer_for_filename(name, stripnl=False, ensurenl=False)
        except ClassNotFound:
            lexer = TextLexer(stripnl=False, ensurenl=False)
        for _ in lexer.get_tokens("x"):  # compiles what the language needs at first use
            pass
        self._found[kind] = lexer
