"""Puts the worker out of the reach of the tests that it forks: its memory, its streams, its life.

Tests run as the same user as the worker, and by the kernel's usual rules could write to its memory
(``/proc/PID/mem``, ``process_vm_writev``, ``ptrace``), open its streams (``/proc/PID/fd``) and kill
it. Linux only, elsewhere nothing happens; standard library only.
"""

import ctypes
import errno
import os
import struct

PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_GET_NO_NEW_PRIVS = 39
SECCOMP_MODE_FILTER = 2

X86_64, I386, AARCH64, ARM = 0xC000003E, 0x40000003, 0xC00000B7, 0x40000028
"""linux/audit.h"""
BY_PID = {
    X86_64: (62, 200, 234, 129, 297, 302),
    I386: (37, 238, 270, 178, 335, 340),
    AARCH64: (129, 130, 131, 138, 240, 261),
    ARM: (37, 238, 268, 178, 363, 369),
}
"""kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, prlimit64: the first argument says whom."""
PIDFD_SEND_SIGNAL = 424
FAMILIES = {"x86_64": (X86_64, I386), "aarch64": (AARCH64, ARM)}
"""What programs a machine can run. Another architecture's system calls do not exist here."""
X32_BIT = 0x40000000
"""A third way to call the kernel on x86-64, used by nobody; its numbers begin here."""

# Classic BPF (linux/bpf_common.h) over struct seccomp_data (linux/seccomp.h).
LOAD, JUMP_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
MOST_SPARED = 24
"""Jumps go 255 instructions far."""


def hide():
    """Make this process undumpable: its memory and its streams are nobody's but its own."""
    _prctl(PR_SET_DUMPABLE, 0)


def come_out():
    """In a fork: be an ordinary process again, which debuggers and profilers may look at."""
    _prctl(PR_SET_DUMPABLE, 1)


def spare(pids):
    """From now on this process and its children cannot signal ``pids``, nor everybody at once.

    Only where the process can gain no rights any more, which the kernel asks for, and every sandbox
    but the host's sees to. ``pidfd_send_signal`` does not exist then: programs fall back to ``kill``.
    """
    architectures = FAMILIES.get(os.uname().machine)
    if architectures is None or _prctl(PR_GET_NO_NEW_PRIVS) != 1:
        return
    code = bpf(architectures, pids[:MOST_SPARED])
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    held = ctypes.create_string_buffer(program, len(program))
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(held))


def bpf(architectures, pids):
    """The filter: what would reach ``pids`` is refused, everything else allowed."""
    refused = [0xFFFFFFFF]  # kill(-1)
    for pid in pids:
        refused += [pid, -pid & 0xFFFFFFFF]  # and its process group
    judge = [(LOAD, 0, 0, FIRST_ARGUMENT_AT)]
    for value in refused:
        judge += [(JUMP_EQUAL, 0, 1, value), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    judge.append((RETURN, 0, 0, ALLOW))
    program = [(LOAD, 0, 0, ARCHITECTURE_AT)]
    for architecture in architectures:
        block = [(LOAD, 0, 0, NUMBER_AT)]
        block += [(JUMP_EQUAL, 0, 1, PIDFD_SEND_SIGNAL), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
        if architecture == X86_64:
            block += [(JUMP_SET, 0, 1, X32_BIT), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
        calls = BY_PID[architecture]
        for place, call in enumerate(calls):
            block.append((JUMP_EQUAL, len(calls) - place, 0, call))  # over the rest, to ``judge``
        block += [(RETURN, 0, 0, ALLOW), *judge]
        program += [(JUMP_EQUAL, 0, len(block), architecture), *block]
    program.append((RETURN, 0, 0, REFUSE | errno.ENOSYS))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


def ancestors():
    """The processes above this one that it can see, nearest first."""
    pid, found = os.getpid(), []
    while True:
        try:
            with open("/proc/%d/stat" % pid, "rb") as stat:
                pid = int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return found
        if pid <= 0:
            return found
        found.append(pid)


def _prctl(option, *arguments):
    full = [ctypes.c_ulong(value) for value in arguments + (0,) * (4 - len(arguments))]
    try:
        return ctypes.CDLL(None).prctl(option, *full)
    except (OSError, AttributeError):
        return -1
