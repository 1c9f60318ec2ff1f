"""Results of node's test runner, from our own reporter (greenbar_node.mjs). Standard library only."""

import hashlib
import hmac
import json
import os
import time

from greenbar_formats import BadResults, Parser

TIMEOUTS = ("testTimeoutFailure",)
CANCELLED = ("cancelledByParent", "testAborted")


class NodeParser(Parser):
    """Suites are names in ids, not tests. A test with subtests is one, beside them.

    node reports a file by itself where it could not be loaded, hung or ended early: what it
    then says stands under the file's path.
    """

    wants_pipe = True

    def __init__(self, work, frames):
        super().__init__(work, frames)
        self._key = b""
        self._count = 0
        self._names = {}
        self._said = {}
        self.ended = False

    def use_key(self, key):
        self._key = key

    def take(self, line):
        event = self._read(line)
        if event is None:
            self.signs[:] = ["a line that the reporter did not write came among the results"]
            return
        kind = event["type"]
        if kind == "end":
            self.ended = True
            return
        path = self._path(event.get("file"))
        full = event.get("file") or ""
        if kind in ("stdout", "stderr"):
            self._said[path] = (self._said.get(path, "") + (event.get("output") or ""))[-16384:]
            return
        is_file = event["nesting"] == 0 and event["name"] in (full, path)
        if kind == "dequeue":
            # The file's process says nothing while it runs a test: what counts is its last word.
            self._running[path] = (time.monotonic(), full)
            return
        if kind == "start":
            self._names[path, event["nesting"]] = event["name"]
            return
        if path in self._running:
            self._running[path] = (time.monotonic(), full)
        if is_file:
            self._end_file(path, kind, event)
        else:
            self._end_test(path, kind, event)

    def _end_file(self, path, kind, event):
        self._running.pop(path, None)
        if kind == "pass":
            if not any(node_id.startswith(path + "::") for node_id in self.started):
                # A file without tests of the runner's is itself one, as plain node counts it.
                self.end(path, "passed", event["seconds"])
            return
        said = self._said.get(path, "")
        lines = [line for line in said.splitlines() if line.strip()]
        errors = [line for line in lines if "Error" in line.split(":")[0]]
        message = (errors or [event["message"] or ""])[0]
        self.end(path, "collect_error", event["seconds"], message, said or event["stack"] or "", said)

    def _end_test(self, path, kind, event):
        names = [self._names.get((path, level), "") for level in range(event["nesting"])]
        node_id = "::".join([path, *names, event["name"]])
        failure = event.get("failure")
        if event.get("kind") == "suite" and (kind == "pass" or failure == "subtestsFailed"):
            return
        if event.get("skip") not in (None, False):
            reason = event["skip"]
            self.end(node_id, "skipped", message=reason if isinstance(reason, str) else "")
        elif event.get("todo") not in (None, False):
            self.end(node_id, "xpassed" if kind == "pass" else "xfailed", event["seconds"])
        elif kind == "pass":
            self.end(node_id, "passed", event["seconds"])
        else:
            outcome = "timeout" if failure in TIMEOUTS else "error" if failure in CANCELLED else "failed"
            said = self._said.get(path, "")
            message = event["message"] or ""
            self.end(node_id, outcome, event["seconds"], message, event["stack"] or "", said)

    def finish(self, console, ok):
        if not self._count:
            raise BadResults("node's test runner reported nothing; it needs node 20 or newer.")

    def _read(self, line):
        mac, _, text = line.partition(b" ")
        wanted = hmac.new(self._key, text, hashlib.sha256).hexdigest().encode()
        number, _, body = text.partition(b" ")
        if not hmac.compare_digest(mac, wanted) or int(number) != self._count + 1:
            return None
        self._count += 1
        return json.loads(body)

    def _path(self, full):
        path = os.path.realpath(full or self.work)
        return os.path.relpath(path, self.work)
