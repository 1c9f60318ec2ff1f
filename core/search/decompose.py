"""Proposer: writes a function that is missing, or has no body yet, from its tests.

Source: J. Chen et al., "Divide-and-conquer meets consensus: unleashing the power of functions in code
generation" (FunCoder), NeurIPS 2024, section 2.1: the model writes the function and may leave sub-goals
to functions of its own, named and described but not written; each of these is then asked for by itself.
The first answers are asked for whole: a small model often gets there at once. Where FunCoder lets samples
vote, the tests decide.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.context.prompt import fence, render
from core.edits.answer import CodeBlock, parse_answer
from core.edits.functions import function_names, function_source, replace_function
from core.models.base import ChatRequest
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.conversation import CLOSING_FENCE
from core.search.focus import Focus, focuses, opening
from core.search.splice import parse_quietly
from core.search.stubs import is_stub
from core.types import RelPath, TokenUsage

ANSWER_TOKENS: Final = 480
HELPER_TOKENS: Final = 240
MOST_HELPERS: Final = 4
_MISSING: Final = (
    re.compile(r"cannot import name '(\w+)' from '([\w.]+)'"),
    re.compile(r"module '([\w.]+)' has no attribute '(\w+)'"),
)
_NO_METHOD: Final = re.compile(r"(?:'|type object ')(\w+)'(?: object)? has no attribute '([a-z]\w*)'")


@dataclass(frozen=True, slots=True)
class Unwritten:
    """``function`` of ``path`` is to be written; it is not there at all where ``is_missing``."""

    path: RelPath
    function: str
    is_missing: bool = False


class DecomposeProposer:
    """``rounds`` per function: whole and greedy, by sub-goals, then samples, one in four by sub-goals."""

    name = "decompose"
    needs_model = True

    def __init__(self, rounds: int = 24, temperature: float = 0.8) -> None:
        self._rounds = rounds
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; nothing where every function is written."""
        if ask is None or not task.language.is_python:
            return
        places = list(dict.fromkeys(unwritten(task)))
        try:
            for turn in range(self._rounds):
                for place in places:
                    if draft := await self._write(task, place, ask, turn):
                        yield draft
        except BudgetExhausted:
            return

    async def _write(self, task: FixTask, place: Unwritten, ask: AskModel, turn: int) -> Draft | None:
        by_goals = turn % 4 == 1
        code, spent = await self._ask(
            task, place, place.function, "divide" if by_goals else "write", "", ask, turn, ANSWER_TOKENS
        )
        for helper in list(_stubs(code, place.function))[:MOST_HELPERS]:
            written, usage = await self._ask(
                task, place, helper, "conquer", code, ask, turn, HELPER_TOKENS
            )
            spent += usage
            filled = replace_function(code, helper, written) if written else code
            code = filled if isinstance(filled, str) else code
        text = put(task.sources[place.path], place, code)
        if text is None:
            return None
        title = f"{PurePosixPath(place.path).name} write {place.function}"
        return Draft(f"{title} by sub-goals" if by_goals else title, {place.path: text}, spent)

    async def _ask(
        self,
        task: FixTask,
        place: Unwritten,
        name: str,
        prompt: str,
        code: str,
        ask: AskModel,
        turn: int,
        limit: int,
    ) -> tuple[str, TokenUsage]:
        """The code of the answer, empty where it does not hold the function ``name``."""
        kind = task.language.kind
        question = render(prompt, function=name, kind=kind, code=fence(code, kind))
        focus = Focus(place.path, "" if place.is_missing else place.function)
        messages = opening(task, focus, task.sources, task.failures, question)
        # The first round of each kind is greedy.
        temperature = self._temperature if turn > 1 else 0.0
        seed = turn if temperature else None
        answer, usage = await ask(
            self.name, ChatRequest(messages, limit, temperature, (CLOSING_FENCE,), seed)
        )
        codes = [block.code for block in parse_answer(answer) if isinstance(block, CodeBlock)]
        bare = name.rpartition(".")[2]
        fitting = [c for c in codes if bare in [n.rpartition(".")[2] for n in function_names(c)]]
        return (fitting[-1] if fitting else ""), usage


def unwritten(task: FixTask) -> Iterator[Unwritten]:
    """Suspect functions without a body, then names of suspect files that a failure finds missing."""
    for focus in focuses(task):
        if focus.function and is_stub(function_source(task.sources[focus.path], focus.function)):
            yield Unwritten(focus.path, focus.function)
    for failure in task.failures:
        for pattern, order in zip(_MISSING, (1, -1), strict=True):
            for found in pattern.finditer(f"{failure.message}\n{failure.traceback}"):
                name, module = found.groups()[::order]
                path = _file_of(module, task)
                if path is not None and name.islower() and not name.startswith("__"):
                    yield Unwritten(path, name, is_missing=True)
        for found in _NO_METHOD.finditer(f"{failure.message}\n{failure.traceback}"):
            owner, name = found.groups()
            for path, source in task.sources.items():
                if _class_end(source, owner) and not function_source(source, f"{owner}.{name}"):
                    yield Unwritten(path, f"{owner}.{name}", is_missing=True)


def _file_of(module: str, task: FixTask) -> RelPath | None:
    parts = module.split(".")
    ending = "/".join(parts)
    for path in task.sources:
        if f"/{path}".endswith((f"/{ending}.py", f"/{ending}/__init__.py")):
            return path
    return None


def _class_end(source: str, name: str) -> int:
    """The last line of a top-level class; 0 where there is none of that name."""
    try:
        body = parse_quietly(source).body
    except SyntaxError:
        return 0
    ends = [node.end_lineno or 0 for node in body if isinstance(node, ast.ClassDef) and node.name == name]
    return ends[-1] if ends else 0


def _with_method(source: str, function: str, code: str) -> str | None:
    """The file with a method at the end of its class; ``None`` where the answer does not have it."""
    owner, _, bare = function.partition(".")
    method, end = function_source(code, bare), _class_end(source, owner)
    if not method or not end:
        return None
    lines = source.split("\n")
    added = textwrap.indent(method.rstrip(), "    ").split("\n")
    return "\n".join([*lines[:end], "", *added, *lines[end:]])


def _stubs(code: str, function: str) -> Iterator[str]:
    """The helpers that an answer has left unwritten."""
    bare = function.rpartition(".")[2]
    for name in function_names(code):
        if "." not in name and name != bare and is_stub(function_source(code, name)):
            yield name


def put(source: str, place: Unwritten, code: str) -> str | None:
    """The file with the function, and what it needs, in it; ``None`` where there is nothing to put."""
    if not code or is_stub(function_source(code, place.function.rpartition(".")[2])):
        return None
    if place.is_missing and "." in place.function:
        return _with_method(source, place.function, code)
    if place.is_missing:
        return f"{source.rstrip()}\n\n\n{code.strip()}\n"
    replaced = replace_function(source, place.function, code)
    if not isinstance(replaced, str):
        return None
    bare = place.function.rpartition(".")[2]
    known = {name.rpartition(".")[2] for name in function_names(source)} | {bare}
    helpers = [name for name in function_names(code) if "." not in name and name not in known]
    texts = [function_source(code, name).rstrip() for name in helpers]
    return "\n\n\n".join([replaced.rstrip(), *texts]) + "\n"
