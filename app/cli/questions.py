"""Questions on the terminal: one at a time, answered with a number, words, ``d``, or not at all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from rich.markup import escape

from app.cli.show import console, read_line
from core.events import AnswerRefused, AnswerTakenBack, Event, QuestionAnswered
from core.session.session import Session
from core.types import DECIDE, OTHER, FixResult, Question


class Refusals:
    """A sink that keeps what the last answer led to."""

    def __init__(self) -> None:
        self.sentence = ""
        self.conflict = 0

    def __call__(self, event: Event) -> None:
        match event.body:
            case AnswerRefused(sentence=sentence, conflict=conflict):
                self.sentence, self.conflict = sentence, conflict
            case QuestionAnswered(sentence=sentence, request=request):
                more = f' To have it searched: greenbar change "{request}"' if request else ""
                self.sentence, self.conflict = f"{sentence}{more}", 0
            case AnswerTakenBack():
                self.sentence, self.conflict = "The earlier answer was taken back.", 0


def asks(options: argparse.Namespace) -> bool:
    """Whether somebody is there to be asked, and wants to be."""
    return options.ask != "never" and not options.json and sys.stdin.isatty() and sys.stderr.isatty()


async def ask_questions(session: Session, heard: Refusals, result: FixResult) -> FixResult:
    """Ask what is open; the result as the answers have it."""
    await ask_open(session, heard)
    return session.asking.result or result


async def ask_open(session: Session, heard: Refusals) -> None:
    """Ask what is open until it is answered or put off with an empty line."""
    out = console()
    while (question := session.asking.questions.current) is not None:
        show_question(question, out.print)
        choice = _choice(await read_line(prompt(question, heard.conflict)), question, heard.conflict)
        if choice is None:
            out.print("[dim]It stays open, and is asked again when you come back to it.[/dim]")
            break
        if choice == _TAKE_BACK:
            await session.asking.take_back(heard.conflict)
        else:
            await session.asking.answer(question.id, *choice)
        out.print(escape(heard.sentence))


_TAKE_BACK = (DECIDE, "take back")


def _choice(line: str, question: Question, conflict: int) -> tuple[int, str] | None:
    """What a line means: a number, ``d``, ``t`` where something can be taken back, else words."""
    line = line.strip()
    if not line:
        return None
    if line.lower() in ("d", "decide"):
        return DECIDE, ""
    if conflict and line.lower() in ("t", "take back"):
        return _TAKE_BACK
    if line.isdigit() and 1 <= int(line) <= len(question.options):
        return int(line), ""
    # A value that is a small number could be meant as an option: then it is one; "= 2" is the value.
    return OTHER, line.removeprefix("=").strip()


def show_question(question: Question, out: Callable[[str], None]) -> None:
    """The card, as lines."""
    out(f"\n[bold]? {escape(question.text)}[/bold]\n  {escape(question.why)}")
    for number, option in enumerate(question.options, 1):
        best = " [dim](recommended)[/dim]" if number == 1 else ""
        out(f"  [bold]{number}[/bold]  {escape(option.label)}{best}")
        if option.consequence:
            out(f"     [dim]{escape(option.consequence)}[/dim]")
    if question.looked_up:
        out(f"  [dim]Looked up first: {escape('; '.join(question.looked_up))}.[/dim]")


def prompt(question: Question, conflict: int) -> str:
    """What may be typed."""
    taken = ", t takes the earlier answer back" if conflict else ""
    return f"  1-{len(question.options)}, d: decide for me, = and a value, Enter: later{taken}: "


def question_record(question: Question) -> dict[str, Any]:
    """An open question, for ``--json``."""
    return {
        "id": question.id,
        "text": question.text,
        "why": question.why,
        "example": question.example.call if question.example else "",
        "options": [
            {"label": o.label, "consequence": o.consequence, "expected": o.expected}
            for o in question.options
        ],
        "looked_up": list(question.looked_up),
        "impact": round(question.impact, 3),
        "uncertainty": round(question.uncertainty, 3),
    }
