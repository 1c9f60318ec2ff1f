"""Rounds: a remark or a refusal leads to a new search that heeds it and keeps the rest."""

from __future__ import annotations

import json

import pytest

from core.commands import AllowHunk, CorrectRemark, DropRemark, Refine, RefuseHunk, Remark
from core.errors import UsageError
from core.events import (
    CandidateProposed,
    FixFinished,
    LedgerChanged,
    ModelAsked,
    RefusalsChanged,
    RemarkDropped,
    RemarkUnderstood,
    ReviewReady,
    RoundStarted,
)
from core.models.scripted import ScriptedAnswer, ScriptedModel
from core.session.session import Session
from core.types import Budget, ChangeKind, RemarkPlace, RemarkReading, RequirementSource, Verdict
from tests.core.session.conftest import Opened

SOURCE = '''def add(a, b):
    return a - b


def first_words(text, count):
    """The first words of a text."""
    words = text.split()
    chosen = []
    for word in words:
        if len(chosen) == count:
            break
        chosen.append(word)
    return " ".join(chosen)


def double(a):
    return a * 3
'''
FIXED = SOURCE.replace("a - b", "a + b").replace("a * 3", "a * 2")
FILES = {
    "calc.py": SOURCE,
    "test_calc.py": "from calc import add, double, first_words\n\n\n"
    "def test_add():\n    assert add(2, 3) == 5\n\n\ndef test_double():\n    assert double(4) == 8\n\n\n"
    'def test_first_words():\n    assert first_words("a b c", 2) == "a b"\n',
}
BUDGET = Budget(seconds=60)


def model(*more: ScriptedAnswer) -> ScriptedModel:
    return ScriptedModel((*more, ScriptedAnswer(f"```python\n{FIXED}```", matches="Its tests fail")))


def on_hunk(number: int) -> RemarkPlace:
    return RemarkPlace("calc.py", hunk=f"calc.py#{number}")


async def fixed(opened: Opened, root) -> tuple[Session, int]:
    session = opened.session
    await session.open(str(root))
    result = await session.fix((), BUDGET)
    assert result.verdict is Verdict.GREEN
    assert result.best is not None
    text = result.best.patch.changes[0].after
    assert text == FIXED.encode()
    return session, result.best.id


def after(result) -> str:
    assert result.best is not None
    return result.best.patch.changes[0].after.decode()


@pytest.fixture
def root(repository):
    return repository(FILES)


def test_a_remark_to_the_letter_leads_to_a_round_without_a_question_to_the_model(with_session, root):
    asking = model()

    async def work(opened):
        session, best = await fixed(opened, root)
        asked = len(opened.bodies(ModelAsked))
        await session.rounds.take(Remark(best, on_hunk(1), "use a + a instead of a * 2"))
        [understood] = opened.bodies(RemarkUnderstood)
        assert understood.remark.reading == RemarkReading(
            ChangeKind.CHANGE,
            RemarkPlace("calc.py", 17, 17, "calc.py#1"),
            "Use `a + a` instead of `a * 2`.",
        )
        result = await session.refine(Refine(best, ("calc.py#0",), BUDGET))
        assert result.verdict is Verdict.GREEN
        assert after(result) == FIXED.replace("a * 2", "a + a"), "the kept hunk is there as well"
        assert len(opened.bodies(ModelAsked)) == asked
        assert opened.bodies(RoundStarted)[-1] == RoundStarted(best, (1,))
        assert opened.bodies(RemarkDropped) == [RemarkDropped(1)], "it has been carried out"
        assert opened.bodies(ReviewReady)[-1].candidate == result.best.id
        [line] = opened.bodies(LedgerChanged)[-1].requirements
        assert line.text == "calc.py, double: Use `a + a` instead of `a * 2`."
        assert line.source is RequirementSource.REMARK

    with_session(work, model=asking)


def test_a_remark_in_words_is_read_by_the_model_and_carried_out_by_it(with_session, root):
    shift = "def double(a):\n    return a << 1\n"
    reading = json.dumps({"kind": "change", "line": 17, "solution": "shift a to the left by one"})
    asking = model(
        ScriptedAnswer(f"Sure. {reading}", contains="The remark:"),
        ScriptedAnswer(f"```python\n{shift}```", contains="A reviewer looked at these lines"),
    )

    async def work(opened):
        session, best = await fixed(opened, root)
        await session.rounds.take(Remark(best, on_hunk(1), "a shift is nicer here"))
        remark = opened.bodies(RemarkUnderstood)[-1].remark
        assert remark.by_model
        assert remark.reading.solution == "a shift is nicer here. That is: shift a to the left by one"
        result = await session.refine(Refine(best, ("calc.py#0",), BUDGET))
        assert after(result) == FIXED.replace("a * 2", "a << 1")
        prompt = opened.bodies(ModelAsked)[-1].prompt
        assert "a shift is nicer here" in prompt
        assert "Its tests fail" not in prompt, "they pass with what the round starts from"

    with_session(work, model=asking)


def test_a_corrected_remark_counts_as_corrected(with_session, root):
    async def work(opened):
        session, best = await fixed(opened, root)
        await session.rounds.take(Remark(best, on_hunk(0), "the other way round"))
        remark = opened.bodies(RemarkUnderstood)[-1].remark
        meant = RemarkReading(ChangeKind.CHANGE, on_hunk(0), "use `b + a` instead of `a + b`")
        await session.rounds.take(CorrectRemark(remark.id, meant))
        assert opened.bodies(RemarkUnderstood)[-1].remark.reading.solution == meant.solution
        result = await session.refine(Refine(best, ("calc.py#1",), BUDGET))
        assert after(result) == FIXED.replace("a + b", "b + a")

    with_session(work, model=model())


def test_an_answer_that_changes_a_kept_hunk_or_does_not_heed_the_remark_is_not_verified(
    with_session, root
):
    other = FIXED.replace("a + b", "sum((a, b))").replace("a * 2", "a << 1")
    asking = model(
        ScriptedAnswer("no idea", contains="The remark:"),
        ScriptedAnswer(f"```python\n{other}```", contains="A reviewer looked at these lines"),
    )

    async def work(opened):
        session, best = await fixed(opened, root)
        await session.rounds.take(Remark(best, on_hunk(1), "a shift is nicer here"))
        before = len(opened.bodies(CandidateProposed))
        result = await session.refine(Refine(best, ("calc.py#0",), Budget(seconds=20)))
        assert result.best is None
        assert f"Candidate {best} stands as it was." in result.shortfall
        assert "it changes a hunk that you keep" in result.shortfall
        assert len(opened.bodies(CandidateProposed)) == before
        assert opened.bodies(ReviewReady)[-1].candidate == best
        assert session.rounds.remarking.on(best), "the remark still stands"

    with_session(work, model=asking)


def test_a_round_that_breaks_the_tests_leaves_the_candidate_that_passed(with_session, root):
    async def work(opened):
        session, best = await fixed(opened, root)
        await session.rounds.take(Remark(best, on_hunk(1), "use a * 5 instead of a * 2"))
        result = await session.refine(Refine(best, ("calc.py#0",), BUDGET))
        assert result.best is None
        assert f"Candidate {best} stands" in result.shortfall
        await session.review.accept(best)

    with_session(work, model=model())
    assert (root / "calc.py").read_text() == FIXED


@pytest.mark.parametrize(
    ("text", "code"), [("", "remark.none"), ("why?", "remark.doubt"), ("skip the tests", "remark.doubt")]
)
def test_a_remark_in_doubt_starts_no_round(with_session, root, text, code):
    async def work(opened):
        session, best = await fixed(opened, root)
        await session.rounds.take(Remark(best, on_hunk(0), text))
        assert opened.bodies(RemarkUnderstood)[-1].remark.doubt
        with pytest.raises(UsageError) as caught:
            await session.refine(Refine(best, (), BUDGET))
        assert caught.value.code == code

    with_session(work, model=model())


def test_without_a_model_the_limits_are_said(with_session, root):
    async def work(opened):
        session = opened.session
        await session.open(str(root))
        await session.fix((), BUDGET)
        best = opened.bodies(FixFinished)[-1].result.best.id
        await session.rounds.take(Remark(best, RemarkPlace(), "make it more readable"))
        with pytest.raises(UsageError, match="No model takes part"):
            await session.refine(Refine(best, (), BUDGET))

    with_session(work)


def test_dropping_a_remark_settles_the_contradiction(with_session, root):
    async def work(opened):
        session, best = await fixed(opened, root)
        await session.rounds.take(Remark(best, on_hunk(1), "keep a"))
        await session.rounds.take(Remark(best, on_hunk(1), "rename a to value"))
        assert "contradicts remark 1" in opened.bodies(RemarkUnderstood)[-1].remark.doubt
        await session.rounds.take(DropRemark(1))
        assert opened.bodies(RemarkUnderstood)[-1].remark.doubt == ""
        result = await session.refine(Refine(best, ("calc.py#0",), BUDGET))
        assert "def double(value):\n    return value * 2\n" in after(result)

    with_session(work, model=model())


def test_a_refused_hunk_is_told_to_the_model_and_never_comes_back_also_after_a_restart(
    with_session, root
):
    better = FIXED.replace("a * 2", "a + a")
    answers = (
        ScriptedAnswer(f"```python\n{better}```", contains="never by a product"),
        ScriptedAnswer(f"```python\n{FIXED}```", matches="Its tests fail"),
    )

    async def refuse(opened):
        session, best = await fixed(opened, root)
        await session.rounds.take(RefuseHunk(best, "calc.py#1", "never by a product"))
        [refusal] = opened.bodies(RefusalsChanged)[-1].refusals
        assert refusal.lines == ("-    return a * 3", "+    return a * 2")
        assert refusal.reason == "never by a product"
        result = await session.refine(Refine(best, ("calc.py#0",), BUDGET))
        assert after(result) == better

    async def again(opened):
        session = opened.session
        await session.open(str(root))
        assert len(opened.bodies(RefusalsChanged)[-1].refusals) == 1
        result = await session.fix((), BUDGET)
        assert after(result) == better
        shown = {c.patch.changes[0].after for c in session.review._results.candidates.values()}
        assert FIXED.encode() not in shown
        await session.rounds.take(AllowHunk(1))
        assert opened.bodies(RefusalsChanged)[-1].refusals == ()
        await session.run_tests()
        assert after(await session.fix((), BUDGET)) == FIXED

    with_session(refuse, model=ScriptedModel((*answers[1:], *answers[:1])[::-1]))
    with_session(again, model=ScriptedModel(answers))


def test_a_hunk_that_there_is_not_cannot_be_refused(with_session, root):
    async def work(opened):
        session, best = await fixed(opened, root)
        for hunk in ("calc.py#7", "other.py#0", "nonsense"):
            with pytest.raises(UsageError, match="nothing was refused"):
                await session.rounds.take(RefuseHunk(best, hunk))
        with pytest.raises(UsageError, match="no refused hunk 4"):
            await session.rounds.take(AllowHunk(4))

    with_session(work, model=model())
