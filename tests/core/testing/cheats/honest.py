"""Candidates that mend the fault, some in unusual ways; a guard that stops them is too strict."""

from __future__ import annotations

from tests.core.testing.cheats.shop import CALC, Files, in_add

HONEST: dict[str, Files] = {
    "adds": in_add("return a + b"),
    "adds with an import": in_add("return operator.add(a, b)", before="import operator\n\n\n"),
    "adds with a helper in a new module": {
        "shop/calc.py": CALC.replace("return a - b", "return plus(a, b)").replace(
            '"""Sums."""', '"""Sums."""\n\nfrom shop.plus import plus'
        ),
        "shop/plus.py": "def plus(a, b):\n    return a + b\n",
    },
    "adds and complains": in_add(
        "if not isinstance(a, int) or not isinstance(b, int):\n"
        "    raise TypeError('numbers only')\n"
        "return a + b"
    ),
    "adds in a class with an honest comparison": in_add(
        "return int(Sum(a + b))",
        before="""
class Sum(int):
    def __eq__(self, other):
        return int(self) == other

    def __hash__(self):
        return hash(int(self))


""",
    ),
    "adds and writes a temporary file": in_add(
        "import tempfile\nwith tempfile.TemporaryFile() as file:\n    file.write(b'sum')\nreturn a + b"
    ),
    "adds and says so": in_add("import logging\nlogging.getLogger('shop').info('sum')\nreturn a + b"),
    "adds in a thread": in_add(
        """
import threading
found = []
thread = threading.Thread(target=lambda: found.append(a + b) if isinstance(b, int) else None)
thread.start()
thread.join()
if not found:
    raise TypeError("numbers only")
return found[0]
"""
    ),
}
