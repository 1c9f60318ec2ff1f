"""Byte code of the repository's files, compiled once by the worker and inherited by its forks.

Runs write no byte code, so every fork would compile all the modules that it imports and rewrite the
assertions of all its tests, and of installed plugins too. The worker, which runs no candidate code,
compiles the files of the base between two runs; a fork takes what was compiled from exactly the
bytes that it finds. What a candidate changes is compiled in its own fork. Not byte code files: tests
could write those.
Standard library and pytest only.
"""

import os
import sys
from importlib.machinery import SourceFileLoader

MOST_BYTES = 64 * 1024 * 1024
"""Of source, remembered by one worker."""


class Compiled:
    """``install()`` in the worker, once, before anybody notes how importing works."""

    def __init__(self, base, work):
        self._base = base
        self._work = os.path.normpath(work) + os.sep
        self._plain = {}
        self._tests = {}
        self._known = set()
        self._bytes = 0

    @property
    def has_learned(self):
        return bool(self._known)

    def install(self):
        self._install_loader()
        self._install_rewriter()

    def _install_loader(self):
        original, work, plain = SourceFileLoader.get_code, self._work, self._plain

        def get_code(loader, fullname):
            path = loader.get_filename(fullname)
            known = plain.get(path) if path.startswith(work) else None
            if known is not None and loader.get_data(path) == known[0]:
                return known[1]
            return original(loader, fullname)

        SourceFileLoader.get_code = get_code

    def _install_rewriter(self):
        # WORKAROUND: byte code files are pytest's only public way to take rewritten code.
        from _pytest.assertion import rewrite

        original, tests = getattr(rewrite, "_read_pyc", None), self._tests
        if original is None:
            return

        def read_pyc(source, *others):
            known = tests.get(str(source))
            if known is not None:
                with open(str(source), "rb") as file:
                    if file.read() == known[0]:
                        return known[1]
            return original(source, *others)

        rewrite._read_pyc = read_pyc

    def learn(self, paths):
        """Compile what is new among ``{absolute path: whether its assertions are rewritten}``; the
        repository's own from the base: what a run left in its folder plays no part."""
        for path, rewritten in sorted(paths.items()):
            if path in self._known or not path.endswith(".py") or self._bytes > MOST_BYTES:
                continue
            self._known.add(path)
            inside = path.startswith(self._work)
            try:
                with open(
                    os.path.join(self._base, path[len(self._work) :]) if inside else path, "rb"
                ) as file:
                    source = file.read()
                code = _rewritten(path, source) if rewritten else _plain(path, source)
            except Exception:  # what cannot be compiled fails in the run, where it is seen
                continue
            self._bytes += len(source)
            (self._tests if rewritten else self._plain)[path] = (source, code)


def _plain(path, source):
    return compile(source, path, "exec", dont_inherit=True)


def _rewritten(path, source):
    import ast

    from _pytest.assertion.rewrite import rewrite_asserts

    tree = ast.parse(source, filename=path)
    rewrite_asserts(tree, source, path, None)
    return compile(tree, path, "exec", dont_inherit=True)


def compiled_modules(root):
    """``{absolute path: whether its assertions are rewritten}`` of the modules of this process that
    lie below ``root`` or have their assertions rewritten."""
    found = {}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        loader = getattr(getattr(module, "__spec__", None), "loader", None)
        rewritten = type(loader).__name__ == "AssertionRewritingHook"
        if isinstance(path, str) and (rewritten or path.startswith(root)):
            found[path] = rewritten
    return found
