"""Reads a remark by rules: the kind of change, the place, the solution; or why it cannot be read. Pure.

The three steps are those into which CodeReviewQA takes acting on a review comment apart: change type,
change localisation, solution (H. Y. Lin, C. Liu, H. Gao, P. Thongtanunam, C. Treude, "CodeReviewQA: the
code review comprehension assessment for large language models", ACL 2025, section 3). Without a model
the place is the one that was remarked, and the solution is the user's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from core.remark.mechanical import mentions
from core.remark.places import around, file_of, find_elsewhere
from core.remark.wishes import Wish, names_code, read_wish, solution_of
from core.request.words import weakens
from core.types import ChangeKind, FileDiff, RelPath, RemarkPlace, RemarkReading, UnderstoodRemark

MOST_WORDS: Final = 300
"""A remark that is longer is a text; no model of ours would heed all of it."""

_KINDS: Final = (
    (ChangeKind.RENAME, r"renam\w*|call it|(?:better|other|different) name"),
    (ChangeKind.REMOVE, r"remov\w*|delet\w*|drop|get rid of|without|unnecessary|superfluous|not needed"),
    (ChangeKind.KEEP, r"keep|preserve|do not change|don'?t change|leave|untouched|revert|restore|undo"),
    (ChangeKind.ADD, r"add\w*|also|handle|check|missing|guard|insert|document|docstring|comment"),
)
_QUESTION: Final = re.compile(
    r"^(?:why|what|how|where|who|when|which|is|are|was|were|does|do|did|has|have|should|shall|may)\b",
    re.IGNORECASE,
)
_REQUEST: Final = re.compile(
    r"^(?:please |so |and )?(?:(?:can|could|would|will) (?:you|we)|why not|how about|what about)\b",
    re.IGNORECASE,
)
_WEAKEN: Final = re.compile(
    r"\b(?:skip|xfail|disable|delete|remove|weaken|loosen|relax|change|edit|adjust|adapt|update"
    r"|comment out|rewrite|fix)\s+(?:(?:the|this|that|these|those|all|failing|broken|its)\s+)*"
    r"(?:\w+ )?(?:tests?|assert(?:ion)?s?|conftest|fixtures?|test suite)\b",
    re.IGNORECASE,
)
_ENGLISH: Final = re.compile(
    r"the|this|that|a|an|is|are|be|to|of|in|on|it|should|must|not|and|or|with|for|from|at|by|would|could"
    r"|will|have|been|what|when|then|than|here|there|really|very|just|nice|nicer|good|please|looks?|feels?"
)
_OF_CODE: Final = re.compile(
    r"simpl|short|long|clean|readab|loop|while|return|value|list|dict|tuple|set|string|number|int|float|bool"
    r"|none|null|empty|zero|negativ|positiv|error|exception|rais|catch|handl|check|type|nam|renam|comment"
    r"|docstring|document|function|method|class|argument|parameter|variable|line|hunk|patch|test|condition"
    r"|branch|case|default|import|constant|index|first|last|round|order|sort|cach|fast|slow|memory|recurs"
    r"|iterat|generator|comprehension|logic|bug|wrong|correct|styl|format|whitespace|indent|early|one-liner"
    r"|expression|statement|code|chang|fix|edge|input|output|result|help|duplicat|signature|guard|operator"
    r"|compar|instead|clear|keep|public|api|this|that|same|only|like|more|less|much|better"
)
"""How words begin that may be said of any code."""
_STEM: Final = 5
_TELLING: Final = 3
"""Words that speak of something else, below which nothing is claimed."""


def read_remark(
    remark: int,
    candidate: int,
    place: RemarkPlace,
    text: str,
    files: Sequence[FileDiff],
    others: Sequence[UnderstoodRemark] = (),
    repository: Mapping[RelPath, str] | None = None,
) -> UnderstoodRemark:
    """A remark on a ``place`` as :func:`core.remark.places.resolve` gives it, among the ``others`` on the
    same candidate. ``repository`` is where else it might belong."""
    text = text.strip()
    wish = read_wish(text)
    kind = wish.kind if wish else kind_of(text)
    where = _named_file(wish, files) or place
    reading = RemarkReading(kind, where, solution_of(wish) if wish else text)
    doubt = plain_doubt(text, where, files, asked=wish is None) or contradiction(reading, others)
    elsewhere: tuple[RemarkPlace, ...] = ()
    if not doubt:
        doubt, elsewhere = _unrelated(text, wish, where, files, repository or {})
    return UnderstoodRemark(remark, candidate, place, text, reading, False, doubt, elsewhere)


def kind_of(text: str) -> ChangeKind:
    """The kind of change by the words of a remark."""
    found = (
        (match.start(), kind)
        for kind, words in _KINDS
        if (match := re.search(rf"\b(?:{words})\b", text, re.IGNORECASE))
    )
    return min(found, default=(0, ChangeKind.CHANGE))[1]


def plain_doubt(text: str, place: RemarkPlace, files: Sequence[FileDiff], *, asked: bool = True) -> str:
    """Why words cannot be a remark at all; empty where they can. ``asked``: a question counts."""
    words = text.split()
    if not re.search(r"\w", text) and not re.search(r"[<>=+*/%-]", text):
        return "The remark is empty. Say what should change here."
    if len(words) > MOST_WORDS:
        return (
            f"The remark has {len(words):,} words; say in at most {MOST_WORDS} what should change here, "
            "and put logs and long texts into the request."
        )
    file = file_of(place, files)
    if (file is not None and file.locked) or weakens(text) or _WEAKEN.search(text):
        return (
            "This asks for a change of the tests, and they are what judges a patch, so no round changes "
            "them. Change the test yourself, or say what the code should do instead."
        )
    is_question = text.rstrip().endswith("?") or _QUESTION.match(text) is not None
    if asked and is_question and not _REQUEST.match(text):
        return (
            "This is a question, and a remark says what should change. "
            "Write what the code should do instead, or drop it."
        )
    return ""


def contradiction(reading: RemarkReading, others: Sequence[UnderstoodRemark]) -> str:
    """The sentence about the first of the other remarks that cannot hold together with this one."""
    mine = read_wish(reading.solution)
    for other in others:
        theirs = read_wish(other.reading.solution)
        if mine is None or theirs is None or mine == theirs:
            continue
        if _clash(mine, reading.place, theirs, other.reading.place):
            return (
                f"This contradicts remark {other.id}, “{_short(other.text)}”. "
                "Correct this one, or drop that one; both cannot hold."
            )
    return ""


def _clash(mine: Wish, here: RemarkPlace, theirs: Wish, there: RemarkPlace) -> bool:
    for one, at, two, by in ((mine, here, theirs, there), (theirs, there, mine, here)):
        same_place = at.path == by.path and at.hunk == by.hunk
        if one.kind is ChangeKind.KEEP:
            takes = two.kind in (ChangeKind.REMOVE, ChangeKind.RENAME, ChangeKind.CHANGE)
            if one.scope == "name" and takes and mentions(two.what, one.what):
                return True
            if one.scope == "file" and two.kind is not ChangeKind.KEEP and at.path == by.path:
                return True
            if one.scope == "place" and two.kind is not ChangeKind.KEEP and same_place:
                return True
        if one.what and one.what == two.what and one.kind is two.kind and one.instead != two.instead:
            return True
        if one.what and one.what == two.instead and one.instead == two.what:
            return True
    bare = not mine.what and not theirs.what and mine.kind is theirs.kind is ChangeKind.CHANGE
    return bare and here == there and mine.instead != theirs.instead


def _unrelated(
    text: str,
    wish: Wish | None,
    place: RemarkPlace,
    files: Sequence[FileDiff],
    repository: Mapping[RelPath, str],
) -> tuple[str, tuple[RemarkPlace, ...]]:
    """Whether a remark has nothing to do with its place, as a sentence, and where it may belong."""
    if place.test:
        return "", ()
    seen = around(place, files)
    if wish is not None:
        names = [wish.what] if wish.what and wish.scope != "file" else []
        if wish.scope == "file" and wish.what and file_of(place, files) is None:
            names = [wish.what]
    else:
        names = list(names_code(text))
    if names and not any(mentions(seen, name) for name in names):
        new = wish is None and not find_elsewhere(names, place, files, repository)
        if new:
            return "", ()  # code that there is nowhere yet is what the remark wants written
        return _not_here(names, place, find_elsewhere(names, place, files, repository))
    if names or wish is not None:
        return "", ()
    strange = _strange_words(text, seen)
    if strange:
        return _not_here((), place, find_elsewhere(strange, place, files, repository, within=True))
    return "", ()


def _not_here(
    names: Sequence[str], place: RemarkPlace, elsewhere: tuple[RemarkPlace, ...]
) -> tuple[str, tuple[RemarkPlace, ...]]:
    at = str(place)
    lacks = (
        f"There is no `{names[0]}` at {at}." if names else f"This seems to have nothing to do with {at}."
    )
    if elsewhere:
        return f"{lacks} Where does it belong?", elsewhere
    return f"{lacks} Say what should change here, or make the remark where it belongs.", ()


def _strange_words(text: str, seen: str) -> list[str]:
    """All the telling words of an English sentence, where none of them speaks of this code or any."""
    words = [word.lower() for word in re.findall(r"[A-Za-z][A-Za-z-]*", text)]
    if not any(_ENGLISH.fullmatch(word) for word in words):
        return []  # too short to tell, or in another language
    telling = [word for word in words if len(word) >= 4 and not _ENGLISH.fullmatch(word)]
    known = {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", seen)}
    stems = {part[:_STEM] for part in known if len(part) >= 3}
    for word in telling:
        if word[:_STEM] in stems or _OF_CODE.match(word):
            return []
    return telling if len(telling) >= _TELLING else []


def _named_file(wish: Wish | None, files: Sequence[FileDiff]) -> RemarkPlace | None:
    """The file of the patch that a remark names, wherever it was made."""
    if wish is None or wish.scope != "file" or not wish.what:
        return None
    named = [file.path for file in files if file.path == wish.what or file.path.endswith(f"/{wish.what}")]
    return RemarkPlace(named[0]) if len(named) == 1 else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
