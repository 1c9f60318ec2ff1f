"""Properties that a function may have, each in plain words and as a check of one call. Pure.

They need no model and no expected output: relations of result and arguments, as Daikon finds them in runs
(M. Ernst et al., "Dynamically discovering likely program invariants to support program evolution", TSE
2001, section 3), and metamorphic ones between two calls (T. Y. Chen et al., "Metamorphic testing: a
review of challenges and opportunities", CSUR 2018, section 2). Which of them hold,
:mod:`core.properties.judging` finds out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from core.properties.observed import Behaviour, Call

Check: TypeAlias = Callable[[Call, Behaviour], bool | None]
"""Whether a call that gave a value has the property; ``None`` where it says nothing of it."""

STRONG: Final = 3
FAIR: Final = 2
WEAK: Final = 1
MOST_ARGUMENTS: Final = 3


@dataclass(frozen=True, slots=True)
class Property:
    """``sentence`` says it in plain words; ``weight`` is what breaking it counts; ``between``: it is
    about two calls, so tests hardly ever show it by themselves."""

    sentence: str
    weight: int
    check: Check
    between: bool = False


def candidates(calls: list[Call]) -> Iterator[Property]:
    """Everything that could hold of a function that is called like this."""
    yield from _of_results(calls)
    arity = min((len(call.arguments) for call in calls), default=0)
    for place in range(min(arity, MOST_ARGUMENTS)):
        name = "the argument" if arity == 1 else f"argument {place + 1}"
        yield from _of_argument(place, name)
        yield from _between_calls(place, name)
    if arity == 2:
        yield Property("The order of the two arguments makes no difference.", STRONG, _swapped, True)
    if arity:
        yield Property("Doing it twice changes nothing more.", STRONG, _twice, True)


# --- the result alone --------------------------------------------------------------------------------


def _of_results(calls: list[Call]) -> Iterator[Property]:
    kinds = {type(call.value) for call in calls if not call.error}
    if kinds and len(kinds) <= 2:
        names = " or ".join(sorted(_named(kind) for kind in kinds))
        yield Property(f"The result is {names}.", FAIR, lambda call, _: type(call.value) in kinds)
    yield Property("The result is sorted.", STRONG, lambda call, _: _ordered(call, ascending=True))
    yield Property(
        "The result is sorted downwards.", STRONG, lambda call, _: _ordered(call, ascending=False)
    )
    yield Property("The result has no item twice.", FAIR, _no_twins)
    yield Property("The result is not negative.", WEAK, _not_negative)
    yield Property("The arguments stay as they were.", FAIR, _unchanged)


def _named(kind: type) -> str:
    if kind is type(None):
        return "None"
    article = "an" if kind.__name__[0] in "aeiou" else "a"
    return f"{article} {kind.__name__}"


def _ordered(call: Call, *, ascending: bool) -> bool | None:
    """Says nothing where an argument was so already: to hand it through would do."""
    items = _items(call.value)
    if items is None or isinstance(call.value, str) or len(set(map(repr, items))) < 2:
        return None
    try:
        if any(_is_sorted(given, ascending) for given in map(_items, call.arguments) if given):
            return None
        return _is_sorted(items, ascending)
    except TypeError:
        return None


def _is_sorted(items: list[Any], ascending: bool) -> bool:
    return items == sorted(items, reverse=not ascending)


def _no_twins(call: Call, _: Behaviour) -> bool | None:
    """Says nothing where no argument has twins."""
    items = _items(call.value)
    given = [items for items in map(_items, call.arguments) if items]
    if items is None or isinstance(call.value, str) or not any(map(_has_twins, given)):
        return None
    return not _has_twins(items)


def _has_twins(items: list[Any]) -> bool:
    return len(set(map(repr, items))) < len(items)


def _not_negative(call: Call, _: Behaviour) -> bool | None:
    """Says nothing where no argument is negative."""
    if not _is_number(call.value) or not any(_is_number(a) and a < 0 for a in call.arguments):
        return None
    return bool(call.value >= 0)


def _unchanged(call: Call, _: Behaviour) -> bool | None:
    if not any(isinstance(argument, (list, dict, set)) and argument for argument in call.arguments):
        return None
    return repr(call.after) == repr(call.arguments)


# --- the result and an argument ----------------------------------------------------------------------


def _of_argument(place: int, name: str) -> Iterator[Property]:
    def about(check: Callable[[Any, Any], bool | None]) -> Check:
        return lambda call, _: (
            check(call.value, call.arguments[place]) if place < len(call.arguments) else None
        )

    yield Property(f"The result has the items of {name}, each as often.", STRONG, about(_same_items))
    yield Property(f"The items of the result are all from {name}.", FAIR, about(_from))
    yield Property(f"The result is an item of {name}.", FAIR, about(_item_of))
    yield Property(f"The result is as long as {name}.", FAIR, about(_as_long))
    yield Property(f"The result is not longer than {name}.", WEAK, about(_not_longer))
    yield Property(f"The result divides {name}.", FAIR, about(_divides))
    yield Property(f"The items of the result multiplied are {name}.", STRONG, about(_product))
    yield Property(f"The sum of the result is that of {name}.", STRONG, about(_sum))
    yield Property(f"The result is not greater than {name}.", WEAK, about(_not_greater))
    yield Property(f"The result is not less than {name}.", WEAK, about(_not_less))


def _same_items(value: Any, given: Any) -> bool | None:
    got, had = _items(value), _items(given)
    if got is None or had is None or len(had) < 2:
        return None
    return Counter(map(repr, got)) == Counter(map(repr, had))


def _from(value: Any, given: Any) -> bool | None:
    got, had = _items(value), _items(given)
    if got is None or had is None or isinstance(value, str) or not got:
        return None
    return set(map(repr, got)) <= set(map(repr, had))


def _item_of(value: Any, given: Any) -> bool | None:
    had = _items(given)
    return repr(value) in set(map(repr, had)) if had and not isinstance(given, str) else None


def _as_long(value: Any, given: Any) -> bool | None:
    got, had = _items(value), _items(given)
    return len(got) == len(had) if got is not None and had else None


def _not_longer(value: Any, given: Any) -> bool | None:
    got, had = _items(value), _items(given)
    return len(got) <= len(had) if got is not None and had is not None else None


def _divides(value: Any, given: Any) -> bool | None:
    if not _is_whole(value) or not _is_whole(given) or not given:
        return None
    return bool(value != 0 and given % value == 0)


def _product(value: Any, given: Any) -> bool | None:
    items = _items(value)
    if not items or not _is_whole(given) or not all(map(_is_whole, items)):
        return None
    return bool(math.prod(items) == given)


def _sum(value: Any, given: Any) -> bool | None:
    got, had = _items(value), _items(given)
    total = given if _is_number(given) else sum(had) if had and all(map(_is_number, had)) else None
    if not got or total is None or not all(map(_is_number, got)):
        return None
    return math.isclose(sum(got), total)


def _not_greater(value: Any, given: Any) -> bool | None:
    return bool(value <= given) if _is_number(value) and _is_number(given) else None


def _not_less(value: Any, given: Any) -> bool | None:
    return bool(value >= given) if _is_number(value) and _is_number(given) else None


# --- two calls ---------------------------------------------------------------------------------------


def _between_calls(place: int, name: str) -> Iterator[Property]:
    def shuffled(call: Call, behaviour: Behaviour) -> bool | None:
        given = _argument(call, place)
        if not isinstance(given, (list, tuple)) or len(set(map(repr, given))) < 2:
            return None
        other = behaviour.at(_with(call, place, given[::-1]))
        return None if other is None else repr(other.value) == repr(call.value)

    def grows(call: Call, behaviour: Behaviour) -> bool | None:
        given = _argument(call, place)
        if not _is_whole(given) or not _is_number(call.value):
            return None
        other = behaviour.at(_with(call, place, given + 1))
        return None if other is None or not _is_number(other.value) else other.value >= call.value

    def mirrored(call: Call, behaviour: Behaviour) -> bool | None:
        given = _argument(call, place)
        if not _is_number(given) or not given:
            return None
        other = behaviour.at(_with(call, place, -given))
        return None if other is None else repr(other.value) == repr(call.value)

    yield Property(f"The order of the items of {name} makes no difference.", STRONG, shuffled, True)
    yield Property(f"A greater {name.removeprefix('the ')} never makes it less.", WEAK, grows, True)
    yield Property(f"The sign of {name} makes no difference.", WEAK, mirrored, True)


def _argument(call: Call, place: int) -> Any:
    return call.arguments[place] if place < len(call.arguments) else None


def _with(call: Call, place: int, value: Any) -> tuple[Any, ...]:
    return (*call.arguments[:place], value, *call.arguments[place + 1 :])


def _swapped(call: Call, behaviour: Behaviour) -> bool | None:
    if len(call.arguments) != 2 or repr(call.arguments[0]) == repr(call.arguments[1]):
        return None
    other = behaviour.at(call.arguments[::-1])
    return None if other is None else repr(other.value) == repr(call.value)


def _twice(call: Call, behaviour: Behaviour) -> bool | None:
    if not call.arguments or type(call.value) is not type(call.arguments[0]):
        return None
    if repr(call.value) == repr(call.arguments[0]):
        return None
    other = behaviour.at(_with(call, 0, call.value))
    return None if other is None else repr(other.value) == repr(call.value)


# --- values ------------------------------------------------------------------------------------------


def _items(value: Any) -> list[Any] | None:
    return list(value) if isinstance(value, (list, tuple, str)) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
