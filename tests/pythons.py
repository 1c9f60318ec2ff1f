"""Other Pythons of this computer, found as the product finds them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.sandbox.base import SetUpPlan
from core.sandbox.interpreter import BasePython, base_python
from core.sandbox.local_pythons import find_python
from tests.conftest import NO_PROGRAM


def another_python() -> tuple[str, BasePython]:
    """Minor version and place of a Python that is not ours and runs our pytest; skips without one."""
    for minor in ("3.13", "3.12", "3.10", "3.14", "3.11"):
        if minor != f"3.{sys.version_info.minor}":
            found = find_python(SetUpPlan(python=minor), base_python(), Path("/nonexistent"))
            if found is not None:
                return found
    pytest.skip(f"a second Python {NO_PROGRAM}")
