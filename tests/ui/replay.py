"""Plays events into the real window: for tests, screenshots and the bench. Not product code."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from core import events as ev
from core.commands import Command
from core.types import (
    Budget,
    Candidate,
    CommitDraft,
    Comparison,
    DroppedTest,
    Evidence,
    Example,
    FileChange,
    FileDiff,
    FixResult,
    Frame,
    Hunk,
    HunkNeed,
    Option,
    Outcome,
    Patch,
    Proof,
    ProposedTest,
    Question,
    QuestionSource,
    ReadinessRow,
    ReadinessState,
    Remedy,
    RepositoryInfo,
    Requirement,
    RequirementSource,
    RequirementState,
    Rung,
    SandboxKind,
    Settings,
    Suspect,
    TestReport,
    TestResult,
    TokenUsage,
    Verdict,
    WithoutFix,
)
from ui.inbox import Inbox
from ui.state import UiState
from ui.theme.look import Look
from ui.window.main_window import MainWindow

SANDBOX = "Docker: no network, private copy only, 4 GB, 2 cores"
TRACEBACK = """\
    def test_empty_header():
>       assert parse("X-Flag:\\n") == {}
E       AssertionError: assert {'X-Flag': ''} == {}
E         Left contains 1 more item:
E         {'X-Flag': ''}
E         Use -v to get more diff

tests/test_parse.py:12: AssertionError
"""
BEFORE = '''\
"""Headers in, mapping out."""

from __future__ import annotations

import re
from collections.abc import Iterable

FOLD = re.compile(r"\\r?\\n[ \\t]+")


class Reader:
    """Reads header blocks."""

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict

    def unfold(self, raw: str) -> str:
        return FOLD.sub(" ", raw)


def parse(raw: str) -> dict[str, str]:
    """Parse a block of headers."""
    found = {}
    for line in Reader().unfold(raw).split("\\n"):
        name, _, value = line.partition(":")
        found[name] = value.strip()
    return found


def quote(value: str) -> str:
    # A value with a comma needs quotes.
    if "," in value or ";" in value:
        return "'" + value + "'"
    return value


def write(headers: Iterable[tuple[str, str]]) -> str:
    """The opposite of parse."""
    return "\\n".join(f"{name}:{quote(value)}" for name, value in headers)
'''
AFTER = (
    BEFORE.replace(
        """        name, _, value = line.partition(":")
        found[name] = value.strip()
""",
        """        name, _, value = line.partition(":")
        if name and value.strip():
            found[name] = value.strip()
""",
    )
    .replace('''        return "'" + value + "'"''', """        return '"' + value + '"'""")
    .replace('f"{name}:{quote(value)}"', 'f"{name}: {quote(value)}"')
)
FILES = ("parse", "write", "cli", "fold", "types", "errors", "stream", "unicode")


def diff_of(path: str, before: str, after: str, locked: bool = False) -> FileDiff:
    """A file diff with three lines of context, made with difflib."""
    import difflib
    import re

    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1))[2:]
    hunks: list[Hunk] = []
    for line in lines:
        head = re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line)
        if head:
            a, b, c, d = (int(part) if part is not None else 1 for part in head.groups())
            hunks.append(Hunk(f"{path}#{len(hunks)}", path, a, b, c, d, (), _section(before, a)))
        else:
            last = hunks[-1]
            hunks[-1] = Hunk(
                last.id,
                path,
                last.old_start,
                last.old_count,
                last.new_start,
                last.new_count,
                (*last.lines, line),
                last.section,
            )
    return FileDiff(path, before, after, tuple(hunks), locked=locked)


def _section(text: str, line: int) -> str:
    for above in reversed(text.splitlines()[: line + 2]):
        if above.startswith(("def ", "class ")):
            return above.rstrip(":")
    return ""


def node_ids() -> tuple[str, ...]:
    """128 tests in eight files."""
    names = [f"tests/test_{file}.py::test_{file}_{n}" for file in FILES for n in range(16)]
    names[1] = "tests/test_parse.py::test_empty_header"
    names[3] = "tests/test_parse.py::test_a_header_whose_name_is_very_long_and_goes_on[parameter-one-two]"
    return tuple(names)


RED = (1, 3, 17, 19, 22, 25)


def results(green: bool = False) -> tuple[TestResult, ...]:
    """Six failures, one skip, the rest passed; or with ``green`` no failure."""
    made = []
    for place, node in enumerate(node_ids()):
        if place in RED and not green:
            made.append(
                TestResult(
                    node,
                    Outcome.FAILED,
                    0.004,
                    "AssertionError: assert {'X-Flag': ''} == {}",
                    TRACEBACK,
                    "parsing 'X-Flag:'\n1 header\n",
                    (
                        Frame("tests/test_parse.py", 12, "test_empty_header"),
                        Frame("headers/parse.py", 25, "parse"),
                    ),
                )
            )
        elif place == 40:
            made.append(TestResult(node, Outcome.SKIPPED, 0.0, "needs a network"))
        else:
            made.append(TestResult(node, Outcome.PASSED, 0.002 + place / 9000))
    return tuple(made)


def targets() -> tuple[str, ...]:
    return tuple(node_ids()[place] for place in RED)


def comparison(fixed: int, broken: int = 0) -> Comparison:
    wanted = targets()
    verdict = Verdict.GREEN if fixed == len(wanted) else Verdict.IMPROVED if fixed else Verdict.UNCHANGED
    if broken:
        verdict = Verdict.WORSE
    return Comparison(
        verdict,
        wanted[:fixed],
        tuple(node_ids()[60 : 60 + broken]),
        wanted[fixed:],
        reasons=("It breaks a test that passed before.",) if broken else (),
    )


def evidence(candidate: int, fixed: int, broken: int = 0) -> Evidence:
    failure = None if fixed == len(RED) else results()[RED[fixed]]
    rung = Rung.SUITE if fixed == len(RED) else Rung.TARGET
    return Evidence(candidate, rung, comparison(fixed, broken), 0.41, 128, failure)


def opened() -> Iterator[ev.Body]:
    """A repository opens and its tests are run; six fail."""
    info = RepositoryInfo("/home/ada/code/headers", "headers", "main", 3, 41)
    yield ev.RepositoryOpened(info)
    yield ev.SandboxReady(SandboxKind.DOCKER, SANDBOX)
    yield ev.ModelReady("embedded", "qwen2.5-coder 1.5B", 8192)
    yield ev.TestRunStarted("baseline")
    yield ev.TestsCollected(node_ids())


def suite_run(green: bool = False, purpose: str = "baseline") -> Iterator[ev.Body]:
    for result in results(green):
        yield ev.TestFinished(result)
    report = TestReport(results(green), node_ids(), 3.4)
    yield ev.TestRunFinished(purpose, report)
    yield ev.WorkEnded()


def fixing(last: int = 14) -> Iterator[ev.Body]:
    """Candidates stream in; the last is green when there are fourteen."""
    budget = Budget(120.0, 20_000)
    yield ev.FixStarted(
        targets(), budget, ("mutation", "direct edit", "explain then fix"), "qwen2.5-coder 1.5B"
    )
    yield ev.SuspectsRanked(
        (
            Suspect("headers/parse.py", 25, 0.97, "parse", ("in every failing test",)),
            Suspect("headers/parse.py", 32, 0.81, "quote"),
            Suspect("headers/parse.py", 39, 0.64, "write"),
        )
    )
    yield ev.ModelAsked(1, "explain then fix", "...")
    fixed_by = {4: 2, 7: 5, 14: 6}
    proposers = ("mutation", "mutation", "direct edit", "explain then fix")
    for number in range(1, last + 1):
        yield ev.CandidateProposed(
            number,
            proposers[number % 4],
            f"headers/parse.py:{20 + number} skip a header that has no value",
            ("headers/parse.py",),
            2,
            1,
        )
        for word in ("The header ", "without a value ", "is kept ", "as an empty string.\n"):
            yield ev.ModelStreamed(1, word)
        if number <= last - 2 or last == 14:
            fixed = fixed_by.get(number, 0)
            yield ev.CandidateVerified(evidence(number, fixed, int(number == 5)), number in fixed_by)
        yield ev.BudgetSpent(number * 1.3, TokenUsage(800 + number * 20, number * 30), budget, number)
    yield ev.ModelAnswered(1, TokenUsage(1080, 420), 11.0, 38.2)


def review_files() -> tuple[FileDiff, ...]:
    return (diff_of("headers/parse.py", BEFORE, AFTER),)


def fixed(verdict: Verdict = Verdict.GREEN) -> Iterator[ev.Body]:
    number = 14 if verdict is Verdict.GREEN else 7
    proof = evidence(number, 6 if verdict is Verdict.GREEN else 5)
    change = FileChange("headers/parse.py", BEFORE.encode(), AFTER.encode())
    best = Candidate(number, "explain then fix", "Skip headers without a value", Patch((change,)))
    green = verdict is Verdict.GREEN
    yield ev.FixFinished(
        FixResult(
            verdict,
            best,
            proof,
            targets(),
            18.2 if green else 120.0,
            TokenUsage(1080, 420),
            14 if green else 12,
            shortfall="" if green else "No candidate passes all six tests; the best passes five.",
        )
    )
    yield ev.ReviewReady(number, best.title, review_files(), proof)
    if green:
        yield ev.Proven(number, proved())
    yield ev.WorkEnded()


def proved() -> Proof:
    """Six targets that fail without the fix; of three hunks, one that nothing needs."""
    wanted = targets()
    return Proof(
        reverted=tuple(WithoutFix(node, Outcome.FAILED, "assertion failed", True) for node in wanted),
        hunks=(
            HunkNeed("headers/parse.py#0", 25, wanted[:4], whole_suite=True),
            HunkNeed("headers/parse.py#1", 33, (), whole_suite=True),
            HunkNeed("headers/parse.py#2", 39, wanted[4:], whole_suite=True),
        ),
        runs=5,
        seconds=1.4,
    )


def commit_draft() -> CommitDraft:
    """A commit whose one file held changes of the user's own."""
    message = (
        "Fix 6 failing tests of tests/test_parse.py\n\nSkip headers without a value\n\n"
        "6 fixed, 0 broken. Reverting it makes 6 tests fail on their assertion.\n"
        "1 of 3 hunks is needed by no test.\n"
    )
    branch = "greenbar/fix-6-failing-tests-of-tests-test-parse-py"
    return CommitDraft(1, branch, message, ("headers/parse.py",), ("headers/parse.py",))


QUESTION = Question(
    QuestionSource.DISAGREEMENT,
    "What should parse('X-Flag:') give?",
    "3 fixes pass every test and give different values here, as they do for 5 of 24 inputs that were "
    "tried; the answer decides which of them you get.",
    (
        Option("{}", "2 of the 3 fixes do this, the best so far among them.", "{}", (7, 9)),
        Option("{'X-Flag': ''}", "1 of the 3 fixes does this, and so does the code today.", "…", (11,)),
        Option("It raises ValueError", "1 of the 3 fixes does this.", "raises ValueError", (12,)),
    ),
    Example("parse('X-Flag:')", "headers/parse.py", "headers.parse"),
    ("the tests that name parse (tests/test_parse.py)", "the docstring of parse", "README.md"),
    id=2,
)


def asked() -> Iterator[ev.Body]:
    """A question while the search goes on."""
    yield ev.QuestionAsked(QUESTION, waiting=1)


def readiness() -> ev.ReadinessChanged:
    return ev.ReadinessChanged(
        (
            ReadinessRow("Sandbox", ReadinessState.OK, SANDBOX + "."),
            ReadinessRow(
                "Model",
                ReadinessState.MISSING,
                "The embedded model has not been downloaded yet (1.1 GB).",
                Remedy("Download", "download_model"),
            ),
            ReadinessRow(
                "Keys", ReadinessState.ATTENTION, "No keyring answers; keys come from variables."
            ),
        )
    )


def storm(tests: int = 2000, tokens: int = 20_000) -> Iterator[ev.Body]:
    """A large run and a talkative model at once: what the heartbeat bench pushes in."""
    nodes = tuple(f"tests/test_{n // 50:03}.py::test_{n}" for n in range(tests))
    yield ev.RepositoryOpened(RepositoryInfo("/tmp/storm", "storm", "main", 0, tests))
    yield ev.TestRunStarted("baseline")
    yield ev.TestsCollected(nodes)
    yield ev.FixStarted(nodes[:5], Budget(), ("direct edit",), "model")
    yield ev.ModelAsked(1, "direct edit", "...")
    share = max(1, tokens // tests)
    words = itertools.cycle(("def ", "parse", "(raw", ") -> ", "dict:\n", "    return ", "{}\n"))
    for place, node in enumerate(nodes):
        red = place % 37 == 0
        yield ev.TestFinished(
            TestResult(node, Outcome.FAILED if red else Outcome.PASSED, 0.003, "boom" if red else "")
        )
        for _ in range(share):
            yield ev.ModelStreamed(1, next(words))
        if place % 20 == 0:
            yield ev.CandidateProposed(
                place, "direct edit", f"a.py:{place} change a line", ("a.py",), 1, 1
            )
            yield ev.BudgetSpent(place / 50, TokenUsage(100, place), Budget(), place)


class Stage:
    """The real window on show, its inbox, and the commands that it has sent."""

    def __init__(
        self,
        application: QApplication,
        state: UiState | None = None,
        theme: str = "light",
        scale: float | None = None,
    ) -> None:
        self.application = application
        self.posted: list[Command] = []
        self.inbox = Inbox()
        self.state = state or UiState()
        self.look = Look(application, theme, scale)
        self.window = MainWindow(self.posted.append, self.inbox, self.state, self.look)
        self.window.session.settings = Settings(look_theme=theme)
        self._seq = itertools.count(1)
        self.clock = 1_760_000_000.0

    def event(self, body: ev.Body) -> ev.Event:
        self.clock += 0.01
        return ev.Event("s", next(self._seq), self.clock, body)

    def play(self, *bodies: ev.Body) -> None:
        """Push and wait until everything has been shown."""
        for body in bodies:
            self.inbox.push(self.event(body))
        self.settle()

    def settle(self, seconds: float = 0.0) -> None:
        """Run the event loop until the inbox is empty and repaints are done."""
        end = time.monotonic() + 10
        still = time.monotonic() + seconds
        while self.inbox.pending() and time.monotonic() < end:
            self.application.processEvents()
        while time.monotonic() < still:
            self.application.processEvents()
        self.window.router.refresh()
        for _ in range(3):  # a layout may ask for another one
            self.application.processEvents()

    def show(self, width: int = 1440, height: int = 900) -> None:
        self.window.resize(width, height)
        self.window.show()
        self.settle()

    def grab(self, path: Path) -> None:
        self.window.grab().save(str(path))

    def close(self) -> None:
        self.window.close()
        self.inbox.close()
        self.window.deleteLater()
        self.look.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self.application.processEvents()


def requested() -> Iterator[ev.Body]:
    """A request as it was understood, with a ledger that has lines of other sources."""
    yield ev.LedgerChanged(
        (
            Requirement(1, "Use pathlib, never os.path.", RequirementSource.AGENTS_MD),
            Requirement(
                2,
                "An empty header gives an empty mapping.",
                RequirementSource.ANSWER,
                RequirementState.PASSING,
                ("tests/test_parse.py::test_empty",),
            ),
        )
    )
    yield ev.TaskRestated(
        "parse_header should keep quoted commas, e.g. parse_header('a=\"1,2\"') == {'a': '1,2'}",
        "parse_header has to keep commas inside quotes: parse_header('a=\"1,2\"') == {'a': '1,2'}",
        "Qwen2.5-Coder 1.5B",
        ("headers/parse.py::parse_header",),
    )


def proposed() -> Iterator[ev.Body]:
    """Tests for that request, one of them left out."""
    path = "tests/test_parse.py"
    imported = "from headers.parse import parse_header\n\n\n"
    yield ev.TestsProposed(
        (
            ProposedTest(
                path,
                f"{path}::test_parse_header_a_1_2",
                f"{imported}def test_parse_header_a_1_2():\n"
                "    assert parse_header('a=\"1,2\"') == {'a': '1,2'}\n",
                "The request gives this example.",
            ),
            ProposedTest(
                path,
                f"{path}::test_parse_header_a",
                f"{imported}def test_parse_header_a():\n"
                "    assert parse_header('a=\",\"') == {'a': ','}\n",
                "Proposed by Qwen2.5-Coder 1.5B from the request.",
            ),
        ),
        (DroppedTest("assert parse_header('') == {}", "It passes on the code as it is."),),
    )
