"""``greenbar fix``: open, run, search, judge, and apply where asked."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.markup import escape
from rich.text import Text

from app.cli.progress import FixProgress, cost, counted, role_line, total
from app.cli.prompts import PromptPrinter
from app.cli.questions import Refusals, ask_questions, asks, question_record
from app.cli.review import review
from app.cli.show import answers, confirm, console, error_record
from app.services import AppServices, settings_from, with_limits
from core.errors import GreenbarError, UsageError
from core.localise.marks import parse_place
from core.proof.words import need_line, proof_lines
from core.repo.unified import unified_diff
from core.search.choose import choose_proposers
from core.search.strategy import find_strategy
from core.session.consent import Ask
from core.session.emitter import Emitter
from core.session.session import Session
from core.types import (
    Budget,
    Choice,
    Comparison,
    ConsentKind,
    ConsentRequest,
    Diagnosis,
    DiagnosisKind,
    FixResult,
    Proof,
    Question,
    RoleUsage,
    SuspectMark,
    Verdict,
    WithoutFix,
)


async def fix(options: argparse.Namespace, services: AppServices) -> int:
    """Returns the exit status; raises GreenbarError for usage and environment errors."""
    progress = FixProgress(console())
    shown = (PromptPrinter(console()),) if options.show_prompts else ()
    heard = Refusals()
    emit = Emitter((progress, heard, *shown), services.redact)
    _check_terminal(options)
    strategy = find_strategy(options.strategy, services.strategies())
    choose_proposers(services.proposers(), options.proposers, strategy)
    places = [parse_place(text) for text in options.suspect]
    settings = settings_from(
        sandbox=options.sandbox,
        model="none" if options.no_model else options.model,
        judge_model="" if options.no_model else options.judge_model,
        embedding_model="" if options.no_model else options.embedding_model,
        language=options.language,
        proposers=options.proposers,
        strategy=options.strategy,
        seed=options.seed,
        set_up=options.setup == "auto",
        test_seconds=options.test_timeout,
    )
    chosen = services.settings.read()
    for sentence in chosen.notices:
        console().print(f"[yellow]![/yellow] {escape(sentence)}")
    settings = with_limits(settings, chosen.settings)
    session = Session(services, settings, emit, asker(options, progress))
    try:
        with progress:
            await session.open(options.path)
            await session.ready_model()
            await session.run_tests()
            for place in places:
                session.mark_suspect(place, SuspectMark.PINNED)
            budget = Budget(options.budget_seconds, options.budget_tokens, options.budget_dollars)
            result = await session.fix(tuple(options.tests), budget)
        if asks(options):
            result = await ask_questions(session, heard, result)
        wanted = options.apply
        if options.review:
            result, wanted = await review(session, result, budget, _show_for_review, progress)
        with progress:
            written = False
            if wanted and result.verdict is Verdict.GREEN and result.best is not None:
                await session.review.accept(result.best.id)
                written = True
        if options.json:
            record = fix_record(result, session)
            # All ASCII: bytes that are not UTF-8 are lone surrogates, which JSON can only escape.
            sys.stdout.write(json.dumps(record) + "\n")
        show_result(result, session, written=written, as_json=options.json, named=bool(options.tests))
        return 0 if result.verdict is Verdict.GREEN else 1
    except asyncio.CancelledError:
        if options.json:
            print_stopped(progress.last_result, session)
        else:
            show_stopped(progress.last_result, session)
        raise
    except GreenbarError:
        # The sandbox was lost in the middle, or the fix cannot be written: it is still worth seeing.
        if not options.json:
            show_stopped(progress.last_result, session)
        raise
    finally:
        await session.close()


def _check_terminal(options: argparse.Namespace) -> None:
    if options.review and (options.json or not (sys.stdin.isatty() and sys.stderr.isatty())):
        raise UsageError("review.no_terminal", "--review asks on the terminal, and there is none here.")


def _show_for_review(result: FixResult, session: Session) -> None:
    """A result with its diff, before the user has said anything of it."""
    out = console()
    if result.best is None:
        out.print(f"[yellow]–[/yellow] No confident fix. {escape(result.shortfall)}")
        return
    sign = "[green]✓[/green]" if result.verdict is Verdict.GREEN else "[yellow]![/yellow]"
    out.print(f"{sign} Candidate {result.best.id}: {escape(result.best.title)}")
    show_diff(patch_text(result, session))


def asker(options: argparse.Namespace, progress: FixProgress) -> Ask:
    """Asks on the terminal; ``--yes`` answers what concerns the network."""

    async def ask(request: ConsentRequest) -> bool:
        if options.yes and request.kind is not ConsentKind.HOST:
            return True
        if options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        progress.__exit__()
        out = console()
        out.print(f"\n[bold]{request.title}[/bold]\n{escape(request.text)}")
        try:
            return await confirm(request.accept_label)
        finally:
            progress.__enter__()

    return ask


def fix_record(result: FixResult, session: Session) -> dict[str, Any]:
    """The JSON object of ``--json``."""
    comparison = result.evidence.comparison if result.evidence else Comparison(result.verdict)
    flaky = [test.node_id for test in comparison.flaky or result.flaky]
    return {
        "verdict": result.verdict.value,
        "fixed": list(comparison.fixed),
        "broken": list(comparison.broken),
        "still_failing": list(comparison.still_failing if result.evidence else result.targets),
        "suspicious": list(comparison.reasons),
        "patch": patch_text(result, session),
        "seconds": round(result.seconds, 3),
        "tokens": {"prompt": result.tokens.prompt, "completion": result.tokens.completion},
        "candidates": result.candidates,
        "proposer": result.best.proposer if result.best else "",
        "model": session.model_name,
        "sandbox": session.sandbox_name,
        **({"choice": choice_record(result.choice)} if result.choice else {}),
        **({"proof": proof_record(proof)} if (proof := proof_of(result, session)) else {}),
        **({"question": question_record(asked)} if (asked := open_question(session)) else {}),
        **({"flaky": flaky} if flaky else {}),
        **(
            {"diagnosis": [diagnosis_record(d) for d in said]}
            if (said := told(session.diagnoses))
            else {}
        ),
        **({"roles": [role_record(row) for row in result.roles]} if tells_roles(result) else {}),
    }


def open_question(session: Session) -> Question | None:
    """What the fixes that pass leave open, where nobody has answered it."""
    return session.asking.questions.current if session.is_open else None


def proof_of(result: FixResult, session: Session) -> Proof | None:
    """What leaving the best candidate out has shown, where that was tried."""
    return session.proving.proofs.get(result.best.id) if result.best else None


def proof_record(proof: Proof) -> dict[str, Any]:
    """What goes red without the fix, and without each of its hunks, for ``--json``."""
    return {
        "bites": proof.bites,
        "finished": proof.finished,
        "reverted": [_without_record(test) for test in proof.reverted],
        "with_tests_only": [_without_record(test) for test in proof.with_tests_only],
        "hunks": [
            {
                "hunk": need.hunk,
                "place": need.place,
                "needed_by": list(need.tests),
                "looked": need.looked,
                "whole_suite": need.whole_suite,
            }
            for need in proof.hunks
        ],
        "runs": proof.runs,
        "seconds": round(proof.seconds, 3),
    }


def _without_record(test: WithoutFix) -> dict[str, Any]:
    return {
        "test": test.node_id,
        "outcome": test.outcome.value if test.outcome else "",
        "cause": test.cause,
        "as_before": test.as_before,
    }


def told(diagnoses: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Those that say where a fault lies; that nothing passes, the counts say."""
    return tuple(diagnosis for diagnosis in diagnoses if diagnosis.kind is not DiagnosisKind.NO_GREEN)


def diagnosis_record(diagnosis: Diagnosis) -> dict[str, Any]:
    """One part of ``diagnosis``; ``aside``: these tests were no targets unless they were named."""
    return {
        "kind": diagnosis.kind.value,
        "sentence": diagnosis.sentence,
        "tests": list(diagnosis.tests),
        "aside": diagnosis.aside,
    }


def tells_roles(result: FixResult) -> bool:
    """Whether ``tokens`` leaves something out: who else was asked, or what it may have cost."""
    return len(result.roles) > 1 or any(row.dollars != 0.0 for row in result.roles)


def choice_record(choice: Choice) -> dict[str, Any]:
    """Why the best is the best, for ``--json``."""
    return {
        "rule": choice.rule,
        "among": choice.among,
        "signs": list(choice.signs),
        "proposed": list(choice.proposed),
    }


def role_record(row: RoleUsage) -> dict[str, Any]:
    """One role's part of ``--json``; ``dollars`` is null where the price is not known."""
    return {
        "role": row.role.value,
        "model": row.model,
        "calls": row.calls,
        "prompt": row.tokens.prompt,
        "cached": row.tokens.cached,
        "completion": row.tokens.completion,
        "estimated": row.tokens.estimated,
        "dollars": None if row.dollars is None else round(row.dollars, 6),
        "stopped": row.stopped,
        "saved": row.saved,
    }


def patch_text(result: FixResult, session: Session) -> str:
    """What was judged of the best candidate, as a unified diff, without what it would do to locked
    files; bytes that are not UTF-8 survive as surrogates."""
    if result.best is None:
        return ""
    judged, _ = session.review.lanes(result.best.patch)
    return unified_diff(judged).decode("utf-8", "surrogateescape")


def show_result(
    result: FixResult, session: Session, *, written: bool, as_json: bool, named: bool
) -> None:
    """The verdict for people; the diff too, on standard output, unless JSON is there."""
    out = console()
    tried = counted(result.candidates, "candidate")
    spent = f"{tried}, {result.seconds:.1f} s, {total(result.tokens):,} tokens{cost(result.roles)}"
    if not result.targets:
        which = "none of the tests that you named" if named else "no test"
        out.print(f"[green]✓[/green] Nothing to fix: {which} fails.")
        return
    if result.verdict is Verdict.GREEN:
        assert result.evidence is not None
        fixed = len(result.evidence.comparison.fixed)
        out.print(
            f"[green]✓[/green] {fixed} fixed, 0 broken, tests untouched. "
            f"[dim]By {result.best.proposer if result.best else ''}; {spent}.[/dim]"
        )
        if result.choice is not None:
            _show_choice(result.choice)
        if (proof := proof_of(result, session)) is not None:
            _show_proof(proof)
    else:
        out.print(f"[yellow]–[/yellow] No confident fix. {result.shortfall} [dim]{spent}.[/dim]")
    if len(result.roles) > 1 or any(row.stopped for row in result.roles):
        for row in result.roles:
            out.print(f"  [dim]{escape(role_line(row))}[/dim]")
    # Without evidence they have been told already, before the search.
    for test in result.evidence.comparison.flaky[:5] if result.evidence else ():
        out.print(f"  {escape(test.sentence)}")
    if result.best is not None and not as_json:
        if result.verdict is Verdict.GREEN:
            show_diff(patch_text(result, session))
        else:
            _show_best(result, session)
        _, left_out = session.review.lanes(result.best.patch)
        if left_out.paths:
            out.print(f"Left out, as it changes tests: {escape(', '.join(left_out.paths))}.")
    if written:
        out.print(f"Written to {session.info.path}.")
    elif result.verdict is Verdict.GREEN:
        out.print("Nothing was written. Use --apply to write it.")
    else:
        out.print("Nothing was written. A bigger model or more --budget-seconds may help.")


def _show_proof(proof: Proof) -> None:
    """What leaving it out has shown, and the hunks that nobody has checked."""
    console().print(f"  {escape(' '.join(proof_lines(proof)))}")
    for need in proof.hunks:
        if need.looked and not need.tests:
            console().print(f"  [yellow]![/yellow] {escape(f'{need.place}: {need_line(need)}')}")


def _show_choice(choice: Choice) -> None:
    """Why this one of those that pass, and what speaks against it."""
    if choice.rule:
        console().print(f"  [dim]{escape(choice.rule)}[/dim]")
    if choice.signs:
        named = escape("; ".join(choice.signs))
        console().print(f"  [yellow]![/yellow] It may be made for the tests: {named}. Read it with care.")
    for sentence in choice.proposed:
        console().print(f"  [dim]proposed check[/dim] {escape(sentence)}")


def show_stopped(result: FixResult | None, session: Session) -> None:
    """After Ctrl+C: the best state so far, which is not lost."""
    if result is not None and result.best is not None:
        _show_best(result, session)


def print_stopped(result: FixResult | None, session: Session) -> None:
    """The one JSON object, also after Ctrl+C."""
    stopped = GreenbarError("stopped", "It was stopped before the search began.")
    record = error_record(stopped) if result is None else fix_record(result, session)
    sys.stdout.write(json.dumps(record) + "\n")


def _show_best(result: FixResult, session: Session) -> None:
    """A candidate that is not green, with what it does."""
    assert result.best is not None
    console().print(f"The best of {counted(result.candidates, 'candidate')}: {escape(result.best.title)}")
    show_diff(patch_text(result, session))


def show_diff(text: str) -> None:
    """A diff on standard output, in colours where that is a terminal."""
    data = text.encode("utf-8", "surrogateescape")
    if not sys.stdout.isatty():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    # Whole lines in the terminal's own foreground: readable on any background, and fit to be copied.
    for line in data.decode("utf-8", "replace").splitlines():
        answers().print(Text(line, style=_diff_style(line)))


def _diff_style(line: str) -> str:
    if line.startswith(("diff ", "index ", "--- ", "+++ ")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
