"""Repositories that need packages of their registries, opened and set up as a user does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from core.types import SandboxKind
from tests.core.testing.languages.suites import need, outcomes, result_of
from tests.projects.running import baseline
from tests.repositories import commit_repository

GO = {
    "go.mod": "module example.org/demo\n\ngo 1.19\n\nrequire github.com/google/go-cmp v0.6.0\n",
    "go.sum": "github.com/google/go-cmp v0.6.0 h1:ofyhxvXcZhMsU5ulbFiLKl/XBFqE1GSq7atu8tAmTRI=\n"
    "github.com/google/go-cmp v0.6.0/go.mod h1:17dUlkBOakJ0+DkrSSNjCkIjxS6bF9zb3elmeNGIjoY=\n",
    "sum.go": "package demo\n\nfunc Sums(v []int) []int {\n\tout := []int{}\n\tsum := 0\n"
    "\tfor _, each := range v {\n\t\tsum += each\n\t\tout = append(out, sum)\n\t}\n\treturn out\n}\n",
    "sum_test.go": """\
package demo

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSums(t *testing.T) {
	for name, want := range map[string][]int{"right": {1, 3}, "wrong": {1, 2}} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, Sums([]int{1, 2})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLater(t *testing.T) { t.Skip("later") }

func TestDependenciesAreCompiled(t *testing.T) {
	if os.Getenv("GREENBAR_ENV") == "" {
		t.Skip("not in a sandbox")
	}
	found := 0
	filepath.WalkDir(os.Getenv("GOCACHE"), func(path string, entry fs.DirEntry, err error) error {
		place, _ := os.Readlink(path)
		if strings.HasPrefix(place, os.Getenv("GREENBAR_ENV")) && strings.HasSuffix(place, "-d") {
			found++
		}
		return nil
	})
	if found < 10 {
		t.Errorf("only %d results of the set-up are there", found)
	}
}
""",
}
VITEST = {
    "package.json": '{"private": true, "type": "module", "devDependencies": {"vitest": "3.2.4"}}\n',
    "src/mean.ts": "export function mean(values: number[]): number {\n  let sum = 0;\n"
    "  for (const value of values) sum += value;\n  return sum / (values.length - 1);\n}\n",
    "test/mean.test.ts": 'import { describe, expect, test } from "vitest";\n'
    'import { mean } from "../src/mean";\n\n'
    'describe("mean", () => {\n'
    '  test("of two", () => {\n    expect(mean([2, 4])).toBe(3);\n  });\n'
    '  test.skip("later", () => {});\n});\n\n'
    'test("of four", () => {\n  expect(mean([2, 2, 2, 2])).toBeGreaterThan(1);\n});\n',
    "test/broken.test.ts": 'import { test } from "vitest";\nimport { gone } from "./gone";\n\n'
    'test("a", () => gone);\n',
}
VITEST_OUTCOMES = {
    "test/mean.test.ts::mean::of two": "failed",
    "test/mean.test.ts::mean::later": "skipped",
    "test/mean.test.ts::of four": "passed",
    "test/broken.test.ts": "collect_error",
}
NODE = {
    "package.json": '{"private": true, "dependencies": {"ms": "2.1.3"}}\n',
    "wait.js": 'const ms = require("ms");\n\nexports.wait = (text) => ms(text) + 1;\n',
    "wait.test.js": 'const test = require("node:test");\nconst assert = require("assert");\n'
    'const { wait } = require("./wait");\n\n'
    'test("a second", () => assert.equal(wait("1s"), 1000));\n'
    'test("a number", () => assert.ok(Number.isFinite(wait("2 days"))));\n',
}
KINDS = [
    pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker),
    pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap),
]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_a_go_module_with_dependencies_has_the_results_of_go_test(
    kind: SandboxKind, tmp_path: Path
) -> None:
    need("go")
    root = commit_repository(tmp_path / "repository", GO)
    report, environment, said = baseline(root, kind, tmp_path / "home")
    found = outcomes(report)
    assert found.pop("sum_test.go::TestDependenciesAreCompiled") == "passed"
    plain = _plain_go(root)
    assert plain.pop("sum_test.go::TestDependenciesAreCompiled") == "skipped"
    assert (found, len(found)) == (plain, 4)
    assert environment.reference
    assert any(text.startswith("Installed go.mod, go.sum in ") for text in said)


@pytest.mark.parametrize("kind", KINDS)
def test_vitest_runs_typescript_as_its_package_says(kind: SandboxKind, tmp_path: Path) -> None:
    need("node", "npm")
    root = commit_repository(tmp_path / "repository", VITEST)
    report, _, said = baseline(root, kind, tmp_path / "home")
    assert outcomes(report) == VITEST_OUTCOMES
    failed = result_of(report, "test/mean.test.ts::mean::of two")
    assert failed.message.startswith("AssertionError: expected 6 to be 3")
    assert (failed.frames[-1].path, failed.frames[-1].line) == ("test/mean.test.ts", 6)
    assert "Cannot find module './gone'" in result_of(report, "test/broken.test.ts").message
    assert any(text.startswith("Installed package.json in ") for text in said)
    assert not (root / "node_modules").exists()


@pytest.mark.bubblewrap
def test_node_has_its_packages_and_the_results_that_it_has_by_itself(tmp_path: Path) -> None:
    need("node", "npm")
    root = commit_repository(tmp_path / "repository", NODE)
    report, _, _ = baseline(root, SandboxKind.BUBBLEWRAP, tmp_path / "home")
    alone = shutil.copytree(root, tmp_path / "alone")
    subprocess.run(["npm", "install", "--no-audit"], cwd=alone, check=True, capture_output=True)
    command = ["node", "--test", "--test-reporter=tap", "wait.test.js"]
    ran = subprocess.run(command, cwd=alone, capture_output=True, text=True, check=False)
    found = re.findall(r"(?m)^ *(ok|not ok) \d+ - (a \w+)$", ran.stdout)
    words = {"ok": "passed", "not ok": "failed"}
    plain = {f"wait.test.js::{name}": words[word] for word, name in found}
    assert (outcomes(report), len(plain)) == (plain, 2)


def _plain_go(root: Path) -> dict[str, str]:
    """What ``go test`` says by itself of the tests in ``sum_test.go``."""
    ran = subprocess.run(
        ["go", "test", "-json", "./..."], cwd=root, capture_output=True, text=True, check=False
    )
    words = {"pass": "passed", "fail": "failed", "skip": "skipped"}
    events = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    return {
        f"sum_test.go::{event['Test']}": words[event["Action"]]
        for event in events
        if "Test" in event and event["Action"] in words
    }
