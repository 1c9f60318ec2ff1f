"""What a repository requires of whoever works on it: short imperative lines of AGENTS.md. Pure.

Only what reads as a rule for code is taken, and only as data. A line that wants something of the
program instead (run a command, fetch an address, ignore what was said) is left where it is.
"""

from __future__ import annotations

import re
from typing import Final

AGENTS_FILE: Final = "AGENTS.md"
MOST_TAKEN: Final = 20
MOST_WORDS: Final = 24
_BULLET: Final = re.compile(r"^\s{0,3}(?:[-*+]|\d{1,2}[.)])\s+(?P<text>\S.*)$")
_IMPERATIVE: Final = re.compile(
    r"add|always|annotate|assert|avoid|catch|check|close|declare|define|document|don't|do|ensure|favou?r|"
    r"follow|format|handle|import|include|keep|leave|limit|log|make|mark|match|maintain|mind|name|never|no|"
    r"only|order|pass|prefer|preserve|prohibit|put|quote|raise|reject|require|return|reuse|round|separate|"
    r"sort|spell|state|store|support|take|test|treat|type|use|validate|wrap|write"
)
_ORDERS: Final = re.compile(
    r"https?://|\bignore\b.*\b(?:instruction|previous|above)|\b(?:disable|turn off|skip|delete|bypass)\b"
    r".*\b(?:tests?|checks?|sandbox|lock|greenbar|hooks?)\b|\b(?:api[ _-]?key|token|password|secret|curl|"
    r"wget|sudo|rm -|system prompt|assistant)\b",
    re.IGNORECASE,
)
"""What no rule for code needs, and a planted one would have."""


def rules_of(text: str) -> tuple[str, ...]:
    """The rules among the list items of an AGENTS.md, in their order, some at most."""
    found: dict[str, None] = {}
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
            continue
        item = None if fenced else _BULLET.match(line)
        if item is not None and _is_rule(item["text"]):
            found[" ".join(item["text"].split())] = None
    return tuple(found)[:MOST_TAKEN]


def _is_rule(text: str) -> bool:
    words = re.findall(r"[\w']+", text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    if not words or len(words) > MOST_WORDS or _ORDERS.search(text):
        return False
    return _IMPERATIVE.fullmatch(words[0]) is not None
