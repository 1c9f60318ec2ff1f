"""From the worker's messages to a :class:`TestReport`; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.testing.base import RunOutcome, Step
from core.types import Frame, NodeId, Outcome, RelPath, RunEnd, TestReport, TestResult


class ReportBuilder:
    """Takes one run's messages in order and knows what has become of it."""

    def __init__(self) -> None:
        self._results: dict[NodeId, TestResult] = {}
        self._collected: tuple[NodeId, ...] = ()
        self._read: set[RelPath] = set()
        self._versions: dict[str, str] = {}
        self._coverage: dict[NodeId, dict[RelPath, frozenset[int]]] = {}
        self._parts: dict[NodeId, dict[int, dict[RelPath, frozenset[int]]]] = {}
        self._steps: dict[NodeId, tuple[Step, ...]] = {}

    def take(self, message: Mapping[str, Any]) -> TestResult | tuple[NodeId, ...] | None:
        """Record a message; returns a new result, the collected ids, or nothing to report."""
        match message["type"]:
            case "collected":
                self._collected = tuple(message["ids"])
                return self._collected
            case "result":
                return self._add(_result(message, Outcome(message["outcome"])))
            case "collect_error":
                return self._add(_result(message, Outcome.COLLECT_ERROR))
            case "data":
                self._read.update(message["paths"])
            case "versions":
                self._versions |= message["installed"]
            case "lines":
                self._coverage[message["id"]] = _lines(message["files"])
                if parts := message.get("parts"):
                    self._parts[message["id"]] = {line: _lines(files) for line, files in parts}
            case "steps":
                self._steps[message["id"]] = tuple(
                    Step(call, line, kind, tuple((name, text) for name, text in values))
                    for call, line, kind, values in message["steps"]
                )
        return None

    def _add(self, result: TestResult) -> TestResult:
        # Duplicate ids exist (the same file named twice, reruns): the worst outcome counts.
        known = self._results.get(result.node_id)
        if known is None or not known.outcome.is_red:
            self._results[result.node_id] = result
        return result

    def finish(
        self, end: RunEnd, detail: str, seconds: float, interference: Iterable[str] = ()
    ) -> RunOutcome:
        report = TestReport(
            results=tuple(self._results.values()),
            collected=self._collected,
            seconds=seconds,
            end=end,
            detail=detail,
            interference=tuple(interference),
            read=tuple(sorted(self._read)),
        )
        return RunOutcome(report, self._coverage, self._steps, parts=self._parts, versions=self._versions)


def _lines(files: Mapping[str, Iterable[int]]) -> dict[RelPath, frozenset[int]]:
    return {path: frozenset(lines) for path, lines in files.items()}


def _result(message: Mapping[str, Any], outcome: Outcome) -> TestResult:
    return TestResult(
        node_id=message["id"],
        outcome=outcome,
        seconds=float(message.get("seconds", 0.0)),
        message=message["message"],
        traceback=message["traceback"],
        output=message.get("output", ""),
        frames=tuple(_frame(*row) for row in message["frames"]),
    )


def _frame(path: RelPath, line: int, function: str, values: Iterable[Iterable[str]] = ()) -> Frame:
    return Frame(path, line, function, tuple((name, text) for name, text in values))
