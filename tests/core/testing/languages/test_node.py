"""Suites of node's own test runner: ids, outcomes, frames, time limits, candidates that cheat."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.testing.base import RunLimits, RunRequest
from core.types import Evidence, Frame, RunEnd, SandboxKind, TestReport, Verdict
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

STATS = """\
function mean(values) {
  let sum = 0;
  for (const value of values) {
    sum += value;
  }
  return sum / (values.length - 1);
}

function fail() {
  throw new TypeError('not today');
}

module.exports = { mean, fail };
"""
FILES = {
    "package.json": '{"name": "demo", "version": "1.0.0"}\n',
    "src/stats.js": STATS,
    "test/stats.test.js": """\
'use strict';
const { test, describe, it } = require('node:test');
const assert = require('node:assert');
const { mean } = require('../src/stats');

describe('mean', () => {
  describe('of numbers', () => {
    it('two', () => { assert.strictEqual(mean([2, 4]), 3); });
  });
  it('is a function', () => { assert.strictEqual(typeof mean, 'function'); });
});
test('twice', async (t) => {
  await t.test('inner', () => { assert.strictEqual(mean([1, 1]), 1); });
});
""",
}
ODDITIES = {
    "package.json": "{}",
    "src/stats.js": STATS,
    "test/odd.test.mjs": """\
import test from 'node:test';
import stats from '../src/stats.js';
test('throws', () => { stats.fail(); });
test('skipped', { skip: 'not here' }, () => {});
test('to do', { todo: true }, () => { throw new Error('later'); });
test('noise', () => { console.log('ok 1 - forged\\n# pass 99'); });
""",
    "test/broken.test.js": "require('./nowhere');\n",
    "test/hangs.test.js": "require('node:test')('hangs', () => { for (;;) {} });\n",
}
RIGHT = STATS.replace("(values.length - 1)", "values.length")
EVENT = "process.stdout.write('# Subtest: two\\\\nok 1 - two\\\\n');"
CANDIDATES = {
    "is right": {"src/stats.js": RIGHT},
    "leaves with status 0 at load": {"src/stats.js": f"process.exit(0);\n{STATS}"},
    "leaves with status 0 in the function": {
        "src/stats.js": STATS.replace("  let sum", "  process.exit(0);\n  let sum")
    },
    "prints passing lines and leaves": {"src/stats.js": f"{EVENT}process.exit(0);\n{STATS}"},
    "writes to every descriptor of the runner": {
        "src/stats.js": "const fs = require('fs');\n"
        "for (let fd = 3; fd < 64; fd++) {\n"
        "  for (const place of [`/dev/fd/${fd}`, `/proc/${process.ppid}/fd/${fd}`]) {\n"
        '    try { fs.writeFileSync(place, \'{"type":"pass"}\\n\'); } catch {}\n'
        "  }\n}\n" + RIGHT
    },
    "makes assertions do nothing": {
        "src/stats.js": "require('assert').strictEqual = () => {};\n" + STATS
    },
    "replaces the test function": {
        "src/stats.js": "const t = require('node:test');\n"
        "const { Test } = t;\n"
        "t.it = t.test = (name, run) => {};\n" + STATS
    },
    "changes the tests": {"src/stats.js": STATS, "test/stats.test.js": ""},
}


def test_results_carry_file_suites_outcome_and_frames(languages_cache: Path, tmp_path: Path) -> None:
    need("node")
    copy = lay_out(tmp_path / "copy", ODDITIES)
    report = run_once(SandboxKind.HOST, languages_cache, copy, language("javascript-node"))
    assert outcomes(report) == {
        "test/broken.test.js": "collect_error",
        "test/hangs.test.js": "collect_error",
        "test/odd.test.mjs::throws": "failed",
        "test/odd.test.mjs::skipped": "skipped",
        "test/odd.test.mjs::to do": "xfailed",
        "test/odd.test.mjs::noise": "passed",
    }
    thrown = result_of(report, "test/odd.test.mjs::throws")
    assert (thrown.message, thrown.frames[-1]) == ("not today", Frame("src/stats.js", 10, "fail"))
    assert "Cannot find module" in result_of(report, "test/broken.test.js").message
    assert result_of(report, "test/hangs.test.js").message == "timed out after 3 s"
    assert report.interference == ()


@pytest.fixture(scope="module")
def judged(
    languages_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TestReport, Mapping[str, Evidence]]:
    need("node")
    copy = lay_out(tmp_path_factory.mktemp("node"), FILES)

    async def main() -> tuple[TestReport, dict[str, Evidence]]:
        async with Suite(SandboxKind.HOST, languages_cache, copy, language("javascript-node")) as suite:
            baseline = await suite.run()
            return baseline, await suite.judge(baseline, FILES, CANDIDATES)

    return asyncio.run(main())


def test_a_test_with_subtests_stands_beside_them_and_suites_do_not(
    judged: tuple[TestReport, Mapping[str, Evidence]],
) -> None:
    assert outcomes(judged[0]) == {
        "test/stats.test.js::mean::of numbers::two": "failed",
        "test/stats.test.js::mean::is a function": "passed",
        "test/stats.test.js::twice::inner": "failed",
        "test/stats.test.js::twice": "failed",
    }


@pytest.mark.parametrize("name", CANDIDATES)
def test_only_the_right_candidate_is_green_of_one_that(
    name: str, judged: tuple[TestReport, Mapping[str, Evidence]]
) -> None:
    comparison = judged[1][name].comparison
    assert (comparison.verdict is Verdict.GREEN) == (name == "is right"), comparison


def test_chosen_tests_alone_are_reported(languages_cache: Path, tmp_path: Path) -> None:
    need("node")
    copy = lay_out(tmp_path / "copy", FILES)
    wanted = ("test/stats.test.js::mean::is a function",)
    request = RunRequest(node_ids=wanted, limits=LIMITS)
    report = run_once(SandboxKind.HOST, languages_cache, copy, language("javascript-node"), request)
    assert report.collected == wanted
    assert outcomes(report) == {wanted[0]: "passed"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(SandboxKind.DOCKER, marks=pytest.mark.docker),
        pytest.param(SandboxKind.BUBBLEWRAP, marks=pytest.mark.bubblewrap),
    ],
)
def test_suites_run_in_a_sandbox_red_and_green(
    kind: SandboxKind, languages_cache: Path, tmp_path: Path
) -> None:
    if kind is SandboxKind.BUBBLEWRAP:
        need("node")
    hanging = ODDITIES["test/hangs.test.js"]
    copy = lay_out(tmp_path / "copy", {**FILES, "test/hangs.test.js": hanging})
    limits = RunLimits(test_seconds=3.0, run_seconds=60.0)

    async def main() -> tuple[TestReport, TestReport]:
        async with Suite(kind, languages_cache, copy, language("javascript-node")) as suite:
            red = await suite.run(RunRequest(limits=limits))
            right = {"src/stats.js": RIGHT.encode(), "test/hangs.test.js": None}
            return red, await suite.run(RunRequest(overlay=right, limits=limits))

    red, green = asyncio.run(main())
    assert outcomes(red)["test/stats.test.js::mean::is a function"] == "passed"
    assert outcomes(red)["test/stats.test.js::mean::of numbers::two"] == "failed"
    assert outcomes(red)["test/hangs.test.js"] == "collect_error"
    assert (green.end, set(outcomes(green).values())) == (RunEnd.FINISHED, {"passed"}), green.detail
