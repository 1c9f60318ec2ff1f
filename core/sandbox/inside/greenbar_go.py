"""Results of ``go test -json`` (the events of test2json). Standard library only.

A test's id names the file in which its top-level function stands: ``calc/sum_test.go::TestSum/empty``.
What goes wrong with a whole package (it does not build, its process ends outside of tests) stands
under each of its test files.
"""

import json
import os
import re
import time

from greenbar_formats import Parser

_NOISE = re.compile(r"^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:PASS|FAIL|SKIP|BENCH): )")
_STACK = re.compile(r"^(?:panic: |fatal error: |SIGQUIT: |goroutine \d+ )", re.MULTILINE)
MOST_OUTPUT = 200000


class GoParser(Parser):
    """``names`` finds the names of top-level tests in the text of a file."""

    from_stdout = True

    def __init__(self, work, frames, names):
        super().__init__(work, frames)
        self._module = _module_of(work)
        self._names = re.compile(names)
        self._files = {}
        self._output = {}
        self._built = {}
        self._unbuilt = []
        self._failed = {}

    def take(self, line):
        try:
            event = json.loads(line)
            action = event["Action"]
        except (ValueError, KeyError, TypeError):
            return  # the go command's own words, or those of a process that a test has left behind
        package, test = event.get("Package", ""), event.get("Test", "")
        if action == "build-output":
            self._built[event["ImportPath"]] = self._built.get(event["ImportPath"], "") + event["Output"]
        elif action == "output":
            key = package, test
            self._output[key] = (self._output.get(key, "") + event["Output"])[-MOST_OUTPUT:]
        elif action in ("run", "cont"):
            self.begin(self._id(package, test), self._folder(package))
            self._refresh(package, test)
        elif action == "pause":
            self._running.pop(self._id(package, test), None)
        elif action in ("pass", "fail", "skip") and test:
            self._end_test(package, test, action, event)
            self._refresh(package, test)
        elif action == "fail":
            self._end_package(package, event)

    def finish(self, console, ok):
        """What an older go (before 1.24) says of builds on its standard error."""
        for package in self._unbuilt:
            pattern = r"^# %s(?:_test)?(?: .*)?\n((?:[^#].*\n?)+)" % re.escape(package)
            found = re.search(pattern, console, re.MULTILINE)
            self._blame(package, found[1] if found else console)
        self._unbuilt = []

    def _refresh(self, package, test):
        """What runs subtests may take as long as they do."""
        while "/" in test:
            test = test.rpartition("/")[0]
            node_id = self._id(package, test)
            if node_id in self._running:
                self._running[node_id] = (time.monotonic(), self._folder(package))

    def _end_test(self, package, test, action, event):
        text = self._text(package, test)
        outcome = {"pass": "passed", "fail": "failed", "skip": "skipped"}[action]
        message = ""
        if action != "pass":
            message = _message(text)
        if action == "fail":
            self._failed.setdefault(package, []).append(test)
            inner = [name for name in self._failed[package] if name.startswith(test + "/")]
            if not text and inner:
                message = "failed in %s" % ", ".join(inner[:3])
            if "panic: " in text:
                outcome = "error"
        folder = self._relative(package)
        node_id = self._id(package, test)
        self.end(node_id, outcome, event.get("Elapsed", 0.0), message, text, text, folder)

    def _end_package(self, package, event):
        own = self._folder(package)
        text = self._text(package, "")
        left = [node_id for node_id, (_, folder) in self._running.items() if folder == own]
        for node_id in left:
            test = node_id.partition("::")[2]
            said = self._text(package, test) + text
            message = "the test process ended in the middle of this test"
            self.end(node_id, "crashed", 0.0, message, said, said, self._relative(package))
        if "FailedBuild" in event:
            said = [output for path, output in self._built.items() if path == event["FailedBuild"]]
            self._blame(package, "".join(said))
        elif "[build failed]" in text or "[setup failed]" in text:
            self._unbuilt.append(package)
        elif not left and not self._failed.get(package):
            self._blame(package, text)

    def _blame(self, package, text):
        text = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
        folder = self._relative(package)
        for path in sorted(set(self._tests_of(package).values())) or [folder]:
            self.end(path, "collect_error", 0.0, _message(text), text, text, folder)

    def _text(self, package, test):
        lines = self._output.get((package, test), "").splitlines()
        return "\n".join(line for line in lines if not _NOISE.match(line)).strip("\n")

    # --- where a package and its tests are --------------------------------------------------------

    def _id(self, package, test):
        top = test.partition("/")[0]
        return "%s::%s" % (self._tests_of(package).get(top, self._relative(package)), test)

    def _relative(self, package):
        if package == self._module:
            return "."
        if self._module and package.startswith(self._module + "/"):
            return package[len(self._module) + 1 :]
        return package

    def _folder(self, package):
        return os.path.normpath(os.path.join(self.work, self._relative(package)))

    def _tests_of(self, package):
        """``{top-level test: relative path}`` of a package."""
        if package not in self._files:
            found = self._files[package] = {}
            folder = self._folder(package)
            names = sorted(os.listdir(folder)) if os.path.isdir(folder) else ()
            for name in names:
                if name.endswith("_test.go"):
                    path = os.path.join(folder, name)
                    try:
                        with open(path, encoding="utf-8", errors="replace") as file:
                            tests = self._names.findall(file.read())
                    except OSError:
                        continue
                    found.update(dict.fromkeys(tests, os.path.relpath(path, self.work)))
        return self._files[package]


def _message(text):
    """The line that says what went wrong."""
    stack = _STACK.search(text)
    lines = [line.strip() for line in (text[stack.start() :] if stack else text).splitlines()]
    return next((line for line in lines if line), "")


def _module_of(work):
    try:
        with open(os.path.join(work, "go.mod"), encoding="utf-8", errors="replace") as file:
            found = re.search(r'^module\s+"?([^\s"]+)', file.read(), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""
