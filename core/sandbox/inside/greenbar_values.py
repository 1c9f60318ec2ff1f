"""The values of the local variables in the frames of a failure, in few words.

Only for the traced run of tests that are known to fail: what stands in the way of a fix is often plain
from the values at the place where it went wrong. Standard library only.
"""

import re
import reprlib
import types

FRAMES = 3
"""The innermost ones, of those in the repository."""
NAMES = 12
CHARACTERS = 160
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_ATTRIBUTES = 6
_NOT_VALUES = (
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    type,
)


class ShortRepr(reprlib.Repr):
    """As :func:`repr`, bounded in breadth and depth. An object without a text of its own shows its
    attributes: an address says nothing, and differs from run to run."""

    def __init__(self):
        super().__init__()
        self.maxlevel = 4
        self.maxdict = 8
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = 12
        self.maxlong = 60
        self.maxstring = self.maxother = CHARACTERS

    def repr_instance(self, value, level):
        if type(value).__repr__ is not object.__repr__:
            return super().repr_instance(value, level)
        held = getattr(value, "__dict__", {}) if level > 0 else {}
        shown = ["%s=%s" % (name, self.repr1(held[name], level - 1)) for name in list(held)[:_ATTRIBUTES]]
        return "%s(%s)" % (type(value).__name__, ", ".join(shown + ["..."] * (len(held) > _ATTRIBUTES)))


def values_of(frame):
    """``[[name, text], ...]`` of a frame's local variables, its arguments first."""
    short, found = ShortRepr(), []
    for name, value in list(frame.f_locals.items()):
        if not name.isidentifier() or name.startswith("__") or isinstance(value, _NOT_VALUES):
            continue
        try:
            text = short.repr(value)
        except Exception:  # the repository's own __repr__, of an object that may be half made
            text = "<%s>" % type(value).__name__
        found.append([name, ADDRESS.sub("", text)[:CHARACTERS]])
        if len(found) == NAMES:
            break
    return found


def put_values(rows, frames):
    """Add to each of the innermost ``rows`` of frames what their variables held."""
    for place in range(max(0, len(rows) - FRAMES), len(rows)):
        rows[place].append(values_of(frames[place]))
