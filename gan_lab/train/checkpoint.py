"""Checkpoints: one file, written whole or not at all, and read without running or allocating what nobody wrote."""

from __future__ import annotations

import datetime
import hashlib
import io
import math
import os
import platform
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_lab._files import read_bytes, whole
from gan_lab._version import __version__

# The file: this line, the SHA-256 of the rest, the rest (what torch.save writes). PyTorch itself does not notice a
# flipped bit in a tensor, so the sum is our own.
MAGIC = b"gan_lab checkpoint\n"
FORMAT = 2
DIGEST = 64  # hexadecimal digits of SHA-256
PLAIN = (bool, int, float, str, type(None))


class CheckpointError(RuntimeError):
    """A checkpoint that could not be written or read; the message says which file, why, and what to do."""


def versions() -> dict[str, str]:
    """What the numbers of a run may depend on besides the recipe."""
    return {
        "gan_lab": __version__,
        "torch": str(torch.__version__),
        "python": ".".join(map(str, sys.version_info[:3])),
        "machine": platform.machine(),
    }


# -- writing ----------------------------------------------------------------------------------------------------------


def plain(value: Any, what: str) -> Any:
    """``value`` as a checkpoint can hold it: tensors, numbers, text, None, in lists, tuples and dicts.

    NumPy's numbers become Python's, arrays tensors, dates and paths text. Raises :class:`CheckpointError` for anything
    else, and says where it is: ``what`` names the whole. Call it before training with all that a user handed in.
    """
    try:
        return _plain(value, what)
    except RecursionError:
        raise CheckpointError(f"{what} is nested too deeply to be stored: make it flatter.") from None


def _plain(value: Any, what: str) -> Any:
    if type(value) in PLAIN:
        return value
    if type(value) in (Tensor, nn.Parameter) and not value.is_meta and _ordinary(value):
        value = value.detach()
        # one number that stands for many, as expand() makes them, is written out
        return value if _bytes(value) <= value.untyped_storage().nbytes() else value.contiguous()
    if isinstance(value, np.generic):
        return _plain(value.item(), what)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return torch.tensor(value)
    if isinstance(value, Mapping):
        pairs = [(key if type(key) in (str, int) else _key(key, what), v) for key, v in value.items()]
        content = {key: _plain(v, f"{what}.{key}") for key, v in pairs}
        if (notes := getattr(value, "_metadata", None)) is None:
            return content
        ordered = OrderedDict(content)  # what a network's state_dict() is: PyTorch keeps versions of layers with it
        ordered._metadata = _plain(notes, what)  # type: ignore[attr-defined]
        return ordered
    if isinstance(value, list | tuple):
        parts = [_plain(v, f"{what}[{i}]") for i, v in enumerate(value)]
        return parts if isinstance(value, list) else tuple(parts)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, torch.dtype | torch.device):
        return str(value)
    for kind in (int, float, str):  # an enum's, say
        if isinstance(value, kind):
            return kind(value)
    raise CheckpointError(
        f"{what} is {value!r:.80}, which cannot be stored: put tensors, numbers, text, lists and dicts there."
    )


def _key(key: Any, what: str) -> str | int:
    key = _plain(key, f"a name in {what}")
    if type(key) not in (str, int):
        raise CheckpointError(f"{what} has the name {key!r:.80}, which cannot be stored: names are text or numbers.")
    return key


def write(path: str | Path, state: Mapping[str, Any]) -> None:
    """Put ``state`` at ``path``, whole or not at all: what :func:`plain` makes of it.

    The bytes go to a file of this process beside it, are flushed to the disk, and take the place of ``path`` in one
    rename: a crash, a full disk or ``kill -9`` leaves the checkpoint that was there, and of two runs on one path each
    writes whole files. Raises :class:`CheckpointError` where it cannot, or where what is written could not be read.
    """
    path = Path(path)
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, "versions": versions(), **plain(state, "the state")}, buffer)
    payload = buffer.getbuffer()
    try:
        _look_into(payload)
    except Exception as error:
        raise CheckpointError(f"the checkpoint {path} could not be read again, and is not written: {error}") from error
    try:
        with whole(path) as file:
            file.write(MAGIC + hashlib.sha256(payload).hexdigest().encode() + b"\n")
            file.write(payload)
    except OSError as error:
        raise CheckpointError(
            f"the checkpoint {path} could not be written ({error.strerror or error}): make room or choose another "
            "path. What was there before is untouched, and the run goes on in memory."
        ) from error


# -- reading ----------------------------------------------------------------------------------------------------------


def read(path: str | Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """The state at ``path``, its tensors on ``device``. Nothing in the file is run, whoever wrote it.

    Its tensors are looked at before there is any memory for them. Raises :class:`CheckpointError` for a file that is
    missing, not of gan_lab, torn or damaged, of a newer format, or asks for more memory than it has bytes.
    """
    path = Path(path)
    try:
        content = read_bytes(path)
    except FileNotFoundError:
        raise CheckpointError(f"there is no checkpoint at {path}: check the path.") from None
    except OSError as error:
        raise CheckpointError(f"the checkpoint {path} could not be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise CheckpointError(f"the checkpoint {path} is too large: {error}") from error
    if not content.startswith(MAGIC):
        raise CheckpointError(f"{path} is not a checkpoint of gan_lab: pass a file that run.save(path) wrote.")
    start = len(MAGIC) + DIGEST + 1
    payload = memoryview(content)[start:]
    if hashlib.sha256(payload).hexdigest().encode() != content[len(MAGIC) : start - 1]:
        raise CheckpointError(
            f"{path} is torn or damaged (its checksum does not fit): copy it again, or take an earlier checkpoint."
        )
    try:
        _look_into(payload)
        state = torch.load(io.BytesIO(payload), map_location=device, weights_only=True)
        _look_at(state, len(payload))
    except Exception as error:  # what is refused or broken surfaces as many kinds of errors
        why = str(error) if isinstance(error, _Foreign) else type(error).__name__
        raise CheckpointError(
            f"{path} holds something other than tensors, numbers and names, which is never loaded: it was not "
            f"written by run.save. ({why})"
        ) from error
    if not isinstance(state, dict) or not isinstance(state.get("format"), int):
        raise CheckpointError(f"{path} is not a checkpoint of gan_lab: it has no format number.")
    if state["format"] > FORMAT:
        raise CheckpointError(
            f"{path} has format {state['format']}, this gan_lab reads up to {FORMAT}: update gan_lab "
            f"(it was written by version {dict(state.get('versions') or {}).get('gan_lab', 'unknown')})."
        )
    return state


class _Foreign(ValueError):
    """Something that :func:`write` never writes."""


def _look_into(payload: memoryview) -> None:
    """Raise unless this is what torch.save makes of plain data, which takes no more memory than it has bytes."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        entries = archive.infolist()
        if any(e.compress_type != zipfile.ZIP_STORED or e.file_size != e.compress_size for e in entries):
            raise _Foreign("its entries are compressed")
        if sum(e.file_size for e in entries) > len(payload):
            raise _Foreign("its entries are larger than the file")
    # on the device "meta" tensors have shapes, but no numbers
    _look_at(torch.load(io.BytesIO(payload), map_location="meta", weights_only=True), len(payload))


def _look_at(state: object, size: int) -> None:
    """Raise :class:`_Foreign` for a structure that holds other things, or more of them, than ``size`` bytes can."""
    things: list[Any] = [state]
    most, seen, memory = 1_000_000 + 4 * size, 0, 0
    while things:
        thing = things.pop()
        seen += 1
        if seen + len(things) > most:
            raise _Foreign("it names the same things again and again")
        if type(thing) in (dict, OrderedDict):
            if not all(type(key) in (str, int) for key in thing):
                raise _Foreign("a name in it is no text")
            things += thing.values()
        elif type(thing) in (list, tuple, torch.Size):
            things += thing
        elif isinstance(thing, Tensor):
            memory += _bytes_of(thing)
        elif type(thing) not in PLAIN:
            raise _Foreign(f"there is a {type(thing).__name__} in it")
    if memory > 8 * size + 1_000_000:  # tensors that several names share are counted several times
        raise _Foreign(f"its tensors would take {memory:,} bytes of {size:,}")


def _bytes_of(tensor: Tensor) -> int:
    if type(tensor) is not Tensor or not _ordinary(tensor):
        raise _Foreign("there is a tensor of a special kind in it")
    if (needed := _bytes(tensor)) > tensor.untyped_storage().nbytes():
        raise _Foreign(f"a tensor of shape {tuple(tensor.shape)} in it has fewer numbers than that")
    return needed


def _ordinary(tensor: Tensor) -> bool:
    return tensor.layout == torch.strided and not tensor.is_quantized


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


# -- does it fit? -----------------------------------------------------------------------------------------------------


def check_state(found: object, expected: Mapping[str, Any], what: str) -> None:
    """Raise :class:`CheckpointError` unless ``found`` is a state like ``expected``, the built run's own.

    It must have the same names, and under each a tensor of the same shape and type (or a dict like the one there, or a
    value of the same kind). ``what``: what the state is of, in words. Nothing is loaded, and nothing allocated.
    """
    if not isinstance(found, Mapping):
        raise CheckpointError(f"{what} in the checkpoint is a {type(found).__name__}, not a dict of tensors.")
    for name in [*expected, *found]:
        if name not in found or name not in expected:
            where = "is missing in the checkpoint" if name not in found else "is in the checkpoint, but not in the run"
            raise CheckpointError(f"{what} do not fit: {name} {where}.")
        here, there = expected[name], found[name]
        if isinstance(here, Mapping):
            check_state(there, here, f"{what}, {name},")
        elif isinstance(here, Tensor):
            if not isinstance(there, Tensor) or there.shape != here.shape or there.dtype != here.dtype:
                raise CheckpointError(f"{what} do not fit: {name} is {_form(there)}, and should be {_form(here)}.")
        elif type(there) is not type(here):
            raise CheckpointError(f"{what} do not fit: {name} is {_form(there)}, and should be {_form(here)}.")


def check_optimiser(found: object, optimiser: torch.optim.Optimizer, what: str) -> None:
    """Raise :class:`CheckpointError` unless ``found`` is a state dict that ``optimiser`` can take up.

    Its parameters' moments must have the names that one step of such an optimiser gives them, the shapes and the type
    of the parameters; its settings those that the optimiser was built with, apart from the learning rate. PyTorch
    itself looks at none of this, and a fused kernel reads beyond the end of a moment that is too small.
    """
    own = optimiser.state_dict()
    if not isinstance(found, Mapping) or not isinstance(found.get("state"), Mapping):
        raise CheckpointError(f"{what} in the checkpoint is no state of an optimiser.")
    groups = found.get("param_groups")
    if not isinstance(groups, list) or len(groups) != len(own["param_groups"]):
        raise CheckpointError(f"{what} in the checkpoint has other groups of parameters than the run.")
    for group, here in zip(groups, own["param_groups"], strict=True):
        _check_group(group, here, what)
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    kept: dict[torch.dtype, dict[str, bool]] = {}
    for index, moments in found["state"].items():
        if type(index) is not int or not 0 <= index < len(parameters) or not isinstance(moments, Mapping):
            raise CheckpointError(f"{what} in the checkpoint has a parameter {index!r}, of {len(parameters)}.")
        parameter = parameters[index]
        if parameter.dtype not in kept:
            kept[parameter.dtype] = _moments(optimiser, parameter.dtype)
        _check_moments(moments, parameter, kept[parameter.dtype], f"{what}, parameter {index},")


SWITCHES = ("fused", "foreach")  # which kernel computes the step: never what it computes


def _check_group(group: object, here: Mapping[str, Any], what: str) -> None:
    if not isinstance(group, Mapping) or "lr" not in group or group.get("params") != here["params"]:
        raise CheckpointError(f"{what} in the checkpoint has other parameters than the run.")
    for name, value in group.items():
        if name == "lr":
            good = type(value) in (int, float) and math.isfinite(value) and value >= 0
        elif name in SWITCHES:
            good = value is None or isinstance(value, bool)
        else:
            # a setting that another version of PyTorch has, and that is off, changes nothing
            good = value in (None, False) if name not in here else value == here[name]
        if not good:
            raise CheckpointError(
                f"{what} in the checkpoint has {name}={value!r:.80}, in the run it is {here.get(name)!r}."
            )


def _moments(optimiser: torch.optim.Optimizer, dtype: torch.dtype) -> dict[str, bool]:
    """What one step of such an optimiser keeps for a parameter: name -> whether it has the parameter's shape."""
    small = torch.zeros(2, 3, dtype=dtype, requires_grad=True)
    small.grad = torch.zeros_like(small)
    like = type(optimiser)([small], **optimiser.defaults)
    like.step()
    return {name: isinstance(v, Tensor) and v.shape == small.shape for name, v in like.state[small].items()}


def _check_moments(moments: Mapping[str, Any], parameter: Tensor, expected: Mapping[str, bool], what: str) -> None:
    for name, value in moments.items():
        if name not in expected:
            raise CheckpointError(f"{what} does not fit: the optimiser keeps no {name}.")
        if expected[name]:
            good = isinstance(value, Tensor) and value.shape == parameter.shape and value.dtype == parameter.dtype
        else:  # the count of steps; or a moment that this optimiser was told not to keep
            good = value is None or (isinstance(value, Tensor) and value.ndim == 0 and value.is_floating_point())
        if not good:
            wanted = _form(parameter) if expected[name] else "one number"
            raise CheckpointError(f"{what} does not fit: {name} is {_form(value)}, and should be {wanted}.")
    if moments and (missing := [name for name in expected if name not in moments]):
        raise CheckpointError(f"{what} does not fit: {missing[0]} is missing.")


def _form(value: object) -> str:
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} of shape {tuple(value.shape)}"
    return f"a {type(value).__name__}"
