"""What the model is shown for a question: mentions whole, a failure, code that is alike, under a budget.

Blocking, for it reads files. What was pointed at is required and is shortened last; what was looked up
unasked makes way first. All of it stands in fences that nothing inside can close: it is data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.chat.frames import frames_in, places_in
from core.chat.names import meant_tests, mentions_in
from core.chat.shelf import Shelf
from core.context.prompt import Section, assemble, fence, render, shorten
from core.types import Attachment, NodeId, Reference, TestResult

_AROUND: Final = 12
"""Lines on either side of a line that a traceback names."""
_MOST_FRAMES: Final = 6
_MOST_FILES: Final = 60
_MOST_ALIKE: Final = 3
_MOST_SYMBOLS: Final = 4
_FAILURE_WORDS: Final = re.compile(r"\b(?:tests?|fail\w*|error|broken|red|wrong|bug|crash\w*)\b", re.I)
_WORTH_FILES, _WORTH_ALIKE, _WORTH_FAILURE, _WORTH_NAMED, _WORTH_FRAME, _WORTH_ASKED = range(1, 7)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``failing`` are the newest results of failing tests, ``tests`` all tests known."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    failing: tuple[TestResult, ...] = ()
    tests: tuple[NodeId, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """``text`` is fenced data; ``looked_at`` says of which places."""

    text: str
    looked_at: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    places: tuple[Reference, ...] = ()
    required: bool = False
    worth: int = 0


def gather(shelf: Shelf, question: Question, tokens: int) -> Context:
    """At most about ``tokens`` tokens of what bears on ``question``."""
    first: dict[str, _Part] = {}
    for part in _parts(shelf, question, tokens):
        if part.text.strip():
            first.setdefault(part.text, part)  # what was pointed at comes before what was looked up
    distinct = list(first.values())
    text = assemble([Section(part.text, part.required, part.worth) for part in distinct], tokens)
    kept = [p for p in distinct if p.required or p.text.strip() in text]
    places = dict.fromkeys(place for part in kept for place in part.places)
    return Context(text, tuple(places))


def _parts(shelf: Shelf, question: Question, tokens: int) -> Iterator[_Part]:
    mentions = mentions_in(question.text)
    named = "\n".join(shelf.paths[:_MOST_FILES])
    more = len(shelf.paths) - _MOST_FILES
    listing = named + (f"\n({more} more)" if more > 0 else "")
    yield _Part(render("chat_files", files=fence(listing)), worth=_WORTH_FILES)
    for mention in mentions:
        yield from _mentioned(shelf, question, mention)
    for attachment in question.attachments:
        # The end of a log says what went wrong, so both ends are kept.
        text = fence(shorten(attachment.text, max(tokens // 2, 60)))
        yield _Part(render("chat_attached", title=attachment.title, text=text), required=True)
        for frame in frames_in(attachment.text, shelf.files)[-_MOST_FRAMES:]:
            yield _around(shelf, frame, _WORTH_FRAME)
    meant = {test for mention in mentions for test in meant_tests(mention, question.tests)}
    yield from _failures(shelf, question, meant)
    yield from _looked_up(shelf, question.text, set(mentions))


def _mentioned(shelf: Shelf, question: Question, mention: str) -> Iterator[_Part]:
    """A file or a symbol, whole; of a test its code."""
    path = shelf.files.find(mention)
    if path is not None:
        yield _code(path, shelf.read(path), required=True)
        return
    dotted = mention.partition("[")[0].replace("::", ".") if "::" in mention else mention
    head, _, rest = mention.partition("::")
    symbols = shelf.symbols_called(mention)
    if not symbols and "::" in mention:
        name = rest.partition("[")[0].replace("::", ".")
        symbols = tuple(s for s in shelf.symbols_called(name) if s[0] == head)
    if not symbols and dotted in {t.rpartition("::")[2] for t in question.tests}:
        symbols = shelf.symbols_called(dotted)
    for place, symbol in symbols[:_MOST_SYMBOLS]:
        yield _code(place, shelf.code_of(place, symbol), symbol.first, required=True)


def _failures(shelf: Shelf, question: Question, meant: set[NodeId]) -> Iterator[_Part]:
    asked = bool(_FAILURE_WORDS.search(question.text))
    failing = [result for result in question.failing if result.node_id in meant] or (
        list(question.failing[:1]) if asked else []
    )
    for result in failing[:2]:
        said = shorten(result.traceback or result.message, 250)
        text = render("chat_failure", test=result.node_id, text=fence(said))
        worth = _WORTH_ASKED if result.node_id in meant else _WORTH_FAILURE
        yield _Part(text, worth=worth)
        for frame in result.frames[-2:]:
            yield _around(shelf, Reference(frame.path, frame.line), worth)


def _looked_up(shelf: Shelf, text: str, mentioned: set[str]) -> Iterator[_Part]:
    """What the words of the question name, and functions whose words are like them."""
    for place in places_in(text, shelf.files):
        if place.path not in mentioned:
            yield _around(shelf, place, _WORTH_NAMED)
    names = re.findall(r"[A-Za-z_][\w.]*[\w]", text)
    code_like = [n for n in dict.fromkeys(names) if "_" in n or "." in n or re.search(r"[a-z][A-Z]", n)]
    code_like += re.findall(r"`([A-Za-z_][\w.]*)(?:\(\))?`", text)
    for name in dict.fromkeys(code_like):
        for path, symbol in shelf.symbols_called(name)[:1]:
            yield _code(path, shelf.code_of(path, symbol), symbol.first, worth=_WORTH_NAMED)
    for one in shelf.alike(text, _MOST_ALIKE):
        yield _code(one.path, one.text, one.line, worth=_WORTH_ALIKE)


def _around(shelf: Shelf, place: Reference, worth: int) -> _Part:
    lines = shelf.read(place.path).split("\n")
    if not place.line:
        return _code(place.path, "\n".join(lines[: 4 * _AROUND]), 1, worth=worth)
    first = max(1, place.line - _AROUND)
    text = "\n".join(lines[first - 1 : place.line + _AROUND])
    return _code(place.path, text, first, worth=worth)


def _code(path: str, text: str, first: int = 0, *, required: bool = False, worth: int = 0) -> _Part:
    if not text.strip():
        return _Part("")
    where = f"{path}, from line {first}" if first > 1 else path
    body = render("chat_code", where=where, code=fence(text))
    return _Part(body, (Reference(path, first if first > 1 else 0),), required, worth)


def history(pairs: Sequence[tuple[str, str]], tokens: int) -> tuple[tuple[str, str], ...]:
    """The last questions and answers that fit, each shortened to a share of ``tokens``."""
    kept: list[tuple[str, str]] = []
    for question, answer in reversed(pairs[-3:]):
        kept.insert(0, (shorten(question, tokens // 6), shorten(answer, tokens // 4)))
    return tuple(kept)
