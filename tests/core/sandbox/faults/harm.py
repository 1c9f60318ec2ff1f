"""Tests that do harm, as text: each is the body of a test function, with what must become of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.types import Outcome, RunEnd


@dataclass(frozen=True, slots=True)
class Harm:
    """``body`` runs with ``os``, ``signal``, ``sys``, ``time`` imported and ``NAME``, by which the
    processes that it leaves are known (see ``mark``)."""

    body: str
    outcomes: frozenset[Outcome]
    says: str = ""
    """Stands in the message of the result."""
    goes_on: bool = True
    """Whether the test after it in the same run still passes."""
    ends: frozenset[RunEnd] = frozenset({RunEnd.FINISHED})
    on_host: bool = True
    """Whether it may be tried where nothing is isolated."""
    may_cost_the_worker: bool = False
    """Whether a sandbox may end the run for it, with the worker."""

    @property
    def seconds(self) -> float:
        """Its time limit: short where it is meant to be reached."""
        return 1.0 if Outcome.TIMEOUT in self.outcomes else 20.0


PASSED = frozenset({Outcome.PASSED})
FAILED = frozenset({Outcome.FAILED})
CRASHED = frozenset({Outcome.CRASHED})
TIMEOUT = frozenset({Outcome.TIMEOUT})

HARMS: dict[str, Harm] = {
    "forks, detaches and stays": Harm(
        """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        mark()
        time.sleep(600)
    os._exit(0)
os.wait()
""",
        PASSED,
    ),
    "leaves a daemon that holds its channel": Harm(
        """
if os.fork() == 0:
    os.setsid()
    mark()
    time.sleep(600)
os._exit(0)
""",
        CRASHED,
        "the process ended in the middle of this test (exit status 0)",
    ),
    "ignores every signal and loops": Harm(
        """
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
mark()
while True:
    time.sleep(1)
""",
        TIMEOUT,
    ),
    "forks faster than it can be killed": Harm(
        """
mark()
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
""",
        TIMEOUT | CRASHED,
        on_host=False,
        ends=frozenset(RunEnd),
        goes_on=False,
        may_cost_the_worker=True,
    ),
    "opens ten thousand files": Harm(
        "files = [open('/dev/null') for _ in range(10_000)]\nassert len(files) == 10_000",
        FAILED | PASSED,
    ),
    "prints a hundred megabytes of binary": Harm(
        """
block = bytes(range(256)) * 4096
for _ in range(50):
    os.write(1, block)
    os.write(2, block)
assert False, "said"
""",
        FAILED,
        "said",
    ),
    "prints a hundred megabytes through Python": Harm(
        "for _ in range(100):\n    print('x' * 1_000_000)\nassert False, 'said'",
        FAILED,
        "said",
    ),
    "fills the memory": Harm(
        """
held = []
try:
    while True:
        held.append(bytearray(b"x" * (64 << 20)))
except MemoryError:
    held.clear()
    raise
""",
        CRASHED | FAILED,
        on_host=False,
    ),
    "deletes its own folder": Harm(
        """
import shutil
shutil.rmtree(os.getcwd(), ignore_errors=True)
assert not os.path.exists("m.py")
""",
        PASSED,
        ends=frozenset({RunEnd.FINISHED, RunEnd.CRASHED}),  # pytest returns to its folder in the end
    ),
    "goes elsewhere and stays there": Harm("os.chdir('/')", PASSED),
    "works in a folder that is gone": Harm(
        "os.mkdir('gone')\nos.chdir('gone')\nos.rmdir('../gone')\nassert False, 'said'", FAILED
    ),
    "takes all permissions away": Harm(
        """
os.makedirs("made/deep")
open("made/deep/file", "w").close()
for folder in ("made/deep", "made", "data", "."):
    os.chmod(folder, 0)
""",
        PASSED,
        ends=frozenset({RunEnd.FINISHED, RunEnd.CRASHED}),
    ),
    "makes folders deeper than any path may be": Harm(
        """
for _ in range(3000):
    os.mkdir("deeper")
    os.chdir("deeper")
os.chdir(WORK)
""",
        PASSED,
    ),
    "makes very many files": Harm(
        """
os.mkdir("many")
for number in range(10_000_000):
    open("many/%d" % number, "w").close()
""",
        TIMEOUT,
        on_host=False,
    ),
    "fills the disk": Harm(
        "with open('big', 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))",
        FAILED,
        "No space left",
        on_host=False,
    ),
    "closes its standard streams": Harm("os.closerange(0, 3)", PASSED),
    "closes everything": Harm("os.closerange(0, 4096)", CRASHED, "exit status 70"),
    "closes everything and loops": Harm(
        "os.closerange(0, 4096)\nwhile True:\n    time.sleep(1)",
        CRASHED,
        "closed what its results are told by",
    ),
    "writes to everything": Harm(
        """
for fd in range(64):
    try:
        os.write(fd, b'{"type": "done", "end": "finished"}\\n' * 3)
    except OSError:
        pass
""",
        PASSED,
    ),
    "kills itself": Harm("os.kill(os.getpid(), signal.SIGKILL)", CRASHED, "signal 9"),
    "kills its process group": Harm("os.killpg(0, signal.SIGKILL)", CRASHED, "signal 9"),
    "kills its parent": Harm(
        "os.kill(os.getppid(), signal.SIGKILL)", FAILED, "not permitted", on_host=False
    ),
    "kills its parent's thread": Harm(
        """
import ctypes
ctypes.CDLL(None).syscall(234, os.getppid(), os.getppid(), 9)
ctypes.CDLL(None).syscall(200, os.getppid(), 9)
""",
        PASSED,
        on_host=False,
    ),
    "kills its parent by a descriptor": Harm(
        "signal.pidfd_send_signal(os.open('/proc/%d' % os.getppid(), os.O_RDONLY), signal.SIGKILL)",
        FAILED,
        "not implemented",
        on_host=False,
    ),
    "stops its parent from a new process": Harm(
        """
import subprocess
code = "import os, signal; os.kill(%d, signal.SIGSTOP)" % os.getppid()
assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == 1
""",
        PASSED,
        on_host=False,
    ),
    "kills the sandbox's first process": Harm(
        "for number in (signal.SIGTERM, signal.SIGKILL):\n    os.kill(1, number)",
        FAILED,
        "not permitted",
        on_host=False,
    ),
    "kills everybody": Harm("os.kill(-1, signal.SIGKILL)", FAILED, "not permitted", on_host=False),
    "limits its parent's time": Harm(
        "import resource\nresource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))",
        FAILED,
        "not permitted",
        on_host=False,
    ),
    "stops itself": Harm("mark()\nos.kill(os.getpid(), signal.SIGSTOP)", TIMEOUT),
    "stops its brothers and sisters": Harm(
        """
child = os.fork()
if child == 0:
    mark()
    time.sleep(600)
os.kill(child, signal.SIGSTOP)
""",
        PASSED,
    ),
    "traces its parent": Harm(
        """
import ctypes
assert ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0) == -1
assert ctypes.get_errno() == 1
""",
        PASSED,
        on_host=False,  # root may do everything there
    ),
    "writes to its parent's memory": Harm(
        "open('/proc/%d/mem' % os.getppid(), 'r+b')", FAILED, "Permission denied", on_host=False
    ),
    "opens its parent's streams": Harm(
        "open('/proc/%d/fd/1' % os.getppid(), 'w')", FAILED, "Permission denied", on_host=False
    ),
    "makes itself more important": Harm("os.nice(-15)", FAILED, "not permitted", on_host=False),
    "raises its limits": Harm(
        """
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (1 << 30, 1 << 30))
""",
        FAILED,
        on_host=False,
    ),
    "calls home": Harm(
        """
import errno, socket
for address in (("1.1.1.1", 53), ("8.8.8.8", 443), ("172.17.0.1", 2375)):
    try:
        socket.create_connection(address, timeout=3)
    except OSError as error:
        assert error.errno == errno.ENETUNREACH, error
    else:
        raise AssertionError("connected")
try:
    socket.getaddrinfo("example.org", 80)
except socket.gaierror:
    pass
else:
    raise AssertionError("resolved")
""",
        PASSED,
        on_host=False,
    ),
    "looks for the host": Harm(
        """
import glob
places = ["/var/run/docker.sock", "/run/docker.sock", HERE, "/etc/hostid"]
found = [place for place in places if os.access(place, os.R_OK)]
assert found == [], found
assert [pid for pid in glob.glob("/proc/[0-9]*") if not os.path.exists(pid)] == []
assert len(glob.glob("/proc/[0-9]*")) < 20
""",
        PASSED,
        on_host=False,
    ),
    "writes to the kernel's settings": Harm(
        """
for name in ("sys/kernel/hostname", "sys/vm/swappiness", "sys/kernel/core_pattern", "sysrq-trigger"):
    try:
        open("/proc/" + name, "a").close()
    except OSError:
        continue
    raise AssertionError(name)
""",
        PASSED,
        on_host=False,
    ),
    "mounts and unshares": Harm(
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mount(b"none", b"/mnt", b"tmpfs", 0, None) == -1
assert libc.mount(None, b"/base", None, 4096 | 32, None) == -1
assert libc.umount2(b"/base", 2) == -1
assert libc.chroot(b"/tmp") == -1
libc.unshare(0x10000000 | 0x00020000)
assert libc.mount(None, b"/base", None, 4096 | 32, None) == -1
try:
    open("/base/written", "w")
except OSError:
    pass
else:
    raise AssertionError("written")
""",
        PASSED,
        on_host=False,
    ),
    "makes devices": Harm(
        "os.mknod('disk', 0o600 | 0o060000, os.makedev(254, 0))", FAILED, "not permitted", on_host=False
    ),
}
