"""``greenbar fix`` from outside: exit status, JSON, the patch, what is written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KEYS = {
    "verdict", "fixed", "broken", "still_failing", "suspicious", "patch", "seconds", "tokens",
    "candidates", "proposer", "model", "sandbox",
}  # fmt: skip
SMALL = [
    pytest.param("gcd", "docker", marks=pytest.mark.docker),
    pytest.param("flatten", "bubblewrap", marks=pytest.mark.bubblewrap),
    pytest.param("bucketsort", "docker", marks=pytest.mark.docker),
    pytest.param("bitcount", "bubblewrap", marks=pytest.mark.bubblewrap),
]
BUGGY = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
}


def head(root: Path) -> str:
    return subprocess.run(
        ["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.slow
@pytest.mark.parametrize(("name", "sandbox"), SMALL)
def test_small_programs_turn_green_without_a_model(greenbar, case, name, sandbox):
    root = case(name)
    ran = greenbar("fix", root, "--sandbox", sandbox, "--no-model", "--budget-seconds", "60", "--json")
    assert ran.status == 0, ran.err
    record = ran.json
    assert record["verdict"] == "green"
    assert (record["model"], record["sandbox"], record["proposer"]) == ("", sandbox, "mutation")
    assert record["broken"] == record["suspicious"] == record["still_failing"] == []
    assert head(root) == "", "without --apply the tree is untouched"
    applied = subprocess.run(
        ["git", "apply", "-"], cwd=root, input=record["patch"], text=True, check=False
    )
    assert applied.returncode == 0
    assert head(root) == f" M {name}.py\n"


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize(("name", "sandbox"), SMALL[:2])
def test_small_programs_turn_green_with_the_embedded_model_beside(greenbar, case, name, sandbox):
    root = case(name)
    ran = greenbar(
        "fix", root, "--sandbox", sandbox, "--model", "embedded", "--budget-seconds", "60", "--json"
    )
    assert ran.status == 0, ran.err
    assert set(ran.json) - {"question", "proof"} == KEYS | {"choice"}
    assert ran.json["model"] == "embedded"


@pytest.mark.bubblewrap
def test_only_the_proposers_that_are_named_have_ideas(greenbar, commit, tmp_path):
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"before": "def add(a, b):\n    ", "answer": "return a + b"}) + "\n")
    ran = greenbar(
        "fix", commit(BUGGY), "--sandbox", "bubblewrap", "--setup", "none",
        "--model", f"scripted:{script}", "--proposers", "infill", "--json",
    )  # fmt: skip
    assert ran.status == 0
    assert ran.json["proposer"] == "infill"
    assert "+    return a + b" in ran.json["patch"]


@pytest.mark.bubblewrap
def test_apply_writes_the_fix_and_nothing_else(greenbar, commit):
    root = commit(BUGGY)
    ran = greenbar("fix", root, "--sandbox", "bubblewrap", "--no-model", "--apply")
    assert ran.status == 0, ran.err
    assert "1 fixed, 0 broken, tests untouched" in ran.err
    assert ran.out.startswith("diff --git a/calc.py b/calc.py")
    assert head(root) == " M calc.py\n"
    assert "a + b" in (root / "calc.py").read_text()


@pytest.mark.bubblewrap
@pytest.mark.parametrize("as_json", [False, True], ids=["diff", "json"])
def test_a_source_that_is_not_utf8_gives_a_patch_that_applies(greenbar, commit, as_json):
    root = commit(BUGGY)
    source = b"# -*- coding: latin-1 -*-\ndef add(a, b):\n    return a - b  # gr\xfc\xdfe\n"
    (root / "calc.py").write_bytes(source)
    # Python is lenient about standard output in the C locale only; a desktop has another one.
    command = [
        sys.executable,
        "-m",
        "app.main",
        "fix",
        str(root),
        "--no-model",
        "--sandbox",
        "bubblewrap",
    ]
    done = subprocess.run(
        [*command, *(["--json"] if as_json else [])],
        env={
            **os.environ,
            "GREENBAR_HOME": str(root.parent / "home"),
            "PYTHONIOENCODING": "utf-8:strict",
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    patch = (
        json.loads(done.stdout)["patch"].encode("utf-8", "surrogateescape") if as_json else done.stdout
    )
    subprocess.run(["git", "apply", "-"], cwd=root, input=patch, check=True)
    assert (root / "calc.py").read_bytes() == source.replace(b"a - b", b"a + b")


@pytest.mark.bubblewrap
def test_no_confident_fix_says_what_was_tried_and_why_it_fell_short(greenbar, commit):
    root = commit(
        {
            "m.py": "def f(x):\n    return x\n",
            "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 'never'\n",
        }
    )
    arguments = ("fix", root, "--sandbox", "bubblewrap", "--no-model", "--budget-seconds", "4")
    ran = greenbar(*arguments, "--json")
    assert ran.status == 1
    assert ran.json["verdict"] in ("unchanged", "worse")
    assert ran.json["still_failing"] == ["test_m.py::test_f"]
    assert "No confident fix" in ran.err
    assert "None of" in ran.err


@pytest.mark.bubblewrap
def test_a_green_repository_has_nothing_to_fix(greenbar, commit):
    root = commit({"test_ok.py": "def test_ok():\n    pass\n"})
    ran = greenbar("fix", root, "--sandbox", "bubblewrap", "--no-model", "--json")
    assert ran.status == 0
    assert ran.json["verdict"] == "green"
    assert ran.json["patch"] == ""
    assert "Nothing to fix" in ran.err


@pytest.mark.bubblewrap
@pytest.mark.slow
def test_what_the_tests_need_is_installed_outside_the_repository(greenbar, commit):
    root = commit(
        {
            "requirements.txt": "toolz==1.0.0\n",
            "m.py": "import toolz\n\n\ndef second(items):\n    return toolz.first(items)\n",
            "test_m.py": "from m import second\n\n\ndef test_second():\n    assert second([1, 2]) == 2\n",
        }
    )
    refused = greenbar("fix", root, "--sandbox", "bubblewrap", "--no-model")
    assert refused.status == 2
    assert "need packages that are not installed (requirements.txt)" in refused.err
    assert "--yes" in refused.err
    fixed = greenbar("fix", root, "--sandbox", "bubblewrap", "--no-model", "--yes", "--json")
    assert fixed.status == 0, fixed.err
    assert head(root) == ""


@pytest.mark.bubblewrap
def test_the_locked_files_are_listed_with_their_reasons(greenbar, commit) -> None:
    root = commit({**BUGGY, "pyproject.toml": "[tool.pytest.ini_options]\n", "data.txt": ""})
    ran = greenbar("locked", root, "--sandbox", "bubblewrap", "--json")
    assert ran.status == 0, ran.err
    assert ran.json == {
        "locked": [
            {"path": "pyproject.toml", "reason": "test configuration"},
            {"path": "test_calc.py", "reason": "a test file"},
        ]
    }
    ran = greenbar("locked", root, "--sandbox", "bubblewrap")
    assert ran.out.split("\n")[0].split() == ["pyproject.toml", "test", "configuration"]
