"""The evidence pack: a projection of events, and pages in which nothing of a repository is markup."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from core import events as ev
from core.proof.html import to_html
from core.proof.markdown import code, fence, prose, to_markdown
from core.proof.message import branch_of, message_of, subject_of
from core.proof.pack import KINDS, Pack, pack_of
from core.repo.patch import file_diffs
from core.types import (
    DECIDE,
    Budget,
    Candidate,
    Comparison,
    Evidence,
    FileChange,
    FixResult,
    HunkNeed,
    Option,
    Outcome,
    Patch,
    Proof,
    Question,
    QuestionSource,
    RepositoryInfo,
    Requirement,
    RequirementSource,
    Rung,
    TestReport,
    TestResult,
    TokenUsage,
    Verdict,
    WithoutFix,
)

GAP = "".join(f"# {n}\n" for n in range(12))
BEFORE = f"a = 0\n{GAP}b = 0\n"
PATCH = Patch((FileChange("m.py", BEFORE.encode(), BEFORE.replace("= 0", "= 1").encode()),))
EVIL = (
    "](javascript:alert(1)) <script>alert(1)</script> ![x](http://h/p.png) @everyone `` ``` | # h\n"
    "<img src=x onerror=alert(1)> \u202etxt.exe [a]: http://h &lt;b&gt; https://h/x"
)


def report(**outcomes: Outcome) -> TestReport:
    results = tuple(TestResult(f"t.py::{name}", outcome) for name, outcome in outcomes.items())
    return TestReport(results, tuple(r.node_id for r in results), 0.1)


def bodies(title: str = "m.py rewrite a", test: str = "t.py::test_a") -> list[ev.Body]:
    comparison = Comparison(Verdict.GREEN, fixed=(test, "t.py::test_b"))
    evidence = Evidence(3, Rung.SUITE, comparison, 0.1, 3)
    best = Candidate(3, "direct", title, PATCH)
    targets = (test, "t.py::test_b")
    before = TestReport(
        (
            TestResult(test, Outcome.FAILED, message="assert 0 == 1"),
            TestResult("t.py::test_b", Outcome.ERROR, message="KeyError: 'b'"),
            TestResult("t.py::test_c", Outcome.PASSED),
        ),
        (*targets, "t.py::test_c"),
        0.1,
    )
    proof = Proof(
        reverted=(
            WithoutFix(test, Outcome.FAILED, "assertion failed", True),
            WithoutFix("t.py::test_b", Outcome.ERROR, "KeyError", True),
        ),
        hunks=(
            HunkNeed("m.py#0", 1, (test,), whole_suite=False),
            HunkNeed("m.py#1", 14, ("t.py::test_b",)),
        ),
        runs=3,
        seconds=1.25,
    )
    return [
        ev.RepositoryOpened(RepositoryInfo("/home/ada/r", "r", "main", 0, 2)),
        ev.TestRunFinished("baseline", before),
        ev.FixStarted(targets, Budget(60.0), ("direct",), "qwen", "auto"),
        ev.FixFinished(FixResult(Verdict.GREEN, best, evidence, targets, 2.5, TokenUsage(10, 5), 4)),
        ev.ReviewReady(3, title, file_diffs(PATCH, lambda path: False), evidence),
        ev.Proven(3, proof),
    ]


def pack(*more: ev.Body, **named: str) -> Pack:
    return pack_of(
        ev.Event("20261120-1", number, 1e9, body)
        for number, body in enumerate((*bodies(**named), *more), 1)
    )


class Tags(HTMLParser):
    """Every tag, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_page_says_what_was_asked_changed_and_proved() -> None:
    text = to_markdown(pack(), "1.2")
    for piece in (
        "**✓ 2 fixed, 0 broken, tests untouched.**",
        "Reverting it makes 2 tests fail: 1 on its assertion, 1 with KeyError, as before.",
        "- `t.py::test_a`",
        "+a = 1",
        "| pass | 1 | 3 |",
        "| `t.py::test_b` | error | passed |",
        "| `m.py:14` | red: `t.py::test_b` |",
        "| Model | `qwen` |",
        "| Time | 2.5 s of 60 s |",
        "`Greenbar 1.2`",
    ):
        assert piece in text
    assert "t.py::test_c" not in text, "what stays as it was needs no row"


def test_a_partial_accept_shows_its_hunks_only_and_its_own_numbers() -> None:
    selected = Comparison(Verdict.IMPROVED, fixed=("t.py::test_a",), still_failing=("t.py::test_b",))
    made = pack(ev.SelectionVerified(3, ("m.py#0",), selected), ev.Accepted(1, ("m.py",), 3, ("m.py#0",)))
    text = to_markdown(made, "")
    assert "+a = 1" in text
    assert "+b = 1" not in text
    assert "1 fixed, 0 broken, 1 still failing" in text
    assert made.proof is None, "the proof of the whole is none of a part"


def test_the_run_on_the_accepted_files_is_what_after_means_and_an_undo_is_told() -> None:
    accepted = ev.Accepted(1, ("m.py",), 3)
    after = report(test_a=Outcome.PASSED, test_b=Outcome.FAILED, test_c=Outcome.PASSED)
    made = pack(accepted, ev.TestRunFinished("accepted", after), ev.Undone(1, ("m.py",)))
    assert made.outcomes()["t.py::test_b"] == (Outcome.ERROR, Outcome.FAILED)
    assert "It was accepted and then undone." in to_markdown(made, "")


def test_requirements_lead_to_their_tests_and_hunks_and_questions_have_their_answers() -> None:
    need = Requirement(7, "b is one", RequirementSource.ANSWER, tests=("t.py::test_b",))
    question = Question(QuestionSource.READINGS, "One or two?", "", (Option("One"), Option("Two")), id=1)
    open_one = Question(QuestionSource.READINGS, "Now?", "", (Option("Yes"), Option("No")), id=2)
    made = pack(
        ev.LedgerChanged((need,)),
        ev.QuestionAsked(question),
        ev.QuestionAnswered(1, 2, "", "Two it is."),
        ev.QuestionAsked(open_one),
    )
    text = to_markdown(made, "")
    assert "| 7 | `b is one` | answer | untested | `t.py::test_b` | `m.py:14` |" in text
    assert "1. `One or two?`  \n   Answer: `Two`. Two it is." in text
    assert "Not answered; taken meanwhile: `Yes`." in text
    decided = pack(ev.QuestionAsked(question), ev.QuestionAnswered(1, DECIDE))
    assert "Answer: `left to Greenbar`." in to_markdown(decided, "")


@pytest.mark.parametrize("place", ["title", "test"])
def test_text_of_the_repository_is_never_markup(place: str) -> None:
    evil = {"title": EVIL, "test": f"t.py::test[{EVIL}]"}
    made = pack(
        ev.TaskRestated(EVIL, EVIL),
        ev.LedgerChanged((Requirement(1, EVIL, RequirementSource.REQUEST),)),
        ev.QuestionAsked(Question(QuestionSource.READINGS, EVIL, EVIL, (Option(EVIL),), id=1)),
        ev.QuestionAnswered(1, 0, EVIL, EVIL),
        **{place: evil[place]},
    )
    text = to_markdown(made, "1")
    assert "\u202e" not in text
    tags = Tags(to_html(text, subject_of(made))).seen
    names = {tag for tag, _ in tags}
    assert names <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "ol", "li", "strong"),
        *("em", "code", "pre", "span", "br", "table", "thead", "tbody", "tr", "th", "td"),
    }
    assert {key for tag, held in tags for key in held if tag not in ("meta", "html")} <= {
        "class",
        "style",
    }
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert len(headings) == 8, "no heading but ours"


def test_a_code_span_or_block_cannot_be_ended_from_inside() -> None:
    assert code("a `b` ``c``") == "``` a `b` ``c`` ```"
    assert fence("x\n````\ny").startswith("`````text\n")
    assert prose("a_b [c](d) @e") == "a\\_b \\[c\\]\\(d\\) \\@\u2060e"


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = to_html(to_markdown(pack(), "1"), "t")
    tags = Tags(page).seen
    assert not {"script", "link", "img", "iframe", "a"} & {tag for tag, _ in tags}
    assert "default-src 'none'" in page
    assert '<span class="added">+a = 1</span>' in page


def test_branch_and_message_are_drafted_from_it() -> None:
    made = pack()
    assert subject_of(made) == "Fix test_a and test_b"
    assert branch_of(made) == "greenbar/fix-test-a-and-test-b"
    message = message_of(made)
    assert message.startswith("Fix test_a and test_b\n\nm.py rewrite a\n\n")
    assert "  t.py::test_b" in message
    assert all(len(line) <= 72 for line in message.splitlines())
    assert branch_of(Pack()) == "greenbar/fix"
    worded = pack(ev.TaskRestated("Kürze Namen über 40 Zeichen", "Kürze Namen über 40 Zeichen"))
    assert branch_of(worded) == "greenbar/k-rze-namen-ber-40-zeichen"


def test_every_kind_that_is_read_is_an_event() -> None:
    assert all(hasattr(ev, kind) for kind in KINDS)
