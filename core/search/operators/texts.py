"""Texts and patterns.

Patterns change as in P. Arcaini, A. Gargantini, E. Riccobene, "MutRex: a mutation-based generator of
fault detecting strings for regular expressions", ICSTW 2017, section III: quantifiers, anchors, classes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from core.search.operators.base import Mutation, Site
from core.search.operators.donors import called_name
from core.search.operators.wording import shown

LONGEST: Final = 60
_MATCHING: Final = (
    "compile",
    "match",
    "search",
    "fullmatch",
    "sub",
    "subn",
    "split",
    "findall",
    "finditer",
)
_QUANTIFIERS: Final = {"*": ("+", "?", ""), "+": ("*", "?", ""), "?": ("", "*", "+")}
_CLASSES: Final = {"d": "w", "w": "S", "s": "n", "S": "w", "b": "B", "W": "s"}
_LIKE_A_PATTERN: Final = re.compile(r"\\[dwsbDWSnrtfv.]|\[[^\]]+\]|[)\]][*+?]|\(\?")


def change_text(site: Site, node: ast.expr) -> Iterator[Mutation]:
    """Another text of the function, another case, spaces at the ends; small changes of a pattern."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    parent = site.parent(node)
    code = site.code(node)
    if isinstance(parent, (ast.JoinedStr, ast.Expr)) or not node.value or "\n" in code or len(code) > 200:
        return
    quoted = re.match(r"^([rRbBuUfF]*)(['\"])(.*)\2$", code)
    if quoted is None or quoted[3].startswith(quoted[2]):
        return
    prefix, quote, body = quoted[1], quoted[2], quoted[3]
    if _is_pattern(site, node, parent):
        for rank, changed in enumerate(dict.fromkeys(patterns(body))):
            title = f"change the pattern to {shown(changed)}"
            text = f"{prefix}{quote}{changed}{quote}"
            yield site.replace("pattern", node, text, title, 1 / (1 + 0.03 * rank))
        return
    if len(body) > LONGEST:
        return
    others = _texts_near(site, node)
    forms = [body.lower(), body.upper(), body.strip(), f"{body} ", f" {body}", body[:-1], body[1:]]
    changed_texts = [f"{prefix}{quote}{form}{quote}" for form in forms if form != body]
    for rank, text in enumerate(dict.fromkeys((*others, *changed_texts))):
        if text != code:
            yield site.replace("text", node, text, plausibility=1 / (1 + 0.12 * rank))


def patterns(body: str) -> Iterator[str]:
    """Small changes of a regular expression; some may not be one."""
    for at, mark in enumerate(body):
        escaped = at > 0 and body[at - 1] == "\\" and (at < 2 or body[at - 2] != "\\")
        if mark in _QUANTIFIERS and not escaped and at and body[at - 1] not in "([|":
            for other in _QUANTIFIERS[mark]:
                yield body[:at] + other + body[at + 1 :]
            if mark != "?":
                yield f"{body[: at + 1]}?{body[at + 1 :]}"
        elif escaped and mark in _CLASSES:
            yield body[:at] + _CLASSES[mark] + body[at + 1 :]
            yield f"{body[: at + 1]}?{body[at + 1 :]}"
            yield f"{body[: at + 1]}+{body[at + 1 :]}"
        elif mark == "[" and not escaped and body[at + 1 : at + 2] != "^":
            yield f"{body[: at + 1]}^{body[at + 1 :]}"
        elif mark == "^" and at and body[at - 1] == "[":
            yield body[:at] + body[at + 1 :]
        elif mark in ")]" and not escaped and body[at + 1 : at + 2] not in tuple("*+?{"):
            for more in "?*+":
                yield f"{body[: at + 1]}{more}{body[at + 1 :]}"
        elif mark == "." and not escaped:
            yield f"{body[:at]}\\.{body[at + 1 :]}"
    yield body[1:] if body.startswith("^") else f"^{body}"
    yield body[:-1] if body.endswith("$") else f"{body}$"
    yield rf"\s*{body}"
    yield rf"-?{body}"
    for at in (m.start() for m in re.finditer(r"\\n", body)):
        yield f"{body[:at]}\\r?{body[at:]}"


def _is_pattern(site: Site, node: ast.expr, parent: ast.AST | None) -> bool:
    if isinstance(parent, ast.Call) and parent.args and parent.args[0] is node:
        of_re = isinstance(parent.func, ast.Attribute) and site.code(parent.func.value) in ("re", "regex")
        if of_re and called_name(parent.func) in _MATCHING:
            return True
    code = site.code(node)
    return code[:1] in "rR" and _LIKE_A_PATTERN.search(code) is not None


def _texts_near(site: Site, node: ast.expr) -> list[str]:
    """Short texts of the same function, as they are written."""
    function = site.tree.function_of(node)
    if function is None:
        return []
    found: dict[str, None] = {}
    for other in ast.walk(function):
        if isinstance(other, ast.Constant) and isinstance(other.value, str) and other is not node:
            parent = site.parent(other)
            if len(other.value) <= 20 and not isinstance(parent, (ast.JoinedStr, ast.Expr)):
                found[site.code(other)] = None
    return list(found)[:6]
