"""Proposer: a candidate that mends the targets and breaks other tests, made only under a condition; needs
no model.

Such a change is right in some cases and not in all. F. Long, M. Rinard, "Staged program repair with
condition synthesis" (SPR, ESEC/FSE 2015), section 3: a change is first found to help under some
condition, and only then is the condition looked for, so conditions are tried where they can pay and
nowhere else. Theirs compare a variable with a value that was recorded; ours are those of the function
and the file, and what may be asked of the names that the change is about (Y. Xiong et al., "Precise
condition synthesis for program repair" (ACS), ICSE 2017, section 3.2). No value of a test is written
into one, and no question is asked that could tell any two tests apart.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.parsing import parse_expression
from core.search.base import AskModel, Draft, FixTask, Tried, TriedSoFar
from core.search.changed_run import ChangedRun, changed_run
from core.search.operators.guards import default_questions
from core.search.operators.lines import indent_of, line_span, shift
from core.search.operators.scope import Scope, ScopeFinder
from core.search.operators.wording import shown
from core.search.splice import SourceTree, Splice, apply_splices, parse_quietly
from core.types import RelPath

MOST_PARENTS: Final = 10
MOST_CONDITIONS: Final = 60
"""For one parent."""
MOST_ASKED: Final = 4
OPPOSITES: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
}
_LEAVING: Final = (ast.Return, ast.Raise, ast.Break, ast.Continue)


@dataclass(frozen=True, slots=True)
class _Parent:
    """A candidate that helps and harms, and the one run of statements that it changes."""

    tried: Tried
    path: RelPath
    before: SourceTree
    after: SourceTree
    run: ChangedRun


class NarrowProposer:
    """Is asked anew whenever a candidate has fixed a test."""

    name = "narrow"
    needs_model = False
    follows = True

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield each change under one condition after the other, those of all parents in turn."""
        entries = tried()
        known = {text for entry in entries for text in entry.edits.values()}
        parents = await asyncio.to_thread(_parents, task.sources, entries)
        conditions = await asyncio.to_thread(_conditions_of, parents)
        for turn in range(MOST_CONDITIONS):
            for parent, own in zip(parents, conditions, strict=True):
                if turn < len(own):
                    text = narrowed(parent.before, parent.after, parent.run, own[turn])
                    if text not in known:
                        known.add(text)
                        line = parent.run.line
                        title = f"{PurePosixPath(parent.path).name}:{line} candidate "
                        title += f"{parent.tried.candidate} only if {shown(own[turn])}"
                        yield Draft(title, {parent.path: text}, parent=parent.tried.candidate)


def _parents(sources: Mapping[RelPath, str], entries: Sequence[Tried]) -> list[_Parent]:
    """Those that fix some target and break some test by one run of simple statements, the best first."""
    found: list[_Parent] = []
    trees: dict[RelPath, SourceTree] = {}
    for entry in entries:
        evidence = entry.evidence
        if evidence is None or not (evidence.comparison.fixed and evidence.comparison.broken):
            continue
        changed = [path for path, text in entry.edits.items() if text != sources.get(path)]
        if len(changed) != 1 or not changed[0].endswith(".py"):
            continue
        path = changed[0]
        try:
            before = trees.get(path) or SourceTree(sources[path])
            after = SourceTree(entry.edits[path])
        except (SyntaxError, KeyError):
            continue
        trees[path] = before
        run = changed_run(before, after)
        if run is not None:
            found.append(_Parent(entry, path, before, after, run))
        if len(found) >= MOST_PARENTS:
            break
    return found


def _conditions_of(parents: Sequence[_Parent]) -> list[list[str]]:
    finders: dict[RelPath, ScopeFinder] = {}
    found = []
    for parent in parents:
        finder = finders.setdefault(parent.path, ScopeFinder(parent.before))
        function = parent.run.function
        found.append(list(conditions(finder.of(function), parent.run))[:MOST_CONDITIONS])
    return found


def narrowed(before: SourceTree, after: SourceTree, run: ChangedRun, condition: str) -> str:
    """The text with the change made only where ``condition`` holds."""
    indent = indent_of(before, run.anchor)
    step = "\t" if indent.startswith("\t") else "    "
    old, new = _lines(before, run.old), _lines(after, run.new)
    if not new:
        text = f"{indent}if {negated(condition)}:\n{shift(old, indent, indent + step)}"
    else:
        text = f"{indent}if {condition}:\n{shift(new, indent, indent + step)}"
        if old and isinstance(run.new[-1], _LEAVING):
            text += old
        elif old:
            text += f"{indent}else:\n{shift(old, indent, indent + step)}"
    start, end = line_span(before, run.anchor)
    if run.old:
        end = line_span(before, run.old[-1])[1]
    else:
        start = end = end if run.behind else start
    return apply_splices(before.text, (Splice(start, end, text),))


def _lines(tree: SourceTree, run: Sequence[ast.stmt]) -> str:
    if not run:
        return ""
    text = tree.text[line_span(tree, run[0])[0] : line_span(tree, run[-1])[1]]
    return text if text.endswith("\n") else text + "\n"


def conditions(scope: Scope, run: ChangedRun) -> Iterator[str]:
    """What the function and then the file asks already, each with its opposite, by turns with what may be
    asked of names; each once."""
    about = _names(run)
    elsewhere = [code for code in scope.donors.conditions if about & _read(code)]
    asked = list(dict.fromkeys((*default_questions(run.function), *scope.conditions, *elsewhere)))
    asked.sort(key=lambda code: not about & _read(code))
    made = list(_of_names(scope, run, about))
    seen: set[str] = set()
    for turn in range(max(len(asked), len(made))):
        both = asked[turn : turn + 1]
        both += [negated(code) for code in both]
        for condition in (*both, *made[2 * turn : 2 * turn + 2]):
            if condition not in seen:
                seen.add(condition)
                yield condition


def _of_names(scope: Scope, run: ChangedRun, about: frozenset[str]) -> Iterator[str]:
    """Plain questions about what the change names, and about parameters that nobody reads. Of what else
    is at hand, and of kinds and lengths, any question may tell tests apart and mean nothing."""
    known = [n for n in scope.names if n != scope.self_name and n in run.bound]
    forgotten = [n for n in known if n in scope.unused and n in scope.parameters]
    asked = [*forgotten, *(n for n in known if n in about and n not in forgotten)][:MOST_ASKED]
    for condition in ("{} is not None", "{} is None", "{}", "not {}"):
        yield from (condition.format(name) for name in asked)
    for name in asked:
        if "number" in scope.kinds.get(name, ()):
            yield from (f"{name} {sign} 0" for sign in ("==", "<", ">"))


def negated(condition: str) -> str:
    """The opposite of a condition, as one would write it."""
    try:
        node = parse_expression(condition).body
    except SyntaxError:
        return f"not ({condition})"
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ast.unparse(operand)
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return f"{ast.unparse(left)} {OPPOSITES[type(sign)]} {ast.unparse(right)}"
        case ast.Name() | ast.Call() | ast.Attribute() | ast.Subscript():
            return f"not {condition}"
        case _:
            return f"not ({condition})"


def _names(run: ChangedRun) -> frozenset[str]:
    nodes = [node for statement in (*run.old, *run.new) for node in ast.walk(statement)]
    return frozenset(n.id for n in nodes if isinstance(n, ast.Name))


def _read(code: str) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(parse_quietly(code)) if isinstance(n, ast.Name))
