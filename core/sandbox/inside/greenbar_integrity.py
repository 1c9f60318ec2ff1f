"""Whether the functions that decide outcomes are still the ones that were there before the fork.

A candidate's code runs in the process that judges it. It can replace any function of pytest, of
unittest or of the interpreter, so the worker notes what they are while no candidate code is loaded,
and the plugin compares around every test (the few that matter most) and at the ends of the run (all).
Standard library and pytest only.
"""

import sys
import threading
import types
from operator import attrgetter, is_

HOT = (
    "_pytest.outcomes",
    "_pytest.reports",
    "_pytest.runner",
    "pluggy._callers",
    "pluggy._result",
)
"""Compared around every test, with their classes."""
HOT_CLASSES = (
    ("_pytest._code.code", "ExceptionInfo"),
    ("_pytest.python", "Function"),
    ("_pytest.unittest", "TestCaseFunction"),
    ("greenbar_plugin", "Reporter"),
    ("unittest.case", "TestCase"),
    ("unittest.case", "_Outcome"),
)
WHOLE = (
    "_pytest.approx",
    "_pytest.assertion",
    "_pytest.assertion.rewrite",
    "_pytest.assertion.util",
    "_pytest.fixtures",
    "_pytest.main",
    "_pytest.nodes",
    "_pytest.python",
    "_pytest.python_api",
    "_pytest.raises",
    "_pytest.recwarn",
    "_pytest.skipping",
    "_pytest.unittest",
    "ast",
    "datetime",
    "greenbar_channel",
    "greenbar_integrity",
    "greenbar_plugin",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "json.encoder",
    "math",
    "operator",
    "pluggy",
    "pluggy._hooks",
    "pluggy._manager",
    "pytest",
    "time",
    "unittest",
    "unittest.case",
)
HOT_BUILTINS = (
    "AssertionError",
    "BaseException",
    "Exception",
    "all",
    "any",
    "bool",
    "compile",
    "getattr",
    "id",
    "isinstance",
    "issubclass",
    "len",
    "type",
)
MOVING = {
    "_pytest.assertion.util": {"_reprcompare", "_assertion_pass", "_config"},
    # Tests replace these to look at a program's talk; none of them decides an outcome.
    "builtins": {
        "_",
        "open",
        "print",
        "input",
        "exit",
        "quit",
        "help",
        "copyright",
        "credits",
        "license",
    },
}
"""What changes by itself."""
ADDED_BY_ITSELF = {"__abstractmethods__", "__annotations__", "__annotations_cache__", "_abc_impl"}
_GONE = object()


class _Names:
    """The values of some names in one module or class."""

    def __init__(self, label, space, names=None, owner=None):
        self.label = label
        self._get = space.get
        self._space = space
        self._names = tuple(space if names is None else names)
        self._held = tuple(map(self._get, self._names))
        self._owner = owner
        self._size = len(space) if owner is not None else None

    def changed(self, _all=all, _map=map, _is=is_, _len=len):
        # By identity, for an object may say that it equals any other; and not by id(), of which
        # audit hooks are told.
        if not _all(_map(_is, _map(self._get, self._names), self._held)):
            return True
        return self._size is not None and _len(self._space) != self._size

    def differences(self):
        for i, name in enumerate(self._names):
            if self._space.get(name, _GONE) is not self._held[i]:
                yield "%s.%s was replaced" % (self.label, name)
        for name in set(self._space) - set(self._names) - ADDED_BY_ITSELF if self._owner else ():
            # Classes keep notes of their own; what counts is behaviour that hides the inherited one.
            inherited = any(name in vars(base) for base in self._owner.__mro__[1:])
            value = self._space.get(name)
            if inherited and (callable(value) or hasattr(type(value), "__get__")):
                yield "%s.%s was added" % (self.label, name)


class Integrity:
    """Made in the worker, before the fork; asked in the test process."""

    def __init__(self):
        import builtins

        self._modules = {}
        self._hot = [_Names("builtins", vars(builtins), HOT_BUILTINS)]
        self._all = []
        functions = []
        for name in HOT + WHOLE:
            module = sys.modules.get(name)
            if module is None:
                continue
            self._modules[name] = module
            places = self._places(name, module, functions)
            (self._hot if name in HOT else self._all).extend(places)
        for name, part in HOT_CLASSES:
            found = getattr(sys.modules.get(name), part, None)
            if found is not None:
                self._hot.append(_Names("%s.%s" % (name, part), vars(found), owner=found))
        constant = set(vars(builtins)) - MOVING["builtins"]
        self._all.append(_Names("builtins", vars(builtins), sorted(constant)))
        self._functions = functions
        self._code_of = attrgetter("__code__")
        self._codes = tuple(map(self._code_of, functions))
        self._framework = frozenset(_codes_of_framework())
        self._finders = list(sys.meta_path)
        self._path_hooks = list(sys.path_hooks)
        self._more = []

    @staticmethod
    def _places(name, module, functions):
        names = [key for key in vars(module) if key not in MOVING.get(name, ()) and key[:2] != "@p"]
        yield _Names(name, vars(module), names)
        for key in names:
            value = vars(module)[key]
            if isinstance(value, types.FunctionType) and value.__module__ == name:
                functions.append(value)
            elif isinstance(value, type) and value.__module__ == name:
                yield _Names("%s.%s" % (name, key), vars(value), owner=value)
                for inner in vars(value).values():
                    inner = getattr(inner, "__func__", getattr(inner, "fget", inner))
                    if isinstance(inner, types.FunctionType):
                        functions.append(inner)

    def hold(self, label, get):
        """Watch one more object: what ``get()`` gives now must be what it gives later."""
        self._more.append((label, get, get()))

    def hot_changes(self):
        """Clauses on what has changed of what decides the outcome of a test; quick."""
        return [text for place in self._hot if place.changed() for text in place.differences()] + [
            "%s was replaced" % label for label, get, known in self._more if get() is not known
        ]

    def changes(self):
        """Clauses on everything that has changed."""
        found = self.hot_changes()
        for place in self._all:
            if place.changed():
                found.extend(place.differences())
        if not all(map(is_, map(self._code_of, self._functions), self._codes)):
            found.extend(
                "the code of %s was replaced" % function.__qualname__
                for i, function in enumerate(self._functions)
                if function.__code__ is not self._codes[i]
            )
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                found.append("the module %s was replaced" % name)
        return found

    def is_framework(self, function):
        """Whether a function is one of the framework's own, as it was before the fork."""
        return getattr(getattr(function, "__func__", function), "__code__", None) in self._framework

    def newcomers(self):
        """``[what, file]`` for each import hook and trace function that was not there before."""
        found = []
        for finder in sys.meta_path + sys.path_hooks:
            if not any(finder is known for known in self._finders + self._path_hooks):
                kind = finder if isinstance(finder, (type, types.FunctionType)) else type(finder)
                label = "the import hook %s was installed" % getattr(kind, "__qualname__", "?")
                found.append([label, file_of(finder)])
        tracers = (sys.gettrace(), sys.getprofile(), getattr(threading, "_trace_hook", None))
        found.extend(["a trace function was set", file_of(one)] for one in tracers if one is not None)
        return found


def _codes_of_framework():
    for name, module in list(sys.modules.items()):
        if name.split(".", 1)[0] in ("_pytest", "pluggy", "greenbar_plugin"):
            for value in list(vars(module).values()):
                inside = vars(value).values() if isinstance(value, type) else ()
                for function in (value, *inside):
                    code = getattr(getattr(function, "__func__", function), "__code__", None)
                    if isinstance(code, types.CodeType):
                        yield code


def file_of(thing):
    """The file in which an object, its function or its class was written; empty where none is known."""
    thing = getattr(thing, "__func__", thing)
    code = getattr(thing, "__code__", None)
    if code is not None:
        return code.co_filename
    kind = thing if isinstance(thing, type) else type(thing)
    return getattr(sys.modules.get(kind.__module__), "__file__", "") or ""
