"""The pytest plugin of the in-sandbox worker: one JSON message for each test event.

Runs inside the sandbox on whatever Python the repository uses (3.8 or newer), so it imports the
standard library and pytest only, and nothing of Greenbar.
"""

import inspect
import io
import os
import signal
import threading
import time

import pytest
from _pytest._io import TerminalWriter
from greenbar_codes import codes_of_items
from greenbar_integrity import file_of
from greenbar_steps import StepRecorder
from greenbar_timeouts import own_limit
from greenbar_trace import LineTracer
from greenbar_values import put_values

MESSAGE_CHARS = 1000
TRACEBACK_CHARS = 12000
SIBLING_FRACTION = 0.1
MIN_LIMIT_SECONDS = 1.0
MIN_SIBLING_SECONDS = 0.5
VALUES_SECONDS = 0.3
"""For the texts of a failure's values, which are the repository's own code in part."""
DECIDING_HOOKS = (
    "pytest_runtest_protocol",
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_runtest_makereport",
    "pytest_runtest_logreport",
    "pytest_pyfunc_call",
    "pytest_fixture_setup",
    "pytest_collectreport",
    "pytest_make_collect_report",
    "pytest_collect_file",
    "pytest_pycollect_makemodule",
    "pytest_pycollect_makeitem",
    "pytest_generate_tests",
    "pytest_collection_modifyitems",
    "pytest_report_teststatus",
)
HOOKS_OF_A_TEST = 7
"""How many of these, from the first, are looked at around every test."""
SEED = 0
FITTING_OPTIONS = {
    "numprocesses": "-n0",
    "no_cov": "--no-cov",
    "randomly_seed": "--randomly-seed=%d" % SEED,
    "random_order_seed": "--random-order-seed=%d" % SEED,
    "hypothesis_seed": "--hypothesis-seed=%d" % SEED,
}
"""By their names in the namespace of options, so only where the plugin is there and not switched off:
one process, nobody else who traces lines, the same order and the same chance in every run."""
CACHING_PLUGINS = ("lfplugin", "nfplugin", "stepwiseplugin")
SEVERITY = ["passed", "xpassed", "xfailed", "skipped", "failed", "error", "timeout"]


class TestTimedOut(BaseException):
    """Raised inside a test that is over its limit.

    A BaseException, so that the code under test does not swallow it with ``except Exception``;
    the traceback then shows where the test was looping.
    """

    __test__ = False


def text_of(report):
    """The failure as pytest would print it. Not ``longreprtext``, which strips the indentation of
    the first line of code."""
    file = io.StringIO()
    report.toterminal(TerminalWriter(file))
    return file.getvalue().strip("\n")


def bounded(text, limit):
    """Keep the head and the tail of a long text."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return "%s\n... %d characters left out ...\n%s" % (text[:half], len(text) - limit, text[-half:])


def fitting_options(known, fail_fast):
    """What we ask of the plugins that are there; comes last and so wins over the repository's own."""
    options = [option for name, option in FITTING_OPTIONS.items() if name in known]
    # Also where the repository stops at its first failure: the verdict wants every test.
    return ["--maxfail=%d" % (1 if fail_fast else 0), *options]


class TimeLimits:
    """How long each test may take, shrinking as tests time out.

    One endless loop usually hangs every parametrisation of a test, so after the first the siblings
    get a tenth, then half of that; and each timeout anywhere halves the limit of the tests without
    a limit of their own. A whole suite of hanging tests then ends in bounded time.

    What the repository itself allows a test counts in the place of ``default`` up to ``raised_to``.
    """

    def __init__(self, default, single, raised_to=0.0):
        self._default = default
        self._single = single
        self._raised_to = raised_to
        self._hung = {}
        self._timeouts = 0

    def of(self, node_id, own=0.0):
        if node_id in self._single:
            return self._single[node_id]
        default = max(self._default, min(own, self._raised_to))
        hung = self._hung.get(node_id.split("[", 1)[0], 0)
        if hung:
            limit = max(MIN_SIBLING_SECONDS, default * SIBLING_FRACTION / 2 ** (hung - 1))
        else:
            limit = max(MIN_LIMIT_SECONDS, default / 2**self._timeouts)
        return min(limit, default)

    def timed_out(self, node_id):
        function = node_id.split("[", 1)[0]
        self._hung[function] = self._hung.get(function, 0) + 1
        self._timeouts += 1


class Reporter:
    """Streams collection, results and traces through ``send`` (a callable taking a dict), and what
    it sees of hands that are not the framework's own (``integrity``: :mod:`greenbar_integrity`)."""

    # No dictionary: nobody hangs another method on the object.
    __slots__ = (
        "_current",
        "_done",
        "_fail_fast",
        "_frames",
        "_hooks",
        "_integrity",
        "_limit",
        "_limits",
        "_output_bytes",
        "_raised",
        "_recorder",
        "_root",
        "_send",
        "_signs",
        "_timed_out",
        "_tracer",
        "_wanted",
    )

    def __init__(self, send, root, request, done, limits, integrity):
        self._send = send
        self._integrity = integrity
        integrity.hold("the plugin's way of sending", lambda: self._send)
        self._signs = set()
        self._hooks = ()
        self._raised = False
        self._root = os.path.realpath(root) + os.sep
        self._wanted = set(request["node_ids"])
        self._done = done
        self._fail_fast = request["fail_fast"]
        self._limits = limits
        self._output_bytes = request["output_bytes"]
        self._tracer = LineTracer(self._root) if request["trace"] else None
        self._recorder = StepRecorder(self._root, *request["watch"]) if request["watch"] else None
        self._current = None
        self._limit = 0.0
        self._frames = ()
        self._timed_out = False

    # --- options -----------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, early_config, args):
        args += fitting_options(vars(early_config.known_args_namespace), self._fail_fast)

    # --- collection --------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True)
    def pytest_collection_modifyitems(self, config, items):
        yield
        if self._wanted:
            items[:] = [item for item in items if self._is_wanted(item.nodeid)]
        if self._done:
            items[:] = [item for item in items if item.nodeid not in self._done]

    def _is_wanted(self, node_id):
        return node_id in self._wanted or node_id.split("::", 1)[0] in self._wanted

    def pytest_collectreport(self, report):
        if not report.failed:
            return
        text = text_of(report)
        self._send(
            {
                "type": "collect_error",
                "id": report.nodeid or ".",
                "message": bounded(_last_error_line(text), MESSAGE_CHARS),
                "traceback": bounded(text, TRACEBACK_CHARS),
                "frames": self._frames_in_text(text),
            }
        )

    def _frames_in_text(self, text):
        """Frames of a collection error, read from its ``path:line: `` lines; the live traceback is
        gone by the time that pytest reports."""
        frames = []
        for line in text.splitlines():
            head = line.split(": ", 1)[0].strip()
            if head.startswith("E "):
                head = head[2:].strip()
            if head.startswith('File "'):
                parts = head.split('"')
                number = parts[2].replace(", line ", "").split(",")[0].strip() if len(parts) > 2 else ""
                path = parts[1]
            else:
                path, _, number = head.rpartition(":")
            if number.isdigit():
                full = os.path.realpath(os.path.join(self._root, path))
                if full.startswith(self._root) and os.path.isfile(full):
                    frames.append([os.path.relpath(full, self._root), int(number), ""])
        return frames[-40:]

    def pytest_collection_finish(self, session):
        for name in CACHING_PLUGINS:
            # They have selected; what they would write at the end vanishes with the run.
            plugin = session.config.pluginmanager.get_plugin(name)
            if plugin is not None:
                session.config.pluginmanager.unregister(plugin)
        # After that, or the plugins that are gone would look like other hands at the first test, which
        # may hold time still just then.
        self._look_at_all(session.config)
        ids = [item.nodeid for item in session.items]
        self._send({"type": "collected", "ids": ids, "codes": codes_of_items(session.items)})

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session):
        yield
        self._look_at_all(session.config)

    # --- other hands ---------------------------------------------------------------------------

    def _sign(self, clauses):
        for clause in clauses:
            if clause not in self._signs:
                self._signs.add(clause)
                self._send({"type": "sign", "what": clause})

    def _owners(self, newcomers):
        """Leave it to the worker to judge files: it alone knows which are as in the baseline."""
        for what, path in newcomers:
            if (what, path) not in self._signs:
                self._signs.add((what, path))
                self._send(
                    {"type": "owner", "what": what, "path": os.path.realpath(path) if path else ""}
                )

    def _look_at_all(self, config):
        self._sign(self._integrity.changes())
        newcomers = self._integrity.newcomers()
        for name in DECIDING_HOOKS:
            for implementation in self._implementations(config, name):
                if not self._integrity.is_framework(implementation.function):
                    newcomers.append([name + " was answered", file_of(implementation.function)])
        self._owners(newcomers)
        self._hooks = self._hooks_now(config)

    def _look_around_a_test(self, config):
        self._sign(self._integrity.hot_changes())
        if self._hooks_now(config) != self._hooks:
            self._look_at_all(config)

    @staticmethod
    def _implementations(config, name):
        # Not config.hook, which before pytest 9 wraps some hooks.
        return getattr(config.pluginmanager.hook, name).get_hookimpls()

    def _hooks_now(self, config):
        names = DECIDING_HOOKS[:HOOKS_OF_A_TEST]
        return [self._implementations(config, name) for name in names]

    # --- one test ----------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        self._current = {"outcome": "passed", "message": "", "traceback": "", "output": ""}
        self._frames = ()
        self._timed_out = False
        limit = self._limit = self._limits.of(item.nodeid, own_limit(item))
        started = time.monotonic()
        self._send({"type": "start", "id": item.nodeid, "limit": limit})
        if self._tracer:
            self._tracer.begin(own_code(item))
        if self._recorder:
            self._recorder.begin()
        yield
        if self._recorder:
            self._send({"type": "steps", "id": item.nodeid, "steps": self._recorder.end()})
        if self._tracer:
            lines = {"type": "lines", "id": item.nodeid, "files": self._tracer.end()}
            if self._current["outcome"] == "failed":
                lines["parts"] = self._tracer.parts()
            self._send(lines)
        if self._timed_out:
            self._limits.timed_out(item.nodeid)
        self._look_around_a_test(item.config)
        result = dict(self._current, type="result", id=item.nodeid, frames=list(self._frames))
        result["seconds"] = time.monotonic() - started
        self._send(result)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item):
        with self._alarm():
            yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item):
        with self._alarm():
            yield

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_pyfunc_call(self, pyfuncitem):
        # Next to the test function: what leaves it is the truth, whatever others make of it.
        outcome = yield
        self._raised = outcome.excinfo is not None

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item):
        with self._alarm():
            yield

    def _alarm(self):
        return _Alarm(self._limit)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        if call.when == "call":
            self._look_around_a_test(item.config)
        # unittest's own exceptions wait at the item.
        raised = call.excinfo is not None or bool(getattr(item, "_excinfo", None))
        outcome = yield
        report = outcome.get_result()
        if (raised or self._raised) and report.passed:
            self._sign(["%s raised and was reported as passed" % item.nodeid])
        self._raised = False
        if call.excinfo is None or not report.failed:
            return
        if isinstance(call.excinfo.value, TestTimedOut):
            self._timed_out = True
        self._frames = self._frames_of(call.excinfo.tb)

    def _frames_of(self, traceback):
        frames, inside = [], []
        while traceback is not None:
            code = traceback.tb_frame.f_code
            path = os.path.realpath(code.co_filename)
            if path.startswith(self._root):
                frames.append([os.path.relpath(path, self._root), traceback.tb_lineno, code.co_name])
                inside.append(traceback.tb_frame)
            traceback = traceback.tb_next
        if self._tracer:
            look_at_values(self._tracer, frames, inside)
        # A deep recursion says everything with its ends.
        return frames if len(frames) <= 60 else frames[:20] + frames[-40:]

    def pytest_runtest_logreport(self, report):
        current = self._current
        if current is None:
            return
        state = self._state_of(report)
        if SEVERITY.index(state) <= SEVERITY.index(current["outcome"]) and state != "skipped":
            return
        current["outcome"] = state
        if state in ("failed", "error", "timeout"):
            text = text_of(report)
            crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
            message = getattr(crash, "message", "") or _last_error_line(text)
            if state == "timeout":
                message = "timed out after %.3g s" % self._limit
            current["message"] = bounded(str(message), MESSAGE_CHARS)
            current["traceback"] = bounded(text, TRACEBACK_CHARS)
            shown = [body for _, body in getattr(report, "sections", ())]
            current["output"] = bounded("\n".join(shown), self._output_bytes)
        elif state in ("skipped", "xfailed"):
            longrepr = getattr(report, "longrepr", None)
            reason = longrepr[2] if isinstance(longrepr, tuple) and len(longrepr) == 3 else ""
            current["message"] = bounded(str(getattr(report, "wasxfail", "") or reason), MESSAGE_CHARS)

    def _state_of(self, report):
        if report.failed:
            if self._timed_out:
                return "timeout"
            return "failed" if report.when == "call" else "error"
        if hasattr(report, "wasxfail"):
            return "xfailed" if report.skipped else "xpassed"
        return "skipped" if report.skipped else "passed"


class _Alarm:
    """Interrupts the main thread of one test phase; the worker's own watchdog is the backstop.

    Where somebody else has set the timer (pytest-timeout), the earlier of both alarms rings.
    """

    def __init__(self, seconds):
        self._seconds = seconds

    def __enter__(self):
        self._armed = self._theirs = None
        if threading.current_thread() is not threading.main_thread():
            return
        left = signal.getitimer(signal.ITIMER_REAL)[0]
        if 0 < left <= self._seconds:
            return
        self._armed = time.monotonic()
        before = signal.signal(signal.SIGALRM, self._ring)
        if left > 0:
            self._theirs = (before, left)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def _ring(self, signum, frame):
        raise TestTimedOut("timed out after %.3g s" % self._seconds)

    def __exit__(self, *exc):
        if self._armed is None:
            return False
        signal.setitimer(signal.ITIMER_REAL, 0)
        if self._theirs is not None:
            before, left = self._theirs
            signal.signal(signal.SIGALRM, before)
            left -= time.monotonic() - self._armed
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001))
        return False


def own_code(item):
    """The code of the function that a test is; ``None`` where it is something else."""
    function = inspect.unwrap(getattr(item, "function", None))
    return getattr(function, "__code__", None)


def look_at_values(tracer, rows, frames):
    """Add values to the rows of a traced failure. Making texts of them is no part of the test: it is
    not traced, and it is given up where it takes long."""
    tracer.pause()
    try:
        with _Alarm(VALUES_SECONDS):
            put_values(rows, frames)
    except TestTimedOut:
        pass
    finally:
        tracer.go_on()


def _last_error_line(text):
    """The line of a pytest traceback that says what went wrong."""
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    if errors:
        return errors[-1]
    return lines[-1].strip() if lines else ""
