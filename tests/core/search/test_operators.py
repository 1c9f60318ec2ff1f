"""Each operator with an example: what it makes of a small function."""

from __future__ import annotations

import ast
import textwrap

import pytest

from core.search.operators.base import Mutation, Site
from core.search.operators.catalogue import mutations_of
from core.search.operators.priors import priors
from core.search.operators.scope import ScopeFinder
from core.search.splice import SourceTree, apply_splices


def all_mutations(source: str) -> list[tuple[str, Mutation]]:
    tree = SourceTree(source)
    scopes = ScopeFinder(tree)
    found: list[tuple[str, Mutation]] = []
    for statement in tree.statements():
        is_function = isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
        function = statement if is_function else tree.function_of(statement)
        site = Site(tree, scopes.of(function), statement)  # type: ignore[arg-type]
        found += [(apply_splices(source, m.splices), m) for m in mutations_of(site)]
    return found


def dedent(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


@pytest.mark.parametrize(
    ("operator", "source", "wanted"),
    [
        ("comparison", "def f(a, b):\n    return a < b\n", "return a <= b"),
        ("comparison", "def f(a, b):\n    return a is not b\n", "return a is b"),
        ("comparison", "def f(a, b):\n    return a not  in b\n", "return a in b"),
        ("boundary", "def f(a):\n    return len(a) == 0\n", "return len(a) <= 1"),
        ("logic", "def f(a, b):\n    return a and b\n", "return a or b"),
        ("condition_drop", "def f(a, b):\n    return a and b\n", "return b"),
        ("negation", "def f(a):\n    if not a:\n        return 1\n", "if a:"),
        ("negation", "def f(a):\n    if a == 1:\n        return 1\n", "if not (a == 1):"),
        (
            "null_check",
            "def f(n):\n    while n.next is None:\n        n = n.next\n",
            "while n is None or n.next is None:",
        ),
        ("condition_extension", "def f(a):\n    q = [a]\n    while True:\n        q.pop()\n", "while q:"),
        (
            "condition_extension",
            "def f(a, b):\n    if a > 1:\n        return b\n    if b > 2:\n        return a\n",
            "if a > 1 and b > 2:",
        ),
        ("constant", "def f(a):\n    return a % 10\n", "return a % 100"),
        ("constant", "def f(a):\n    b = a // 60\n    return b % 7\n", "return b % 60"),
        ("operator", "def f(a, b):\n    return a + b\n", "return a - b"),
        ("operator", "def f(a, b):\n    a ^= b\n    return a\n", "a &= b"),
        ("operand_swap", "def f(a, b):\n    return a - b\n", "return b - a"),
        ("operand_drop", "def f(a, b):\n    return a + b\n", "return a\n"),
        ("off_by_one", "def f(a, n):\n    return f(a, n)\n", "return f(a, n + 1)"),
        ("off_by_one", "def f(a, n):\n    return a[n]\n", "return a[n - 1]"),
        ("bound", "def f(a, n):\n    return a[1:n]\n", "return a[1:n + 1]"),
        ("bound", "def f(a, n):\n    return a[1:n]\n", "return a[:n]"),
        ("bound", "def f(n):\n    return range(n)\n", "return range(1, n + 1)"),
        ("bound", "def f(n, m):\n    return range(n, m)\n", "return range(n, m + 1)"),
        ("constant", "def f(a):\n    best = 0\n    return best\n", "best = 1"),
        ("constant", "def f(a):\n    return True\n", "return False"),
        ("constant", "def f(a):\n    return []\n", "return [a]"),
        ("constant", "def f(a):\n    return []\n", "return [[]]"),
        ("constant", "def f(a):\n    best = float('inf')\n    return best\n", "best = float('-inf')"),
        ("argument_swap", "def f(a, b):\n    return f(a % b, b)\n", "return f(b, a % b)"),
        ("unwrap", "def f(a):\n    return f(a)\n", "return a\n"),
        ("wrap", "def f(a):\n    x = len(a)\n    return a\n", "return len(a)"),
        ("callee", "def f(a):\n    return any(a)\n", "return all(a)"),
        ("callee", "def f(a, b):\n    a.append(b)\n", "a.extend(b)"),
        ("callee", "def g(a):\n    return a\n\n\ndef f(a):\n    return f(a)\n", "return g(a)"),
        ("argument_drop", "def f(a, b):\n    return f(a, b)\n", "return f(a)"),
        ("loop", "def f(a):\n    for x in a:\n        return x\n", "for x in reversed(a):"),
        ("loop", "def f(a):\n    if a:\n        a = f(a)\n", "while a:"),
        ("variable", "def f(a, b):\n    return a\n", "return b"),
        ("attribute", "def f(a):\n    a.left = 1\n    return a.right\n", "return a.left"),
        ("attribute", "def f(a):\n    a.left = 1\n    return a\n", "return a.left"),
        (
            "missing_self",
            "class A:\n    def g(self):\n        self.n = 0\n\n    def f(self):\n        return n\n",
            "return self.n",
        ),
        ("reuse", "def f(a):\n    x = a.size\n    return f(a)\n", "return f(a.size)"),
        ("result", "def f(a, b):\n    return a + 1\n", "return b"),
        ("result", "def f(a):\n    f(a - 1)\n", "return f(a - 1)"),
        (
            "assignment",
            "def f(a, b):\n    best = a\n    best = b\n    return best\n",
            "best = max(best, b)",
        ),
        ("assignment", "def f(a):\n    a[0] = 2\n", "a[0] += 2"),
        ("assignment", "def f(a):\n    return a - 1\n", "return max(a - 1, 0)"),
        ("arithmetic_extension", "def f(a, b):\n    return f(a)\n", "return f(a) + [b]"),
        (
            "arithmetic_extension",
            "def g(k, m):\n    m -= k - 1\n    return f(k, m)\n",
            "return f(k, m - k)",
        ),
        ("generator", "def f(a):\n    yield f(a)\n", "yield from f(a)"),
        ("type", "def f(a):\n    return max(a, key=int)\n", "return max(a, key=float)"),
        ("type", "def f(a):\n    return isinstance(a, (int, str))\n", "isinstance(a, (int, bytes))"),
        (
            "early_exit",
            "def f(age, most):\n    if age > most:\n        raise ValueError(age)\n    return age\n",
            "raise ValueError(age)\n    if age < 0:\n        raise ValueError(age)\n    return age",
        ),
        (
            "early_exit",
            "def f(value, missing):\n    text = str(value)\n    return text\n",
            "    if value is None:\n        return missing\n    text = str(value)",
        ),
        (
            "insertion",
            "def f(a, n):\n    if not n:\n        return\n    for v in n:\n        a.add(v)\n",
            "    n = list(n)\n    if not n:",
        ),
        (
            "handling",
            "def f(a, b=MISSING):\n    try:\n        a = a[0]\n    except KeyError:\n        a = b\n",
            "        if b is MISSING:\n            raise\n        a = b",
        ),
        (
            "move",
            "def f(s):\n    s = a(s)\n    s = b(s)\n    s = c(s)\n    return s\n",
            "    s = c(s)\n    s = a(s)\n    s = b(s)\n    return",
        ),
        (
            "move",
            "def f(s):\n    s = a(s)\n    s = b(s)\n    s = c(s)\n    return s\n",
            "(s):\n    s = b(s)\n    s = c(s)\n    s = a(s)\n    return",
        ),
        (
            "argument_add",
            (
                "class A:\n    def __init__(self, error, strict):\n        self._error = error\n"
                "        self._strict = strict\n\n    def f(self, a):\n"
                "        return self.made(\n            a, error=self._error\n        )\n"
            ),
            "a, error=self._error, strict=self._strict\n",
        ),
        (
            "donor",
            "class A:\n    def g(self, key):\n"
            + "".join(f"        self.n{n} = key\n" for n in range(30))
            + "        self.order.renew(key)\n\n    def f(self, key):\n"
            "        if key not in self.order:\n            self.order[key] = 1\n",
            "            self.order[key] = 1\n        self.order.renew(key)\n",
        ),
        ("method", "def f(a, b):\n    if a in b:\n        return 1\n", "if a.lower() in b:"),
        (
            "method",
            "def g(a):\n    return a.casefold()\n\n\ndef f(a):\n    return a\n",
            "def f(a):\n    return a.casefold()",
        ),
        ("wrap", "def g(a):\n    return a\n\n\ndef f(a):\n    return a\n", "return g(a)"),
        ("unary", "def f(a):\n    return f(n=a)\n", "f(n=-a)"),
        ("argument_swap", "def f(a):\n    return a.strip('x').strip('y')\n", "a.strip('y').strip('x')"),
        ("argument_add", "def f(a, b):\n    return g(a)\n", "return g(a, b)"),
        (
            "argument_add",
            "def g(a, limit=3):\n    return a[:limit]\n\n\ndef f(a, limit):\n    return g(a)\n",
            "return g(a, limit=limit)",
        ),
        (
            "argument_add",
            (
                "class A:\n    def __init__(self, a, strict=False):\n        self._strict = strict\n\n"
                "    def f(self, a):\n        return type(self)(a)\n"
            ),
            "type(self)(a, strict=self._strict)",
        ),
        (
            "exception",
            "def f(a):\n    try:\n        return int(a)\n    except TypeError:\n        return 0\n",
            "except (TypeError, ValueError):",
        ),
        ("exception", "def f(a):\n    raise ValueError(a)\n", "raise KeyError(a)"),
        (
            "handling",
            "def f(a):\n    try:\n        return int(a)\n    except TypeError:\n        return 0\n",
            "except TypeError:\n        raise\n",
        ),
        ("text", "def f(a):\n    x = 'left'\n    return a == 'right'\n", "a == 'left'"),
        ("text", "def f(a):\n    return ','.join(a)\n", "', '.join(a)"),
        ("pattern", "def f(a):\n    return re.match(r'\\d+$', a)\n", "re.match(r'\\d*$', a)"),
        ("pattern", "def f(a):\n    return re.split('\\n', a)\n", "re.split('\\r?\\n', a)"),
        (
            "donor",
            (
                "class A:\n    def __init__(self):\n        self.n = 0\n\n"
                "    def f(self):\n        return self.g()\n"
            ),
            "def f(self):\n        self.n = 0\n        return",
        ),
        (
            "early_exit",
            (
                "def g(a):\n    if a is None:\n        return ''\n    return a\n\n\n"
                "def f(a):\n    return a.b\n"
            ),
            "def f(a):\n    if a is None:\n        return ''\n    return a.b",
        ),
        (
            "condition",
            "def g(a, b):\n    if a in b:\n        b.pop()\n\n\ndef f(a, b):\n    b.append(a)\n",
            "def f(a, b):\n    if a in b:\n        b.append(a)\n",
        ),
        ("variable", "def f(a, limit):\n    return a[:a]\n", "return a[:limit]"),
        ("generator", "def f(a):\n    yield from a\n", "yield a"),
    ],
)
def test_an_operator_offers_the_change(operator: str, source: str, wanted: str) -> None:
    texts = [text for text, mutation in all_mutations(source) if mutation.operator == operator]
    assert any(wanted in text for text in texts), texts


STATEMENTS = dedent(
    """
    def f(items, limit):
        total = 0
        for item in items:
            if item > limit:
                total += item
            count = 1  # keep me
        total -= 1
        return total
    """
)


def without(text: str, part: str) -> str:
    assert part in text
    return text.replace(part, "", 1)


COUNT = "        count = 1  # keep me\n"
LESS = "    total -= 1\n"


@pytest.mark.parametrize(
    ("operator", "wanted"),
    [
        ("deletion", without(STATEMENTS, LESS)),
        ("move", STATEMENTS.replace(COUNT + LESS, "    count = 1  # keep me\n" + LESS)),
        ("move", STATEMENTS.replace(COUNT + LESS, COUNT + "        total -= 1\n")),
        ("move", STATEMENTS.replace(LESS + "    return total\n", "    return total\n" + LESS)),
        ("move", STATEMENTS.replace(COUNT, "            count = 1  # keep me\n")),
        ("jump", STATEMENTS.replace("total += item\n", "total += item\n            break\n")),
        ("jump", STATEMENTS.replace("total += item\n", "total += item\n            return items\n")),
        (
            "unguard",
            STATEMENTS.replace("        if item > limit:\n            total", "        total"),
        ),
        (
            "guard",
            STATEMENTS.replace(
                "    total = 0\n", "    if not items:\n        return []\n    total = 0\n"
            ),
        ),
        ("insertion", STATEMENTS.replace(COUNT, COUNT + "        total -= 1\n")),
    ],
)
def test_a_statement_operator_offers_the_change(operator: str, wanted: str) -> None:
    assert wanted != STATEMENTS
    texts = [text for text, mutation in all_mutations(STATEMENTS) if mutation.operator == operator]
    assert wanted in texts


def test_jumps_change_into_each_other() -> None:
    source = "def f(a):\n    for x in a:\n        if x:\n            break\n"
    assert any(
        "continue" in text for text, mutation in all_mutations(source) if mutation.operator == "jump"
    )


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("x = a * len(b)\n", "b + c", "x = a * (b + c)\n"),
        ("x = f(len(b))\n", "b + c", "x = f(b + c)\n"),
        ("x = len(b)[0]\n", "b + c", "x = (b + c)[0]\n"),
        ("x = (len(b))\n", "b or c", "x = (b or c)\n"),
        ("x = not len(b)\n", "b or c", "x = not (b or c)\n"),
        ("x = é + len(b)\n", "b", "x = é + b\n"),
    ],
)
def test_a_replacement_gets_parentheses_where_it_needs_them(
    source: str, text: str, expected: str
) -> None:
    tree = SourceTree(source)
    call = next(n for n in ast.walk(tree.tree) if isinstance(n, ast.Call) and tree.code(n) == "len(b)")
    site = Site(tree, ScopeFinder(tree).of(None), tree.tree.body[0])
    assert apply_splices(source, site.replace("reuse", call, text).splices) == expected


def test_every_weight_comes_from_a_known_prior_and_stays_in_bounds() -> None:
    for _, mutation in all_mutations(STATEMENTS):
        assert mutation.operator in priors()
        assert 0 < mutation.weight <= 1


def test_a_guard_is_not_repeated_where_it_is_none() -> None:
    source = dedent(
        """
        def f(a, b):
            if a > b:
                a = b
            if a > 2:
                return a
            else:
                return b
        """
    )
    assert not [m for _, m in all_mutations(source) if "as on line" in m.title]


def test_a_parameter_that_is_read_or_underscored_is_not_returned_for_another() -> None:
    titles = {m.title for _, m in all_mutations("def f(a, b, _c):\n    x = a + b\n    return x\n")}
    assert not titles & {"return _c if a is None", "return b if a is None"}


@pytest.mark.parametrize(
    "source",
    [
        "def f(n):\n    for v in n:\n        return v\n",
        "def f(n):\n    if n:\n        return n + 1\n    return 0\n",
    ],
)
def test_what_is_used_once_or_never_run_through_is_not_copied(source: str) -> None:
    assert "insert n = list(n)" not in {m.title for _, m in all_mutations(source)}
