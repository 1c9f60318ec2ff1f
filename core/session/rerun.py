"""Some tests of the tree as it is, without the rest of the suite."""

from __future__ import annotations

from dataclasses import replace

from core.errors import UsageError
from core.session.review import Results
from core.session.workspace import Workspace
from core.types import NodeId, Remedy, TestReport


async def run_some(workspace: Workspace, results: Results, tests: tuple[NodeId, ...]) -> TestReport:
    """Run ``tests`` and take what they show into the baseline of ``results``.

    Where the tree has changed, ``results`` are forgotten: half a baseline would call old failures new.

    Raises UsageError for a test that the baseline does not know.
    """
    baseline = results.baseline
    assert baseline is not None, "the suite has run before"
    known = baseline.by_id()
    if unknown := [node for node in tests if node not in known]:
        raise UsageError(
            "tests.unknown",
            f"There is no test {unknown[0]} in this repository.",
            (Remedy("Run all tests", action="run_tests"),),
        )
    report, same = await workspace.run_some(tests)
    if not same:
        results.forget()
        return report
    fresh = report.by_id()
    merged = tuple(fresh.get(result.node_id, result) for result in baseline.results)
    results.baseline = replace(baseline, results=merged)
    return report
