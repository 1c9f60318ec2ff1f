"""Apply a model's code to a file in a language that we have no parser for. Pure."""

from __future__ import annotations

from core.edits.answer import CodeBlock
from core.edits.blocks import block_source, find_blocks, replace_block
from core.edits.values import EditFailure


def apply_code(block: CodeBlock, text: str, function: str, header: str) -> tuple[str, str] | EditFailure:
    """The new text and the rung that was needed, as :func:`core.edits.apply.apply_answer` does it.

    A block that holds the function asked for replaces it; one that holds every function of the
    file, and more lines than half of it, replaces the file.
    """
    given, known = find_blocks(block.code, header), find_blocks(text, header)
    names = {entry.name for entry in given}
    whole = {entry.name for entry in known} <= names and 2 * _lines(block.code) >= _lines(text)
    if whole and (known or not function) and not _is_only(block.code, function, given):
        return block.code if block.code.endswith("\n") else f"{block.code}\n", "file"
    for wanted in [entry for entry in given if entry.name == function]:
        places = [entry for entry in known if entry.name == function]
        if len(places) > 1:
            where = " and ".join(str(entry.first) for entry in places[:3])
            return EditFailure(f"More than one function is called {function} (lines {where}).")
        if places:
            return replace_block(text, places[0], block_source(block.code, wanted)), "function"
    if function:
        return EditFailure(f"The answer does not hold the whole function {function}.")
    return EditFailure("The answer does not hold the whole file.")


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


def _is_only(code: str, function: str, given: tuple[object, ...]) -> bool:
    """Whether a block is nothing but the function that was asked for."""
    first = next((line for line in code.splitlines() if line.strip()), "")
    return bool(function) and len(given) == 1 and function in first
