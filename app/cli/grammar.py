"""What the commands' grammars share: the parser, common options, and the values that options take."""

from __future__ import annotations

import argparse
import math
from typing import Any, NoReturn

from core.errors import UsageError
from core.types import Remedy, SandboxKind

MODEL_HELP = (
    "auto, none, embedded, embedded:NAME, ollama:NAME, openai:NAME, anthropic:NAME, endpoint:NAME or "
    "scripted:PATH (default: auto, the one chosen by greenbar models use, else the best at hand)"
)


class Parser(argparse.ArgumentParser):
    """Raises UsageError instead of leaving the process; takes options only by their whole names, so
    that ``--json`` can be told before parsing has succeeded."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        sentence = message[:1].upper() + message[1:]
        raise UsageError(
            "usage",
            sentence if sentence.endswith(".") else f"{sentence}.",
            (Remedy("Show the usage", shell=f"{self.prog} --help"),),
        )


def add_sandbox(parser: Parser) -> None:
    parser.add_argument(
        "--sandbox",
        choices=["auto", *(kind.value for kind in SandboxKind)],
        default="auto",
        help="host runs your tests and the candidates without any isolation",
    )


def names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def seconds(text: str) -> float:
    return _above_zero(text, "seconds")


def dollars(text: str) -> float:
    return _above_zero(text, "dollars")


def _above_zero(text: str, unit: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of {unit} above zero")
    return number


def minutes(text: str) -> int:
    """Zero is a number of minutes."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of minutes")
    return int(text)


def share(text: str) -> float:
    number = _above_zero(text, "parts of a whole")
    if number >= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share between zero and one")
    return number


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above zero")
    return int(text)
