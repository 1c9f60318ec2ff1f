"""Examples that a request, a docstring or a model's answer gives: calls with what they must give. Pure.

``f(3) should give 9``, ``f(3) == 9``, ``f(3) -> 9``, ``f(-1) raises ValueError`` and doctests become
tests without a model. Only literals count as values: what needs reading between the lines is no example.
"""

from __future__ import annotations

import ast
import builtins
import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.parsing import parse, parse_expression

MOST_EXAMPLES: Final = 12
_LONGEST: Final = 300

_CALL: Final = re.compile(r"(?<![\w.'\"])[A-Za-z_][\w.]*\(")
_GIVES: Final = re.compile(
    r"[\s`*]*(?:,?\s*(?:which\s+)?(?:(?:should|must|shall|has\s+to|ought\s+to|needs\s+to|will|would|to|now|always|"
    r"instead|also|then|soll(?:te)?|muss|doit|devrait|debe|deber(?:í|i)a|"
    r"give|gives|return|returns|be|is|equal|equals|yield|yields|produce|produces|become|becomes|evaluate|"
    r"evaluates|print|prints|come\s+out\s+as|liefert|liefern|ergibt|ergeben|gibt|ist|sein|renvoie|renvoyer|"
    r"retourne|retourner|donne|donner|devuelve|devolver|da|dar|es|ser|vaut|valoir)\b[\s`*:]*)+|"
    r"(?:===?|=>|->|=|:|\N{RIGHTWARDS ARROW}|\N{RIGHTWARDS DOUBLE ARROW}|\N{IDENTICAL TO})[\s`*]*)",
    re.IGNORECASE,
)
_RAISES: Final = re.compile(
    r"[\s`*]*(?:(?:should|must|shall|has\s+to|will|would|to|now|soll(?:te)?|muss|doit|debe)\s+)?"
    r"(?:raises?|throws?|fail(?:s)?\s+with|wirft|werfen|ausl(?:ö|oe)sen|l(?:è|e)ve(?:r)?|lanza(?:r)?)\s+"
    r"(?:an?\s+|einen?\s+|une?\s+)?[`*]*(?P<name>[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Warning|Iteration))\b",
    re.IGNORECASE,
)
_WORDS: Final = (
    (re.compile(r"(?:an?\s+)?(?:empty|leere)\s+(?:list|liste)\b", re.IGNORECASE), "[]"),
    (re.compile(r"(?:an?\s+)?(?:empty|leerer?)\s+(?:string|str|text)\b", re.IGNORECASE), "''"),
    (re.compile(r"(?:an?\s+)?(?:empty)\s+(?:dict|dictionary|mapping)\b", re.IGNORECASE), "{}"),
    (re.compile(r"(?:an?\s+)?(?:empty)\s+tuple\b", re.IGNORECASE), "()"),
    (re.compile(r"(?:an?\s+)?(?:empty)\s+set\b", re.IGNORECASE), "set()"),
    (re.compile(r"true\b"), "True"),
    (re.compile(r"false\b"), "False"),
    (re.compile(r"(?:none|null)\b"), "None"),
)
_BUILTINS: Final = frozenset(dir(builtins))
_GOES_ON: Final = re.compile(
    r"\s*(?:[-+*/%<>=]|(?!(?:and|or|but|not|instead|for|when|if|since|because|as|rather|while|whereas|now|again|"
    r"too|in|with|then|und|oder|nicht|statt|liefern|ergeben|geben|sein|et|ou|pas|y|o|no)\b)[a-z]\w*)"
)
"""What makes a number before it a part of something longer: ``2 items``, ``3 - 1``."""
_DOCTEST: Final = doctest.DocTestParser()


@dataclass(frozen=True, slots=True)
class Example:
    """``call`` gives ``expected``, or ``raises`` an exception of this name; ``other`` is an assertion
    about calls that is neither. All are expressions as ``ast.unparse`` writes them."""

    call: str = ""
    expected: str = ""
    raises: str = ""
    other: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Examples with the same key say the same."""
        return self.call, self.other or self.raises or self.expected

    @property
    def names(self) -> frozenset[str]:
        """Names that it needs, but for those of parameters and comprehensions inside it."""
        text = " , ".join(filter(None, (self.call, self.expected, self.other)))
        return free_names(text)

    @property
    def called(self) -> str:
        """The function that is asked, dotted: of ``a.b(1).c()`` it is ``a.b``; empty: none."""
        node = _expression(self.call or self.other)
        calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)] if node is not None else []
        calls.sort(key=lambda call: call.col_offset)
        named = (_dotted(call.func) for call in calls)
        return next((name for name in named if name and name not in _BUILTINS), "")


def examples_in(text: str) -> tuple[Example, ...]:
    """The examples of a text, in their order, each once; of contradicting ones all are there."""
    found: dict[tuple[str, str], Example] = {}
    for example in (*_doctests(text), *_prose(text)):
        found.setdefault(example.key, example)
    return tuple(found.values())[:MOST_EXAMPLES]


def examples_of_code(code: str) -> tuple[Example, ...]:
    """What the ``assert`` lines of an answer say; others are passed over."""
    found: dict[tuple[str, str], Example] = {}
    for statement in _statements(code):
        example = _asserted(statement)
        if example is not None:
            found.setdefault(example.key, example)
    return tuple(found.values())[:MOST_EXAMPLES]


def contradictions(examples: tuple[Example, ...]) -> tuple[str, ...]:
    """Calls for which the examples name more than one outcome."""
    outcomes: dict[str, set[str]] = {}
    for example in examples:
        if example.call:
            outcomes.setdefault(example.call, set()).add(example.key[1])
    return tuple(call for call, said in outcomes.items() if len(said) > 1)


def free_names(text: str) -> frozenset[str]:
    """Names that an expression reads and does not bind itself, without builtins."""
    node = _expression(text)
    if node is None:
        return frozenset()
    bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    bound |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return frozenset(read - bound - _BUILTINS)


def literal(text: str) -> str | None:
    """The literal that a text is, as ``ast.unparse`` writes it; ``None`` where it is none."""
    node = _expression(text)
    if node is None:
        return None
    if isinstance(node, ast.Call) and ast.unparse(node) in ("set()", "frozenset()"):
        return ast.unparse(node)
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return ast.unparse(node)


# --- prose ----------------------------------------------------------------------------------------


def _prose(text: str) -> Iterator[Example]:
    at = 0
    while (start := _CALL.search(text, at)) is not None:
        end = _end_of_call(text, start.start())
        at = start.end()
        call = _call(text[start.start() : end]) if end else None
        if call is None:
            continue
        at = end
        if (raises := _RAISES.match(text, end)) is not None:
            yield Example(call, raises=raises["name"])
            at = raises.end()
        elif (gives := _GIVES.match(text, end)) is not None:
            value, after = _value(text, gives.end())
            if value is not None:
                yield Example(call, value)
                at = after


def _end_of_call(text: str, start: int) -> int:
    """Behind the call that begins at ``start``, with what is called on it in turn; 0: it has no end."""
    at, depth, quote = start, 0, ""
    limit = min(len(text), start + _LONGEST)
    while at < limit:
        sign = text[at]
        if quote:
            if sign == "\\":
                at += 1
            elif sign == quote:
                quote = ""
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0 and not re.match(r"\.[A-Za-z_]\w*\(|\[", text[at + 1 : at + 60]):
                return at + 1
        at += 1
    return 0


def _value(text: str, start: int) -> tuple[str | None, int]:
    """The literal at ``start``, the longest that ends where a clause may end, and where it ends."""
    for pattern, meant in _WORDS:
        if said := pattern.match(text, start):
            return meant, said.end()
    stop = _end_of_clause(text, start)
    for end in range(stop, start, -1):
        piece = text[start:end].strip()
        if text[end - 1] == "." or (end < len(text) and (text[end].isalnum() or text[end] == "_")):
            continue
        found = literal(piece.rstrip("`*")) if piece else None
        if found is not None:
            partial = found.lstrip("-")[:1].isdigit() and _GOES_ON.match(text, end)
            return (None if partial else found), end
    return None, start


def _end_of_clause(text: str, start: int) -> int:
    """Before the first comma, semicolon, backtick or line end outside of brackets and quotes."""
    depth, quote = 0, ""
    for at in range(start, min(len(text), start + _LONGEST)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote and text[at - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth <= 0 and sign in ",;`\n":
            return at
        if depth < 0:
            return at
    return min(len(text), start + _LONGEST)


def _call(text: str) -> str | None:
    node = _expression(text)
    if not isinstance(node, (ast.Call, ast.Subscript)):
        return None
    return ast.unparse(node) if any(isinstance(n, ast.Call) for n in ast.walk(node)) else None


# --- doctests and asserts -------------------------------------------------------------------------


def _doctests(text: str) -> Iterator[Example]:
    if ">>>" not in text:
        return
    try:
        examples = _DOCTEST.get_examples(text)
    except ValueError:
        return
    for one in examples:
        call = _call(one.source.strip())
        if call is None:
            continue
        if one.exc_msg:
            name = one.exc_msg.split(":", 1)[0].strip().rpartition(".")[2]
            yield Example(call, raises=name)
        elif (wanted := literal(one.want.strip())) is not None:
            yield Example(call, wanted)


def _asserted(statement: ast.stmt) -> Example | None:
    match statement:
        case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right])):
            for one, other in ((left, right), (right, left)):
                if any(isinstance(n, ast.Call) for n in ast.walk(one)) and (
                    v := literal(ast.unparse(other))
                ):
                    return Example(ast.unparse(one), v)
            return Example(other=ast.unparse(statement.test))
        case ast.Assert(test=ast.UnaryOp(op=ast.Not(), operand=ast.Call() as call)):
            return Example(other=f"not {ast.unparse(call)}")
        case ast.Assert(test=test):
            return Example(other=ast.unparse(test))
        case ast.With(
            items=[ast.withitem(context_expr=ast.Call(func=func, args=[ast.Name(id=name), *_]))],
            body=[ast.Expr(value=ast.Call() as call)],
        ) if ast.unparse(func) in ("pytest.raises", "raises", "self.assertRaises"):
            return Example(ast.unparse(call), raises=name)
        case _:
            return None


def _statements(code: str) -> Iterator[ast.stmt]:
    """Top-level statements and those of test functions; where the whole does not parse, line by line."""
    tree = _parsed(code)
    if tree is None:
        for line in code.splitlines():
            one = _parsed(line.strip().lstrip("-*0123456789.) `").rstrip("`"))
            yield from one.body if one is not None else ()
        return
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and statement.name.startswith("test"):
            # What is prepared before an assertion would be lost with the lines in between.
            if all(isinstance(s, (ast.Assert, ast.With, ast.Expr)) for s in statement.body):
                yield from statement.body
        else:
            yield statement


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name) if owner := _dotted(value):
            return f"{owner}.{name}"
        case _:
            return ""


def _expression(text: str) -> ast.expr | None:
    try:
        return parse_expression(text.strip()).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _parsed(code: str) -> ast.Module | None:
    try:
        return parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
