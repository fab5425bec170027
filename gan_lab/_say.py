"""Words for a terminal that may not have the letters: Python's own print would stop a program there."""

from __future__ import annotations

import sys
from typing import TextIO

# what stands for the signs that the library itself prints; for other letters, their numbers
PLAIN = str.maketrans(
    {"✓": "+", "✗": "x", "○": "o"}
    | {"├": "|", "└": "`", "─": "-", "│": "|", "−": "-", "–": "-", "—": "-", "×": "x", "±": "+-"}
    | {"…": "...", "“": '"', "”": '"', "‘": "'", "’": "'"}
)


def sayable(words: str, stream: TextIO | None = None) -> str:
    """``words`` as ``stream`` (standard output, if left out) can encode them: unchanged wherever it can."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    try:
        words.encode(encoding)
    except UnicodeEncodeError:
        return words.translate(PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return words


def say(words: str, stream: TextIO | None = None) -> None:
    """Print ``words`` to ``stream`` (standard output, if left out), whatever letters it has, and at once."""
    print(sayable(words, stream), file=stream or sys.stdout, flush=True)
