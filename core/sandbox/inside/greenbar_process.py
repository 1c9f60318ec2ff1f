"""Ending processes for good: groups, orphans, descendants. Linux; standard library only."""

import ctypes
import os
import signal
import time

PROCESS_CLOCK = 2
"""CPUCLOCK_SCHED, as clock_getcpuclockid(3) puts it into the number of a process's clock."""
PR_SET_CHILD_SUBREAPER = 36
MEMORY_EVENTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def adopt_orphans():
    """Make orphans of a test (double forks, setsid) children of this process, so that they can be
    found and killed after the run. Linux only; elsewhere the sandbox's own end does it."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError):
        pass


def has_exited(pid):
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def processor_seconds(pid):
    """What a process has used of the processor, all its threads together; 0.0 where the system does not
    tell. The clock is that of clock_getcpuclockid(3), which Python does not offer."""
    try:
        return time.clock_gettime(~pid << 3 | PROCESS_CLOCK)
    except OSError:
        return 0.0


def kill_group(pid, closed):
    """SIGKILL the child's process group; a moment of grace where it has closed its pipe by itself,
    so that its own exit status is seen and not ours. Returns whether it had ended by itself."""
    moment = time.monotonic() + (0.2 if closed else 0.0)
    pause = 0.0002
    while time.monotonic() < moment and not has_exited(pid):
        time.sleep(pause)
        pause = min(2 * pause, 0.005)
    ended = has_exited(pid)
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
    return ended


def memory_kills():
    """How often the kernel has killed here for want of memory, as the control group counts it (version
    2, then 1); ``None`` where there is none of our own to ask."""
    for path in MEMORY_EVENTS:
        try:
            with open(path, "rb") as events:
                counts = dict(line.split() for line in events)
            return int(counts[b"oom_kill"])
        except (OSError, KeyError, ValueError):
            continue
    return None


def reap(pid):
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0


def kill_descendants():
    """Kill and reap everything that descends from this process (see PR_SET_CHILD_SUBREAPER).

    Returns whether nothing is left; what forks faster than it is found only ends with the sandbox.
    """
    for _ in range(50):
        if not has_children():
            return True
        for pid in descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        time.sleep(0.01)
    return False


def has_children():
    """Orphans come to us, so without a child there is no descendant either."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def descendants():
    parents = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as stat:
                    parents[int(name)] = int(stat.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
    found, frontier = [], {os.getpid()}
    while frontier:
        frontier = {pid for pid, parent in parents.items() if parent in frontier}
        found.extend(frontier)
    return found
