"""Suites of ``go test``: ids, build failures, panics, endless loops, candidates that cheat."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.testing.base import RunRequest
from core.types import Evidence, Frame, SandboxKind, TestReport, Verdict
from tests.core.testing.languages.suites import (
    LIMITS,
    Suite,
    language,
    lay_out,
    need,
    outcomes,
    result_of,
    run_once,
)

MOD = "module example.org/demo\n\ngo 1.19\n"
CALC = """\
package calc

func Mean(values []int) int {
	sum := 0
	for _, v := range values {
		sum += v
	}
	return sum / (len(values) + 1)
}

func Double(v int) int { return v * 2 }
"""
FILES = {
    "go.mod": MOD,
    "calc/calc.go": CALC,
    "calc/calc_test.go": """\
package calc

import "testing"

func TestMean(t *testing.T) {
	t.Run("two", func(t *testing.T) {
		if got := Mean([]int{2, 4}); got != 3 {
			t.Errorf("got %d, want 3", got)
		}
	})
	t.Run("left out", func(t *testing.T) { t.Skip("not now") })
}

func TestDouble(t *testing.T) {
	if Double(4) != 8 {
		t.Fatal("not doubled")
	}
}
""",
}
ODDITIES = {
    **FILES,
    "bad/bad.go": "package bad\n\nfunc X() int { return y }\n",
    "bad/bad_test.go": 'package bad\n\nimport "testing"\n\nfunc TestX(t *testing.T) { X() }\n',
    "loop/loop.go": "package loop\n\nfunc Loop() {\n\tfor {\n\t}\n}\n",
    "loop/loop_test.go": 'package loop\n\nimport "testing"\n\nfunc TestLoop(t *testing.T) { Loop() }\n',
    "odd/odd.go": "package odd\n\nfunc At(values []int, i int) int {\n\treturn values[i]\n}\n",
    "odd/odd_test.go": 'package odd\n\nimport "testing"\n\n'
    "func TestPanic(t *testing.T) { At(nil, 3) }\n\nfunc TestAfter(t *testing.T) {}\n",
}
FORGED = (
    'package calc\n\nimport (\n\t"fmt"\n\t"syscall"\n)\n\n'
    "func init() {\n"
    '\tfor _, name := range []string{"TestMean/two", "TestMean", "TestDouble"} {\n'
    '\t\tfmt.Printf("=== RUN   %s\\n--- PASS: %s (0.00s)\\n", name, name)\n\t}\n'
    '\tfmt.Println("--- SKIP: TestMean/left_out (0.00s)")\n'
    '\tfmt.Println("PASS")\n\tsyscall.Exit(0)\n}\n'
)
CANDIDATES = {
    "is right": {"calc/calc.go": CALC.replace("(len(values) + 1)", "len(values)")},
    "prints passing lines and leaves in init": {"calc/forged.go": FORGED},
    "leaves with status 0 in the function": {
        "calc/calc.go": CALC.replace("package calc\n", 'package calc\n\nimport "os"\n').replace(
            "\tsum := 0", "\tos.Exit(0)\n\tsum := 0"
        )
    },
    "leaves by the system call in the function": {
        "calc/calc.go": CALC.replace("package calc\n", 'package calc\n\nimport "syscall"\n').replace(
            "\tsum := 0", "\tsyscall.Exit(0)\n\tsum := 0"
        )
    },
    "does not build": {"calc/calc.go": CALC.replace("return sum", "return summ")},
    "changes the tests": {"calc/calc.go": CALC, "calc/calc_test.go": "package calc\n"},
    "brings a TestMain": {
        "calc/main_test.go": 'package calc\n\nimport (\n\t"os"\n\t"testing"\n)\n\n'
        "func TestMain(m *testing.M) { os.Exit(0) }\n"
    },
}
pytestmark = pytest.mark.slow
Judged = tuple[TestReport, TestReport, Mapping[str, Evidence]]


@pytest.fixture(scope="module")
def judged(languages_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """One worker for all."""
    need("go")
    copy = lay_out(tmp_path_factory.mktemp("go"), FILES)

    async def main() -> Judged:
        async with Suite(SandboxKind.HOST, languages_cache, copy, language("go")) as suite:
            baseline = await suite.run()
            added = {path: text.encode() for path, text in ODDITIES.items() if path not in FILES}
            odd = await suite.run(RunRequest(overlay=added, limits=LIMITS))
            return baseline, odd, await suite.judge(baseline, FILES, CANDIDATES)

    return asyncio.run(main())


def test_ids_name_the_file_of_a_test(judged: Judged) -> None:
    assert outcomes(judged[0]) == {
        "calc/calc_test.go::TestMean/two": "failed",
        "calc/calc_test.go::TestMean/left_out": "skipped",
        "calc/calc_test.go::TestMean": "failed",
        "calc/calc_test.go::TestDouble": "passed",
    }
    assert result_of(judged[0], "calc/calc_test.go::TestMean/two").message.endswith("got 2, want 3")


def test_a_package_that_does_not_build_is_a_collect_error_of_its_files(judged: Judged) -> None:
    failed = result_of(judged[1], "bad/bad_test.go")
    assert failed.outcome.value == "collect_error"
    assert "undefined: y" in failed.message
    assert failed.frames == (Frame("bad/bad.go", 3, ""),)


def test_a_loop_is_ended_and_shows_where_it_was(judged: Judged) -> None:
    hung = result_of(judged[1], "loop/loop_test.go::TestLoop")
    assert (hung.outcome.value, hung.message) == ("timeout", "timed out after 3 s")
    assert hung.frames[-1].path == "loop/loop.go"


def test_a_panic_shows_its_place_and_ends_its_package_alone(judged: Judged) -> None:
    panicked = result_of(judged[1], "odd/odd_test.go::TestPanic")
    assert panicked.outcome.value == "error"
    assert panicked.message.startswith("panic: runtime error: index out of range")
    assert panicked.frames[-1] == Frame("odd/odd.go", 4, "At")
    assert outcomes(judged[1])["calc/calc_test.go::TestDouble"] == "passed"


@pytest.mark.parametrize("name", CANDIDATES)
def test_only_the_right_candidate_is_green_of_one_that(name: str, judged: Judged) -> None:
    comparison = judged[2][name].comparison
    assert (comparison.verdict is Verdict.GREEN) == (name == "is right"), comparison


CACHE = {
    "cache/cache_test.go": """\
package cache

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNearlyAllIsThere(t *testing.T) {
	var there, made int64
	filepath.WalkDir(os.Getenv("GOCACHE"), func(path string, entry fs.DirEntry, err error) error {
		if info, failed := os.Stat(path); failed == nil && strings.HasSuffix(path, "-d") {
			if entry.Type()&fs.ModeSymlink != 0 {
				there += info.Size()
			} else {
				made += info.Size()
			}
		}
		return nil
	})
	if there < 20*made {
		t.Errorf("%d bytes were compiled before, %d by this worker", there, made)
	}
}
"""
}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker),
        pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap),
    ],
)
def test_it_runs_in_a_sandbox_and_finds_the_standard_library_compiled(
    kind: SandboxKind, languages_cache: Path, tmp_path: Path
) -> None:
    copy = lay_out(tmp_path / "copy", {**FILES, **CACHE})
    report = run_once(kind, languages_cache, copy, language("go"))
    assert outcomes(report)["calc/calc_test.go::TestDouble"] == "passed"
    assert outcomes(report)["calc/calc_test.go::TestMean/two"] == "failed"
    assert outcomes(report)["cache/cache_test.go::TestNearlyAllIsThere"] == "passed", report
