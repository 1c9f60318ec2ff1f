"""Results in the JSON that Jest writes (``--json``) and Vitest as well (``--reporter=json``). Standard
library only.

An id is ``file::outer::inner::title``. What goes wrong with a file outside of its tests (it does not
compile, an import is missing) stands under its path.
"""

import json
import os
import re

from greenbar_formats import BadResults, Parser

OUTCOMES = {"passed": "passed", "failed": "failed"}
"""Everything else (pending, skipped, todo, disabled) was not run."""
MESSAGE_LINES = 4
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class JestParser(Parser):
    """One object, written when all is over: https://jestjs.io/docs/configuration#testresultsprocessor-string."""

    streams = False

    def __init__(self, work, frames):
        super().__init__(work, frames)
        self._file = ""

    def place(self, room, pipe):
        self._file = os.path.join(room, "results.json")
        return self._file

    def finish(self, console, ok):
        try:
            with open(self._file, encoding="utf-8") as file:
                suites = json.load(file)["testResults"]
        except OSError as error:
            raise BadResults("The test command wrote no results.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise BadResults("The results are not those of Jest or Vitest.") from error
        for suite in suites:
            self._take_suite(suite)

    def _take_suite(self, suite):
        path = os.path.relpath(suite["name"], self.work)
        is_red = False
        for case in suite["assertionResults"]:
            text = _plain("\n".join(case.get("failureMessages") or ()))
            outcome = OUTCOMES.get(case["status"], "skipped")
            is_red = is_red or outcome == "failed"
            node_id = "::".join((path, *filter(None, case["ancestorTitles"]), case["title"]))
            seconds = (case.get("duration") or 0.0) / 1000
            self.end(node_id, outcome, seconds, _message(text), text)
        if suite["status"] == "failed" and not is_red:
            text = _plain(suite.get("message") or "")
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            # Jest's first line is a headline, and the second none.
            said = lines[1:] if lines and lines[0].startswith("●") else lines
            self.end(path, "collect_error", 0.0, said[0] if said else "", text, text)


def _message(text):
    """What stands before the stack: what was expected, and what came."""
    said = re.split(r"\n\s+at ", text, maxsplit=1)[0]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return "; ".join(lines[:MESSAGE_LINES])


def _plain(text):
    return _COLOUR.sub("", text)
