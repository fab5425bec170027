"""The Dirac-GAN: eigenvalues in closed form and measured, its losses against gan_lab.losses, who converges."""

import numpy as np
import pytest
import torch

from gan_lab import game, losses

LIBRARY = {
    "minimax": losses.Minimax,
    "non_saturating": losses.NonSaturating,
    "relativistic": losses.Relativistic,
    "wasserstein": losses.Wasserstein,
    "hinge": losses.Hinge,
    "least_squares": losses.LeastSquares,
}


def library_field(g, theta, psi):
    """The same arrows from gan_lab's losses by autograd: both players descend what the library gives them."""
    t = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    p = torch.tensor(psi, dtype=torch.float64, requires_grad=True)
    middle = 0.5 if g.loss == "least_squares" else 0.0  # what says "can't tell": halfway between the labels
    real, fake, loss = (middle + p * 0.0).reshape(1), (middle + p * t).reshape(1), LIBRARY[g.loss]()
    penalty = (g.r1 + g.r2) / 2 * p**2 + g.wgan_gp * (p.abs() - 1) ** 2
    generator = loss.generator(fake, real) if loss.needs_real else loss.generator(fake)
    (to_theta,) = torch.autograd.grad(generator, t, retain_graph=True)
    (to_psi,) = torch.autograd.grad(loss.discriminator(real, fake) + penalty, p)
    return [-float(to_theta), -float(to_psi)]


@pytest.mark.parametrize("loss", LIBRARY)
@pytest.mark.parametrize("penalty", [{}, {"r1": 0.7}, {"r1": 0.3, "r2": 0.4}, {"wgan_gp": 10.0}])
@pytest.mark.parametrize("z", [(0.5, 0.8), (-1.3, 0.2), (2.0, -1.5)])
def test_the_field_is_that_of_the_librarys_losses(loss, penalty, z):
    g = game.DiracGAN(loss, **penalty)
    assert g.field(np.array(z)) == pytest.approx(library_field(g, *z), abs=1e-14)


@pytest.mark.parametrize("loss", LIBRARY)
def test_the_jacobian_is_the_derivative_of_the_field(loss):
    g, h = game.DiracGAN(loss, r1=0.3, wgan_gp=0.5), 1e-6
    z = np.array([0.7, 0.4])
    numeric = np.stack([(g.field(z + h * d) - g.field(z - h * d)) / (2 * h) for d in np.eye(2)], axis=1)
    assert g.jacobian(z) == pytest.approx(numeric, abs=1e-8)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating", "relativistic", "least_squares"])
def test_without_a_penalty_the_eigenvalues_are_plus_minus_i_a(loss):
    g = game.DiracGAN(loss)
    assert g.pull == 0.5
    assert g.eigenvalues() == pytest.approx([-0.5j, 0.5j], abs=1e-15)
    assert g.exact_eigenvalues() == pytest.approx(g.eigenvalues(), abs=1e-15)


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.99, 1.0, 1.5, 4.0])
@pytest.mark.parametrize("which", ["r1", "r2"])
def test_r1_and_r2_move_the_eigenvalues_to_the_left(gamma, which):
    g = game.DiracGAN("non_saturating", **{which: gamma})
    root = np.sqrt(complex(gamma**2 / 4 - 0.25))
    expected = sorted([-gamma / 2 - root, -gamma / 2 + root], key=lambda v: (v.imag, v.real))
    assert g.exact_eigenvalues() == pytest.approx(expected, abs=1e-15)
    assert g.eigenvalues() == pytest.approx(expected, abs=2e-8)  # a double root costs half the digits
    assert g.eigenvalues().real.max() < 0
    assert (np.abs(g.exact_eigenvalues().imag).max() > 0) == (gamma < g.critical_gamma == 1.0)


@pytest.mark.parametrize("loss", LIBRARY)
@pytest.mark.parametrize("z", [(0.5, 0.8), (-1.3, 0.2), (0.4, -0.6)])
def test_instance_noise_is_the_mean_of_the_librarys_losses_on_noisy_points(loss, z):
    """Against a fine sum over both noises, so that the ten points of the quadrature are tested too."""
    g, library = game.DiracGAN(loss, noise=0.6), LIBRARY[loss]()
    t, p = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in z)
    n = torch.linspace(-8, 8, 401, dtype=torch.float64)
    w = torch.softmax(-(n**2) / 2, 0)
    pairs, weights = torch.cartesian_prod(n, n), torch.outer(w, w).reshape(-1) * len(n) ** 2
    middle = 0.5 if loss == "least_squares" else 0.0
    real, fake = middle + p * 0.6 * pairs[:, 0], middle + p * (t + 0.6 * pairs[:, 1])

    def mean(player):  # the library's losses are plain means over the batch: pairs enter one by one, with their weights
        needs = library.needs_real or player == "discriminator"
        parts = torch.func.vmap(
            lambda r, f: (
                library.discriminator(r[None], f[None])
                if player == "discriminator"
                else library.generator(f[None], r[None])
                if needs
                else library.generator(f[None])
            )
        )(real, fake)
        return (weights * parts).mean()

    (to_theta,) = torch.autograd.grad(mean("generator"), t, retain_graph=True)
    (to_psi,) = torch.autograd.grad(mean("discriminator"), p)
    tolerance = 0.05 if loss == "hinge" else 1e-6  # ten points follow a jump only roughly
    assert g.field(np.array(z)) == pytest.approx([-float(to_theta), -float(to_psi)], abs=tolerance)


@pytest.mark.parametrize("loss", ["minimax", "non_saturating", "relativistic", "wasserstein", "least_squares"])
def test_the_jacobian_under_noise_is_the_derivative_of_the_field(loss):
    g, h, z = game.DiracGAN(loss, r1=0.3, noise=0.7), 1e-6, np.array([0.7, 0.4])
    numeric = np.stack([(g.field(z + h * d) - g.field(z - h * d)) / (2 * h) for d in np.eye(2)], axis=1)
    assert g.jacobian(z) == pytest.approx(numeric, abs=1e-8)


@pytest.mark.parametrize("noise", [0.3, 1.0, 1.4, 2.0])
def test_instance_noise_pulls_like_a_gradient_penalty(noise):
    for loss, weight in (("minimax", 0.5), ("non_saturating", 0.5), ("relativistic", 0.5), ("least_squares", 2.0)):
        noisy, penalised = game.DiracGAN(loss, noise=noise), game.DiracGAN(loss, r1=weight * noise**2)
        assert noisy.gamma == pytest.approx(penalised.gamma)
        assert noisy.exact_eigenvalues() == pytest.approx(penalised.exact_eigenvalues(), abs=1e-14)
        assert noisy.eigenvalues() == pytest.approx(noisy.exact_eigenvalues(), abs=1e-12)
    for loss in ("wasserstein", "hinge"):
        assert game.DiracGAN(loss, noise=noise).eigenvalues() == pytest.approx([-1j, 1j], abs=1e-12)


def test_both_penalties_together_weigh_twice():
    both, double = game.DiracGAN(r1=0.4, r2=0.4), game.DiracGAN(r1=0.8)
    assert both.exact_eigenvalues() == pytest.approx(double.exact_eigenvalues(), abs=0)
    z = np.array([0.3, 0.9])
    assert both.field(z) == pytest.approx(double.field(z), abs=1e-15)


@pytest.mark.parametrize("method", game.METHODS)
def test_with_r1_every_method_converges_and_at_the_predicted_rate(method):
    g = game.DiracGAN("non_saturating", r1=0.6)
    run = game.trajectory(g, method, (1.0, 0.5), 0.1, 3_000)
    assert run.distance[-1] < 1e-6
    # the distance wobbles within a turn of the spiral, so the rate is read over many turns
    assert run.rate() == pytest.approx(game.spectral_rate(g, method, 0.1), abs=2e-3)


def test_unregularised_simultaneous_spirals_out_and_alternating_stays():
    out = game.trajectory(game.DiracGAN("minimax"), "simultaneous", (1.0, 0.5), 0.1, 2_000)
    assert out.distance[-1] > 1.5 * out.distance[0]
    stays = game.trajectory(game.DiracGAN("minimax"), "alternating", (1.0, 0.5), 0.1, 20_000)
    assert 0.8 < stays.distance[-5_000:].min() and stays.distance.max() < 1.6


@pytest.mark.parametrize("method", ["extragradient", "optimistic", "proximal"])
@pytest.mark.parametrize("loss", ["minimax", "non_saturating", "wasserstein"])
def test_methods_that_look_ahead_converge_without_a_penalty(method, loss):
    run = game.trajectory(game.DiracGAN(loss), method, (0.6, 0.3), 0.4, 4_000)
    assert run.distance[-1] < 1e-6


@pytest.mark.parametrize("method", ["simultaneous", "alternating"])
@pytest.mark.parametrize("options", [{}, {"clip": 0.3}, {"wgan_gp": 1.0}])
def test_wasserstein_clipped_or_penalised_does_not_converge(method, options):
    g = game.DiracGAN("wasserstein", **options)
    run = game.trajectory(g, method, (1.0, 0.5), 0.02, 20_000)
    assert run.distance[-10_000:].max() > 0.25
    if "clip" in options:
        assert np.abs(run.points[1:, 1]).max() <= 0.3


def test_in_continuous_time_the_wasserstein_game_keeps_its_radius():
    g = game.DiracGAN("wasserstein")
    z = np.array([0.8, -0.6])
    assert g.field(z) @ z == pytest.approx(0, abs=1e-15)


def test_proximal_handles_the_kink_of_the_gradient_penalty():
    g = game.DiracGAN("wasserstein", wgan_gp=1.0)
    run = game.trajectory(g, "proximal", (1.0, 0.5), 0.1, 500)
    assert len(run.points) == 501
    assert run.distance[-200:].max() > 0.25


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: game.DiracGAN("wasserstien"), "wasserstein"),
        (lambda: game.DiracGAN(r1=-1), "r1 is -1"),
        (lambda: game.DiracGAN(clip=0), "clip is 0"),
        (lambda: game.DiracGAN(noise=-0.1), "noise is -0.1"),
        (lambda: game.DiracGAN(wgan_gp=1).exact_eigenvalues(), "jumps at psi = 0"),
        (lambda: game.DiracGAN(wgan_gp=1).eigenvalues(), "kink at psi = 0"),
    ],
)
def test_bad_input_is_told_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
