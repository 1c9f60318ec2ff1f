"""Results in JUnit's XML, as most test runners can write it. Standard library only.

An id is ``file::class::name`` where the file is known, else ``class::name``. There is no standard:
https://github.com/testmoapp/junitxml describes what runners have in common.
"""

import glob
import os
import time
import xml.etree.ElementTree as ElementTree

from greenbar_formats import BadResults, Parser

_CLOCK_SECONDS = 2.0
"""File systems and clocks differ by as much."""


class JUnitParser(Parser):
    """``pattern`` says where the command writes (a path or glob below the working tree), where it
    cannot be told; files from before the run do not count."""

    streams = False

    def __init__(self, work, frames, pattern):
        super().__init__(work, frames)
        self._pattern = pattern
        self._file = ""
        self._began = time.time() - _CLOCK_SECONDS

    def place(self, room, pipe):
        self._file = os.path.join(room, "results.xml")
        return self._file

    def finish(self, console, ok):
        paths = [self._file] if os.path.exists(self._file) else []
        if self._pattern:
            paths = sorted(glob.glob(os.path.join(self.work, self._pattern), recursive=True))
            paths = [path for path in paths if os.path.getmtime(path) >= self._began]
        if not paths:
            where = self._pattern or "the file that {results} stands for"
            raise BadResults("The test command wrote no results to %s." % where)
        for path in paths:
            try:
                root = ElementTree.parse(path).getroot()
            except (ElementTree.ParseError, OSError, UnicodeDecodeError) as error:
                name = os.path.basename(path)
                raise BadResults("The results in %s are not JUnit XML: %s." % (name, error)) from error
            self._take_suite(root, "", "")

    def _take_suite(self, suite, path, name):
        path = suite.get("file") or path
        name = suite.get("name") or name
        for child in suite:
            if child.tag == "testcase":
                self._take_case(child, path, name)
            elif child.tag in ("testsuite", "testsuites"):
                self._take_suite(child, path, name)

    def _take_case(self, case, path, suite):
        path = self._relative(case.get("file") or path)
        owner, name = case.get("classname", suite), case.get("name") or "unnamed"
        parts = [path, owner if owner != path else "", name] if path else [owner, name]
        node_id = "::".join(part for part in parts if part)
        outcome, message, text = "passed", "", ""
        for tag, meaning in (("skipped", "skipped"), ("failure", "failed"), ("error", "error")):
            found = case.find(tag)
            if found is not None:
                text = found.text or ""
                outcome, message = meaning, found.get("message") or text.strip().split("\n")[0]
        said = [case.findtext(tag) or "" for tag in ("system-out", "system-err")]
        try:
            seconds = float((case.get("time") or "0").replace(",", ""))
        except ValueError:
            seconds = 0.0
        self.end(node_id, outcome, seconds, message, text, "\n".join(filter(None, said)))

    def _relative(self, path):
        full = os.path.normpath(os.path.join(self.work, path)) if path else ""
        if full.startswith(self.work + os.sep):
            return os.path.relpath(full, self.work)
        return path
