"""The grammar of ``greenbar ask``."""

from __future__ import annotations

import argparse

from app.cli.grammar import MODEL_HELP, Parser


def add_ask(commands: argparse._SubParsersAction[Parser]) -> None:
    ask = commands.add_parser(
        "ask",
        help="ask the model about a repository",
        description="The answer is written to standard output as it comes, in Markdown. Nothing is ever "
        "changed or run. @ before a file, a function (path::name) or a test shows it to the model whole.",
    )
    ask.add_argument("question", metavar="WORDS", help="what you want to know")
    ask.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="a folder in a git repository (default: .)"
    )
    ask.add_argument(
        "--attach",
        action="append",
        default=[],
        metavar="FILE",
        help="a log or traceback to show with it; - is standard input; may be given several times",
    )
    ask.add_argument("--model", default="auto", metavar="SPEC", help=MODEL_HELP)
    ask.add_argument("--json", action="store_true", help="one JSON object on standard output")
