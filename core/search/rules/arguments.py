"""Calls that do not fit their function: wrong keywords, too many or too few arguments, no ``self``.

PAR (ICSE 2013), section 3: parameter replacer, adder and remover; TBar (ISSTA 2019), section 2, FP10.3
and FP10.4. The signature is looked up where the function is in the repository.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Final

from core.search.rules.base import Rewrite, Rule, Scene, Spot, Trouble, bindings, near, parameters
from core.search.splice import FunctionNode, Splice

_KEYWORD: Final = re.compile(r"(?:([\w.<>]+)\(\) )?got an unexpected keyword argument '(\w+)'")
_TOO_FEW: Final = re.compile(r"([\w.<>]+)\(\) missing \d+ required .*?arguments?: (.+)$")
_TOO_MANY: Final = re.compile(
    r"([\w.<>]+)\(\) takes (?:from \d+ to )?(\d+) positional arguments? but (\d+)"
)
_MULTIPLE: Final = re.compile(r"([\w.<>]+)\(\) got multiple values for argument '(\w+)'")
_NAMES: Final = re.compile(r"'(\w+)'")
_VALUES: Final = ("None", "False", "0", "()", "''", "True")


def unexpected_keyword(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """``f(colour=1)``: the parameter has another name, or the function lacks it."""
    found = _KEYWORD.search(trouble.text) if trouble.kind == "TypeError" else None
    if found is None:
        return
    callee, word = _last(found[1] or ""), found[2]
    defined = list(_signatures(callee, scene))
    known = [name for _, function in defined for name in parameters(function)]
    for spot in scene.spots(trouble):
        for call, keyword in _calls_with(spot, word):
            options = near(word, known) or near(word, _keywords_in(spot))
            unused = [name for name in known if name not in {k.arg for k in call.keywords}]
            for rank, other in enumerate(dict.fromkeys((*options, *unused[1:6]))):
                start = spot.tree.offset(keyword.lineno, keyword.col_offset)
                splice = Splice(start, start + len(word), other)
                yield spot.splice(
                    call.lineno, f"pass {other} instead of {word}", (splice,), 0.97 / (1 + 0.15 * rank)
                )
            value = spot.code(keyword.value)
            others = [k for k in call.keywords if k is not keyword]
            yield from _called(spot, call, [*map(spot.code, call.args), value], others, 0.6)
            yield from _called(spot, call, [spot.code(a) for a in call.args], others, 0.6)
    for path, function in defined:
        spot = Spot(path, function, scene, 0.9)
        for rank, other in enumerate(near(word, parameters(function), 2)):
            yield _renamed_parameter(spot, function, other, word, 0.9 / (1 + 0.2 * rank))
        for rank, value in enumerate(_VALUES):
            yield from add_parameter(spot, function, f"{word}={value}", 0.8 / (1 + 0.15 * rank))
        yield from add_parameter(spot, function, "**kwargs", 0.4)


def too_few_arguments(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """Pass what is missing, from what is in scope; or do without it."""
    found = _TOO_FEW.search(trouble.text) if trouble.kind == "TypeError" else None
    if found is None:
        return
    callee, missing = _last(found[1]), _NAMES.findall(found[2])
    for spot in scene.spots(trouble):
        scope = spot.scope
        for call in _calls_of(spot, callee):
            parts = [spot.code(a) for a in call.args]
            filled = [_offered(name, spot) for name in missing]
            if all(filled):
                exact = [options[0] for options in filled]
                yield from _called(spot, call, [*parts, *exact], call.keywords, 0.95)
                named = [f"{name}={value}" for name, value in zip(missing, exact, strict=True)]
                yield from _called(spot, call, [*parts, *named], call.keywords, 0.9)
            if len(missing) == 1:
                for rank, value in enumerate((*filled[0], *_VALUES)):
                    fade = 1 + 0.1 * rank
                    yield from _called(spot, call, [*parts, value], call.keywords, 0.85 / fade)
                    yield from _called(spot, call, [value, *parts], call.keywords, 0.75 / fade)
            if isinstance(call.func, ast.Attribute) and missing[-1:] and scope.self_name:
                head = [scope.self_name, *parts]
                yield from _called(spot, call, head, call.keywords, 0.7)
            if isinstance(call.func, ast.Attribute):
                owner = spot.code(call.func.value)
                if owner[:1].isupper():
                    text = f"{owner}().{call.func.attr}({', '.join(parts)})"
                    yield from spot.replace(call, text, 0.8)
    for path, function in _signatures(callee, scene):
        spot = Spot(path, function, scene, 0.9)
        for name in missing:
            for rank, value in enumerate(_VALUES):
                yield from _with_default(spot, function, name, value, 0.85 / (1 + 0.15 * rank))
        yield from _static(spot, function, 0.6)


def too_many_arguments(trouble: Trouble, scene: Scene) -> Iterator[Rewrite]:
    """A method without ``self``, a function without the parameter, a call with one argument too many."""
    found = _TOO_MANY.search(trouble.text) or _MULTIPLE.search(trouble.text)
    if trouble.kind != "TypeError" or found is None:
        return
    callee = _last(found[1])
    for path, function in _signatures(callee, scene):
        spot = Spot(path, function, scene, 1.0)
        is_method = isinstance(spot.tree.parents.get(function), ast.ClassDef)
        owns = parameters(function)[:1] in (["self"], ["cls"]) or bool(function.decorator_list)
        if is_method and not owns:
            yield from _first_parameter(spot, function, "self", 0.98)
            yield from _static(spot, function, 0.9)
        for rank, text in enumerate(_unknown_names(spot, function)):
            yield from add_parameter(spot, function, text, 0.9 / (1 + 0.1 * rank))
            yield from add_parameter(spot, function, f"{text}=None", 0.85 / (1 + 0.1 * rank))
        yield from add_parameter(spot, function, "*args", 0.4)
    for spot in scene.spots(trouble):
        for call in _calls_of(spot, callee):
            parts = [spot.code(a) for a in call.args]
            for index in range(len(parts) - 1, -1, -1):
                rest = parts[:index] + parts[index + 1 :]
                yield from _called(spot, call, rest, call.keywords, 0.85)
            if len(parts) >= 2 and not call.keywords:
                for opening, closing in (("[", "]"), ("(", ")")):
                    whole = f"{opening}{', '.join(parts)}{closing}"
                    yield from spot.replace(call, f"{spot.code(call.func)}({whole})", 0.8)


def add_parameter(spot: Spot, function: FunctionNode, text: str, weight: float) -> Iterator[Rewrite]:
    """One more parameter, behind those that have no star."""
    a = function.args
    before = [*a.posonlyargs, *a.args]
    if "*" not in text and (a.vararg or a.kwonlyargs):
        return
    if (a.kwarg and "**" in text) or (a.vararg and text.startswith("*") and "**" not in text):
        return
    if "=" not in text and "*" not in text and a.defaults:
        return
    tree = spot.tree
    ends: list[ast.arg | ast.expr] = [
        *before,
        *a.defaults,
        *a.kwonlyargs,
        *(d for d in a.kw_defaults if d),
    ]
    if a.vararg:
        ends.append(a.vararg)
    if not ends:
        place = tree.text.index("(", tree.span(function)[0]) + 1
        yield spot.splice(function.lineno, f"take {text}", (Splice(place, place, text),), weight)
        return
    last = max(ends, key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0))
    place = tree.offset(last.end_lineno or last.lineno, last.end_col_offset or 0)
    yield spot.splice(function.lineno, f"take {text}", (Splice(place, place, f", {text}"),), weight)


def _first_parameter(spot: Spot, function: FunctionNode, text: str, weight: float) -> Iterator[Rewrite]:
    place = spot.tree.text.index("(", spot.tree.span(function)[0]) + 1
    comma = ", " if parameters(function) or function.args.vararg or function.args.kwarg else ""
    splice = Splice(place, place, f"{text}{comma}")
    yield spot.splice(function.lineno, f"take {text}", (splice,), weight)


def _static(spot: Spot, function: FunctionNode, weight: float) -> Iterator[Rewrite]:
    is_method = isinstance(spot.tree.parents.get(function), ast.ClassDef)
    if is_method and parameters(function)[:1] != ["self"] and not function.decorator_list:
        yield from spot.insert_before(function, "@staticmethod", weight, "make it a static method")


def _with_default(
    spot: Spot, function: FunctionNode, name: str, value: str, weight: float
) -> Iterator[Rewrite]:
    a = function.args
    plain = [*a.posonlyargs, *a.args]
    without = plain[: len(plain) - len(a.defaults)]
    if not without or without[-1].arg != name:
        return
    argument = without[-1]
    place = spot.tree.offset(argument.end_lineno or argument.lineno, argument.end_col_offset or 0)
    text = f" = {value}" if argument.annotation else f"={value}"
    title = f"let {name} be {value} where it is not passed"
    yield spot.splice(function.lineno, title, (Splice(place, place, text),), weight)


def _renamed_parameter(spot: Spot, function: FunctionNode, old: str, new: str, weight: float) -> Rewrite:
    tree = spot.tree
    splices: list[Splice] = []
    for node in ast.walk(function):
        if isinstance(node, ast.arg) and node.arg == old:
            start = tree.offset(node.lineno, node.col_offset)
            splices.append(Splice(start, start + len(old), new))
        elif isinstance(node, ast.Name) and node.id == old:
            splices.append(Splice(*tree.span(node), new))
    return spot.splice(function.lineno, f"call the parameter {old} {new}", splices, weight)


def _unknown_names(spot: Spot, function: FunctionNode) -> list[str]:
    """Names that a function uses and nobody binds: they were meant to be parameters."""
    known = {*spot.scope.names, *bindings(spot.tree)}
    used = [n.id for n in ast.walk(function) if isinstance(n, ast.Name)]
    unknown = [n for n in dict.fromkeys(used) if n not in known and not hasattr(builtins, n)]
    return [*unknown[:3], "extra"]


def _signatures(callee: str, scene: Scene) -> Iterator[tuple[str, FunctionNode]]:
    """Functions of the name; of a class, what makes its objects."""
    yield from scene.definitions(callee)
    for path, owner in scene.classes(callee):
        for statement in owner.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
                yield path, statement


def _calls_of(spot: Spot, callee: str) -> list[ast.Call]:
    """The calls of the statement by that name; all of them where none has it."""
    calls = [n for n in spot.nodes() if isinstance(n, ast.Call)]
    named = [c for c in calls if _name(c) == callee]
    return (
        named
        or ([] if callee != "__init__" else [c for c in calls if _name(c)[:1].isupper()])
        or calls[:2]
    )


def _calls_with(spot: Spot, word: str) -> Iterator[tuple[ast.Call, ast.keyword]]:
    for node in spot.nodes():
        if isinstance(node, ast.Call):
            yield from ((node, keyword) for keyword in node.keywords if keyword.arg == word)


def _keywords_in(spot: Spot) -> list[str]:
    nodes = ast.walk(spot.tree.tree)
    return [n.arg for n in nodes if isinstance(n, (ast.keyword, ast.arg)) and n.arg]


def _offered(name: str, spot: Spot) -> list[str]:
    """What in scope may be meant by a parameter's name, the likeliest first."""
    scope = spot.scope
    own = [name] if name in scope.names else []
    if scope.self_name and name in scope.self_attributes:
        own.append(f"{scope.self_name}.{name}")
    others = [n for n in scope.names if n != scope.self_name]
    return list(dict.fromkeys((*own, *near(name, others), *others[:4])))


def _called(
    spot: Spot, call: ast.Call, parts: list[str], keywords: list[ast.keyword], weight: float
) -> Iterator[Rewrite]:
    words = [f"{k.arg}={spot.code(k.value)}" if k.arg else f"**{spot.code(k.value)}" for k in keywords]
    positional = [p for p in parts if not re.match(r"\w+=[^=]", p)]
    named = [p for p in parts if re.match(r"\w+=[^=]", p)]
    text = f"{spot.code(call.func)}({', '.join([*positional, *named, *words])})"
    yield from spot.replace(call, text, weight)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _last(qualified: str) -> str:
    parts = [part for part in qualified.split(".") if part != "<locals>"]
    last = parts[-1] if parts else ""
    return parts[-2] if last == "__init__" and len(parts) > 1 else last


RULES: Final[tuple[Rule, ...]] = (unexpected_keyword, too_few_arguments, too_many_arguments)
