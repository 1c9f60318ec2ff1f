"""Plain pytest, to compare with: run inside a sandbox's environment, knows nothing of Greenbar's worker.

``python plain.py BASE WORK SITE RESULT``: copies BASE, and what the set-up built beside the
environment, to WORK, runs pytest there as its users do, and writes ``{node id: outcome}`` as JSON to
RESULT. SITE holds pytest for environments that have none. Standard library and pytest only.
"""

import json
import os
import shutil
import sys
from pathlib import Path

BASE, WORK, SITE, RESULT = sys.argv[1:5]
WORST_LAST = ["passed", "xpassed", "xfailed", "skipped", "failed", "error"]


class Outcomes:
    """The worst of a test's three phases, as pytest itself counts them."""

    def __init__(self):
        self.found = {}

    def pytest_collectreport(self, report):
        if report.failed:
            self.found[report.nodeid] = "collect_error"

    def pytest_runtest_logreport(self, report):
        if report.failed:
            outcome = "failed" if report.when == "call" else "error"
        elif hasattr(report, "wasxfail"):
            outcome = "xfailed" if report.skipped else "xpassed"
        else:
            outcome = report.outcome
        before = self.found.get(report.nodeid, "passed")
        self.found[report.nodeid] = max(before, outcome, key=WORST_LAST.index)


def lay_out():
    shutil.copytree(BASE, WORK, symlinks=True, dirs_exist_ok=True)
    built = Path(sys.prefix) / "project"
    if built.is_dir():
        shutil.copytree(built, WORK, symlinks=True, dirs_exist_ok=True)


def run():
    os.chdir(WORK)
    # As ``python -m pytest`` has it.
    sys.path[0] = WORK
    sys.path.append(SITE)
    import pytest

    outcomes = Outcomes()
    status = pytest.main(["-q", "-p", "no:cacheprovider"], plugins=[outcomes])
    Path(RESULT).write_text(json.dumps(outcomes.found))
    return 0 if status in (0, 1) else int(status)


if __name__ == "__main__":
    if "--laid-out" not in sys.argv:
        lay_out()
        # An interpreter leaves paths out that did not exist when it started.
        os.execv(sys.executable, [sys.executable, "-s", *sys.argv, "--laid-out"])
    sys.exit(run())
