"""``greenbar bench`` from outside: tables, reports, going on, stopping."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from core.bench.records import Report, Run, report_record, write_report
from core.bench.values import Ending, Setting, TaskResult

ADD = {
    "id": "set/add",
    "kind": "operator",
    "files": {
        "calc.py": "def add(a, b):\n    return a - b\n",
        "test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n",
    },
    "held_out": {
        "test_more.py": "from calc import add\n\n\ndef test_more():\n    assert add(-1, 3) == 2\n"
    },
    "fixed": {"calc.py": "def add(a, b):\n    return a + b\n"},
}
GREEN = {"id": "set/green", "files": {"test_g.py": "def test_g():\n    assert True\n"}}
NEVER = {
    "id": "set/never",
    "files": {
        "m.py": "def f(x):\n    return x\n",
        "test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(3) == 'never'\n",
    },
}
QUICK = ("--no-model", "--sandbox", "host", "--setup", "none")


@pytest.fixture
def task_set(tmp_path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in (ADD, GREEN, NEVER)))
    return path


@pytest.mark.slow
@pytest.mark.bubblewrap
def test_a_set_gives_a_table_a_report_and_goes_on_where_it_was(greenbar, task_set, tmp_path) -> None:
    out = tmp_path / "report.json"
    command = ("bench", "run", task_set, "--no-model", "--sandbox", "bubblewrap", "--seconds", "3")
    first = greenbar(*command, "--out", out)
    assert first.status == 0, first.err
    assert "solved         1 of 2" in first.out
    assert "1 of 1 solved pass the held-out tests" in first.out
    report = json.loads(out.read_text())
    add, green, never = report["results"]
    assert (add["ending"], add["correct"], add["rank"], add["objections"]) == ("solved", True, 1, [])
    assert add["restored"] is True
    assert (add["proposer"], add["sandbox"], add["model"]) == ("mutation", "bubblewrap", "")
    assert "+    return a + b" in add["patch"]
    assert (green["ending"], green["why"]) == ("invalid", "No test fails before the fix.")
    assert never["ending"] == "unsolved"
    assert never["candidates"] > 0

    results = tmp_path / "report.results.jsonl"
    lines = results.read_text().splitlines(keepends=True)
    results.write_text("".join(lines[:3]))
    again = greenbar(*command, "--out", out, "--json")
    assert again.status == 0, again.err
    assert "3 attempts, 2 of them done before" in again.err
    assert again.json["results"][:2] == [add, green], "kept, not done anew"
    assert again.json["results"][2]["ending"] == "unsolved"

    other = greenbar(*command[:-1], "4", "--out", out)
    assert other.status == 2
    assert "holds the results of another run" in other.err


def test_a_fix_that_does_for_the_visible_tests_only_is_solved_and_not_correct(greenbar, tmp_path) -> None:
    held_out = {"test_more.py": "from calc import add\n\n\ndef test_more():\n    assert add(1, 1) == 3\n"}
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps({**ADD, "held_out": held_out}) + "\n")
    ran = greenbar("bench", "run", path, *QUICK, "--seconds", "20", "--json")
    (result,) = ran.json["results"]
    assert (result["ending"], result["correct"], result["objections"]) == ("solved", False, [])
    assert "the held-out tests do not pass" in ran.err


def test_what_says_nothing_of_the_engine_is_invalid_with_its_reason(greenbar, tmp_path) -> None:
    green = {"test_g.py": "def test_g():\n    assert True\n"}
    tasks = [
        {**ADD, "id": "named", "files": {**ADD["files"], **green}, "targets": ["test_g.py"]},
        {"id": "clone", "repository": str(tmp_path / "none")},
        {"id": "path", "files": {"../outside.py": ""}},
        {"id": "empty", "files": {"m.py": ""}},
    ]
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks))
    ran = greenbar("bench", "run", path, *QUICK, "--json")
    assert ran.status == 0, ran.err
    assert {result["ending"] for result in ran.json["results"]} == {"invalid"}
    named, clone, outside, empty = (result["why"] for result in ran.json["results"])
    assert named == "None of the tests that it names fails before the fix."
    assert "cannot be cloned" in clone
    assert "'../outside.py' is not a plain path inside the repository" in outside
    assert "No tests were found" in empty
    assert (ran.json["summary"][0]["invalid"], ran.json["summary"][0]["tasks"]) == (4, 0)


def test_a_green_verdict_that_does_not_hold_afterwards_is_objected_to(greenbar, tmp_path) -> None:
    alone = (
        "import pathlib\n\nfrom calc import add\n\n\ndef test_alone():\n    assert add(2, 3) == 5\n"
        "    assert len(list(pathlib.Path(__file__).parent.glob('test_*.py'))) == 1\n"
    )
    path = tmp_path / "set.jsonl"
    files = {**ADD["files"], "test_calc.py": alone}
    path.write_text(json.dumps({**ADD, "files": files}) + "\n")
    ran = greenbar("bench", "run", path, *QUICK, "--json")
    (result,) = ran.json["results"]
    assert result["ending"] == "solved"
    assert result["objections"] == ["test_calc.py::test_alone does not pass when the patch is accepted."]
    assert ran.json["summary"][0]["objected"] == 1
    assert "solved, but" in ran.err


def test_a_bad_line_a_bad_model_and_a_bad_proposer_are_told_before_anything_runs(
    greenbar, task_set
) -> None:
    for arguments, words in (
        (("--proposers", "nobody"), "There is no proposer nobody"),
        (("--model", "ollama"), "ollama"),
        (("--tasks", "five"), "No task is called five"),
    ):
        ran = greenbar("bench", "run", task_set, "--sandbox", "host", *arguments)
        assert ran.status == 2
        assert words in ran.err
    task_set.write_text(task_set.read_text() + "{}\n")
    ran = greenbar("bench", "run", task_set)
    assert (ran.status, "line 4: it has none of the formats" in ran.err) == (2, True)


def in_the_middle(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Everything below a bench, once tests run there: one worker of the pool has one of its own."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for child in psutil.Process(process.pid).children():
            if child.children():
                return psutil.Process(process.pid).children(recursive=True)
        time.sleep(0.05)
    raise AssertionError("no test was run")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_bench_that_is_stopped_keeps_what_is_done_and_leaves_nothing_running(
    environment, task_set, tmp_path, number
) -> None:
    out = tmp_path / "report.json"
    tasks = [{**NEVER, "id": f"set/{n}"} for n in range(3)]
    task_set.write_text("".join(json.dumps(task) + "\n" for task in (ADD, *tasks)))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "app.main",
            "bench",
            "run",
            task_set,
            *QUICK,
            "--seconds",
            "60",
            "--out",
            out,
        ],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "set/add: solved" in line:
            break
    below = in_the_middle(process)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does
    else:
        process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == (-number if number == signal.SIGKILL else 130)
    _, alive = psutil.wait_procs(below, timeout=10)
    assert not alive
    kept = (tmp_path / "report.results.jsonl").read_text().splitlines()
    assert [json.loads(line).get("task") for line in kept] == [None, "set/add"]
    assert list((Path(environment["GREENBAR_HOME"]) / "cache" / "bench").iterdir()) == []
    if number != signal.SIGKILL:
        assert [r["task"] for r in json.loads(out.read_text())["results"]] == ["set/add"]


SHOP = {
    "shop.py": "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n"
    "    return result\n\n\ndef cheapest(prices):\n    return min(prices)\n",
    "tests/test_shop.py": "from shop import total\n\n\n"
    "def test_total():\n    assert total([1, 2]) == 3\n",
}


@pytest.mark.slow
@pytest.mark.bubblewrap
def test_a_green_repository_is_broken_and_repaired_and_stays_as_it_is(greenbar, commit, tmp_path) -> None:
    root = commit(SHOP)
    text = SHOP["shop.py"].replace("min(prices)", "min(prices, default=None)")
    (root / "shop.py").write_text(text)
    test = SHOP["tests/test_shop.py"].replace("import total", "import cheapest, total")
    test += "\n\ndef test_none():\n    assert cheapest([]) is None\n"
    (root / "tests/test_shop.py").write_text(test)
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, "commit", "-qam", "Nothing is the cheapest"], cwd=root, check=True)
    out = tmp_path / "self.json"
    command = ("bench", "self", root, "--no-model", "--sandbox", "bubblewrap", "--limit", "3")
    ran = greenbar(*command, "--seconds", "8", "--out", out)
    assert ran.status == 0, ran.err
    results = json.loads(out.read_text())["results"]
    assert sorted(r["kind"] for r in results) == ["mutant", "mutant", "past fix"]
    assert all(r["ending"] in ("solved", "unsolved") for r in results), "each of them fails a test"
    assert all(r["has_truth"] and not r["objections"] for r in results)
    assert all((r["restored"] is not None) == (r["ending"] == "solved") for r in results)
    assert (root / "shop.py").read_text() == text
    (tasks,) = tmp_path.glob("self.tasks-*.jsonl")
    assert len(tasks.read_text().splitlines()) == 3
    again = greenbar(*command, "--seconds", "8", "--out", out)
    assert "3 attempts, 3 of them done before" in again.err


@pytest.mark.bubblewrap
def test_a_repository_with_a_failing_test_is_not_broken_further(greenbar, commit) -> None:
    ran = greenbar("bench", "self", commit(ADD["files"]), "--no-model", "--sandbox", "bubblewrap")
    assert ran.status == 2
    assert "cannot be broken on purpose: 1 of its tests fail" in ran.err


def test_reports_are_compared_and_drawn(greenbar, tmp_path) -> None:
    one, two, picture = tmp_path / "one.json", tmp_path / "two.json", tmp_path / "plot.svg"
    run = Run("set", "d", "greenbar bench run", "0.1.0", "2026-01-01T00:00:00Z")
    solved = TaskResult("set/add", Setting("none"), 1, Ending.SOLVED, seconds=2.0, proposer="mutation")
    for path, result in ((one, solved), (two, replace(solved, ending=Ending.UNSOLVED))):
        write_report(path, report_record(Report(run, (result,))))
    compared = greenbar("bench", "compare", one, two, "--json")
    assert compared.json["differ"] == [{"task": "set/add", "solved": [1.0, 0.0]}]
    shown = greenbar("bench", "compare", one, two)
    assert shown.out.splitlines()[-1].split() == [
        "set/add",
        "solved,",
        "2.0",
        "s,",
        "mutation",
        "unsolved",
    ]
    assert greenbar("bench", "plot", one, two, "--out", picture).status == 0
    assert picture.read_text().startswith("<svg")
    picture.write_text("{}")
    wrong = greenbar("bench", "compare", picture)
    assert (wrong.status, "is no report of greenbar bench" in wrong.err) == (2, True)


_CLUSTER = """
import sys
from distributed import LocalCluster
from app.main import main

if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        status = main([*sys.argv[1:], "--dask", cluster.scheduler_address])
    sys.exit(status)
"""


@pytest.mark.slow
def test_a_dask_cluster_does_the_work(environment, tmp_path) -> None:
    pytest.importorskip("distributed")
    path, script = tmp_path / "set.jsonl", tmp_path / "cluster.py"
    path.write_text(json.dumps(ADD) + "\n" + json.dumps(GREEN) + "\n")
    script.write_text(_CLUSTER)
    done = subprocess.run(
        [sys.executable, script, "bench", "run", path, *QUICK, "--json"],
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    add, green = json.loads(done.stdout)["results"]
    assert (add["ending"], add["correct"], green["ending"]) == ("solved", True, "invalid")


def test_a_scheduler_that_is_not_there_is_said_plainly(greenbar, task_set) -> None:
    pytest.importorskip("distributed")
    ran = greenbar("bench", "run", task_set, *QUICK, "--dask", "tcp://127.0.0.1:9")
    assert (ran.status, "There is no Dask scheduler at tcp://127.0.0.1:9" in ran.err) == (2, True)
