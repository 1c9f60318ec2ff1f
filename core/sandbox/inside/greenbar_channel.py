"""Lines that only their writer can have written: a keyed hash, a running number, a JSON object.

Used from a forked test process to the worker, and from the worker to Greenbar. Candidate code runs
in the test process and can write to every file that the process has open; without the key, what it
writes there is not taken for a message. Standard library only.
"""

import hashlib
import json
import os

HASH_BYTES = 16


def make_sender(fd, key, only_here=True):
    """A function that writes a dict to ``fd`` as one signed line.

    Everything it uses is bound now, before any candidate code is loaded, so that patching ``os``
    or ``json`` later does not reach it. With ``only_here`` a forked child that calls it ends at
    once: a child must not speak for its parent.
    """
    keyed = hashlib.blake2b(key=key, digest_size=HASH_BYTES)
    encode = json.JSONEncoder().encode
    write, leave, getpid = os.write, os._exit, os.getpid
    own = getpid()
    count = 0

    def send(message):
        nonlocal count
        if only_here and getpid() != own:
            leave(70)
        count += 1
        text = ("%d %s" % (count, encode(message))).encode("utf-8", "replace")
        mac = keyed.copy()
        mac.update(text)
        data = mac.hexdigest().encode() + b" " + text + b"\n"
        while data:
            data = data[write(fd, data) :]

    return send


class Receiver:
    """The other end of :func:`make_sender`."""

    def __init__(self, key):
        self._keyed = hashlib.blake2b(key=key, digest_size=HASH_BYTES)
        self._count = 0

    def read(self, line):
        """The message in a line; ``None`` where it was not written by the sender, in its order."""
        mac, _, text = line.partition(b" ")
        keyed = self._keyed.copy()
        keyed.update(text)
        if mac != keyed.hexdigest().encode():
            return None
        number, _, body = text.partition(b" ")
        if int(number) != self._count + 1:
            return None
        self._count += 1
        return json.loads(body)
