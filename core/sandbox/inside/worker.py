"""The in-sandbox worker: keeps pytest imported and forks for every run.

``python -s -B worker.py --base BASE --work WORK --tools TOOLS``. Requests come as JSON lines on
standard input, answers go as JSON lines to standard output, complaints to standard error.

The first line says which framework is wanted: ``{"framework": "pytest" | "unittest" | "command",
"command": {...} | null}``, the command as a language file has it (core/testing/languages.py).
Requests: ``{"op": "run", "overlay": {path: base64 | null}, "node_ids": [...],
"fail_fast": bool, "test_seconds": s, "run_seconds": s, "single": {id: s}, "raised_to": s,
"processor_seconds": s, "trace": bool, "watch": [path, first, last] | null, "output_bytes": n,
"control": bool, "key": hex}``,
``{"op": "cancel"}`` and, between runs,
``{"op": "preload", "modules": [name], "left_out": [name]}``, which is not answered.
Answers: ``ready``, then for each run ``collected``, ``collect_error``, ``lines``, ``steps``, ``result``,
of a traced run ``versions``, and one final ``done`` with ``end`` (a ``RunEnd`` value), ``interference``,
``modules`` (what a run without an overlay had loaded from outside the repository) and ``notes`` for the
log, each signed with the run's key (see greenbar_channel): the tests could write to our output, too.

Runs on Python 3.8 or newer with the standard library and pytest; imports nothing of Greenbar.
"""

import argparse
import base64
import errno
import gc
import json
import os
import sys
import time

from greenbar_serving import Serving

NICENESS = 10
NO_SPACE_STATUS = 28
"""The repository is larger than the folder for it."""
OWN_GROUND_STATUS = 29
"""The repository is pytest itself, or what pytest stands on."""
BUILT = "project"
"""As greenbar_set_up has it."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--tools", required=True)
    options = parser.parse_args()
    # The script's own folder goes to the end: the repository's modules and packages come first.
    sys.path.pop(0)
    sys.path.append(options.tools)
    sys.path.append(os.path.join(options.tools, "site"))
    from greenbar_guard import hide
    from greenbar_paths import find_project_packages
    from greenbar_process import adopt_orphans
    from greenbar_worktree import WorkTree

    # The model and the window come first where cores are short.
    os.nice(NICENESS)
    adopt_orphans()
    hide()
    # An environment is a virtual one, and keeps what its making left in the project's own folder.
    tree = WorkTree(options.base, options.work, os.path.join(sys.prefix, BUILT))
    try:
        tree.populate()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        sys.stderr.write("%s\n" % error)
        sys.exit(NO_SPACE_STATUS)
    os.environ["GREENBAR_ENV"] = sys.prefix
    find_project_packages()
    wanted = json.loads(sys.stdin.buffer.raw.readline())
    if wanted["framework"] == "command":
        from greenbar_command_worker import CommandWorker

        CommandWorker(tree, options, wanted["command"]).serve()
        return
    from greenbar_give_way import own_ground

    if wanted["framework"] == "pytest" and own_ground(options.work):
        sys.exit(OWN_GROUND_STATUS)
    version = warm_up()
    from greenbar_compiled import Compiled

    compiled = Compiled(options.base, options.work)
    compiled.install()
    worker = Worker(tree, options.base, options.work, compiled, wanted["framework"])
    worker.settle()
    worker.say({"type": "ready", "python": sys.version.split()[0], "pytest": version})
    worker.serve()


def warm_up():
    """Import everything that every run needs, so that a fork starts with it."""
    import pytest
    from _pytest.config import default_plugins

    for name in (
        *("_pytest." + plugin for plugin in default_plugins),
        "greenbar_run",
        "greenbar_plugin",
        "greenbar_codes",
        "greenbar_compiled",
        "greenbar_integrity",
        "greenbar_preload",
        "greenbar_protect",
        "greenbar_reads",
        "greenbar_steps",
        "greenbar_trace",
        "greenbar_unittest",
        "greenbar_values",
        "greenbar_versions",
        "doctest",
        "json",
        "unittest.mock",
        "_pytest.doctest",
        "_pytest.junitxml",
        "_pytest.skipping",
        "_pytest.unittest",
        "_pytest.assertion.rewrite",
    ):
        try:
            __import__(name)
        except ImportError:
            pass
    from greenbar_rehearsal import rehearse

    rehearse()
    return pytest.__version__


class Worker(Serving):
    """Runs tests with pytest or unittest, in forks of this process."""

    def __init__(self, tree, base, work, compiled, framework):
        from greenbar_codes import TestCodes

        super().__init__()
        self._tree = tree
        self._base = base
        self._work = work
        self._integrity = None
        self._codes = TestCodes(work)
        self._compiled = compiled
        self._framework = framework
        self._loaded = None
        self._notes = []
        self._overlay = {}
        self._test_files = set()

    def settle(self):
        """Note how things are, for the forks to compare with."""
        from greenbar_integrity import Integrity

        # What is there now lives as long as this process: collections in the forks need not look at
        # it (nor copy its pages by touching them).
        gc.collect()
        gc.freeze()
        self._integrity = Integrity()

    def _run(self, request):
        from greenbar_channel import make_sender
        from greenbar_protect import decides
        from greenbar_run import Run

        started = time.monotonic()
        deadline = started + request["run_seconds"]
        self._send = make_sender(1, bytes.fromhex(request.pop("key")))
        self._test_files = {node_id.split("::", 1)[0] for node_id in request["node_ids"]}
        self._overlay = {
            path: None if data is None else base64.b64decode(data)
            for path, data in request["overlay"].items()
        }
        self._loaded = None
        request["framework"] = self._framework
        # What a candidate has loaded is no measure; its own files apart, it loads the same.
        request["learn"] = not self._overlay or not self._compiled.has_learned
        run = Run(self, request, self._work, deadline, self._integrity, self._control(request))
        done = self._carry_out(
            run, self._tree, self._overlay, lambda path: decides(path, self._test_files), started
        )
        self.say({**done, "modules": self._outside_modules(), "notes": self._notes})
        self._send = None
        self._notes = []
        if self._loaded is not None:
            self._compiled.learn(self._loaded["compiled"])

    # --- what later runs need not do again --------------------------------------------------------

    def learn(self, loaded):
        """What the test process of a run had loaded at its end."""
        self._loaded = loaded

    def _outside_modules(self):
        if self._loaded is None or self._overlay:
            return None
        if self._loaded["variables"]:
            names = ", ".join(self._loaded["variables"][:3])
            self._notes.append("nothing is imported ahead: the tests set %s" % names)
            return []
        return self._loaded["modules"]

    def _preload(self, request):
        from greenbar_preload import is_alone, preload

        roots = self.own_roots()
        self._notes.append(preload(request["modules"], request["left_out"], roots))
        if not is_alone():
            # The trial saw one thread and now there are more: no fork of this process is whole.
            raise SystemExit("a module that was imported ahead has started a thread")
        self.settle()

    def own_roots(self):
        """Where files of the repository are, with what the set-up built among them."""
        folders = (self._work, self._base, os.path.join(sys.prefix, BUILT))
        return tuple(os.path.realpath(folder) + os.sep for folder in folders)

    # --- what only the worker can judge, for it alone runs no code of the candidate ---------------

    def _control(self, request):
        """The altered test files of a control run, laid over as well; ``None`` for any other run."""
        if not request["control"]:
            return None
        from greenbar_control import Control

        control = Control()
        for path in sorted(self._test_files):
            source = self._source(path)
            altered = control.alter(path, source) if source is not None else None
            if altered is not None:
                self._overlay[path] = altered
        return control

    def _source(self, path):
        """The text of a file as the run sees it, not as the run may have left it."""
        if path in self._overlay:
            return self._overlay[path]
        try:
            with open(os.path.join(self._base, path), "rb") as file:
                return file.read()
        except OSError:
            return None

    def judge_codes(self, run, codes):
        """Sign for the tests whose code is not that of their file."""
        files = {}
        for node_id, digest in codes.items():
            files.setdefault(node_id.split("::", 1)[0], {})[node_id] = digest
        self._test_files |= set(files)
        for path, sent in files.items():
            source = self._source(path) if path.endswith(".py") else None
            for node_id in self._codes.changed(path, source, sent) if source is not None else ():
                run.sign("the code of %s is not that of its file" % node_id)

    def judge_owner(self, run, what, path):
        """Sign for a hook by a file that is new or changed, or by no file."""
        work = os.path.realpath(self._work) + os.sep
        if path.startswith(work):
            path = os.path.relpath(path, work)
            if path in self._overlay or not self._tree.is_original(path):
                run.sign("%s by %s" % (what, path))
        elif not os.path.isfile(path):
            run.sign("%s by code without a file" % what)

    def judge_reads(self, run, pairs):
        """Sign for code that is no test and has read the file of one."""
        from greenbar_protect import is_support

        work = os.path.realpath(self._work) + os.sep
        for pair in pairs:
            reader, read = (os.path.relpath(os.path.realpath(path), work) for path in pair)
            if read in self._test_files and not is_support(reader, self._test_files):
                run.sign("%s read %s" % (reader, read))

    def tell_data(self, pairs):
        """Pass on which files of the base tests and their fixtures have read."""
        from greenbar_protect import is_support

        work, found = os.path.realpath(self._work) + os.sep, set()
        for pair in pairs:
            reader, read = (os.path.relpath(os.path.realpath(path), work) for path in pair)
            is_data = os.path.isfile(os.path.join(self._base, read)) and not read.startswith("..")
            if is_data and is_support(reader, self._test_files):
                found.add(read)
        if found:
            self.say({"type": "data", "paths": sorted(found)})


if __name__ == "__main__":
    main()
