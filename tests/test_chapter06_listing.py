"""The listings of chapter 6 as they are printed there, against gan_lab; and what its boxes promise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

import gan_lab
from gan_lab import classroom, data, metrics, zoo
from gan_lab.losses import Loss, Minimax, NonSaturating
from gan_lab.nets import MLP
from gan_lab.optim import Adam
from tests.chapters import play


def names() -> dict[str, Any]:
    return {
        "torch": torch, "nn": torch.nn, "softplus": torch.nn.functional.softplus, "data": data, "gan_lab": gan_lab,
        "zoo": zoo, "Adam": Adam,
    }  # fmt: skip


def equal(left: Mapping[str, Any], gan: gan_lab.GAN) -> bool:
    mine = [*left["G"].parameters(), *left["D"].parameters()]
    return all(torch.equal(a, b) for a, b in zip(mine, gan.parameters(), strict=True))


DIGITS = ("ch06-digits-networks", "ch06-digits-loop")


def test_listing_by_hand_gives_the_same_numbers() -> None:
    twenty = {"steps_by_hand, losses_by_hand = 40, []": "steps_by_hand, losses_by_hand = 20, []"}
    left = play(6, *DIGITS, names=names(), changes=twenty)
    run = gan_lab.train(zoo.mlp_gan(joint=False), data.digits("embedded"), steps=20, seed=0, device="cpu")
    assert equal(left, run.gan)
    table = run.history
    assert left["losses_by_hand"] == list(zip(table["loss_discriminator"], table["loss_generator"], strict=True))
    for mine, theirs in zip(left["G"].buffers(), run.gan.generator.buffers(), strict=True):
        assert torch.equal(mine, theirs)  # batch norm's running mean, variance and count


@pytest.mark.parametrize("k", [1, 3])
def test_algorithm_1_by_hand_gives_the_same_numbers(k: int) -> None:
    changes = {"data.gaussian(2, 0.8), 64, 1,": f"data.gaussian(2, 0.8), 64, {k},", "in range(500)": "in range(40)"}
    left = play(6, "ch06-by-hand", names=names(), changes=changes)
    rates = {"generator": Adam(5e-4, (0.5, 0.99)), "discriminator": Adam(5e-3, (0.5, 0.99))}
    gan = gan_lab.GAN(MLP(1, 1), MLP(1, 1), NonSaturating(), optimisers=rates, k=k, joint=False)
    gan_lab.train(gan, data.gaussian(2, 0.8), steps=40, batch=64, seed=0, device="cpu")
    assert equal(left, gan)


def test_only_the_leak_breaks_the_equality() -> None:
    """The third "try it": clearing late is harmless as long as G's output is detached, and only then."""
    late = {
        "    adam_G.zero_grad()\n    loss_G.backward()\n    adam_G.step()\n": (
            "    loss_G.backward()\n    adam_G.step()\n    adam_G.zero_grad()\n"
        ),
        "steps_by_hand, losses_by_hand = 40, []": "steps_by_hand, losses_by_hand = 5, []",
    }
    gan = gan_lab.train(zoo.mlp_gan(joint=False), data.digits("embedded"), steps=5, seed=0, device="cpu").gan
    assert equal(play(6, *DIGITS, names=names(), changes=late), gan)
    assert not equal(play(6, *DIGITS, names=names(), changes={**late, "D(G(z).detach())": "D(G(z))"}), gan)


def figure1_gan(k: int, loss: Loss | None = None) -> gan_lab.GAN:
    """The GAN of the page's Figure 1 as it opens."""
    rates = {"generator": Adam(5e-4, (0.5, 0.99)), "discriminator": Adam(5e-3, (0.5, 0.99))}
    sizes = MLP(1, 1, (16, 16)), MLP(1, 1, (32, 32))
    return gan_lab.GAN(*sizes, loss or NonSaturating(), prior=data.gaussian(0, 1), optimisers=rates, k=k)


@pytest.mark.parametrize(
    ("k", "shown"), [(k, classroom.exercises()["6.4"].fields[i].value) for i, k in enumerate((1, 5))]
)
def test_the_numbers_that_exercise_6_4_expects_are_the_figures(k: int, shown: float) -> None:
    gan, target = figure1_gan(k), data.gaussian(2, 0.8)
    gan_lab.train(gan, target, steps=500, batch=256, seed=0, streams="page", device="cpu")
    x = torch.linspace(-4, 8, 12_001, dtype=torch.float64)
    made, density = metrics.pushforward_density(gan.generator, gan.prior)
    q = torch.from_numpy(np.interp(x, made, density, left=0, right=0))
    c = 2 * metrics.jensen_shannon(target.density(x), q / torch.trapezoid(q, x), dx=0.001) - math.log(4)
    assert c == pytest.approx(shown, abs=0.003)


def test_a_far_target_stops_the_minimax_generator() -> None:
    """The first "try it", over seeds: with k = 10 minimax stays where it is, the non-saturating loss comes closer."""
    target, moved = data.gaussian(4, 0.5), {}
    evenly = (torch.arange(1_000) + 0.5) / 1_000

    def distance(run: Any) -> float:
        return metrics.wasserstein1(run.samples(1_000), target.quantile(evenly))

    for loss in (Minimax(), NonSaturating()):
        run = gan_lab.train_many(
            figure1_gan(10, loss), target, 100, seeds=range(10), batch=64, metrics={"W1": distance}, every=50
        )
        table = run.history.dropna().pivot(index="seed", columns="step", values="W1")
        moved[loss.name] = (table[50] - table[100]).to_numpy()
    assert np.abs(moved["minimax"]).max() < 0.1
    assert moved["non_saturating"].min() > 0.4


def test_a_slow_discriminator_wants_a_larger_k() -> None:
    """The second "try it", and the solution of 6.4: k = 5 helps where D learns no faster than G, and only there."""
    target, evenly, ends = data.gaussian(2, 0.8), (torch.arange(1_000) + 0.5) / 1_000, {}

    def distance(run: Any) -> float:
        return metrics.wasserstein1(run.samples(1_000), target.quantile(evenly))

    for rate in (5e-4, 5e-3):
        for k in (1, 5):
            gan = figure1_gan(k)
            gan.optimisers["discriminator"] = Adam(rate, (0.5, 0.99))
            run = gan_lab.train_many(gan, target, 500, seeds=range(10), batch=64, metrics={"W1": distance}, every=500)
            ends[rate, k] = run.last("W1")
    assert ends[5e-4, 5].mean() < 0.7 * ends[5e-4, 1].mean(), ends
    assert ends[5e-3, 5].mean() > 0.8 * ends[5e-3, 1].mean(), ends


@pytest.mark.parametrize(
    ("number", "answer", "says"),
    [
        ("6.1", (3_000, 960_000, 1_152_000), "five in every iteration"),
        ("6.1", (600, 960_000, 1_152_000), "not G's"),
        ("6.1", (15_000, 1_152_000, 1_152_000), "no real samples"),
        ("6.1", (15_000, 960_000, 960_000), "its own step as well"),
        ("6.2", (-0.95, -0.05), "each other's"),
        ("6.2", (0.05, 0.95), "sign"),
        ("6.2", (-1 / 0.95, -20.0), "with respect to D"),
        ("6.4", (-1.282, -1.294), "each other's"),
        ("6.4", (1.294, 1.282), "minus sign"),
        ("6.4", (-1.2, -1.282), "earlier"),
        ("6.4", (-1.4, -1.282), "below -log 4"),
    ],
)
def test_checks_name_the_slip(number: str, answer: tuple[float, ...], says: str) -> None:
    verdict = classroom.check(number, *answer)
    assert not verdict and says in verdict.message, verdict


def test_right_answers_pass() -> None:
    assert classroom.check("6.1", 15_000, 960_000, 1_152_000)
    assert classroom.check("6.2", -0.05, -0.95)
    assert classroom.check("6.4", -1.294, -1.282)


def d_step(*lines: str) -> Any:
    """A discriminator step made of these lines."""
    space = names()
    exec("def step(G, D, adam_D, real, z):\n" + "".join(f"    {line}\n" for line in lines), space)
    return space["step"]


LOSS = "loss = softplus(-D(real)).mean() + softplus(D(G(z).detach())).mean()"
REST = ("adam_D.zero_grad()", "loss.backward()", "adam_D.step()")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("D(real)",), "not moved"),
        (("loss = -D(real).sigmoid().log().mean() - (1 - D(G(z).detach()).sigmoid()).log().mean()", *REST), "is sure"),
        ((LOSS.replace(".detach()", ""), *REST), "G's gradients have changed"),
        ((LOSS, "loss.backward()", "adam_D.step()"), "clear them first"),
        (("loss = -softplus(-D(real)).mean() - softplus(D(G(z).detach())).mean()", *REST), "uphill"),
        (("loss = softplus(D(real)).mean() + softplus(-D(G(z).detach())).mean()", *REST), "swapped"),
        (("loss = softplus(-D(G(z).detach())).mean()", *REST), "loss of the generator"),
        (("loss = softplus(-D(real)).mean()", *REST), "only the real"),
        (("loss = softplus(D(G(z).detach())).mean()", *REST), "only the generated"),
        ((LOSS.replace("D(real)", "D(real).sigmoid()").replace("detach())", "detach()).sigmoid()"), *REST), "sigmoid"),
        ((LOSS.replace("mean", "sum"), *REST), "sums over the batch"),
        (("G.requires_grad_(False)", LOSS, *REST), "frozen"),
        ((LOSS, *REST, "torch._foreach_add_([p.data for p in G.parameters()], 1.0)"), "G's weights"),
        (("loss = (D(real) - 1).square().mean() + D(G(z).detach()).square().mean()", *REST), "term by term"),
    ],
)
def test_a_wrong_d_step_is_told_what_is_wrong(lines: tuple[str, ...], says: str) -> None:
    verdict = classroom.check("6.3", d_step(*lines))
    assert not verdict and says in verdict.message, verdict


def test_right_d_steps_pass() -> None:
    assert classroom.check("6.3", d_step(LOSS, *REST))
    assert classroom.check(
        "6.3", d_step("with torch.no_grad(): fake = G(z)", LOSS.replace("G(z).detach()", "fake"), *REST)
    )
    assert classroom.check("6.3", d_step("adam_D.zero_grad()", LOSS, "loss.backward()", "adam_D.step()"))


def patience(looks: int, mean: int, worth: float) -> Any:
    def stop(scores: list[float]) -> bool:
        if math.isnan(scores[-1]):
            return True
        if len(scores) < looks + mean:
            return False
        now, before = sum(scores[-mean:]) / mean, sum(scores[-looks - mean : -looks]) / mean
        return not now < (1 - worth) * before

    return stop


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (lambda scores: False, "NaN"),
        (lambda scores: True, "first look"),
        (lambda scores: None if scores else 1, "returns nothing"),
        (lambda scores: len(scores) >= 30, "still falling"),
        (lambda scores: len(scores) > 1 and scores[-1] > scores[-2], "falling run"),
        (lambda scores: math.isnan(scores[-1]), "worse and worse"),
        (patience(4, 1, 0.0), "falling"),
    ],
)
def test_a_poor_stopping_rule_is_told_why(rule: Any, says: str) -> None:
    verdict = classroom.check("6.5", rule)
    assert not verdict and (says in verdict.message or "falling" in verdict.message and says == "still falling"), (
        verdict
    )


def test_patience_passes() -> None:
    """Step 7's own rule too: no better score in five looks."""
    assert classroom.check("6.5", lambda s: math.isnan(s[-1]) or len(s) > 5 and min(s[-5:]) >= min(s[:-5]))
    assert classroom.check("6.5", patience(10, 5, 0.02))
