"""Exercises with numbers of one's own: the same question, other numbers for each seed, the same slips told apart."""

from __future__ import annotations

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

    def clear(self) -> bool:
        """Whether no slip is taken for the right answer, and no two slips of one answer for each other."""
        for exact, slips in zip(self.values, self.slips, strict=True):
            told_apart = [exact, *slips]
            for i, one in enumerate(told_apart):
                if any(self._near(one, other) or self._near(other, one) for other in told_apart[:i]):
                    return False
        return True

    def _near(self, given: float, exact: float) -> bool:
        return abs(given - exact) <= self.relative * max(abs(exact), 1e-3)


Maker = Callable[[random.Random], Variant]
VARIANTS: dict[str, Maker] = {}


def _variant(number: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        VARIANTS[number] = maker
        return maker

    return register


def variant(number: str, seed: int) -> Variant:
    """The exercise with the numbers of ``seed``; raises KeyError where the book has only its own numbers.

    Numbers under which a slip would be right, or look like another slip, are drawn again.
    """
    rng = random.Random(f"{number}:{seed}")
    while not (made := VARIANTS[number](rng)).clear():
        pass
    return made


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
        flat = rng.sample(range(10, 100), 12)  # no two alike: how far alpha-beta looks must not hang on a tie
        leaves = [[flat[i : i + 2], flat[i + 2 : i + 4]] for i in (0, 4, 8)]
        search = game.alpha_beta(game.from_lists(leaves))
        value, looked = float(search.value), len(search.visited)
        lowest = [[min(node) for node in branch] for branch in leaves]
        slips = {
            float(max(max(branch) for branch in lowest)): "in the lowest row it is Max's turn, and Min's above it.",
            float(max(min(branch) for branch in lowest)): "did Min choose in the lowest row? There it is Max's turn.",
            float(max(flat)): "that is the largest leaf: Min moves in between and will not allow it.",
            float(min(flat)): "that is the smallest leaf: Max would not go there.",
        }
        if looked < 11 and len(slips) == 4:
            break
    return Variant(
        f"Max moves first, then Min, then Max again; the numbers are what Min pays Max at the end.\n\n    {leaves}\n\n"
        "What is the game worth? And at how many of the 12 leaves does alpha-beta look, from left to right?",
        ("value", "leaves"), (value, float(looked)),
        (slips, {12.0: "alpha-beta leaves some leaves out: what can Min force in the later branches?"}),
        f"worth {value:g}, with {looked} of the 12 leaves looked at.", 1e-9,
    )  # fmt: skip


@_variant("4.1")
def _two_densities(rng: random.Random) -> Variant:
    z = rng.choice([0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.25, 0.3, 0.35, 0.4, 0.45, 0.55, 0.6, 0.7, 0.8, 0.9])
    w = rng.choice([0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2.1, 2.2, 2.3, 2.4, 2.5])
    x, y, phi = round(z * z, 4), round(w * w, 2), math.exp(-w * w / 2) / math.sqrt(2 * math.pi)
    first = {1.0: "that is p_z: the slope is missing.", 2 * z: "you multiplied by the slope: divide.",
             1 / (2 * x): f"the slope was taken at x = {x:g}. Take it at the z that leads there."}  # fmt: skip
    second = {phi / (2 * w): f"only one of the two z that lead to {y:g} is counted.",
              phi: "that is the prior's density: the slopes are missing.",
              2 * phi: "both z are there, but the slopes are missing."}  # fmt: skip
    return Variant(
        f"$G(z) = z^2$. First the prior is uniform on (0, 1): what is $p_g$ at $x = {x:g}$? Then the prior is standard "
        f"normal: what is $p_g$ at $x = {y:g}$? Three digits are enough. (The standard normal density at {w:g} is "
        f"{phi:.5f}.)",
        ("uniform", "normal"), (1 / (2 * z), phi / w), (first, second),
        "where several z lead to the same x, their shares add up.", 5e-3,
    )  # fmt: skip


@_variant("6.1")
def _bill(rng: random.Random) -> Variant:
    n, k, m = 500 * rng.randint(2, 20), rng.choice([3, 4, 6, 7, 8]), rng.choice([16, 32, 50, 100, 128, 200, 256])
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
    d = rng.randint(10, 449) / 1000
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
