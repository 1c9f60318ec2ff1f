"""Loads a module at its first use. For the start only: the first paint needs no event of core."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import LazyLoader, find_spec, module_from_spec


def load_later(name: str) -> None:
    """Let an import of ``name`` do nothing until something of the module is asked for, or
    :func:`load_now`. Quiet where it is loaded already.

    A hundred frozen dataclasses take some 50 ms to make, a tenth of the start. Two threads must not ask
    first at once, so the window loads the module right after its first paint, before core begins.
    """
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    loader = LazyLoader(spec.loader)
    spec.loader = loader
    module = module_from_spec(spec)
    sys.modules[name] = module
    # Found there, ``from package import module`` asks nothing of the module itself.
    package, _, last = name.rpartition(".")
    setattr(import_module(package), last, module)
    loader.exec_module(module)


def load_now(name: str) -> None:
    """Load what was put off."""
    dir(import_module(name))
