"""What a student's process may do: set by the process itself before it runs the first line of theirs.

Limits of time, memory and file size hold on every POSIX system, for each process. On Linux, where the kernel allows it,
the process also is and stays the only one of its notebook, so that these limits are the notebook's; it opens no
connection of any kind, to a network or to a program of this machine; it sees and can signal no other process; and it
may change only its own folder and read only Python, its packages, gan_lab and the system's libraries. Three walls do
that: namespaces, Landlock, and a filter of system calls (seccomp). What could not be set is said (:func:`enter` returns
it), not passed over.

Run by path, without gan_lab: only the standard library.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

NEW_USER, NEW_PID, NEW_NET, NEW_IPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
DIE_WITH_PARENT, NO_NEW_RIGHTS, FILTER_CALLS = 1, 38, 22  # of prctl
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_ENTER = 444, 445, 446  # the same numbers on every architecture
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read file, read folder
MOST_FILES, MOST_BYTES = 256, 200 * 2**20  # open files; size of a file that is written
#: Of the system what Python and its packages read. Not all of /proc (other processes), /dev (disks), /etc (keys).
SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/nix", "/sys/devices/system", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", "/dev/urandom", "/dev/random", "/dev/zero", "/etc/ld.so.cache", "/etc/localtime",
    "/etc/alternatives", "/etc/fonts", "/etc/mime.types", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf",
    "/etc/os-release",
)  # fmt: skip

#: For each machine: its name in the filter, and the numbers of the calls that are looked at or refused.
MACHINES: dict[str, tuple[int, dict[str, int], tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E, {"clone": 56, "socketpair": 53},
        (41, 42, 57, 58,  # socket, connect, fork, vfork
         76, 90, 91, 92, 93, 94, 260, 268, 132, 235, 261, 280,  # truncate, ch(mod|own) and utime of any file
         188, 189, 190, 197, 198, 199,  # (set|remove)xattr
         272, 308, 248, 249, 250),  # unshare, setns, the keys of the user
    ),
    "aarch64": (
        0xC00000B7, {"clone": 220, "socketpair": 199},
        (198, 203, 45, 52, 53, 54, 55, 88, 5, 6, 7, 14, 15, 16, 97, 268, 217, 218, 219),
    ),
}  # fmt: skip
#: the same on every machine: io_uring_setup (it would connect past the filter), fchmodat2, setxattrat, removexattrat,
#: file_setattr
REFUSED = (425, 452, 463, 466, 469)
CLONE3, THREAD = 435, 0x10000


def enter(folder: Path, seconds: float, memory_gb: float, readable: Sequence[str] = ()) -> dict[str, bool]:
    """Shut this process in; says which of ``limits``, ``network``, ``processes`` and ``files`` hold now.

    It may change what is in ``folder``, and read what is in the folders ``readable`` beside Python and the system.
    """
    limited = _limit(seconds, memory_gb)
    if not sys.platform.startswith("linux"):
        return dict.fromkeys(("limits", "network", "processes", "files"), False)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    user, group = os.getuid(), os.getgid()
    alone = libc.unshare(NEW_USER | NEW_NET | NEW_PID | NEW_IPC) == 0
    if alone:
        with suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        _begin_again(libc)
    fenced = libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0) == 0 and _fence(libc, folder, readable)
    _drop_capabilities(libc)
    filtered = _filter(libc)
    return {
        "limits": limited and filtered,  # they are a process's: the filter keeps it the only one
        "network": filtered,  # a namespace keeps no path from being connected to, nor does Landlock
        "processes": alone and fenced,  # /proc is still the outer one
        "files": fenced and filtered,  # Landlock does not look at chmod and its like
    }


def _limit(seconds: float, memory_gb: float) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    memory = int(memory_gb * 2**30)
    wanted = {"RLIMIT_CPU": int(seconds) + 2, "RLIMIT_DATA": memory, "RLIMIT_AS": memory + 16 * 2**30, "RLIMIT_CORE": 0,
              "RLIMIT_FSIZE": MOST_BYTES, "RLIMIT_NOFILE": MOST_FILES}  # fmt: skip
    held = True
    for name, most in wanted.items():
        try:
            number = getattr(resource, name)
            _, hard = resource.getrlimit(number)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(number, (most, most))
        except (AttributeError, ValueError, OSError):
            held = False
    return held


def _begin_again(libc: ctypes.CDLL) -> None:
    """The first process of the new numbers goes on; this one only waits for it, and ends as it does."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _fence(libc: ctypes.CDLL, folder: Path, readable: Sequence[str]) -> bool:
    """Landlock: reading in Python's and the system's folders, everything in ``folder``, and nothing else."""
    abi = libc.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    if abi < 1:
        return False
    every = (1 << (13 if abi == 1 else 14 if abi == 2 else 15 if abi < 5 else 16)) - 1
    rules = ctypes.create_string_buffer(struct.pack("<Q", every), 8)
    if (fence := libc.syscall(LANDLOCK_CREATE, rules, ctypes.c_size_t(8), ctypes.c_uint(0))) < 0:
        return False
    # of the other places that Python searches only those of installed packages: a checkout holds more than code
    packages = [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    places = {*SYSTEM, sys.prefix, sys.base_prefix, sys.exec_prefix, *packages, *readable}
    for place, rights in [*((place, READ) for place in sorted(places)), (str(folder), every), ("/dev/null", 6)]:
        _allow(libc, fence, place, rights)
    shut = libc.syscall(LANDLOCK_ENTER, ctypes.c_int(fence), ctypes.c_uint(0)) == 0
    os.close(fence)
    return bool(shut)


def _allow(libc: ctypes.CDLL, fence: int, place: str, rights: int) -> None:
    if not os.path.exists(place):
        return
    if not os.path.isdir(place):
        rights &= 1 << 0 | 1 << 1 | 1 << 2  # of a file: execute, write, read
    handle = os.open(place, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
    rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, handle), 12)
    libc.syscall(LANDLOCK_ADD, ctypes.c_int(fence), ctypes.c_uint(1), rule, ctypes.c_uint(0))
    os.close(handle)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """What a process may do as the first of its user namespace; without new rights none comes back."""
    libc.capset(struct.pack("<Ii", 0x20080522, 0), bytes(24))


def _filter(libc: ctypes.CDLL) -> bool:
    """seccomp: no sockets but pairs, no second process, no change of a file's mode, owner, times or attributes.

    Threads stay. A call that is refused fails with EPERM; clone3, whose flags a filter cannot see, as if it were not
    there, so that the C library takes clone.
    """
    if (machine := os.uname().machine) not in MACHINES or sys.byteorder != "little" or sys.maxsize < 2**32:
        return False
    arch, watched, refused = MACHINES[machine]
    load, equal, at_least, any_bit, mask, give = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06  # the machine's operations
    allow, refuse, absent = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    number, machine_at, first, second = 0, 4, 16, 24  # where the call, the architecture and the arguments stand
    program = [(load, 0, 0, machine_at), (equal, 1, 0, arch), (give, 0, 0, refuse), (load, 0, 0, number)]
    program += [(at_least, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # x32, a second way to every call
    program += [(equal, 0, 1, CLONE3), (give, 0, 0, absent)]
    for call in (*refused, *REFUSED):
        program += [(equal, 0, 1, call), (give, 0, 0, refuse)]
    program += [(equal, 0, 4, watched["clone"]), (load, 0, 0, first), (any_bit, 0, 1, THREAD)]
    program += [(give, 0, 0, allow), (give, 0, 0, refuse)]
    # a pair of streams stays a pair; one of datagrams could send to any path
    program += [(equal, 1, 0, watched["socketpair"]), (give, 0, 0, allow), (load, 0, 0, first), (equal, 1, 0, 1)]
    program += [(give, 0, 0, refuse), (load, 0, 0, second), (mask, 0, 0, 0xF), (equal, 1, 0, 1), (equal, 0, 1, 5)]
    program += [(give, 0, 0, allow), (give, 0, 0, refuse)]
    steps = b"".join(struct.pack("<HBBI", *step) for step in program)
    kept = ctypes.create_string_buffer(steps, len(steps))
    about = ctypes.create_string_buffer(struct.pack("<H6xQ", len(program), ctypes.addressof(kept)), 16)
    return bool(libc.prctl(FILTER_CALLS, 2, about, 0, 0) == 0)
