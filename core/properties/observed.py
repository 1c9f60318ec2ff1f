"""What a function did with one input, read from its answer to an asking module. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.parsing import literal

RAISES: Final = "raises "
UNKNOWN: Final = "nothing"
"""The answer where nobody came to ask."""
NO_ANSWER: Final = "no answer"
"""The error of a call that did not come to its end."""

Arguments = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """``after`` are the arguments as the function left them; ``error`` is the exception's name, or
    :data:`NO_ANSWER`; empty where it gave ``value``."""

    arguments: Arguments
    value: Any = None
    after: Arguments = ()
    error: str = ""

    @property
    def words(self) -> str:
        """What came of it, as Python, or ``raises ValueError``."""
        if self.error:
            return self.error if self.error == NO_ANSWER else f"{RAISES}{self.error}"
        return repr(self.value)


def read_call(arguments: Arguments, answer: str) -> Call | None:
    """``None`` where the answer does not tell: it was cut, is no literal, or nobody came to ask."""
    if answer == UNKNOWN:
        return None
    if answer.startswith(RAISES):
        return Call(arguments, error=answer.removeprefix(RAISES))
    if not answer.startswith("("):
        return Call(arguments, error=NO_ANSWER)
    try:
        told: Any = literal(answer)
        value, after = told
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return Call(arguments, value, after)


class Behaviour:
    """What one candidate did with all inputs."""

    def __init__(self, inputs: Sequence[Arguments], answers: Sequence[str]) -> None:
        self.calls: Mapping[int, Call] = {
            place: call
            for place, (arguments, answer) in enumerate(zip(inputs, answers, strict=False))
            if (call := read_call(arguments, answer)) is not None
        }
        """By the number of the input."""
        self._by_arguments = {repr(call.arguments): call for call in self.calls.values()}

    def at(self, arguments: Arguments) -> Call | None:
        """What it gave for these arguments, where they are among the inputs and it gave something."""
        call = self._by_arguments.get(repr(arguments))
        return call if call is not None and not call.error else None
