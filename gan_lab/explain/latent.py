"""Ways through the space of z, and what each of its directions does to a sample."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gan_lab._errors import finite, unknown, whole_number
from gan_lab._numbers import as_floats

WAYS = ("straight", "great_circle")


def interpolate(z0: Any, z1: Any, n: int = 9, how: str = "straight") -> Tensor:
    """n points from z0 to z1, both ends included, evenly spaced: two tensors of one shape -> (n, *shape).

    A point has shape (inputs,). Of (m, ...) each of the m rows goes its own way, to the same row of z1.

    how: "straight", or "great_circle", which turns the direction evenly and lets the length go evenly from |z0| to
    |z1| (Shoemake 1985; for latent spaces White 2016, section 2.1). Samples of a standard normal in d dimensions lie
    near the sphere of radius sqrt(d); halfway, a straight line between two of them is only about sqrt(d / 2) from the
    origin, where hardly any sample lies, while the circle stays where they are. The ends are z0 and z1 exactly.

    Raises ValueError for shapes that differ, n below 2, an unknown way, and for a circle where there is none or more
    than one: a point at the origin, or two opposite ones.
    """
    if how not in WAYS:
        raise unknown("way", how, WAYS)
    n = whole_number("n", n, 2)
    z0, z1 = as_floats(z0), as_floats(z1)
    if z0.shape != z1.shape or z0.ndim == 0:
        raise ValueError(f"z0 has shape {tuple(z0.shape)}, z1 {tuple(z1.shape)}: give two points of the same space.")
    z0, z1 = finite("z0", z0), finite("z1", z1).to(z0.device)
    kind = torch.promote_types(z0.dtype, z1.dtype)
    a, b = ((z[None] if z.ndim == 1 else z.flatten(1)).to(kind) for z in (z0, z1))
    t = torch.linspace(0, 1, n, dtype=kind, device=z0.device)[:, None, None]
    way = a * (1 - t) + b * t if how == "straight" else _great_circle(a, b, t)
    way[0], way[-1] = a, b  # not 1e-16 beside
    return way.reshape(n, *z0.shape)


def _great_circle(z0: Tensor, z1: Tensor, t: Tensor) -> Tensor:
    """Row by row: z0 and z1 (m, inputs), t (n, 1, 1) -> (n, m, inputs)."""
    length0, length1 = z0.norm(dim=1, keepdim=True), z1.norm(dim=1, keepdim=True)
    if not bool(((length0 > 0) & (length1 > 0)).all()):
        raise ValueError("a great circle needs two directions, but a point lies at the origin: use how='straight'.")
    u, v = z0 / length0, z1 / length1
    # the angle from chords: the arc cosine loses half its digits for directions that are nearly equal
    angle = 2 * torch.atan2((u - v).norm(dim=1, keepdim=True), (u + v).norm(dim=1, keepdim=True))
    if bool((torch.pi - angle < 1e-5).any()):
        raise ValueError("z0 and z1 lie opposite each other, where every great circle leads from one to the other.")
    turned = (u * torch.sin((1 - t) * angle) + v * torch.sin(t * angle)) / torch.sin(angle)
    straight = u * (1 - t) + v * t  # to the last digit, where the angle is small
    return torch.where(angle < 1e-5, straight, turned) * (length0 * (1 - t) + length1 * t)


def jacobian(generator: nn.Module, z: Any) -> Tensor:
    """dG/dz at each z: (n, inputs) -> (n, *shape of a sample, inputs). One forward pass with tangents for each input.

    z is taken to the generator's device and type of numbers; batch norm and the like are in evaluation mode while it is
    computed. ``jacobian(...)[..., j]`` is a picture of where a sample moves when input j grows, to first order. Raises
    ValueError for a z that is not (n, inputs).
    """
    z = as_floats(z)
    z = z.to(next(generator.parameters(), z))
    if z.ndim != 2 or len(z) == 0:
        raise ValueError(f"z has shape {tuple(z.shape)}: give (n, inputs) with n > 0.")
    n, inputs = z.shape
    modes = [(module, module.training) for module in generator.modules()]
    generator.eval()
    try:
        with torch.enable_grad():
            # u -> u J is linear in u, so that its derivative along a row e_j is J e_j: a forward derivative made of two
            # backward ones (torch.func.jacfwd gives the same, but takes seconds to load)
            rows = finite("z", z).detach().repeat_interleave(inputs, dim=0).requires_grad_()
            samples = generator(rows)
            u = torch.zeros_like(samples, requires_grad=True)
            (uj,) = torch.autograd.grad(samples, rows, u, create_graph=True)
            (columns,) = torch.autograd.grad(uj, u, torch.eye(inputs).to(z).repeat(n, 1))
    finally:
        for module, training in modes:  # one that was frozen stays so
            module.training = training
    return columns.unflatten(0, (n, inputs)).movedim(1, -1)


def sensitivity(generator: nn.Module, z: Any) -> Tensor:
    """How far a sample moves with each input, per unit: the norms of the Jacobian's columns, (n, inputs) at each z.

    A linear generator z -> W z + b gives the norms of W's columns wherever z is. Average over many z for a ranking.
    """
    return jacobian(generator, z).flatten(1, -2).norm(dim=1)
