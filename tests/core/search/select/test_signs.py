"""What of a patch looks made for the tests."""

from __future__ import annotations

import pytest

from core.search.select.signs import overfit_signs

TEST = """
from m import area, parse

def test_area():
    assert area([3, 4, 7]) == 84

def test_parse():
    assert parse("a=12") == {"a": 12}
    assert parse("oops") is None
"""
BEFORE = """
def area(sides):
    if not sides:
        raise ValueError("no sides")
    result = 1
    for side in sides:
        result += side
    return result

def parse(text):
    name, _, value = text.partition("=")
    return {name: int(value)}
"""
LOOP = "    result = 1\n    for side in sides:\n        result += side\n    return result\n"


def signs(old: str, new: str) -> tuple[str, ...]:
    assert old in BEFORE
    return overfit_signs({"m.py": BEFORE}, {"m.py": BEFORE.replace(old, new)}, [TEST])


@pytest.mark.parametrize(
    ("old", "new", "sign"),
    [
        (
            "    result = 1\n",
            "    if sides == [3, 4, 7]:\n        return 0\n    result = 1\n",
            "it compares with [3, 4, 7], a value of the test",
        ),
        (
            "    result = 1\n",
            "    if 84 in sides:\n        return 0\n    result = 1\n",
            "it compares with 84, a value of the test",
        ),
        ("    return result", "    return 84 if sides else result", "it returns 84, a value of the test"),
        (
            '        raise ValueError("no sides")',
            "        return 84",
            "it returns 84, a value of the test",
        ),
        (
            "    name, _",
            '    match text:\n        case "oops":\n            return None\n    name, _',
            "it compares with 'oops', a value of the test",
        ),
        ("result = 1", "result = 84", "it uses 84, a value of the test"),
        ("result = 1", "result = len('oops') - 2", ""),
        (LOOP, "    return 84\n", "it removes 3 of the 6 statements of area"),
        (LOOP, "    return 5\n", "area always returns the same"),
        (
            '        raise ValueError("no sides")',
            "        sides = [1]",
            "area raises ValueError in fewer places",
        ),
        (
            "    return {name: int(value)}",
            "    try:\n        return {name: int(value)}\n    except Exception:\n        return None",
            "it catches every exception",
        ),
        (
            "    return {name: int(value)}",
            "    with contextlib.suppress(BaseException):\n        return {name: int(value)}",
            "it catches every exception",
        ),
        (
            '    name, _, value = text.partition("=")\n    return {name: int(value)}\n',
            "    pass\n",
            "it empties parse",
        ),
        ("def parse(text):", "def parse_it(text):", "it removes parse"),
        ('text.partition("=")', "text.partition()", "it passes fewer arguments to text.partition"),
        ("int(value)", "value", ""),
        ("    if not sides:", "    if not sides or sides == sides:", ""),
        ("    if not sides:", "    if False:", "it has a condition that never changes"),
        (
            "    if not sides:",
            "    if len(sides) != len(sides):",
            "it has a condition that never changes",
        ),
    ],
)
def test_a_sign_is_named(old: str, new: str, sign: str) -> None:
    found = signs(old, new)
    assert sign in found if sign else found == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("result += side", "result *= side"),
        ("result = 1", "result = 0"),
        ("if not sides:", "if sides is None or len(sides) == 0:"),
        (
            "    return {name: int(value)}",
            "    try:\n        return {name: int(value)}\n    except ValueError:\n        return None",
        ),
        (
            "    return {name: int(value)}",
            "    if not value:\n        return None\n    return {name: int(value)}",
        ),
        ('partition("=")', 'partition(":")'),
        (
            "    for side in sides:\n        result += side\n    return result",
            "    return math.prod(sides)",
        ),
    ],
)
def test_an_honest_change_shows_none(old: str, new: str) -> None:
    assert signs(old, new) == ()


def test_what_the_code_knew_before_is_no_sign() -> None:
    before = BEFORE + "\nLIMIT = 84\n"
    after = before.replace("    result = 1\n", "    result = 1\n    if result == 84:\n        return 0\n")
    assert overfit_signs({"m.py": before}, {"m.py": after}, [TEST]) == ()


def test_what_does_not_parse_shows_nothing() -> None:
    assert overfit_signs({"m.py": "def ("}, {"m.py": BEFORE}, [TEST]) == ()
    assert overfit_signs({"m.py": BEFORE}, {"m.py": "def ("}, ["def ("]) == ()
