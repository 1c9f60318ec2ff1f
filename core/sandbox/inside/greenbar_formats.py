"""Readers of test results: what a command wrote, as the messages of a run. Standard library only.

A parser takes lines as they come (``take``) or a whole at the end (``finish``), and gives results
(``results``), the ids of tests that were started, and those that run now. Ids are
``path::name``; a file, or folder, that could not be built stands under its path as a collect error.
"""

import time

MESSAGE_CHARS = 1000
TRACEBACK_CHARS = 12000


class BadResults(Exception):
    """The results cannot be read; the text is one sentence for the user."""


def make_parser(command, work, frames):
    """The parser for the command's format."""
    if command["format"] == "go":
        from greenbar_go import GoParser

        return GoParser(work, frames, command["test_names"])
    if command["format"] == "node":
        from greenbar_node import NodeParser

        return NodeParser(work, frames)
    if command["format"] == "jest":
        from greenbar_jest import JestParser

        return JestParser(work, frames)
    if command["format"] == "tap":
        from greenbar_tap import TapParser

        return TapParser(work, frames)
    from greenbar_junit import JUnitParser

    return JUnitParser(work, frames, command["results"])


class Parser:
    """What all formats share. ``ended`` says whether the results are whole, ``signs``
    are clauses on what others wrote among them."""

    from_stdout = False
    wants_pipe = False
    streams = True

    def __init__(self, work, frames):
        self.work = work
        self.frames = frames
        self.started = {}
        self.signs = []
        self.ended = True
        self._running = {}
        self._pending = []
        self._red = set()

    def use_key(self, key):
        """The key of signed results, where the format has one."""

    def place(self, room, pipe):
        """Where the command writes its results: a path."""
        return pipe

    def take(self, line):
        """One line of the results, as they come."""

    def finish(self, console, ok):
        """The command has ended, having said ``console``; ``ok``: with status 0. Raises BadResults."""

    def results(self):
        """``(id, result)`` of tests that have ended since the last call."""
        pending, self._pending = self._pending, []
        return pending

    def running(self):
        """``(id, since, mark)`` of what runs now; ``mark`` is on its process's command line or is its
        working folder."""
        return [(node_id, since, mark) for node_id, (since, mark) in list(self._running.items())]

    def red_elsewhere(self, is_wanted):
        """Whether tests that nobody asked for failed."""
        return any(not is_wanted(node_id) for node_id in self._red)

    def begin(self, node_id, mark):
        self.started.setdefault(node_id)
        self._running[node_id] = (time.monotonic(), mark)

    def end(self, node_id, outcome, seconds=0.0, message="", text="", output="", folder=""):
        self._running.pop(node_id, None)
        if outcome == "collect_error":
            self.started.pop(node_id, None)
        else:
            self.started.setdefault(node_id)
        is_red = outcome in ("failed", "error", "timeout", "crashed", "collect_error")
        if is_red:
            self._red.add(node_id)
        self._pending.append(
            (
                node_id,
                {
                    "outcome": outcome,
                    "message": bounded(message.strip(), MESSAGE_CHARS),
                    "traceback": bounded(text.strip("\n"), TRACEBACK_CHARS) if is_red else "",
                    "output": output,
                    "frames": self.frames.find(text, folder) if is_red else [],
                    "seconds": seconds,
                },
            )
        )


def bounded(text, limit):
    """Keep the head and the tail of a long text."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return "%s\n... %d characters left out ...\n%s" % (text[:half], len(text) - limit, text[-half:])
