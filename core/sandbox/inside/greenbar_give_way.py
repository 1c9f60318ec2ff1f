"""Where a repository is itself one of the packages that pytest runs on, its tests get its own files.

The worker has imported its packaging or Pygments before it forks. Tests of such a repository would be
given those, and a candidate for it would never be tried. So a fork forgets them: pytest keeps what it
has, and the next import finds the repository's. pytest and pluggy cannot be exchanged under their own
feet; their repositories are refused. Standard library only.
"""

import os
import sys
from importlib.machinery import PathFinder

PACKAGES = ("exceptiongroup", "iniconfig", "packaging", "pygments", "tomli", "typing_extensions")
GROUND = ("_pytest", "pluggy", "pytest")


def give_way(work):
    """In a fork: forget every one of PACKAGES that the repository in ``work`` has itself."""
    own = [name for name in PACKAGES if name in sys.modules and _is_own(name, work)]
    for name in list(sys.modules):
        if name.split(".", 1)[0] in own:
            del sys.modules[name]


def own_ground(work):
    """Which of GROUND the repository in ``work`` has itself."""
    return [name for name in GROUND if _is_own(name, work)]


def _is_own(name, work):
    root = os.path.realpath(work) + os.sep
    try:
        spec = PathFinder.find_spec(name, [work, os.path.join(work, "src"), *sys.path])
    except (ImportError, ValueError):
        return False
    return bool(spec and spec.has_location and os.path.realpath(spec.origin).startswith(root))
