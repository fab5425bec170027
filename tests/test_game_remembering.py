"""Momentum, RMSProp and Adam on games against torch.optim; negative momentum; Runge and Kutta's step."""

import numpy as np
import pytest
import torch

from gan_lab import game
from gan_lab.optim import Adam, RMSProp
from gan_lab.optim import Momentum as TorchMomentum

XY = game.Bilinear()
CURVED = game.DiracGAN("non_saturating", r1=0.3)
PAIRS = {
    "momentum": (lambda turns: game.Momentum(0.8, in_turns=turns), lambda lr: TorchMomentum(lr, 0.8)),
    "rmsprop": (lambda turns: game.RMSProp(0.9, in_turns=turns), lambda lr: RMSProp(lr, 0.9)),
    "adam": (lambda turns: game.Adam((0.5, 0.9), in_turns=turns), lambda lr: Adam(lr, (0.5, 0.9))),
}


def with_torch(g, recipe, start, eta, steps, in_turns):
    """The same walk by two torch optimisers, which minimise: the gradient is the field with its sign changed."""
    players = [torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in start]
    optimisers = [recipe(lr).build([one]) for lr, one in zip(eta, players, strict=True)]
    points = [list(start)]

    def look():
        return g.field(np.array([one.item() for one in players]))

    for _ in range(steps):
        arrow = look()
        for k, (one, optimiser) in enumerate(zip(players, optimisers, strict=True)):
            if k and in_turns:
                arrow = look()
            one.grad = torch.tensor([-arrow[k]], dtype=torch.float64)
            optimiser.step()
        points.append([one.item() for one in players])
    return np.array(points)


@pytest.mark.parametrize("in_turns", [False, True])
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("g", [XY, CURVED], ids=["bilinear", "dirac"])
def test_the_arithmetic_is_that_of_torch(g, name, in_turns):
    ours, recipe = PAIRS[name]
    eta = (0.05, 0.02)
    run = game.trajectory(g, ours(in_turns), (1.0, 0.6), eta, 120)
    expected = with_torch(g, recipe, (1.0, 0.6), eta, 120, in_turns)
    np.testing.assert_allclose(run.points, expected, atol=1e-11)
    assert run.method == name


def test_without_memory_momentum_is_the_plain_step():
    for turns, plain in ((False, "simultaneous"), (True, "alternating")):
        walk = game.trajectory(CURVED, game.Momentum(0.0, in_turns=turns), (1, 0.5), (0.3, 0.1), 50)
        np.testing.assert_array_equal(walk.points, game.trajectory(CURVED, plain, (1, 0.5), (0.3, 0.1), 50).points)


@pytest.mark.parametrize("in_turns", [False, True])
@pytest.mark.parametrize("beta", [-0.5, 0.3, 0.9])
@pytest.mark.parametrize("eta", [0.3, (0.1, 0.4)])
def test_the_matrix_of_momentum_is_its_step_near_the_equilibrium(in_turns, beta, eta):
    step = game.Momentum(beta, in_turns=in_turns)
    g = game.Quadratic([[1.0, 2.0], [0.0, -1.0]], np.diag([1.0, 0.5]), np.diag([2.0, 0.1]))  # F linear: exact
    state = np.array([0.4, -0.3, 0.2, 0.5, 1.0, -2.0, 0.1, 0.7])
    memory = np.zeros((3, 4))
    memory[0] = state[4:]
    after = step(g, game.State(state[:4], memory), eta)
    np.testing.assert_allclose(game.update_matrix(g, step, eta) @ state, np.r_[after.z, after.memory[0]], atol=1e-14)


def test_negative_momentum_in_turns_converges_and_at_once_nothing_does():
    """Gidel et al. 2019: on the bilinear game."""
    for eta in (0.1, 0.5, 0.9):
        rates = {b: game.spectral_rate(XY, game.Momentum(b, in_turns=True), eta) for b in (-0.5, -0.2, 0.3, 0.9)}
        assert rates[-0.5] < 1 and rates[-0.2] < 1 < min(rates[0.3], rates[0.9])
        at_once = [game.spectral_rate(XY, game.Momentum(b), eta) for b in np.linspace(-0.99, 0.99, 199)]
        assert min(at_once) > 1
    step = game.Momentum(-0.5, in_turns=True)
    run = game.trajectory(XY, step, (1, 0.6), 0.5, 200)
    assert run.rate() == pytest.approx(game.spectral_rate(XY, step, 0.5), rel=1e-2) and run.distance[-1] < 1e-3


def test_adam_does_not_find_a_saddle():
    for in_turns in (False, True):
        run = game.trajectory(XY, game.Adam(in_turns=in_turns), (1, 0.6), 0.05, 4_000)
        assert run.distance[-1_000:].max() > 1


@pytest.mark.parametrize("eta", [0.1, 0.5, 1.0, 2.0])
def test_runge_kutta_keeps_the_circle_but_for_a_power_of_six(eta):
    run = game.trajectory(XY, game.runge_kutta, (1, 0.3), eta, 30)
    factor = 1 - eta**6 / 72 + eta**8 / 576
    assert run.distance[1:] ** 2 / run.distance[:-1] ** 2 == pytest.approx(np.full(30, factor), rel=1e-12)
    assert game.spectral_rate(XY, game.runge_kutta, eta) == pytest.approx(factor, rel=1e-12)
    assert run.method == "runge_kutta"


def test_runge_kuttas_matrix_is_the_derivative_of_its_step():
    g = game.Differentiable(
        lambda x, y: (torch.sin(x) * y).sum() + 0.3 * (x**4).sum() - 0.2 * (y**2).sum() + x[0] * y[1], sizes=(2, 2)
    )
    z, eta, h = np.array([0.4, -0.3, 0.2, 0.5]), (0.3, 0.7), 1e-6

    def update(point):
        return game.runge_kutta(g, game.State(point), eta).z

    numeric = np.stack([(update(z + h * d) - update(z - h * d)) / (2 * h) for d in np.eye(4)], axis=1)
    assert game.update_matrix(g, game.runge_kutta, eta, z) == pytest.approx(numeric, abs=1e-8)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: game.Momentum(1.0), "beta is 1.0"),
        (lambda: game.RMSProp(1.0), "alpha is 1.0"),
        (lambda: game.Adam((0.9, -0.1)), "beta of Adam is -0.1"),
        (lambda: game.spectral_rate(XY, game.Adam(), 0.1), "has no matrix"),
        (lambda: game.exact_rate("momentum", 0.1), "unknown method"),
    ],
)
def test_bad_input_is_told_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
