"""The in-sandbox worker: keeps pytest imported and forks for every run.

``python -s -B worker.py --base BASE --work WORK --tools TOOLS``. Requests come as JSON lines on
standard input, answers go as JSON lines to standard output, complaints to standard error.

Requests: ``{"op": "run", "run": n, "overlay": {path: base64 | null}, "node_ids": [...],
"fail_fast": bool, "test_seconds": s, "run_seconds": s, "single": {id: s}, "trace": bool,
"output_bytes": n}`` and ``{"op": "cancel"}``.
Answers: ``ready``, then for each run ``collected``, ``collect_error``, ``start``, ``lines``,
``result`` and one final ``done`` with ``end`` (a ``RunEnd`` value), each with ``run``.

Runs on Python 3.8 or newer with the standard library and pytest; imports nothing of Greenbar.
"""

import argparse
import base64
import gc
import json
import os
import selectors
import sys
import time

NICENESS = 10
CONSOLE_BYTES = 8000
LINE_BYTES = 4 * 1024 * 1024


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
    from greenbar_process import adopt_orphans
    from greenbar_worktree import WorkTree

    # The model and the window come first where cores are short.
    os.nice(NICENESS)
    adopt_orphans()
    tree = WorkTree(options.base, options.work)
    tree.populate()
    version = warm_up()
    # What is there now lives as long as this process: collections in the forks need not look at it
    # (nor copy its pages by touching them).
    gc.collect()
    gc.freeze()
    worker = Worker(tree, options.work)
    worker.say({"type": "ready", "python": sys.version.split()[0], "pytest": version})
    worker.serve()


def warm_up():
    """Import everything that every run needs, so that a fork starts with it."""
    import pytest

    for name in (
        "greenbar_run",
        "greenbar_plugin",
        "greenbar_trace",
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
    return pytest.__version__


class Worker:
    """Serves one request after the other."""

    def __init__(self, tree, work):
        self._tree = tree
        self._work = work
        self._buffer = b""
        self._cancelled = False
        self._ended = False

    def say(self, message):
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(1, data) :]

    def serve(self):
        while not self._ended:
            line = self._next_request()
            if line is None:
                return
            request = json.loads(line)
            if request["op"] == "run":
                self._cancelled = False
                self._run(request)

    def _next_request(self):
        while b"\n" not in self._buffer:
            data = os.read(0, 65536)
            if not data:
                return None
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line

    def _poll_requests(self):
        """Standard input is readable during a run: only a cancel or the end of input matters."""
        data = os.read(0, 65536)
        if not data:
            self._cancelled = self._ended = True
            return
        self._buffer += data
        while b"\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\n", 1)
            if json.loads(line)["op"] == "cancel":
                self._cancelled = True

    def _run(self, request):
        started = time.monotonic()
        deadline = started + request["run_seconds"]
        overlay = {
            path: None if data is None else base64.b64decode(data)
            for path, data in request["overlay"].items()
        }
        from greenbar_process import kill_descendants
        from greenbar_run import Run

        run = Run(self, request, self._work, deadline)
        try:
            self._tree.lay_over(overlay)
            end, detail = run.carry_out()
        except OSError as error:
            end, detail = "crashed", "The sandbox could not prepare the files: %s." % error
        finally:
            kill_descendants()
            self._tree.restore(overlay)
        self.say(
            {
                "type": "done",
                "run": request["run"],
                "end": end,
                "detail": detail,
                "seconds": time.monotonic() - started,
            }
        )

    def watch(self, child, child_pipe, console_pipe, until, on_line):
        """Forward the child's lines until it has said that it is done, or is gone. Returns (how,
        console tail), how being ``closed``, ``deadline`` or ``cancelled``; ``until()`` is the moment
        to give up; ``on_line`` returns true for the last line. A process that the tests left behind
        may hold the pipe open, so the pipe's end alone decides nothing."""
        from greenbar_process import has_exited

        console = pending = b""
        os.set_blocking(child_pipe, False)
        with selectors.DefaultSelector() as selector:
            selector.register(child_pipe, selectors.EVENT_READ, "results")
            selector.register(console_pipe, selectors.EVENT_READ, "console")
            selector.register(0, selectors.EVENT_READ, "requests")
            while True:
                left = until() - time.monotonic()
                if left <= 0:
                    return "deadline", console
                gone = has_exited(child)
                ready = selector.select(0 if gone else min(left, 0.25))
                for key, _ in ready:
                    if key.data == "requests":
                        self._poll_requests()
                        if self._cancelled:
                            return "cancelled", console
                    elif key.data == "console":
                        data = os.read(console_pipe, 65536)
                        console = (console + data)[-CONSOLE_BYTES:]
                        if not data:
                            selector.unregister(console_pipe)
                    else:
                        data = os.read(child_pipe, 262144)
                        *lines, pending = (pending + data).split(b"\n")
                        if any(on_line(line) for line in lines) or not data:
                            return "closed", console
                        if len(pending) > LINE_BYTES:
                            return "closed", console
                if gone and not ready:
                    return "closed", console


if __name__ == "__main__":
    main()
