"""Which events are worth calling the user back for, and in which words. Pure; imports no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core import events as ev
from core.types import Verdict
from ui.coalesce import Shown
from ui.session import Session
from ui.words import counted, duration, tr, verdict_line


class Kind(Enum):
    """What a note is about; a question is to look and sound different from the rest."""

    FINISHED = "finished"
    FAILED = "failed"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Note:
    """``title`` in a few words, ``text`` in a sentence; both plain."""

    kind: Kind
    title: str
    text: str


def note_for(body: Shown, session: Session) -> Note | None:
    """What to tell somebody who looks elsewhere; ``None`` for what can wait."""
    where = session.repository.name if session.repository is not None else "Greenbar"
    match body:
        case ev.QuestionAsked(question):
            return Note(Kind.QUESTION, tr("{name} asks", name=where), question.text)
        case ev.ConsentNeeded(request):
            return Note(Kind.QUESTION, tr("{name} asks", name=where), request.title)
        case ev.FixFinished(result):
            green = result.verdict is Verdict.GREEN
            kind = Kind.FINISHED if green else Kind.FAILED
            title = tr("Fix of {name}: proven", name=where) if green else ""
            title = title or tr("No confident fix of {name}", name=where)
            took = tr("in {time}", time=duration(result.seconds))
            if result.evidence is not None:
                how = verdict_line(result.evidence.comparison)
                return Note(kind, title, f"{how}, {took}.")
            return Note(kind, title, result.shortfall or f"{took}.")
        case ev.TroubleRaised(sentence=sentence):
            return Note(Kind.FAILED, tr("{name} needs attention", name=where), sentence)
        case _:
            return None


def wanted(note: Note, show: str) -> bool:
    """Whether the setting ``notices.show`` lets it through. Pure."""
    return show == "all" or (show == "questions" and note.kind is Kind.QUESTION)


def announcement(body: Shown, session: Session) -> str:
    """What a screen reader says of an event, whoever looks where; empty for what is not said."""
    match body:
        case ev.TestRunFinished(purpose, report) if purpose != "selection":
            failing = len(report.failing)
            if not report.results:
                return ""
            if not failing:
                return counted(len(report.results), "{n} test passes.", "All {n} tests pass.")
            return counted(failing, "{n} test fails.", "{n} tests fail.")
        case ev.SelectionVerified(_, hunks, comparison):
            chosen = counted(len(hunks), "{n} hunk", "{n} hunks")
            return tr("{hunks} verified: {line}.", hunks=chosen, line=verdict_line(comparison))
        case ev.Accepted(_, paths):
            return tr("Written: {paths}.", paths=", ".join(paths))
        case _:
            note = note_for(body, session)
            return f"{note.title}. {note.text}" if note is not None else ""
