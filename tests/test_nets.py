"""The perceptron: shapes, what it normalises, and what it refuses."""

import pytest
import torch
from torch import nn

from gan_lab.nets import ACTIVATIONS, MLP


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (3,), (5, 4, 3)])
def test_layers_are_linear_activation_linear(activation, hidden):
    net = MLP(2, 4, hidden, activation)
    linear = [m for m in net if isinstance(m, nn.Linear)]
    assert [m.out_features for m in linear] == [*hidden, 4] and isinstance(net[-1], nn.Linear)
    x = torch.randn(7, 2)
    y = x
    for i, layer in enumerate(linear):
        y = layer(y) if i == len(hidden) else ACTIVATIONS[activation]()(layer(y))
    assert torch.equal(net(x), y)


def test_batch_norm_stands_before_the_activation_where_asked():
    net = MLP(100, 784, (128, 256, 512), "leaky_relu", batch_norm=(False, True, True), final="tanh", image=(1, 28, 28))
    kinds = " ".join(type(m).__name__ for m in net)
    plain, normed = "Linear LeakyReLU", "Linear BatchNorm1d LeakyReLU"
    assert kinds == f"{plain} {normed} {normed} Linear Tanh"
    y = net(torch.randn(5, 100))
    assert y.shape == (5, 1, 28, 28) and y.abs().max() <= 1
    assert not net.plain and MLP(1, 1).plain


def test_images_are_flattened():
    net = MLP(784, 1, (16,))
    x = torch.randn(3, 1, 28, 28)
    assert torch.equal(net(x), net(x.flatten(1)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(1, 1, activation="relux"), "did you mean 'relu'"),
        (lambda: MLP(1, 1, final="thanh"), "did you mean 'tanh'"),
        (lambda: MLP(0, 1), "a layer's size is 0"),
        (lambda: MLP(1, 1, (8, 8), batch_norm=(True,)), "give one each"),
        (lambda: MLP(1, 10, image=(1, 3, 3)), "9 numbers, but outputs is 10"),
        (lambda: MLP(2, 1)(torch.zeros(4, 3)), r"expects \(n, 2\) with n > 0, but got shape \(4, 3\)"),
    ],
)
def test_bad_input_says_what_to_do(make, message):
    with pytest.raises(ValueError, match=message):
        make()
