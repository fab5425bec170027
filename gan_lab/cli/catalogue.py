"""The zoo's list, read from its source: `gan-lab list` answers before PyTorch could be imported.

A system is a function under ``@register(...)``; what is told of it here stands there in words. A test holds that this
is what :mod:`gan_lab.zoo.registry` says once it is loaded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ZOO = Path(__file__).resolve().parents[1] / "zoo"


@dataclass(frozen=True)
class Line:
    """What the list tells of one system; the fields are those of :class:`gan_lab.zoo.Entry`."""

    name: str
    title: str
    paper: str
    equation: str
    chapter: str
    options: list[str]
    recorded: str | None = None


def lines() -> list[Line]:
    """One line for each system, in the order of the registry: that of the imports in ``gan_lab/zoo/__init__.py``."""
    imports = _parse("__init__").body
    modules = [node.module.rpartition(".")[2] for node in imports if isinstance(node, ast.ImportFrom) and node.module]
    (toy,) = (node for node in _parse("recipe").body if isinstance(node, ast.FunctionDef) and node.name == "toy")
    return [line for module in modules for line in _systems(_parse(module), [a.arg for a in toy.args.kwonlyargs])]


def _parse(module: str) -> ast.Module:
    return ast.parse((ZOO / f"{module}.py").read_text(encoding="utf8"))


def _systems(module: ast.Module, shared: list[str]) -> Iterator[Line]:
    """The systems of a file; ``shared`` is what a builder that takes ``**sizes`` hands on to the toy."""
    said: dict[str, Any] = {}
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            said |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
        if not isinstance(node, ast.FunctionDef):
            continue
        calls = [call for call in node.decorator_list if isinstance(call, ast.Call)]
        for entered in (call for call in calls if ast.unparse(call.func) == "register"):
            known = {k.arg: _value(k.value, said) for k in entered.keywords if k.arg in Line.__annotations__}
            own = [a.arg for a in (*node.args.args, *node.args.kwonlyargs)]
            options = own + [name for name in shared if node.args.kwarg and name not in own]
            yield Line(name=node.name, options=options, **known)


def _value(node: ast.expr, said: dict[str, Any]) -> Any:
    """What is written there: a word, or the module's name for one."""
    return said[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)
