"""The grammar of ``greenbar bench``."""

from __future__ import annotations

import argparse

from app.cli.grammar import MODEL_HELP, Parser, add_sandbox, count, names, seconds, share

_SECONDS = 60.0


def add_bench(commands: argparse._SubParsersAction[Parser]) -> None:
    bench = commands.add_parser(
        "bench",
        help="measure how many tasks of a set the engine solves, how fast, at what cost",
        description="Runs the very same engine as fix over many tasks. docs/bench/README.md has the "
        "formats of task sets and says how to read a report.",
    )
    actions = bench.add_subparsers(dest="action", metavar="ACTION", required=True)
    run = actions.add_parser(
        "run",
        help="attempt every task of a set",
        description="Exit status 0: every task was attempted, whatever came of it. Ctrl+C keeps what is "
        "done; the same command with the same --out goes on.",
    )
    run.add_argument(
        "set", metavar="SET", help="a file of tasks in JSON, one a line, or a folder of git repositories"
    )
    run.add_argument(
        "--truth", metavar="FILE", help="where the faults are, for tasks that do not say it themselves"
    )
    run.add_argument(
        "--tasks", type=names, default=(), metavar="GLOB,...", help="only these (default: all)"
    )
    _add_run(run)
    own = actions.add_parser(
        "self",
        help="break a repository of yours on purpose, and see how much of it is repaired",
        description="Takes the last commit of a repository whose tests pass, makes mistakes in it and "
        "takes past fixes back, keeps what makes a test fail, and attempts to repair it: an answer to "
        "whether a model is good enough for your code. Your files are not touched.",
    )
    own.add_argument("path", metavar="PATH", help="a folder in a git repository")
    own.add_argument(
        "--only", choices=["mutants", "fixes"], default="", help="only mistakes, or only past fixes"
    )
    _add_run(own)
    clarify = actions.add_parser(
        "clarify",
        help="measure what questions are worth, with a simulated user who knows what is meant",
        description="Attempts each task twice: with nobody to ask, and with a user who answers what a "
        "question asks by running what is meant on the question's own input, and else leaves it to the "
        "engine. docs/bench/README.md has the format of the set.",
    )
    clarify.add_argument("set", metavar="SET", help="a TOML file of tasks, or a folder of such files")
    clarify.add_argument(
        "--tasks", type=names, default=(), metavar="GLOB,...", help="only these (default: all)"
    )
    _add_run(clarify)
    overfit = actions.add_parser(
        "overfit",
        help="measure how many green answers fail tests that were held back",
        description="Hides a share of the tests of each task, drawn by --seed so that one that fails "
        "stays, and attempts it twice: with the second judge (agreement and proposed properties) and "
        "by the tests alone.",
    )
    overfit.add_argument(
        "set", metavar="SET", help="a file of tasks in JSON, one a line, each with its files"
    )
    overfit.add_argument(
        "--tasks", type=names, default=(), metavar="GLOB,...", help="only these (default: all)"
    )
    overfit.add_argument(
        "--hide",
        type=share,
        default=0.75,
        metavar="SHARE",
        help="of the tests, from 0 to 1 (default: 0.75)",
    )
    _add_run(overfit)
    compare = actions.add_parser("compare", help="put reports side by side, with the tasks that differ")
    compare.add_argument("reports", nargs="+", metavar="REPORT", help="a report of bench run or self")
    compare.add_argument("--json", action="store_true", help="one JSON object on standard output")
    plot = actions.add_parser("plot", help="draw how many are solved against seconds and tokens")
    plot.add_argument("reports", nargs="+", metavar="REPORT", help="a report of bench run or self")
    plot.add_argument("--out", required=True, metavar="FILE", help="the SVG to write")
    plot.set_defaults(json=False)
    priors = actions.add_parser(
        "priors",
        help="learn from reports what a search is to believe of each proposer beforehand",
        description="Prints a new resources/priors.toml: what is believed now with what the reports "
        "show. Only reports from idle machines say how many seconds a draft takes.",
    )
    priors.add_argument("reports", nargs="+", metavar="REPORT", help="a report of bench run or self")
    priors.set_defaults(json=False)


def _add_run(run: Parser) -> None:
    run.add_argument(
        "--limit",
        type=count,
        default=0,
        metavar="N",
        help="at most so many tasks, drawn by --seed (default: all; for self: 20)",
    )
    run.add_argument("--seed", type=int, default=0, metavar="N", help="for what is drawn (default: 0)")
    run.add_argument(
        "--seconds",
        type=seconds,
        default=_SECONDS,
        metavar="N",
        help=f"the budget of each task (default: {_SECONDS:.0f})",
    )
    run.add_argument(
        "--tokens", type=count, default=0, metavar="N", help="the same in tokens (default: any)"
    )
    run.add_argument("--repeat", type=count, default=1, metavar="N", help="attempt each task so often")
    run.add_argument(
        "--model",
        dest="models",
        action="append",
        metavar="SPEC",
        help=f"{MODEL_HELP}; may be given several times",
    )
    run.add_argument("--no-model", action="store_true", help="the same as --model none")
    run.add_argument(
        "--proposers", type=names, default=(), metavar="NAME,...", help="only these (default: all)"
    )
    run.add_argument(
        "--strategy",
        dest="strategies",
        action="append",
        metavar="NAME",
        help="one of greenbar strategies; may be given several times (default: auto)",
    )
    add_sandbox(run)
    run.add_argument(
        "--setup",
        choices=["auto", "none"],
        default="auto",
        help="install what the tests need, outside the tasks' repositories",
    )
    run.add_argument("--yes", action="store_true", help="consent to that set-up using the network")
    run.add_argument(
        "--test-timeout", type=seconds, metavar="N", help="seconds that one test may take (default: 10)"
    )
    run.add_argument(
        "--workers",
        type=count,
        default=1,
        metavar="N",
        help="tasks at a time (default: 1, which measures time best)",
    )
    run.add_argument(
        "--dask",
        default="",
        metavar="ADDRESS",
        help="have it done by the workers of this Dask scheduler; needs the extra bench",
    )
    run.add_argument(
        "--out", metavar="FILE", help="where the report goes (default: a new file in Greenbar's data)"
    )
    run.add_argument("--fresh", action="store_true", help="forget what an earlier run has left for FILE")
    run.add_argument("--json", action="store_true", help="the report on standard output")
