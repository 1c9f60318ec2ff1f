"""What a model is asked about: one suspect function at a time, with just enough around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.context.digest import digest_failures
from core.context.prompt import (
    CHARACTERS_PER_TOKEN,
    Section,
    assemble,
    estimate_tokens,
    fence,
    named,
    render,
)
from core.context.refused import refused_section
from core.context.requirements import requirements_section
from core.context.versions import imported_versions
from core.edits.blocks import block_from, block_source, find_blocks
from core.edits.functions import function_source
from core.models.base import Message
from core.search.base import FixTask
from core.search.splice import parse_quietly
from core.testing.languages import PYTEST, Language
from core.types import RelPath, TestResult

WHOLE_FILE_TOKENS: Final = 450
"""A file up to this size is shown whole: what is written around a function often says what it is for."""


_MARK: Final = "`"
FACTS_SHARE: Final = 0.2
"""Of a prompt, for signatures and calls elsewhere."""
_WORTH_TEST, _WORTH_OWNER, _WORTH_CALLEES, _WORTH_VERSIONS, _WORTH_CALLERS = 5, 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class Focus:
    """A function under suspicion; ``function`` is dotted, or empty for a whole small file."""

    path: RelPath
    function: str

    @property
    def subject(self) -> str:
        """What to call it in a question: ``function `gcd```, ``file `gcd.py```."""
        return (
            f"function `{self.function}`" if self.function else f"file `{named(self.path).strip(_MARK)}`"
        )


def focuses(task: FixTask, limit: int = 3) -> tuple[Focus, ...]:
    """The outermost functions (or methods) around the suspects, the sum of whose suspicion over their
    most suspicious lines is highest first. A suspect outside of every function, or in a file that does
    not parse, stands for its whole file where that is small enough to be written anew."""
    weights: dict[Focus, list[float]] = {}
    for suspect in task.suspects:
        source = task.sources.get(suspect.path)
        if source is None:
            continue
        function = _whole_function(source, suspect.function, task.language) if suspect.function else ""
        if function or estimate_tokens(source) <= WHOLE_FILE_TOKENS:
            weights.setdefault(Focus(suspect.path, function), []).append(suspect.score)
    ranked = sorted(weights, key=lambda focus: -sum(sorted(weights[focus], reverse=True)[:3]))
    return tuple(ranked[:limit])


def opening(
    task: FixTask,
    focus: Focus,
    sources: Mapping[RelPath, str],
    failures: Sequence[TestResult],
    request: str,
) -> tuple[Message, ...]:
    """System message and first question: what changes least first, then the failure, then what is wanted.

    A server's prefix cache serves a prompt as far as it begins like the one before, so another question
    on the same function, or the same one after another failure, costs little.
    """
    language = task.language
    source = fence(_surroundings(sources, focus, language), language.kind)
    sections = [
        requirements_section(task.requirements, task.profile.prompt_tokens),
        refused_section(task.refused, task.profile.prompt_tokens),
        Section(_versions(task, focus, sources), required=False, worth=_WORTH_VERSIONS),
        Section(render("source", path=named(focus.path), source=source)),
        *_neighbours(task, focus, sources),
        *(Section(text, required=False) for text in _nearby(task, focus, sources)),
        Section(_test_text(task, failures), required=False, worth=_WORTH_TEST),
        *([Section(render("failure", digest=fence(digest_failures(failures))))] if failures else ()),
    ]
    body = assemble(sections, task.profile.prompt_tokens)
    return Message("system", render("system", language=language.spoken)), Message(
        "user", f"{body}\n\n{request}"
    )


def answer_tokens(sources: Mapping[RelPath, str], focus: Focus, language: Language = PYTEST) -> int:
    """A ceiling for an answer that holds the function once, somewhat longer than it is."""
    size = focus_size(sources, focus, language) / CHARACTERS_PER_TOKEN
    return max(160, min(1024, int(size * 3 / 2) + 80))


def focus_size(sources: Mapping[RelPath, str], focus: Focus, language: Language = PYTEST) -> int:
    """Characters of the code that a focus means."""
    source = sources[focus.path]
    return len(_code(source, focus.function, language) if focus.function else source)


def _code(source: str, function: str, language: Language) -> str:
    """The text of a function; empty where it is not there."""
    if language.is_python:
        return function_source(source, function)
    named = [block for block in find_blocks(source, language.functions) if block.name == function]
    return block_source(source, named[0]) if named else ""


def _surroundings(sources: Mapping[RelPath, str], focus: Focus, language: Language) -> str:
    text = sources[focus.path]
    if estimate_tokens(text) <= WHOLE_FILE_TOKENS:
        return text
    if not language.is_python:
        return _code(text, focus.function, language)
    imports = [line for line in text.split("\n") if line.startswith(("import ", "from "))]
    owner = focus.function.rpartition(".")[0]
    code = function_source(text, focus.function)
    header = f"# in class {owner}\n" if owner else ""
    return "\n".join(imports[:12]) + "\n\n" + header + code if imports else header + code


def _nearby(task: FixTask, focus: Focus, sources: Mapping[RelPath, str]) -> Iterator[str]:
    """Other functions, where the file is not shown whole."""
    if estimate_tokens(sources[focus.path]) <= WHOLE_FILE_TOKENS:
        return
    own = _code(sources[focus.path], focus.function, task.language)
    for code in task.nearby.get(focus.path, ()):
        if code != own:
            yield render("nearby", code=fence(code, task.language.kind))


def _versions(task: FixTask, focus: Focus, sources: Mapping[RelPath, str]) -> str:
    found = imported_versions(task.versions, sources[focus.path]) if task.language.is_python else ()
    return render("versions", versions=", ".join(found)) if found else ""


def _neighbours(task: FixTask, focus: Focus, sources: Mapping[RelPath, str]) -> Iterator[Section]:
    """What the symbol index says, but for what stands in the prompt anyway; at most a share of it."""
    facts = task.facts.get((focus.path, focus.function))
    if facts is None:
        return
    is_whole = estimate_tokens(sources[focus.path]) <= WHOLE_FILE_TOKENS
    room = int(task.profile.prompt_tokens * FACTS_SHARE * CHARACTERS_PER_TOKEN)
    if facts.owner is not None and not is_whole and len(facts.owner.text) <= room:
        code = fence(facts.owner.text, task.language.kind)
        yield Section(render("owner", code=code), required=False, worth=_WORTH_OWNER)
        room -= len(facts.owner.text)
    for name, found, worth in (
        ("callees", facts.callees, _WORTH_CALLEES),
        ("callers", facts.callers, _WORTH_CALLERS),
    ):
        lines: list[str] = []
        for one in found:
            where = f", {one.name}" if name == "callers" else ""
            line = f"{_comment(task.language)} {one.path}:{one.line}{where}\n{one.text}"
            if not (is_whole and one.path == focus.path) and len(line) <= room:
                lines.append(line)
                room -= len(line)
        if lines:
            code = fence("\n".join(lines), task.language.kind)
            yield Section(render(name, code=code), required=False, worth=worth)


def _comment(language: Language) -> str:
    return "#" if language.is_python else "//"


def _test_text(task: FixTask, failures: Sequence[TestResult]) -> str:
    for failure in failures:
        path, _, name = failure.node_id.partition("::")
        source = task.tests.get(path)
        if source and (code := _test_code(source, name, task.language)):
            return render("test", test=fence(code, task.language.kind))
    return ""


def _test_code(source: str, name: str, language: Language) -> str:
    """The text of a test by the part of its id behind the file."""
    if language.is_python:
        dotted = name.split("[")[0].replace("::", ".")
        return function_source(source, dotted) if dotted else ""
    for part in (name.split("/")[0], name.split("::")[-1]):
        if code := _code(source, part, language):
            return code
        for number, line in enumerate(source.split("\n"), 1):
            if part and any(f"{mark}{part}{mark}" in line for mark in "\"'`"):
                return block_source(source, block_from(source, number))
    return ""


def _whole_function(source: str, dotted: str, language: Language) -> str:
    """Cut ``outer.inner`` back to ``outer`` where outer is a function; empty for a class."""
    if not language.is_python:
        names = [block.name for block in find_blocks(source, language.functions)]
        return dotted if names.count(dotted) == 1 else ""
    parts = dotted.split(".")
    scope: ast.AST | None = _tree(source)
    if scope is None:
        return ""
    for depth, part in enumerate(parts, 1):
        found = next((n for n in _definitions(scope) if n.name == part), None)
        if found is None:
            return ""
        if not isinstance(found, ast.ClassDef):
            return ".".join(parts[:depth])
        scope = found
    return ""


@lru_cache(maxsize=8)
def _tree(source: str) -> ast.Module | None:
    """To be looked at only. Every suspect of a file asks for it, and a large one takes long to parse."""
    try:
        return parse_quietly(source)
    except SyntaxError:
        return None


def _definitions(scope: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node
        elif isinstance(node, (ast.stmt, ast.ExceptHandler)):
            yield from _definitions(node)


def code_of(sources: Mapping[RelPath, str], focus: Focus, language: Language) -> str:
    """The text of a focus as an answer has it."""
    source = sources[focus.path]
    return _code(source, focus.function, language) if focus.function else source
