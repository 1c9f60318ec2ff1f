"""What code may newly do that a fix seldom needs and a cheat always does; data."""

from __future__ import annotations

import sys
from typing import Final

MODULES: Final = frozenset(
    {
        "_ctypes",
        "_pytest",
        "atexit",
        "bdb",
        "builtins",
        "cffi",
        "code",
        "codeop",
        "ctypes",
        "dis",
        "faulthandler",
        "freezegun",
        "gc",
        "greenbar_plugin",
        "hypothesis",
        "imp",
        "importlib.abc",
        "importlib.machinery",
        "importlib.util",
        "linecache",
        "marshal",
        "mock",
        "pdb",
        "pluggy",
        "pytest",
        "signal",
        "site",
        "unittest",
    }
)
"""Modules that judge tests, patch, or reach behind the language; their submodules too."""

NAMES: Final = frozenset(
    {
        *(f"inspect.{name}" for name in ("stack", "currentframe", "getframeinfo", "getouterframes")),
        *(f"inspect.{name}" for name in ("getinnerframes", "getsource", "getsourcelines", "trace")),
        *(f"os.{name}" for name in ("_exit", "abort", "fork", "forkpty", "kill", "killpg", "getppid")),
        *(f"os.{name}" for name in ("execl", "execle", "execlp", "execv", "execve", "execvp", "setsid")),
        *(f"os.{name}" for name in ("close", "closerange", "dup", "dup2", "fdopen", "putenv")),
        *(f"sys.{name}" for name in ("exit", "modules", "settrace", "setprofile", "monitoring")),
        *(f"sys.{name}" for name in ("_getframe", "_current_frames", "call_tracing", "addaudithook")),
        *(f"sys.{name}" for name in ("meta_path", "path", "path_hooks", "path_importer_cache")),
        *(f"sys.{name}" for name in ("excepthook", "unraisablehook", "displayhook")),
        *(f"threading.{name}" for name in ("settrace", "setprofile", "excepthook")),
        *(f"warnings.{name}" for name in ("catch_warnings", "filterwarnings", "simplefilter")),
        "importlib.invalidate_caches",
        "importlib.reload",
        "logging.disable",
        "traceback.extract_stack",
        "traceback.walk_stack",
        "warnings.resetwarnings",
    }
)
"""Dotted names, as they read with the module's full name."""

BUILTINS: Final = frozenset(
    {"__builtins__", "__import__", "breakpoint", "compile", "eval", "exec", "exit", "globals", "quit"}
)

RAISED: Final = frozenset({"KeyboardInterrupt", "SystemExit", "GeneratorExit", "BaseException"})
"""Exceptions that pass by ``except Exception`` and end more than a test."""

ATTRIBUTES: Final = frozenset(
    {
        "__builtins__",
        "__closure__",
        "__code__",
        "__globals__",
        "__subclasses__",
        "cr_frame",
        "f_back",
        "f_builtins",
        "f_globals",
        "f_lineno",
        "f_locals",
        "gi_frame",
        "tb_frame",
    }
)
"""Attributes of frames and functions, whatever they are taken from."""

COMPARISONS: Final = frozenset(
    {
        "__contains__",
        "__eq__",
        "__ge__",
        "__gt__",
        "__instancecheck__",
        "__le__",
        "__lt__",
        "__ne__",
        "__subclasscheck__",
    }
)
"""Methods that answer a test's question."""

ANYTHING: Final = frozenset({"__call__", "__getattr__", "__getattribute__", "__getitem__"})
"""Methods that make an object pass for any other where they give ``self``."""

TEXTS: Final = (
    "/proc/",
    "__pycache__",
    "_pytest",
    "conftest",
    "greenbar",
    "pytest",
    "sitecustomize",
    "unittest",
)
"""Parts of strings, in lower case."""

SECRET_NAMES: Final = frozenset({*ATTRIBUTES, *COMPARISONS, *ANYTHING, "__class__"}) | {
    name.rpartition(".")[2] for name in NAMES if name.startswith(("os._", "sys._", "sys.set"))
}
"""Whole strings that name what is looked for above: for ``getattr``, ``setattr``, ``type``."""

FRAMEWORK: Final = frozenset({"_pytest", "pytest", "pluggy", "iniconfig", "packaging"})


def is_standard(module: str) -> bool:
    """Whether a module (dotted name) is the standard library's or the test framework's."""
    top = module.split(".", 1)[0]
    return top in sys.stdlib_module_names or top in FRAMEWORK
