"""Every number of the playground beside gan_lab's, and the run that it gives out as PyTorch beside the page's own."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

import gan_lab
from gan_lab import data, metrics, widgets
from gan_lab.losses import LOSSES, Loss
from gan_lab.nets import MLP
from gan_lab.optim import Adam, RMSProp
from gan_lab.penalties import R1, WGANGP
from gan_lab.train import generator_gradient
from tests.figure1_page import VIEW, OpenWidget, open_all, press, spec, steps
from tests.page import drawn
from tests.playground_page import QUICK, RUN, array, networks, playground

torch.set_num_threads(1)


def at_step(open_widget: OpenWidget, n: int, **options: Any) -> Page:
    page = open_widget(playground(step=n, **options))
    page.wait_for_function(f"{VIEW}.engine().steps === {n}")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    drawn(page)
    return page


def pairs(page: Page, what: str) -> torch.Tensor:
    return torch.tensor(array(page, what)).reshape(-1, 2)


@pytest.mark.parametrize("prior", [data.gaussian(0, 1), data.standard_normal(2), data.uniform_cube(5)], ids=repr)
def test_the_picture_is_made_of_the_networks(open_widget: OpenWidget, prior: data.Distribution) -> None:
    net = {"generator": {"sizes": [prior.dim, 8, 2]}, "prior": prior.spec()}
    page = at_step(open_widget, 40, spec={**QUICK, **net}, arrows=True, map="best")
    generator, discriminator = networks(page)
    names = ("Mesh", "Arrow", "Sample")
    z = {name: torch.tensor(array(page, f"picture.z{name}")).reshape(-1, prior.dim) for name in names}
    with torch.no_grad():
        assert (generator(z["Sample"]) - pairs(page, "picture.fake")).abs().max() < 1e-5
        assert (generator(z["Arrow"]) - pairs(page, "picture.foot")).abs().max() < 1e-5
        assert (
            discriminator(pairs(page, "picture.x"))[:, 0] - torch.tensor(array(page, "picture.s"))
        ).abs().max() < 1e-5
        if prior.dim < 3:
            assert (generator(z["Mesh"]) - pairs(page, "picture.mesh")).abs().max() < 1e-5
    # every cell of the noise's grid holds the same mass
    if prior.dim == 1:
        mass = data.gaussian(0, 1).cdf(z["Mesh"][:, 0]).diff()
        assert len(mass) == 320 and (mass - mass.mean()).abs().max() < 1e-6
    elif prior.dim == 2:
        mass = torch.special.ndtr(z["Mesh"].reshape(17, 17, 2)[0, :, 0]).diff()
        assert len(mass) == 16 and (mass - mass.mean()).abs().max() < 1e-6
    else:
        assert len(z["Mesh"]) == 0


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_arrows_are_minus_the_gradient_of_every_loss(open_widget: OpenWidget, name: str) -> None:
    page = at_step(open_widget, 25, spec={**QUICK, "loss": name}, all=True)
    generator, discriminator = networks(page)
    z = torch.tensor(array(page, "picture.zArrow")).reshape(-1, 2)
    shown = page.evaluate(f"[...{RUN}.picture.pulls.keys()]")
    assert set(shown) == set(LOSSES) - {"hinge"}  # the same as Wasserstein's for G
    drawn_ = page.evaluate(f"[...ganLab.engine.sample({RUN}.engine.target, 64, new ganLab.engine.Stream(0, 1))]")
    real = torch.tensor(drawn_).reshape(-1, 2)
    for loss in shown:
        made: Loss = LOSSES[loss]()
        gan = gan_lab.GAN(generator, discriminator, made)
        _, gradient = generator_gradient(gan, z, real if made.needs_real else None)
        pull = torch.tensor(page.evaluate(f"[...{RUN}.picture.pulls.get('{loss}')]")).reshape(-1, 2)
        assert (pull + gradient).abs().max() < 2e-5, loss
    # the words beside the picture
    length = re.search(r"relativistic: ([\d.]+) on average", page.locator("gan-lab .legend").inner_text())
    pull = torch.tensor(page.evaluate(f"[...{RUN}.picture.pulls.get('relativistic')]")).reshape(-1, 2)
    assert length and float(length[1]) == pytest.approx(float(pull.norm(dim=1).mean()), abs=0.006)


TWO = data.points([[0, 0], [1.0, 0.5]], 0.15)


@pytest.mark.parametrize(
    "target", [data.ring(5, 1.2, 0.1), data.moons(0.1), TWO, data.grid(3, 1.0, 0.05)], ids=lambda d: d.name
)
def test_densities_and_the_best_d(open_widget: OpenWidget, target: Any) -> None:
    page = at_step(open_widget, 30, spec={**QUICK, "target": target.spec()}, map="best")
    x, width = pairs(page, "picture.x"), page.evaluate(f"{RUN}.picture.width")
    fake = pairs(page, "picture.fake")
    # p through the same kernel: exact, since normals add up to normals
    wide = data.from_spec({**target.spec(), "std": float(np.hypot(target.std, width))})
    p = torch.tensor(array(page, "picture.p"))
    assert (p - wide.density(x)).abs().max() < 2e-3 * float(p.max())
    # q by a kernel estimate, sample by sample
    square = torch.cdist(x, fake) ** 2
    q = (-square / (2 * width**2)).exp().mean(1) / (2 * np.pi * width**2)
    inside = (x.abs().amax(1) - x.abs().max()).abs() > 4 * width
    shown = torch.tensor(array(page, "picture.q"))
    # the page counts samples on its grid first: a kernel a little wider
    assert (shown - q)[inside].abs().mean() < 0.06 * float(q[inside].mean())
    assert float(shown.sum()) == pytest.approx(float(q.sum()), rel=0.02)


@pytest.mark.parametrize(
    "target", [data.ring(8, 1.0, 0.1), data.grid(3, 1.0, 0.1), data.spiral()], ids=lambda d: d.name
)
def test_scores_are_those_of_gan_lab_and_so_is_the_floor(open_widget: OpenWidget, target: Any) -> None:
    page = at_step(open_widget, 60, spec={**QUICK, "target": target.spec()})
    fake, real = pairs(page, "picture.scored"), pairs(page, "picture.real")
    assert len(fake) == len(real) == 512
    scores, floor = page.evaluate(f"{RUN}.scores"), page.evaluate(f"{RUN}.floor")
    assert scores["slicedWasserstein"] == pytest.approx(metrics.sliced_wasserstein(fake, real, 2000), rel=0.03)
    perfect = np.mean([metrics.sliced_wasserstein(target.sample(512), target.sample(512), 500) for _ in range(20)])
    assert floor["mean"]["slicedWasserstein"] == pytest.approx(float(perfect), rel=0.3)
    if target.name == "spiral":
        assert "covered" not in scores
        expect(page.get_by_text("modes found")).to_be_hidden()
        return
    report = metrics.modes(fake, target)
    assert scores["covered"] == report.covered
    assert scores["highQuality"] == pytest.approx(report.high_quality, abs=1e-9)
    assert scores["reverseKl"] == pytest.approx(report.reverse_kl, abs=1e-9)
    assert floor["mean"]["covered"] == pytest.approx(len(target.centres), abs=1e-6)
    # P(a normal of the plane within three standard deviations) = 1 - exp(-9/2)
    assert floor["mean"]["highQuality"] == pytest.approx(1 - np.exp(-4.5), abs=0.01)
    shown = page.locator("gan-lab dl").inner_text()
    assert f"{report.covered} of {len(target.centres)}" in shown
    assert f"{100 * report.high_quality:.0f} % (perfect 99 %)" in shown


RUNS: dict[str, dict[str, Any]] = {
    "the start": {},
    "three noises, hinge, R1": {
        "generator": MLP(3, 2, hidden=(12, 10)), "loss": LOSSES["hinge"](), "penalties": [R1(0.3)],
    },
    "a line of noise, WGAN-GP, k = 3": {
        "generator": MLP(1, 2, hidden=(9,)), "loss": LOSSES["wasserstein"](), "penalties": [WGANGP(2.0)], "k": 3,
        "prior": data.uniform(-1, 1), "optimisers": RMSProp(1e-3),
    },
    "relativistic": {
        "loss": LOSSES["relativistic"](), "instance_noise": 0.2, "k_g": 2,
        "prior": data.uniform_cube(2), "optimisers": Adam(2e-3, betas=(0.0, 0.99)),
    },
}  # fmt: skip
TARGETS = [data.ring(8, 1.0, 0.05), data.segment(), data.points([[0.5, -1], [-0.25, 0.75]], 0.2), data.spiral()]


@pytest.mark.parametrize(("options", "target"), list(zip(RUNS.values(), TARGETS, strict=True)), ids=list(RUNS))
def test_copied_pytorch_gives_the_same_losses(open_widget: OpenWidget, options: dict[str, Any], target: Any) -> None:
    networks_ = {"generator": MLP(2, 2, hidden=(16, 16)), "discriminator": MLP(2, 1, hidden=(16, 16))}
    gan = gan_lab.GAN(**{**networks_, **options})
    page = open_widget(widgets.playground(gan, target, seed=4, batch=48).html())
    played: list[dict[str, float]] = []
    for _ in range(25):
        press(page, "Step")
        played.append(page.evaluate(f"{VIEW}.engine().losses"))
    code = page.evaluate(f"{VIEW}.torch()")
    assert f"data.{target.name}(" in code
    space: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, space)
    history = space["run"].history
    assert len(history) == 25
    for player in ("discriminator", "generator"):
        ours = history[f"loss_{player}"].to_numpy()
        assert np.abs(ours - [one[player] for one in played]).max() < 1e-4
    x = torch.tensor(array(page, "picture.zSample"), dtype=torch.float32).reshape(-1, gan.prior.dim)
    with torch.no_grad():
        assert (space["run"].gan.sample(z=x[:512]).double() - pairs(page, "picture.scored")).abs().max() < 1e-3


# ---- slow motion -----------------------------------------------------------------------------------------------------


def test_slow_motion_tells_the_numbers_of_the_next_step(open_widget: OpenWidget) -> None:
    page = at_step(open_widget, 12, spec=QUICK)
    open_all(page)
    told: dict[str, list[str]] = {"D": [], "G": []}
    slow = page.get_by_role("button", name="Slow motion: next")
    page.evaluate(f"window.before = {RUN}.engine.snapshot()")
    for i in range(12):
        slow.press("Enter") if i % 2 else slow.click()
        drawn(page)
        words = page.locator("gan-lab details p").first.inner_text()
        told[words[0]].append(words)
        if i < 6:  # nothing has moved yet
            assert page.evaluate(f"{RUN}.engine.stepsD") == 12
    assert [len(v) for v in told.values()] == [6, 6]
    assert page.evaluate(f"[{RUN}.engine.stepsD, {RUN}.engine.stepsG]") == [13, 12]
    slow.click()
    drawn(page)
    assert page.evaluate(f"[{RUN}.engine.stepsD, {RUN}.engine.stepsG]") == [13, 13]
    # the step is the same wherever it is told
    assert page.locator("gan-lab dd").first.inner_text() == "13"
    assert page.get_by_text("Scored at step 13:").is_visible() and page.get_by_label("Go to step").input_value() == "13"
    # the same two steps, taken by the engine from the same place
    found = page.evaluate(
        f"""() => {{
          const e = {RUN}.engine, after = e.snapshot();
          e.restore(before);
          const d = e.peekD(), fakes = e.generate(d.z);
          const mean = scores => [...scores].reduce((sum, s) => sum + 1 / (1 + Math.exp(-s)), 0) / scores.length;
          const out = {{ real: [...d.real.slice(0, 2)], z: [...d.z.slice(0, 2)], fake: [...fakes.slice(0, 2)] }};
          Object.assign(out, {{ r0: mean(e.score(d.real)), f0: mean(e.score(fakes)) }});
          e.stepD();
          Object.assign(out, {{ lossD: e.losses.discriminator, gradD: e.losses.gradientDiscriminator }});
          Object.assign(out, {{ r1: mean(e.score(d.real)), f1: mean(e.score(fakes)) }});
          const g = e.peekG(), made = e.generate(g.z), pull = e.generatorGradient(g.z), n = pull.length / 2;
          let length = 0, way = 0;
          for (let i = 0; i < 2 * n; i += 2) length += Math.hypot(pull[i], pull[i + 1]) / n;
          e.stepG();
          const moved = e.generate(g.z);
          for (let i = 0; i < 2 * n; i += 2) way += Math.hypot(made[i] - moved[i], made[i + 1] - moved[i + 1]) / n;
          Object.assign(out, {{ lossG: e.losses.generator, gradG: e.losses.gradientGenerator, length, way }});
          Object.assign(out, {{ g0: mean(e.score(made)), g1: mean(e.score(moved)) }});
          out.parameters = [...e.getParameters("generator")];
          e.restore(after);
          out.theirs = [...e.getParameters("generator")];
          return out;
        }}"""
    )
    assert found["parameters"] == found["theirs"]

    def said(player: str, stage: int) -> list[float]:
        text = told[player][stage - 1].split(": ", 1)[1].replace("−", "-")
        return [float(v) for v in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", text)]

    assert said("D", 1) == pytest.approx([32, *found["real"]], abs=0.006)
    assert said("D", 2) == pytest.approx([32, *found["z"], *found["fake"]], abs=0.006)
    assert said("D", 3) == pytest.approx([found["r0"], found["f0"]], abs=6e-4)
    assert said("D", 4)[-1] == pytest.approx(found["lossD"], abs=6e-5)
    assert said("D", 5) == pytest.approx([37, found["gradD"]], abs=6e-5)
    assert said("D", 6)[1:] == pytest.approx([found["r0"], found["r1"], found["f0"], found["f1"]], abs=6e-4)
    assert said("G", 2) == pytest.approx([found["g0"]], abs=6e-4)
    assert said("G", 3)[-1] == pytest.approx(found["lossG"], abs=6e-5)
    assert said("G", 4) == pytest.approx([found["length"]], abs=6e-5)
    assert said("G", 5) == pytest.approx([42, found["gradG"]], abs=6e-5)
    assert said("G", 6)[1:] == pytest.approx([found["way"], found["g0"], found["g1"]], abs=6e-4)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_slow_motion_knows_every_loss(open_widget: OpenWidget, name: str) -> None:
    page = open_widget(playground(spec={**QUICK, "loss": name, "k": 2, "penalties": [{"name": "r1", "weight": 1}]}))
    open_all(page)
    slow = page.get_by_role("button", name="Slow motion: next")
    seen = ""
    for _ in range(19):
        slow.click()
        drawn(page)
        seen += page.locator("gan-lab details p").first.inner_text() + "\n"
    assert "penalties" in seen and "NaN" not in seen and "undefined" not in seen and "–" not in seen
    # k steps of D, then one of G, then D again
    assert re.sub(r"(.)\1+", r"\1", "".join(re.findall(r"^([DG]),", seen, re.M))) == "DGD"
    assert page.evaluate(f"[{RUN}.engine.stepsD, {RUN}.engine.stepsG]") == [2, 1]


def test_slow_motion_by_itself_and_after_training_went_on(open_widget: OpenWidget) -> None:
    page = open_widget(playground())
    open_all(page)
    page.get_by_role("button", name="By itself").click()
    expect(page.get_by_text("D, 2 of 6")).to_be_visible()
    page.get_by_role("button", name="By itself").click()
    press(page, "Step", 2)
    page.get_by_role("button", name="Slow motion: next").click()
    expect(page.get_by_text("D, 1 of 6")).to_be_visible()
    assert steps(page) == 2 and spec(page)["k"] == 1
