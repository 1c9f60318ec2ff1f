"""The evidence pack as Markdown that GitHub and GitLab show: ready as the text of a pull request. Pure.

What is not ours (names of tests, code, messages, words of the user and the model) stands in code spans
and fences only, with a fence that is longer than any in it, or with every mark escaped; so it can be
neither a heading nor a link, an image, a mention or HTML.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Final

from core.proof.message import subject_of
from core.proof.pack import Asked, Pack
from core.proof.words import need_line, proof_lines, ran_line
from core.repo.patch import diff_lines
from core.types import Outcome, RoleUsage, Verdict

MOST_ROWS: Final = 200
"""Tests in the table of those that changed."""
MOST_LINES: Final = 2_000
"""Lines of the diff."""
MOST_CHARACTERS: Final = 4_000
"""Of a request or an answer."""

_MARKS: Final = re.compile(r"([\\`*_\[\]()<>#!|~&@:/$])")
_HIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Control and direction characters: text must read as it is (Boucher, Anderson: Trojan Source, 2021)."""


def to_markdown(pack: Pack, version: str) -> str:
    """The whole page; ``version`` is Greenbar's, of the one that writes it."""
    parts = [f"# {prose(subject_of(pack))}", *_verdict(pack), *_request(pack), *_requirements(pack)]
    parts += [*_questions(pack), *_changes(pack), *_tests(pack), *_proof(pack)]
    parts += _making(pack, version)
    return "\n\n".join(parts) + "\n"


# --- text that is not ours -----------------------------------------------------------------------


def visible(text: str) -> str:
    """Control and direction characters by their number."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def prose(text: str) -> str:
    """One line of plain text, whatever marks are in it."""
    line = " ".join(visible(text).split())
    return _MARKS.sub(r"\\\1", line).replace("\\@", "\\@\u2060")


def code(text: str) -> str:
    """One line in a code span."""
    line = " ".join(visible(text).split()) or " "
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def cell(text: str) -> str:
    """A code span in a table."""
    return code(text).replace("|", "\\|")


def fence(text: str, language: str = "text") -> str:
    """A block of code."""
    body = "\n".join(visible(line) for line in text.rstrip("\n").split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


# --- sections ------------------------------------------------------------------------------------


def _verdict(pack: Pack) -> Iterator[str]:
    comparison, result = pack.comparison, pack.result
    if comparison is None:
        yield (
            "No candidate was verified." if result is None or not result.targets else "No confident fix."
        )
        return
    fixed, broken = len(comparison.fixed), len(comparison.broken)
    still = f", {len(comparison.still_failing)} still failing" if comparison.still_failing else ""
    touched = "tests untouched"
    if any(file.confirmed for file in pack.files):
        touched = "with tests that the user confirmed"
    if any(file.locked and not file.confirmed for file in pack.files):
        touched = "edits tests"
    sign = "✓ " if comparison.verdict is Verdict.GREEN else ""
    yield f"**{sign}{fixed} fixed, {broken} broken{still}, {touched}.**"
    if pack.proof is not None and (lines := proof_lines(pack.proof)):
        yield " ".join(lines)
    if comparison.reasons:
        yield "\n".join(f"- {prose(reason)}" for reason in comparison.reasons)
    if pack.undone:
        yield "It was accepted and then undone."


def _request(pack: Pack) -> Iterator[str]:
    yield "## Request"
    if pack.request:
        yield fence(pack.request[:MOST_CHARACTERS])
        if pack.restated and pack.restated != pack.request:
            yield "Understood as:"
            yield fence(pack.restated[:MOST_CHARACTERS])
        return
    targets = pack.started.targets if pack.started else ()
    if not targets:
        yield "Nothing was to be fixed."
        return
    yield f"Make {'this test' if len(targets) == 1 else f'these {len(targets)} tests'} pass:"
    yield "\n".join(f"- {code(node)}" for node in targets[:MOST_ROWS])


def _requirements(pack: Pack) -> Iterator[str]:
    if not pack.requirements:
        return
    yield "## Requirements"
    rows = ["| # | Requirement | From | State | Tests | Hunks |", "|--:|---|---|---|---|---|"]
    for one in pack.requirements:
        hunks = pack.proof.needing(one.tests) if pack.proof else ()
        tests = ", ".join(cell(node) for node in one.tests)
        needed = ", ".join(cell(_place(pack, hunk)) for hunk in hunks)
        rows.append(f"| {one.id} | {cell(one.text)} | {one.source} | {one.state} | {tests} | {needed} |")
    yield "\n".join(rows)


def _questions(pack: Pack) -> Iterator[str]:
    if not pack.asked:
        return
    yield "## Questions and answers"
    for number, asked in sorted(pack.asked.items()):
        yield f"{number}. {code(asked.question.text)}  \n   {_answered(asked)}"


def _answered(asked: Asked) -> str:
    if asked.answer:
        follows = f" {prose(asked.sentence)}" if asked.sentence else ""
        return f"Answer: {code(asked.answer[:MOST_CHARACTERS])}.{follows}"
    if asked.sentence:
        return f"Withdrawn: {prose(asked.sentence)}"
    first = asked.question.options[0].label if asked.question.options else ""
    return f"Not answered; taken meanwhile: {code(first)}."


def _changes(pack: Pack) -> Iterator[str]:
    if not pack.files:
        return
    yield "## Changes"
    yield code(pack.title)
    lines = [line for file in pack.files for line in diff_lines(file)]
    cut = len(lines) - MOST_LINES
    yield fence("\n".join(lines[:MOST_LINES]), "diff")
    if cut > 0:
        yield f"{cut:,} more lines are left out here."


def _tests(pack: Pack) -> Iterator[str]:
    outcomes = pack.outcomes()
    if not outcomes:
        return
    yield "## Tests before and after"
    before = [old for old, _ in outcomes.values() if old is not None]
    after = [new for _, new in outcomes.values() if new is not None]
    head = ["| | before | after |", "|---|--:|--:|"]
    for word, holds in (
        ("pass", lambda outcome: outcome.is_green),
        ("fail", lambda outcome: outcome.is_red),
        ("skipped", lambda outcome: not outcome.is_green and not outcome.is_red),
    ):
        head.append(f"| {word} | {sum(map(holds, before)):,} | {sum(map(holds, after)):,} |")
    yield "\n".join(head)
    changed = [(node, pair) for node, pair in outcomes.items() if pair[0] is not pair[1]]
    if changed:
        rows = ["| Test | before | after |", "|---|---|---|"]
        rows += [
            f"| {cell(node)} | {_word(old)} | {_word(new)} |" for node, (old, new) in changed[:MOST_ROWS]
        ]
        yield "\n".join(rows)
    if len(changed) > MOST_ROWS:
        yield f"{len(changed) - MOST_ROWS:,} more tests changed."
    where = "on the accepted files" if pack.after else "in a private copy, before any accept"
    yield f"*After* is a run of the whole suite {where}. No other test changed."


def _proof(pack: Pack) -> Iterator[str]:
    proof = pack.proof
    if proof is None:
        return
    yield "## Proof"
    if proof.reverted:
        rows = ["| Without the fix | it is | because of |", "|---|---|---|"]
        for test in proof.reverted:
            cause = f"{test.cause}{', as before' if test.as_before else ''}"
            rows.append(
                f"| {cell(test.node_id)} | {_word(test.outcome)} | {cell(cause) if test.cause else ''} |"
            )
        yield "\n".join(rows)
    if proof.hunks:
        rows = ["| Hunk | left out alone |", "|---|---|"]
        for need in proof.hunks:
            said = ", ".join(cell(node) for node in need.tests)
            rows.append(f"| {cell(need.place)} | {f'red: {said}' if said else need_line(need)} |")
        yield "\n".join(rows)
    yield ran_line(proof)


def _making(pack: Pack, version: str) -> list[str]:
    rows = ["| | |", "|---|---|"]
    started, result = pack.started, pack.result

    def add(name: str, value: str) -> None:
        if value:
            rows.append(f"| {name} | {value} |")

    if started is not None:
        add("Model", cell(started.model) if started.model else "none")
        add("Strategy", cell(started.strategy) if started.strategy else "")
    if result is not None:
        add("Candidate", f"{pack.candidate} of {result.candidates}" if pack.candidate else "")
        add("Found by", cell(result.best.proposer) if result.best else "")
        tokens = result.tokens
        add("Tokens", f"{tokens.prompt:,} read, {tokens.completion:,} written")
        add(
            "Time", f"{result.seconds:.1f} s" + (f" of {started.budget.seconds:.0f} s" if started else "")
        )
        add("Cost", _cost(result.roles))
    add("Sandbox", cell(pack.sandbox) if pack.sandbox else "")
    add("Repository", cell(f"{pack.name}, {pack.branch}"))
    add("Session", cell(pack.session))
    add("Date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(pack.time)))
    add("Written by", cell(f"Greenbar {version}"))
    return ["## How it was made", "\n".join(rows)]


def _cost(roles: tuple[RoleUsage, ...]) -> str:
    if any(role.dollars is None for role in roles):
        return "not known"
    dollars = sum(role.dollars or 0.0 for role in roles)
    return f"${dollars:.4f}" if dollars else ""


def _place(pack: Pack, hunk: str) -> str:
    need = pack.proof.need(hunk) if pack.proof else None
    return need.place if need else hunk


def _word(outcome: Outcome | None) -> str:
    return "not there" if outcome is None else outcome.value.replace("_", " ")
