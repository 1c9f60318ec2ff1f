"""Names that are given and never read."""

from __future__ import annotations

from core.localise.forgotten import LOOP, PARAMETER, forgotten
from core.localise.statements import map_file

SOURCE = """
def verify(keys, value):
    for key in keys:
        made = derive()
        if made == value:
            return True
    return False


def shown(value, missing, _hint, *args):
    text = str(value)
    return text


def steps(n):
    for i in range(n):
        go()
    for _key, item in n.items():
        go(item)
    for a, b in n:
        go(a)


def outer(limit):
    def inner(x):
        return x < limit

    return inner


def stub(wanted):
    raise NotImplementedError


class Protocol:
    def of(self, thing): ...
"""
FILE = map_file(SOURCE.lstrip("\n"))
LINES = {text.strip(): number for number, text in enumerate(SOURCE.lstrip("\n").splitlines(), 1)}
EVERY = {("m.py", statement.first) for statement in FILE.statements}


def places(*texts: str) -> set[tuple[str, int]]:
    return {("m.py", LINES[text]) for text in texts}


def test_a_loop_that_does_not_look_at_its_element_is_suspect_with_all_that_is_in_it() -> None:
    found = forgotten({"m.py": FILE}, EVERY)
    loops = {place for place, (score, _) in found.items() if score == LOOP}
    assert loops == places("for key in keys:", "made = derive()", "if made == value:", "return True")
    assert found["m.py", LINES["made = derive()"]][1] == "key is never read in this loop"


def test_a_function_that_does_not_look_at_a_parameter_is_suspect_a_little() -> None:
    found = forgotten({"m.py": FILE}, EVERY)
    functions = {place for place, (score, _) in found.items() if score == PARAMETER}
    assert functions == places("text = str(value)", "return text", "raise NotImplementedError")
    assert found["m.py", LINES["return text"]][1] == "the parameter missing is never read here"


def test_what_no_failing_test_ran_is_no_suspect() -> None:
    ran = places("made = derive()", "return text")
    assert forgotten({"m.py": FILE}, ran).keys() == places("return text")
    assert forgotten({"m.py": FILE}, ()) == {}
