"""Methods of play on games whose rates are known: by algebra, by gan_lab.game, and as trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gan_lab import game, losses, methods, penalties
from gan_lab.optim import OMD, SGD, Adam, Momentum, RMSProp
from tests.two_numbers import START, Bilinear, Swapped, dirac, walk

XY = game.Bilinear()
ETA = 0.3
# name -> (the method as trained, the optimiser), and the step of gan_lab.game that it must be
PAIRS: dict[str, tuple[Any, Any, Any]] = {
    "simultaneous": ("simultaneous", SGD(ETA), "simultaneous"),
    "alternating": ("alternating", SGD(ETA), "alternating"),
    "extragradient": ("extragradient", SGD(ETA), "extragradient"),
    "optimistic": ("simultaneous", OMD(ETA), "optimistic"),
    "negative momentum": ("alternating", Momentum(ETA, -0.5), game.Momentum(-0.5, in_turns=True)),
    "momentum at once": ("simultaneous", Momentum(ETA, 0.4), game.Momentum(0.4)),
    "adam": ("alternating", Adam(ETA, betas=(0.5, 0.9)), game.Adam((0.5, 0.9), in_turns=True)),
    "rmsprop": ("simultaneous", RMSProp(ETA, 0.9), game.RMSProp(0.9)),
    "lookahead": (methods.Lookahead(5, 0.5), SGD(ETA), game.Lookahead(5, 0.5)),
    "lookahead at once": (
        methods.Lookahead(3, 0.4, methods.Simultaneous()), SGD(ETA), game.Lookahead(3, 0.4, "simultaneous")
    ),
    "consensus": (methods.Consensus(0.7), SGD(ETA), game.Consensus(0.7)),
    "symplectic": (methods.Symplectic(0.7), SGD(ETA), game.Symplectic(0.7)),
    "symplectic unaligned": (methods.Symplectic(2.0, align=False), SGD(ETA), game.Symplectic(2.0, align=False)),
    "competitive": ("competitive", SGD(ETA), game.Competitive()),
}  # fmt: skip
WITH_R1 = {"loss": losses.NonSaturating(), "penalties": [penalties.R1(0.4)]}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("two", [False, True], ids=["one rate", "two time scales"])
def test_training_plays_the_bilinear_game_as_the_game_does(name: str, two: bool) -> None:
    method, recipe, step = PAIRS[name]
    rates = {"x": 0.1, "y": 0.4} if two else {"x": ETA, "y": ETA}
    recipes = {player: type(recipe)(**{**vars(recipe), "lr": lr}) for player, lr in rates.items()}
    found = walk(Bilinear(recipes), method, 40)
    eta = tuple(rates.values())
    np.testing.assert_allclose(found, game.trajectory(XY, step, START, eta, 40).points, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", PAIRS)
def test_training_plays_the_dirac_gan_as_the_game_does(name: str) -> None:
    """Through GAN, its losses and its penalty: the field curves, the game is not zero-sum."""
    method, recipe, step = PAIRS[name]
    found = walk(dirac(**WITH_R1, optimisers=recipe), method, 40)
    expected = game.trajectory(Swapped(game.DiracGAN("non_saturating", r1=0.4)), step, START, ETA, 40).points
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)


# -- rates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("eta", "radius"), [(0.1, 0.99852), (0.3, 0.98661), (0.5, 0.96254), (1.0, 1.0)])
def test_negative_momentum_in_turns_contracts_at_the_known_rate(eta: float, radius: float) -> None:
    step = game.Momentum(-0.5, in_turns=True)
    exact = game.spectral_rate(XY, step, eta) ** 0.5
    assert exact == pytest.approx(radius, abs=6e-6)
    if eta == 0.5:
        trained = walk(Bilinear(Momentum(eta, -0.5)), "alternating", 300)
        far = np.linalg.norm(trained, axis=1)
        assert (far[300] / far[100]) ** (1 / 200) == pytest.approx(radius, abs=5e-4)


@pytest.mark.parametrize("eta", [0.1, 0.3, 0.5, 1.0])
def test_at_once_momentum_contracts_for_none(eta: float) -> None:
    assert min(game.spectral_rate(XY, game.Momentum(b), eta) for b in np.arange(-0.95, 0.51, 0.05)) > 1


CONTRACTING = {
    "consensus": (game.Consensus(0.5), lambda h: (1 - 0.5 * h) ** 2 + h**2),
    "symplectic": (game.Symplectic(0.5), lambda h: (1 - 0.5 * h) ** 2 + h**2),
    "competitive": (game.Competitive(), lambda h: 1 / (1 + h**2)),
}


@pytest.mark.parametrize("eta", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("name", CONTRACTING)
def test_every_step_multiplies_the_squared_radius_by_the_exact_rate(name: str, eta: float) -> None:
    step, rate = CONTRACTING[name]
    squared = game.trajectory(XY, step, START, eta, 40).distance ** 2
    assert squared[1:] / squared[:-1] == pytest.approx(np.full(40, rate(eta)), rel=1e-12)
    assert game.exact_rate(step, eta) == pytest.approx(rate(eta), rel=1e-15)
    assert game.spectral_rate(XY, step, eta) == pytest.approx(rate(eta), rel=1e-12)
    if name == "competitive":
        assert rate(eta) == game.exact_rate("proximal", eta)
    method = {"consensus": methods.Consensus(0.5), "symplectic": methods.Symplectic(0.5)}.get(name, "competitive")
    trained = np.square(walk(Bilinear(SGD(eta)), method, 10)).sum(1)
    assert trained[1:] / trained[:-1] == pytest.approx(np.full(10, rate(eta)), rel=1e-10)


@pytest.mark.parametrize(("inner", "factor"), [("simultaneous", 0.8396), ("alternating", 0.7297)])
def test_lookahead_contracts_by_half_of_one_and_lambda_to_the_k(inner: str, factor: float) -> None:
    step = game.Lookahead(5, 0.5, inner)
    root = np.linalg.eigvals(game.update_matrix(XY, inner, 0.3))[0]
    assert abs((1 + root**5) / 2) == pytest.approx(factor, abs=5e-5)
    assert np.abs(np.linalg.eigvals(step.cycle(XY, 0.3))) == pytest.approx([factor] * 2, abs=5e-5)
    assert game.exact_rate(step, 0.3) == pytest.approx(factor ** (2 / 5), abs=1e-4)
    run = game.trajectory(XY, step, START, 0.3, 500)
    assert (run.distance[500] / run.distance[250]) ** (1 / 50) == pytest.approx(factor, abs=2e-3)
    # with a step as large as 1 the simultaneous one has gone too far to be taken back
    assert (game.exact_rate(step, 1.0) > 1) == (inner == "simultaneous")


@pytest.mark.parametrize("step", [game.Consensus(0.4), game.Symplectic(0.4), game.Competitive()], ids=repr)
def test_the_matrix_is_the_derivative_of_the_step(step: Any) -> None:
    g = game.DiracGAN("non_saturating", r1=0.3)
    h, eta = 1e-6, (0.2, 0.5)

    def after(z: np.ndarray) -> np.ndarray:
        return step(g, game.State(z), eta).z

    numeric = np.stack([(after(h * d) - after(-h * d)) / (2 * h) for d in np.eye(2)], axis=1)
    assert game.update_matrix(g, step, eta) == pytest.approx(numeric, abs=1e-8)


def test_the_symplectic_sign_turns_where_a_point_is_unstable() -> None:
    """Weak repulsion and a strong turn (Balduzzi et al. 2018, section 4): aligned it leaves, unaligned it is caught."""
    saddle = game.Quadratic(1.0, P=-0.5, Q=-0.5)
    far = {
        a: game.trajectory(saddle, game.Symplectic(1.0, align=a), (4.0, 1.0), 0.1, 60).distance for a in (True, False)
    }
    assert far[False][-1] < far[False][0] < far[True][-1]


# -- the Dirac-GAN under every penalty ----------------------------------------------------------------------------

GAMMA = 0.6


class _L1(game.DiracGAN):
    """psi is drawn to 0 with a force that does not fall."""

    def field(self, z: np.ndarray) -> np.ndarray:
        return super().field(z) - np.array([0, GAMMA * np.sign(z[1])])


# each penalty as gan_lab.game has it, where its rates are tested
DIRACS = {
    "r1": game.DiracGAN("non_saturating", r1=GAMMA),
    "r2": game.DiracGAN("non_saturating", r2=GAMMA),
    "l2": game.DiracGAN("non_saturating", r1=GAMMA),  # |ds/dx|^2 = psi^2 on a straight line: weight decay is R1 there
    "drift": game.DiracGAN("non_saturating"),  # the score of the one real point, at 0, is 0 whatever psi: no help
    "wgan_gp": game.DiracGAN("non_saturating", wgan_gp=GAMMA),
    "clip": game.DiracGAN("non_saturating", clip=GAMMA),
    "l1": _L1("non_saturating"),
}


@pytest.mark.parametrize("name", DIRACS)
def test_the_dirac_gan_under_every_penalty(name: str) -> None:
    """As trained it is the game whose eigenvalues are known, step by step."""
    found = walk(dirac(losses.NonSaturating(), [penalties.PENALTIES[name](GAMMA)], SGD(0.2)), "simultaneous", 60)
    expected = game.trajectory(Swapped(DIRACS[name]), "simultaneous", START, 0.2, 60).points
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", DIRACS)
def test_which_of_them_lead_to_the_equilibrium(name: str) -> None:
    """R1, R2 and weight decay. A kink at psi = 0 all but stops the generator; drift and clipping let it turn."""
    far = game.trajectory(DIRACS[name], "simultaneous", (0.9, 0.6), 0.05, 4_000).distance
    assert (far[-1_000:].max() < 1e-6) == (name in ("r1", "r2", "l2"))
    assert name in ("r1", "r2", "l2") or far[-1_000:].max() > 0.1


def test_no_penalty_is_left_out() -> None:
    known = {"clip", "wgan_gp", "r1", "r2", "drift", "l2", "l1"}
    assert known == set(DIRACS) and known <= set(penalties.PENALTIES)
