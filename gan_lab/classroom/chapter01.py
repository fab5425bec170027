"""A judge of pictures for chapter 1, "Why generate?", and the checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab import data, random
from gan_lab._errors import whole_number
from gan_lab.classroom.answers import number
from gan_lab.classroom.core import Verdict, checks, right, wrong
from gan_lab.data import Images
from gan_lab.nets import MLP
from gan_lab.optim import Adam
from gan_lab.train import best_response


def window(images: Images, width: int) -> Images:
    """Only the central ``width`` x ``width`` pixels of every picture; raises ValueError where it does not fit."""
    height, breadth = images.shape[1:]
    if whole_number("width", width, 1) > min(height, breadth):
        raise ValueError(f"a window of {width} pixels does not fit into pictures of {height} x {breadth}.")
    top, left = (height - width) // 2, (breadth - width) // 2
    return Images(images.pixels[:, :, top : top + width, left : left + width].contiguous(), images.labels, images.name)


def critic_accuracy(real: Images, fake: Images, width: int | None = None, *, seed: int = 0, steps: int = 250) -> float:
    """How often a freshly trained critic is right about pictures it has not seen, between 0 and 1; 0.5 is guessing.

    A small network learns on four fifths of both sets to tell real from fake and is examined on the rest; with
    ``width`` it sees only the central ``width`` x ``width`` pixels. (A two-sample test by classifier: Lopez-Paz and
    Oquab 2017.) ``seed`` sets the split, the initial weights and the batches.
    """
    if width is not None:
        real, fake = window(real, width), window(fake, width)
    generator = torch.Generator().manual_seed(random.stream_seed(seed, "data"))
    parts = []
    for images in (real, fake):
        order, cut = torch.randperm(len(images), generator=generator), len(images) * 4 // 5
        parts.append((Images(images.pixels[order[:cut]]), Images(images.pixels[order[cut:]])))
    (learn_real, test_real), (learn_fake, test_fake) = parts
    critic = MLP(real.dim, 1, hidden=(64,), activation="relu")
    # images draw as distributions do; nothing else of a distribution is asked for
    fit = best_response(critic, learn_real, learn_fake, steps, batch=128, optimiser=Adam(2e-3), seed=seed)  # type: ignore[arg-type]
    hits = (fit.score(test_real[:]) > 0).float().mean(), (fit.score(test_fake[:]) <= 0).float().mean()
    return float(sum(hits) / 2)


# -- 1.3 -----------------------------------------------------------------------------------------------------


@checks("1.3")
def neighbour(best_accuracy: Callable[[Tensor, Tensor], Any]) -> Verdict:
    """best_accuracy(a, b) for boolean tensors (n,): 1/2 + TV(joint, product of marginals) / 2."""
    if not callable(best_accuracy):
        return wrong("hand over the function itself, best_accuracy, not what it returns.")
    coins = torch.arange(4096)
    left, apart, mostly = coins % 2 == 0, coins // 2 % 2 == 0, coins % 8 == 0
    cases = [(left, left), (left, apart), (left, ~left), (mostly, mostly), (mostly, left)]
    results = [best_accuracy(a.clone(), b.clone()) for a, b in cases]
    if any(r is None for r in results):
        return wrong("your function returns nothing: end it with return.")
    got = [number(r) for r in results]
    if any(v is None for v in got):
        return wrong(f"your function must return a number between 0.5 and 1, but returned {results[0]!r}.")
    same, independent, opposite, rare, mixed = (v for v in got if v is not None)
    truth = [_best_accuracy(a, b) for a, b in cases]
    if all(abs(g - t) < 1e-6 for g, t in zip((same, independent, opposite, rare, mixed), truth, strict=True)):
        return right("half plus half the total variation distance, whatever the two pixels are.")
    if abs(independent - 0.5) > 1e-6:
        if abs(independent) < 1e-6:
            return wrong(
                "for independent pixels you give 0. A judge who sees no difference still guesses right every second "
                "time."
            )
        return wrong(
            f"independent pixels *are* dust: nobody can do better than 0.5 there, but you give {independent:.3g}."
        )
    if abs(same - 1) < 1e-6:
        return wrong(
            "for two equal pixels, half of them black, you give 1. But every second dust pair is equal as well, and "
            "then the judge cannot know."
        )
    if abs(same - truth[0]) > 1e-6:
        return wrong(
            f"for two equal pixels, half of them black, the accuracy is {truth[0]:.3g}, not {same:.3g}: half plus half "
            "the sum of |p - q| / 2."
        )
    if abs(opposite - same) > 1e-6:
        return wrong(
            "pixels that always *differ* give themselves away as much as pixels that always agree; yours differ: "
            "use absolute differences."
        )
    if abs(rare - truth[3]) > 1e-6:
        return wrong(
            f"right where black and white are equally likely, wrong where one pixel in eight is white: {rare:.3g} "
            f"instead of {truth[3]:.3g}. Dust has the *pixels' own* shares."
        )
    return wrong(
        f"for two pixels with different shares of white: {mixed:.3g} instead of {truth[4]:.3g}. Sum over "
        "all four pictures."
    )


def _best_accuracy(a: Tensor, b: Tensor) -> float:
    pa, pb, total = a.double().mean(), b.double().mean(), 0.0
    for va, qa in ((True, pa), (False, 1 - pa)):
        for vb, qb in ((True, pb), (False, 1 - pb)):
            joint = ((a == va) & (b == vb)).double().mean()
            total += float((joint - qa * qb).abs())
    return 0.5 + total / 4


# -- 1.4 -----------------------------------------------------------------------------------------------------


@checks("1.4")
def seeded_dust(generator: Callable[[Tensor], Any]) -> Verdict:
    """generator(z): z (n, 784) uniform on (0, 1) -> (n, 784), every pixel with the law of the sevens' pixel."""
    if not callable(generator):
        return wrong("hand over the function itself, not a picture that it made.")
    sevens = data.digits("embedded").of_class(7)[:].flatten(1)
    z = torch.rand(2_000, sevens.shape[1], generator=torch.Generator().manual_seed(1))
    x = generator(z.clone())
    if not isinstance(x, Tensor) or x.shape != z.shape:
        return wrong(
            f"for z of shape {tuple(z.shape)} return a tensor of the same shape, not "
            f"{getattr(x, 'shape', type(x).__name__)}."
        )
    again = generator(z.clone())
    if not torch.equal(x, again):
        return wrong(
            "the same seed gave two different pictures. Draw no random numbers inside: all the chance is in z."
        )
    if bool((x.abs() > 1.0001).any()):
        return wrong(f"the pixels reach from {x.min():.3g} to {x.max():.3g}: they must lie in [-1, 1], as the data do.")
    nudged = z.clone()
    middle = 14 * 28 + 14
    nudged[:, middle] = 1 - nudged[:, middle]
    moved = (generator(nudged) != x).any(0).nonzero().flatten().tolist()
    if middle not in moved:
        return wrong("changing the seed of a pixel in the middle changed nothing: z is not used there.")
    if moved != [middle]:
        return wrong(
            f"changing the seed of one pixel moved {len(moved)} pixels. In dust each pixel listens to its own seed "
            "only."
        )
    gap = (x.mean(0) - sevens.mean(0)).abs().max()
    if gap > 0.12:
        return wrong(
            f"some pixel's mean is off by {gap:.2f} (0.07 would be chance): its values must be those of the sevens "
            "at *that* pixel."
        )
    spread = (x.std(0) - sevens.std(0)).abs().max()
    if spread > 0.12:
        return wrong(
            f"the means are right, but some pixel's spread is off by {spread:.2f}: the data are mostly black or "
            "white, hardly ever their mean."
        )
    return right("a generator: a fixed function that turns a seed into a picture. Nothing random happens inside it.")


# -- 1.5 -----------------------------------------------------------------------------------------------------


@checks("1.5")
def better_dust(maker: Callable[[int], Any]) -> Verdict:
    """maker(n) -> Images: not told from real digits in the central 4 x 4 window, and no copies of whole digits."""
    if not callable(maker):
        return wrong("hand over the function itself: maker(n) returns n pictures as data.Images.")
    digits = data.digits("embedded")
    made = maker(5_000)
    if isinstance(made, Tensor) and made.dtype == torch.uint8:
        made = Images(made.reshape(-1, *digits.shape))
    if not isinstance(made, Images):
        kind = f"a tensor of {made.dtype}" if isinstance(made, Tensor) else type(made).__name__
        return wrong(f"maker(n) must return data.Images, or a tensor of bytes (uint8, 0 to 255), not {kind}.")
    if len(made) != 5_000 or made.shape != digits.shape:
        return wrong(f"asked for 5,000 pictures of shape {digits.shape}, got {len(made):,} of shape {made.shape}.")
    if fault := _pictures_at_fault(made, digits):
        return wrong(fault)
    seen = {w: critic_accuracy(digits, made, w) for w in (1, 4, 10, 28)}
    told = ", ".join(f"{w} x {w}: {100 * accuracy:.0f} %" for w, accuracy in seen.items())
    if seen[1] > 0.56:
        return wrong(f"a judge of a single pixel is already right too often ({told}): keep every pixel's own law.")
    if seen[4] > 0.6:
        return wrong(
            f"the judge with a window of 4 x 4 pixels is right too often (window, accuracy: {told}). Plain dust: 97 %."
        )
    return right(
        f"past the small windows (window, accuracy: {told}). The first large accuracy shows where your pictures fail."
    )


def _pictures_at_fault(made: Images, real: Images) -> str | None:
    """What is wrong with the pictures before any judge has looked: repeated, copied, or black where there is ink."""
    different = len(made.pixels.flatten(1).unique(dim=0))
    if different < 0.99 * len(made):
        return f"only {different:,} of {len(made):,} pictures differ from each other: make each one anew."
    if (copies := _copies(made, real)) > 2:
        return (
            f"{copies} of 200 pictures are copies of real digits, shifted or retouched at most. Copying fools every "
            "judge and makes nothing new."
        )
    gap = (made[:].mean(0) - real[:].mean(0)).abs().max()
    if gap > 0.15:
        return (
            f"some pixel's mean is off by {gap:.2f} (0.06 would be chance), perhaps outside the small windows: keep "
            "every pixel's own law over the whole sheet."
        )
    return None


def _copies(made: Images, real: Images, among: int = 200) -> int:
    """How many of the first ``among`` pictures have a real one, moved by at most two pixels, as their near twin.

    Near: the squared difference is less than a tenth of the picture's ink. Two different digits are never that alike.
    """
    known = real.pixels.flatten(1).float() / 255
    lengths, found = known.square().sum(1), torch.zeros(among, dtype=torch.bool)
    for shift in [(y, x) for y in range(-2, 3) for x in range(-2, 3)]:
        moved = made.pixels[:among].roll(shift, (2, 3)).flatten(1).float() / 255
        ink = moved.square().sum(1)
        apart = ink + (lengths - 2 * (moved @ known.T)).amin(1)
        found |= apart < 0.1 * ink
    return int(found.sum())
