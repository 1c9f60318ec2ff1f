"""The control of a test command: its test files altered so that every test must fail.

What a language file says is done to the text of a file; a test that is then not reported as failed,
and none of the tests that it is a part of, was not judged by itself. Standard library only.
"""

import re
import secrets

RED = ("failed", "error", "timeout", "crashed", "collect_error")


class CommandControl:
    """One control run: the altered files, and what its results must say."""

    def __init__(self, rules):
        self._rules = rules
        self._nonce = "greenbar" + secrets.token_hex(8)
        self._altered = {}
        """For each altered file the names of its altered tests; ``None``: all."""

    def alter(self, path, source):
        """The altered text; ``None`` where the rules do not fit the file."""
        try:
            text = source.decode("utf-8")
        except UnicodeDecodeError:
            return None
        for condition, addition in self._rules["prepend"]:
            if re.search(condition, text):
                self._altered[path] = None
                first, rest = "", text
                if text.startswith("#!"):
                    first, _, rest = text.partition("\n")
                    first += "\n"
                return (first + addition.replace("{nonce}", self._nonce) + rest).encode()
        if self._rules["pattern"]:
            replace = self._rules["replace"].replace("{nonce}", self._nonce)
            altered, count = re.subn(self._rules["pattern"], replace, text)
            if count:
                found = re.finditer(self._rules["pattern"], text)
                self._altered[path] = {match[0] for match in found}
                return altered.encode()
        return None

    def doubts(self, results, wanted):
        """Clauses on the results (``{id: outcome}``) of the tests in ``wanted``."""
        found = []
        for node_id in wanted:
            path, _, name = node_id.partition("::")
            if not self._is_altered(path, name) or results.get(path) in RED:
                continue
            if not any(results.get(above) in RED for above in _line(node_id)):
                found.append("%s is not reported as failed where it was made to fail" % node_id)
        return sorted(set(found))

    def _is_altered(self, path, name):
        if path not in self._altered:
            return False
        heads = self._altered[path]
        top = re.escape(name.split("/", 1)[0])
        return heads is None or any(re.search(r"\b%s\b" % top, head) for head in heads)


def _line(node_id):
    """A test and those that it is a part of."""
    while "::" in node_id:
        yield node_id
        cut = max(node_id.rfind("::"), node_id.rfind("/") if "/" in node_id.partition("::")[2] else -1)
        node_id = node_id[:cut]
