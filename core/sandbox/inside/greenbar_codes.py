"""Whether the tests that run are the tests that stand in their files.

The test process sends a digest of the byte code of each collected test. The worker, in which no
candidate code ever runs, compiles the same file itself, the way pytest does (with its assertions
rewritten), and compares. An import hook, stale byte code or a patched compiler shows as a
difference. Standard library and pytest only.
"""

import ast
import hashlib
import inspect
import os
import types


def code_digest(code):
    """A digest over what a code object does, the same in every process."""
    digest = hashlib.blake2b(digest_size=12)
    parts = [code.co_name, code.co_firstlineno, code.co_names, code.co_varnames, code.co_code]
    parts += [code_digest(c) if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts]
    digest.update(repr(parts).encode("utf-8", "replace"))
    return digest.hexdigest()


def codes_of_items(items):
    """``{id without parameters: digest}`` of the tests that are Python functions."""
    found = {}
    for item in items:
        name = item.nodeid.split("[", 1)[0]
        if name in found or not hasattr(item, "function"):
            continue
        try:
            code = inspect.unwrap(item.function).__code__
        except (AttributeError, ValueError):
            found[name] = ""
        else:
            found[name] = code_digest(code)
    return found


class TestCodes:
    """What the code of each test must be; remembers files by their contents."""

    __test__ = False

    def __init__(self, work):
        self._work = work
        self._known = {}

    def changed(self, path, source, sent):
        """The ids in ``sent`` (``{id: digest}``, all of the file ``path``) that are not in ``source``.

        A test that the file does not name (inherited, generated) is not judged.
        """
        key = (path, hashlib.blake2b(source).digest())
        if key not in self._known:
            self._known[key] = [_digests(self._rewritten(path, source)), None]
        expected = self._known[key]
        wrong = [name for name, digest in sent.items() if _differs(name, digest, expected[0])]
        if wrong and expected[1] is None:
            expected[1] = _digests(self._plain(path, source))  # assert=plain, or a note in the file
        return [name for name in wrong if _differs(name, sent[name], expected[1])]

    def _rewritten(self, path, source):
        from _pytest.assertion.rewrite import rewrite_asserts

        full = os.path.join(self._work, path)
        try:
            tree = ast.parse(source, filename=full)
            rewrite_asserts(tree, source, full, None)
            return compile(tree, full, "exec", dont_inherit=True)
        except Exception:  # a file that cannot be read is the collection's complaint
            return None

    def _plain(self, path, source):
        try:
            return compile(source, os.path.join(self._work, path), "exec", dont_inherit=True)
        except Exception:
            return None


def _differs(name, digest, expected):
    known = expected.get(name.split("::", 1)[-1].replace("::", "."))
    return known is not None and digest not in known


def _digests(code, prefix=""):
    found = {}
    for const in code.co_consts if code is not None else ():
        if isinstance(const, types.CodeType):
            name = prefix + const.co_name
            found.setdefault(name, set()).add(code_digest(const))
            for inner, digests in _digests(const, name + ".").items():
                found.setdefault(inner, set()).update(digests)
    return found
