"""Jest, Mocha and Vitest: each judges candidates, and none is deceived by one that leaves."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.testing.base import RunLimits, RunRequest
from core.types import Evidence, SandboxKind, TestReport, Verdict
from tests.core.testing.languages.suites import Suite, language, lay_out, need, outcomes, result_of

MEAN = "exports.mean = function mean(values) {\n  return values[0] / (values.length - 1);\n};\n"
TESTS = """\
const assert = require("assert");
const { mean } = require("../mean");

describe("mean", () => {
  it("of two", () => {
    assert.equal(mean([6, 0]), 3);
  });
  it.skip("later", () => {});
});

it("of three", () => {
  assert.ok(mean([6, 0, 0]) > 1);
});
"""
MODULE_MEAN = MEAN.replace("exports.mean =", "export").replace("};", "}")
FILES = {
    "javascript-jest": {"mean.js": MEAN, "test/mean.test.js": TESTS},
    "javascript-mocha": {"mean.js": MEAN, "test/mean.test.js": TESTS},
    "javascript-vitest": {
        "mean.js": MODULE_MEAN,
        "test/mean.test.js": 'import assert from "assert";\nimport { describe, it } from "vitest";\n'
        + TESTS.replace('const assert = require("assert");\n', "").replace(
            'const { mean } = require("../mean")', 'import { mean } from "../mean.js"'
        ),
    },
}
PACKAGES = {
    "javascript-jest": {"jest": "29.7.0"},
    "javascript-mocha": {"mocha": "11.7.1"},
    "javascript-vitest": {"vitest": "3.2.4"},
}
OUTCOMES = {
    "test/mean.test.js::mean::of two": "failed",
    "test/mean.test.js::mean::later": "skipped",
    "test/mean.test.js::of three": "passed",
}
LIMITS = RunLimits(test_seconds=30.0, run_seconds=120.0)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=sorted(FILES))
def judged(
    request: pytest.FixtureRequest, languages_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TestReport, Mapping[str, Evidence]]:
    need("node", "npm")
    name = str(request.param)
    module = {"type": "module"} if name == "javascript-vitest" else {}
    package = {"private": True, **module, "devDependencies": PACKAGES[name]}
    files = {**FILES[name], "package.json": json.dumps(package)}
    copy = lay_out(tmp_path_factory.mktemp("npm"), files)
    subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--cache", languages_cache / "npm"],
        cwd=copy,
        check=True,
        capture_output=True,
    )
    mean = files["mean.js"]
    candidates = {
        "is right": mean.replace("(values.length - 1)", "values.length"),
        "is wrong": mean.replace("- 1", "- 2"),
        "leaves with status 0": mean.replace("  return", "  process.exit(0);\n  return"),
    }

    async def main() -> tuple[TestReport, Mapping[str, Evidence]]:
        async with Suite(SandboxKind.HOST, languages_cache, copy, language(name)) as suite:
            baseline = await suite.run(RunRequest(limits=LIMITS))
            changed = {key: {"mean.js": text} for key, text in candidates.items()}
            return baseline, await suite.judge(baseline, files, changed)

    return asyncio.run(main())


def test_outcomes_messages_and_frames_are_read(
    judged: tuple[TestReport, Mapping[str, Evidence]],
) -> None:
    baseline, _ = judged
    assert outcomes(baseline) == OUTCOMES, baseline
    failed = result_of(baseline, "test/mean.test.js::mean::of two")
    assert "3" in failed.message
    assert {frame.path for frame in failed.frames} == {"test/mean.test.js"}


def test_only_the_right_candidate_is_green(
    judged: tuple[TestReport, Mapping[str, Evidence]],
) -> None:
    verdicts = {name: evidence.comparison.verdict for name, evidence in judged[1].items()}
    assert verdicts["is right"] is Verdict.GREEN, judged[1]
    assert verdicts["is wrong"] is not Verdict.GREEN
    assert verdicts["leaves with status 0"] is not Verdict.GREEN
