"""Which lines of the repository a test executes, for spectrum-based fault localisation.

``sys.monitoring`` where it exists (3.12 or newer: a line costs once, then is switched off),
``sys.settrace`` elsewhere. Standard library only.

What a test executes is kept apart by the test's own lines: of one that fails in its fifth check, what
only the four before ran is no part of the failure.
"""

import os
import sys
import threading

MOST_TURNS = 2000
"""From line to line of the test's own; one with longer loops is not taken apart."""


class LineTracer:
    """``begin()`` before a test, ``end()`` after it gives ``{relative path: [line, ...]}``, and
    ``parts()`` then the same by lines of the test's own function, in pairs."""

    def __init__(self, root):
        self._root = root
        self.hits = {}
        self.own = None
        self._line = 0
        self._turns = 0
        self._parts = {}
        self._inside = {}
        self._backend = _Monitoring(self) if hasattr(sys, "monitoring") else _Settrace(self)

    def begin(self, own=None):
        """``own``: the code of the test's own function."""
        self.hits = {}
        self.own = own
        self._line = self._turns = 0
        self._parts = {}
        self._backend.start()

    def turn(self, line):
        """The test's own function goes on to one of its lines."""
        if line == self._line:
            return
        self._turns += 1
        if self._turns <= MOST_TURNS:
            self._put_away()
            self._line = line

    def parts(self):
        """Of the test that has ended, 0 being what ran before it; empty where it was not taken apart."""
        if len(self._parts) < 3 or self._turns > MOST_TURNS:
            return []
        return [[line, self._relative(part)] for line, part in self._parts.items()]

    def _put_away(self):
        part = self._parts.setdefault(self._line, {})
        for path, lines in self.hits.items():
            if lines:
                part.setdefault(path, set()).update(lines)
                # The trace functions hold these very sets.
                lines.clear()

    def _relative(self, part):
        files = {}
        for path, lines in part.items():
            files.setdefault(self._inside[path], set()).update(lines)
        return {path: sorted(lines) for path, lines in files.items()}

    def pause(self):
        """Trace nothing until :meth:`go_on`."""
        self._backend.stop()

    def go_on(self):
        self._backend.start()

    def end(self):
        self._backend.stop()
        self._put_away()
        whole = {}
        for part in self._parts.values():
            for path, lines in part.items():
                whole.setdefault(path, set()).update(lines)
        return self._relative(whole)

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

    def own_line(frame, event, arg):
        if event == "line":
            tracer.turn(frame.f_lineno)
        tracer.lines_of(frame.f_code.co_filename).add(frame.f_lineno)
        return own_line

    def enter(frame, event, arg):
        path = frame.f_code.co_filename
        try:
            line = followers[path]
        except KeyError:
            line = followers[path] = follow(path) if tracer.is_inside(path) else None
        if line is None:
            return None
        if frame.f_code is tracer.own:
            line = own_line
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
        tracer = self._tracer
        if not tracer.is_inside(code.co_filename):
            return sys.monitoring.DISABLE
        is_own = code is tracer.own
        if is_own:
            tracer.turn(line)
            # What an earlier line of the test has run counts for this one anew.
            sys.monitoring.restart_events()
        tracer.lines_of(code.co_filename).add(line)
        return None if is_own else sys.monitoring.DISABLE
