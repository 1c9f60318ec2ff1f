"""Packages that the tests import, imported once by the worker ahead of its forks.

The first run without a candidate tells what it had loaded from outside the repository. The worker
imports that in a trial fork, and then itself what did no harm there. A package is left to the forks,
which then begin as bare as a fresh interpreter, where its import starts a thread, opens a GPU,
warns, changes the environment, fails, or stands in LEFT_OUT. All of them are where the tests set
environment variables, since what is imported earlier would not see these.
Standard library only; no candidate code runs here.
"""

import importlib
import importlib.util
import json
import os
import selectors
import signal
import sys
import time
import warnings

from greenbar_guard import come_out

TRIAL_SECONDS = 8.0
ROUNDS = 4
MOST_NAMES = 5000
LEFT_OUT = {
    "torch": "it keeps threads and GPU state that a fork does not get",
    "tensorflow": "it keeps threads and GPU state that a fork does not get",
    "jax": "it keeps threads that a fork does not get",
    "cupy": "it keeps GPU state that a fork does not get",
    "pycuda": "it keeps GPU state that a fork does not get",
    "grpc": "its threads and sockets do not survive a fork",
    "ray": "it starts processes of its own",
    "pyspark": "it starts processes of its own",
    "gi": "its main loop belongs to the process that loaded it",
    "PyQt5": "Qt belongs to the process that loaded it",
    "PyQt6": "Qt belongs to the process that loaded it",
    "PySide2": "Qt belongs to the process that loaded it",
    "PySide6": "Qt belongs to the process that loaded it",
    "coverage": "it sees only what is imported after it has begun",
}
PATCHERS = {"gevent", "eventlet"}
"""They replace parts of the standard library, which has to come before all other imports."""
QUIET_VARIABLES = ("PYTEST_", "COV_CORE_", "COVERAGE_", "PYTHONPATH")


# --- in the test process -------------------------------------------------------------------------


def modules_from_outside(known, roots):
    """Names that are not in ``known``, in the order of their import, of modules from files that are
    not below one of ``roots``. Not those of pytest's plugins, which it wants to import itself, with
    their assertions rewritten."""
    found, plugins = [], set()
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        spec = getattr(module, "__spec__", None)
        if type(getattr(spec, "loader", None)).__name__ == "AssertionRewritingHook":
            plugins.add(top_of(name))
        if name in known or getattr(spec, "name", None) != name or not isinstance(path, str):
            continue
        if "__main__" not in name and not os.path.realpath(path).startswith(roots):
            found.append(name)
    return [name for name in found if top_of(name) not in plugins][:MOST_NAMES]


def changed_variables(before):
    """Environment variables that are no longer what they were, but for those of the framework."""
    names = {name for name in {*before, *os.environ} if before.get(name) != os.environ.get(name)}
    return sorted(name for name in names if not name.startswith(QUIET_VARIABLES))


# --- in the worker -------------------------------------------------------------------------------


def preload(names, left_out, roots):
    """Import what can be; returns a sentence on what was and what was not, and why."""
    patchers = PATCHERS.intersection(top_of(name) for name in names)
    if patchers:
        return "nothing was imported ahead: %s" % ", ".join(sorted(patchers))
    reasons = {top: LEFT_OUT[top] for top in map(top_of, names) if top in LEFT_OUT}
    reasons.update((top, "the settings leave it out") for top in left_out)
    for _ in range(ROUNDS):
        wanted = [n for n in names if top_of(n) not in reasons and n not in sys.modules]
        if not wanted:
            break
        done, trouble = _trial(wanted, roots)
        reasons.update(trouble)
        if not trouble:
            began = time.monotonic()
            for name in done:
                importlib.import_module(name)
            words = "%d modules were imported ahead in %.2f s" % (len(done), time.monotonic() - began)
            return words + _because(reasons)
    return "nothing was imported ahead" + _because(reasons)


def top_of(name):
    return name.split(".", 1)[0]


def is_alone():
    """Whether this process has a single thread, so that a fork of it is whole."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _because(reasons):
    return "".join("; not %s: %s" % pair for pair in sorted(reasons.items()))


def _trial(names, roots):
    """Import in a fork. Returns the names that could be and ``{top: why not}``."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            come_out()
            os.setsid()
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            for name in names:
                os.write(write, json.dumps(["try", name]).encode() + b"\n")
                why = _try_import(name, roots)
                os.write(write, json.dumps([why, name]).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(write)
    lines = _read_all(read, time.monotonic() + TRIAL_SECONDS).splitlines()
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
    os.waitpid(pid, 0)
    os.close(read)
    done, trouble, last = [], {}, None
    for line in lines:
        why, name = json.loads(line)
        last = name if why == "try" else None
        if why == "":
            done.append(name)
        elif why != "try":
            trouble.setdefault(top_of(name), why)
    if last is not None:
        trouble[top_of(last)] = "its import did not end"
    return done, trouble


def _try_import(name, roots):
    """Import one module; empty, or what speaks against doing so ahead of a fork."""
    if _is_below(top_of(name), roots):
        return "it belongs to the repository"
    before = dict(os.environ)
    alone = _threads()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            importlib.import_module(name)
        except BaseException as error:
            return "its import fails (%s)" % type(error).__name__
    if _threads() > alone:
        return "its import starts a thread"
    if _uses_gpu():
        return "its import opens a GPU"
    if heard:
        return "its import warns"
    if changed_variables(before):
        return "its import changes the environment"
    return ""


def _is_below(top, roots):
    """Whether a top-level module would come from below one of ``roots``; asked without importing it."""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return True
    if spec is None:
        return True
    places = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or ())
    return any(os.path.realpath(place).startswith(roots) for place in places)


def _threads():
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def _uses_gpu():
    # Asked of the table of mappings, which a guarded process may read, unlike its descriptors.
    try:
        with open("/proc/self/maps") as maps:
            return any("/dev/nvidia" in line or "/dev/kfd" in line for line in maps)
    except OSError:
        return False


def _read_all(fd, until):
    data = b""
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while time.monotonic() < until and selector.select(until - time.monotonic()):
            piece = os.read(fd, 65536)
            if not piece:
                break
            data += piece
    return data[: data.rfind(b"\n") + 1]
