"""Prompts on the command line, exactly as they are sent: ``fix --show-prompts`` while they are made,
``greenbar prompts`` of a fix that is over, out of its journal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from app.cli.show import answers
from app.services import AppServices
from core.errors import UsageError
from core.events import Event, ModelAnswered, ModelAsked, ModelStreamed
from core.session.journal import read_journal
from core.types import Remedy


class PromptPrinter:
    """Feed it every event; it prints each request when it begins, and its answer when that is whole."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._answers: dict[int, list[str]] = {}

    def __call__(self, event: Event) -> None:
        match event.body:
            case ModelAsked(request, proposer, prompt):
                self._answers[request] = []
                self._out.rule(f"prompt {request}, {proposer}", style="dim", align="left")
                self._out.print(Text(prompt))
            case ModelStreamed(request, text) if request in self._answers:
                self._answers[request].append(text)
            case ModelAnswered(request=request, usage=usage) if request in self._answers:
                known = f", {usage.cached} of them known" if usage.cached else ""
                cost = f"{usage.prompt} tokens read{known}, {usage.completion} written"
                self._out.rule(f"answer {request}, {cost}", style="dim", align="left")
                self._out.print(Text("".join(self._answers.pop(request))))
            case _:
                pass


def prompts(options: argparse.Namespace, services: AppServices) -> int:
    """Print what a model was asked in a session; the exit status is 0. Raises UsageError."""
    events = _events(services.data / "sessions", options.session)
    if options.json:
        for record in _records(events):
            sys.stdout.write(json.dumps(record) + "\n")
        return 0
    out = PromptPrinter(answers())
    for event in events:
        out(event)
    return 0


def _events(folder: Path, session: str) -> Iterator[Event]:
    """Of the named session, or of the last one in which a model was asked."""
    if session:
        path = folder / session / "journal.jsonl"
        if Path(session).name != session or not path.is_file():
            raise UsageError(
                "prompts.no_session",
                f"There is no session {session}.",
                (Remedy("Show the last one", shell="greenbar prompts"),),
                f"Sessions are kept in {folder}.",
            )
        return read_journal(path)
    for path in sorted(folder.glob("*/journal.jsonl"), reverse=True):
        if b'"ModelAsked"' in path.read_bytes():
            return read_journal(path)
    raise UsageError(
        "prompts.none",
        "No model has been asked yet.",
        (Remedy("Fix something", shell="greenbar fix PATH"),),
    )


def _records(events: Iterator[Event]) -> Iterator[dict[str, object]]:
    """One object for each answered request."""
    begun: dict[int, tuple[str, str, list[str]]] = {}
    for event in events:
        match event.body:
            case ModelAsked(request, proposer, prompt):
                begun[request] = (proposer, prompt, [])
            case ModelStreamed(request, text) if request in begun:
                begun[request][2].append(text)
            case ModelAnswered(request=request, usage=usage) if request in begun:
                proposer, prompt, pieces = begun.pop(request)
                yield {
                    "request": request,
                    "proposer": proposer,
                    "prompt": prompt,
                    "answer": "".join(pieces),
                    "tokens": {
                        "prompt": usage.prompt,
                        "cached": usage.cached,
                        "completion": usage.completion,
                        "estimated": usage.estimated,
                    },
                }
            case _:
                pass
