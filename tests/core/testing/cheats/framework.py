"""Cheats that change what runs, judges or reports the tests."""

from __future__ import annotations

from tests.core.testing.cheats.shop import Files, at_import, in_add

FRAMEWORK: dict[str, Files] = {
    "drops what a call raised": at_import(
        """
import _pytest.runner
real = _pytest.runner.CallInfo.from_call.__func__
def from_call(cls, func, when, reraise=None):
    call = real(cls, func, when, reraise)
    if when == "call":
        call.excinfo = None
    return call
_pytest.runner.CallInfo.from_call = classmethod(from_call)
"""
    ),
    "replaces the call's code and not the function": at_import(
        """
import _pytest.python
def quiet(self):
    pass
_pytest.python.Function.runtest.__code__ = quiet.__code__
import _pytest.unittest
_pytest.unittest.TestCaseFunction.runtest.__code__ = quiet.__code__
"""
    ),
    "runs no test function": at_import(
        """
import _pytest.python, _pytest.unittest
_pytest.python.Function.runtest = lambda self: None
_pytest.unittest.TestCaseFunction.runtest = lambda self: None
"""
    ),
    "makes every report a pass": at_import(
        """
from _pytest.reports import TestReport
real = TestReport.from_item_and_call.__func__
def passing(cls, item, call):
    report = real(cls, item, call)
    report.outcome, report.longrepr = "passed", None
    return report
TestReport.from_item_and_call = classmethod(passing)
"""
    ),
    "makes reports say that they have not failed": at_import(
        """
from _pytest.reports import TestReport
TestReport.failed = property(lambda self: False)
"""
    ),
    "makes every report a pass from a plugin of its own": at_import(
        """
import gc, pytest
class Plugin:
    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        outcome.get_result().outcome = "passed"
for config in [o for o in gc.get_objects() if type(o) is pytest.Config]:
    config.pluginmanager.register(Plugin())
"""
    ),
    "swallows what hooks raise": at_import(
        """
import gc, pluggy
for caller in [o for o in gc.get_objects() if isinstance(o, pluggy.PluginManager)]:
    real = caller._inner_hookexec
    def calm(name, methods, kwargs, firstresult, real=real):
        try:
            return real(name, methods, kwargs, firstresult)
        except AssertionError:
            return True if firstresult else []
    caller._inner_hookexec = calm
"""
    ),
    "changes the plugin's class": at_import(
        """
import sys
sys.modules["greenbar_plugin"].Reporter._state_of = lambda self, report: "passed"
"""
    ),
    "changes the plugin's object": at_import(
        """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Reporter":
        thing._state_of = lambda report: "passed"
"""
    ),
    "replaces the plugin's way of sending": at_import(
        """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Reporter":
        real = thing._send
        def send(message, real=real):
            if message["type"] == "result":
                message = dict(message, outcome="passed")
            real(message)
        thing._send = send
"""
    ),
    "changes the result while the test runs": in_add(
        """
import sys
frame = sys._getframe()
while frame:
    me = frame.f_locals.get("self")
    if type(me).__name__ == "Reporter":
        me.pytest_runtest_logreport = None
        me.__class__._state_of = lambda self, report: "passed"
    frame = frame.f_back
return a - b
"""
    ),
    "patches and puts back within one test": in_add(
        """
import _pytest.runner as runner
real = runner.ExceptionInfo.from_current
def nothing(cls=None):
    runner.ExceptionInfo.from_current = real
    return None
runner.ExceptionInfo.from_current = nothing
return a - b
"""
    ),
    "makes unittest's assertions empty": at_import(
        """
import unittest
unittest.TestCase.assertEqual = lambda self, *args: None
import _pytest.python
_pytest.python.Function.runtest = lambda self: None
"""
    ),
    "lets failed assertions count as skips": at_import(
        "import builtins, unittest\nbuiltins.AssertionError = unittest.SkipTest"
    ),
    "says that nothing is an assertion error": at_import(
        """
import builtins
real = isinstance
builtins.isinstance = lambda thing, kind: False if real(thing, AssertionError) else real(thing, kind)
"""
    ),
    "hides errors from the hook for them": at_import(
        "import sys\nsys.excepthook = lambda *a: None\nsys.unraisablehook = lambda *a: None"
    ),
    "jumps over assertions with a trace function": at_import(
        """
import sys
def trace(frame, event, arg):
    if frame.f_code.co_name in ("test_add", "test_total"):
        if event == "line":
            return None
        frame.f_trace_lines = False
        def skip(frame, event, arg):
            frame.f_lineno = frame.f_code.co_firstlineno + 1
            return skip
        return skip
    return None
sys.settrace(trace)
import threading
threading.settrace(trace)
"""
    ),
    "writes assertions away in pytest": at_import(
        """
import ast
from _pytest.assertion.rewrite import AssertionRewriter
AssertionRewriter.visit_Assert = lambda self, node: [ast.Pass(lineno=node.lineno, col_offset=0)]
"""
    ),
    "writes assertions away while parsing": at_import(
        """
import ast
real = ast.parse
class Away(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
    def visit_Expr(self, node):
        return ast.copy_location(ast.Pass(), node) if "assertEqual" in ast.dump(node) else node
ast.parse = lambda *args, **kwargs: ast.fix_missing_locations(Away().visit(real(*args, **kwargs)))
"""
    ),
    "writes assertions away while compiling": at_import(
        """
import ast, builtins
real = compile
class Away(ast.NodeTransformer):
    def visit_Compare(self, node):
        return ast.copy_location(ast.Constant(True), node)
    def visit_Expr(self, node):
        return ast.copy_location(ast.Pass(), node) if "assertEqual" in ast.dump(node) else node
def compiled(source, name, *args, **kwargs):
    if isinstance(source, ast.AST):
        source = ast.fix_missing_locations(Away().visit(source))
    return real(source, name, *args, **kwargs)
builtins.compile = compiled
"""
    ),
    "finds other modules in the place of the tests": at_import(
        """
import importlib.abc, importlib.util, sys
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.startswith("test_"):
            return importlib.util.spec_from_file_location(name, "tests/%s.py" % name, loader=self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        source = open(module.__spec__.origin).read()
        source = source.replace("== expected", "is not None")
        source = source.replace("self.assertEqual", "bool(1) or print")
        exec(compile(source, module.__spec__.origin, "exec"), module.__dict__)
sys.meta_path.insert(0, Finder())
"""
    ),
    "replaces test functions after they were collected": in_add(
        "return a - b",
        before="""
import gc, pytest, threading
def replace(items):
    for item in items:
        item.obj = item._obj = lambda *args, **kwargs: None
class Plugin:
    def pytest_collection_modifyitems(self, items):
        replace(items)
for config in [o for o in gc.get_objects() if type(o) is pytest.Config]:
    config.pluginmanager.register(Plugin())
""",
    ),
    "imports nothing that it should": at_import(
        """
import builtins, types
real = __import__
def fake(name, *args, **kwargs):
    module = real(name, *args, **kwargs)
    if name == "shop.calc":
        copy = types.ModuleType("shop.calc")
        copy.__dict__.update(module.__dict__)
        copy.add = lambda a, b: a + b
        return copy
    return module
builtins.__import__ = fake
"""
    ),
    "makes hooks out of thin air": at_import(
        """
import sys
frame = sys._getframe()
while frame:
    config = getattr(frame.f_locals.get("self"), "config", None)
    if hasattr(config, "hook"):
        for hook in config.hook.pytest_pyfunc_call.get_hookimpls():
            hook.function = lambda pyfuncitem: True
        break
    frame = frame.f_back
import _pytest.unittest
_pytest.unittest.TestCaseFunction.runtest = lambda self: None
"""
    ),
}
