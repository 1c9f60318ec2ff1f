"""Results in the Test Anything Protocol, versions 12 to 14 (https://testanything.org). Standard library
only.

TAP names no files: ids are ``tap::outer > inner``; a test without a description is ``test N``.
"""

import re

from greenbar_formats import BadResults, Parser

_LINE = re.compile(
    r"^(?P<indent> *)(?P<not>not )?ok\b(?: +(?P<number>\d+))?(?: *-)?(?: +(?P<name>(?:\\.|[^#\\])*))?"
    r"(?:# *(?P<directive>\w+)\S*(?P<reason>.*))?$"
)
_PLAN = re.compile(r"^1\.\.(\d+)(?: *# *(skip.*))?$", re.IGNORECASE)
_SUBTEST = re.compile(r"^(?P<indent> *)# Subtest(?:: (?P<name>.*))?$")
_INDENT = 4


class TapParser(Parser):
    """Points of nested subtests are told besides the one that sums them up."""

    from_stdout = True

    def __init__(self, work, frames):
        super().__init__(work, frames)
        self._planned = None
        self._counted = 0
        self._names = {}
        self._open = None
        self._block = None
        self._bail = None
        self.ended = False

    def take(self, line):
        text = line.decode("utf-8", "replace").rstrip("\r")
        if self._block is not None:
            if text.strip() == "...":
                self._block, block = None, self._block
                self._tell("\n".join(block))
            else:
                self._block.append(text)
            return
        if text.strip() == "---" and self._open is not None:
            self._block = []
            return
        self._tell("")
        if text.startswith("Bail out!"):
            self._bail = text[len("Bail out!") :].strip() or "no reason given"
        elif found := _PLAN.match(text):
            self._planned = int(found[1])
        elif found := _SUBTEST.match(text):
            self._names[len(found["indent"]) // _INDENT] = found["name"] or ""
        elif found := _LINE.match(text):
            self._point(found)

    def finish(self, console, ok):
        self._tell("\n".join(self._block or ()))
        if self._bail is not None:
            raise BadResults("The test command gave up: %s." % self._bail.rstrip("."))
        if self._planned is None and not self._counted:
            raise BadResults("The test command wrote no TAP.")
        self.ended = self._planned is None or self._planned == self._counted

    def _point(self, found):
        level = len(found["indent"]) // _INDENT
        self._counted += level == 0
        name = re.sub(r"\\(.)", r"\1", (found["name"] or "").strip())
        name = name or "test %s" % (found["number"] or self._counted)
        outer = [self._names.get(above, "") for above in range(level)]
        directive = (found["directive"] or "").lower()
        bad = found["not"] is not None
        outcome = "failed" if bad else "passed"
        if directive.startswith("skip"):
            outcome = "skipped"
        elif directive.startswith("todo"):
            outcome = "xfailed" if bad else "xpassed"
        node_id = "tap::%s" % " > ".join([*filter(None, outer), name])
        self._open = (node_id, outcome, (found["reason"] or "").strip())

    def _tell(self, block):
        """The point that was read last, with the YAML that may follow it."""
        if self._open is None:
            return
        (node_id, outcome, reason), self._open = self._open, None
        said = re.search(r"^\s*(?:message|error): *(?:[|>]-?\s*\n\s*)?(.*)$", block, re.MULTILINE)
        message = said[1].strip(" '\"") if said else reason
        self.end(node_id, outcome, 0.0, message or ("not ok" if outcome == "failed" else ""), block)
