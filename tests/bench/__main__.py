"""Runs the measurements that are asked for (default: all) and prints one JSON object.

``python -m tests.bench [NAME ...]``. Ratios are taken within one run, because machines are noisy. A
whole round takes about half an hour, most of it ``overhead``; ``overhead_short`` and ``many_tests_short``
are for a first look.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from functools import partial

from tests.bench.conversation import measure_conversation
from tests.bench.desktop import measure_desktop
from tests.bench.first_run import measure_first_run
from tests.bench.localise import measure_localise
from tests.bench.many_files import measure_many_files
from tests.bench.many_tests import measure_many_tests
from tests.bench.models import measure_models
from tests.bench.overhead import measure_overhead
from tests.bench.start import measure_start
from tests.bench.verify import measure_verify

MEASUREMENTS = {
    "start": measure_start,
    "verify": measure_verify,
    "desktop": measure_desktop,
    "conversation": measure_conversation,
    "first_run": measure_first_run,
    "many_files": measure_many_files,
    "many_tests": measure_many_tests,
    "overhead": measure_overhead,
    "localise": measure_localise,
    "models": measure_models,
}
SHORT = {
    "overhead_short": partial(measure_overhead, 8.0),
    "many_tests_short": partial(measure_many_tests, 1000),
}


def main() -> int:
    names = sys.argv[1:] or list(MEASUREMENTS)
    known = {**MEASUREMENTS, **SHORT}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.stderr.write(f"There is no measurement {unknown[0]}; known: {', '.join(known)}.\n")
        return 2
    report: dict[str, object] = {
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        }
    }
    for name in names:
        sys.stderr.write(f"measuring {name} ...\n")
        report[name] = known[name]()
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
