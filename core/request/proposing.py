"""From ideas of what a call must give to tests in the repository's own style. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.edits.functions import function_source
from core.request.drafting import Style, draft, test_names
from core.request.examples import Example, examples_in
from core.request.places import Place, definitions
from core.types import DroppedTest, ProposedTest, RelPath


@dataclass(frozen=True, slots=True)
class Idea:
    """An example, and what it comes from, as a sentence."""

    example: Example
    why: str


def ideas_from(examples: Iterable[Example], why: str) -> Iterator[Idea]:
    for example in examples:
        yield Idea(example, why)


def documented_ideas(places: Sequence[Place], sources: Mapping[RelPath, str]) -> list[Idea]:
    """The examples in the descriptions of the functions that a request is about."""
    found: list[Idea] = []
    for place in places:
        if place.function and not place.is_missing and place.path in sources:
            code = function_source(sources[place.path], place.function)
            if ">>>" in code:
                why = f"The description of {place.function} gives this example."
                found += ideas_from(examples_in(code), why)
    return found


class Proposing:
    """Writes tests for one request, each under a name of its own."""

    def __init__(self, places: Sequence[Place], style: Style, sources: Mapping[RelPath, str]) -> None:
        """``places``, at least one, with the surest first."""
        self._places = places
        self._style = style
        self._known = {place.path: definitions(sources.get(place.path, "")) for place in places}
        self._taken = set(test_names(style.text))

    @property
    def imported(self) -> frozenset[str]:
        """Modules that the repository's tests name."""
        return self._style.imported

    def write(self, ideas: Sequence[Idea]) -> tuple[list[ProposedTest], list[DroppedTest]]:
        """A test for each idea that says something of the places; the others with reasons."""
        tests: list[ProposedTest] = []
        dropped: list[DroppedTest] = []
        for idea in ideas:
            example, place = idea.example, self._place(idea.example)
            lacking = sorted(example.names - self._offered(place, example))
            if lacking:
                text = example.other or example.call
                dropped.append(
                    DroppedTest(text, f"It uses {', '.join(lacking)}, which {place.path} does not have.")
                )
                continue
            also = sorted(example.names & self._top(place) - {place.function.split(".", 1)[0]})
            test = draft(example, place, self._style, idea.why, self._taken, also)
            self._taken.add(test.node_id.rpartition("::")[2])
            tests.append(test)
        return tests, dropped

    def _place(self, example: Example) -> Place:
        """The place whose function an example asks; the surest where none is."""
        asked = example.called
        bare = asked.rpartition(".")[2]
        for place in self._places:
            if place.function in (asked, bare) or (asked and place.function.split(".", 1)[0] == asked):
                return place
        for place in self._places:
            if asked.split(".", 1)[0] in self._top(place) or bare in self._top(place):
                return Place(place.path, asked)
        return self._places[0]

    def _top(self, place: Place) -> set[str]:
        return {name for name in self._known[place.path] if "." not in name}

    def _offered(self, place: Place, example: Example) -> set[str]:
        """Names that a test can have: what the place's file defines, what is asked for, its module."""
        stem = place.path.rpartition("/")[2].removesuffix(".py")
        parts = set(place.path.removesuffix(".py").split("/"))
        wanted = {place.function.split(".", 1)[0]} if place.function else set()
        owner = example.called.split(".", 1)[0] if "." in example.called else ""
        return self._top(place) | wanted | ({owner} & ({stem} | parts))
