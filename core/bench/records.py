"""Results on disk: an append-only file while a run goes on, and the report when it has ended.

Both are JSON with a format and a version. The append-only file begins with what the run is about; who
goes on with it must be about the same. A line that a crash has cut off counts as not written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from core.atomic import write_atomic
from core.bench.values import TaskResult
from core.errors import UsageError
from core.types import Remedy

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

FORMAT: Final = "greenbar-bench"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the engine worked."""

    cores: int = 0
    system: str = ""
    python: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is about. One can go on where another was if ``digest`` and ``greenbar`` are equal."""

    name: str
    """Of the set, for people."""
    digest: str
    """Of the tasks and settings."""
    command: str
    """How it was started."""
    greenbar: str
    """Our version, with the commit where it is known."""
    started: str
    """ISO 8601, UTC."""
    machine: Machine = field(default_factory=Machine)
    seed: int = 0
    tasks: int = 0
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """A run with its results, in the order of the set."""

    run: Run
    results: tuple[TaskResult, ...]


@cache
def converter() -> JsonConverter:
    from cattrs.preconf.json import make_converter

    return make_converter()


def report_record(report: Report) -> dict[str, Any]:
    """The JSON object of a report, without its summary."""
    return {"format": FORMAT, "version": VERSION, **converter().unstructure(report)}


def write_report(path: Path, record: dict[str, Any]) -> None:
    """Raises UsageError where the file cannot be written."""
    # All ASCII: a patch that is not UTF-8 holds lone surrogates, which JSON can only escape.
    write_text(path, json.dumps(record, indent=1) + "\n")


def write_text(path: Path, text: str) -> None:
    """Whole or not at all. Raises UsageError where the file cannot be written."""
    try:
        write_atomic(path, text.encode())
    except OSError as error:
        raise _unwritable(path, error) from error


def read_report(path: Path) -> Report:
    """Raises UsageError for what is no report of a version that we know."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError("bench.unreadable", f"{path} cannot be read.", details=str(error)) from error
    except ValueError as error:
        raise UsageError("bench.not_a_report", f"{path} is not JSON.", details=str(error)) from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise UsageError("bench.not_a_report", f"{path} is no report of greenbar bench.")
    if record.get("version") != VERSION:
        raise UsageError(
            "bench.version",
            f"{path} has version {record.get('version')} of the format; this Greenbar reads {VERSION}.",
        )
    report: Report = _structured(path, record, Report)
    return report


class ResultsFile:
    """The append-only file beside a report. For one process at a time; blocking."""

    def __init__(self, path: Path, run: Run) -> None:
        self._path = path
        self._run = run
        self._file: TextIO | None = None

    @staticmethod
    def beside(report: Path) -> Path:
        return report.with_name(f"{report.stem}.results.jsonl")

    def open(self, *, fresh: bool = False) -> list[TaskResult]:
        """Begin, or go on; what earlier runs have left. ``fresh``: nothing of it.

        Raises UsageError where the file is about something else, or cannot be written.
        """
        done = [] if fresh else self._earlier()
        lines = [
            {"format": f"{FORMAT}-results", "version": VERSION, **converter().unstructure(self._run)}
        ]
        lines += [converter().unstructure(result) for result in done]
        try:
            # Written anew, so that nothing is appended to a line that was cut off.
            write_atomic(self._path, "".join(json.dumps(line) + "\n" for line in lines).encode())
            self._file = self._path.open("a", encoding="ascii")
        except OSError as error:
            raise _unwritable(self._path, error) from error
        return done

    def append(self, result: TaskResult) -> None:
        assert self._file is not None, "open() comes first"
        self._file.write(json.dumps(converter().unstructure(result)) + "\n")
        self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _earlier(self) -> list[TaskResult]:
        try:
            lines = self._path.read_text("ascii").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise UsageError(
                "bench.unreadable", f"{self._path} cannot be read.", details=str(error)
            ) from error
        whole = [line for line in lines if line.endswith("\n")]
        if not whole:
            return []
        first = _loaded(self._path, whole[0])
        remedies = (Remedy("Write elsewhere", shell="--out FILE"), Remedy("Begin anew", shell="--fresh"))
        if first.get("format") != f"{FORMAT}-results" or first.get("digest") != self._run.digest:
            raise UsageError(
                "bench.other_run",
                f"{self._path} holds the results of another run: other tasks or settings.",
                remedies,
            )
        if first.get("greenbar") != self._run.greenbar:
            raise UsageError(
                "bench.other_version",
                f"{self._path} holds the results of another Greenbar, {first.get('greenbar')}; this is "
                f"{self._run.greenbar}.",
                remedies,
            )
        return [_structured(self._path, _loaded(self._path, line), TaskResult) for line in whole[1:]]


def in_order(results: Iterable[TaskResult], keys: Sequence[tuple[Any, ...]]) -> tuple[TaskResult, ...]:
    """The results of these attempts, in their order."""
    found = {result.key: result for result in results}
    return tuple(found[key] for key in keys if key in found)


def _loaded(path: Path, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise UsageError("bench.damaged", f"{path} is damaged.", details=str(error)) from error
    return record if isinstance(record, dict) else {}


def _structured(path: Path, record: dict[str, Any], kind: type[Any]) -> Any:
    try:
        return converter().structure(record, kind)
    except Exception as error:  # whatever is wrong in it, the file is damaged
        raise UsageError("bench.damaged", f"{path} is damaged.", details=repr(error)) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError("bench.unwritable", f"{path} cannot be written.", details=str(error))
