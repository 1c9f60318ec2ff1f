"""No key reaches the journal or the window; patches stay byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ModelError
from core.events import Body, Event, FixFinished, ModelAsked, ModelStreamed, Noticed, Progress
from core.events import TestFinished as Finished
from core.redact import Redactor
from core.session.emitter import Emitter
from core.session.journal import Journal, read_journal
from core.types import Candidate, FileChange, FixResult, Outcome, Patch, TestResult, TokenUsage, Verdict

KEY = "a-key-that-looks-like-nothing-9"
CHANGE = FileChange("a.py", b"before", f"KEY = '{KEY}'".encode())


def redactor() -> Redactor:
    redact = Redactor()
    redact.learn(KEY)
    return redact


@pytest.mark.parametrize(
    "body",
    [ModelAsked(1, "direct", f"the prompt {KEY}"), Noticed(f"{KEY}."), Progress("model", f"from {KEY}")],
)
def test_the_window_sees_no_key(body: Body) -> None:
    events: list[Event] = []
    Emitter((events.append,), redactor())(body)
    assert KEY not in repr(events[0].body)


def test_a_servers_words_about_a_refused_key_hold_no_key() -> None:
    events: list[Event] = []
    emit = Emitter((events.append,), redactor())
    emit.trouble(ModelError("model.unauthorized", "It refused the key.", (), f"Incorrect key: {KEY}"))
    assert "Incorrect key: ***" in repr(events[0].body)


def test_the_journal_holds_no_key_in_any_text_and_patches_stay_whole(tmp_path: Path) -> None:
    redact = redactor()
    journal = Journal(tmp_path / "journal.jsonl", redact)
    emit = Emitter((journal.append,), redact)
    emit(ModelStreamed(1, f"text {KEY}"))
    emit(Finished(TestResult("t.py::t", Outcome.FAILED, 0.1, KEY, f"trace {KEY}", KEY)))
    best = Candidate(1, "direct", f"use {KEY}", Patch((CHANGE,)))
    emit(FixFinished(FixResult(Verdict.GREEN, best, None, (), 1.0, TokenUsage(), 1)))
    journal.close()
    assert KEY.encode() not in journal.path.read_bytes()
    bodies = [event.body for event in read_journal(journal.path)]
    assert bodies[0] == ModelStreamed(1, "text ***")
    assert bodies[2].result.best.patch.changes == (CHANGE,)
    assert bodies[2].result.verdict is Verdict.GREEN
