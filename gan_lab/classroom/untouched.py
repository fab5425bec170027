"""Is an answer still as the book gives it: dots, a list of dots, a function or a class of nothing but dots?"""

from __future__ import annotations

import dis
import types
from typing import Any

#: what a function that only says `...`, `pass`, `return` or `return ...` is made of
_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "COPY_FREE_VARS", "MAKE_CELL"}


def untouched(answer: Any) -> bool:
    """True for dots ("..." in words too), for what holds dots, and for a function or class written with dots alone."""
    if answer is ... or (isinstance(answer, str) and answer == "..."):
        return True
    if isinstance(answer, list | tuple):
        return any(untouched(one) for one in answer)
    if isinstance(answer, type):
        methods = [one for one in vars(answer).values() if isinstance(one, types.FunctionType)]
        return bool(methods) and all(map(_says_nothing, methods))
    return isinstance(answer, types.FunctionType) and _says_nothing(answer)


def _says_nothing(function: types.FunctionType) -> bool:
    steps = list(dis.get_instructions(function))
    said = {step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")}
    return {step.opname for step in steps} <= _NOTHING and said <= {None, ..., function.__doc__}
