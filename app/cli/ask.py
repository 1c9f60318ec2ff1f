"""``greenbar ask``: a question about a repository, answered on standard output as the words come."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.cli.progress import FixProgress
from app.cli.show import console
from app.services import AppServices, settings_from
from core.commands import Say
from core.errors import GreenbarError, UsageError
from core.events import AnswerEnded, AnswerStreamed, Event
from core.session.emitter import Emitter
from core.session.session import Session
from core.session.talking import Talking
from core.types import AnswerState, Attachment, AttachmentKind, ConsentRequest

MOST_BYTES = 400_000


async def ask(options: argparse.Namespace, services: AppServices) -> int:
    """The exit status is 0 where there is an answer. Raises GreenbarError."""
    attachments = tuple(_attachment(name) for name in options.attach)
    printer = AnswerPrinter(as_json=options.json)
    progress = FixProgress(console())
    emit = Emitter((progress, printer), services.redact)
    session = Session(services, settings_from(model=options.model), emit, _no)
    talking = Talking(services, session, emit, keep=False)
    try:
        await session.open(options.path)
        await talking.say(Say(options.question, attachments=attachments))
    finally:
        await talking.close()
        await session.close()
    printer.finish()
    return 0


class AnswerPrinter:
    """Feed it every event; it writes the answer as it is streamed."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._ended: AnswerEnded | None = None
        self._last = "\n"

    def __call__(self, event: Event) -> None:
        match event.body:
            case AnswerStreamed(text=text) if not self._as_json:
                shown = without_controls(text)
                self._last = shown[-1:] or self._last
                sys.stdout.write(shown)
                sys.stdout.flush()
            case AnswerEnded():
                self._ended = event.body
            case _:
                pass

    def finish(self) -> None:
        """What stands at the end. Raises GreenbarError where there was no answer."""
        ended = self._ended
        if ended is None:
            return
        message = ended.message
        if self._last != "\n" and not self._as_json:
            sys.stdout.write("\n")
        if message.state is AnswerState.FAILED:
            raise GreenbarError("chat.failed", message.trouble, ended.remedies)
        if self._as_json:
            record = {
                "answer": message.text,
                "state": message.state.value,
                "model": message.model,
                "looked_at": [_place(one.path, one.line) for one in message.looked_at],
                "names": [_place(one.path, one.line) for one in message.references],
                "tokens": {"prompt": ended.usage.prompt, "completion": ended.usage.completion},
                "seconds": round(ended.seconds, 3),
            }
            sys.stdout.write(json.dumps(record) + "\n")
        elif message.looked_at:
            seen = ", ".join(_place(one.path, one.line) for one in message.looked_at)
            console().print(f"Shown to {message.model}: {seen}", style="dim", markup=False)


def without_controls(text: str) -> str:
    """Nothing that a terminal would obey: an answer may repeat what a file holds."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or c == " "))


def _attachment(name: str) -> Attachment:
    """Raises UsageError."""
    try:
        if name == "-":
            text = sys.stdin.read(MOST_BYTES)
        else:
            with Path(name).open(encoding="utf-8", errors="replace") as file:
                text = file.read(MOST_BYTES)
    except OSError as error:
        raise UsageError("ask.attachment", f"{name} cannot be read.", (), str(error)) from error
    title = "standard input" if name == "-" else Path(name).name
    return Attachment(AttachmentKind.TEXT, title, text)


def _place(path: str, line: int) -> str:
    return f"{path}:{line}" if line else path


async def _no(request: ConsentRequest) -> bool:
    """Nothing is run, so there is nothing to permit."""
    return False
