"""The grammar of ``greenbar history``."""

from __future__ import annotations

import argparse

from app.cli.grammar import Parser, count


def add_history(commands: argparse._SubParsersAction[Parser]) -> None:
    history = commands.add_parser("history", help="list, show or delete what was fixed before")
    actions = history.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="the newest tasks, a line each")
    listing.add_argument("words", nargs="*", metavar="WORD", help="only tasks that hold every word")
    listing.add_argument(
        "--limit", type=count, default=50, metavar="N", help="at most so many (default: 50)"
    )
    listing.add_argument("--json", action="store_true", help="one JSON object on standard output")
    show = actions.add_parser("show", help="how a task went, and its best patch")
    show.add_argument("task", type=count, metavar="NUMBER")
    show.add_argument("--json", action="store_true", help="one JSON object on standard output")
    delete = actions.add_parser("delete", help="forget tasks and their journals")
    delete.add_argument("tasks", nargs="+", type=count, metavar="NUMBER")
