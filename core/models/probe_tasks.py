"""Small editing tasks for the probe, made up anew each time so that no model can know them. Pure.

The request says outright what to change: it is the keeping to a format that is measured, not the finding
of faults. An answer is compared by its syntax tree and never run.
"""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass

from core.edits.apply import apply_answer
from core.edits.values import AppliedEdits
from core.models.base import Message
from core.parsing import parse
from core.types import EditFormat

PATH = "store.py"
_FIRST = (
    *("bram", "cole", "dorn", "fenn", "gale", "hask", "jory", "kell"),
    *("lumb", "marn", "nedd", "orba", "pell", "quin", "rusk", "sorn"),
)
_SECOND = ("crate", "ledger", "parcel", "ticket", "vessel", "basket", "barrel", "packet", "bundle")
_SYSTEM = "You edit Python code. Change only what is asked, and write complete code."
_WHOLE = "Answer with the whole changed function `{name}` in one ```python block, and nothing else."
_SEARCH = """Answer with one edit of this form, and nothing else:
<<<<<<< SEARCH
lines of the file as they are
=======
the lines that replace them
>>>>>>> REPLACE"""


@dataclass(frozen=True, slots=True)
class EditTask:
    """One function to change, between others. ``line`` is what changes, ``wanted`` what it becomes."""

    source: str
    function: str
    request: str
    line: str
    wanted: str

    @property
    def expected(self) -> str:
        return self.source.replace(self.line, self.wanted, 1)

    def messages(self, form: EditFormat) -> tuple[Message, ...]:
        how = _SEARCH if form is EditFormat.SEARCH else _WHOLE.format(name=self.function)
        text = f"File {PATH}:\n```python\n{self.source}```\n\n{self.request}\n{how}"
        return Message("system", _SYSTEM), Message("user", text)

    def hole(self) -> tuple[str, str]:
        """The file before and after the changing part, for infill, with the request as a comment."""
        before, _, after = self.source.partition(self.line)
        indent = before[before.rfind("\n") + 1 :]
        return f"{before.rstrip(' ')}{indent}# {self.request}\n{indent}", after

    def judge(self, answer: str) -> tuple[bool, bool]:
        """Whether the answer is an edit, and whether it is the one that was asked for."""
        # A whole function in the right form is one also where it changes nothing; so it is put into a
        # file that differs in another line.
        other = self.source.replace("in items:", "in list(items):", 1)
        for source in (self.source, other):
            applied = apply_answer(answer, {PATH: source}, PATH, self.function)
            if isinstance(applied, AppliedEdits):
                return True, _same(applied.edits[PATH], self.expected)
        return False, False

    def judge_infill(self, middle: str) -> tuple[bool, bool]:
        """The same for what belongs in the hole; only its first line counts."""
        lines = [line.strip() for line in middle.strip().split("\n") if line.strip()]
        given = lines[0] if lines else ""
        text = self.source.replace(self.line, given, 1)
        return _parses(text) and bool(given), bool(given) and _same(text, self.expected)


def make_task(chance: random.Random) -> EditTask:
    """A file of three functions, one of them to be changed in one line."""
    names = [f"{first}_{chance.choice(_SECOND)}" for first in chance.sample(_FIRST, 3)]
    limit, step = chance.randrange(11, 90), chance.randrange(2, 9)
    kind = chance.randrange(3)
    if kind == 0:
        line, wanted = f"total = {step}", f"total = {step + limit}"
        request = f"In `{names[1]}`, let total start at {step + limit} instead of {step}."
    elif kind == 1:
        line, wanted = f"if item > {limit}:", f"if item >= {limit}:"
        request = f"In `{names[1]}`, an item that equals {limit} must count as well."
    else:
        line, wanted = f"return total * {step}", f"return total + {step}"
        request = f"In `{names[1]}`, return total plus {step} instead of total times {step}."
    source = (
        f"def {names[0]}(items):\n    return [item + {limit + 1} for item in items]\n\n\n"
        f"def {names[1]}(items):\n    total = {step}\n    for item in items:\n"
        f"        if item > {limit}:\n            total += item\n    return total * {step}\n\n\n"
        f"def {names[2]}(left, right):\n    return left - right * {step + 1}\n"
    )
    return EditTask(source, names[1], request, line, wanted)


@dataclass(frozen=True, slots=True)
class NeedleTask:
    """A long text with one fact at its beginning, and a question for it at its end."""

    text: str
    answer: str


def make_needle(chance: random.Random, characters: int) -> NeedleTask:
    """A text of about so many characters."""
    place, number = chance.choice(_FIRST), str(chance.randrange(10_000, 99_999))
    parts = [f"The number of the {place} depot is {number}.\n"]
    size = len(parts[0])
    while size < characters:
        first, second = chance.choice(_FIRST), chance.choice(_SECOND)
        line = f"At {chance.randrange(24)}:{chance.randrange(60):02} a {second} left for {first}.\n"
        parts.append(line)
        size += len(line)
    parts.append(f"\nWhat is the number of the {place} depot? Answer with the number only.")
    return NeedleTask("".join(parts), number)


def _same(text: str, expected: str) -> bool:
    return _parses(text) and ast.dump(_bare(text)) == ast.dump(_bare(expected))


def _bare(text: str) -> ast.Module:
    """The syntax tree without docstrings: one that was added harms nobody."""
    tree = parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _parses(text: str) -> bool:
    try:
        parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
