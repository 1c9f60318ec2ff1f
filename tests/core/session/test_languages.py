"""Repositories in other languages, from opening to a fix that the scripted model wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from core.errors import TestRunError
from core.events import RepositoryChanged
from core.models.scripted import ScriptedAnswer, ScriptedModel
from core.types import Budget, Frame, Verdict
from tests.core.session.conftest import Opened, WithSession
from tests.core.testing.languages import test_go, test_node
from tests.core.testing.languages.suites import share_primed

Make = Callable[[Mapping[str, str]], Path]
JS_ANSWER = """\
```javascript
function mean(values) {
  let sum = 0;
  for (const value of values) {
    sum += value;
  }
  return sum / values.length;
}
```
"""
GO_ANSWER = """\
```go
func Mean(values []int) int {
	sum := 0
	for _, v := range values {
		sum += v
	}
	return sum / len(values)
}
```
"""


def fixed(with_session: WithSession, root: Path, answer: str) -> tuple[Any, Opened]:
    async def work(opened: Opened) -> tuple[Any, Opened]:
        await opened.session.open(str(root))
        await opened.session.ready_model()
        await opened.session.run_tests()
        return await opened.session.fix((), Budget(seconds=90.0)), opened

    model = ScriptedModel([ScriptedAnswer(answer=answer, matches=".")])
    result: tuple[Any, Opened] = with_session(work, model=model)
    return result


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "files", "answer", "language"),
    [
        ("node", test_node.FILES, JS_ANSWER, "JavaScript with node's test runner"),
        ("go", test_go.FILES, GO_ANSWER, "Go"),
    ],
    ids=["javascript", "go"],
)
def test_a_model_fixes_a_function(
    program: str,
    files: Mapping[str, str],
    answer: str,
    language: str,
    with_session: WithSession,
    repository: Make,
    tmp_path: Path,
) -> None:
    share_primed(tmp_path / "home" / "cache")
    if which(program) is None:
        pytest.skip(f"{program} is not installed")
    result, opened = fixed(with_session, repository(files), answer)
    assert result.verdict is Verdict.GREEN
    assert result.best.proposer == "direct"
    (change,) = result.best.patch.changes
    assert change.after.decode() == files[change.path].replace(
        "(values.length - 1)", "values.length"
    ).replace("(len(values) + 1)", "len(values)")
    assert opened.bodies(RepositoryChanged)[-1].repository.language == language


def test_a_command_that_is_missing_is_named(with_session: WithSession, repository: Make) -> None:
    root = repository({"greenbar.toml": '[tests]\ncommand = "no-such-runner"\nformat = "tap"\n'})

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        await opened.session.run_tests()

    with pytest.raises(TestRunError) as caught:
        with_session(work)
    assert caught.value.sentence.endswith("could not run: the test command was not found in the sandbox.")
    assert "no-such-runner" in caught.value.details


def test_a_kind_that_needs_a_command_is_told_which(with_session: WithSession, repository: Make) -> None:
    root = repository({"Cargo.toml": "[package]\n", "src/lib.rs": "fn a() {}\n"})

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        await opened.session.run_tests()

    with pytest.raises(TestRunError) as caught:
        with_session(work)
    assert caught.value.sentence == (
        "Greenbar runs tests of Rust by a command that you name in greenbar.toml."
    )
    assert 'command = "cargo nextest run' in caught.value.details


def test_a_suite_of_make_that_prints_tap_runs_by_its_command(
    with_session: WithSession, repository: Make
) -> None:
    for program in ("make", "cc"):
        if which(program) is None:
            pytest.skip(f"{program} is not installed")
    root = repository(
        {
            "greenbar.toml": '[tests]\ncommand = "make -s check"\nformat = "tap"\n',
            "CMakeLists.txt": "",
            "sum.c": "int sum(int a, int b) { return a - b; }\n",
            "tests/check.c": "#include <stdio.h>\nint sum(int, int);\nint main(void) {\n"
            "  int wrong = sum(2, 3) != 5;\n"
            '  printf("%s 1 - adds\\n", wrong ? "not ok" : "ok");\n'
            '  if (wrong) printf("  ---\\n  at: sum.c:1\\n  ...\\n");\n'
            '  printf("ok 2 - links\\n1..2\\n");\n  return wrong;\n}\n',
            "Makefile": "check:\n\t$(CC) -o built sum.c tests/check.c && ./built\n",
        }
    )

    async def work(opened: Opened) -> None:
        await opened.session.open(str(root))
        report = await opened.session.run_tests()
        assert {r.node_id: r.outcome.value for r in report.results} == {
            "tap::adds": "failed",
            "tap::links": "passed",
        }
        assert report.results[0].frames == (Frame("sum.c", 1, ""),)
        title = opened.bodies(RepositoryChanged)[-1].repository.language
        assert title == "C or C++ with make -s check"

    with_session(work)
