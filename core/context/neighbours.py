"""Code elsewhere in a repository that has to do with a function, as values. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

from core.types import RelPath


@dataclass(frozen=True, slots=True)
class Neighbour:
    """``line`` is where the code begins, or where the call is."""

    path: RelPath
    line: int
    name: str
    """Dotted."""
    text: str
    """A signature with what is said of it, the line of a call, or the whole code."""


@dataclass(frozen=True, slots=True)
class FocusFacts:
    """What was found around one function; each may be empty."""

    callees: tuple[Neighbour, ...] = ()
    """Signatures, with the first line of what is said of them."""
    callers: tuple[Neighbour, ...] = ()
    """Lines of code that call it, outside of tests."""
    owner: Neighbour | None = None
    """Of a method: how its class begins and how it is made, which says what ``self`` has."""
    similar: tuple[Neighbour, ...] = ()
    """Whole functions, the most alike first; neither itself nor a test."""
