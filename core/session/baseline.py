"""The baseline run and the traced run: what is red, and what the red tests execute."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from core.errors import TestRunError
from core.repo.settings import OWN_FILE
from core.testing.base import RunLimits, RunOutcome, RunRequest, TestRunner
from core.testing.flaky import unsteady_targets
from core.testing.known_commands import KnownCommand
from core.testing.languages import Language
from core.testing.limits import candidate_limits
from core.types import (
    Evidence,
    FlakyTest,
    NodeId,
    Outcome,
    RelPath,
    Remedy,
    RunEnd,
    TestReport,
    TestResult,
)

TRACE_TEST_SECONDS = 3.0
TRACE_HUNG_SECONDS = 0.5
TRACE_RUN_SECONDS = 25.0
MOST_TRACED = 120
"""Red and green tests each: enough for a spectrum, little enough to stay quick."""
QUICK_SECONDS = 2.0
MOST_TRACED_AGAIN = 40
"""Green tests that show where the fault is that a candidate has left."""
MOST_QUICK = 3000
"""As many more passing tests as took so long together: which lines they touch orders the runs of
candidates."""
SUITE_TIMES = 3.0
"""How many times its own length a suite must have left of the budget to be repeated."""

_OTHERWISE = (
    "Another command is named in greenbar.toml, with command and format under [tests]; see "
    "docs/languages.md."
)
_MISSING_MODULE = "ModuleNotFoundError: No module named"


async def trace(
    runner: TestRunner,
    baseline: TestReport,
    targets: Collection[NodeId],
    first: RunLimits,
    seconds: float,
) -> RunOutcome:
    """Run the targets and some passing tests again with line tracing, for at most ``seconds`` each.

    They run side by side, the targets first: a run goes through its tests in the order of their files,
    so in one run slow green tests would take the time, and nothing be known of the red ones.

    Of the parametrisations of a test that hangs only one is traced, for half a second: it shows
    where the loop is. Passing tests from the targets' own files come first: they execute the same
    code and so tell guilty lines from innocent ones.
    """
    chosen, single = _pick_targets(baseline, targets)
    files = {node_id.split("::", 1)[0] for node_id in targets}
    passing = [r for r in baseline.results if r.outcome is Outcome.PASSED]
    passing.sort(key=lambda r: (r.node_id.split("::", 1)[0] not in files, r.seconds))
    green = [r.node_id for r in passing[: _worth_tracing(passing)]]
    limits = replace(
        first,
        test_seconds=min(TRACE_TEST_SECONDS, first.test_seconds),
        run_seconds=min(TRACE_RUN_SECONDS, seconds),
    )
    requests = [
        RunRequest(node_ids=tuple(ids), limits=limits, test_seconds=single, trace=True)
        for ids in (chosen, green)
        if ids
    ]
    runs = [asyncio.ensure_future(runner.run(request)) for request in requests]
    try:
        return _together(await asyncio.gather(*runs))
    finally:
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)


def _together(outcomes: Sequence[RunOutcome]) -> RunOutcome:
    """Traced runs as one; how it ended is how the first did."""
    if not outcomes:
        return RunOutcome(TestReport((), (), 0.0))
    first, *others = outcomes
    reports = [outcome.report for outcome in outcomes]
    report = replace(
        first.report,
        results=tuple(result for one in reports for result in one.results),
        collected=tuple(dict.fromkeys(node_id for one in reports for node_id in one.collected)),
        seconds=max(one.seconds for one in reports),
    )
    coverage = {node_id: files for one in outcomes for node_id, files in one.coverage.items()}
    parts = {node_id: found for one in outcomes for node_id, found in one.parts.items()}
    versions = {name: version for one in outcomes for name, version in one.versions.items()}
    lost = first.lost or any(other.lost for other in others)
    return replace(first, report=report, coverage=coverage, parts=parts, versions=versions, lost=lost)


async def trace_candidate(
    runner: TestRunner,
    baseline: TestReport,
    evidence: Evidence,
    overlay: Mapping[RelPath, bytes | None],
    first: RunLimits,
    seconds: float,
) -> RunOutcome:
    """The same with a candidate's ``overlay``, for what its ``evidence`` has left to do. Of green tests
    only a few run: those that it has fixed, and those from the files of the red ones."""
    single = {r.node_id: TRACE_HUNG_SECONDS for r in evidence.remaining if r.outcome is Outcome.TIMEOUT}
    red = [result.node_id for result in evidence.remaining]
    files = {node_id.split("::", 1)[0] for node_id in red}
    passing = [r for r in baseline.results if r.outcome is Outcome.PASSED]
    passing.sort(key=lambda r: (r.node_id.split("::", 1)[0] not in files, r.seconds))
    green = [*evidence.comparison.fixed, *(result.node_id for result in passing)]
    limits = replace(
        first,
        test_seconds=min(TRACE_TEST_SECONDS, first.test_seconds),
        run_seconds=min(TRACE_RUN_SECONDS, seconds),
    )
    chosen = (*red, *green[:MOST_TRACED_AGAIN])
    return await runner.run(RunRequest(overlay, chosen, limits=limits, test_seconds=single, trace=True))


def harms(baseline: TestReport, after: TestReport) -> bool:
    """Whether a test that passed fails now. A timeout says nothing: tracing is slow."""
    passed = {result.node_id for result in baseline.results if result.outcome is Outcome.PASSED}
    failed = (Outcome.FAILED, Outcome.ERROR)
    return any(r.outcome in failed and r.node_id in passed for r in after.results)


async def unsteady(
    runner: TestRunner,
    baseline: TestReport,
    targets: Collection[NodeId],
    traced: TestReport,
    first: RunLimits,
    seconds: float,
) -> tuple[FlakyTest, ...]:
    """The targets that are flaky: red in the baseline, and green again on the same code.

    Costs nothing where all of them were red in the ``traced`` run, too. The whole suite is repeated
    only where that fits well into ``seconds``.
    """
    limits, single = candidate_limits(baseline, first)

    async def alone(node_ids: tuple[NodeId, ...]) -> TestReport:
        request = RunRequest(node_ids=node_ids, limits=limits, test_seconds=single)
        return (await runner.run(request)).report

    async def again() -> TestReport:
        return await alone(())

    is_short = SUITE_TIMES * baseline.seconds < seconds
    return await unsteady_targets(traced, targets, alone, again if is_short else None)


def _worth_tracing(passing: Sequence[TestResult]) -> int:
    """How many passing tests, from the first, are traced."""
    sums = itertools.accumulate(result.seconds for result in passing[:MOST_QUICK])
    quick = sum(1 for seconds in sums if seconds <= QUICK_SECONDS)
    return max(MOST_TRACED, quick)


def _pick_targets(
    baseline: TestReport, targets: Collection[NodeId]
) -> tuple[list[NodeId], dict[NodeId, float]]:
    results = baseline.by_id()
    chosen: list[NodeId] = []
    single: dict[NodeId, float] = {}
    hung: set[str] = set()
    for node_id in targets:
        result = results.get(node_id)
        if result is None or result.outcome in (Outcome.COLLECT_ERROR, Outcome.CRASHED):
            continue
        if result.outcome is Outcome.TIMEOUT:
            function = node_id.split("[", 1)[0]
            if function in hung:
                continue
            hung.add(function)
            single[node_id] = TRACE_HUNG_SECONDS
        chosen.append(node_id)
    return chosen[:MOST_TRACED], single


def missing_modules(report: TestReport) -> tuple[str, ...]:
    """Modules whose absence kept test files, or a conftest, from being imported, sorted."""
    texts = [r.traceback for r in report.results if r.outcome is Outcome.COLLECT_ERROR]
    if report.end is RunEnd.CRASHED:
        texts.append(report.detail)
    return tuple(sorted(set().union(*map(_missing_in, texts))))


def _missing_in(text: str) -> set[str]:
    found = set()
    for line in text.splitlines():
        if _MISSING_MODULE in line:
            name = line.split(_MISSING_MODULE, 1)[1].strip().strip("'\"")
            found.add(name.split("'", 1)[0].split(".", 1)[0])
    return found


def why_no_baseline(
    report: TestReport, name: str, language: Language, known: KnownCommand | None = None
) -> TestRunError | None:
    """Why a run of the repository called ``name`` is no baseline; ``None`` where it is one.

    ``known`` is the command that a repository of its kind would need.
    """
    if report.end is RunEnd.FINISHED and not report.collected and not report.results:
        if known is not None and language.command is None:
            return TestRunError(
                "tests.command_needed",
                f"Greenbar runs tests of {known.title} by a command that you name in {OWN_FILE}.",
                (Remedy("Run again", action="run_tests"),),
                details=known.advice,
            )
        return TestRunError(
            "tests.none",
            f"No tests were found in {name}.",
            (Remedy("Choose another folder", action="open"),),
            details=f"Greenbar looked for {language.title}. {_OTHERWISE}",
        )
    if report.end not in (RunEnd.CRASHED, RunEnd.OUT_OF_MEMORY) or report.results:
        return None
    sentence = f"The tests of {name} could not run."
    remedies = [Remedy("Run again", action="run_tests")]
    details = report.detail
    if language.command is not None and report.end is RunEnd.CRASHED:
        # The worker's own first line says it best; what the command said follows.
        first, _, details = report.detail.partition("\n")
        sentence = f"{sentence[:-1]}: {first[:1].lower()}{first[1:]}" if first else sentence
        details = f"{details}\n\nThe command: {language.command.run}\n{_OTHERWISE}"
        remedies.append(Remedy("Look into the sandbox", action="run_doctor", shell="greenbar doctor"))
    return TestRunError(f"tests.{report.end}", sentence, tuple(remedies), details)
