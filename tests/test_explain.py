"""gan_lab.explain against what is known exactly."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_lab import data, explain
from gan_lab.nets import MLP


def points(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# -- ways ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["straight", "great_circle"])
def test_both_ends_are_exact_and_the_middle_is_even(how):
    z0, z1 = points(2, 16)
    way = explain.interpolate(z0, z1, 9, how)
    assert way.shape == (9, 16) and torch.equal(way[0], z0) and torch.equal(way[-1], z1)
    back = explain.interpolate(z1, z0, 9, how).flip(0)
    torch.testing.assert_close(way, back, rtol=1e-13, atol=1e-13)


def test_a_straight_line_has_equal_steps_and_dips_towards_the_origin():
    z0, z1 = points(2, 16)
    way = explain.interpolate(z0, z1, 5)
    torch.testing.assert_close(way.diff(dim=0), ((z1 - z0) / 4).expand(4, -1), rtol=0, atol=1e-14)
    torch.testing.assert_close(way[2], (z0 + z1) / 2, rtol=0, atol=1e-14)
    # sqrt(d) at the ends and sqrt(d / 2) halfway, for samples of a standard normal
    ends = points(2, 2_000, 64)
    middle = explain.interpolate(ends[0], ends[1], 3)[1].norm(dim=1).mean()
    assert float(middle) == pytest.approx(math.sqrt(32), rel=0.01)


def test_a_great_circle_keeps_the_length_and_turns_evenly():
    z0, z1 = points(2, 16)
    z1 = z1 * z0.norm() / z1.norm()
    way = explain.interpolate(z0, z1, 7, "great_circle")
    torch.testing.assert_close(way.norm(dim=1), z0.norm().expand(7), rtol=1e-13, atol=0)
    unit = way / way.norm(dim=1, keepdim=True)
    angles = torch.acos((unit[1:] * unit[:-1]).sum(1))
    torch.testing.assert_close(angles, angles[0].expand(6), rtol=1e-6, atol=0)
    # it stays in the plane of the two
    assert int(torch.linalg.matrix_rank(torch.cat([way, z0[None], z1[None]]), tol=1e-9)) == 2


def test_a_quarter_circle_by_hand_with_lengths_that_go_evenly():
    way = explain.interpolate(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 3.0]), 3, "great_circle")
    torch.testing.assert_close(way[1], torch.tensor([math.sqrt(2), math.sqrt(2)]))


def test_nearly_equal_directions_and_equal_ones():
    z = points(8)
    torch.testing.assert_close(explain.interpolate(z, 2 * z, 3, "great_circle")[1], 1.5 * z)
    for shift in (1e-3, 1e-7, 1e-12):
        other = z + shift * points(8, seed=1)
        way = explain.interpolate(z, other, 3, "great_circle")[1]
        torch.testing.assert_close(way, (z + other) / 2, rtol=0, atol=1e-6 * max(shift, 1e-9) + 1e-15 + shift**2)


@pytest.mark.parametrize("how", ["straight", "great_circle"])
def test_each_row_of_a_batch_goes_its_own_way(how):
    z0, z1 = points(2, 5, 16)
    alone = [explain.interpolate(a, b, 7, how) for a, b in zip(z0, z1, strict=True)]
    torch.testing.assert_close(explain.interpolate(z0, z1, 7, how), torch.stack(alone, 1), rtol=0, atol=0)


def test_whole_numbers_and_arrays_are_points_too():
    way = explain.interpolate(torch.tensor([0, 10]), np.array([10, 0]), np.int64(3))
    assert way.tolist() == [[0, 10], [5, 5], [10, 0]]
    found = explain.sensitivity(MLP(2, 3), np.ones((4, 2)))  # float64 for a network in float32
    assert found.shape == (4, 2) and found.dtype == torch.float32


@pytest.mark.parametrize(
    ("z0", "z1", "n", "how", "words"),
    [
        (torch.ones(3), torch.ones(4), 5, "straight", "same space"),
        (torch.ones(3), torch.ones(3), 1, "straight", "n is 1: it must be at least 2"),
        (torch.ones(3), torch.ones(3), 5, "greatcircle", "did you mean 'great_circle'"),
        (torch.zeros(3), torch.ones(3), 5, "great_circle", "at the origin"),
        (-torch.ones(3), torch.ones(3), 5, "great_circle", "opposite"),
        (torch.tensor([math.nan]), torch.ones(1), 5, "straight", "NaN"),
    ],
)
def test_ways_that_do_not_exist(z0, z1, n, how, words):
    with pytest.raises(ValueError, match=words):
        explain.interpolate(z0, z1, n, how)


# -- sensitivity ---------------------------------------------------------------------------------------------------


def test_a_linear_generator_has_the_norms_of_its_columns():
    linear = nn.Linear(5, 12).double()
    found = explain.sensitivity(linear, points(7, 5))
    torch.testing.assert_close(found, linear.weight.detach().norm(dim=0).expand(7, 5), rtol=1e-12, atol=0)
    assert linear.weight.requires_grad and linear.training


def test_the_jacobian_of_a_network_is_that_of_finite_differences():
    generator = MLP(4, 18, (9,), "tanh", batch_norm=True, final="tanh", image=(2, 3, 3)).double()
    generator(points(32, 4))  # moves the running statistics
    z, step = points(3, 4, seed=2), 1e-6
    found = explain.jacobian(generator, z)
    assert found.shape == (3, 2, 3, 3, 4) and generator.training and not found.requires_grad
    generator.eval()
    for j in range(4):
        ahead, behind = (generator(z + sign * step * torch.eye(4, dtype=z.dtype)[j]) for sign in (1, -1))
        torch.testing.assert_close(found[..., j], ((ahead - behind) / (2 * step)).detach(), rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(explain.sensitivity(generator, z), found.flatten(1, 3).norm(dim=1))


def test_a_part_that_was_frozen_stays_in_evaluation_mode():
    generator = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 2))
    generator[1].eval()
    explain.sensitivity(generator, points(6, 3).float())
    assert [m.training for m in generator] == [True, False, True, True]


def test_an_input_that_does_nothing_has_no_sensitivity():
    generator = MLP(3, 2).double()
    generator[0].weight.data[:, 1] = 0
    found = explain.sensitivity(generator, points(6, 3))
    assert bool((found[:, 1] == 0).all()) and bool((found[:, [0, 2]] > 0).all())
    with pytest.raises(ValueError, match="give \\(n, inputs\\)"):
        explain.sensitivity(generator, points(3))


# -- neighbours ----------------------------------------------------------------------------------------------------


def test_a_training_image_is_its_own_nearest_at_distance_zero():
    digits = data.digits("embedded")
    chosen = torch.arange(0, 5_000, 97)
    found = explain.nearest(digits[chosen], digits)
    assert torch.equal(found.indices[:, 0], chosen) and bool((found.distances == 0).all())


def test_neighbours_equal_those_by_hand():
    known, asked = points(50, 2, 3), points(9, 2, 3, seed=1)
    found = explain.nearest(asked, known, k=4)
    table = torch.stack([(known - one).flatten(1).norm(dim=1) for one in asked])
    distances, order = table.sort(dim=1)
    assert torch.equal(found.indices, order[:, :4])
    torch.testing.assert_close(found.distances, distances[:, :4])


def test_rounding_does_not_choose_the_neighbour():
    """Points far from the origin and near each other: products of matrices in float32 cannot tell them apart."""
    known = 1e3 + torch.arange(6, dtype=torch.float32)[:, None] * torch.tensor([[1e-3, 0.0]])
    assert explain.nearest(known, known).indices[:, 0].tolist() == list(range(6))


@pytest.mark.parametrize("offset", [0, 1e3, 1e4, 3e4])
def test_a_sample_is_its_own_nearest_however_far_from_the_origin_and_from_the_others(offset):
    """1,200 points 2^-8 apart: many more look alike to a product of matrices than are kept for a second look."""
    known = offset + torch.arange(600)[:, None] * torch.tensor([[2**-8, 0.0]])
    known = torch.cat([known, -known - 1])  # two far groups: no shift of the origin helps both
    found = explain.nearest(known, known, k=2)
    assert torch.equal(found.indices[:, 0], torch.arange(1_200))
    assert bool((found.distances == torch.tensor([0, 2**-8])).all())


def test_distances_among_the_data_are_to_others():
    line = torch.tensor([[0.0], [1.0], [3.0], [7.0]])
    assert explain.among(line).tolist() == [1, 1, 2, 4]
    twins = torch.cat([line, line])
    assert explain.among(twins).tolist() == [0] * 8


def test_closeness_is_one_for_copies_half_for_the_same_law_and_zero_for_strays():
    real, fresh = points(1_000, 3), points(1_000, 3, seed=1)
    floor = explain.among(real)
    assert explain.closeness(explain.nearest(real, real).distances, floor) == 1
    assert explain.closeness(explain.nearest(fresh + 100, real).distances, floor) == 0
    assert explain.closeness(explain.nearest(fresh, real).distances, floor) == pytest.approx(0.5, abs=0.04)
    assert explain.closeness(torch.tensor([1.0]), torch.tensor([1.0, 1.0, 2.0, 0.5])) == 0.25 + 0.25


@pytest.mark.parametrize(
    ("images", "known", "k", "words"),
    [
        (torch.ones(2, 3), torch.ones(4, 5), 1, "3 numbers, a sample of the data 5"),
        (torch.ones(2, 3), torch.ones(4, 3), 5, "4 samples"),
        (torch.ones(2, 3).byte(), torch.ones(4, 3), 1, "bytes"),
        (torch.ones(2, 3).byte().numpy(), torch.ones(4, 3), 1, "bytes"),
        (torch.arange(4.0).reshape(1, 1, 2, 2), torch.zeros(4, 1, 2, 2) - 0.5, 1, "put both on one scale"),
        (torch.ones(3), torch.ones(4, 3), 1, "shape"),
        (torch.full((1, 3), math.inf), torch.ones(4, 3), 1, "infinite"),
    ],
)
def test_neighbours_that_cannot_be_found(images, known, k, words):
    with pytest.raises(ValueError, match=words):
        explain.nearest(images, known, k)


def test_one_sample_has_no_others():
    with pytest.raises(ValueError, match="two or more"):
        explain.among(torch.ones(1, 3))
