"""One run of the tests: forks a process with pytest or unittest, and another one after a crash or a hard
timeout.

Standard library and pytest only.
"""

import os
import secrets
import signal
import sys
import time
from collections import Counter

from greenbar_channel import Receiver, make_sender
from greenbar_give_way import give_way
from greenbar_guard import ancestors, come_out, spare
from greenbar_plugin import TimeLimits
from greenbar_process import kill_group, memory_kills, processor_seconds, reap

GRACE_SECONDS = 2.0
COLLECT_SECONDS = 120.0
MAX_RESTARTS = 25


class Run:
    """One request, over as many forks as crashes and hard timeouts make necessary."""

    def __init__(self, worker, request, work, deadline, integrity, control=None):
        self._worker = worker
        self._integrity = integrity
        self._control = control
        self._receiver = None
        self._outcomes = {}
        self.signs = {}
        """Clauses on other hands in the run, in the order in which they were seen."""
        self._request = request
        self._work = work
        self._deadline = deadline
        self._limits = TimeLimits(request["test_seconds"], request["single"], request["raised_to"])
        self._done = set()
        self._collected = None
        self._due = Counter()
        self._current = None
        self._current_until = 0.0
        self._child = 0
        self._processor_start = 0.0
        self._used_up = False
        self._finished = None
        self._failed = False
        self._drop_addopts = False
        self._memory_kills = memory_kills()

    def carry_out(self):
        for _ in range(MAX_RESTARTS):
            how, console, status = self._one_fork()
            if how == "cancelled":
                return "stopped", ""
            if how == "closed" and self._finished is not None:
                if (
                    self._finished == 4
                    and not self._drop_addopts
                    and b"unrecognized arguments" in console
                ):
                    # The repository's addopts name a plugin that is not installed here.
                    self._drop_addopts = True
                    self._finished = None
                    continue
                if self._request["fail_fast"] and self._failed:
                    return "failed_fast", ""
                if self._finished in (3, 4):
                    return "crashed", tail_of(console)
                note = "addopts of the repository were left out: a plugin is missing"
                return "finished", note if self._drop_addopts else ""
            if time.monotonic() >= self._deadline:
                self._blame_current("timeout", "the run was over its time limit")
                return "time_limit", ""
            if self._current is None:
                return self._died_outside_tests(how, console, status)
            if how == "deadline":
                self._limits.timed_out(self._current)
                self._blame_current("timeout", self._why_given_up())
            elif self._killed_for_memory(status):
                self._blame_current("crashed", "killed: out of memory")
            elif status is None:
                self._blame_current("crashed", "this test closed what its results are told by")
            else:
                self._blame_current(
                    "crashed", "the process ended in the middle of this test (%s)" % say_status(status)
                )
            if self._request["fail_fast"]:
                return "failed_fast", ""
        return "crashed", "Too many tests ended their process."

    def _died_outside_tests(self, how, console, status):
        if how == "deadline":
            return "time_limit", "Collecting the tests took longer than %d s." % COLLECT_SECONDS
        if self._killed_for_memory(status):
            return "out_of_memory", "killed: out of memory"
        return "crashed", "The test process ended outside a test (%s). %s" % (
            say_status(status),
            tail_of(console),
        )

    def _killed_for_memory(self, status):
        """Whether it was the kernel that killed, for the sandbox's limit: where nobody counts that,
        a test may have killed itself as well."""
        if status is None or not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            return False
        before, self._memory_kills = self._memory_kills, memory_kills()
        return self._memory_kills is not None and self._memory_kills != before

    def _blame_current(self, outcome, message):
        if self._current is None:
            return
        node_id, self._current = self._current, None
        self._done.add(node_id)
        self._failed = True
        self._outcomes[node_id] = (outcome, message)
        self._say(
            {
                "type": "result",
                "id": node_id,
                "outcome": outcome,
                "message": message,
                "traceback": "",
                "output": "",
                "frames": [],
                "seconds": 0.0,
            }
        )

    def _say(self, message):
        self._worker.say(message)

    def _one_fork(self):
        result_read, result_write = os.pipe()
        console_read, console_write = os.pipe()
        key = secrets.token_bytes(32)
        self._receiver = Receiver(key)
        self._due = None
        self._current = None
        self._finished = None
        self._current_until = time.monotonic() + COLLECT_SECONDS
        pid = os.fork()
        if pid == 0:
            try:
                os.close(result_read)
                os.close(console_read)
                self._receiver = None
                self._worker.forget()
                child_main(
                    self._request,
                    self._work,
                    self._done,
                    self._limits,
                    make_sender(result_write, key),
                    console_write,
                    self._drop_addopts,
                    self._integrity,
                    self._worker.own_roots(),
                )
            finally:
                os._exit(70)
        self._child = pid
        os.close(result_write)
        os.close(console_write)
        how, console = self._worker.watch(pid, result_read, console_read, self._until, self._on_line)
        ended = kill_group(pid, how == "closed")
        status = reap(pid)
        os.close(result_read)
        os.close(console_read)
        if self._finished is not None and status != 0:
            self.sign("the process said that it had finished and ended with %s" % say_status(status))
        return how, console, status if ended else None

    def sign(self, clause):
        self.signs.setdefault(clause)

    def _until(self):
        until = min(self._deadline, self._current_until)
        if self._current is None or not self._request["processor_seconds"]:
            return until
        used = processor_seconds(self._child) - self._processor_start
        left = self._request["processor_seconds"] - used
        self._used_up = left <= 0
        # No sooner than the clock can it have used up what is left: looking again then is enough.
        return min(until, time.monotonic() + left)

    def _why_given_up(self):
        if self._used_up:
            return "used more than %.3g s of the processor" % self._request["processor_seconds"]
        return "timed out and could not be interrupted"

    def _on_line(self, line):
        """Take one line of the child; true when it was the last."""
        message = self._receiver.read(line)
        if message is None:
            self.sign("a line that the plugin did not write came over its channel")
            return False
        try:
            return self._take(message)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.sign("a message of the plugin made no sense")
            return False

    def _take(self, message):
        """Messages count only in their order: what cannot follow was not sent by our plugin."""
        kind = message["type"]
        if kind == "sign":
            self.sign(str(message["what"]))
            return False
        if kind == "reads":
            self._worker.judge_reads(self, message["pairs"])
            self._worker.tell_data(message["data"])
            return False
        if kind == "loaded":
            self._worker.learn(message)
            return False
        if kind == "owner":
            self._worker.judge_owner(self, message["what"], message["path"])
            return False
        if kind == "collected":
            if self._due is not None:
                return self._illegal("tests were collected twice")
            self._due = Counter(message["ids"])
            self._current_until = self._deadline
            self._worker.judge_codes(self, message.pop("codes"))
            if self._collected is not None:
                return False
            self._collected = message["ids"]
        elif kind == "collect_error":
            if message["id"] in self._done:
                return False
            self._done.add(message["id"])
            self._outcomes[message["id"]] = ("collect_error", message["message"])
            self._failed = True
        elif kind == "start":
            if self._current is not None or not self._due or self._due[message["id"]] < 1:
                return self._illegal("a test started that was not due")
            self._due[message["id"]] -= 1
            self._current = message["id"]
            self._current_until = time.monotonic() + 3 * message["limit"] + GRACE_SECONDS
            self._processor_start = processor_seconds(self._child)
            return False
        elif kind in ("lines", "steps", "result"):
            if self._current is None or message["id"] != self._current:
                return self._illegal("a result came for a test that was not running")
            if kind == "result":
                self._take_result(message)
        elif kind == "versions":
            if not all(isinstance(text, str) for pair in message["installed"].items() for text in pair):
                return self._illegal("a message of the plugin made no sense")
        elif kind == "finish":
            if self._current is not None or (self._due is None and message["status"] in (0, 1)):
                return self._illegal("the run ended in the middle of a test")
            if message["status"] == 0 and (self._failed or +self._due):
                self.sign("the run ended well with tests that failed or did not run")
            self._finished = message["status"]
            return True
        else:
            return self._illegal("a message of the plugin made no sense")
        self._say(message)
        return False

    def _take_result(self, message):
        self._done.add(message["id"])
        self._outcomes[message["id"]] = (message["outcome"], message["message"])
        self._current = None
        self._current_until = self._deadline
        if message["outcome"] == "timeout":
            self._limits.timed_out(message["id"])
        self._failed = self._failed or message["outcome"] in ("failed", "error", "timeout")

    def _illegal(self, clause):
        self.sign(clause)
        return False

    def conclude(self, end):
        """What the results of a control run say of themselves."""
        if self._control is not None:
            wanted = () if end in ("stopped", "time_limit") else self._request["node_ids"]
            for clause in self._control.doubts(self._outcomes, wanted):
                self.sign(clause)


def child_main(request, work, done, limits, send, console_fd, drop_addopts, integrity, roots):
    """The forked process: becomes its own session and runs pytest. Never returns normally."""
    above = ancestors()
    come_out()
    os.setsid()
    spare(above)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(console_fd, 1)
    os.dup2(console_fd, 2)
    os.chdir(work)
    sys.path.insert(0, work)
    source = os.path.join(work, "src")
    if os.path.isdir(source):
        sys.path.insert(1, source)
        # For tests that start a Python of their own.
        os.environ["PYTHONPATH"] = source
    if request["framework"] == "pytest":
        os.environ["PYTEST_CURRENT_TEST"] = ""
    sys.argv = [request["framework"]]
    give_way(work)
    from greenbar_reads import Reads

    variables, modules = dict(os.environ), set(sys.modules)
    reads = Reads(work)
    if not request["fail_fast"]:
        # Not where ideas are only sifted: one that does well is run again.
        reads.watch()
    if request["framework"] == "unittest":
        from greenbar_unittest import run_unittest

        status = run_unittest(request, work, done, limits, send, integrity)
    else:
        status = run_pytest(request, work, done, limits, send, integrity, drop_addopts)
    send({"type": "reads", "pairs": list(reads.pairs), "data": list(reads.data)})
    if request["trace"]:
        from greenbar_versions import installed_versions

        send({"type": "versions", "installed": installed_versions(list(sys.modules))})
    if request["learn"]:
        send(loaded_by(variables, modules, work, roots))
    send({"type": "finish", "status": int(status)})
    os._exit(0)


def run_pytest(request, work, done, limits, send, integrity, drop_addopts):
    """pytest's own main, with our plugin; returns its status."""
    import pytest
    from greenbar_plugin import Reporter

    arguments = ["--rootdir=" + work, "-q", "--continue-on-collection-errors", "--color=no"]
    if drop_addopts:
        arguments += ["-o", "addopts="]
    arguments += sorted({node_id.split("::", 1)[0] for node_id in request["node_ids"]})
    reporter = Reporter(send, work, request, done, limits, integrity)
    return pytest.main(arguments, plugins=[reporter])


def loaded_by(variables, modules, work, roots):
    """What a run has loaded, as a message; ``variables`` and ``modules`` are what it began with."""
    from greenbar_compiled import compiled_modules
    from greenbar_preload import changed_variables, modules_from_outside

    return {
        "type": "loaded",
        "compiled": compiled_modules(os.path.normpath(work) + os.sep),
        "modules": modules_from_outside(modules, roots),
        "variables": changed_variables(variables),
    }


def say_status(status):
    """What became of a process; ``None``: it was still there, and we killed it."""
    if status is None:
        return "it did not end by itself"
    if os.WIFSIGNALED(status):
        return "signal %d" % os.WTERMSIG(status)
    return "exit status %d" % os.WEXITSTATUS(status)


def tail_of(console):
    lines = [line for line in console.decode("utf-8", "replace").splitlines() if line.strip()]
    return "\n".join(lines[-12:])
