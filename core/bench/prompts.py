"""Write code from a prompt: HumanEval's format (Chen et al. 2021) and MBPP's (Austin et al. 2021) as
tasks.

A task becomes a module whose one function is not written yet, beside the tests that its author gave with
the prompt. The rest of the tests is held out and judges, as both papers have it.
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from core.bench.entries import BadEntry, word, words
from core.bench.values import BenchTask
from core.parsing import literal, parse_expression
from core.search.splice import parse_quietly

MODULE: Final = "solution"
_VISIBLE: Final = "test_solution.py"
_HELD_OUT: Final = "test_held_out.py"
_NOT_WRITTEN: Final = 'raise NotImplementedError("to be written")'
_KIND: Final = "write a function"
_SAYS: Final = re.compile(r"\s*(?:==>|=>|->|➞|→|==|=|returns?|should return)\s*(.+?)\s*$")
"""How docstrings say what a call gives, where they do not use the interpreter's own form."""


def humaneval_task(entry: Mapping[str, Any]) -> BenchTask:
    """``task_id``, ``prompt``, ``entry_point`` and ``test``, which defines ``check(candidate)``.

    The examples of the docstring are visible; where it has none, the first assertion of ``check`` is.
    Raises BadEntry.
    """
    prompt, name = word(entry, "prompt", needed=True), word(entry, "entry_point", needed=True)
    test = word(entry, "test", needed=True)
    stub = _parsed(f"{prompt.rstrip()}\n    {_NOT_WRITTEN}\n", "prompt")
    function = _function(stub, name, "prompt")
    examples = list(_examples(ast.get_docstring(function) or "", name))
    if not examples:
        examples = list(_assertions(_parsed(test, "test"), name))[:1]
    if not examples:
        raise BadEntry("there is no example in the prompt and no assertion in the test")
    text = f"{prompt.rstrip()}\n    {_NOT_WRITTEN}\n"
    judge = f"{_imports(name)}\n\n{test.strip()}\n\n\ndef test_held_out():\n    check({name})\n"
    return _made(entry, text, name, examples, judge)


def mbpp_task(entry: Mapping[str, Any]) -> BenchTask:
    """``task_id``, ``text`` or ``prompt``, ``code`` (for the signature alone) and ``test_list``.

    The last test, and ``challenge_test_list``, are held out; a single test is visible. Raises BadEntry.
    """
    text = word(entry, "text") or word(entry, "prompt", needed=True)
    tests = words(entry, "test_list")
    if not tests:
        raise BadEntry("'test_list' is empty")
    code = _parsed(word(entry, "code", needed=True), "code")
    called = {
        n.id for test in tests for n in ast.walk(_parsed(test, "test_list")) if isinstance(n, ast.Name)
    }
    functions = [node for node in code.body if isinstance(node, ast.FunctionDef) and node.name in called]
    if not functions:
        raise BadEntry("no function of 'code' is called by the tests")
    function = functions[-1]
    function.decorator_list, function.returns = [], None
    signature = f"def {function.name}({ast.unparse(function.args)}):"
    shown = '"""' + text.strip().replace("\\", "\\\\").replace('"""', "'''") + '\n    """'
    stub = f"{signature}\n    {shown}\n    {_NOT_WRITTEN}\n"
    setup = "\n".join((word(entry, "test_setup_code"), *words(entry, "test_imports"))).strip()
    visible, held_out = (tests[:-1], tests[-1:]) if len(tests) > 1 else (tests, ())
    held_out = (*held_out, *words(entry, "challenge_test_list"))
    judge = _module(function.name, held_out, setup) if held_out else ""
    return _made(entry, stub, function.name, visible, judge, setup)


def _made(
    entry: Mapping[str, Any], stub: str, name: str, visible: Iterable[str], judge: str, setup: str = ""
) -> BenchTask:
    number = entry.get("task_id", "")
    if not isinstance(number, (str, int)) or not str(number):
        raise BadEntry("'task_id' is missing")
    _parsed(judge, "test")
    return BenchTask(
        id=f"MBPP/{number}" if isinstance(number, int) else number,
        kind=_KIND,
        files={f"{MODULE}.py": stub, _VISIBLE: _module(name, visible, setup)},
        held_out={_HELD_OUT: judge} if judge else {},
    )


def _imports(name: str) -> str:
    return f"from {MODULE} import *\nfrom {MODULE} import {name}\n"


def _module(name: str, assertions: Iterable[str], setup: str) -> str:
    """A test of its own for each assertion, so that progress shows."""
    parts = [_imports(name) + (f"\n{setup}\n" if setup else "")]
    for number, assertion in enumerate(assertions, 1):
        body = "\n    ".join(ast.unparse(node) for node in _parsed(assertion, "test").body)
        parts.append(f"def test_{number}():\n    {body}\n")
    return "\n\n".join(parts)


def _examples(docstring: str, name: str) -> Iterable[str]:
    """What a docstring shows of ``name``, as assertions."""
    try:
        found = doctest.DocTestParser().get_examples(docstring)
    except ValueError:
        found = []
    shown = [(example.source.strip(), example.want.strip()) for example in found]
    for line in docstring.splitlines() if not shown else ():
        at = line.find(f"{name}(")
        end = _call_end(line, at + len(name)) if at >= 0 else -1
        said = _SAYS.match(line[end:]) if end > 0 else None
        if said:
            shown.append((line[at:end], said[1].rstrip(".,;")))
    for source, want in shown:
        if f"{name}(" in source and _is_expression(source) and _is_literal(want):
            yield f"assert {source} == {want}"


def _call_end(line: str, start: int) -> int:
    """Behind the bracket that closes the one at ``start``, or -1."""
    depth = 0
    for place in range(start, len(line)):
        depth += (line[place] in "([{") - (line[place] in ")]}")
        if depth == 0:
            return place + 1
    return -1


def _is_expression(text: str) -> bool:
    try:
        parse_expression(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _is_literal(text: str) -> bool:
    try:
        literal(text)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _assertions(test: ast.Module, name: str) -> Iterable[str]:
    """Those of ``check``, with the candidate called by its name."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            yield re.sub(r"\bcandidate\b", name, ast.unparse(node))


def _function(module: ast.Module, name: str, where: str) -> ast.FunctionDef:
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise BadEntry(f"{where!r} does not define {name}")


def _parsed(text: str, where: str) -> ast.Module:
    try:
        return parse_quietly(text)
    except SyntaxError as error:
        raise BadEntry(f"{where!r} is not Python: {error.msg}") from error
