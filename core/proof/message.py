"""A branch and a commit message, drafted from the evidence. Pure."""

from __future__ import annotations

import re
import textwrap
from typing import Final

from core.proof.pack import Pack
from core.proof.words import proof_lines

SUBJECT: Final = 72
"""Characters of the first line, and of the lines below it, as git's own documents advise."""
MOST_TESTS: Final = 20
_SLUG: Final = re.compile(r"[^a-z0-9]+")


def subject_of(pack: Pack) -> str:
    """One line: what the fix is about."""
    if pack.restated or pack.request:
        return _cut(_first_line(pack.restated or pack.request))
    comparison = pack.comparison
    tests = comparison.fixed if comparison else pack.started.targets if pack.started else ()
    names = list(dict.fromkeys(_name(node) for node in tests))
    if not names:
        return _cut(_first_line(pack.title)) or "Fix"
    more = f" and {names[1]}" if len(names) == 2 else f" and {len(names) - 1} more" if names[1:] else ""
    files = {node.split("::", 1)[0] for node in tests}
    if len(names) > 2 and len(files) == 1:
        return _cut(f"Fix {len(names)} failing tests of {min(files)}")
    return _cut(f"Fix {names[0]}{more}")


def branch_of(pack: Pack) -> str:
    """A name for the branch, of letters, digits and hyphens."""
    slug = _SLUG.sub("-", subject_of(pack).lower()).strip("-")[:48].strip("-")
    return f"greenbar/{slug or 'fix'}"


def message_of(pack: Pack) -> str:
    """Subject and body. Words of the model or the repository are one line each, never a trailer."""
    parts = [subject_of(pack)]
    if pack.title:
        parts.append(_wrapped(_first_line(pack.title)))
    comparison = pack.comparison
    if comparison is not None:
        said = f"{len(comparison.fixed)} fixed, {len(comparison.broken)} broken."
        if pack.proof is not None:
            said = " ".join((said, *proof_lines(pack.proof)))
        parts.append(_wrapped(said))
        tests = [f"  {_first_line(node)}" for node in comparison.fixed[:MOST_TESTS]]
        if more := len(comparison.fixed) - MOST_TESTS:
            tests += [f"  and {more} more"] if more > 0 else []
        if tests:
            parts.append("\n".join(["Tests that pass now:", *tests]))
    return "\n\n".join(parts) + "\n"


def _name(node: str) -> str:
    return node.split("[", 1)[0].rsplit("::", 1)[-1]


def _first_line(text: str) -> str:
    """The first line that says something, without control characters."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return "".join(sign for sign in line.strip() if sign.isprintable())


def _cut(text: str) -> str:
    return text if len(text) <= SUBJECT else text[: SUBJECT - 1].rstrip() + "…"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, SUBJECT, break_long_words=False, break_on_hyphens=False)
