"""Exercises with numbers of one's own: the same question, other numbers for each seed, the same slips told apart."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gan_lab.classroom import answers
from gan_lab.classroom.core import Verdict, right, wrong
from gan_lab.classroom.core import check as check_of_the_book

#: What a slip gives, and what to say about it.
Slips = Mapping[float, str]


@dataclass(frozen=True)
class Variant:
    """One exercise with numbers of one's own: text (Markdown), the answers' names, right values, {slip: message}."""

    text: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    slips: tuple[Slips, ...]
    told: str
    relative: float = 2e-3

    def judge(self, *answer: Any) -> Verdict:
        """As the book's own check: the first answer that is not right, and why."""
        if len(answer) != len(self.names):
            return wrong(f"this exercise takes {', '.join(self.names)}: {len(self.names)} answers.")
        for name, given, exact, slips in zip(self.names, answer, self.values, self.slips, strict=True):
            number = answers.given(given)
            if number is None:
                return wrong(f"{name}: give one number, such as 0.25, 1/4 or 2/sqrt(3).")
            if self._near(number, exact):
                continue
            slip = next((say for value, say in slips.items() if self._near(number, value)), "look at it again.")
            return wrong(f"{name} is not {number:g}: {slip}")
        return right(self.told)

    def _near(self, given: float, exact: float) -> bool:
        return abs(given - exact) <= self.relative * max(abs(exact), 1e-3)

    @property
    def told_apart(self) -> bool:
        """Whether no slip passes for another, or for the right answer."""
        numbers = [[exact, *slips] for exact, slips in zip(self.values, self.slips, strict=True)]
        return not any(self._near(a, b) for of in numbers for a, b in itertools.permutations(of, 2))


Maker = Callable[[random.Random], Variant]
VARIANTS: dict[str, Maker] = {}


def _variant(number: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        VARIANTS[number] = maker
        return maker

    return register


def variant(number: str, seed: int) -> Variant:
    """The exercise with the numbers of ``seed``; raises KeyError where the book has only its own numbers."""
    rng = random.Random(f"{number}:{seed}")
    while not (drawn := VARIANTS[number](rng)).told_apart:
        pass
    return drawn


def check(number: str, *answer: Any, seed: int | None = None, **named: Any) -> Verdict:
    """As :func:`gan_lab.classroom.check`, for the numbers of ``seed`` where the exercise has such.

    >>> check("6.1", 15_000, 960_000, 1_152_000).passed
    True
    """
    # of a cell that is as it was given out the book's own check says so
    if seed is None or number not in VARIANTS or any(one is ... for one in answer):
        return check_of_the_book(number, *answer, **named)
    own = variant(number, seed)
    by_name = [named.pop(name) for name in own.names[len(answer) :] if name in named]
    return own.judge(*answer, *by_name, *named.values())  # one too many is said


@_variant("2.1")
def _small_tree(rng: random.Random) -> Variant:
    from gan_lab import game

    while True:
        leaves = [[[rng.randint(0, 9) for _ in range(2)] for _ in range(2)] for _ in range(3)]
        tree = game.from_lists(leaves)
        search = game.alpha_beta(tree)
        value, looked = float(search.value), len(search.visited)
        flat = [leaf for branch in leaves for node in branch for leaf in node]
        if looked < 11 and value not in (max(flat), min(flat)):
            break
    lowest = [[min(node) for node in branch] for branch in leaves]
    slips = {
        float(max(max(branch) for branch in lowest)): "in the lowest row it is Max's turn, and Min's above it.",
        float(max(min(branch) for branch in lowest)): "did Min choose in the lowest row? There it is Max's turn again.",
        float(max(flat)): "that is the largest leaf: Min moves in between and will not allow it.",
        float(min(flat)): "that is the smallest leaf: Max would not go there.",
    }
    return Variant(
        f"Max moves first, then Min, then Max again; the numbers are what Min pays Max at the end.\n\n    {leaves}\n\n"
        "What is the game worth? And at how many of the 12 leaves does alpha-beta look, from left to right?",
        ("value", "leaves"), (value, float(looked)),
        (slips, {12.0: "alpha-beta leaves some leaves out: what can Min force in the later branches?"}),
        f"worth {value:g}, with {looked} of the 12 leaves looked at.", 1e-9,
    )  # fmt: skip


@_variant("4.1")
def _two_densities(rng: random.Random) -> Variant:
    z, w = rng.choice([0.1, 0.25, 0.3, 0.4, 0.5]), rng.choice([1.0, 1.5, 2.5])
    x, y, phi = round(z * z, 4), w * w, math.exp(-w * w / 2) / math.sqrt(2 * math.pi)
    first = {1.0: "that is p_z: the slope is missing.", 2 * z: "you multiplied by the slope: divide.",
             1 / (2 * x): f"the slope was taken at x = {x:g}. Take it at the z that leads there."}  # fmt: skip
    second = {phi / (2 * w): f"only one of the two z that lead to {y:g} is counted.",
              phi: "that is the prior's density: the slopes are missing.",
              2 * phi: "both z are there, but the slopes are missing."}  # fmt: skip
    return Variant(
        f"$G(z) = z^2$. First the prior is uniform on (0, 1): what is $p_g$ at $x = {x:g}$? Then the prior is standard "
        f"normal: what is $p_g$ at $x = {y:g}$? (The standard normal density at {w:g} is {phi:.5f}.)",
        ("uniform", "normal"), (1 / (2 * z), phi / w), (first, second),
        "where several z lead to the same x, their shares add up.", 5e-3,
    )  # fmt: skip


@_variant("6.1")
def _bill(rng: random.Random) -> Variant:
    n, k, m = rng.choice([1000, 2000, 4000, 5000]), rng.choice([2, 3, 4, 6]), rng.choice([32, 128, 256])
    steps = {float(n): "k counts D's steps for each step of G.", float(n * (k + 1)): "that counts G's steps too."}
    real = {float(n * m): f"each of D's {k} steps draws a batch of its own.",
            float(n * (k + 1) * m): "G's step draws no real samples."}  # fmt: skip
    noise = {float(n * k * m): "G draws fresh noise for its own step as well.",
             float(n * m): "that is G's share; D needs noise too.",
             float(2 * n * m): "D draws noise in each of its steps, not once an iteration."}  # fmt: skip
    return Variant(
        f"Algorithm 1 with $k = {k}$, $m = {m}$ and {n:,} iterations. How many steps does D make? How many real "
        "samples are drawn, and how many noise vectors?",
        ("D_steps", "real_samples", "noise_vectors"), (float(n * k), float(n * k * m), float(n * (k + 1) * m)),
        (steps, real, noise), f"{n * k:,} steps, {n * k * m:,} real samples, {n * (k + 1) * m:,} noise vectors.", 1e-9,
    )  # fmt: skip


@_variant("6.2")
def _who_pulls(rng: random.Random) -> Variant:
    d = rng.choice([0.01, 0.02, 0.04, 0.1, 0.2])
    first = {d - 1: "the two are each other's: where D is sure of a fake, log(1 - D) is the flat one.",
             -1 / (1 - d): "that is a derivative with respect to D: multiply by D(1 - D).",
             d: "the size is right, the sign is not."}  # fmt: skip
    second = {-d: "the two are each other's.", 1 - d: "the size is right, the sign is not.",
              -1 / d: "that is a derivative with respect to D: multiply by D(1 - D)."}  # fmt: skip
    return Variant(
        f"On a generated sample $D = {d:g}$. What are the derivatives of $\\log(1 - D)$ and of $-\\log D$ with respect "
        "to the logit $s$, $D = \\sigma(s)$?",
        ("minimax_slope", "non_saturating_slope"), (-d, d - 1), (first, second),
        f"{-d:g} and {d - 1:g}: both towards 'more real', the second {(1 - d) / d:.3g} times as hard.",
    )  # fmt: skip
