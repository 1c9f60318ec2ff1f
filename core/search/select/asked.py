"""What candidates gave for the same inputs: values that can be read again. Pure."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.parsing import literal, parse_expression
from core.search.select.clusters import Matrix, matrix_of
from core.search.select.inputs import LONGEST_ANSWER, Function
from core.types import Example

RAISES: Final = "raises "
Input = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What an example has to give, as :func:`value_of` has it, and by whose word: *you answered*."""

    example: Example
    expected: str
    by: str = "you answered"


@dataclass(frozen=True, slots=True)
class Asked:
    """``function`` was asked for each of ``inputs``, as ``call`` after the statement ``imported``.

    ``answers`` are those of candidates, ``today`` those of the code as it is, both in the order of the
    inputs. Empty where nobody could be asked.
    """

    function: Function | None = None
    imported: str = ""
    call: str = ""
    inputs: tuple[Input, ...] = ()
    answers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    today: tuple[str, ...] = ()
    tested: frozenset[int] = frozenset()
    """The numbers of the inputs that tests make."""
    refused: tuple[tuple[str, ...], ...] = ()
    """The answers of some candidates that the tests refuse."""

    @property
    def matrix(self) -> Matrix:
        return matrix_of(self.answers)

    def value(self, candidate: int, place: int) -> str:
        """What a candidate gave for an input, as :func:`value_of` reads it; empty where nobody asked."""
        given = self.answers.get(candidate, ())
        return value_of(given[place], self.inputs[place]) if place < len(given) else ""

    def value_today(self, place: int) -> str:
        """The same for the code as it is."""
        return value_of(self.today[place], self.inputs[place]) if place < len(self.today) else ""

    def place_of(self, call: str) -> int | None:
        """The number of the input that a call has, whatever the function is called by."""
        arguments = arguments_of(call)
        if arguments is None or self.function is None or name_of(call) != self.function.name:
            return None
        wanted = repr(arguments)
        return next((n for n, one in enumerate(self.inputs) if repr(one) == wanted), None)

    def refuted(self, held: Sequence[Held]) -> frozenset[int]:
        """The candidates that give something else for what is held, as far as that was seen."""
        out: set[int] = set()
        for one in held:
            if self.function is None or one.example.path not in ("", self.function.path):
                continue
            place = self.place_of(one.example.call)
            if place is not None and one.expected:
                given = {candidate: self.value(candidate, place) for candidate in self.answers}
                out |= {c for c, value in given.items() if value and not is_same(value, one.expected)}
        return frozenset(out)

    def call_of(self, place: int) -> str:
        """The call as a test would write it, without the module: ``slug('a b')``."""
        assert self.function is not None, "there are inputs"
        return f"{self.function.name}({', '.join(map(repr, self.inputs[place]))})"


def value_of(answer: str, arguments: Input) -> str:
    """The value in an answer, as Python, or ``raises ValueError``; empty where the answer tells none: it
    took too long, was cut, or the function has changed its arguments."""
    if answer.startswith(RAISES):
        return answer
    if len(answer) >= LONGEST_ANSWER:
        return ""
    tail = f", {arguments!r})"
    if answer.startswith("(") and answer.endswith(tail):
        return answer[1 : -len(tail)]
    return ""


def is_same(one: str, other: str) -> bool:
    """Whether two values are equal, however they are spelled; 1 and True are not."""
    if one == other:
        return True
    try:
        left, right = literal(one), literal(other)
        return type(left) is type(right) and bool(left == right)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def name_of(call: str) -> str:
    """The function's own name in a call; empty where it is none."""
    node = _parsed(call)
    return ast.unparse(node.func).rpartition(".")[2] if node is not None else ""


def arguments_of(call: str) -> Input | None:
    """The arguments of a call with literals in their places; ``None`` for anything else."""
    node = _parsed(call)
    return literal_arguments(node) if node is not None else None


def literal_arguments(node: ast.Call) -> Input | None:
    """The same for a call that is parsed."""
    if node.keywords:
        return None
    try:
        return tuple(ast.literal_eval(argument) for argument in node.args)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _parsed(call: str) -> ast.Call | None:
    try:
        node = parse_expression(call.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return node if isinstance(node, ast.Call) else None
