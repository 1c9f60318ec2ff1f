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
from core.types import Budget, Verdict
from tests.core.session.conftest import Opened, WithSession
from tests.core.testing.languages import test_go, test_node

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
) -> None:
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
