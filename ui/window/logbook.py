"""Which events are worth a line in the log, and in which words. Pure."""

from __future__ import annotations

from core import events as ev
from core.types import LockedFile, RunEnd
from ui.coalesce import Shown
from ui.evidence.words import proof_sentence
from ui.words import counted, duration, tr, verdict_line, verdict_word

NAMED = 6
"""How many locked files a line names."""


def sentence(body: Shown) -> str:
    """One line for the log; empty for what is not worth one."""
    match body:
        case ev.Noticed(words):
            return words
        case ev.RepositoryOpened(repository):
            return tr("Opened {path} ({branch}).", path=repository.path, branch=repository.branch)
        case ev.SandboxReady(sentence=words):
            return tr("Sandbox: {words}.", words=words.rstrip("."))
        case ev.ModelReady(name=name):
            return tr("Model: {name}.", name=name)
        case ev.Progress(_, text, _, _):
            return text
        case ev.TroubleRaised(code=code, sentence=words):
            return f"✗ {words} ({code})"
        case ev.TestRunStarted(purpose):
            return tr("Running the tests ({purpose}).", purpose=purpose)
        case ev.TestRunFinished(purpose, report):
            failing = counted(len(report.failing), "{n} test fails", "{n} tests fail")
            total = counted(len(report.results), "{n} test", "{n} tests")
            line = tr(
                "{total} in {time}, {failing}.",
                total=total,
                time=duration(report.seconds),
                failing=failing,
            )
            return line if report.end is RunEnd.FINISHED else f"{line} {report.detail}"
        case ev.Diagnosed(diagnoses):
            return " ".join(diagnosis.sentence for diagnosis in diagnoses)
        case ev.TestsLocked(files):
            return _locked(files)
        case ev.FixStarted(targets, budget, proposers, model):
            return tr(
                "Fixing {tests} with {proposers}, {model}, {n} s at most.",
                tests=counted(len(targets), "{n} test", "{n} tests"),
                proposers=", ".join(proposers),
                model=model or tr("no model"),
                n=round(budget.seconds),
            )
        case ev.FixFinished(result):
            how = verdict_line(result.evidence.comparison) if result.evidence else result.shortfall
            return tr(
                "The fix ended {verdict} after {time}: {how}",
                verdict=verdict_word(result.verdict),
                time=duration(result.seconds),
                how=how,
            )
        case ev.QuestionAsked(question):
            return tr("Question {n}: {text}", n=question.id, text=question.text)
        case ev.QuestionAnswered(question=number, sentence=words):
            return tr("Question {n} answered. {words}", n=number, words=words)
        case ev.QuestionWithdrawn(number, reason):
            return tr("Question {n} withdrawn. {words}", n=number, words=reason)
        case ev.AnswerTakenBack(number):
            return tr("The answer to question {n} was taken back.", n=number)
        case ev.SelectionVerified(_, hunks, comparison):
            chosen = counted(len(hunks), "{n} hunk", "{n} hunks")
            return tr("Verified {hunks}: {line}.", hunks=chosen, line=verdict_line(comparison))
        case ev.Proven(proof=proof):
            return proof_sentence(proof)
        case ev.EvidenceSaved(path):
            return tr("The evidence was written to {path}.", path=path)
        case ev.PullRequestDrafted():
            return tr("The pull request text is on the clipboard.")
        case ev.Committed():
            done = tr(
                "Committed {commit} on {branch}. Nothing was pushed.",
                commit=body.commit,
                branch=body.branch,
            )
            return " ".join(part for part in (done, body.notice) if part)
        case ev.Accepted(paths=paths):
            return tr("Written: {paths}.", paths=", ".join(paths))
        case ev.Undone(_, paths):
            return tr("Taken back: {paths}.", paths=", ".join(paths))
        case ev.Redone(_, paths):
            return tr("Written again: {paths}.", paths=", ".join(paths))
        case ev.WorkEnded(stopped):
            return tr("Stopped.") if stopped else ""
        case _:
            return ""


def _locked(files: tuple[LockedFile, ...]) -> str:
    if not files:
        return ""
    named = [tr("{path} ({reason})", path=file.path, reason=tr(file.reason)) for file in files[:NAMED]]
    if more := len(files) - len(named):
        named.append(counted(more, "{n} more", "{n} more"))
    return tr("Locked, so that no patch weakens the tests: {files}.", files=", ".join(named))
