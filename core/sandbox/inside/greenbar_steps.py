"""What one function did, step by step: the values after each of its lines, in few words.

Only for a run that is to explain a failure. Nothing of the repository runs for the sake of it: a value's
text comes from what it is made of, never from its own ``__repr__``, which may be slow, raise, or change
what the test sees. Standard library only.
"""

import datetime
import dis
import enum
import os
import sys
import threading
import time
import types
from collections import deque
from decimal import Decimal
from fractions import Fraction
from itertools import islice

HEAD = 80
TAIL = 80
"""Steps from the start and from the end that are kept of a call."""
MOST_STEPS = 20000
MOST_SECONDS = 1.0
"""Of recording; then the rest of the test runs as ever."""
NAMES = 12
TEXT = 100
ITEMS = 10
DEPTH = 3
_PLAIN = frozenset(
    (
        *(bool, type(None), type(Ellipsis), float, complex, Decimal, Fraction, range),
        *(datetime.date, datetime.timedelta, datetime.timezone),
    )
)
_NOT_VALUES = (
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    type,
)
_MANY_DIGITS = 10**40


class StepRecorder:
    """Records the function at lines ``first`` to ``last`` of a file, its last outermost call.

    ``begin()`` before a test; ``end()`` after it gives ``[[call, line, kind, [[name, text], ...]],
    ...]``. ``call`` numbers the calls from 1: the function may call itself. The kinds: ``call`` with the
    arguments, ``line`` with what that line changed, ``return``, ``yield`` and ``raise`` with one value
    whose name is empty, ``cut`` where steps in the middle are left out.
    """

    def __init__(self, root, path, first, last):
        self._file = os.path.realpath(os.path.join(root, path))
        self._first = first
        self._last = last
        self._codes = {}
        self._forget()

    def begin(self):
        self._forget()
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def end(self):
        sys.settrace(None)
        threading.settrace(None)
        self._off = True
        rows = list(self._head)
        if self._count > HEAD + TAIL:
            rows.append([0, 0, "cut", []])
        return rows + list(self._tail)

    def _forget(self):
        self._head = []
        self._tail = deque(maxlen=TAIL)
        self._count = 0
        self._frames = {}
        self._calls = 0
        self._seconds = 0.0
        self._total = 0
        self._off = False

    # --- following the function -------------------------------------------------------------------

    def _enter(self, frame, event, arg):
        code = frame.f_code
        known = self._codes.get(id(code))
        if known is None:
            # The code object is kept with its answer, so that its id stays its own.
            known = self._codes[id(code)] = (self._is_watched(code), code)
        if not known[0] or self._off:
            return None
        started = time.perf_counter()
        if id(frame) not in self._frames:
            if not self._frames:
                self._forget_call()
            self._calls += 1
            seen = texts_of(frame)
            self._frames[id(frame)] = _Frame(frame, self._calls, seen)
            self._note(self._calls, code.co_firstlineno, "call", list(seen.items()))
        self._took(started)
        return self._step

    def _forget_call(self):
        self._head, self._count, self._calls = [], 0, 0
        self._tail.clear()

    def _is_watched(self, code):
        inside = self._first <= code.co_firstlineno <= self._last and not code.co_name.startswith("<")
        return inside and os.path.realpath(code.co_filename) == self._file

    def _step(self, frame, event, arg):
        known = self._frames.get(id(frame))
        if self._off or known is None:
            return None
        started = time.perf_counter()
        if event == "line":
            self._close_line(known)
            known.line, known.raised = frame.f_lineno, False
        elif event == "exception":
            self._close_line(known)
            if not known.raised and not issubclass(arg[0], _ENDS):
                self._note(known.call, frame.f_lineno, "raise", [["", text_of(arg[1])]])
            known.raised = True
        elif event == "return":
            self._leave(known, arg)
        self._took(started)
        return self._step

    def _leave(self, known, value):
        frame = known.frame
        self._close_line(known)
        how = code_at(frame)
        if how in _YIELDS and not known.raised:
            if not frame.f_code.co_flags & _ASYNCHRONOUS:
                self._note(known.call, frame.f_lineno, "yield", [["", text_of(value)]])
            return
        if how in _RETURNS:
            self._note(known.call, frame.f_lineno, "return", [["", text_of(value)]])
        del self._frames[id(frame)]

    def _close_line(self, known):
        """What the line that has just been carried out changed."""
        if not known.line:
            return
        now = texts_of(known.frame)
        changed = [[name, text] for name, text in now.items() if known.seen.get(name) != text]
        self._note(known.call, known.line, "line", changed)
        known.seen, known.line = now, 0

    def _note(self, call, line, kind, values):
        self._count += 1
        row = [call, line, kind, [list(pair) for pair in values]]
        if len(self._head) < HEAD:
            self._head.append(row)
        else:
            self._tail.append(row)

    def _took(self, started):
        self._seconds += time.perf_counter() - started
        self._total += 1
        self._off = self._off or self._seconds > MOST_SECONDS or self._total > MOST_STEPS


class _Frame:
    __slots__ = ("call", "frame", "line", "raised", "seen")

    def __init__(self, frame, call, seen):
        # Held, so that no other frame gets its id.
        self.frame = frame
        self.call = call
        self.seen = seen
        self.line = 0
        self.raised = False


def code_at(frame):
    """The instruction by which a frame is being left."""
    code = frame.f_code.co_code
    # Before Python 3.11 it is the one before that, where it awaits; from 3.13 on the one after a yield.
    after = code[frame.f_lasti + 2] if frame.f_lasti + 2 < len(code) else 0
    return after if after == _AWAITS else code[frame.f_lasti]


def _numbers(*names):
    return frozenset(dis.opmap[name] for name in names if name in dis.opmap)


_AWAITS = dis.opmap.get("YIELD_FROM", -1)
_YIELDS = _numbers("YIELD_VALUE", "YIELD_FROM", "RESUME")
_RETURNS = _numbers("RETURN_VALUE", "RETURN_CONST")
_ASYNCHRONOUS = 0x80 | 0x200
"""Coroutines and asynchronous generators: what they yield is for the event loop."""
_ENDS = (StopIteration, StopAsyncIteration, GeneratorExit)
"""Raised to end a loop, not for a fault."""


# --- values as text -------------------------------------------------------------------------------


def texts_of(frame):
    """``{name: text}`` of a frame's local variables, its arguments first."""
    found = {}
    for name, value in list(frame.f_locals.items()):
        if not name.isidentifier() or name.startswith("__") or issubclass(type(value), _NOT_VALUES):
            continue
        found[name] = text_of(value)
        if len(found) == NAMES:
            break
    return found


def text_of(value):
    """A value in at most ``TEXT`` characters, without running any code of the repository."""
    try:
        text = _text(value, DEPTH, ())
    except Exception:  # changed meanwhile by another thread, or a type that is odd to its metaclass
        text = "<?>"
    return text if len(text) <= TEXT else text[: TEXT - 3] + "..."


def _text(value, depth, above):
    kind = type(value)
    if kind in _PLAIN:
        return repr(value)
    if issubclass(kind, enum.Enum):
        return "%s.%s" % (kind.__name__, object.__getattribute__(value, "_name_"))
    if kind is datetime.datetime and (value.tzinfo is None or type(value.tzinfo) in _PLAIN):
        return repr(value)
    for known, show in _SHOWN:
        if issubclass(kind, known):
            if known in _HOLDERS:
                if id(value) in above or depth == 0:
                    return "..."
                above = (*above, id(value))
            return show(value, kind, depth, above)
    if issubclass(kind, _NOT_VALUES):
        return "<%s>" % getattr(value, "__name__", kind.__name__)
    if id(value) in above or depth == 0:
        return "%s(...)" % kind.__name__
    return _object(value, kind, depth, (*above, id(value)))


def _number(value, kind, depth, above):
    if not -_MANY_DIGITS < int.__index__(value) < _MANY_DIGITS:
        return "<an integer of %d bits>" % int.bit_length(value)
    return int.__repr__(value)


def _string(value, kind, depth, above):
    base = next(base for base in (str, bytes, bytearray) if issubclass(kind, base))
    length = base.__len__(value)
    shown = base.__repr__(base.__getitem__(value, slice(0, TEXT // 2)))
    return shown if length <= TEXT // 2 else "%s... (%d long)" % (shown, length)


def _items(values, count, depth, above):
    shown = [_text(value, depth - 1, above) for value in islice(values, ITEMS)]
    return ", ".join(shown + (["... (%d in all)" % count] if count > ITEMS else []))


def _list(value, kind, depth, above):
    return "[%s]" % _items(list.__iter__(value), list.__len__(value), depth, above)


def _tuple(value, kind, depth, above):
    count = tuple.__len__(value)
    names = next((base.__dict__["_fields"] for base in kind.__mro__ if "_fields" in base.__dict__), ())
    if type(names) is tuple and len(names) == count:
        items = [_text(item, depth - 1, above) for item in islice(tuple.__iter__(value), ITEMS)]
        shown = ["%s=%s" % (names[place], text) for place, text in enumerate(items)]
        return "%s(%s)" % (kind.__name__, ", ".join(shown))
    return "(%s%s)" % (_items(tuple.__iter__(value), count, depth, above), "," if count == 1 else "")


def _set(value, kind, depth, above):
    base = set if issubclass(kind, set) else frozenset
    texts = _items(base.__iter__(value), base.__len__(value), depth, above)
    return "{%s}" % texts if texts else "set()"


def _deque(value, kind, depth, above):
    return "deque([%s])" % _items(deque.__iter__(value), deque.__len__(value), depth, above)


def _dict(value, kind, depth, above):
    shown = []
    for key, held in islice(dict.items(value), ITEMS):
        shown.append("%s: %s" % (_text(key, depth - 1, above), _text(held, depth - 1, above)))
    more = ["... (%d in all)" % dict.__len__(value)] if dict.__len__(value) > ITEMS else []
    return "{%s}" % ", ".join(shown + more)


def _error(value, kind, depth, above):
    args = BaseException.args.__get__(value)
    return "%s(%s)" % (kind.__name__, _items(iter(args), len(args), depth, above))


def _object(value, kind, depth, above):
    """An object by its attributes; one that has none to show by its type."""
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        held = {}
    pairs = list(dict.items(held)) if issubclass(type(held), dict) else []
    for base in kind.__mro__:
        for name, slot in list(base.__dict__.items()):
            if type(slot) is types.MemberDescriptorType and base.__module__ != "builtins":
                try:
                    pairs.append((name, slot.__get__(value)))
                except AttributeError:
                    pass
    shown = ["%s=%s" % (name, _text(item, depth - 1, above)) for name, item in pairs[:ITEMS]]
    return "%s(%s)" % (kind.__name__, ", ".join(shown)) if pairs else "<%s>" % kind.__name__


_SHOWN = (
    (int, _number),
    (str, _string),
    (bytes, _string),
    (bytearray, _string),
    (list, _list),
    (tuple, _tuple),
    (dict, _dict),
    (set, _set),
    (frozenset, _set),
    (deque, _deque),
    (BaseException, _error),
)
_HOLDERS = frozenset((list, tuple, dict, set, frozenset, deque, BaseException))
