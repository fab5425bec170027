"""The matrix games everybody should know by name."""

from __future__ import annotations

from gan_lab._errors import unknown
from gan_lab.game.matrix import MatrixGame


def prisoners_dilemma() -> MatrixGame:
    """Each does better by defecting whatever the other does; both would do better if neither did (Tucker 1950).

    Payoffs are years of prison avoided: temptation 5 > reward 3 > punishment 1 > sucker's payoff 0.
    """
    moves = ("cooperate", "defect")
    return MatrixGame([[3, 0], [5, 1]], [[3, 5], [0, 1]], rows=moves, columns=moves, name="prisoner's dilemma")


def matching_pennies() -> MatrixGame:
    """Zero-sum: the row player wins when the coins match, the column player when they do not."""
    sides = ("heads", "tails")
    return MatrixGame([[1, -1], [-1, 1]], rows=sides, columns=sides, name="matching pennies")


def rock_paper_scissors() -> MatrixGame:
    """Zero-sum: paper beats rock, scissors beat paper, rock beats scissors."""
    hands = ("rock", "paper", "scissors")
    return MatrixGame([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], rows=hands, columns=hands, name="rock paper scissors")


def battle_of_the_sexes() -> MatrixGame:
    """Two people want to be together, one prefers the opera, the other football (Luce and Raiffa 1957)."""
    places = ("opera", "football")
    return MatrixGame([[2, 0], [0, 1]], [[1, 0], [0, 2]], rows=places, columns=places, name="battle of the sexes")


def stag_hunt() -> MatrixGame:
    """A stag takes two hunters, a hare one: two pure equilibria, one better, the other safer (Rousseau 1755)."""
    game = ("stag", "hare")
    return MatrixGame([[4, 0], [3, 3]], [[4, 3], [0, 3]], rows=game, columns=game, name="stag hunt")


NAMED = {
    maker.__name__: maker
    for maker in (prisoners_dilemma, matching_pennies, rock_paper_scissors, battle_of_the_sexes, stag_hunt)
}


def named(name: str) -> MatrixGame:
    """The game called ``name``; ``ValueError`` lists the near ones when there is none."""
    if name not in NAMED:
        raise unknown("game", name, NAMED)
    return NAMED[name]()
