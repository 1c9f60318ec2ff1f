"""Runs the measurements that are asked for (default: all) and prints one JSON object.

``python -m tests.bench [start] [verify] [heartbeat]``. Ratios are taken within one run, because
machines are noisy.
"""

from __future__ import annotations

import json
import os
import platform
import sys

from tests.bench.heartbeat import measure_heartbeat
from tests.bench.start import measure_start
from tests.bench.verify import measure_verify

MEASUREMENTS = {
    "start": measure_start,
    "verify": measure_verify,
    "heartbeat": measure_heartbeat,
}


def main() -> int:
    names = sys.argv[1:] or list(MEASUREMENTS)
    unknown = [name for name in names if name not in MEASUREMENTS]
    if unknown:
        sys.stderr.write(f"There is no measurement {unknown[0]}; known: {', '.join(MEASUREMENTS)}.\n")
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
        report[name] = MEASUREMENTS[name]()
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
