"""The walls around a student's process, tried from inside: what a wall should stop does not get through."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gan_lab.classroom.kit import jail

#: What the process tries once it is shut in: a name, and an expression that must raise.
INSIDE = """
import ctypes, json, mmap, os, socket, sys, threading
sys.path.insert(0, {kit!r})
import jail
held = jail.enter(__import__("pathlib").Path({folder!r}), 60, 1, [{shared!r}])
out = {{"held": held, "raised": {{}}}}
def tries(name, work):
    try:
        work()
        out["raised"][name] = ""
    except BaseException as error:
        out["raised"][name] = type(error).__name__
def stream(at):
    socket.socket(socket.AF_UNIX).connect(at)
def datagram(at):
    socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", at)
def forks():
    if os.fork() == 0:
        os._exit(0)
def overwrites():
    with open({shared!r} + "/file", "w"):
        pass
def fills():
    for i in range(4):
        with open({folder!r} + f"/{{i}}", "wb") as file:
            file.write(bytes(60 * 2**20))
def empties():
    for i in range(4):
        os.path.exists({folder!r} + f"/{{i}}") and os.remove({folder!r} + f"/{{i}}")
def segment():
    if ctypes.CDLL(None, use_errno=True).shmget(0, ctypes.c_size_t(2**20), 0o1600) < 0:
        raise OSError
class Child(__import__("subprocess").Popen): pass
tries("stream", lambda: stream({stream!r}))
tries("datagram", lambda: datagram({datagram!r}))
tries("internet", lambda: socket.create_connection(("127.0.0.1", {port}), 1))
tries("fork", forks)
tries("spawn", lambda: Child(["true"]))
tries("memory", lambda: bytearray(2**30))
tries("shared memory", lambda: mmap.mmap(-1, 2**20))
tries("file in memory", lambda: os.memfd_create("a"))
tries("segment of memory", segment)
tries("disk", fills)
empties()
tries("processes", lambda: os.listdir("/proc"))
tries("signal", lambda: os.kill({outside}, 0))
tries("reads", lambda: open({secret!r}).read())
tries("lists", lambda: os.listdir(os.path.dirname({secret!r})))
tries("keys", lambda: open("/etc/hosts").read())
tries("memory of others", lambda: os.listdir("/dev/shm"))
tries("overwrites", overwrites)
tries("chmod", lambda: os.chmod({secret!r}, 0o777))
tries("utime", lambda: os.utime({secret!r}))
tries("truncate", lambda: os.truncate({secret!r}, 0))
# and what must stay possible
def works():
    one, other = socket.socketpair()
    one.sendall(b"a")
    assert other.recv(1) == b"a" and open({shared!r} + "/file").read() == "shared"
    thread = threading.Thread(target=lambda: open({folder!r} + "/own", "w").write("b"))
    thread.start()
    thread.join()
    assert open({folder!r} + "/own").read() == "b" and os.stat("/proc/self") and os.cpu_count()
tries("works", works)
print(json.dumps(out))
"""
WALLS = {
    "network": ("stream", "datagram", "internet"),
    "limits": ("fork", "spawn", "memory", "shared memory", "file in memory", "segment of memory", "disk"),
    "processes": ("processes", "signal"),
    "files": ("reads", "lists", "keys", "memory of others", "overwrites", "chmod", "utime", "truncate"),
}


@pytest.mark.skipif(os.name != "posix", reason="grading needs POSIX")
def test_nothing_gets_through_a_wall_that_is_said_to_hold(tmp_path):
    for name in ("own", "shared", "others"):
        (tmp_path / name).mkdir()
    (tmp_path / "shared" / "file").write_text("shared")
    secret = tmp_path / "others" / "secret"
    secret.write_text("here")
    before = secret.stat()
    with socket.socket(socket.AF_UNIX) as stream, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram:
        stream.bind(str(tmp_path / "s"))
        stream.listen()
        datagram.bind(str(tmp_path / "d"))
        datagram.settimeout(0)
        with socket.create_server(("127.0.0.1", 0)) as server:
            code = INSIDE.format(
                kit=str(Path(jail.__file__).parent), folder=str(tmp_path / "own"), shared=str(tmp_path / "shared"),
                stream=str(tmp_path / "s"), datagram=str(tmp_path / "d"), port=server.getsockname()[1],
                outside=os.getpid(), secret=str(secret),
            )  # fmt: skip
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        out = json.loads(done.stdout)
        held, raised = out["held"], out["raised"]
        assert raised.pop("works") == "" and set(raised) == {name for names in WALLS.values() for name in names}
        assert not [name for wall, names in WALLS.items() if held[wall] for name in names if not raised[name]]
        if held["network"]:
            with pytest.raises(BlockingIOError):
                datagram.recv(1)
    if held["files"]:
        after = secret.stat()
        assert secret.read_text() == "here" and (after.st_mode, after.st_mtime) == (before.st_mode, before.st_mtime)


def test_a_limit_that_could_not_be_set_is_not_said_to_hold(monkeypatch):
    resource = pytest.importorskip("resource")

    def refuses(number, limits):
        if number == resource.RLIMIT_DATA:
            raise ValueError

    monkeypatch.setattr(resource, "setrlimit", refuses)
    assert not jail._limit(10, 1)
    monkeypatch.setattr(resource, "setrlimit", lambda number, limits: None)
    assert jail._limit(10, 1)
