"""The process that judges: it never runs a line of a student's, and no student's process can reach into it.

One JSON object a line comes in, a notebook's cells with what is asked of it; one goes out, with a verdict for each
exercise. For each notebook a process of its own (``student.py``) runs the cells, shut in; its values come back as data.
A function stays there: the checker here calls it from afar, with its own random numbers, and compares here.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gan_lab import classroom
from gan_lab.classroom.kit import variants, wire

HERE = Path(__file__).parent
#: Their checkers need gradients through the answer, and those do not travel: they run beside the student's code.
BESIDE = ("7.4", "7.5")
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV", "LD_LIBRARY_PATH")  # of the environment


class Remote:
    """A student's function, which stays in the student's process."""

    def __init__(self, line: wire.Line, number: int, name: str) -> None:
        self.line, self.number, self.__name__ = line, number, name

    def __call__(self, *args: Any, **named: Any) -> Any:
        back: list[Callable[..., Any]] = []

        def keep(function: Callable[..., Any]) -> int:
            back.append(function)
            return len(back) - 1

        modules = [value for value in args if hasattr(value, "parameters")]
        if args and not named and len(args) < 16 and all(isinstance(value, float) for value in args):
            self.line.send_numbers((self.number, *args))
        elif modules:  # with their optimiser, so that it still holds their parameters there
            of = lambda p: None if p.grad is None else wire.encode(p.grad, keep)  # noqa: E731
            gradients = [[of(p) for p in module.parameters()] for module in modules]
            self.line.send({"call": self.number, "pickled": pickle.dumps(args).hex(), "gradients": gradients})
        else:
            sent = {name: wire.encode(value, keep) for name, value in named.items()}
            self.line.send({"call": self.number, "args": [wire.encode(v, keep) for v in args], "named": sent})
        said = self._said(back)
        if "numbers" in said:
            return said["numbers"][0]
        for module, state in zip(modules, said.get("modules", ()), strict=True):
            self._follow(module, state)
        return wire.decode(said.get("result"), self._other)

    def _said(self, back: list[Callable[..., Any]]) -> dict[str, Any]:
        """The answer to the call; on the way there, the functions that were handed over may be called back."""
        while True:
            said = self.line.receive()
            if not isinstance(said, dict):
                raise wire.Garbled("an answer that is none.")
            if "stays" in said:
                raise wire.Garbled(f"your function returns what cannot be handed over: {str(said['stays'])[:200]}")
            if "raised" in said:
                raise _Raised(str(said["raised"])[:60], str(said.get("words"))[:300])
            if "back" not in said:
                return said
            asked = back[int(said["back"])]
            result = asked(*(wire.decode(value, self._other) for value in said["args"]))
            self.line.send({"result": wire.encode(result, _keep_nothing)})

    def _follow(self, module: Any, state: Any) -> None:
        """Give a network the parameters, gradients and switches that it has in the student's process."""
        for parameter, (values, gradient, trained) in zip(module.parameters(), state, strict=True):
            parameter.data.copy_(wire.decode(values, self._other))
            parameter.requires_grad_(bool(trained))
            parameter.grad = None if gradient is None else wire.decode(gradient, self._other)

    def _other(self, number: int, name: str) -> Remote:
        return Remote(self.line, number, name)


def _keep_nothing(value: Any) -> int:
    raise wire.Stays(f"a function ({value!r}).")


class _Raised(Exception):
    """The student's function raised; the name and words of that error."""


def _named(error: _Raised) -> Exception:
    """The same error as the checker would have met, were the function here: its name is what the student reads."""
    kind, words = error.args
    return type(kind, (Exception,), {})(words)


# -- one notebook -----------------------------------------------------------------------------------------------------


def judge(job: dict[str, Any]) -> dict[str, Any]:
    """Verdicts on one notebook: {"verdicts": {number: {"state", "message", "sealed"}}, "note": str, "jail": {...}}."""
    ours, theirs = socket.socketpair()
    folder = Path(tempfile.mkdtemp(prefix="gan-lab-class-"))
    about = {key: job[key] for key in ("cells", "asked", "seconds", "memory_gb")}
    process = _start(folder, about | {"folder": str(folder), "line": theirs.fileno()}, theirs)
    theirs.close()
    line = wire.Line(ours)
    line.deadline = time.monotonic() + job["seconds"]
    out: dict[str, Any] = {"verdicts": {}, "note": "", "jail": {}}
    try:
        out["jail"] = {str(k): bool(v) for k, v in dict(line.receive()["jail"]).items()}
        said = line.receive()
        _judge_all(job, line, said, out)
    except TimeoutError:
        out["note"] = f"stopped after {job['seconds']:g} s: does a cell run for ever?"
    except (EOFError, OSError):
        out["note"] = f"its process ended early ({_how(process)})."
    except (wire.Garbled, KeyError, TypeError, ValueError, AttributeError, IndexError):
        out["note"] = "its process handed over something that is no answer."
    finally:
        ours.close()
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)
    return out


def _start(folder: Path, job: dict[str, Any], line: socket.socket) -> subprocess.Popen[bytes]:
    package = str(HERE.parents[2])
    paths = [package, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {"PYTHONPATH": os.pathsep.join(paths), "HOME": str(folder), "TMPDIR": str(folder), "MPLBACKEND": "Agg"}
    env |= {"MPLCONFIGDIR": str(folder), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    job_file = folder / "job.json"
    job_file.write_text(json.dumps(job), encoding="utf8")
    with job_file.open("rb") as stdin:
        return subprocess.Popen(
            [sys.executable, "-P", str(HERE / "student.py")], stdin=stdin, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=folder, env=env, pass_fds=(line.fileno(),), start_new_session=True,
        )  # fmt: skip


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, 9)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def _how(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(2)
    except subprocess.TimeoutExpired:
        return "it no longer answers"
    if code in (-9, 137, -24, 152):
        return "stopped by the system: out of time or memory"
    return f"exit code {code}"


def _judge_all(job: dict[str, Any], line: wire.Line, said: Any, out: dict[str, Any]) -> None:
    errors = {str(k): str(v)[:300] for k, v in said["errors"].items()}
    if "" in errors:
        out["note"] = f"a cell raised {errors['']}"
    for number in job["asked"]:
        why = errors.get(number, "nothing was handed in.")
        out["verdicts"][number] = {"state": "none", "message": why, "sealed": True}
    for number in job["asked"]:
        if number in said["handed"]:
            out["verdicts"][number] = _one(job, line, number, said["handed"][number])


def _one(job: dict[str, Any], line: wire.Line, number: str, handed: Any) -> dict[str, Any]:
    if handed.get("open"):  # the cell is as it was given out
        return {"state": "none", "message": classroom.unanswered().message, "sealed": True}
    if number in BESIDE:
        line.send({"check": number})
        passed, message = line.receive()["verdict"]
        return _row(bool(passed), str(message)[:500], sealed=False)
    if "stays" in handed:
        return _row(False, f"the answer could not be handed over: {str(handed['stays'])[:200]}")
    try:
        values = [wire.decode(value, lambda n, name: Remote(line, n, name)) for value in handed["values"]]
        seed = job["seeds"].get(number)
        verdict = _checked(number, values, seed)
    except wire.Garbled as error:
        return _row(False, f"the answer could not be read: {error}")
    if verdict.open:
        return {"state": "none", "message": verdict.message, "sealed": True}
    return _row(verdict.passed, verdict.message)


def _checked(number: str, values: list[Any], seed: int | None) -> classroom.Verdict:
    """The library's own verdict. What ends the conversation is no verdict and goes through."""
    ended: list[BaseException] = []

    def watched(function: Remote) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            try:
                return function(*args, **named)
            except _Raised as error:
                raise _named(error) from None
            except BaseException as error:
                ended.append(error)
                raise

        call.__name__ = function.__name__
        return call

    given = [watched(value) if isinstance(value, Remote) else value for value in values]
    verdict = variants.check(number, *given, seed=seed)
    if ended:
        raise ended[0]
    return verdict


def _row(passed: bool, message: str, sealed: bool = True) -> dict[str, Any]:
    return {"state": "right" if passed else "wrong", "message": message, "sealed": sealed}


def main() -> None:
    """Jobs from standard input, verdicts to what was standard output; what a checker prints goes nowhere."""
    out = os.fdopen(os.dup(1), "w", encoding="utf8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    for text in sys.stdin:
        out.write(json.dumps(judge(json.loads(text))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
