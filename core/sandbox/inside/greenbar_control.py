"""The control: the same tests with a false assertion at their end, which must therefore fail.

Whatever a candidate does to the framework, to the channel or to the process so that its tests are
reported as passed, it does here as well, and is seen by it. On the way the values that a test
compares are held against an object that equals nothing: one that is equal to it is equal to anything.
This is the negative control of an experiment; mutation testing asks tests the same question
(DeMillo, Lipton, Sayward: Hints on Test Data Selection, 1978). Standard library only; Python 3.9 or
newer (``ast.unparse``), on an older one there is no control.
"""

import ast
import secrets

EQUALS = {"assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "assertTupleEqual"}
QUIET_DECORATORS = {
    "pytest",
    "mark",
    "mock",
    "patch",
    "unittest",
    "parameterized",
    "given",
    "settings",
    "example",
    "hypothesis",
    "staticmethod",
    "classmethod",
}
"""First names of decorators that let an exception through."""

QUIET_MODULES = ("dirty_equals", "unittest.mock")
"""Whose objects equal anything, as a test may wish; tests may have such objects of their own."""

HELPER = """
class {name}:
    met = 0
    foreign = object()

    @classmethod
    def note(cls, value):
        home = type(value).__module__
        if home not in {quiet} and not home.rpartition(".")[2].startswith(("test", "conftest")):
            try:
                cls.met += 1 if value == cls.foreign else 0
            except Exception:
                pass
        return value

    @classmethod
    def end(cls):
        met, cls.met = cls.met, 0
        raise AssertionError("{equal}" if met else "{reached}")
"""


class Control:
    """One control run: the altered files, and what its results must say."""

    def __init__(self):
        self._name = "C" + secrets.token_hex(6)
        self._reached = secrets.token_hex(8)
        self._equal = secrets.token_hex(8)
        self.altered = set()
        """Ids (without parameters) of the tests that must fail."""

    def alter(self, path, source):
        """The source with a false assertion at the end of each test; ``None`` where it cannot be."""
        if not hasattr(ast, "unparse"):
            return None
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return None
        names = set()
        self._alter_body(tree.body, "", names)
        self.altered |= {"%s::%s" % (path, name) for name in names}
        helper = HELPER.format(
            name=self._name, equal=self._equal, reached=self._reached, quiet=QUIET_MODULES
        )
        # After the docstring and the imports from __future__, before what runs at import.
        first = 0
        for node in tree.body:
            is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if not is_text and getattr(node, "module", None) != "__future__":
                break
            first += 1
        tree.body[first:first] = ast.parse(helper).body
        return ast.unparse(ast.fix_missing_locations(tree)).encode()

    def _alter_body(self, body, prefix, names):
        for node in body:
            if isinstance(node, ast.ClassDef):
                self._alter_body(node.body, "%s%s::" % (prefix, node.name), names)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith(
                "test"
            ):
                if _runs_to_its_end(node):
                    # Seen twice, the second hides the first, and both are altered.
                    names.add(prefix + node.name)
                    _Noting(self._name).visit(node)
                    node.body.append(ast.parse("%s.end()" % self._name).body[0])

    def doubts(self, results, wanted):
        """Clauses on the results (``{id: (outcome, message)}``) of tests that should have failed:
        those in ``wanted``, where their file could be collected."""
        found = [
            "%s is not reported where it was made to fail" % name
            for name in wanted
            if name.split("[", 1)[0] in self.altered
            and name not in results
            and name.split("::", 1)[0] not in results
        ]
        for node_id, (outcome, message) in results.items():
            name = node_id.split("[", 1)[0]
            if name not in self.altered:
                continue
            if outcome not in ("failed", "error", "timeout", "crashed"):
                found.append("%s is not reported as failed where it was made to fail" % name)
            elif self._equal in message:
                found.append("values in %s equal everything" % name)
        return sorted(set(found))


class _Noting(ast.NodeTransformer):
    """``assert a == b`` becomes ``assert C.note(a) == C.note(b)``, with the same outcome."""

    def __init__(self, name):
        self._name = name

    def visit_Compare(self, node):
        self.generic_visit(node)
        if any(isinstance(operator, (ast.Eq, ast.In)) for operator in node.ops):
            node.left = self._noted(node.left)
            node.comparators = [self._noted(part) for part in node.comparators]
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in EQUALS and len(node.args) >= 2:
            node.args[:2] = [self._noted(part) for part in node.args[:2]]
        return node

    def _noted(self, value):
        if isinstance(value, (ast.Constant, ast.Starred)):
            return value
        note = ast.Attribute(ast.Name(self._name, ast.Load()), "note", ast.Load())
        return ast.copy_location(ast.Call(note, [value], []), value)


def _runs_to_its_end(function):
    """Whether an honest run reaches the end of the body: nothing leaves it early but an exception,
    and no decorator that we do not know stands around it."""
    for decorator in function.decorator_list:
        while not isinstance(decorator, ast.Name):
            decorator = getattr(decorator, "func", None) or getattr(decorator, "value", None)
            if decorator is None:
                return False
        if decorator.id not in QUIET_DECORATORS:
            return False
    pending = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom)):
            return False
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))
    return True
