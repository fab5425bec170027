"""The Python in a notebook's cell, without the lines that are IPython's. Only the standard library."""

from __future__ import annotations

import ast
import re

#: Magics of a whole cell under which it stays Python; %%bash, %%html and any other make it another language.
STILL_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")
#: A line that is IPython's (%magic, !shell, ?help, help?), or whose value is (files = !ls).
LINE = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?+[ \t]*|(\w[\w, \t]*=)[ \t]*[%!].*)$", re.MULTILINE)
TIMED = re.compile(r"^([ \t]*)%time(?:it)?[ \t]+(?=[^\s-])", re.MULTILINE)


def python_of(source: str) -> str:
    """The cell as Python: what it times is run, other lines of IPython's do nothing, other languages leave it empty.

    >>> python_of("%matplotlib inline\\nx = 1")
    'pass\\nx = 1'
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        return python_of(rest) if first.split()[0] in STILL_PYTHON else ""
    try:
        ast.parse(source)
    except SyntaxError:
        timed = TIMED.sub(r"\1", source)
        return LINE.sub(lambda m: f"{m[1]}{m[2]} None" if m[2] else f"{m[1]}pass", timed)
    except (ValueError, RecursionError, MemoryError):  # whoever runs it will say so
        pass
    return source
