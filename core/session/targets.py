"""Which failing tests a fix is for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.errors import UsageError
from core.types import Diagnosis, NodeId, Remedy, TestReport


def beyond(
    diagnoses: Sequence[Diagnosis], targets: tuple[NodeId, ...], meant: Collection[NodeId] = ()
) -> tuple[NodeId, ...]:
    """The targets without those that no patch of the code can be the answer to, unless they are
    ``meant`` all the same."""
    aside = {node_id for diagnosis in diagnoses if diagnosis.aside for node_id in diagnosis.tests}
    aside -= set(meant)
    return tuple(node_id for node_id in targets if node_id not in aside)


def choose_targets(baseline: TestReport, tests: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
    """The failing tests that ``tests`` name (ids, files, classes, functions); empty names them all.

    Raises UsageError for a name that fits no test.
    """
    if not tests:
        return baseline.failing
    outcomes = {result.node_id: result.outcome for result in baseline.results}
    chosen: set[NodeId] = set()
    for wanted in tests:
        hits = {n for n in outcomes if n == wanted or n.startswith((f"{wanted}::", f"{wanted}["))}
        if not hits:
            raise UsageError(
                "tests.unknown",
                f"There is no test {wanted} in this repository.",
                (Remedy("Show the tests", "run_tests", "python -m pytest --collect-only -q"),),
            )
        if not any(outcomes[n].is_red or outcomes[n].is_green for n in hits):
            raise UsageError(
                "tests.skipped", f"The test {wanted} is skipped here, so no fix can be proved."
            )
        chosen |= hits
    return tuple(node_id for node_id in baseline.failing if node_id in chosen)
