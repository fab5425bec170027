"""The Python side of the widgets: specs, HTML, errors, and the frames of a streamed run."""

from __future__ import annotations

import html.parser
import json
from typing import Any

import numpy as np
import pytest
import torch

import gan_lab
from gan_lab import data, game, widgets
from gan_lab.losses import LOSSES, LeastSquares
from gan_lab.nets import MLP
from gan_lab.optim import SGD, Adam, Momentum, RMSProp
from gan_lab.penalties import R1, R2, WGANGP, Clip

torch.set_num_threads(1)


def small(**options: Any) -> gan_lab.GAN:
    networks = {"generator": MLP(1, 1, hidden=(4,)), "discriminator": MLP(1, 1, hidden=(6, 5), activation="relu")}
    return gan_lab.GAN(**{**networks, **options})


def flat(noise: int = 2, **options: Any) -> gan_lab.GAN:
    """A GAN in the plane."""
    return gan_lab.GAN(generator=MLP(noise, 2, hidden=(4,)), discriminator=MLP(2, 1, hidden=(5,)), **options)


class Parsed(html.parser.HTMLParser):
    """The elements of a piece of HTML, and the text inside each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text[self._open[-1]] = self.text.get(self._open[-1], "") + data


def test_spec_says_all_that_the_engine_needs() -> None:
    gan = small(
        loss=LOSSES["hinge"](),
        penalties=[R1(gamma=0.5), Clip(0.1)],
        prior=data.uniform(-1, 1),
        optimisers={"generator": RMSProp(1e-3), "discriminator": Adam(2e-4, betas=(0.5, 0.9))},
        k=3,
    )
    spec = widgets.spec(gan, data.mixture([-1, 2], [0.5, 1.0], [1, 3]), batch=64, seed=7)
    assert json.loads(json.dumps(spec)) == spec
    assert spec["generator"] == {"sizes": [1, 4, 1], "activation": "tanh"}
    assert spec["discriminator"] == {"sizes": [1, 6, 5, 1], "activation": "relu"}
    assert (spec["loss"], spec["k"], spec["batch"], spec["seed"]) == ("hinge", 3, 64, 7)
    assert spec["penalties"] == [{"name": "r1", "weight": 0.5}, {"name": "clip", "weight": 0.1}]
    assert spec["optimisers"]["generator"] == {"name": "rmsprop", "lr": 1e-3, "alpha": 0.99, "eps": 1e-8}
    assert spec["optimisers"]["discriminator"]["betas"] == [0.5, 0.9]
    assert spec["prior"] == {"name": "uniform", "low": -1.0, "high": 1.0}
    assert data.from_spec(spec["target"]).spec() == spec["target"]


@pytest.mark.parametrize(
    "target",
    [
        data.ring(6, 2.0, 0.1), data.grid(), data.points([[0, 1.5], [-1, 0]], 0.1), data.spiral(), data.moons(),
        data.sine_curve(), data.segment(),
    ],
    ids=lambda target: target.name,
)  # fmt: skip
def test_every_target_in_the_plane_has_a_spec(target: data.Distribution) -> None:
    gan = flat(3, prior=data.uniform_cube(3))
    options = widgets.playground(gan, target, steps=5, heat="best", gradients=True).options
    assert json.loads(json.dumps(options)) == options
    spec = options["spec"]
    assert data.from_spec(spec["target"]).spec() == target.spec() == spec["target"]
    assert spec["prior"] == {"name": "uniform_cube", "dim": 3, "low": -1.0, "high": 1.0}
    assert spec["generator"]["sizes"] == [3, 4, 2] and spec["discriminator"]["sizes"] == [2, 5, 1]
    assert options["step"] == 5 and options["map"] == "best" and options["arrows"] is True


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("penalty", [R2(2.0), WGANGP(5.0), None], ids=["r2", "wgan_gp", "none"])
def test_every_loss_and_penalty_has_a_spec(loss: str, penalty: Any) -> None:
    spec = widgets.spec(small(loss=LOSSES[loss](), penalties=[penalty] if penalty else []), data.sine())
    assert spec["loss"] == loss
    assert [p["weight"] for p in spec["penalties"]] == (
        [getattr(penalty, "gamma", None) or penalty.weight] if penalty else []
    )


@pytest.mark.parametrize("recipe", [SGD(0.1), Momentum(0.1, 0.8), RMSProp(0.01), Adam(1e-3)], ids=lambda r: r.name)
def test_every_optimiser_has_a_spec(recipe: Any) -> None:
    assert widgets.spec(small(optimisers=recipe), data.sine())["optimisers"]["generator"]["name"] == recipe.name


@pytest.mark.parametrize(
    ("gan", "target", "words"),
    [
        (lambda: small(discriminator=MLP(2, 1)), data.sine(), "2 numbers to 1"),
        (lambda: small(discriminator=MLP(1, 1, batch_norm=True)), data.sine(), "discriminator is a MLP that"),
        (lambda: small(generator=torch.nn.Linear(1, 1), prior=data.sine()), data.sine(), "generator is a Linear"),
        (lambda: small(loss=LeastSquares(-1, 1, 0)), data.sine(), "does not have the loss"),
        (lambda: small(), data.ring(), r"must be an MLP\(1, 2\)"),
        (lambda: small(prior=data.uniform_cube(3)), data.sine(), r"must be an MLP\(3, 1\)"),
        (lambda: small(), data.standard_normal(3), "has 3 dimensions"),
    ],
)  # fmt: skip
def test_what_the_page_cannot_run_is_said(gan: Any, target: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        widgets.spec(gan(), target)


def test_wrong_types_are_said() -> None:
    with pytest.raises(TypeError, match=r"a gan_lab\.GAN"):
        widgets.spec("gan", data.sine())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a distribution"):
        widgets.spec(small(), [1, 2, 3])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"gan_lab\.train returned"):
        widgets.show(small())  # type: ignore[arg-type]


def test_unknown_names_list_the_near_ones() -> None:
    with pytest.raises(ValueError, match="did you mean 'figure1'"):
        widgets.Element("figure2")
    with pytest.raises(ValueError, match="did you mean 'few'"):
        widgets.figure1(controls="fews")
    # without controls there is a plane with one sentence, but no such Figure 1
    assert widgets.playground(controls="none").options["controls"] == "none"
    with pytest.raises(ValueError, match="'none'"):
        widgets.figure1(controls="none")
    with pytest.raises(ValueError, match="did you mean 'alternating'"):
        widgets.bilinear(methods=["alternate"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: widgets.figure1(seed=-1), "seed is -1"),
        (lambda: widgets.figure1(speed=0), "speed is 0"),
        (lambda: widgets.figure1(small()), "something to learn"),
        (lambda: widgets.figure1(small(), data.ring()), "lives on the line"),
        (lambda: widgets.figure1(target=data.ring()), "lives on the line"),
        (lambda: widgets.playground(flat()), "something to learn"),
        (lambda: widgets.playground(flat(), data.sine()), "lives in the plane"),
        (lambda: widgets.playground(target=data.standard_normal(2)), "lives in the plane"),
        (lambda: widgets.playground(small(), data.ring()), r"must be an MLP\(1, 2\)"),
        (lambda: widgets.playground(flat(), data.ring(), preset="works"), "not both"),
        (lambda: widgets.playground(preset="chas"), "did you mean 'chase'"),
        (lambda: widgets.playground(heat="bst"), "did you mean 'best'"),
        (lambda: widgets.playground(speed=-1), "speed is -1"),
        (lambda: widgets.figure1(steps=-5), "steps is -5"),
        (lambda: widgets.bilinear(eta=2), "eta is 2"),
        (lambda: widgets.best_response([[1, 2, 3], [4, 5, 6]]), "2x3"),
        (lambda: widgets.Element("value", {"x": float("nan")}), "plain JSON"),
        (lambda: widgets.Element("value", {"x": torch.ones(1)}), "plain JSON"),
    ],
)
def test_bad_arguments_are_said(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_html_survives_hostile_words() -> None:
    hostile = "</script><img src=x onerror=alert(1)>&\"'"
    element = widgets.Element("value", {"name": hostile}, words=hostile)
    parsed = Parsed(element.html())
    assert [tag for tag, _ in parsed.tags] == ["gan-lab", "script", "p"]
    assert json.loads(parsed.text["script"]) == {"name": hostile}
    assert parsed.text["p"].startswith(hostile)


def test_elements_carry_their_options() -> None:
    def options(element: widgets.Element) -> dict[str, Any]:
        tags = Parsed(element.html())
        assert tags.tags[0] == ("gan-lab", {"view": element.view})
        parsed: dict[str, Any] = json.loads(tags.text["script"])
        return parsed

    figure = options(widgets.figure1(small(), data.exponential(2.0), seed=3, autoplay=True, steps=10))
    assert figure["spec"]["target"] == {"name": "exponential", "rate": 2.0}
    assert figure["spec"]["seed"] == 3 and figure["autoplay"] is True and figure["step"] == 10
    assert "gradients" not in figure
    assert options(widgets.best_response([[1, -1], [-1, 1]]))["B"] == [[-1.0, 1.0], [1.0, -1.0]]
    assert options(widgets.best_response(game.named("stag_hunt")))["name"] == game.named("stag_hunt").name
    assert options(widgets.game_tree([[3, 12], [2, 4]]))["tree"] == game.from_lists([[3, 12], [2, 4]]).to_dict()
    assert options(widgets.bilinear(0.3, ["optimistic", "proximal"]))["methods"] == "OP"
    assert options(widgets.value(data.gaussian(0, 1)))["p"]["name"] == "gaussian"


def test_static_pages_get_html_and_notebooks_a_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    element = widgets.figure1()
    monkeypatch.setenv("GAN_LAB_STATIC", "1")
    assert element._repr_mimebundle_()["text/html"] == element.html()
    monkeypatch.setenv("GAN_LAB_STATIC", "0")
    bundle = element._repr_mimebundle_()
    shown = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert element.widget.view == "figure1" and element.widget is element.widget
    element.widget.state = {"k": 3}
    assert element.state == {"k": 3}


WITH_A_PICTURE = [
    pytest.param(lambda: widgets.game_tree([[3, 12], [2, 4]]), "A game tree", id="tree"),
    pytest.param(lambda: widgets.best_response(game.stag_hunt()), "name stag hunt", id="best-response"),
    pytest.param(lambda: widgets.bilinear(0.3, ["proximal"], steps=9), "eta 0.3, methods P, steps 9", id="bilinear"),
    pytest.param(lambda: widgets.value(data.gaussian(), data.sine()), "p gaussian, q sine", id="value"),
    pytest.param(
        lambda: widgets.show(gan_lab.train(flat(), data.ring(), 2, batch=8, device="cpu")), "target ring", id="run"
    ),
]
IN_WORDS = [
    pytest.param(lambda: widgets.figure1(seed=3, steps=10), "step 10, seed 3, batch 256", id="figure1"),
    pytest.param(lambda: widgets.compare("loss", ["hinge", "minimax"]), "axis loss, runs hinge,minimax", id="compare"),
    pytest.param(lambda: widgets.from_link("#figure1.loss=hinge&figure1.k=2"), "loss hinge, k 2", id="link"),
]


@pytest.mark.parametrize(("make", "words"), WITH_A_PICTURE + IN_WORDS)
def test_a_saved_notebook_says_or_shows_what_stood_there(make: Any, words: str) -> None:
    """Where no widget's state was saved an export falls back on words and a picture."""
    import matplotlib.pyplot as plt
    import nbformat
    from nbconvert import HTMLExporter, MarkdownExporter

    before = dict(plt.rcParams)
    bundle, metadata = make()._repr_mimebundle_()
    assert dict(plt.rcParams) == before and not plt.get_fignums()
    assert words in bundle["text/plain"] and "object at" not in bundle["text/plain"]
    output = nbformat.v4.new_output("display_data", data=bundle, metadata=metadata)
    cell = nbformat.v4.new_code_cell("widget", outputs=[output])
    page = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0]
    assert bundle.get("image/png", f"<p>{bundle['text/plain']}</p>") in page
    text, files = MarkdownExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert files["outputs"] if "image/png" in bundle else words in text


def test_the_words_of_a_widget_follow_what_the_reader_did() -> None:
    element = widgets.figure1(seed=3)
    element.widget.state = {"seed": 8, "k": 3}
    assert "seed 8" in element.description and "k 3" in element.description and "seed 3" not in element.description


def test_a_link_comes_back_as_a_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    link = "https://book.example/part2/06.html#figure1.loss=hinge&figure1.k=2&bilinear.eta=0.3&section-2"
    element = widgets.from_link(link, "figure1")
    assert (element.view, element.saved) == ("figure1", {"loss": "hinge", "k": 2})
    monkeypatch.delenv("GAN_LAB_STATIC", raising=False)
    assert element.state == {"loss": "hinge", "k": 2}
    assert '"saved": {"loss": "hinge", "k": 2}' in element.html()
    assert widgets.from_link("#figure12.seed=7").view == "figure1"
    with pytest.raises(ValueError, match="2 widgets: name one of figure1, bilinear"):
        widgets.from_link(link)
    with pytest.raises(ValueError, match="did you mean 'bilinear'"):
        widgets.from_link(link, "bilinar")
    with pytest.raises(ValueError, match="no widget: copy one"):
        widgets.from_link("https://book.example/part2/06.html#section-2")
    with pytest.raises(ValueError, match="unknown view"):
        widgets.from_link("#mine.seed=7")


# ---- a run streamed from the kernel ------------------------------------------------------------------------------


def live(
    monkeypatch: pytest.MonkeyPatch, **options: Any
) -> tuple[widgets.Live, list[tuple[dict[str, Any], list[bytes]]]]:
    """A streamed run whose widget writes down what it would send."""
    monkeypatch.delenv("GAN_LAB_STATIC", raising=False)
    run = gan_lab.train(small(**options), data.gaussian(1, 0.5), 3, batch=16, seed=0, device="cpu")
    shown = widgets.show(run)
    assert isinstance(shown, widgets.LiveLine)
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    monkeypatch.setattr(shown.widget, "send", lambda content, buffers=(): sent.append((content, list(buffers))))
    return shown, sent


GRIDS = [np.linspace(-1, 3, 5).tolist(), np.linspace(-2, 2, 4).tolist(), [-0.5, 0.5], [0.1, 0.2, 0.3]]


@pytest.mark.parametrize("loss", ["non_saturating", "relativistic", "wasserstein"])
def test_a_frame_is_the_run_as_it_stands(monkeypatch: pytest.MonkeyPatch, loss: str) -> None:
    shown, sent = live(monkeypatch, loss=LOSSES[loss]())
    shown.receive({"type": "grids", "grids": GRIDS})
    shown.receive({"type": "step", "n": 5})
    (first, _), (header, [buffer]) = sent
    assert (first["step"], header["step"]) == (3, 8)
    frame = torch.from_numpy(np.frombuffer(buffer, np.float32).copy())
    gan = shown.run.gan
    x, z, z_arrow, z_sample = (torch.tensor(g)[:, None] for g in GRIDS)
    with torch.no_grad():
        expected = [
            gan.generator(z),
            gan.score(x),
            gan.score(gan.generator(z)),
            gan.generator(z_sample),
            gan.generator(z_arrow),
        ]
    pulls = frame[-2:]
    torch.testing.assert_close(frame[:-2], torch.cat([e.flatten() for e in expected]))
    assert torch.isfinite(pulls).all() and pulls.abs().max() > 0
    if loss == "wasserstein":  # the generator's loss is -s: minus its gradient is s'
        h = 1e-3
        slope = (gan.score(expected[-1] + h) - gan.score(expected[-1] - h)) / (2 * h)
        torch.testing.assert_close(pulls, slope.detach(), atol=2e-3, rtol=2e-2)
    assert header["losses"]["generator"] == pytest.approx(float(shown.run.history["loss_generator"].iloc[-1]))


def test_streaming_does_not_change_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, _ = live(monkeypatch)
    shown.receive({"type": "grids", "grids": GRIDS})
    for n in (1, 2, 4):
        shown.receive({"type": "step", "n": n})
    alone = gan_lab.train(small(), data.gaussian(1, 0.5), 10, batch=16, seed=0, device="cpu")
    for a, b in zip(shown.run.gan.parameters(), alone.gan.parameters(), strict=True):
        assert torch.equal(a, b)


def test_as_fast_as_it_goes_trains_more_than_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, sent = live(monkeypatch)
    shown.receive({"type": "grids", "grids": GRIDS})
    shown.receive({"type": "step", "n": 0})
    assert sent[-1][0]["step"] > 4


def test_a_run_that_blows_up_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, sent = live(monkeypatch)
    shown.receive({"type": "grids", "grids": GRIDS})
    with torch.no_grad():
        next(shown.run.gan.discriminator.parameters()).fill_(torch.nan)
    shown.receive({"type": "step", "n": 60})
    assert sent[-1][0]["type"] == "problem" and "not finite" in sent[-1][0]["text"]


def test_a_frame_of_a_run_in_the_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    """The playground's numbers in its order, for noise of three dimensions (no warped grid then)."""
    monkeypatch.delenv("GAN_LAB_STATIC", raising=False)
    gan = gan_lab.GAN(MLP(3, 2, hidden=(8,)), MLP(2, 1, hidden=(8,)), LOSSES["hinge"](), prior=data.uniform_cube(3))
    shown = widgets.show(gan_lab.train(gan, data.ring(std=0.1), 3, batch=16, seed=0, device="cpu"))
    assert isinstance(shown, widgets.LivePlane) and shown.view == "playground"
    assert shown.options["spec"]["prior"] == {"name": "uniform_cube", "dim": 3, "low": -1.0, "high": 1.0}
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    monkeypatch.setattr(shown.widget, "send", lambda content, buffers=(): sent.append((content, list(buffers))))
    x, z = torch.linspace(-1, 1, 8).reshape(4, 2), torch.linspace(-1, 1, 9).reshape(3, 3)
    shown.receive({"type": "grids", "grids": [x.flatten().tolist(), [], *[z.flatten().tolist()] * 2]})
    ((header, [buffer]),) = sent
    frame = torch.from_numpy(np.frombuffer(buffer, np.float32).copy())
    made = gan.sample(z=z).detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(-gan.score(made).sum(), made)  # the hinge loss asks G to raise the score
    with torch.no_grad():
        expected = [gan.score(x), made, -gradient, made]
    torch.testing.assert_close(frame, torch.cat([e.detach().flatten() for e in expected]))
    assert header["step"] == 3


def test_in_the_book_and_for_images_show_is_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    plane = gan_lab.GAN(MLP(2, 2, hidden=(4,)), MLP(2, 1, hidden=(4,)))
    normal = gan_lab.train(plane, data.standard_normal(2), 2, batch=8, device="cpu")
    assert isinstance(widgets.show(normal), Figure)
    with pytest.raises(ValueError, match="which playground cannot draw"):
        widgets.LivePlane(normal)
    line = gan_lab.train(small(), data.sine(), 2, batch=8, device="cpu")
    assert isinstance(line.show(), Figure)  # no notebook here
    monkeypatch.setenv("GAN_LAB_STATIC", "1")
    assert isinstance(widgets.show(line), Figure)
    assert isinstance(widgets.LiveLine(line).still(), Figure)


def test_in_a_notebook_a_run_shows_as_a_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython

    class Shell:
        kernel = object()

    monkeypatch.delenv("GAN_LAB_STATIC", raising=False)
    run = gan_lab.train(small(), data.sine(), 2, batch=8, device="cpu")
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    assert isinstance(run.show(), widgets.LiveLine)
