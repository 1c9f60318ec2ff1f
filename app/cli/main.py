"""Runs one command of the command line; the boundary where errors become sentences."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.cli.arguments import make_parser
from app.cli.show import console, error_record, show_error, without_secrets
from app.logs import set_up_logging
from app.paths import find_paths
from app.sample import make_sample
from app.services import AppServices
from core.errors import GreenbarError
from core.redact import Redactor
from core.types import Remedy

log = logging.getLogger("greenbar.cli")

EXIT_OK, EXIT_ERROR, EXIT_FAULT, EXIT_INTERRUPTED = 0, 2, 3, 130


def run(arguments: Sequence[str]) -> int:
    """Parse and carry out; returns the exit status."""
    as_json = "--json" in arguments
    paths = find_paths()
    redact = Redactor(os.environ)
    try:
        services = AppServices(paths, redact)
        options = make_parser(services.settings.read().settings).parse_args(arguments)
        set_up_logging(paths.logs, redact)
        return _command(options, services)
    except GreenbarError as caught:
        error = without_secrets(caught, redact)
        show_error(error)
        if as_json:
            _print_json(error_record(error))
        return EXIT_ERROR
    except KeyboardInterrupt:
        console().print("Stopped.")
        return EXIT_INTERRUPTED
    except Exception as error:
        # The process boundary. Python's own status would be 1, which means "no confident fix".
        log.exception("%s failed", " ".join(arguments[:1]))
        fault = GreenbarError(
            "internal",
            "Something went wrong inside Greenbar.",
            (Remedy("Look at the log", shell=f"less {paths.logs / 'greenbar.log'}"),),
            details=redact(repr(error)),
        )
        show_error(fault)
        if as_json:
            _print_json(error_record(fault))
        return EXIT_FAULT


def _command(options: argparse.Namespace, services: AppServices) -> int:
    match options.command:
        case "fix":
            from app.cli.fix import fix

            return _run_loop(fix(options, services))
        case "ask":
            from app.cli.ask import ask

            return _run_loop(ask(options, services))
        case "change":
            from app.cli.change import change

            return _run_loop(change(options, services))
        case "prompts":
            from app.cli.prompts import prompts

            return prompts(options, services)
        case "set-up":
            from app.cli.set_up import set_up

            return _run_loop(set_up(options, services))
        case "suspects":
            from app.cli.suspects import suspects

            return _run_loop(suspects(options, services))
        case "locked":
            from app.cli.locked import locked

            return _run_loop(locked(options, services))
        case "refused":
            from app.cli.refused import refused

            return refused(options, services)
        case "evidence":
            from app.cli.evidence import evidence

            return evidence(options, services)
        case "commit":
            from app.cli.commit import commit

            return _run_loop(commit(options, services))
        case "doctor":
            from app.cli.doctor import doctor

            tested = options.self_test
            return _run_loop(doctor(services, options.sandbox, tested=tested, as_json=options.json))
        case "models":
            from app.cli.models import models

            return _run_loop(models(options, services))
        case "strategies":
            from app.cli.strategies import strategies

            return strategies(options, services)
        case "history":
            from app.cli.history import history

            return history(options, services)
        case "settings":
            from app.cli.settings import settings

            return settings(options, services)
        case "keys":
            return _run_loop(_keys(options, services))
        case "bench":
            from app.cli.bench import bench

            return bench(options, services, _run_loop)
        case _:
            folder = Path(options.folder) if options.folder else services.data / "samples"
            sys.stdout.write(f"{make_sample(folder.absolute())}\n")
            return EXIT_OK


def _keys(options: argparse.Namespace, services: AppServices) -> Coroutine[Any, Any, int]:
    from app.cli.keys import delete_key, list_keys, read_secret, set_key

    match options.action:
        case "set":
            return set_key(services, options.name, read_secret(options.name))
        case "delete":
            return delete_key(services, options.name)
        case _:
            return list_keys(services, as_json=options.json)


def _run_loop(work: Coroutine[Any, Any, int]) -> int:
    """Run with SIGTERM treated as Ctrl+C, so that sandboxes and models end with us."""

    async def main() -> int:
        task = asyncio.ensure_future(work)
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            console().print("Stopped.")
            return EXIT_INTERRUPTED

    return asyncio.run(main())


def _print_json(record: dict[str, Any]) -> None:
    # All ASCII: a path that is not UTF-8 holds lone surrogates, which JSON can only escape.
    sys.stdout.write(json.dumps(record) + "\n")
