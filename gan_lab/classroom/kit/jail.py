"""What a student's process may do: set by the process itself before it runs the first line of theirs.

On Linux, where the kernel allows it, the process is and stays the only one of its notebook, and has so much memory and
disk space, no more; it opens no connection of any kind, to a network or to a program of this machine; it sees and can
signal no other process; and it may change only its own folder and read only Python, its packages, gan_lab and the
system's libraries. Three walls do that: namespaces, Landlock, and a filter of system calls (seccomp). What does not
hold is said (:func:`enter` returns it), not passed over. Time is limited twice: that of computing by :func:`give_time`,
which a student's code could undo, and by the clock of the judge, which it could not.

Run by path, without gan_lab: only the standard library.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

NEW_USER, NEW_PID, NEW_NET, NEW_IPC, NEW_MOUNTS = 0x10000000, 0x20000000, 0x40000000, 0x08000000, 0x00020000
DIE_WITH_PARENT, NO_NEW_RIGHTS, FILTER_CALLS = 1, 38, 22  # of prctl
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_ENTER = 444, 445, 446  # the same numbers on every architecture
READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read file, read folder
MOST_FILES, MOST_BYTES = 256, 200 * 2**20  # open files; of all that is written into its folder
#: Of the system what Python and its packages read. Not all of /proc (other processes), /dev (disks), /etc (keys).
SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/opt", "/nix", "/sys/devices/system", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", "/dev/urandom", "/dev/random", "/etc/ld.so.cache", "/etc/localtime",
    "/etc/alternatives", "/etc/fonts", "/etc/mime.types", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf",
    "/etc/os-release",
)  # fmt: skip

#: For each machine: its name in the filter, the calls whose arguments are looked at, and those that are refused.
MACHINES: dict[str, tuple[int, dict[str, int], tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E, {"clone": 56, "socketpair": 53, "mmap": 9},
        (41, 42, 57, 58,  # socket, connect, fork, vfork
         29, 319,  # shmget, memfd_create: memory that no limit counts
         76, 90, 91, 92, 93, 94, 260, 268, 132, 235, 261, 280,  # truncate, ch(mod|own) and utime of any file
         188, 189, 190, 197, 198, 199,  # (set|remove)xattr
         272, 308, 248, 249, 250),  # unshare, setns, the keys of the user
    ),
    "aarch64": (
        0xC00000B7, {"clone": 220, "socketpair": 199, "mmap": 222},
        (198, 203, 194, 279, 45, 52, 53, 54, 55, 88, 5, 6, 7, 14, 15, 16, 97, 268, 217, 218, 219),
    ),
}  # fmt: skip
#: the same on every machine: io_uring_setup (it would connect past the filter), memfd_secret, fchmodat2, setxattrat,
#: removexattrat, file_setattr
REFUSED = (425, 447, 452, 463, 466, 469)
CLONE3, THREAD, SHARED_MEMORY = 435, 0x10000, 0x21


def enter(folder: Path, seconds: float, memory_gb: float, readable: Sequence[str] = ()) -> dict[str, bool]:
    """Shut this process in; says which of ``limits``, ``network``, ``processes`` and ``files`` hold now.

    It may change what is in ``folder``, and read what is in the folders ``readable`` beside Python and the system.
    After ``seconds`` of computing it is ended.
    """
    limited = _limit(seconds, memory_gb)
    if not sys.platform.startswith("linux"):
        return dict.fromkeys(("limits", "network", "processes", "files"), False)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    user, group = os.getuid(), os.getgid()
    alone = libc.unshare(NEW_USER | NEW_NET | NEW_PID | NEW_IPC | NEW_MOUNTS) == 0
    small = False
    if alone:
        with suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        size = f"size={MOST_BYTES},nr_inodes=10000,mode=700".encode()
        small = libc.mount(b"own", os.fsencode(folder), b"tmpfs", ctypes.c_ulong(0), size) == 0
        os.chdir(folder)
        _begin_again(libc)
        _begin_again(libc)  # the first of its process numbers would ignore the signal that its time is up
    fenced = libc.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0) == 0 and _fence(libc, folder, readable)
    _drop_capabilities(libc)
    filtered = _filter(libc)
    return {
        "limits": limited and filtered and small,  # of one process: the filter keeps it the only one
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
    wanted = {"RLIMIT_CPU": int(seconds) + 1, "RLIMIT_DATA": memory, "RLIMIT_AS": memory + 16 * 2**30, "RLIMIT_CORE": 0,
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


def give_time(seconds: float) -> None:
    """From now on so many more seconds of computing: after them the process is ended, SIGXCPU."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        until = int(time.process_time() + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (until if hard == resource.RLIM_INFINITY else min(until, hard), hard))


def _begin_again(libc: ctypes.CDLL) -> None:
    """The first process of the new numbers goes on; this one only waits for it, and ends as it does."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)
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
    arch, watched, never = MACHINES[machine]
    load, equal, at_least, any_bit, mask, give = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06  # the machine's operations
    call_at, machine_at, first_at, second_at, fourth_at = 0, 4, 16, 24, 40  # the call, the architecture, arguments
    allow, refuse = (give, 0, 0, 0x7FFF0000), (give, 0, 0, 0x00050000 | errno.EPERM)
    absent = (give, 0, 0, 0x00050000 | errno.ENOSYS)

    def of(call: int, *steps: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
        return [(equal, 0, len(steps), call), *steps]

    program = [(load, 0, 0, machine_at), (equal, 1, 0, arch), refuse, (load, 0, 0, call_at)]
    program += [(at_least, 0, 1, 0x40000000), refuse]  # x32, a second way to every call
    program += of(CLONE3, absent)
    program += [step for call in (*never, *REFUSED) for step in of(call, refuse)]
    program += of(watched["clone"], (load, 0, 0, first_at), (any_bit, 1, 0, THREAD), refuse, allow)
    # a pair of streams stays a pair; one of datagrams could send to any path
    program += of(
        watched["socketpair"], (load, 0, 0, first_at), (equal, 1, 0, 1), refuse,
        (load, 0, 0, second_at), (mask, 0, 0, 0xF), (equal, 2, 0, 1), (equal, 1, 0, 5), refuse, allow,
    )  # fmt: skip
    program += of(
        watched["mmap"], (load, 0, 0, fourth_at), (mask, 0, 0, 0x2F), (equal, 0, 1, SHARED_MEMORY), refuse, allow
    )
    steps = b"".join(struct.pack("<HBBI", *step) for step in [*program, allow])
    kept = ctypes.create_string_buffer(steps, len(steps))
    about = ctypes.create_string_buffer(struct.pack("<H6xQ", len(program) + 1, ctypes.addressof(kept)), 16)
    return bool(libc.prctl(FILTER_CALLS, 2, about, 0, 0) == 0)
