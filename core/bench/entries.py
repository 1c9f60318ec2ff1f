"""Fields of what a set says of a task, checked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.bench.values import Lines


class BadEntry(Exception):
    """An entry of a set is not as its format has it; says what is wrong, without a full stop."""


def word(entry: Mapping[str, Any], key: str, *, needed: bool = False) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or (needed and not value):
        raise BadEntry(f"{key!r} is no text" if value else f"{key!r} is missing")
    return value


def words(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadEntry(f"{key!r} is no list of texts")
    return tuple(value)


def texts(entry: Mapping[str, Any], key: str) -> dict[str, str]:
    value = entry.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadEntry(f"{key!r} does not map paths to texts")
    return value


def lines_of(entry: Mapping[str, Any], key: str) -> Lines:
    value = entry.get(key, {})
    if not isinstance(value, dict) or not all(
        isinstance(lines, list) and all(type(line) is int and line > 0 for line in lines)
        for lines in value.values()
    ):
        raise BadEntry(f"{key!r} does not map paths to lists of line numbers")
    return {path: tuple(lines) for path, lines in value.items()}
