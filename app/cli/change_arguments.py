"""The grammar of ``greenbar change``."""

from __future__ import annotations

import argparse

from app.cli.grammar import MODEL_HELP, Parser, add_sandbox, seconds
from core.types import Settings


def add_change(commands: argparse._SubParsersAction[Parser], chosen: Settings) -> None:
    """``chosen``: what the user has set, which is what options are without a word of theirs."""
    change = commands.add_parser(
        "change",
        help="say in words what should change, confirm tests for it, and have the code found",
        description="Tests are proposed from the words and their examples, such as: slugify('A b') "
        "should give 'a-b'. Those that you confirm are the target. Exit status 0: they pass, nothing "
        "else broke. 1: no confident change, or no test was confirmed. 2: a usage or environment error. "
        "Nothing is written without --apply.",
    )
    change.add_argument("request", metavar="WORDS", help="what should change")
    change.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        default=".",
        help="a folder in a git repository (default: here)",
    )
    change.add_argument(
        "--mention",
        dest="mentions",
        action="append",
        default=[],
        metavar="PLACE",
        help="what the words are about: path or path::function; may be given several times",
    )
    change.add_argument("--yes-tests", action="store_true", help="confirm every proposed test")
    change.add_argument("--model", default=chosen.model_use, metavar="SPEC", help=MODEL_HELP)
    change.add_argument("--no-model", action="store_true", help="the same as --model none")
    change.add_argument(
        "--budget-seconds",
        type=seconds,
        default=chosen.search_seconds,
        metavar="N",
        help=f"of the search (default: {chosen.search_seconds:g})",
    )
    change.add_argument(
        "--strategy",
        default=chosen.search_strategy,
        metavar="NAME",
        help=f"how to search (default: {chosen.search_strategy})",
    )
    add_sandbox(change)
    change.set_defaults(sandbox=chosen.tests_sandbox)
    change.add_argument(
        "--yes",
        action="store_true",
        help="consent to a set-up using the network, and to another machine getting a copy",
    )
    change.add_argument(
        "--apply", action="store_true", help="write a confident change, with its tests, to the repository"
    )
    change.add_argument("--json", action="store_true", help="one JSON object on standard output")
