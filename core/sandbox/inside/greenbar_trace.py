"""Which lines of the repository a test executes, for spectrum-based fault localisation.

``sys.monitoring`` where it exists (3.12 or newer: a line costs once, then is switched off),
``sys.settrace`` elsewhere. Standard library only.
"""

import os
import sys
import threading


class LineTracer:
    """``begin()`` before a test, ``end()`` after it gives ``{relative path: [line, ...]}``."""

    def __init__(self, root):
        self._root = root
        self._hits = set()
        self._inside = {}
        self._backend = _Monitoring(self) if hasattr(sys, "monitoring") else _Settrace(self)

    def begin(self):
        self._hits = set()
        self._backend.start()

    def pause(self):
        """Trace nothing until :meth:`go_on`."""
        self._backend.stop()

    def go_on(self):
        self._backend.start()

    def end(self):
        self._backend.stop()
        files = {}
        for path, line in self._hits:
            files.setdefault(self._inside[path], []).append(line)
        return {path: sorted(lines) for path, lines in files.items()}

    def hit(self, path, line):
        self._hits.add((path, line))

    def is_inside(self, path):
        """Whether a code object's file lies in the repository; remembered, it is asked per call."""
        known = self._inside.get(path)
        if known is None:
            full = os.path.realpath(path)
            inside = os.path.isabs(path) and full.startswith(self._root)
            known = os.path.relpath(full, self._root) if inside else ""
            self._inside[path] = known
        return bool(known)


class _Settrace:
    def __init__(self, tracer):
        self._tracer = tracer

    def start(self):
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def stop(self):
        sys.settrace(None)
        threading.settrace(None)

    def _enter(self, frame, event, arg):
        if not self._tracer.is_inside(frame.f_code.co_filename):
            return None
        self._tracer.hit(frame.f_code.co_filename, frame.f_lineno)
        return self._line

    def _line(self, frame, event, arg):
        if event == "line":
            self._tracer.hit(frame.f_code.co_filename, frame.f_lineno)
        return self._line


class _Monitoring:
    TOOL = 4

    def __init__(self, tracer):
        self._tracer = tracer
        sys.monitoring.use_tool_id(self.TOOL, "greenbar")

    def start(self):
        events = sys.monitoring.events
        sys.monitoring.register_callback(self.TOOL, events.LINE, self._line)
        sys.monitoring.set_events(self.TOOL, events.LINE)
        sys.monitoring.restart_events()

    def stop(self):
        sys.monitoring.set_events(self.TOOL, 0)

    def _line(self, code, line):
        if self._tracer.is_inside(code.co_filename):
            self._tracer.hit(code.co_filename, line)
        return sys.monitoring.DISABLE
