"""The process in which a student's notebook runs: shut in, it hands over values, and its functions to be called.

Run by path (``python -P student.py JOB``) so that it begins without gan_lab. JOB is JSON: the code cells, the numbers
asked for, the limits, and the descriptor of the line to the judge. It judges nothing: what `classroom.check` of the
notebook says, prints or has been made to say is never looked at.
"""

from __future__ import annotations

import ast
import importlib
import io
import json
import os
import pickle
import socket
import sys
from pathlib import Path
from typing import Any

HAND_IN = "__hand_in__"


class Answers(ast.NodeTransformer):
    """`classroom.check("2.1", a, b)` becomes the handing in of a and b, by whatever name `check` is reached."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        if name == "check" and node.args and isinstance(number := node.args[0], ast.Constant):
            if isinstance(number.value, str):
                node.func = ast.copy_location(ast.Name(HAND_IN, ast.Load()), node.func)
        return node


class Notebook:
    """Runs the cells, one after the other, and keeps what was handed in."""

    def __init__(self, wire: Any, line: Any, untouched: Any) -> None:
        self.wire, self.line, self.untouched = wire, line, untouched
        self.functions: list[Any] = []
        self.handed: dict[str, tuple[Any, ...]] = {}
        self.at_home: set[str] = set()  # handed in from the cell that was made for it
        self.cell: dict[str, Any] = {}
        self.space: dict[str, Any] = {"__name__": "__main__", HAND_IN: self.hand_in}

    def hand_in(self, number: Any, *values: Any, **_named: Any) -> None:
        here = self.cell.get("exercise") == number
        if here or number not in self.at_home:
            self.handed[str(number)] = values
        if here:
            self.at_home.add(number)

    def run(self, cells: list[dict[str, Any]]) -> dict[str, str]:
        """The first error of each cell that an exercise belongs to, or of any other under ""."""
        errors: dict[str, str] = {}
        for self.cell in cells:
            self.space[HAND_IN] = self.hand_in
            try:
                tree = Answers().visit(ast.parse(python_of(self.cell["source"])))
                exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec"), self.space)
            except BaseException as error:  # SystemExit, KeyboardInterrupt: of this cell alone
                first = next(iter(str(error).splitlines()), "")[:160]
                errors.setdefault(self.cell.get("exercise") or "", f"{type(error).__name__}: {first}".rstrip(": "))
        return errors

    def keep(self, function: Any) -> int:
        self.functions.append(function)
        return len(self.functions) - 1

    def packed(self, values: tuple[Any, ...]) -> Any:
        if any(map(self.untouched, values)):  # a function of dots is one only as long as it is here
            return {"open": True}
        try:
            return {"values": [self.wire.encode(value, self.keep) for value in values]}
        except self.wire.Stays as why:
            return {"stays": str(why)}

    # -- being called ---------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Answer the judge until it hangs up."""
        while True:
            asked = self.line.receive()
            try:
                if "numbers" in asked:
                    number, *args = asked["numbers"]
                    result = self.functions[int(number)](*args)
                    if type(result) is float:
                        self.line.send_numbers((result,))
                        continue
                    answer = {"result": self.wire.encode(result, self.keep)}
                elif "check" in asked:
                    answer = self._checked_here(asked["check"])
                else:
                    answer = self._called(asked)
            except self.wire.Stays as why:
                answer = {"stays": str(why)}
            except BaseException as error:
                first = next(iter(str(error).splitlines()), "")[:300]
                answer = {"raised": type(error).__name__, "words": first}
            self.line.send(answer)

    def _called(self, asked: Any) -> Any:
        modules: list[Any] = []
        if "pickled" in asked:  # what the judge sends is trusted here, never the other way round
            args, named = pickle.loads(bytes.fromhex(asked["pickled"])), {}
            modules = [value for value in args if hasattr(value, "parameters")]
            for module, gradients in zip(modules, asked["gradients"], strict=True):  # a pickle leaves them behind
                for parameter, gradient in zip(module.parameters(), gradients, strict=True):
                    parameter.grad = None if gradient is None else self.wire.decode(gradient, self._back)
        else:
            args = [self.wire.decode(value, self._back) for value in asked["args"]]
            named = {name: self.wire.decode(value, self._back) for name, value in asked["named"].items()}
        result = self.functions[asked["call"]](*args, **named)
        return {"result": self.wire.encode(result, self.keep), "modules": [self._state(m) for m in modules]}

    def _state(self, module: Any) -> Any:
        """What a call may have changed: of each parameter its values, its gradient, whether it is trained."""
        def of(tensor: Any) -> Any:
            return None if tensor is None else self.wire.encode(tensor.detach(), self.keep)

        return [[of(p), of(p.grad), bool(p.requires_grad)] for p in module.parameters()]

    def _back(self, number: int, name: str) -> Any:
        def function(*args: Any) -> Any:
            self.line.send({"back": number, "args": [self.wire.encode(value, self.keep) for value in args]})
            return self.wire.decode(self.line.receive()["result"], self._back)

        function.__name__ = name
        return function

    def _checked_here(self, number: str) -> Any:
        from gan_lab import classroom

        verdict = classroom.check(number, *self.handed[number])
        return {"verdict": [bool(verdict.passed), str(verdict.message)]}


def python_of(source: str) -> str:
    """A cell without IPython's own lines (%magic, !shell): a cell of another language (%%bash) is empty."""
    if source.lstrip().startswith("%%"):
        return ""
    lines = source.splitlines()
    return "\n".join("pass" if line.lstrip()[:1] in ("%", "!") and line[:1] in "%!" else line for line in lines)


def main(job: dict[str, Any]) -> None:
    here = Path(__file__).parent
    sys.path[:0] = [str(here), str(here.parent)]
    wire, jail, untouched = map(importlib.import_module, ("wire", "jail", "untouched"))
    del sys.path[:2]
    line = wire.Line(socket.socket(fileno=job["line"]))
    held = jail.enter(Path(job["folder"]), job["seconds"], job["memory_gb"])
    sys.stdin = io.StringIO("")
    notebook = Notebook(wire, line, untouched.untouched)
    line.send({"jail": held})
    errors = notebook.run(job["cells"])
    handed = {number: notebook.packed(values) for number, values in notebook.handed.items() if number in job["asked"]}
    line.send({"handed": handed, "errors": errors})
    notebook.serve()


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1] if len(sys.argv) > 1 else sys.stdin.readline()))
    except EOFError:  # the judge has hung up
        os._exit(0)
