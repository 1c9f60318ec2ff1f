"""Where an example is answered already: tests, docstrings, documents, the ledger. Pure.

Nothing that is written down somewhere is asked: the look comes first, and what it finds is held to
like an answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.clarify.answers import expected_value
from core.localise.expectations import documented, expectations
from core.search.select.asked import Held, arguments_of, name_of
from core.search.select.seeds import located
from core.types import Example, RelPath

_SAYS: Final = re.compile(
    r"""^[`'"\s]*(?:==|=>|->|→|=|is|are|gives?|returns?|yields?|becomes|results\ in|raises?|
    (?:should|must|has\ to)\s+(?:be|give|return|raise))\s+(?P<rest>\S.*)""",
    re.VERBOSE,
)
_MOST_TEXT: Final = 200_000
"""Characters of a document that are read."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an example has to give, and where that is said."""

    value: str
    where: str


class LookUp:
    """For one function. ``tests`` and ``documents`` are texts by their paths."""

    def __init__(
        self,
        path: RelPath,
        name: str,
        source: str,
        tests: Mapping[RelPath, str],
        documents: Mapping[RelPath, str],
        ledger: Mapping[str, str],
    ) -> None:
        """``ledger`` has its lines and who wrote them, such as *your answer*."""
        self._path = path
        self._name = name
        self._known: dict[str, Found] = {}
        self._held: dict[str, Found] = {}
        node = located(source, name)
        docstring = ast.get_docstring(node) or "" if node is not None else ""
        self.places = _places(name, docstring, tests, documents, ledger)
        """What was read, for the user."""
        for line, who in ledger.items():
            self._learn(said(name, line), who)
        for where, text in tests.items():
            if name in text:
                self._learn(((e.call, repr(e.value)) for e in expectations(text)), where, hold=False)
        own = documented(source, "m").items()
        self._learn(((call, repr(value)) for call, value in own), f"the docstring of {name}")
        self._learn(said(name, docstring), f"the docstring of {name}")
        for where, text in documents.items():
            self._learn(said(name, text[:_MOST_TEXT]), where)

    def __call__(self, call: str) -> Found | None:
        """What is said of a call of the function; the ledger's word counts most, a document's least."""
        return self._known.get(_key(call))

    def held(self) -> tuple[Held, ...]:
        """What is said of calls of the function beside the tests, which every fix passes."""
        return tuple(
            Held(Example(call, self._path), found.value, f"{found.where} says")
            for call, found in self._held.items()
        )

    def _learn(self, pairs: Iterator[tuple[str, str]], where: str, *, hold: bool = True) -> None:
        for call, value in pairs:
            key = _key(call) if name_of(call) == self._name else ""
            if key and key not in self._known:
                self._known[key] = Found(value, where)
                if hold:
                    self._held[call] = self._known[key]


def said(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Calls of a function in prose that are followed by a value: ``f([])`` *returns* ``0``."""
    for start in re.finditer(rf"\b{re.escape(name)}\(", text):
        call = _call_at(text, start.start(), start.end() - 1)
        if not call:
            continue
        line = text[start.start() + len(call) :].split("\n", 1)[0]
        found = _SAYS.match(line)
        if found is None:
            continue
        raising = re.match(r"^[`'\"\s]*(?:(?:should|must|has to)\s+)?raises?\b", line)
        value = _leading_value(found["rest"], raises=raising is not None)
        if value:
            yield call, value


def _leading_value(text: str, *, raises: bool) -> str:
    """The value that a text begins with, the longest that can be read."""
    if raises:
        name = re.match(r"(?:an?\s+)?`*([A-Za-z_][\w.]*)", text)
        return f"raises {name[1].rstrip('.').rpartition('.')[2]}" if name else ""
    text = text.strip().lstrip("`")
    ends = [match.start() for match in re.finditer(r"[\s`.,;:!?)\]}]|$", text)]
    for end in sorted({*ends, *(end + 1 for end in ends)}, reverse=True):
        piece = text[:end].strip().rstrip("`,")
        value = expected_value(piece)
        bare_tuple = value.startswith("(") and not piece.startswith("(")  # values side by side
        if value and not bare_tuple and not value.startswith("raises "):
            return value
    return ""


def _call_at(text: str, start: int, opening: int) -> str:
    """The call that begins there, up to its closing bracket; empty where it has no literal arguments."""
    end = opening
    for _ in range(20):
        end = text.find(")", end + 1)
        if end < 0:
            return ""
        call = text[start : end + 1]
        if arguments_of(call) is not None:
            return call
    return ""


def _key(call: str) -> str:
    arguments = arguments_of(call)
    return "" if arguments is None else repr(arguments)


def _places(
    name: str,
    docstring: str,
    tests: Mapping[RelPath, str],
    documents: Mapping[RelPath, str],
    ledger: Mapping[str, str],
) -> tuple[str, ...]:
    naming = [path for path, text in tests.items() if name in text]
    found = [f"the tests that name {name} ({', '.join(naming[:3])})"] if naming else []
    found.append(f"the docstring of {name}" if docstring else f"{name} has no docstring")
    if documents:
        found.append(", ".join(documents))
    if ledger:
        found.append("the ledger")
    return tuple(found)
