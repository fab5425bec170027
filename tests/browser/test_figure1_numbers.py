"""Every number of Figure 1 beside gan_lab's, and the run that the page gives out as PyTorch beside the page's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

import gan_lab
from gan_lab import data, widgets
from gan_lab.nets import MLP
from tests.figure1_page import PLAYERS, QUICK, VIEW, OpenWidget, figure, number, parameters, press, spec

torch.set_num_threads(1)


def networks(page: Page) -> tuple[MLP, MLP]:
    """The page's networks, in PyTorch."""
    said, values = spec(page), parameters(page)
    made = []
    for who in PLAYERS:
        sizes = said[who]["sizes"]
        network = MLP(1, 1, hidden=sizes[1:-1], activation=said[who]["activation"]).double()
        torch.nn.utils.vector_to_parameters(torch.tensor(values[who]), network.parameters())
        made.append(network)
    return made[0], made[1]


@pytest.mark.parametrize("loss", ["non_saturating", "least_squares", "hinge", "wasserstein", "relativistic"])
def test_value_and_divergence_are_those_of_gan_lab(open_widget: OpenWidget, loss: str) -> None:
    target, prior = data.gaussian(1.0, 0.6), data.gaussian(0, 1)
    # one tanh unit cannot but be monotone
    said = {**QUICK, "generator": {"sizes": [1, 1, 1]}, "loss": loss, "target": target.spec(), "prior": prior.spec()}
    fast = {who: {"name": "adam", "lr": 0.02} for who in PLAYERS}
    page = open_widget(figure(spec={**said, "optimisers": fast}, step=60))
    page.wait_for_function(f"{VIEW}.engine().steps === 60")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    generator, discriminator = networks(page)
    # expectations by quantiles: 20,000 equal shares of p_data and of p_z
    u = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    with torch.no_grad():
        x, z = target.quantile(u), prior.quantile(u)
        made = generator(z[:, None])[:, 0]
        r, f = discriminator(x[:, None])[:, 0], discriminator(made[:, None])[:, 0]
    slope = (generator(z[:, None] + 1e-4) - generator(z[:, None] - 1e-4))[:, 0].detach() / 2e-4
    q_made = prior.density(z[:, None]).flatten() / slope.abs()
    p_made = target.density(made[:, None]).flatten()
    order = made.argsort()
    q_x = torch.from_numpy(np.interp(x.numpy(), made[order].numpy(), q_made[order].numpy(), left=0, right=0))
    p_x = target.density(x[:, None]).flatten()
    jsd = (p_x / (p_x + q_x)).log().mean() + (q_made / (p_made + q_made)).log().mean()
    logsig = torch.nn.functional.logsigmoid
    value = {
        "non_saturating": lambda: logsig(r).mean() + logsig(-f).mean(),
        "least_squares": lambda: -((r - 1).square().mean() + f.square().mean()) / 2,
        "hinge": lambda: -(1 - r).relu().mean() - (1 + f).relu().mean(),
        "wasserstein": lambda: r.mean() - f.mean(),
        "relativistic": lambda: logsig(r[::50, None] - f[None, ::50]).mean(),
    }[loss]()
    assert number(page, "2 JSD") == pytest.approx(float(jsd), abs=4e-3)
    assert number(page, "V(G, D)") == pytest.approx(float(value), abs=4e-3)


COPIED: list[dict[str, Any]] = [
    {},
    {
        "loss": "wasserstein",
        "penalties": [{"name": "wgan_gp", "weight": 5}],
        "k": 3,
        "target": {"name": "mixture", "means": [-1, 1.5], "stds": [0.4, 0.6], "weights": [1, 2]},
    },
    {
        "loss": "hinge",
        "penalties": [{"name": "r1", "weight": 0.5}, {"name": "clip", "weight": 0.4}],
        "prior": {"name": "uniform", "low": -1, "high": 1},
        "seed": 5,
    },
    {
        "loss": "relativistic",
        "penalties": [{"name": "r2", "weight": 1}],
        "target": {"name": "drawn", "low": -4, "high": 4, "heights": [0, 1, 2, 0, 3, 1]},
    },
    {
        "loss": "least_squares",
        "optimisers": {
            "generator": {"name": "rmsprop", "lr": 0.002},
            "discriminator": {"name": "momentum", "lr": 0.01},
        },
        "target": {"name": "sine"},
    },
    {
        "loss": "minimax",
        "optimisers": {"generator": {"name": "sgd", "lr": 0.02}, "discriminator": {"name": "sgd", "lr": 0.05}},
        "target": {"name": "exponential", "rate": 1.5},
        "prior": {"name": "exponential", "rate": 1},
    },
]


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("change", COPIED, ids=lambda c: c.get("loss", "default"))
def test_copy_as_pytorch_reproduces_the_run(open_widget: OpenWidget, change: dict[str, Any], precision: str) -> None:
    catch = "window.copied = ''; navigator.clipboard.writeText = async text => { window.copied = text }"
    float64 = {"precision": "float64", "backend": "js"} if precision == "float64" else {}
    options = {"spec": {**QUICK, **change}, "step": 40, **float64}
    page = open_widget(figure(**options), script=catch)
    page.wait_for_function(f"{VIEW}.engine().steps === 40")
    press(page, "Copy as PyTorch")
    page.wait_for_function("window.copied")
    code: str = page.evaluate("window.copied")
    if precision == "float64":
        code = code.replace("target = ", "gan.double()\ntarget = ")
    names: dict[str, Any] = {}
    exec(compile(code, "copied.py", "exec"), names)
    run, here = names["run"], parameters(page)
    assert run.step == 40 and isinstance(run, gan_lab.Run)
    for who in PLAYERS:
        there = torch.nn.utils.parameters_to_vector(getattr(run.gan, who).parameters()).detach().double().numpy()
        assert np.abs(there - here[who]).max() < (1e-9 if precision == "float64" else 1e-4), who
    # and the way back: the spec that Python makes of it is the page's
    assert widgets.spec(run.gan, names["target"], batch=run.batch, seed=0)["k"] == spec(page)["k"]


def test_what_was_done_by_hand_is_said_in_the_copied_code(open_widget: OpenWidget) -> None:
    page = open_widget(figure(), script="navigator.clipboard.writeText = async text => { window.copied = text }")
    press(page, "Step", 2)
    press(page, "D step")
    press(page, "Copy as PyTorch")
    page.wait_for_function("window.copied")
    assert "# a D step at step 2" in page.evaluate("window.copied")
