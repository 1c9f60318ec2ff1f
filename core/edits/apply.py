"""From a model's answer to whole new texts, or a failure to tell it. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core.edits.answer import Block, CodeBlock, SearchReplace, parse_answer
from core.edits.elision import find_elision
from core.edits.functions import function_names, function_source, replace_function
from core.edits.ladder import replace_once
from core.edits.plain import apply_code
from core.edits.values import AppliedEdits, EditFailure
from core.parsing import parse
from core.types import RelPath

_NAMED_LINES: Final = re.compile(r"^(?:async +)?(?:def|class) +(\w+)|^(\w+) *=(?!=)", re.MULTILINE)
_LOOSENESS: Final = (
    "exact", "function", "file", "whitespace", "indentation", "anchored", "similar",
)  # fmt: skip


def apply_answer(
    answer: str,
    sources: Mapping[RelPath, str],
    path: RelPath,
    function: str = "",
    header: str | None = None,
) -> AppliedEdits | EditFailure:
    """Apply everything an answer says to ``sources``.

    ``path`` is the file meant where a block names none; ``function`` the function asked for (dotted),
    tried first where a block holds several. Unless every edit could be made the outcome is a failure,
    which tells those that could. Of several
    blocks that redefine the same function the last one counts (models show the old code first).
    ``header`` is the regular expression for the first line of a function in a language other than
    Python.
    """
    blocks = parse_answer(answer)
    if not blocks:
        return EditFailure("The answer holds no code.")
    texts: dict[RelPath, str] = {}
    made: list[str] = []
    loosest = "exact"
    refused: EditFailure | None = None
    fragment: EditFailure | None = None
    for block in blocks:
        target = _target(block, sources, path)
        before = texts.get(target, sources[target])
        if elided := find_elision(block.code if isinstance(block, CodeBlock) else block.replace, before):
            return EditFailure(f"The answer leaves code out ({elided}); write it in full.")
        if header is not None and isinstance(block, CodeBlock):
            outcome = apply_code(block, before, function, header)
        else:
            outcome = _apply(block, before, function)
        if not isinstance(outcome, EditFailure):
            texts[target], rung = outcome
            loosest = max(loosest, rung, key=_LOOSENESS.index)
            made.append(f"{target}: {_first_words(block)}")
            if isinstance(block, CodeBlock):
                # A function or file that is there as a whole makes up for quotations before it.
                refused = None
        elif isinstance(block, SearchReplace):
            refused = refused or outcome
        else:
            # Prose often quotes fragments in fences of their own; they must not spoil a good block.
            fragment = fragment or outcome
    changed = {p: text for p, text in texts.items() if text != sources[p]}
    if refused is not None:
        return replace(refused, applied=tuple(made), edits=changed)
    if changed:
        return AppliedEdits(changed, loosest)
    return fragment or EditFailure("The answer changes nothing.")


def _first_words(block: Block) -> str:
    """What stands for an edit in a list: its first line."""
    text = block.code if isinstance(block, CodeBlock) else block.search
    return next((line.strip() for line in text.split("\n") if line.strip()), "")


def _apply(block: Block, text: str, function: str) -> tuple[str, str] | EditFailure:
    if isinstance(block, SearchReplace):
        return replace_once(text, block.search, block.replace, block.hint, verbatim=block.verbatim)
    names = function_names(block.code)
    bare = function.rsplit(".", 1)[-1]
    wanted = [n for n in names if bare and (n == function or n.rsplit(".", 1)[-1] == bare)]
    if wanted:
        return _functions_put(text, block.code, function, names)
    top = [n for n in names if "." not in n]
    known = set(function_names(text))
    if top and all(n in known for n in top) and _only_functions(block.code):
        for name in top:
            replaced = replace_function(text, name, block.code)
            if isinstance(replaced, EditFailure):
                return replaced
            text = replaced
        return text, "function"
    if _is_whole_file(block.code, text):
        return block.code if block.code.endswith("\n") else block.code + "\n", "file"
    if not _parses(block.code):
        return EditFailure("The code of the answer does not parse.")
    asked = f" {bare}" if bare else ""
    return EditFailure(f"The answer does not hold the whole function{asked}.")


def _functions_put(
    text: str, code: str, function: str, names: tuple[str, ...]
) -> tuple[str, str] | EditFailure:
    """The function asked for; also other functions of the answer that the file has and that changed."""
    replaced = replace_function(text, function, code)
    if isinstance(replaced, EditFailure):
        return replaced
    bare = function.rsplit(".", 1)[-1]
    known = function_names(text)
    for name in names:
        if (
            "." not in name
            and name != bare
            and known.count(name) == 1
            and not function.startswith(f"{name}.")
        ):
            further = replace_function(replaced, name, code)
            if isinstance(further, str):
                replaced = further
    added = [
        n for n in names if "." not in n and n != bare and n not in {k.rsplit(".", 1)[-1] for k in known}
    ]
    return (
        (_with_helpers(replaced, code, added, function), "function") if added else (replaced, "function")
    )


def _with_helpers(text: str, code: str, names: list[str], function: str) -> str:
    """New helper functions go before the module's statement that holds the function asked for."""
    helpers = [source for name in names if (source := function_source(code, name))]
    root = function.split(".", 1)[0]
    for node in parse(text).body:
        if getattr(node, "name", "") == root:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            lines = text.split("\n")
            block = "\n\n\n".join(h.rstrip("\n") for h in helpers)
            return "\n".join([*lines[: first - 1], block, "", "", *lines[first - 1 :]])
    return text


def _is_whole_file(code: str, text: str) -> bool:
    """True where the block defines every top-level name of the file."""
    given, known = _top_names(code), _top_names(text)
    if known is None:
        # The file is broken, so its names are read line by line.
        known = {name for names in _NAMED_LINES.findall(text) for name in names if name}
    return bool(given and known and known <= given)


def _only_functions(code: str) -> bool:
    """True where the block is functions and imports: then it says nothing of the rest of the file."""
    tree = _tree(code)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)
    return tree is not None and all(isinstance(node, kinds) for node in tree.body)


def _top_names(code: str) -> set[str] | None:
    tree = _tree(code)
    if tree is None:
        return None
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for node in tree.body if isinstance(node, kinds)}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return names


def _parses(code: str) -> bool:
    return _tree(code) is not None


def _tree(code: str) -> ast.Module | None:
    try:
        return parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _target(block: Block, sources: Mapping[RelPath, str], default: RelPath) -> RelPath:
    """The file that a block means: its path where it is one of ours, by its end if that is unique."""
    named = block.path.replace("\\", "/").removeprefix("./")
    if named in sources:
        return named
    ending = [p for p in sources if named and p.endswith(f"/{named}")]
    return ending[0] if len(ending) == 1 else default
