"""Still figures show what is there."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import gan_lab
from gan_lab import data
from gan_lab.nets import MLP
from gan_lab.plots import show_run


def run(d):
    gan = gan_lab.GAN(MLP(2, d, (4,)), MLP(d, 1, (4,)))
    return gan_lab.train(gan, data.standard_normal(d), 2, batch=8, seed=0, device="cpu")


@pytest.mark.parametrize("d", [2, 3, 4])
def test_a_run_of_few_dimensions_shows_every_pair_of_coordinates(d):
    made = run(d)
    figure = show_run(made)
    samples = made.samples(2_000).numpy()
    drawn = [line.get_xydata() for ax in figure.axes for line in ax.lines if line.get_label() == "generated"]
    assert len(drawn) == d * (d - 1) // 2
    pairs = [(i, j) for j in range(1, d) for i in range(j)]  # row by row
    for points, pair in zip(drawn, pairs, strict=True):
        np.testing.assert_array_equal(points, samples[:, pair])
    said = {ax.get_xlabel() for ax in figure.axes} | {ax.get_ylabel() for ax in figure.axes}
    assert {f"coordinate {k + 1}" for k in range(d)} <= said or d == 2


def test_samples_of_many_dimensions_are_told_of_in_words():
    figure = show_run(run(7))
    words = [text.get_text() for half in figure.subfigs for text in half.texts]
    assert len(words) == 1 and "7 numbers" in words[0]
    assert figure.axes[-1].get_xlabel() == "step"  # the losses are drawn all the same


def test_drawing_a_run_draws_no_random_numbers_and_leaves_no_figure_open():
    made = run(1)
    before = torch.get_rng_state()
    show_run(made)
    assert torch.equal(torch.get_rng_state(), before) and not plt.get_fignums()
