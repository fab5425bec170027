"""Notebooks start from one warm process: kernels are forked off a server that has imported what every chapter imports.

    python book/_ext/warm.py COMMAND ...     run a command, such as pytest --nbmake, whose kernels start warm

Importing PyTorch, pandas and matplotlib takes a kernel several seconds of one core, and forty chapters minutes. Here it
is done once. A fork is as fresh as a new process: the server imports other people's packages and does nothing else (no
`gan_lab`, no tensor, no thread; nothing that looks for a notebook when imported, as plotly and ipywidgets do), and what
such an import draws by chance, numpy's seed, is drawn anew in each kernel.

How: :func:`warm_kernels` puts a kernel named `python3` before all others on `JUPYTER_PATH`. Jupyter starts it as ever;
it is a small process that hands its arguments, folder, environment and terminal to the server over a socket, waits for
the kernel that the server forks, passes signals on, and ends as it ended. Where one cannot fork, kernels start cold.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ADDRESS = "GAN_LAB_WARM_KERNELS"
PRELOADED = (
    "ipykernel.kernelapp", "torch", "torch.func", "numpy", "pandas", "matplotlib.pyplot", "scipy.stats",
    "scipy.optimize", "mlxtend.data", "PIL.Image",
)  # fmt: skip
INLINE = "module://matplotlib_inline.backend_inline"  # as ipykernel sets it before a cell can import matplotlib


@contextlib.contextmanager
def warm_kernels(preloaded: Sequence[str] = PRELOADED) -> Iterator[None]:
    """While this lasts, every `python3` kernel that this process or one of its children starts is forked warm."""
    if not hasattr(os, "fork"):
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        address = f"{folder}/warm"
        spec = Path(folder) / "kernels" / "python3"
        spec.mkdir(parents=True)
        argv = [sys.executable, "-S", "-E", __file__, "--kernel", "-f", "{connection_file}"]
        words = {"argv": argv, "display_name": "Python 3", "language": "python", "metadata": {"debugger": True}}
        (spec / "kernel.json").write_text(json.dumps(words))
        server = subprocess.Popen([sys.executable, __file__, "--server", address, *preloaded], stdout=subprocess.PIPE)
        before = {name: os.environ.get(name) for name in (ADDRESS, "JUPYTER_PATH")}
        os.environ[ADDRESS] = address
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [folder, before["JUPYTER_PATH"]]))
        try:
            assert server.stdout is not None
            if not server.stdout.readline():
                sys.exit("The process that kernels start from ended: its message is above.")
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
            server.kill()
            server.wait()


# -- the server -------------------------------------------------------------------------------------------------------


def serve(address: str, preloaded: Sequence[str]) -> None:
    """Import what chapters import, say so, and fork a kernel for whoever connects, until killed."""
    os.environ["MPLBACKEND"] = INLINE  # matplotlib reads it once
    for name in preloaded:
        with contextlib.suppress(ImportError):  # the chapter that needs it says so better
            importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(64)
        os.write(1, b"warm\n")
        os.dup2(2, 1)
        while True:
            client, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _watch(client)
            client.close()
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _watch(client: socket.socket) -> None:
    """Fork the kernel, say its process id and, when it has ended, how; end it where the client goes away."""
    words, files, _, _ = socket.recv_fds(client, 1 << 20, 3)
    while not words.endswith(b"\n"):
        if not (more := client.recv(1 << 20)):
            os._exit(0)  # it went away before it had said what it wants
        words += more
    kernel = os.fork()
    if kernel == 0:
        client.close()
        _become(json.loads(words), list(files))
    client.sendall(b"%d\n" % kernel)
    ended = 0
    while not ended:
        if select.select([client], [], [], 0.1)[0]:  # it went away: a kernel that is killed ends, if not at once
            os.kill(kernel, signal.SIGKILL)
            ended, status = os.waitpid(kernel, 0)
        else:
            ended, status = os.waitpid(kernel, os.WNOHANG)
    with contextlib.suppress(OSError):
        client.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _become(asked: dict[str, Any], files: list[int]) -> None:
    """Be the kernel that was asked for: its terminal, folder, environment and arguments; then ipykernel's own start."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update({"MPLBACKEND": INLINE, **asked["env"]})
    if sys.path[0] == str(Path(__file__).parent):  # Python puts a script's folder first
        del sys.path[0]
    sys.argv = ["ipykernel_launcher.py", *asked["argv"]]
    random.seed()
    importlib.import_module("numpy").random.seed()
    code = 0
    try:
        # it ends when its parent does: the watcher, not the process that Jupyter named in its environment
        importlib.import_module("ipykernel.kernelapp").launch_new_instance(parent_handle=os.getppid())
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:
        code = 1
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


# -- the process that Jupyter starts ----------------------------------------------------------------------------------


def stand_in(arguments: list[str]) -> int:
    """Ask the server for a kernel and stand for it: signals go to it, its end is this one's, and this one's is its."""
    # held back until there is someone to pass them on to
    passed, parent = {signal.SIGINT, signal.SIGTERM}, os.getppid()
    signal.pthread_sigmask(signal.SIG_BLOCK, passed)
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(os.environ[ADDRESS])
        words = json.dumps({"argv": arguments, "cwd": os.getcwd(), "env": dict(os.environ)}).encode() + b"\n"
        server.sendall(words[socket.send_fds(server, [words], [0, 1, 2]) :])
        kernel = int(_line(server))
        for number in passed:
            signal.signal(number, lambda number, _: os.kill(kernel, number))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, passed)
        while not select.select([server], [], [], 1.0)[0]:
            if os.getppid() != parent:  # the notebook's reader is gone
                return 1
        code = int(_line(server) or 1)
    return code if code >= 0 else 128 - code


def _line(server: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and (more := server.recv(1)):
        line += more
    return line


def main() -> int:
    """The command line: see above; `--server` and `--kernel` are what it starts itself as."""
    match sys.argv[1:]:
        case ["--server", address, *preloaded]:
            serve(address, preloaded)
        case ["--kernel", *arguments]:
            return stand_in(arguments)
        case [_, *_]:
            with warm_kernels():
                return subprocess.call(sys.argv[1:])
    sys.exit("usage: python book/_ext/warm.py COMMAND ...")


if __name__ == "__main__":
    sys.exit(main())
