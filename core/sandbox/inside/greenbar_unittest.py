"""The standard library's framework in a fork of the worker: the messages of greenbar_plugin, from
unittest's own loader, suites and results.

Standard library and pytest's part of the worker only.
"""

import os
import sys
import time
import traceback
import unittest

from greenbar_codes import codes_of_items
from greenbar_plugin import (
    MESSAGE_CHARS,
    TRACEBACK_CHARS,
    TestTimedOut,
    _Alarm,
    bounded,
    look_at_values,
)
from greenbar_steps import StepRecorder
from greenbar_trace import LineTracer

PATTERN = "test*.py"
PLAIN_FOLDERS = ("tests", "test")
"""Without an ``__init__.py`` unittest looks into these only when it is told to."""
OK, FAILED, NO_TESTS = 0, 1, 5
MOST_FRAMES = 60


def run_unittest(request, work, done, limits, send, integrity):
    """Find, filter and run the tests; the exit status as pytest has it."""
    reporter = UnittestReporter(send, work, request, limits, integrity)
    loader = unittest.TestLoader()
    suite = loader.suiteClass([loader.discover(work, PATTERN, work)])
    for name in PLAIN_FOLDERS:
        folder = os.path.join(work, name)
        if os.path.isdir(folder) and not os.path.exists(os.path.join(folder, "__init__.py")):
            suite.addTest(loader.discover(folder, PATTERN, folder))
    wanted = set(request["node_ids"])
    tests = {}
    _keep(suite, lambda test: _wanted(test, reporter, wanted, done, tests))
    reporter.collected(tests)
    suite.run(reporter)
    reporter.look_at_all()
    if reporter.failed:
        return FAILED
    return OK if tests else NO_TESTS


def _keep(suite, wanted):
    """Drop from a suite, its own kind kept, what is not wanted."""
    kept = []
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            _keep(test, wanted)
            kept.append(test)
        elif wanted(test):
            kept.append(test)
    suite._tests = kept


def _wanted(test, reporter, wanted, done, tests):
    node_id = reporter.id_of(test)
    if wanted and node_id not in wanted and node_id.split("::", 1)[0] not in wanted:
        return False
    if node_id in done:
        return False
    if type(test).__name__ == "_FailedTest":
        reporter.not_loaded(node_id, test)
        return False
    if node_id in tests:
        return False  # the same test twice, of two ways to find it
    tests[node_id] = test
    return True


class _Item:
    """A test as greenbar_codes looks at one."""

    def __init__(self, nodeid, test):
        self.nodeid = nodeid
        function = getattr(type(test), getattr(test, "_testMethodName", ""), None)
        if function is not None:
            self.function = function


class UnittestReporter(unittest.TestResult):
    """Tells what becomes of each test. A failed ``subTest`` is a failure of its test."""

    def __init__(self, send, root, request, limits, integrity):
        super().__init__()
        self.buffer = True
        self.failed = False
        self._send = send
        self._root = os.path.realpath(root) + os.sep
        self._limits = limits
        self._integrity = integrity
        self._fail_fast = request["fail_fast"]
        self._output_bytes = request["output_bytes"]
        self._tracer = LineTracer(self._root) if request["trace"] else None
        self._recorder = StepRecorder(self._root, *request["watch"]) if request["watch"] else None
        self._signs = set()
        self._due = {}
        self._current = None
        self._alarm = None
        self._began = 0.0

    # --- names ------------------------------------------------------------------------------------

    def id_of(self, test):
        """``path::Class::method``; of a module that cannot be imported its path."""
        if type(test).__name__ == "_FailedTest":
            return self._path_of(test._testMethodName)
        kind = type(test)
        name = getattr(test, "_testMethodName", "")
        path = self._path_of(kind.__module__)
        if path and hasattr(kind, name):
            return "::".join([path, *kind.__qualname__.split("."), name])
        return "::".join([path or ".", test.id()])

    def _path_of(self, module):
        file = getattr(sys.modules.get(module), "__file__", None)
        if file and os.path.realpath(file).startswith(self._root):
            return os.path.relpath(os.path.realpath(file), self._root)
        for folder in ("", *PLAIN_FOLDERS):
            base = os.path.join(folder, module.replace(".", os.sep))
            for path in (base + ".py", os.path.join(base, "__init__.py")):
                if os.path.isfile(os.path.join(self._root, path)):
                    return path
        return ""

    # --- collection -------------------------------------------------------------------------------

    def not_loaded(self, node_id, test):
        """A module that could not be imported: its traceback is in the test made for it."""
        self.failed = True
        error = getattr(test, "_exception", None)
        text = str(error)
        lines = [line for line in text.splitlines() if line.strip()]
        self._send(
            {
                "type": "collect_error",
                "id": node_id or test._testMethodName,
                "message": bounded(lines[-1] if lines else "", MESSAGE_CHARS),
                "traceback": bounded(text, TRACEBACK_CHARS),
                "frames": self._frames_in_text(text),
            }
        )

    def _frames_in_text(self, text):
        frames = []
        for line in text.splitlines():
            parts = line.strip().split('"')
            if len(parts) == 3 and parts[0] == "File " and parts[2].startswith(", line "):
                number, _, function = parts[2][len(", line ") :].partition(", in ")
                path = os.path.realpath(parts[1])
                if path.startswith(self._root) and number.isdigit():
                    frames.append([os.path.relpath(path, self._root), int(number), function])
        return frames[-MOST_FRAMES:]

    def collected(self, tests):
        self._due = dict(tests)
        self.look_at_all()
        items = [_Item(node_id, test) for node_id, test in tests.items()]
        self._send({"type": "collected", "ids": list(tests), "codes": codes_of_items(items)})

    # --- one test ---------------------------------------------------------------------------------

    def startTest(self, test):
        super().startTest(test)
        node_id = self.id_of(test)
        self._due.pop(node_id, None)
        limit = self._limits.of(node_id)
        self._current = {
            "type": "result", "id": node_id, "outcome": "passed", "message": "", "traceback": "",
            "output": "", "frames": [],
        }  # fmt: skip
        self._send({"type": "start", "id": node_id, "limit": limit})
        self._began = time.monotonic()
        if self._tracer:
            self._tracer.begin()
        if self._recorder:
            self._recorder.begin()
        self._alarm = _Alarm(limit)
        self._alarm.__enter__()

    def stopTest(self, test):
        self._alarm.__exit__()
        result, self._current = self._current, None
        if self._recorder:
            self._send({"type": "steps", "id": result["id"], "steps": self._recorder.end()})
        if self._tracer:
            self._send({"type": "lines", "id": result["id"], "files": self._tracer.end()})
        if result["outcome"] in ("failed", "error", "timeout"):
            said = [getattr(stream, "getvalue", str)() for stream in (sys.stdout, sys.stderr)]
            result["output"] = bounded("\n".join(filter(None, said)), self._output_bytes)
        self._mirrorOutput = False
        super().stopTest(test)
        self._sign(self._integrity.hot_changes())
        self._send(dict(result, seconds=time.monotonic() - self._began))

    def addSuccess(self, test):
        pass

    def addFailure(self, test, err):
        self._end("failed", err, test)

    def addError(self, test, err):
        if self._current is None:
            self._end_fixture(test, err)
        else:
            self._end("timeout" if issubclass(err[0], TestTimedOut) else "error", err, test)

    def addSubTest(self, test, subtest, err):
        if err is None:
            return
        outcome = "failed" if issubclass(err[0], test.failureException) else "error"
        outcome = "timeout" if issubclass(err[0], TestTimedOut) else outcome
        self._end(outcome, err, test, "%s " % subtest._subDescription())

    def addSkip(self, test, reason):
        if self._current is not None:
            if self._current["outcome"] == "passed":
                self._current.update(outcome="skipped", message=bounded(reason, MESSAGE_CHARS))
            return
        # A whole class, or module, by its own set-up.
        for node_id in self._those_of(test):
            self._without_running(node_id, "skipped", reason, "", [])

    def addExpectedFailure(self, test, err):
        self._current["outcome"] = "xfailed"

    def addUnexpectedSuccess(self, test):
        # unittest itself counts this as a failure.
        self._current.update(outcome="failed", message="unexpected success")
        self._note_failure()

    def _end(self, outcome, err, test, prefix=""):
        current = self._current
        if outcome == "timeout":
            message = "timed out after %.3g s" % self._limits.of(current["id"])
            self._limits.timed_out(current["id"])
        else:
            message = "".join(traceback.format_exception_only(err[0], err[1])).strip()
        text = prefix + self._text_of(err)
        if current["traceback"]:
            text = "%s\n\n%s" % (current["traceback"], text)
        if current["outcome"] not in ("failed", "error", "timeout"):
            current.update(outcome=outcome, message=bounded(prefix + message, MESSAGE_CHARS))
            current["frames"] = self._frames_of(err[2])
        current["traceback"] = bounded(text, TRACEBACK_CHARS)
        self._note_failure()

    def _end_fixture(self, holder, err):
        """``setUpClass`` or ``setUpModule`` failed: none of its tests runs. After them, nobody is left
        to blame but the file."""
        message = "".join(traceback.format_exception_only(err[0], err[1])).strip()
        text, frames = self._text_of(err), self._frames_of(err[2])
        left = self._those_of(holder)
        for node_id in left:
            self._without_running(node_id, "error", message, text, frames)
        if not left:
            module = holder.id().partition("(")[2].rstrip(")")
            path = self._path_of(module) or self._path_of(module.rpartition(".")[0])
            self._send(
                {
                    "type": "collect_error",
                    "id": path or ".",
                    "message": bounded("%s: %s" % (holder.id(), message), MESSAGE_CHARS),
                    "traceback": bounded(text, TRACEBACK_CHARS),
                    "frames": frames,
                }
            )
        self._note_failure()

    def _those_of(self, holder):
        """The due tests of what stands in brackets: ``setUpClass (tests.test_a.Case)``."""
        owner = holder.id().partition("(")[2].rstrip(")")
        found = []
        for node_id, test in self._due.items():
            kind = type(test)
            full = "%s.%s" % (kind.__module__, kind.__qualname__)
            if holder.id().startswith(("setUp", "_")) and owner in (full, kind.__module__):
                found.append(node_id)
        return found

    def _without_running(self, node_id, outcome, message, text, frames):
        self._due.pop(node_id)
        self._send({"type": "start", "id": node_id, "limit": self._limits.of(node_id)})
        self._send(
            {
                "type": "result",
                "id": node_id,
                "outcome": outcome,
                "seconds": 0.0,
                "output": "",
                "message": bounded(message, MESSAGE_CHARS),
                "traceback": bounded(text, TRACEBACK_CHARS),
                "frames": frames,
            }
        )

    def _note_failure(self):
        self.failed = True
        if self._fail_fast:
            self.stop()

    def wasSuccessful(self):
        return not self.failed

    def _text_of(self, err):
        return "".join(traceback.format_exception(*err)).strip("\n")

    def _frames_of(self, tb):
        frames, inside = [], []
        while tb is not None:
            code = tb.tb_frame.f_code
            path = os.path.realpath(code.co_filename)
            if path.startswith(self._root):
                frames.append([os.path.relpath(path, self._root), tb.tb_lineno, code.co_name])
                inside.append(tb.tb_frame)
            tb = tb.tb_next
        if self._tracer and self._current is not None:
            look_at_values(self._tracer, frames, inside)
        return frames if len(frames) <= MOST_FRAMES else frames[:20] + frames[-40:]

    # --- other hands ------------------------------------------------------------------------------

    def look_at_all(self):
        self._sign(self._integrity.changes())
        for what, path in self._integrity.newcomers():
            if (what, path) not in self._signs:
                self._signs.add((what, path))
                owner = os.path.realpath(path) if path else ""
                self._send({"type": "owner", "what": what, "path": owner})

    def _sign(self, clauses):
        for clause in clauses:
            if clause not in self._signs:
                self._signs.add(clause)
                self._send({"type": "sign", "what": clause})
