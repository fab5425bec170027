"""The linear algebra under matrix games: linear programmes, and mixes that leave an opponent indifferent."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def unit(A: Array) -> Array:
    """``A`` with its payoffs moved and scaled to [0, 1], which changes no best response and no equilibrium.

    Tolerances, ranks and linear programmes then mean the same whatever units the payoffs were in.
    """
    A = A / (np.abs(A).max() or 1.0)
    A = A - A.min()
    return np.asarray(A / (A.max() or 1.0))


def secure_mix(A: Array) -> tuple[Array, float]:
    """The mix x that maximises min_j (x'A)_j, and that minimum: the row player's programme in von Neumann's theorem.

    maximise v subject to x'A >= v in every column, x >= 0, sum x = 1.
    """
    from scipy.optimize import linprog  # takes half a second to import

    m, n = A.shape
    result = linprog(
        c=np.r_[np.zeros(m), -1.0],
        A_ub=np.c_[-unit(A).T, np.ones(n)],
        b_ub=np.zeros(n),
        A_eq=np.r_[np.ones(m), 0.0][None, :],
        b_eq=[1.0],
        bounds=[(0, 1)] * m + [(None, None)],
        method="highs",
    )
    if result.status != 0:
        raise RuntimeError(f"The linear programme of a {m} x {n} game failed: {result.message}")
    x = np.clip(result.x[:m], 0, None)
    x /= x.sum()
    return x, float((x @ A).min())


def dominating_mix(A: Array, k: int, margin: float) -> Array | None:
    """Weights over the other rows of ``A`` that beat row ``k`` in every column by more than ``margin``; None if none.

    maximise d subject to w'A_others >= A_k + d in every column, w >= 0, sum w = 1; a single row is preferred.
    """
    others = np.delete(A, k, axis=0)
    if len(others) == 0:
        return None
    slack = (others - A[k]).min(axis=1)
    if slack.max() > margin:
        return np.asarray(np.eye(len(others))[int(slack.argmax())])
    mix, gain = secure_mix(others - A[k])
    return mix if gain > margin else None


def indifferent_mixes(A: Array, slack: float) -> Iterator[Array]:
    """Mixes y over the columns of ``A`` that make as many rows best responses as y has columns in its support.

    These are the corners (y, v) of {A y <= v, y >= 0, sum y = 1}: for each set J of columns and each set I of as many
    rows, solve A_IJ y_J = v, sum y_J = 1, and keep what is a mix to which no row is better by more than ``slack``.
    """
    tol = slack / (np.ptp(A) or 1.0)
    A = unit(A)
    m, n = A.shape
    for size in range(1, min(m, n) + 1):
        for columns in itertools.combinations(range(n), size):
            for rows in itertools.combinations(range(m), size):
                y = _solve_support(A, rows, columns)
                if y is not None and (y[list(columns)] > 1e-12).all():
                    scores = A @ y
                    if scores[list(rows)].min() >= scores.max() - tol:
                        yield y


def _solve_support(A: Array, rows: tuple[int, ...], columns: tuple[int, ...]) -> Array | None:
    size = len(columns)
    system = np.zeros((size + 1, size + 1))
    system[:size, :size] = A[np.ix_(rows, columns)]
    system[:size, size] = -1.0
    system[size, :size] = 1.0
    if np.linalg.matrix_rank(system) <= size:
        return None
    y = np.zeros(A.shape[1])
    y[list(columns)] = np.linalg.solve(system, np.r_[np.zeros(size), 1.0])[:size]
    return y
