"""What the rest of a file can give to one of its functions: statements, conditions, guards, keywords.

The fix is often in the file already: E. Barr et al., "The plastic surgery hypothesis", FSE 2014,
section 4 (of the lines that commits bring, 43 % can be put together from what was there, most of it from
the same file); C. Le Goues et al., "GenProg", TSE 2012, takes its insertions from there. Only what uses
names that are in scope is offered, and nearer code first.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.search.splice import FunctionNode, SourceTree, is_text

STATEMENTS: Final = 48
CONDITIONS: Final = 10
GUARDS: Final = 8
EXCEPTIONS: Final = (
    "ValueError",
    "TypeError",
    "KeyError",
    "IndexError",
    "AttributeError",
    "OSError",
    "StopIteration",
    "LookupError",
    "Exception",
)
_LONGEST: Final = 80
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Delete)
_JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_BUILTINS: Final = frozenset(dir(builtins))


@dataclass(frozen=True, slots=True)
class Donors:
    """Source texts, the nearest first. ``guards`` are pairs of a condition and the way to leave."""

    statements: tuple[str, ...]
    conditions: tuple[str, ...]
    guards: tuple[tuple[str, str], ...]
    exceptions: tuple[str, ...]
    methods: tuple[str, ...]
    """Methods that the file calls without arguments, the most frequent first."""
    signatures: Mapping[str, tuple[str, ...]]
    """Parameters by the name of the function, or of the class whose objects it makes."""
    keywords: Mapping[str, tuple[tuple[str, str], ...]]
    """What calls in the file pass by keyword, by the name of the function: keyword and value."""
    owner: str
    """The class around, else empty."""


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    line: int
    names: frozenset[str]
    way: str = ""


class DonorFinder:
    """Looks through a file once."""

    def __init__(self, tree: SourceTree, nodes: Sequence[ast.AST]) -> None:
        self._tree = tree
        self._statements: list[_Part] = []
        self._conditions: list[_Part] = []
        self._guards: list[_Part] = []
        methods: dict[str, int] = {}
        exceptions: dict[str, None] = {}
        signatures: dict[str, tuple[str, ...]] = {}
        keywords: dict[str, dict[tuple[str, str], None]] = {}
        for node in nodes:
            match node:
                case ast.If(test=test, body=[way], orelse=[]) if isinstance(way, _JUMPS):
                    if (condition := self._part(test)) and (leaving := self._part(way)):
                        names = condition.names | leaving.names
                        self._guards.append(_Part(condition.text, node.lineno, names, leaving.text))
                        self._conditions.append(condition)
                case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                    if condition := self._part(test):
                        self._conditions.append(condition)
                case ast.Call(func=ast.Attribute(attr=name), args=[], keywords=[]):
                    methods[name] = methods.get(name, 0) + 1
                case ast.Call(func=function, keywords=[_, *_] as passed):
                    name = called_name(function)
                    for keyword in passed:
                        part = self._part(keyword.value)
                        if name and keyword.arg and part:
                            keywords.setdefault(name, {})[keyword.arg, part.text] = None
                case ast.ExceptHandler(type=ast.expr() as caught):
                    for item in caught.elts if isinstance(caught, ast.Tuple) else [caught]:
                        exceptions[tree.code(item)] = None
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name))) | ast.Raise(exc=ast.Name(id=name)):
                    if name[:1].isupper():
                        exceptions[name] = None
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    owner = tree.parents.get(node)
                    own = [
                        a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                    ]
                    if isinstance(owner, ast.ClassDef):
                        own = own[1:]
                        if name == "__init__":
                            signatures[owner.name] = tuple(own)
                    signatures[name] = tuple(own)
                case _:
                    pass
            if isinstance(node, _SIMPLE) and not is_text(node) and (part := self._part(node)):
                self._statements.append(part)
        self._methods = tuple(sorted(methods, key=lambda name: -methods[name]))
        self._exceptions = tuple(dict.fromkeys((*exceptions, *EXCEPTIONS)))
        self._signatures = signatures
        self._keywords = {name: tuple(passed) for name, passed in keywords.items()}
        self._module = _module_names(tree)

    def for_function(self, function: FunctionNode | None, names: frozenset[str]) -> Donors:
        """What a function with ``names`` in scope may be given."""
        line = function.lineno if function else 1
        last = (function.end_lineno or line) if function else line

        def fitting(parts: Sequence[_Part], most: int) -> list[_Part]:
            known = names | self._module | _BUILTINS
            fit = [p for p in parts if p.names <= known and p.names & names]
            fit.sort(key=lambda p: 0 if line <= p.line <= last else abs(p.line - line))
            found: dict[tuple[str, str], _Part] = {}
            for part in fit:
                found.setdefault((part.text, part.way), part)
                if len(found) >= most:
                    break
            return list(found.values())

        owner = self._tree.parents.get(function) if function else None
        return Donors(
            statements=tuple(p.text for p in fitting(self._statements, STATEMENTS)),
            conditions=tuple(p.text for p in fitting(self._conditions, CONDITIONS)),
            guards=tuple((p.text, p.way) for p in fitting(self._guards, GUARDS)),
            exceptions=self._exceptions,
            methods=self._methods,
            signatures=self._signatures,
            keywords=self._keywords,
            owner=owner.name if isinstance(owner, ast.ClassDef) else "",
        )

    def _part(self, node: ast.expr | ast.stmt) -> _Part | None:
        if node.lineno != node.end_lineno:
            return None
        text = self._tree.code(node)
        if len(text) > _LONGEST:
            return None
        names = frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        return _Part(text, node.lineno, names)


def called_name(function: ast.expr) -> str:
    """The last name of what is called; empty where it has none."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _module_names(tree: SourceTree) -> frozenset[str]:
    found: set[str] = set()
    for statement in tree.tree.body:
        match statement:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found |= {(a.asname or a.name).split(".")[0] for a in aliases}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {t.id for t in targets if isinstance(t, ast.Name)}
            case _:
                pass
    return frozenset(found)
