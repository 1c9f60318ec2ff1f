"""The command line's grammar, and its usage errors in one clear sentence."""

from __future__ import annotations

import argparse

from app.cli.ask_arguments import add_ask
from app.cli.bench_arguments import add_bench
from app.cli.change_arguments import add_change
from app.cli.grammar import MODEL_HELP, Parser, add_sandbox, count, dollars, minutes, names, seconds
from app.cli.history_arguments import add_history
from app.version import version
from core.types import OwnChanges, SandboxKind, Settings

_NAMES_HELP = "a name of greenbar models list"


def make_parser(chosen: Settings | None = None) -> argparse.ArgumentParser:
    """``chosen``: what the user has set, which is what options are without a word of theirs."""
    parser = Parser(
        prog="greenbar",
        description="Turns failing tests green: local first, sandboxed, judged by your tests. "
        "Without a command, opens the window.",
        epilog="greenbar [--sample] [PATH] opens the window on a repository.",
    )
    parser.add_argument("--version", action="version", version=f"greenbar {version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = chosen or Settings()
    _add_fix(commands, chosen)
    add_change(commands, chosen)
    add_ask(commands)
    _add_prompts(commands)
    doctor = commands.add_parser("doctor", help="say what is ready and what is missing")
    doctor.add_argument(
        "--no-self-test",
        dest="self_test",
        action="store_false",
        help="only look; do not start the sandbox and try what it promises",
    )
    doctor.add_argument(
        "--sandbox",
        choices=["auto", *(kind.value for kind in SandboxKind)],
        default="auto",
        help="the sandbox to try (default: the best that works)",
    )
    doctor.add_argument("--json", action="store_true", help="one JSON object on standard output")
    _add_set_up(commands)
    _add_suspects(commands)
    _add_locked(commands)
    _add_refused(commands)
    _add_evidence(commands)
    _add_commit(commands)
    _add_strategies(commands)
    add_history(commands)
    _add_models(commands)
    _add_keys(commands)
    _add_settings(commands)
    add_bench(commands)
    sample = commands.add_parser("sample", help="make the sample repository and print its path")
    sample.add_argument("folder", nargs="?", help="where to make it (default: Greenbar's data)")
    return parser


def _add_fix(commands: argparse._SubParsersAction[Parser], chosen: Settings) -> None:
    fix = commands.add_parser(
        "fix",
        help="search for a patch that makes failing tests pass",
        description="Exit status 0: the target tests pass, nothing else broke, tests untouched. "
        "1: no confident fix. 2: a usage or environment error. Nothing is written without --apply.",
    )
    fix.add_argument("path", metavar="PATH", help="a folder in a git repository")
    fix.add_argument(
        "--tests",
        nargs="+",
        default=[],
        metavar="NODEID",
        help="only these tests (default: all that fail)",
    )
    fix.add_argument(
        "--suspect",
        action="append",
        default=[],
        metavar="PLACE",
        help="look first at path:line, path::function or path; may be given several times",
    )
    fix.add_argument("--model", default=chosen.model_use, metavar="SPEC", help=MODEL_HELP)
    fix.add_argument(
        "--judge-model", default="", metavar="SPEC", help="for explanations (default: the same model)"
    )
    fix.add_argument(
        "--embedding-model",
        default="",
        metavar="SPEC",
        help="finds the code that is near a suspect in meaning (default: none)",
    )
    fix.add_argument("--no-model", action="store_true", help="the same as --model none")
    fix.add_argument(
        "--budget-seconds",
        type=seconds,
        default=chosen.search_seconds,
        metavar="N",
        help=f"default: {chosen.search_seconds:g}",
    )
    fix.add_argument(
        "--budget-tokens",
        type=count,
        default=chosen.search_tokens,
        metavar="N",
        help="tokens of models (default: any)",
    )
    fix.add_argument(
        "--budget-dollars",
        type=dollars,
        default=chosen.search_dollars,
        metavar="N",
        help="US dollars for models (default: any); a model whose price is not known is not asked",
    )
    fix.add_argument(
        "--proposers",
        type=names,
        default=(),
        metavar="NAME,...",
        help="have ideas only from these, such as mutation,infill (default: all)",
    )
    fix.add_argument(
        "--strategy",
        default=chosen.search_strategy,
        metavar="NAME",
        help="how to search; greenbar strategies lists them (default: auto)",
    )
    fix.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="for what the search leaves to chance (default: 0)",
    )
    fix.add_argument(
        "--ask",
        choices=["end", "never"],
        default="end",
        help="where fixes that pass differ, ask on the terminal which is meant, at the end of the "
        "search (default); without a terminal, or with --json, nobody is asked",
    )
    add_sandbox(fix)
    fix.set_defaults(sandbox=chosen.tests_sandbox)
    fix.add_argument(
        "--setup",
        choices=["auto", "none"],
        default="auto" if chosen.tests_setup else "none",
        help="install what the repository's tests need, outside the repository",
    )
    fix.add_argument(
        "--language",
        default="",
        metavar="NAME",
        help="what the tests are in, such as python-unittest or go (default: what it looks like)",
    )
    fix.add_argument(
        "--yes",
        action="store_true",
        help="consent to that set-up using the network, and to another machine getting a copy where "
        "DOCKER_HOST or a Docker context names one",
    )
    fix.add_argument("--apply", action="store_true", help="write a confident fix to the repository")
    fix.add_argument(
        "--review",
        action="store_true",
        help="before that, ask on the terminal for remarks and refused hunks, and begin new rounds",
    )
    fix.add_argument(
        "--test-timeout",
        type=seconds,
        metavar="N",
        help="seconds that one test may take before it counts as hanging (default: what the repository "
        "says, else 10)",
    )
    fix.add_argument(
        "--show-prompts",
        action="store_true",
        help="print what the model is asked, exactly as it is sent, and what it answers",
    )
    fix.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_prompts(commands: argparse._SubParsersAction[Parser]) -> None:
    prompts = commands.add_parser(
        "prompts", help="show what the model was asked in a fix that is over, exactly as it was sent"
    )
    prompts.add_argument(
        "session",
        nargs="?",
        default="",
        metavar="SESSION",
        help="default: the last one that asked a model",
    )
    prompts.add_argument("--json", action="store_true", help="one JSON object a line for each request")


def _add_set_up(commands: argparse._SubParsersAction[Parser]) -> None:
    set_up = commands.add_parser(
        "set-up",
        help="install what a repository's tests need, outside the repository",
        description="What that is, Greenbar finds in the repository's files. It is installed once, with "
        "network if you allow it; tests themselves never have network.",
    )
    set_up.add_argument("path", metavar="PATH", help="a folder in a git repository")
    word = set_up.add_mutually_exclusive_group()
    word.add_argument(
        "--command",
        dest="commands",
        action="append",
        default=[],
        metavar="COMMAND",
        help="from now on run this shell command instead; may be given several times",
    )
    word.add_argument("--none", action="store_true", help="from now on install nothing")
    word.add_argument("--reset", action="store_true", help="from now on find it out again")
    add_sandbox(set_up)
    set_up.add_argument("--yes", action="store_true", help="consent to using the network")
    set_up.set_defaults(json=False)


def _add_suspects(commands: argparse._SubParsersAction[Parser]) -> None:
    suspects = commands.add_parser(
        "suspects",
        help="say which lines may be at fault, most suspicious first, and why",
        description="Runs the tests, then failing and passing ones again with line tracing. Changes "
        "nothing and asks no model.",
    )
    suspects.add_argument("path", metavar="PATH", help="a folder in a git repository")
    suspects.add_argument(
        "tests", nargs="*", metavar="NODEID", help="only for these tests (default: all that fail)"
    )
    suspects.add_argument(
        "--by", choices=["line", "function", "file"], default="line", help="default: line"
    )
    suspects.add_argument("--most", type=count, default=20, metavar="N", help="how many (default: 20)")
    add_sandbox(suspects)
    suspects.add_argument(
        "--yes", action="store_true", help="consent to using the network for the set-up"
    )
    suspects.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_locked(commands: argparse._SubParsersAction[Parser]) -> None:
    locked = commands.add_parser(
        "locked",
        help="say which files no patch may touch without your word, and why",
        description="Runs the tests once: which files hold tests and what these read shows only then. "
        "Verdicts are always taken with these files as they are.",
    )
    locked.add_argument("path", metavar="PATH", help="a folder in a git repository")
    add_sandbox(locked)
    locked.add_argument("--yes", action="store_true", help="consent to using the network for the set-up")
    locked.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_refused(commands: argparse._SubParsersAction[Parser]) -> None:
    refused = commands.add_parser(
        "refused",
        help="list the hunks that are never proposed again, or take one back",
        description="Hunks are refused in the review: in the window, or with greenbar fix --review.",
    )
    refused.add_argument("path", metavar="PATH", help="a folder in a git repository")
    refused.add_argument("--allow", type=count, metavar="N", help="this one may be proposed again")
    refused.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_models(commands: argparse._SubParsersAction[Parser]) -> None:
    models = commands.add_parser("models", help="list, fetch, check, delete, add or choose models")
    actions = models.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what is there and what can be fetched")
    listing.add_argument("--json", action="store_true", help="one JSON object on standard output")
    show = actions.add_parser("show", help="everything that is known of one model")
    show.add_argument("spec", metavar="MODEL", help=_NAMES_HELP)
    show.add_argument("--json", action="store_true", help="one JSON object on standard output")
    pull = actions.add_parser("pull", help="fetch a model, going on where an earlier download stopped")
    pull.add_argument(
        "spec", nargs="?", default="embedded", metavar="MODEL", help=f"{_NAMES_HELP} (default: embedded)"
    )
    pull.add_argument("--from", dest="source", metavar="FILE", help="a GGUF file that you have already")
    verify = actions.add_parser("verify", help="read a file whole and compare it with its hash")
    verify.add_argument("spec", metavar="MODEL", help=_NAMES_HELP)
    delete = actions.add_parser("delete", help="delete a fetched model, or forget one that you added")
    delete.add_argument("spec", metavar="MODEL", help=_NAMES_HELP)
    delete.add_argument("--yes", action="store_true", help="do not ask")
    add = actions.add_parser("add", help="list a GGUF file or a server of your own")
    add.add_argument("place", metavar="PATH_OR_URL", help="the file, or http://host:port/v1")
    add.add_argument("--name", default="", help="what to call the server (default: its host's name)")
    add.add_argument("--model", default="", help="the server's model to use")
    add.add_argument("--key", action="store_true", help="the server needs a key; asks for it")
    probe = actions.add_parser(
        "probe", help="measure a model for a minute: edit formats, context, speed, whether it stops"
    )
    probe.add_argument("--model", default="auto", metavar="SPEC", help=MODEL_HELP)
    probe.add_argument("--json", action="store_true", help="one JSON object on standard output")
    limit = actions.add_parser(
        "limit", help="set a model's context, or how long its prompts may be; without either, forget both"
    )
    limit.add_argument("spec", metavar="MODEL", help="anything that --model takes")
    limit.add_argument("--context", type=count, default=0, metavar="N", help="tokens; for Ollama")
    limit.add_argument("--prompt", type=count, default=0, metavar="N", help="tokens")
    idle = actions.add_parser(
        "idle", help="set after how many minutes without use a model leaves the memory"
    )
    idle.add_argument(
        "minutes", type=minutes, metavar="MINUTES", help="0: it stays in memory (the default is 15)"
    )
    use = actions.add_parser("use", help="choose what --model auto means; auto is the best at hand")
    use.add_argument("spec", metavar="MODEL", help="anything that --model takes")


def _add_keys(commands: argparse._SubParsersAction[Parser]) -> None:
    keys = commands.add_parser("keys", help="keep the keys of model servers in the keyring")
    actions = keys.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="which keys are there, and where from")
    listing.add_argument("--json", action="store_true", help="one JSON object on standard output")
    for action, words in (
        ("set", "keep a key; it is asked for, or read from standard input"),
        ("delete", "forget a key"),
    ):
        parser = actions.add_parser(action, help=words)
        parser.add_argument("name", help="openai, anthropic, openrouter, hf, or that of an endpoint")


def _add_evidence(commands: argparse._SubParsersAction[Parser]) -> None:
    evidence = commands.add_parser(
        "evidence",
        help="write what a fix was about, what it changed and what proves it, as one page",
        description="Ready as the text of a pull request. Written from the journal of the session, so "
        "earlier sessions have theirs, too.",
    )
    evidence.add_argument(
        "session",
        nargs="?",
        default="last",
        metavar="SESSION",
        help="default: last, the newest that has fixed something",
    )
    evidence.add_argument(
        "--format",
        choices=["md", "html"],
        default="",
        help="default: what the name of the file says, else md",
    )
    evidence.add_argument("--out", default="", metavar="FILE", help="default: standard output")


def _add_commit(commands: argparse._SubParsersAction[Parser]) -> None:
    commit = commands.add_parser(
        "commit",
        help="commit the newest accept on a new branch, and nothing else",
        description="Other changes of yours stay as they are, staged or not. The project's hooks run, "
        "your signing configuration counts, nothing is pushed.",
    )
    commit.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="a folder in a git repository (default: .)"
    )
    commit.add_argument("--branch", default="", metavar="NAME", help="default: named after the fix")
    commit.add_argument(
        "--message", default="", metavar="TEXT", help="default: drafted from the evidence"
    )
    commit.add_argument(
        "--own-changes",
        choices=[choice.value for choice in OwnChanges],
        default=OwnChanges.REFUSE.value,
        help="what becomes of your own uncommitted changes in the same files: refuse to commit, leave "
        "them out, or take them along (default: refuse)",
    )
    commit.add_argument(
        "--dry-run", action="store_true", help="only say what would be committed, and where"
    )
    commit.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_strategies(commands: argparse._SubParsersAction[Parser]) -> None:
    strategies = commands.add_parser("strategies", help="list the ways to search, or show one")
    actions = strategies.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="every strategy in a line")
    listing.add_argument("--json", action="store_true", help="one JSON object on standard output")
    show = actions.add_parser("show", help="what a strategy does, and whose idea it is")
    show.add_argument("name", metavar="NAME")
    show.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _add_settings(commands: argparse._SubParsersAction[Parser]) -> None:
    settings = commands.add_parser(
        "settings",
        help="list, change, export or import what you have set",
        description="Options of a command win over settings; a repository's greenbar.toml may lower a "
        "ceiling, choose the strategy and say how long its tests take.",
    )
    actions = settings.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="every setting, its value and what it is for")
    listing.add_argument("path", nargs="?", metavar="PATH", help="with what this repository says instead")
    listing.add_argument("--json", action="store_true", help="one JSON object on standard output")
    get = actions.add_parser("get", help="one value")
    get.add_argument("key", metavar="KEY")
    put = actions.add_parser("set", help="set one value")
    put.add_argument("key", metavar="KEY")
    put.add_argument("value", metavar="VALUE")
    reset = actions.add_parser("reset", help="take the defaults again, of some or of all")
    reset.add_argument("keys", nargs="*", metavar="KEY")
    export = actions.add_parser("export", help="write every setting as TOML")
    export.add_argument("file", nargs="?", metavar="FILE", help="default: standard output")
    take = actions.add_parser("import", help="take over what a file says")
    take.add_argument("file", metavar="FILE")
