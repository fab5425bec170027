"""How values travel between the process of a student's code and the one that judges: as JSON, no pickles of theirs.

Plain values, arrays, tensors, distributions and pictures travel as what they are; a function stays where it is and is
called from afar. What comes from a student's process is data to be read, whatever it says: a frame that is too long,
is no JSON or names an unknown kind raises :class:`Garbled`. Nothing here imports NumPy or PyTorch by itself.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

LONGEST = 64 * 2**20  # bytes of one message
DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
DEEPEST = 20
NUMBERS = 0x80000000  # in the place of the length: not JSON follows but so many doubles, the first of them a number


class Garbled(Exception):
    """What came through the line is no message."""


class Stays(Exception):
    """A value that cannot travel, such as a class or a tensor with a graph behind it."""


class Line:
    """One end of a socket: whole messages, each before a deadline (seconds of ``time.monotonic``)."""

    def __init__(self, end: socket.socket) -> None:
        self.end, self.deadline = end, float("inf")
        self._begun, self._looked = b"", 0.0

    def until(self, deadline: float) -> None:
        """From now on this is the deadline."""
        self.deadline, self._looked = deadline, 0.0

    def send(self, message: Any) -> None:
        text = json.dumps(message).encode()
        if len(text) > LONGEST:
            raise Stays(f"{len(text) / 2**20:.0f} MB are too much to hand over.")
        self._wait()
        self.end.sendall(struct.pack(">I", len(text)) + text)

    def send_numbers(self, values: Sequence[float]) -> None:
        """The short way for a few floats: a checker may call a function of two numbers a hundred thousand times."""
        self._wait()
        self.end.sendall(struct.pack(f">I{len(values)}d", NUMBERS | len(values), *values))

    def receive(self) -> Any:
        """A message, or floats as {"numbers": [...]}; raises EOFError where the other end is gone."""
        (length,) = struct.unpack(">I", self._exactly(4))
        if NUMBERS <= length <= NUMBERS + 16:
            return {"numbers": struct.unpack(f">{length - NUMBERS}d", self._exactly(8 * (length - NUMBERS)))}
        if length > LONGEST:
            raise Garbled("a message too long to be one.")
        try:
            return json.loads(self._exactly(length))
        except (ValueError, RecursionError) as error:
            raise Garbled("a message that is no JSON.") from error

    def _exactly(self, n: int) -> bytes:
        while len(self._begun) < n:
            self._wait()
            if not (more := self.end.recv(max(n - len(self._begun), 4096))):
                raise EOFError
            self._begun += more
        out, self._begun = self._begun[:n], self._begun[n:]
        return out

    def _wait(self) -> None:
        """Raises TimeoutError at the deadline, as the socket itself does after it."""
        now = time.monotonic()
        if self.deadline == float("inf") or now - self._looked < 0.5:
            return
        self._looked = now
        if (left := self.deadline - now) <= 0:
            raise TimeoutError
        self.end.settimeout(left)


def encode(value: Any, keep: Callable[[Any], int], depth: int = 0) -> Any:
    """A value as JSON; a function is kept by ``keep``, which gives the number to call it by. Raises :class:`Stays`."""
    if depth > DEEPEST:
        raise Stays("lists within lists within lists.")
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else {"is": "big", "of": hex(value)}
    if isinstance(value, float):
        return {"is": "float", "of": value.hex()}
    if value is ...:
        return {"is": "dots"}
    for kind, name in ((list, "list"), (tuple, "tuple"), (set, "set"), (frozenset, "set")):
        if isinstance(value, kind):
            return {"is": name, "of": [encode(part, keep, depth + 1) for part in value]}
    if isinstance(value, dict):
        return {"is": "dict", "of": [[encode(part, keep, depth + 1) for part in pair] for pair in value.items()]}
    return _object(value, keep)


def _object(value: Any, keep: Callable[[Any], int]) -> Any:
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if torch and isinstance(value, torch.Tensor):
        if value.requires_grad:
            raise Stays("a tensor with its graph.")
        return _array("tensor", value.detach().cpu().contiguous().numpy())
    if numpy and isinstance(value, numpy.ndarray | numpy.generic):
        return _array("array" if isinstance(value, numpy.ndarray) else "scalar", numpy.asarray(value))
    data = sys.modules.get("gan_lab.data")
    if data and isinstance(value, data.Images):
        return {"is": "images", "of": _array("tensor", value.pixels.cpu().numpy())}
    if data and isinstance(value, data.Distribution):
        return {"is": "distribution", "of": value.spec()}
    if isinstance(value, type) or not callable(value):
        raise Stays(f"a {type(value).__name__}.")
    return {"is": "function", "of": keep(value), "name": str(getattr(value, "__name__", "?"))[:80]}


def _array(kind: str, array: Any) -> Any:
    if str(array.dtype) not in DTYPES:
        raise Stays(f"an array of {array.dtype}.")
    of = base64.b64encode(array.tobytes()).decode()
    return {"is": kind, "of": of, "dtype": str(array.dtype), "shape": list(array.shape)}


def decode(message: Any, call: Callable[[int, str], Any], depth: int = 0) -> Any:
    """The value of a message; ``call(number, name)`` makes the function that stayed. Raises :class:`Garbled`."""
    if depth > DEEPEST + 2:
        raise Garbled("a message nested too deep.")
    if message is None or isinstance(message, bool | str | int | float):
        return message
    try:
        kind, of = message["is"], message.get("of")
        if kind in ("list", "tuple", "set"):
            parts = [decode(part, call, depth + 1) for part in of]
            return {"list": list, "tuple": tuple, "set": set}[kind](parts)
        if kind == "dict":
            return {decode(k, call, depth + 1): decode(v, call, depth + 1) for k, v in of}
        if kind == "function":
            return call(int(of), str(message["name"]))
        return _made(kind, of, message)
    except Garbled:
        raise
    except Exception as error:  # whatever a message from there may hold
        raise Garbled(f"a message that cannot be read ({type(error).__name__}).") from error


def _made(kind: str, of: Any, message: Any) -> Any:
    if kind == "dots":
        return ...
    if kind == "float":
        return float.fromhex(of)
    if kind == "big":
        return int(of[:1000], 16)
    if kind in ("tensor", "array", "scalar"):
        import numpy as np

        if message["dtype"] not in DTYPES:
            raise Garbled("an array of an unknown type.")
        array = np.frombuffer(base64.b64decode(of), message["dtype"]).reshape(message["shape"]).copy()
        if kind == "tensor":
            import torch

            return torch.from_numpy(array)
        return array if kind == "array" else array[()]
    from gan_lab import data

    if kind == "images":
        return data.Images(_made("tensor", of["of"], of))
    if kind == "distribution" and of["name"] in data.DISTRIBUTIONS:  # of the others some read files
        return data.from_spec(of)
    raise Garbled(f"a message of kind {str(kind)[:20]!r}.")
