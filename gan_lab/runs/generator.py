"""A trained generator in one small file: played by a page with no kernel, read and checked here.

The file is JSON inside one line of JavaScript, so that a page opened from a folder, where nothing may be fetched, can
have it as a script.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from gan_lab import explain
from gan_lab._asked import parse_json
from gan_lab._errors import unknown, whole_number
from gan_lab._files import read_bytes, write_whole
from gan_lab.data import Images
from gan_lab.gan import GAN
from gan_lab.metrics import energy_distance
from gan_lab.nets import MLP
from gan_lab.nets.mlp import ACTIVATIONS
from gan_lab.runs import quantised
from gan_lab.runs.machine import hardware, versions
from gan_lab.runs.read import RecordError
from gan_lab.runs.recipe import Recipe
from gan_lab.runs.record import command_for, thin
from gan_lab.train import Run

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "gan_lab recorded generator"
VERSION = 1
LIMIT = 400_000  # bytes of the file
UNPACKED = 40 * LIMIT  # bytes of weights, labels and greys that a page makes room for
DEEPEST = 100  # layers
LEVELS = 5  # grey levels of the training images in the file
HALF = 2  # their sides are half as long; a pixel then stands for four, and distances are doubled
MEASURED = 1_000  # samples for the scores
QUANTILES = 41
FIELDS = (
    "format", "version", "recipe", "hardware", "versions", "date", "command", "seconds", "verify_steps", "history",
    "sizes", "activation", "final", "image", "bank", "levels", "scores", "sha256", "bytes",
)  # fmt: skip
WRAPPED = re.compile(r'\(globalThis\.ganLabGenerators\?\?=\{\}\)\["([0-9a-f]{16})"\]=(\{.*\});\n', re.DOTALL)


@dataclass(frozen=True)
class RecordedGenerator:
    """A generator as it was recorded, in a byte a weight, with small copies of the images it was trained on.

    network: z (n, inputs) -> images (n, channels, height, width) in [-1, 1]; bank: the training images at half the
    side and ``LEVELS`` greys, in [-1, 1], in the order of the data; labels: theirs. scores: ``psnr`` (dB) and
    ``largest`` (of the difference of a pixel) between this network and the one that was trained; ``energy`` distance
    to real data and its ``floor``; ``classes``: generated images of each class, going by the nearest training image;
    ``closeness`` as :func:`gan_lab.explain.closeness` has it; ``generated`` and ``real``: quantiles of the distances
    to the nearest training image; ``sensitivity``: of each input, averaged. The rest is as in a recorded run.
    """

    file: Path
    key: str
    recipe: Recipe
    hardware: dict[str, Any]
    versions: dict[str, Any]
    date: str
    command: str
    seconds: float
    verify_steps: int
    columns: dict[str, list[float | None]]
    network: MLP
    bank: Tensor
    labels: Tensor
    scores: dict[str, Any]
    content: dict[str, Any] = field(repr=False)

    @cached_property
    def history(self) -> pd.DataFrame:
        """The losses of the first ``verify_steps`` steps, and of about 400 in all."""
        import pandas as pd

        return pd.DataFrame(self.columns).astype({"step": int}).astype({n: float for n in self.columns if n != "step"})

    @property
    def inputs(self) -> int:
        """Numbers in a z."""
        return self.network.inputs

    def neighbours(self, images: Tensor, k: int = 1) -> explain.Nearest:
        """The training images nearest to these (n, channels, height, width), as the page finds them: at half the side.

        A pixel then stands for four, so that the distances are close to those of the images themselves.
        """
        found = explain.nearest(small(images.float()), self.bank, k)
        return explain.Nearest(found.distances * HALF, found.indices)

    def __repr__(self) -> str:
        return f"RecordedGenerator({self.recipe.system}, {self.inputs} inputs, {self.date[:10]})"


def small(images: Tensor) -> Tensor:
    """Images at half the side: every pixel the mean of four."""
    return avg_pool2d(images, HALF)


# -- writing ----------------------------------------------------------------------------------------------------------


def record_generator(
    recipe: Recipe, file: str | Path, *, device: str | torch.device = "auto", verify_steps: int = 50
) -> RecordedGenerator:
    """Train the recipe and keep its generator in ``file`` (of at most 400 KB, its name ending in .js).

    Raises ValueError as :func:`export_generator` does, KeyboardInterrupt when stopped by hand, and
    :class:`gan_lab.NonFiniteLoss`; an older file then stays as it was.
    """
    recipe = recipe.settled()
    _suffix(Path(file))
    begun = time.perf_counter()
    run = recipe.train(device, snapshots=0)
    if run.step < recipe.steps:  # Ctrl-C: a run stops quietly, but half a run is not what the recipe says
        raise KeyboardInterrupt
    return export_generator(run, file, seconds=time.perf_counter() - begun, verify_steps=verify_steps)


def export_generator(
    run: Run, file: str | Path, *, seconds: float = math.nan, verify_steps: int = 50, command: str | None = None
) -> RecordedGenerator:
    """Keep the generator of a run of a :class:`gan_lab.runs.Recipe` on images, its moving average where it has one.

    run: what ``recipe.train()`` returned, trained to its end. The weights become a byte each, with a float scale for
    every output; the training images are kept at half the side in five greys, all of them, so that a page can look for
    copies. seconds: spent in training; verify_steps: how many losses are kept in full, for :func:`gan_lab.runs.verify`;
    command: what makes the file again, by default a line of Python.

    Raises ValueError for a run without a recipe or not at its end, for data that are no images of even sides, for a
    generator that is no perceptron with a plain prior, and where the file would be larger than 400 KB.
    """
    file = Path(file)
    _suffix(file)
    recipe, images, network = _checked(run)
    layers = quantised.fold(network)
    packed = quantised.pack(layers)
    form: dict[str, Any] = {
        "sizes": list(network.sizes), "activation": network.activation, "final": layers[-1].activation,
        "image": list(images.shape),
    }  # fmt: skip
    shrunk = quantised.unpack(packed, form["sizes"], form["activation"], form["final"], images.shape)
    greys = ((small(images[:].float()) + 1) / 2 * (LEVELS - 1)).round().to(torch.uint8)
    labels = torch.zeros(len(images), dtype=torch.uint8) if images.labels is None else images.labels.to(torch.uint8)
    raw = packed + labels.numpy().tobytes() + greys.numpy().tobytes()
    if len(raw) > UNPACKED:
        raise ValueError(f"a page would unpack {len(raw):,} bytes: use a smaller generator or fewer images.")
    content = {
        "format": FORMAT, "version": VERSION, "recipe": recipe.to_json(),
        "hardware": hardware(run.gan.parameter.device), "versions": versions(),
        "date": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "command": command or command_for("record_generator", recipe, file.name),
        "seconds": round(seconds, 3) if math.isfinite(seconds) else None,
        "verify_steps": whole_number("verify_steps", verify_steps, 1),
        "history": thin(run.history.filter(regex="^(step$|loss_)"), verify_steps),
        **form, "bank": len(images), "levels": LEVELS, "scores": _scores(network, shrunk, images, labels, greys),
        "sha256": hashlib.sha256(raw).hexdigest(), "bytes": quantised.squeeze(raw),
    }  # fmt: skip
    script = _wrap(content)
    if len(script) > LIMIT:
        raise ValueError(f"the file would have {len(script):,} bytes: use a smaller generator or fewer images.")
    write_whole(file, script)
    return read_generator(file)


def _suffix(file: Path) -> None:
    if file.suffix != ".js":
        raise ValueError(f"{file.name} should end in .js: pages have the generator as a script.")


def _checked(run: Run) -> tuple[Recipe, Images, MLP]:
    if not isinstance(run, Run) or run.settings.recipe is None:
        raise ValueError("give a run that says what it was made from: recipe.train() of a gan_lab.runs.Recipe.")
    recipe = Recipe.from_json(run.settings.recipe)
    if run.step != recipe.steps:
        raise ValueError(f"the run is at step {run.step:,}, its recipe ends at {recipe.steps:,}: train it to its end.")
    if not isinstance(run.data, Images) or run.data.shape[1] % HALF or run.data.shape[2] % HALF:
        raise ValueError(f"the data are {run.data!r}: a page can show images with an even number of rows and columns.")
    if not isinstance(run.gan, GAN):
        raise ValueError(f"a page can play the generator of a GAN, not that of a {type(run.gan).__name__}.")
    network: nn.Module = run.gan.generator if run.ema is None else run.ema
    plain = run.gan.prior.spec().get("name") in ("standard_normal", "gaussian")
    if not isinstance(network, MLP) or network.image is None or not plain:
        raise ValueError("a page can play an MLP with image=(channels, height, width) and a standard normal prior.")
    return recipe, run.data.to("cpu"), network.to("cpu")


@torch.no_grad()
def _scores(network: MLP, shrunk: MLP, images: Images, labels: Tensor, greys: Tensor) -> dict[str, Any]:
    """What the network that ships makes, beside the one that was trained and beside real data."""
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(MEASURED, network.inputs, generator=generator)
    training = network.training
    made, meant = shrunk(z), network.eval()(z)
    network.train(training)
    error = (made - meant).double()
    real, others = (images.sample(MEASURED, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    bank = _bank(greys)
    nearest = explain.nearest(small(made), bank)
    whole = small(images[:].float())
    known, second = (explain.nearest(whole, bank, 2)[i] for i in (1, 0))
    own = known[:, 0] == torch.arange(len(known))
    to_others = torch.where(own, second[:, 1], second[:, 0]) * HALF
    distances = nearest.distances[:, 0] * HALF
    steps = torch.linspace(0, 1, QUANTILES)
    return {
        "psnr": _round(10 * math.log10(4 / float((error**2).mean()))), "largest": _round(float(error.abs().max())),
        "energy": _round(energy_distance(made, real)), "floor": _round(energy_distance(others, real)),
        "classes": torch.bincount(labels[nearest.indices[:, 0]].long(), minlength=10).tolist(),
        "closeness": _round(explain.closeness(distances, to_others)),
        "generated": [_round(v) for v in distances.quantile(steps).tolist()],
        "real": [_round(v) for v in to_others.quantile(steps).tolist()],
        "sensitivity": [_round(v) for v in explain.sensitivity(shrunk, z[:256]).mean(0).tolist()],
    }  # fmt: skip


def _bank(greys: Tensor) -> Tensor:
    return greys.float() / (LEVELS - 1) * 2 - 1


def _round(value: float) -> float:
    return float(f"{value:.5g}")


def _wrap(content: dict[str, Any]) -> bytes:
    text = json.dumps(content, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    fields = "|".join(FIELDS)
    text = re.sub(rf',"(?=(?:{fields})":)', ',\n"', text)  # a field a line, for those who look into it
    return f'(globalThis.ganLabGenerators??={{}})["{content["sha256"][:16]}"]={text};\n'.encode()


# -- reading ----------------------------------------------------------------------------------------------------------


def read_generator(file: str | Path) -> RecordedGenerator:
    """The generator that :func:`record_generator` wrote, its bytes compared with their SHA-256.

    Raises :class:`RecordError`, a ValueError: no such file, torn or damaged, an unknown field, a newer version.
    """
    file = Path(file)
    try:
        text = read_bytes(file, LIMIT).decode()
    except FileNotFoundError:
        raise RecordError(f"{file} is not there: runs.record_generator writes such a file.") from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{file} cannot be read ({error}): record the generator again.") from None
    try:
        wrapped = WRAPPED.fullmatch(text)
        content = parse_json(wrapped[2]) if wrapped else {}
    except ValueError as error:
        raise RecordError(f"{file} is torn or damaged ({error}): record the generator again.") from None
    if wrapped is None or content.get("format") != FORMAT:
        raise RecordError(f"{file} is torn, or no generator that gan_lab recorded: record the generator again.")
    if content.get("version") != VERSION:
        raise RecordError(
            f"{file} has version {content.get('version')!r} of the format, and this gan_lab reads {VERSION}: "
            "update gan_lab, or record the generator again."
        )
    try:
        return _parsed(file, wrapped[1], content)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RecordError(f"{file} is damaged: {error} Record the generator again.") from None


def _parsed(file: Path, key: str, content: dict[str, Any]) -> RecordedGenerator:
    for name in content:
        if name not in FIELDS:
            raise unknown("field", name, FIELDS)
    if missing := [name for name in FIELDS if name not in content]:
        raise ValueError(f"it has no {missing[0]}.")
    sizes, bank, levels = content["sizes"], content["bank"], content["levels"]
    for name in ("activation", "final"):
        if content[name] not in ACTIVATIONS:
            raise unknown(name, content[name], ACTIVATIONS)
    for size in (*sizes, *content["image"], bank):
        whole_number("a size", size, 1)
    channels, height, width = content["image"]
    if levels != LEVELS or not 2 <= len(sizes) <= DEEPEST or sizes[-1] != channels * height * width:
        raise ValueError(f"sizes {sizes!s:.80}, image {content['image']} and {levels} greys do not belong together.")
    weights, pixels = quantised.packed_size(sizes), channels * (height // HALF) * (width // HALF)
    if (size := weights + bank * (1 + pixels)) > UNPACKED:
        raise ValueError(f"it would unpack to {size:,} bytes: at most {UNPACKED:,} are read.")
    raw = quantised.expand(content["bytes"], size)
    if (digest := hashlib.sha256(raw).hexdigest()) != content["sha256"] or not digest.startswith(key):
        raise ValueError("its bytes are not those that were recorded.")
    known = np.frombuffer(raw, np.uint8, offset=weights).copy()
    greys = torch.from_numpy(known[bank:]).reshape(bank, channels, height // HALF, width // HALF)
    recipe = Recipe.from_json(content["recipe"])
    columns, steps = content["history"], content["verify_steps"]
    if not 1 <= whole_number("verify_steps", steps, 1) <= len(columns["step"]):
        raise ValueError(f"the first {steps} steps are not all in its history.")
    if columns["step"][:steps] != list(range(1, steps + 1)) or columns["step"][-1] != recipe.steps:
        raise ValueError("its history is not that of its recipe.")
    if not isinstance(content["scores"], Mapping) or len(content["scores"]["sensitivity"]) != sizes[0]:
        raise ValueError("its scores are not those of its generator.")
    return RecordedGenerator(
        file=file, key=key, recipe=recipe, hardware=dict(content["hardware"]), versions=dict(content["versions"]),
        date=str(content["date"]), command=str(content["command"]), seconds=float(content["seconds"] or math.nan),
        verify_steps=steps, columns=columns,
        network=quantised.unpack(raw, sizes, content["activation"], content["final"], (channels, height, width)),
        bank=_bank(greys), labels=torch.from_numpy(known[:bank].astype(np.int64)), scores=dict(content["scores"]),
        content=content,
    )  # fmt: skip
