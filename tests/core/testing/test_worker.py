"""The in-sandbox worker, seen through the runner: real processes, real pytest."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from core.errors import TestRunError
from core.testing.base import RunLimits, RunRequest
from core.types import Outcome, RunEnd

QUICK = RunLimits(test_seconds=1.0, run_seconds=30.0)


def outcomes(outcome):
    return {r.node_id.split("::", 1)[-1]: r.outcome for r in outcome.report.results}


def test_every_kind_of_outcome_is_told_apart(write, run):
    copy = write(
        {
            "test_all.py": """
import os, pytest
def test_passes(): pass
def test_fails():
    assert [1, 2] == [1, 3]
@pytest.fixture
def broken(): raise RuntimeError("no fixture")
def test_errors(broken): pass
@pytest.mark.skip(reason="not now")
def test_skipped(): pass
@pytest.mark.xfail
def test_xfailed(): assert False
@pytest.mark.xfail
def test_xpassed(): pass
def test_loops():
    while True: pass
def test_dies(): os._exit(3)
def test_after_the_death(): pass
"""
        }
    )
    [outcome] = run(copy, RunRequest(limits=QUICK))
    assert outcomes(outcome) == {
        "test_passes": Outcome.PASSED,
        "test_fails": Outcome.FAILED,
        "test_errors": Outcome.ERROR,
        "test_skipped": Outcome.SKIPPED,
        "test_xfailed": Outcome.XFAILED,
        "test_xpassed": Outcome.XPASSED,
        "test_loops": Outcome.TIMEOUT,
        "test_dies": Outcome.CRASHED,
        "test_after_the_death": Outcome.PASSED,
    }
    assert outcome.report.end is RunEnd.FINISHED
    assert len(outcome.report.collected) == 9
    by_id = outcome.report.by_id()
    failed = by_id["test_all.py::test_fails"]
    assert "[1, 2] == [1, 3]" in failed.message
    assert failed.traceback.startswith("    def test_fails():\n>       assert")
    assert failed.frames[-1].path == "test_all.py"
    assert by_id["test_all.py::test_loops"].frames[-1].function == "test_loops"
    assert by_id["test_all.py::test_skipped"].message == "Skipped: not now"


def test_a_hang_that_ignores_the_interrupt_is_killed_and_the_rest_runs(write, run):
    copy = write(
        {
            "test_hang.py": """
import signal, time
def test_deaf():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True: time.sleep(1)
def test_next(): pass
"""
        }
    )
    limits = RunLimits(test_seconds=0.3, run_seconds=30.0)
    [outcome] = run(copy, RunRequest(limits=limits))
    assert outcomes(outcome) == {"test_deaf": Outcome.TIMEOUT, "test_next": Outcome.PASSED}


def test_siblings_of_a_hanging_test_get_a_tenth_of_its_time(write, run):
    copy = write(
        {
            "test_many.py": """
import pytest
@pytest.mark.parametrize("n", range(5))
def test_loops(n):
    while True: pass
"""
        }
    )
    [outcome] = run(copy, RunRequest(limits=RunLimits(test_seconds=1.5, run_seconds=60.0)))
    seconds = [r.seconds for r in outcome.report.results]
    assert all(r.outcome is Outcome.TIMEOUT for r in outcome.report.results)
    assert max(seconds[1:]) < seconds[0]


@pytest.mark.parametrize(
    ("files", "raised_to", "outcome"),
    [
        ({"mark": "@pytest.mark.timeout(20)"}, 20.0, Outcome.PASSED),
        ({"mark": "@pytest.mark.timeout(timeout=20)"}, 20.0, Outcome.PASSED),
        ({"pytest.ini": "[pytest]\ntimeout = 20\n"}, 20.0, Outcome.PASSED),
        ({"pytest.ini": "[pytest]\ntimeout = 20\n"}, 0.0, Outcome.TIMEOUT),
        ({"mark": "@pytest.mark.timeout(20)"}, 0.4, Outcome.TIMEOUT),
        ({"mark": "@pytest.mark.timeout('long')"}, 20.0, Outcome.TIMEOUT),
    ],
)
def test_a_repository_may_allow_its_tests_more_time_where_it_is_asked(
    write, run, files, raised_to, outcome
):
    mark = files.pop("mark", "")
    text = f"import pytest, time\n{mark}\ndef test_slow(): time.sleep(1)\n"
    copy = write({**files, "test_slow.py": text})
    request = RunRequest(limits=RunLimits(0.3, 30.0), raised_to=raised_to)
    assert outcomes(run(copy, request)[0]) == {"test_slow": outcome}


def test_a_file_that_cannot_be_collected_is_red_and_the_others_run(write, run):
    copy = write(
        {
            "broken.py": "def f(:\n",
            "test_a.py": "import broken\ndef test_a(): pass\n",
            "test_b.py": "def test_b(): pass\n",
        }
    )
    [outcome] = run(copy, RunRequest())
    assert outcome.report.by_id()["test_a.py"].outcome is Outcome.COLLECT_ERROR
    assert outcome.report.by_id()["test_b.py::test_b"].outcome is Outcome.PASSED
    assert outcome.report.by_id()["test_a.py"].frames[-1].path == "broken.py"


def test_an_overlay_is_seen_by_its_own_run_only(write, run):
    copy = write({"m.py": "X = 1\n", "test_m.py": "import m\ndef test_x(): assert m.X == 2\n"})
    fixed = RunRequest(overlay={"m.py": b"X = 2\n"})
    gone = RunRequest(overlay={"m.py": None})
    added = RunRequest(overlay={"test_new.py": b"def test_new(): pass\n"})
    results = run(copy, RunRequest(), fixed, gone, added, RunRequest())
    assert [outcomes(o) for o in results] == [
        {"test_x": Outcome.FAILED},
        {"test_x": Outcome.PASSED},
        {"test_m.py": Outcome.COLLECT_ERROR},
        {"test_x": Outcome.FAILED, "test_new": Outcome.PASSED},
        {"test_x": Outcome.FAILED},
    ]


def test_an_overlay_cannot_leave_the_tree(write, run, tmp_path: Path):
    copy = write({"test_a.py": "def test_a(): pass\n"})
    [outcome] = run(copy, RunRequest(overlay={"../escaped.py": b"X = 1\n"}))
    assert outcome.report.end is RunEnd.CRASHED
    assert "leaves the working tree" in outcome.report.detail


def test_what_a_run_writes_is_gone_for_the_next(write, run):
    copy = write(
        {
            "data.txt": "old",
            "test_w.py": """
import os, pathlib, shutil
def test_write():
    assert pathlib.Path("data.txt").read_text() == "old"
    assert not os.path.exists("made")
    pathlib.Path("data.txt").write_text("new")
    os.makedirs("made/deep")
    shutil.rmtree("keep")
""",
            "keep/inner.txt": "x",
        }
    )
    first, second = run(copy, RunRequest(), RunRequest())
    assert outcomes(first) == outcomes(second) == {"test_write": Outcome.PASSED}


def test_processes_that_a_test_leaves_behind_end_with_the_run(write, run, tmp_path: Path):
    copy = write(
        {
            "test_fork.py": f"""
import os, time
def test_detach():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open({str(tmp_path / "pid")!r}, "w") as f: f.write(str(os.getpid()))
            time.sleep(600)
        os._exit(0)
    while not os.path.exists({str(tmp_path / "pid")!r}): time.sleep(0.01)
    time.sleep(0.05)
"""
        }
    )
    [outcome] = run(copy, RunRequest())
    assert outcomes(outcome) == {"test_detach": Outcome.PASSED}
    pid = int((tmp_path / "pid").read_text())
    assert not Path(f"/proc/{pid}").exists()


def test_a_suite_that_prints_megabytes_and_binary_is_bounded(write, run):
    copy = write(
        {
            "test_loud.py": """
import sys
def test_loud():
    for _ in range(2000): print("x" * 1000)
    sys.stdout.buffer.write(bytes(range(256)) * 100)
    assert False
"""
        }
    )
    [outcome] = run(copy, RunRequest())
    [result] = outcome.report.results
    assert result.outcome is Outcome.FAILED
    assert 0 < len(result.output) < 20_000


def test_leaving_the_process_at_import_is_not_a_pass(write, run):
    copy = write({"m.py": "X = 1\n", "test_m.py": "import m\ndef test_x(): pass\n"})
    quiet = RunRequest(overlay={"m.py": b"import os\nos._exit(0)\n"})
    polite = RunRequest(overlay={"m.py": b"import sys\nsys.exit(0)\n"})
    for outcome in run(copy, quiet, polite):
        assert outcome.report.results == ()
        assert outcome.report.end is RunEnd.CRASHED


def test_fail_fast_stops_at_the_first_red_test(write, run):
    copy = write({"test_f.py": "def test_a(): assert 0\ndef test_b(): assert 0\ndef test_c(): pass\n"})
    [outcome] = run(copy, RunRequest(fail_fast=True))
    assert outcomes(outcome) == {"test_a": Outcome.FAILED}
    assert outcome.report.end is RunEnd.FAILED_FAST


def test_only_the_wanted_tests_run(write, run):
    copy = write(
        {
            "test_a.py": "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_p(n): pass\n"
            "def test_q(): pass\n",
            "test_b.py": "def test_b(): pass\n",
        }
    )
    [outcome] = run(copy, RunRequest(node_ids=("test_a.py::test_p[2]", "test_b.py")))
    assert set(outcomes(outcome)) == {"test_p[2]", "test_b"}


def test_a_traced_run_tells_the_executed_lines_of_each_test(write, run):
    copy = write(
        {
            "pkg/__init__.py": "",
            "pkg/m.py": "def f(x):\n    if x:\n        return 1\n    return 2\n",
            "test_m.py": "from pkg.m import f\ndef test_1(): assert f(1)\ndef test_2(): assert f(0)\n",
        }
    )
    [outcome] = run(copy, RunRequest(trace=True))
    coverage = outcome.coverage
    assert {2, 3} <= coverage["test_m.py::test_1"]["pkg/m.py"]
    assert 4 not in coverage["test_m.py::test_1"]["pkg/m.py"]
    assert {2, 4} <= coverage["test_m.py::test_2"]["pkg/m.py"]
    assert all(not p.startswith("/") for files in coverage.values() for p in files)


def test_a_traced_run_tells_what_variables_held_where_a_test_failed(write, run):
    copy = write(
        {
            "m.py": """
class Slow:
    def __repr__(self):
        while True: pass
class Plain:
    def __init__(self): self.size = 3
def share(parts, whole):
    box, many = Plain(), list(range(1000))
    return parts / whole
def spin(n):
    while n: pass
def stuck():
    odd = Slow()
    return odd + 1
""",
            "test_m.py": """
from m import share, spin, stuck
def test_zero(): share(1, 0)
def test_loop(): spin(7)
def test_slow(): stuck()
def test_passes(): pass
""",
        }
    )
    limits = RunLimits(test_seconds=1.0, run_seconds=30.0)
    plain, traced = run(copy, RunRequest(limits=limits), RunRequest(limits=limits, trace=True))
    assert not any(f.values for r in plain.report.results for f in r.frames)
    by_id = traced.report.by_id()
    bottom = by_id["test_m.py::test_zero"].frames[-1]
    values = dict(bottom.values)
    assert (values["parts"], values["whole"], values["box"]) == ("1", "0", "Plain(size=3)")
    assert len(values["many"]) <= 160
    assert by_id["test_m.py::test_loop"].outcome is Outcome.TIMEOUT
    assert ("n", "7") in by_id["test_m.py::test_loop"].frames[-1].values
    # A text that is never done costs only the values, and none of its lines count as covered.
    assert by_id["test_m.py::test_slow"].outcome is Outcome.FAILED
    assert 4 not in traced.coverage["test_m.py::test_slow"]["m.py"]
    assert by_id["test_m.py::test_passes"].outcome is Outcome.PASSED


def test_addopts_that_name_a_missing_plugin_do_not_stop_the_run(write, run):
    copy = write(
        {
            "pytest.ini": "[pytest]\naddopts = --cov=pkg --no-such-option\n",
            "test_a.py": "def test_a(): pass\n",
        }
    )
    [outcome] = run(copy, RunRequest())
    assert outcomes(outcome) == {"test_a": Outcome.PASSED}
    assert "addopts" in outcome.report.detail


def test_unittest_and_src_layout_and_conftest_are_found(write, run):
    copy = write(
        {
            "src/thing/__init__.py": "VALUE = 3\n",
            "tests/conftest.py": "import pytest\n@pytest.fixture\ndef three(): return 3\n",
            "tests/test_t.py": "import thing, unittest\n"
            "class T(unittest.TestCase):\n    def test_u(self): self.assertEqual(thing.VALUE, 3)\n"
            "def test_c(three): assert three == thing.VALUE\n",
        }
    )
    [outcome] = run(copy, RunRequest())
    assert outcomes(outcome) == {"T::test_u": Outcome.PASSED, "test_c": Outcome.PASSED}


def test_a_suite_that_wants_to_stop_at_its_first_failure_runs_to_its_end(write, run):
    copy = write(
        {
            "pytest.ini": "[pytest]\naddopts = -x\n",
            "test_a.py": "def test_a(): assert 0\ndef test_b(): pass\n",
        }
    )
    [outcome] = run(copy, RunRequest())
    assert outcomes(outcome) == {"test_a": Outcome.FAILED, "test_b": Outcome.PASSED}
    [outcome] = run(copy, RunRequest(fail_fast=True))
    assert outcomes(outcome) == {"test_a": Outcome.FAILED}


def test_a_first_test_that_holds_time_still_is_no_interference(write, run):
    """As freezegun does. A candidate's first run is often of that one test alone."""
    copy = write(
        {
            "test_m.py": "import datetime, time\n\n\ndef test_still(monkeypatch):\n"
            "    monkeypatch.setattr(time, 'time', lambda: 0.0)\n"
            "    monkeypatch.setattr(datetime, 'date', object)\n"
            "    assert time.time() == 0\n",
        }
    )
    [outcome] = run(copy, RunRequest(node_ids=("test_m.py::test_still",), fail_fast=True))
    assert outcomes(outcome) == {"test_still": Outcome.PASSED}
    assert outcome.report.interference == ()


def test_byte_code_of_an_earlier_run_serves_only_the_same_source(write, run):
    copy = write(
        {
            "m.py": "X = 1\n",
            "test_m.py": "import m\ndef test_x():\n    assert m.X == 2\n",
        }
    )
    same_size = RunRequest(overlay={"m.py": b"X = 2\n"})
    weaker = RunRequest(overlay={"test_m.py": b"import m\ndef test_x():\n    assert m.X == 1\n"})
    results = run(copy, RunRequest(), RunRequest(), same_size, weaker, RunRequest())
    assert [r.report.results[0].outcome.value for r in results] == [
        "failed", "failed", "passed", "passed", "failed"
    ]  # fmt: skip
    assert "assert 1 == 2" in results[1].report.results[0].message
    assert all(r.report.interference == () for r in (results[0], results[1], results[4]))


def test_a_hundred_megabytes_of_output_do_not_grow_the_engine(write, run):
    copy = write(
        {
            "test_loud.py": """
def test_loud_and_green():
    for _ in range(50): print("x" * 1024 * 1024)
def test_loud_and_red():
    for _ in range(50): print("x" * 1024 * 1024)
    assert False
"""
        }
    )
    memory = psutil.Process().memory_info()
    [outcome] = run(copy, RunRequest())
    assert outcomes(outcome) == {
        "test_loud_and_green": Outcome.PASSED,
        "test_loud_and_red": Outcome.FAILED,
    }
    assert sum(len(result.output) for result in outcome.report.results) < 20_000
    assert psutil.Process().memory_info().rss - memory.rss < 20 * 1024**2


def test_a_repository_that_pytest_runs_on_is_tested_itself_and_not_our_copy(write, run):
    copy = write(
        {
            "src/iniconfig/__init__.py": "from iniconfig.inner import OWN\n",
            "src/iniconfig/inner.py": "OWN = 1\n",
            "packaging.py": "OWN = 2\n",
            "test_own.py": """
import iniconfig, packaging
def test_own():
    assert (iniconfig.OWN, packaging.OWN) == (1, 2)
""",
        }
    )
    good, changed = run(
        copy,
        RunRequest(limits=QUICK),
        RunRequest(limits=QUICK, overlay={"src/iniconfig/inner.py": b"OWN = 3\n"}),
    )
    assert outcomes(good) == {"test_own": Outcome.PASSED}
    assert outcomes(changed) == {"test_own": Outcome.FAILED}


@pytest.mark.parametrize("path", ["src/pluggy/__init__.py", "pytest.py"])
def test_a_repository_of_pytest_itself_is_refused_with_the_way_that_works(write, run, path):
    copy = write({path: "", "test_own.py": "def test_own(): pass\n"})
    with pytest.raises(TestRunError, match="name a test command of its own") as caught:
        run(copy, RunRequest(limits=QUICK))
    assert "--junitxml" in caught.value.details


def test_a_suite_with_more_names_than_fit_into_four_megabytes_is_collected(write, run):
    copy = write(
        {
            "test_many.py": """
import pytest
@pytest.mark.parametrize("text", [("%05d" % n) * 1000 for n in range(1000)])
def test_text(text): pass
"""
        }
    )
    [outcome] = run(copy, RunRequest())
    assert outcome.report.end is RunEnd.FINISHED
    assert outcome.report.count(Outcome.PASSED) == 1000


def test_a_suite_that_makes_errors_of_warnings_is_not_disturbed_by_ours(write, run):
    copy = write(
        {
            "pytest.ini": "[pytest]\nfilterwarnings =\n    error\n"
            "addopts = --strict-config --strict-markers\n",
            "test_strict.py": "import warnings, pytest\ndef test_passes(): pass\n"
            "def test_fails(): warnings.warn('now an error')\n",
        }
    )
    [outcome] = run(copy, RunRequest())
    assert outcomes(outcome) == {"test_passes": Outcome.PASSED, "test_fails": Outcome.FAILED}


def test_a_test_that_uses_too_much_of_the_processor_is_given_up_and_waiting_is_not_held_against_it(
    write, run
):
    copy = write(
        {
            "test_work.py": """
import time
def test_loops():
    while True: pass
def test_loops_where_no_signal_is_heard():
    sum(range(10**12))
def test_waits(): time.sleep(0.6)
"""
        }
    )
    request = RunRequest(limits=RunLimits(test_seconds=20.0, run_seconds=60.0), processor_seconds=0.3)
    [outcome] = run(copy, request)
    assert outcomes(outcome) == {
        "test_loops": Outcome.TIMEOUT,
        "test_loops_where_no_signal_is_heard": Outcome.TIMEOUT,
        "test_waits": Outcome.PASSED,
    }
    assert outcome.report.results[0].message == "used more than 0.3 s of the processor"
