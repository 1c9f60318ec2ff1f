"""The worker's end of the conversation: requests in, answers out, and a watch over a child meanwhile.

Standard library only.
"""

import json
import os
import selectors
import sys
import time

from greenbar_process import has_exited, kill_descendants

CONSOLE_BYTES = 8000
LINE_BYTES = 64 * 1024 * 1024
"""The names of a hundred thousand tests fit into one line."""


class Serving:
    """Serves one request after the other. Subclasses have ``_run(request)``, and ``_preload(request)``
    where the ends of their runs name modules."""

    def __init__(self):
        self._send = None
        self._buffer = b""
        self._cancelled = False
        self._ended = False

    def say(self, message):
        if self._send is not None:
            self._send(message)
            return
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(1, data) :]

    def forget(self):
        """In a fork: what the tests may not know."""
        self._send = None

    def serve(self):
        """Until the end of the requests."""
        while not self._ended:
            line = self._next_request()
            if line is None:
                return
            request = json.loads(line)
            if request["op"] == "run":
                self._cancelled = False
                self._run(request)
            elif request["op"] == "preload":
                self._preload(request)

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

    def _carry_out(self, run, tree, overlay, decides, started):
        """Lay ``overlay`` over the base, run, restore. Returns the ``done`` message; ``decides(path)``
        tells the files that have a say in how the tests run, ``started`` is when the request came."""
        try:
            tree.lay_over(overlay)
            end, detail = run.carry_out()
        except OSError as error:
            end, detail = "crashed", "The sandbox could not prepare the files: %s." % error
        finally:
            touched = self._tidy(tree, overlay, kill_descendants())
        for path in touched:
            if decides(path):
                run.sign("%s was written during the run" % path)
        run.conclude(end)
        return {
            "type": "done",
            "end": end,
            "detail": detail,
            "seconds": time.monotonic() - started,
            "interference": list(run.signs),
        }

    def _tidy(self, tree, overlay, alone):
        """Bring the folder back to the base; the paths that a run touched. Where that cannot be done,
        or processes of the run are still there, this worker serves no more: the next one is clean."""
        self._ended = self._ended or not alone
        try:
            return tree.restore(overlay)
        except (OSError, RecursionError) as error:
            sys.stderr.write("the files could not be restored: %s\n" % error)
            self._ended = True
            return []

    def watch(self, child, child_pipe, console_pipe, until, on_line):
        """Forward the child's lines until it has said that it is done, or is gone. Returns (how,
        console tail), how being ``closed``, ``deadline`` or ``cancelled``; ``until()`` is the moment
        to give up; ``on_line`` returns true for the last line. A process that the tests left behind
        may hold the pipe open, so the pipe's end alone decides nothing."""
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
