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
        self.hits = {}
        self._inside = {}
        self._backend = _Monitoring(self) if hasattr(sys, "monitoring") else _Settrace(self)

    def begin(self):
        self.hits = {}
        self._backend.start()

    def pause(self):
        """Trace nothing until :meth:`go_on`."""
        self._backend.stop()

    def go_on(self):
        self._backend.start()

    def end(self):
        self._backend.stop()
        files = {}
        for path, lines in self.hits.items():
            if lines:
                files.setdefault(self._inside[path], set()).update(lines)
        return {path: sorted(lines) for path, lines in files.items()}

    def lines_of(self, path):
        """The lines of a file that the test has run so far, to be added to."""
        return self.hits.setdefault(path, set())

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
    """Every line of a traced frame calls back, so what is called is as short as can be."""

    def __init__(self, tracer):
        self._tracer = tracer
        self._enter = None

    def start(self):
        if self._enter is None or self._enter.hits is not self._tracer.hits:
            self._enter = _entering(self._tracer)
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def stop(self):
        sys.settrace(None)
        threading.settrace(None)


def _entering(tracer):
    """A trace function that notes lines in ``tracer.hits`` as it is now."""
    followers = {}

    def follow(path):
        add = tracer.lines_of(path).add

        def line(frame, event, arg):
            # Whatever the event is, the frame stands on a line that was run.
            add(frame.f_lineno)
            return line

        return line

    def enter(frame, event, arg):
        path = frame.f_code.co_filename
        try:
            line = followers[path]
        except KeyError:
            line = followers[path] = follow(path) if tracer.is_inside(path) else None
        if line is not None:
            line(frame, event, arg)
        return line

    enter.hits = tracer.hits
    return enter


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
            self._tracer.lines_of(code.co_filename).add(line)
        return sys.monitoring.DISABLE
