"""Source code as words, for looking up what is alike. Pure."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*|\d{2,}")
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words_of(code: str, most: int = 400) -> list[str]:
    """Lower-case parts of the names in ``code`` (``parseHTTPHeader`` and ``parse_http_header`` alike give
    ``parse http header``), in order, at most about ``most``; single letters are left out."""
    found: list[str] = []
    for word in _WORD.finditer(code):
        found += [part.lower() for part in _PART.findall(word[0]) if len(part) > 1]
        if len(found) >= most:
            break
    return found
