"""A request in words: restated, tests proposed, confirmed, red, searched for, green, accepted."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from core.errors import GreenbarError, UsageError
from core.events import (
    LedgerChanged,
    Noticed,
    RequestDropped,
    TaskRestated,
    TestsConfirmed,
    TestsProposed,
)
from core.models.scripted import ScriptedAnswer, ScriptedModel
from core.search.decompose import DecomposeProposer
from core.search.direct import DirectProposer
from core.search.mutation import MutationProposer
from core.types import Budget, FixResult, RequirementState, Verdict
from tests.core.session.conftest import Opened, WithSession

MakeRepository = Callable[[Mapping[str, str]], Path]

AGE = {
    "age.py": 'def is_adult(age):\n    """Whether somebody signs."""\n    return age > 18\n',
    "tests/test_age.py": "from age import is_adult\n\n\ndef test_old():\n"
    "    assert is_adult(40) is True\n",
}
SLUG = {
    "slug.py": 'def slugify(text):\n    """A name for addresses."""\n    return text.replace(" ", "-")\n',
    "test_slug.py": "from slug import slugify\n\n\ndef test_one_word():\n"
    "    assert slugify('a') == 'a'\n",
}
BUDGET = Budget(seconds=60)


async def carry_through(opened: Opened, root: Path, words: str, *mentions: str) -> FixResult:
    """Everything confirmed as it is proposed."""
    await opened.session.open(str(root))
    requesting = opened.session.requesting
    tests = await requesting.confirm_task(await requesting.request(words, mentions))
    return await requesting.confirm_tests([test.node_id for test in tests], {}, BUDGET)


def status(root: Path) -> list[str]:
    done = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_an_example_becomes_a_test_without_a_model_and_code_and_test_are_written_together(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        result = await carry_through(opened, root, "is_adult(18) should be true, so that birthdays count")
        (proposed,) = opened.bodies(TestsProposed)
        (test,) = proposed.tests
        assert test.node_id == "tests/test_age.py::test_is_adult_18"
        assert test.source == (
            "from age import is_adult\n\n\ndef test_is_adult_18():\n    assert is_adult(18) is True\n"
        )
        assert opened.bodies(TestsConfirmed)[0].tests == (test.node_id,)
        assert result.verdict is Verdict.GREEN
        assert result.best is not None
        assert status(root) == [], "the user's tree is untouched before Accept"
        await opened.session.review.accept(result.best.id)
        assert status(root) == [" M age.py", " M tests/test_age.py"]
        assert (root / "age.py").read_text() == AGE["age.py"].replace(">", ">=")
        assert (root / "tests/test_age.py").read_text() == AGE["tests/test_age.py"] + (
            "\n\ndef test_is_adult_18():\n    assert is_adult(18) is True\n"
        )
        report = await opened.session.run_tests("accepted")
        assert report.failing == ()
        (line,) = opened.bodies(LedgerChanged)[-1].requirements
        assert (line.state, line.tests) == (RequirementState.PASSING, (test.node_id,))
        await opened.session.review.undo()
        assert status(root) == []

    with_session(work)


def test_a_function_that_is_not_there_is_written_by_the_model_from_the_confirmed_tests(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(SLUG)
    code = "def count_words(text):\n    return len(text.split())\n"
    model = ScriptedModel(
        [
            ScriptedAnswer(
                "Add count_words(text) to slug.py, which counts the words of a text.",
                contains="Say in one",
            ),
            ScriptedAnswer(
                "```python\nassert count_words('a b') == 2\nassert count_words('') == 0\n"
                "assert 1 == 1\nassert count_words('a b') == 2\nassert frobnicate(1) == 2\n```",
                contains="three to five checks",
            ),
            ScriptedAnswer("", contains="each of these calls"),
            ScriptedAnswer(f"```python\n{code}```"),
        ]
    )

    async def work(opened: Opened) -> None:
        opened.services.having = (DecomposeProposer(rounds=2),)
        result = await carry_through(opened, root, "Add a function count_words(text) to slug.py, please.")
        (restated,) = opened.bodies(TaskRestated)
        assert restated.text == "Add count_words(text) to slug.py, which counts the words of a text."
        assert restated.model == "scripted"
        assert restated.places == ("slug.py::count_words",)
        (proposed,) = opened.bodies(TestsProposed)
        assert [test.node_id for test in proposed.tests] == [
            "test_slug.py::test_count_words_a_b",
            "test_slug.py::test_count_words_of_nothing",
        ]
        assert "    from slug import count_words\n" in proposed.tests[0].source
        assert "frobnicate" in str(proposed.dropped)
        assert result.verdict is Verdict.GREEN
        assert result.best is not None
        await opened.session.review.accept(result.best.id)
        assert (root / "slug.py").read_text() == f"{SLUG['slug.py']}\n\n{code}"
        assert "def test_count_words_a_b" in (root / "test_slug.py").read_text()

    with_session(work, model=model)


def test_only_the_chosen_tests_count_and_as_they_were_edited(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        requesting = opened.session.requesting
        words = await requesting.request("is_adult(18) should be True and is_adult(17) should be True")
        first, second = await requesting.confirm_task(words)
        edited = first.source.replace("test_is_adult_18", "test_birthday")
        result = await requesting.confirm_tests([first.node_id], {first.node_id: edited}, BUDGET)
        assert result.targets == ("tests/test_age.py::test_birthday",)
        assert result.verdict is Verdict.GREEN
        assert second.node_id not in str(opened.session.review.confirmed)

    with_session(work)


def test_the_tests_are_shown_as_confirmed_in_the_locked_lane_and_can_be_left_out(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        result = await carry_through(opened, root, "is_adult(18) should be true")
        review = next(e.body for e in reversed(opened.events) if e.kind == "ReviewReady")
        assert [(f.path, f.locked, f.confirmed) for f in review.files] == [
            ("age.py", False, False),
            ("tests/test_age.py", True, True),
        ]
        assert result.best is not None
        await opened.session.review.accept(result.best.id, ("age.py#0",))
        assert status(root) == [" M age.py"]

    with_session(work)


def test_a_request_that_is_given_up_leaves_nothing_in_the_private_copy(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        await carry_through(opened, root, "is_adult(18) should be 7")
        assert await opened.session.requesting.drop()
        report = await opened.session.run_tests()
        assert report.collected == ("tests/test_age.py::test_old",)
        assert opened.bodies(RequestDropped)

    with_session(work)


def test_a_unittest_project_gets_unittest_tests_in_one_class(
    with_session: WithSession, repository: MakeRepository
) -> None:
    text = (
        "import unittest\n\nfrom age import is_adult\n\n\nclass AgeTest(unittest.TestCase):\n"
        "    def test_old(self):\n        self.assertTrue(is_adult(40))\n\n\n"
        'if __name__ == "__main__":\n    unittest.main()\n'
    )
    root = repository({"age.py": AGE["age.py"], "test_age.py": text})

    async def work(opened: Opened) -> None:
        result = await carry_through(
            opened, root, "is_adult(18) should be True and is_adult(18.0) should be True"
        )
        assert result.verdict is Verdict.GREEN
        assert result.best is not None
        await opened.session.review.accept(result.best.id)
        added = (
            "class IsAdultRequestTest(unittest.TestCase):\n"
            "    def test_is_adult_18(self):\n        self.assertIs(is_adult(18), True)\n\n"
            "    def test_is_adult_18_0(self):\n        self.assertIs(is_adult(18.0), True)\n\n\n"
        )
        assert (root / "test_age.py").read_text() == text.replace("if __name__", f"{added}if __name__")

    with_session(work)


def test_a_repository_without_any_test_gets_its_first(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository({"age.py": AGE["age.py"]})

    async def work(opened: Opened) -> None:
        result = await carry_through(opened, root, "is_adult(18) should be true")
        assert result.verdict is Verdict.GREEN
        assert result.best is not None
        await opened.session.review.accept(result.best.id)
        assert status(root) == [" M age.py", "?? tests/test_age.py"]

    with_session(work)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "request.empty"),
        ("skip the failing tests", "request.weakens"),
        ("is_adult(18) should be True. Also is_adult(18) should be False", "request.contradicts"),
        ("is_adult(40) should be True", "request.holds_already"),
        ("is_adult should be quicker", "request.no_examples"),
        ("@nowhere.py should be better", "request.mention"),
    ],
)
def test_what_cannot_become_a_target_is_said_in_a_sentence(
    with_session: WithSession, repository: MakeRepository, words: str, code: str
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        with pytest.raises(GreenbarError) as caught:
            await carry_through(opened, root, words)
        assert caught.value.code == code
        assert status(root) == []

    with_session(work)


def test_an_edited_test_that_passes_already_or_does_not_parse_is_refused(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        requesting = opened.session.requesting
        (test,) = await requesting.confirm_task(await requesting.request("is_adult(18) should be True"))
        for old, new, said in (
            ("is_adult(18)", "is_adult(19)", "passes on the code"),
            ("assert", "asert", "does not parse"),
            ("is_adult(18) is True", "True", "true whatever"),
        ):
            edited = {test.node_id: test.source.replace(old, new)}
            with pytest.raises(UsageError, match=said):
                await requesting.confirm_tests([test.node_id], edited, BUDGET)

    with_session(work)


def test_a_paste_of_ten_thousand_words_is_cut_and_that_is_said(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        said = await opened.session.requesting.request("is_adult(18) should be True. " + "blah " * 10_000)
        assert len(said) <= 330
        assert any("10,004 words" in notice.sentence for notice in opened.bodies(Noticed))

    with_session(work)


@pytest.mark.parametrize(
    "words",
    ["is_adult(18) soll True ergeben", "`is_adult(18)` doit renvoyer True, s'il vous plaît, danke"],
)
def test_a_request_in_another_language_or_two_is_understood_by_its_examples(
    with_session: WithSession, repository: MakeRepository, words: str
) -> None:
    root = repository(AGE)

    async def work(opened: Opened) -> None:
        opened.services.having = (MutationProposer(),)
        assert (await carry_through(opened, root, words)).verdict is Verdict.GREEN

    with_session(work)


def test_a_new_parameter_is_a_target_that_the_model_can_reach(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(SLUG)
    code = 'def slugify(text, sep="-"):\n    return text.replace(" ", sep)\n'
    model = ScriptedModel(
        [ScriptedAnswer("", contains="Say in one"), ScriptedAnswer(f"```python\n{code}```")]
    )

    async def work(opened: Opened) -> None:
        opened.services.having = (DirectProposer(samples=0),)
        words = (
            "slugify gets a separator: slugify('a b', sep='_') == 'a_b', slugify('a b c', '+') == 'a+b+c'"
        )
        assert (await carry_through(opened, root, words)).verdict is Verdict.GREEN

    with_session(work, model=model)


def test_where_readings_of_the_model_differ_the_user_is_asked_and_the_answer_is_a_test(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(SLUG)
    checks = "```python\nassert slugify('A') == 'a'\nassert slugify('') == '-'\n```"
    other = "```python\nassert slugify('A') == 'a'\nassert slugify('') == 'none'\n```"
    model = ScriptedModel(
        [
            ScriptedAnswer("", contains="Say in one"),
            ScriptedAnswer(checks, contains="three to five checks"),
            *(
                ScriptedAnswer(text, contains="each of these calls")
                for text in (other, other, checks, checks)
            ),
        ]
    )

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        requesting, questions = opened.session.requesting, opened.session.asking.questions
        tests = await requesting.confirm_task(await requesting.request("slugify makes all letters small"))
        assert [test.node_id for test in tests] == ["test_slug.py::test_slugify_a"]
        question = questions.current
        assert question is not None
        assert question.text == "What should slugify('') give?"
        assert [option.expected for option in question.options] == ["'-'", "'none'"]
        await opened.session.asking.answer(question.id, 2, "")
        proposed = opened.bodies(TestsProposed)[-1].tests
        assert [test.node_id for test in proposed] == [
            "test_slug.py::test_slugify_a",
            "test_slug.py::test_slugify_of_nothing",
        ]
        assert "slugify('') == 'none'" in proposed[1].source

    with_session(work, model=model)


def test_where_all_readings_agree_nothing_is_asked(
    with_session: WithSession, repository: MakeRepository
) -> None:
    root = repository(SLUG)
    checks = "```python\nassert slugify('A') == 'a'\nassert slugify('B C') == 'b-c'\n```"
    model = ScriptedModel(
        [ScriptedAnswer("", contains="Say in one"), ScriptedAnswer(checks, contains="c")]
    )

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        requesting = opened.session.requesting
        tests = await requesting.confirm_task(await requesting.request("slugify makes all letters small"))
        assert len(tests) == 2
        assert opened.session.asking.questions.current is None

    with_session(work, model=model)
