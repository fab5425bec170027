"""A judge of pictures for chapter 1, "Why generate?", and the checks of its exercises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gan_lab import data, random
from gan_lab._errors import whole_number
from gan_lab.classroom.core import Verdict, exercise, right, wrong
from gan_lab.data import Images
from gan_lab.nets import MLP
from gan_lab.optim import Adam
from gan_lab.train import best_response

DOTS = wrong("the dots are still there: put your answer in their place and run the cell.")


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


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        return None


# -- 1.1 -----------------------------------------------------------------------------------------------------


@exercise("1.1", "The best judge of dust", "List the pictures with their two probabilities; the judge says the larger.")
def best_judge(impossible: Any, two: Any, eight: Any) -> Verdict:
    """The share of impossible dust for two pixels, and the best judge's accuracy for two and for eight."""
    if any(v is ... for v in (impossible, two, eight)):
        return DOTS
    numbers = [_number(v) for v in (impossible, two, eight)]
    if any(v is None or not 0 <= v <= 1 for v in numbers):
        return wrong("all three answers are shares between 0 and 1: 75 percent is 0.75.")
    a, b, c = (v for v in numbers if v is not None)
    if abs(a - 0.5) > 1e-6:
        if abs(a - 0.25) < 1e-6:
            return wrong("0.25 is the share of *one* of the impossible pictures; black-white and white-black both are.")
        return wrong(
            f"of the four pictures of two coins, how many have two different pixels? That is not {a:g} of them."
        )
    if abs(b - 0.75) > 1e-6:
        slips = {
            1.0: "a judge cannot always be right: dust is sometimes all black, and so is half of the real pictures.",
            0.5: "0.5 is the judge who sees one pixel. With two it recognises a part of the dust for certain.",
            2 / 3: "real and dust are shown equally often: weigh each picture's two probabilities by one half.",
        }
        near = min(slips, key=lambda s: abs(s - b))
        hint = (
            slips[near]
            if abs(near - b) < 0.01
            else "for each of the four pictures the judge is right as often as the likelier side shows it; add up "
            "and halve."
        )
        return wrong(f"the share is right; the accuracy for two pixels is not {b:g}: {hint}")
    if abs(c - 255 / 256) > 5e-4:
        if abs(c - 127 / 128) < 5e-4:
            return wrong(
                "127/128 is the share of dust that gives itself away. Half of what the judge sees is real, and about "
                "that it is never wrong: take the mean of the two."
            )
        return wrong(
            f"right for two pixels. With eight there are 256 pictures, and only two of them leave a doubt; {c:g} is "
            "not the sum."
        )
    return right(
        "1 - 1/2^n. One pixel: 1/2, nothing to see. Eight pixels: 255/256, though every pixel alone is perfect."
    )


# -- 1.2 -----------------------------------------------------------------------------------------------------


@exercise(
    "1.2",
    "Follow the arrows",
    "Wait until the green hill lies on the dotted one, pause, and read the arrows' two ends.",
)
def follow_arrows(at_zero: Any, at_one: Any) -> Verdict:
    """Where the trained generator of the head's figure sends z = 0 and z = 1; the target is N(2, 0.8)."""
    if at_zero is ... or at_one is ...:
        return DOTS
    zero, one = _number(at_zero), _number(at_one)
    if zero is None or one is None or not (-10 < zero < 10 and -10 < one < 10):
        return wrong("both answers are places on the x axis of the figure, such as 1.5.")
    if abs(zero) < 0.35 and abs(one - 1) < 0.35:
        return wrong("those are the lower ends of the arrows, z itself. Where do the arrows point to?")
    if abs(zero - 2) > 0.4:
        return wrong(
            "z = 0 is the middle of the noise; when p_g lies on p_data its arrow must end in the middle of the "
            f"data, not at {zero:g}. Has it trained long enough?"
        )
    if abs(abs(one - zero) - 0.8) > 0.35:
        if abs(one - zero) < 0.45:
            return wrong(
                "the two arrows end too close to each other: then the green hill is narrower than the dotted one. "
                "Train on."
            )
        return wrong(
            "z = 1 is one standard deviation away from z = 0, and the data's standard deviation is 0.8; your "
            f"arrows end {abs(one - zero):.2g} apart."
        )
    return right(
        "the middle goes to the middle and one standard deviation to one standard deviation."
        + (" Yours runs backwards, which is just as good: the noise is symmetric." if one < zero else "")
    )


# -- 1.3 -----------------------------------------------------------------------------------------------------


@exercise(
    "1.3",
    "What a neighbour gives away",
    "Which of the four pictures of two pixels is how likely: together, and as dust?",
)
def neighbour(best_accuracy: Callable[[Tensor, Tensor], Any]) -> Verdict:
    """best_accuracy(a, b) for boolean tensors (n,): 1/2 + TV(joint, product of marginals) / 2."""
    if best_accuracy is ...:
        return DOTS
    if not callable(best_accuracy):
        return wrong("hand over the function itself, best_accuracy, not what it returns.")
    coins = torch.arange(4096)
    left, apart, mostly = coins % 2 == 0, coins // 2 % 2 == 0, coins % 8 == 0
    cases = [(left, left), (left, apart), (left, ~left), (mostly, mostly), (mostly, left)]
    results = [best_accuracy(a.clone(), b.clone()) for a, b in cases]
    if any(r is None for r in results):
        return wrong("your function returns nothing: end it with return.")
    got = [_number(r) for r in results]
    if any(v is None or v != v for v in got):
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


@exercise(
    "1.4", "Dust from a seed", "Sort each pixel's 500 values once; z says how far along that sorted list to reach."
)
def seeded_dust(generator: Callable[[Tensor], Any]) -> Verdict:
    """generator(z): z (n, 784) uniform on (0, 1) -> (n, 784), every pixel with the law of the sevens' pixel."""
    if generator is ...:
        return DOTS
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


@exercise(
    "1.5", "Better dust", "What does a small window show of a picture put together from large pieces of real ones?"
)
def better_dust(maker: Callable[[int], Any]) -> Verdict:
    """maker(n) -> Images: not told from real digits in the central 4 x 4 window, and no copies of whole digits."""
    if maker is ...:
        return DOTS
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
    copies = _copies(made, digits)
    if copies > 5:
        return wrong(
            f"{copies} of 500 pictures are copies of real digits, shifted at most. Copying fools every judge and "
            "makes nothing new."
        )
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


def _copies(made: Images, real: Images, among: int = 500) -> int:
    """How many of the first ``among`` pictures are real ones, moved by at most two pixels."""
    known = {picture.numpy().tobytes() for picture in real.pixels}
    shifts = [(y, x) for y in range(-2, 3) for x in range(-2, 3)]
    return sum(
        any(picture.roll(shift, (1, 2)).numpy().tobytes() in known for shift in shifts)
        for picture in made.pixels[:among]
    )
