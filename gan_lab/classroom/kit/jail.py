"""What a student's process may do: set by the process itself before it runs the first line of theirs.

Limits of time, memory and file size hold on every POSIX system. On Linux, where the kernel allows it, the process also
gets a network of its own (with nothing in it), process numbers of its own (it sees no other process, and all it
started end with it), and may write only into its own folder and read only Python, its packages and the system
(Landlock). What could not be set is said (:func:`enter` returns it), not passed over.

Run by path, without gan_lab: only the standard library.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from contextlib import suppress
from pathlib import Path

NEW_USER, NEW_PID, NEW_NET, NEW_IPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
DIE_WITH_PARENT, NO_NEW_RIGHTS = 1, 38  # of prctl
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_ENTER = 444, 445, 446  # the same numbers on every architecture
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read file, read folder
MOST_FILES, MOST_BYTES = 256, 200 * 2**20  # open files; size of a file that is written


def enter(folder: Path, seconds: float, memory_gb: float) -> dict[str, bool]:
    """Shut this process in; says which of ``limits``, ``network``, ``processes`` and ``files`` hold now."""
    held = {"limits": _limit(seconds, memory_gb), "network": False, "processes": False, "files": False}
    if not sys.platform.startswith("linux"):
        return held
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(NEW_USER | NEW_NET | NEW_PID | NEW_IPC) == 0:
        held["network"] = held["processes"] = True
        with suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        _begin_again(libc)
    held["files"] = _fence(libc, folder)
    return held


def _limit(seconds: float, memory_gb: float) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    memory = int(memory_gb * 2**30)
    wanted = {"RLIMIT_CPU": int(seconds) + 2, "RLIMIT_DATA": memory, "RLIMIT_AS": memory + 16 * 2**30, "RLIMIT_CORE": 0,
              "RLIMIT_FSIZE": MOST_BYTES, "RLIMIT_NOFILE": MOST_FILES}  # fmt: skip
    for name, most in wanted.items():
        with suppress(ValueError, OSError):
            number = getattr(resource, name)
            _, hard = resource.getrlimit(number)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(number, (most, most))
    return True


def _begin_again(libc: ctypes.CDLL) -> None:
    """The first process of the new numbers goes on; this one only waits for it, and ends as it does."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _fence(libc: ctypes.CDLL, folder: Path) -> bool:
    """Landlock: reading in Python's and the system's folders, everything in ``folder``, and nothing else."""
    abi = libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    if abi < 1:
        return False
    every = (1 << (13 if abi == 1 else 14 if abi == 2 else 15 if abi < 5 else 16)) - 1
    rules = ctypes.create_string_buffer(struct.pack("<Q", every), 8)
    if (fence := libc.syscall(LANDLOCK_CREATE, rules, ctypes.c_size_t(8), ctypes.c_uint(0))) < 0:
        return False
    system = ["/usr", "/lib", "/lib64", "/bin", "/etc", "/opt", "/proc", "/sys", "/dev", "/nix", "/System"]
    readable = {*system, sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)}
    for place, rights in [*((place, READ) for place in sorted(readable)), (str(folder), every), ("/dev/null", 6)]:
        _allow(libc, fence, place, rights)
    shut = libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0) == 0
    shut = shut and libc.syscall(LANDLOCK_ENTER, ctypes.c_int(fence), ctypes.c_uint(0)) == 0
    os.close(fence)
    return shut


def _allow(libc: ctypes.CDLL, fence: int, place: str, rights: int) -> None:
    if not os.path.exists(place):
        return
    if not os.path.isdir(place):
        rights &= 1 << 0 | 1 << 1 | 1 << 2  # of a file: execute, write, read
    handle = os.open(place, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, handle), 12)
    libc.syscall(LANDLOCK_ADD, ctypes.c_int(fence), ctypes.c_uint(1), rule, ctypes.c_uint(0))
    os.close(handle)
