"""The process in which a student's notebook runs: shut in, it hands over values, and its functions to be called.

Run by path (``python -P student.py``) so that it begins without gan_lab. The job comes as JSON from standard input: the
code cells and which of them to skip, the numbers asked for, the limits, the descriptor of the line to the judge. It
judges nothing: what `classroom.check` of the notebook says, prints or has been made to say is never looked at.
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
from collections.abc import Callable
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

    def __init__(self, wire: Any, line: Any, untouched: Callable[[Any], bool]) -> None:
        self.wire, self.line, self.untouched = wire, line, untouched
        self.functions: list[Any] = []
        self.handed: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
        self.at_home: set[str] = set()  # handed in from the cell that was made for it
        self.cell: dict[str, Any] = {}
        self.space: dict[str, Any] = {"__name__": "__main__", HAND_IN: self.hand_in}

    def hand_in(self, number: Any, *values: Any, **named: Any) -> None:
        named.pop("seed", None)  # whose numbers count is not for the notebook to say
        here = self.cell.get("exercise") == number
        if here or number not in self.at_home:
            self.handed[str(number)] = values, named
        if here:
            self.at_home.add(number)

    def run(self, cells: list[dict[str, Any]], skip: list[int], begin: Callable[[int], None]) -> dict[str, str]:
        """The first error of each cell that an exercise belongs to, or of any other under ""."""
        errors: dict[str, str] = {}
        for i, self.cell in enumerate(cells):
            if i in skip:
                continue
            begin(i)
            self.space[HAND_IN] = self.hand_in
            try:
                tree = Answers().visit(ast.parse(self.cell["source"]))
                exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec"), self.space)
            except BaseException as error:  # SystemExit, KeyboardInterrupt: of this cell alone
                why = f"{type(error).__name__}: {_words(error)}".rstrip(": ")
                number = self.cell.get("exercise")
                errors.setdefault(number or "", why if number else f"code cell {i + 1} raised {why}")
        return errors

    def keep(self, function: Any) -> int:
        self.functions.append(function)
        return len(self.functions) - 1

    def _given(self, number: str) -> Any:
        values, named = self.handed[number]
        return {
            "untouched": any(map(self.untouched, [*values, *named.values()])),
            "values": [self.wire.encode(value, self.keep) for value in values],
            "named": {name: self.wire.encode(value, self.keep) for name, value in named.items()},
        }

    # -- being called ---------------------------------------------------------------------------------------------

    def serve(self, give_time: Callable[[], None]) -> None:
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
                elif "give" in asked:
                    give_time()
                    answer = self._given(asked["give"])
                elif "check" in asked:
                    give_time()
                    answer = self._checked_here(asked["check"])
                else:
                    answer = self._called(asked)
            except self.wire.Stays as why:
                answer = {"stays": str(why)}
            except BaseException as error:
                answer = {"raised": type(error).__name__, "words": _words(error)}
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

        values, named = self.handed[number]
        verdict = classroom.check(number, *values, **named)
        return {"verdict": [bool(verdict.passed), bool(verdict.open), str(verdict.message)]}


def _words(error: BaseException) -> str:
    """The first line of an error; none where asking for it raises in turn."""
    try:
        return next(iter(str(error).splitlines()), "")[:300]
    except BaseException:
        return ""


def main(job: dict[str, Any]) -> None:
    kit = Path(__file__).parent
    sys.path[:0] = [str(kit), str(kit.parent)]
    wire, jail, cells, begun = (importlib.import_module(name) for name in ("wire", "jail", "cells", "untouched"))
    del sys.path[:2]
    line = wire.Line(socket.socket(fileno=job["line"]))
    folder, package = Path(job["folder"]), Path(__file__).parents[2]
    held = jail.enter(folder, job["whole"], job["memory_gb"], [str(package)])
    # the folder above it stays shut: in a checkout it holds more than code
    (folder / package.name).symlink_to(package)
    importlib.invalidate_caches()
    sys.stdin = io.StringIO("")
    notebook = Notebook(wire, line, begun.untouched)
    line.send({"jail": held})

    def begin(i: int) -> None:
        jail.give_time(job["seconds"])
        line.send({"cell": i})

    python = [cell | {"source": cells.python_of(cell["source"])} for cell in job["cells"]]
    errors = notebook.run(python, job["skip"], begin)
    line.send({"handed": [number for number in notebook.handed if number in job["asked"]], "errors": errors})
    notebook.serve(lambda: jail.give_time(job["seconds"]))


if __name__ == "__main__":
    try:
        main(json.loads(sys.stdin.readline()))
    except EOFError:  # the judge has hung up
        os._exit(0)
