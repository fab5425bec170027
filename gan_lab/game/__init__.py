"""Games before networks: trees, matrices, and two players who follow their gradients.

* trees: ``GameTree``, ``from_lists``, ``grow``; ``minimax``, ``backward_induction``, ``alpha_beta``, ``security``
* matrices: ``MatrixGame`` and the games known by name; ``fictitious_play``, ``gradient_play``, ``replicator``
* smooth games: ``Bilinear``, ``Quadratic``, ``Differentiable``, and matrix games ``Mixed``
* two that say something about GANs: ``DiracGAN``, and ``TwoPoints``, which has no Nash equilibrium
* ``trajectory`` under one of ``METHODS``, or ``runge_kutta``, ``Momentum``, ``RMSProp``, ``Adam``, ``Consensus``,
  ``Symplectic``, ``Competitive``, ``Lookahead``

Nothing here knows about networks, losses or data.
"""

from gan_lab.game.adjusting import Competitive, Consensus, Lookahead, Symplectic
from gan_lab.game.alphabeta import AlphaBeta, alpha_beta, fewest_leaves, reorder
from gan_lab.game.bargaining import first_share, haggle, split, take_away
from gan_lab.game.dirac import DiracGAN
from gan_lab.game.draw import draw_tree
from gan_lab.game.draw_plane import (
    draw_best_answers,
    draw_best_responses,
    draw_field,
    draw_paths,
    draw_rates,
    draw_security,
)
from gan_lab.game.learning import Play, fictitious_play, gradient_play, replicator, to_simplex
from gan_lab.game.matrix import Elimination, Equilibrium, MatrixGame
from gan_lab.game.methods import (
    METHODS,
    State,
    Trajectory,
    alternating,
    exact_rate,
    extragradient,
    optimistic,
    proximal,
    runge_kutta,
    simultaneous,
    spectral_rate,
    trajectory,
    update_matrix,
)
from gan_lab.game.mixed import Mixed
from gan_lab.game.named import (
    NAMED,
    battle_of_the_sexes,
    matching_pennies,
    named,
    prisoners_dilemma,
    rock_paper_scissors,
    stag_hunt,
)
from gan_lab.game.nodes import Chance, Decision, Leaf, chance, decision, leaf
from gan_lab.game.remembering import Adam, Momentum, RMSProp
from gan_lab.game.saddle import Bilinear, Differentiable, Quadratic, SmoothGame, is_saddle
from gan_lab.game.trees import (
    GameTree,
    Solution,
    backward_induction,
    deviation_gains,
    from_lists,
    grow,
    minimax,
    normal_form,
    security,
)
from gan_lab.game.two_points import TwoPoints

__all__ = [
    "METHODS",
    "NAMED",
    "Adam",
    "AlphaBeta",
    "Bilinear",
    "Chance",
    "Competitive",
    "Consensus",
    "Decision",
    "Differentiable",
    "DiracGAN",
    "Elimination",
    "Equilibrium",
    "GameTree",
    "Leaf",
    "Lookahead",
    "MatrixGame",
    "Mixed",
    "Momentum",
    "Play",
    "Quadratic",
    "RMSProp",
    "SmoothGame",
    "Solution",
    "State",
    "Symplectic",
    "Trajectory",
    "TwoPoints",
    "alpha_beta",
    "alternating",
    "backward_induction",
    "battle_of_the_sexes",
    "chance",
    "decision",
    "deviation_gains",
    "draw_best_answers",
    "draw_best_responses",
    "draw_field",
    "draw_paths",
    "draw_rates",
    "draw_security",
    "draw_tree",
    "exact_rate",
    "extragradient",
    "fewest_leaves",
    "fictitious_play",
    "first_share",
    "from_lists",
    "gradient_play",
    "grow",
    "haggle",
    "is_saddle",
    "leaf",
    "matching_pennies",
    "minimax",
    "named",
    "normal_form",
    "optimistic",
    "prisoners_dilemma",
    "proximal",
    "reorder",
    "replicator",
    "rock_paper_scissors",
    "runge_kutta",
    "security",
    "simultaneous",
    "spectral_rate",
    "split",
    "stag_hunt",
    "take_away",
    "to_simplex",
    "trajectory",
    "update_matrix",
]
