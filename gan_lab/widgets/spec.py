"""A GAN as the plain JSON that the engine in the page runs (``GanSpec``)."""

from __future__ import annotations

from typing import Any

from gan_lab._errors import whole_number
from gan_lab.augment import InstanceNoise
from gan_lab.data import Distribution, Distribution1D
from gan_lab.data.plane import Centres, Curve
from gan_lab.gan import GAN
from gan_lab.losses import LOSSES
from gan_lab.nets import MLP
from gan_lab.schedules import Schedule

PENALTIES = ("clip", "wgan_gp", "r1", "r2")  # those that the engine has


def law(role: str, distribution: Distribution) -> dict[str, Any]:
    """A distribution on the line as JSON; ValueError where Figure 1 could not draw it."""
    spec = distribution.spec()
    if not isinstance(distribution, Distribution1D) and spec["name"] != "gaussian":
        raise ValueError(
            f"the {role} is {distribution!r}: Figure 1 lives on the line, "
            "so give it a distribution such as data.gaussian(2, 0.8)."
        )
    return spec


def plane(target: object) -> dict[str, Any]:
    """A target in the plane as JSON; TypeError and ValueError for what the playground could not draw."""
    if not isinstance(target, Distribution):
        raise TypeError(f"the target must be a distribution such as data.ring(), not {type(target).__name__}.")
    if target.dim != 2 or not isinstance(target, Centres | Curve):
        raise ValueError(
            f"the target is {target!r}: the playground lives in the plane, so give it one such as data.ring()."
        )
    return target.spec()


def _network(player: str, network: Any, inputs: int, outputs: int) -> dict[str, Any]:
    if not isinstance(network, MLP) or not network.plain:
        raise ValueError(
            f"the {player} is a {type(network).__name__} that the page's engine cannot run: "
            "use a plain MLP, without batch norm or a final activation."
        )
    if network.sizes[0] != inputs or network.sizes[-1] != outputs:
        raise ValueError(
            f"the {player} maps {network.sizes[0]} numbers to {network.sizes[-1]}: "
            f"with this noise and target it must be an MLP({inputs}, {outputs})."
        )
    return {"sizes": list(network.sizes), "activation": network.activation}


def spec(gan: GAN, target: Distribution, *, batch: int = 256, seed: int = 0) -> dict[str, Any]:
    """The GAN, what it learns, batch and seed as the JSON of the page's engine.

    With ``gan_lab.train(gan, target, steps, batch=batch, seed=seed, streams="page")`` the page and PyTorch then give
    the same numbers. Raises ValueError for what the engine does not have: networks other than plain MLPs from the noise
    to the target's dimension and from there to one number, targets off the line and the plane, other losses or
    penalties.
    """
    if not isinstance(gan, GAN):
        raise TypeError(f"spec expects a gan_lab.GAN, not {type(gan).__name__}.")
    if not isinstance(target, Distribution):
        raise TypeError(
            f"the target must be a distribution such as data.gaussian(2, 0.8), not {type(target).__name__}."
        )
    if target.dim > 2:
        raise ValueError(
            f"the target has {target.dim} dimensions: the page draws targets on the line and in the plane."
        )
    if type(gan) is not GAN:
        raise ValueError(f"{type(gan).__name__} has losses of its own: the page's engine plays the plain GAN only.")
    loss = gan.loss.spec()
    if gan.loss.name not in LOSSES or loss != LOSSES[gan.loss.name]().spec():
        raise ValueError(
            f"the page's engine does not have the loss {gan.loss!r}: it plays {', '.join(LOSSES)}, with their defaults."
        )
    for penalty in gan.penalties:
        if penalty.name not in PENALTIES or penalty.player != "discriminator":
            raise ValueError(
                f"the page's engine does not have the penalty {penalty!r}: it has {', '.join(PENALTIES)}, of the "
                "discriminator."
            )
    settings = [*gan.optimisers.values(), *gan.penalties]
    if changing := [s for s in settings if any(isinstance(value, Schedule) for value in vars(s).values())]:
        raise ValueError(f"the page's engine has no schedules, but there is {changing[0]!r}: give a number instead.")
    if gan.classes is not None or not isinstance(gan.augment, InstanceNoise | None):
        raise ValueError("the page's engine has no conditions, and no augmentation but instance noise: leave them out.")
    return {
        "generator": _network("generator", gan.generator, gan.prior.dim, target.dim),
        "discriminator": _network("discriminator", gan.discriminator, target.dim, 1),
        "loss": gan.loss.name,
        "penalties": [p.spec() for p in gan.penalties],
        "optimisers": {p: _plain(gan.optimisers[p].spec()) for p in ("generator", "discriminator")},
        "k": gan.k,
        "k_g": gan.k_g,
        "instance_noise": gan.instance_noise,
        "batch": whole_number("batch", batch, 1),
        "seed": whole_number("seed", seed, 0),
        "target": target.spec(),
        "prior": gan.prior.spec(),
    }


def _plain(recipe: dict[str, Any]) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in recipe.items()}
