"""The saddle laboratory in a real browser: every number beside gan_lab's, links, code, mistakes."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from gan_lab import game, widgets
from gan_lab.widgets.saddles import EXPERIMENTS
from tests.page import drawn, reload
from tests.saddle_page import COPY, figures
from tests.small_widgets import OpenWidget, address, element, go, state, words

PENNIES = game.matching_pennies()
SKEWED = game.MatrixGame([[2.0, -1.0], [0.0, 1.5]], [[-1.0, 1.0], [0.5, -0.5]])

# what the address says, the game it means, where to start, how many steps: far enough to tell methods apart, not so far
# that what is unstable has multiplied the last digit's rounding by more than a thousand
PLAYED: list[tuple[dict[str, Any], game.SmoothGame, list[float], int]] = [
    ({"quadratic": [1, 0, 0]}, game.Bilinear(), [0.7, -0.4], 60),
    ({"quadratic": [1, -0.3, 1]}, game.Quadratic(1, -0.3, 1), [0.7, -0.4], 60),
    ({"quadratic": [-0.6, 0.2, 0.75]}, game.Quadratic(-0.6, 0.2, 0.75), [-1, 0.5], 60),
    *(
        ({"game": "dirac", "loss": loss}, game.DiracGAN(loss), [0.8, 0.5], 40)
        for loss in ("minimax", "non_saturating", "least_squares", "wasserstein", "hinge", "relativistic")
    ),
    (
        {"game": "dirac", "penalties": [0.4, 0.25, 0, 0, 0]},
        game.DiracGAN("non_saturating", r1=0.4, r2=0.25),
        [1, 0.5],
        60,
    ),
    *(
        (
            {"game": "dirac", "loss": loss, "penalties": [0.1, 0, 0, 0, 0.8]},
            game.DiracGAN(loss, r1=0.1, noise=0.8),
            [0.8, 0.5],
            40,
        )
        for loss in ("minimax", "non_saturating", "least_squares", "wasserstein", "relativistic")
    ),
    (
        {"game": "dirac", "loss": "wasserstein", "penalties": [0, 0, 0, 0.3, 0]},
        game.DiracGAN("wasserstein", clip=0.3),
        [0.5, 0.2],
        60,
    ),
    ({"game": "matrix", "matrix": "pennies"}, game.Mixed(PENNIES), [0.6, 0.45], 60),
    (
        {"game": "matrix", "A": SKEWED.A.ravel().tolist(), "B": SKEWED.B.ravel().tolist()},
        game.Mixed(SKEWED),
        [0.3, 0.6],
        60,
    ),
]


def steps_of(rule: dict[str, Any]) -> dict[str, Any]:
    """The step functions by their letters, as the rule in the address has them."""
    turns = rule.get("turns", True)
    return {
        "S": "simultaneous",
        "A": "alternating",
        "E": "extragradient",
        "O": "optimistic",
        "P": "proximal",
        "K": game.runge_kutta,
        "M": game.Momentum(rule.get("beta", -0.5), in_turns=turns),
        "R": game.RMSProp(rule.get("alpha", 0.99), in_turns=turns),
        "D": game.Adam(tuple(rule.get("betas", (0.9, 0.999))), in_turns=turns),
    }


RULES: list[dict[str, Any]] = [
    {"eta": 0.2, "ratio": 1, "turns": True},
    {"eta": 0.05, "ratio": 2.5, "turns": False, "beta": 0.3, "alpha": 0.97, "betas": [0.5, 0.9]},
]


@pytest.mark.parametrize("rule", RULES, ids=["one scale", "two scales"])
def test_walks_and_rates_equal_gan_lab(open_widget: OpenWidget, rule: dict[str, Any]) -> None:
    page = open_widget(element("saddle"))
    for options, played, start, steps in PLAYED:
        matrix = options.get("game") == "matrix"
        base = {"game": "quadratic", "loss": "non_saturating", "penalties": [0, 0, 0, 0, 0], "quadratic": [1, 0, 0]}
        payoffs = {"A": PENNIES.A.ravel().tolist(), "B": PENNIES.B.ravel().tolist()}
        go(page, "saddle", **{**base, **payoffs, **options, **rule}, start=start, steps=steps, methods="SAEOPKMRDFL")
        shown, eta = figures(page), (rule["eta"], rule["eta"] * rule["ratio"])
        for letter, step in steps_of(rule).items():
            walk = game.trajectory(played, step, start, eta, steps)
            name = f"{letter} on {options}"
            np.testing.assert_allclose(shown[letter][0], walk.distance[-1], rtol=1e-9, atol=1e-13, err_msg=name)
            if walk.distance[-1] > 1e-10:
                np.testing.assert_allclose(shown[letter][1], walk.rate(), rtol=1e-8, err_msg=name)
            if letter in "RD":
                assert math.isnan(shown[letter][2])
            else:
                exact = game.spectral_rate(played, step, eta)
                np.testing.assert_allclose(shown[letter][2], exact, rtol=1e-9, err_msg=name)
        if matrix:
            assert isinstance(played, game.Mixed)
            mixes = ([start[0], 1 - start[0]], [start[1], 1 - start[1]])
            play = game.fictitious_play(played.game, steps, *mixes)
            end = math.dist((play.x[-1, 0], play.y[-1, 0]), played.equilibrium)
            np.testing.assert_allclose(shown["F"][0], end, rtol=1e-9)
            field = game.Mixed(played.game, replicator=True)
            walk = game.trajectory(field, game.runge_kutta, start, eta, steps)
            np.testing.assert_allclose(shown["L"][0], walk.distance[-1], rtol=1e-9)
            np.testing.assert_allclose(shown["L"][2], game.spectral_rate(field, game.runge_kutta, eta), rtol=1e-9)
        else:
            assert all(math.isnan(v) for letter in "FL" for v in shown[letter][:2])


def test_where_no_eigenvalues_are_none_are_shown(open_widget: OpenWidget) -> None:
    page = open_widget(widgets.saddle("wgan", methods=["simultaneous", "alternating", "proximal"], steps=200).html())
    assert "it has no eigenvalues there" in words(page) and "alternating: no rate" in words(page)
    played, shown = game.DiracGAN("wasserstein", wgan_gp=0.5), figures(page)
    for letter, method in (("S", "simultaneous"), ("A", "alternating"), ("P", "proximal")):
        walk = game.trajectory(played, method, (1, 0.5), 0.05, 200)
        np.testing.assert_allclose(shown[letter][0], walk.distance[-1], rtol=1e-9)
        assert math.isnan(shown[letter][2])
    page = open_widget(widgets.saddle("dilemma").html())
    assert "the walls hold both players in their corner" in words(page) and "simultaneous: |r| = 0.000" in words(page)
    assert [row[0] for row in figures(page).values()][:3] == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"quadratic": [1, 0, 0]}, "λ = ± 1.00i: the field turns, and neither pulls nor pushes"),
        ({"quadratic": [1, 0.5, 0.5]}, "λ = −0.50 ± 1.00i: the field turns and pulls in: stable"),
        ({"quadratic": [1, -0.5, -0.5]}, "λ = 0.50 ± 1.00i: the field turns and pushes out: unstable"),
        ({"quadratic": [0, 1, 1]}, "λ = −1.00, −1.00: the field pulls in without turning: stable"),
        ({"quadratic": [0, -1, 1]}, "pulls in along one line and pushes out along another: unstable"),
        ({"game": "dirac", "penalties": [0.5, 0, 0, 0, 0]}, "λ = −0.25 ± 0.43i: the field turns and pulls in: stable"),
        (
            {"game": "dirac", "penalties": [4, 0, 0, 0, 0]},
            "λ = −0.06, −3.94: the field pulls in without turning: stable",
        ),
        ({"game": "matrix"}, "λ = ± 4.00i"),
    ],
)
def test_eigenvalues_in_words(open_widget: OpenWidget, options: dict[str, Any], said: str) -> None:
    assert said in words(open_widget(element("saddle", **options)))


def test_two_eigenvalues_that_meet_are_those_of_gan_lab(open_widget: OpenWidget) -> None:
    """At the critical gamma the words must not be decided by the last digit."""
    assert game.DiracGAN(r1=1).critical_gamma == 1
    page = open_widget(element("saddle", game="dirac", penalties=[1, 0, 0, 0, 0]))
    assert "λ = −0.50, −0.50: the field pulls in without turning" in words(page)


# -- the experiments say what happens -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_opens_by_its_name(open_widget: OpenWidget, name: str) -> None:
    page = open_widget(widgets.saddle(name).html())
    assert page.get_by_label("Experiment").input_value() == name
    assert page.get_by_text("Try: ").is_visible()
    assert state(page, "saddle") == {}, "nothing has been changed yet"
    on = [letter for letter, row in figures(page).items() if not math.isnan(row[0])]
    assert on and re.search(r"step [1-9]\d+\. ", words(page))


def test_the_experiments_of_python_are_those_of_the_page(open_widget: OpenWidget) -> None:
    page = open_widget(element("saddle"))
    drawn(page)
    options = page.get_by_label("Experiment").locator("option").evaluate_all("all => all.map(one => one.value)")
    assert [name for name in options if name] == list(EXPERIMENTS)
    for name in EXPERIMENTS:
        page.get_by_label("Experiment").select_option(name)
        drawn(page)
        assert len(words(page)) > 60
    page.get_by_label("Experiment").select_option("r1")
    assert state(page, "saddle") == {"preset": "r1"}


def test_an_experiment_is_a_short_link(open_widget: OpenWidget) -> None:
    page = open_widget(element("saddle"), query="#saddle.preset=r1")
    assert page.get_by_label("γ of R1").input_value() == "0.5" and "step 300" in words(page)
    page.get_by_label("γ of R1").press("ArrowRight")
    page.get_by_label("step size η").press("Home")
    page.get_by_label("step size η").press("ArrowRight")
    for _ in range(18):
        page.get_by_label("step size η").press("ArrowRight")  # to 0.2, where another experiment begins
    assert state(page, "saddle") == {"preset": "r1", "eta": "0.2", "penalties": "[0.55,0,0,0,0]"}
    before = words(page)
    reload(page)
    assert words(page) == before
    go(page, "saddle", preset="cliff")
    assert "optimistic: |r| = 0.981" in words(page)
    page.get_by_label("Game", exact=True).select_option("dirac")
    before = words(page)
    assert state(page, "saddle")["preset"] == ""
    reload(page)
    assert words(page) == before


# -- in and out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"quadratic": [1, 0.1, -0.2], "methods": "SAEOPKMRD", "ratio": 2.5, "turns": False, "beta": 0.4},
        {"game": "dirac", "loss": "hinge", "penalties": [0.3, 0.2, 0, 1.5, 0.5], "methods": "SAEOPKMRD"},
        {"game": "dirac", "loss": "wasserstein", "penalties": [0, 0, 0.5, 0, 0], "methods": "SAMD"},
        {"game": "matrix", "matrix": "stag", "A": [6, 0, 3, 3], "B": [6, 3, 0, 3], "methods": "SAEOPKMRDFL"},
    ],
    ids=["quadratic", "penalties", "gradient penalty", "matrix"],
)
def test_its_python_code_walks_the_same_way(
    open_widget: OpenWidget, options: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_widget(element("saddle", **options, start=[0.7, 0.4], steps=25, eta=0.05), script=COPY)
    drawn(page)
    page.get_by_role("button", name="Copy as Python").click()
    page.wait_for_function("window.copied")
    scope: dict[str, Any] = {}
    exec(page.evaluate("window.copied"), scope)
    played, shown = scope["played"], figures(page)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert "".join(letter for letter, *_ in lines) == options["methods"]
    for letter, x, y in lines:
        far = math.dist((float(x), float(y)), played.equilibrium)
        assert shown[letter][0] == pytest.approx(far, rel=1e-9, abs=1e-13), letter


def test_the_factory_of_python(open_widget: OpenWidget) -> None:
    made = widgets.saddle(
        game.DiracGAN("hinge", r1=0.5, clip=1.0), ["adam", "momentum"], eta=(0.1, 0.3), start=(0.5, -1), steps=12,
        momentum=0.4, betas=(0.5, 0.9), in_turns=False, averages=True,
    )  # fmt: skip
    page = open_widget(made.html())
    assert "Dirac-GAN" in words(page) and "start (0.50, −1.00), step 12" in words(page)
    played, eta = game.DiracGAN("hinge", r1=0.5, clip=1.0), (0.1, 0.3)
    for letter, step in (("M", game.Momentum(0.4)), ("D", game.Adam((0.5, 0.9)))):
        walk = game.trajectory(played, step, (0.5, -1), eta, 12)
        assert figures(page)[letter][0] == pytest.approx(walk.distance[-1], rel=1e-9)
    link = "https://book.example/laboratory/saddle.html#saddle.preset=r1&saddle.eta=0.2"
    page = open_widget(widgets.from_link(link).html())
    assert "λ = −0.25 ± 0.43i" in words(page) and "Step size 0.20" in words(page)
    page = open_widget(widgets.saddle(game.stag_hunt(), ["fictitious_play"], steps=5).html())
    assert page.get_by_label("Payoffs").locator("option:checked").text_content() == "stag hunt"
    assert page.get_by_label("Column's payoff at stag, hare").input_value() == "3"
    page = open_widget(widgets.saddle(game.Quadratic(0.5, 0.2, -0.1)).html())
    assert page.get_by_label("q, curvature of y").input_value() == "-0.1"


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: widgets.saddle("r2"), "unknown experiment 'r2'"),
        (lambda: widgets.saddle(game.rock_paper_scissors()), "3x3"),
        (lambda: widgets.saddle(game.Quadratic(5)), "A is 5.0: it must be between -2 and 2"),
        (lambda: widgets.saddle(game.DiracGAN(r1=9)), "r1 is 9.0"),
        (lambda: widgets.saddle(eta=1e9), "eta is 1000000000.0"),
        (lambda: widgets.saddle(eta=(0.1, 9)), "second eta over the first"),
        (lambda: widgets.saddle("pennies", start=(0, 2)), "between 0 and 1"),
        (lambda: widgets.saddle(start=(0, 7)), "between -3 and 3"),
        (lambda: widgets.saddle(methods=["replicator"]), "unknown method 'replicator'"),
        (lambda: widgets.saddle(methods=["adm"]), "did you mean 'adam'"),
        (lambda: widgets.saddle(steps=-1), "steps is -1"),
        (lambda: widgets.saddle(momentum=1), "momentum is 1"),
        (lambda: widgets.saddle(betas=(0.9,)), "give two numbers"),
    ],
)
def test_a_mistake_is_said_in_python_already(make: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        make()


def test_another_kind_of_thing_is_refused_in_python() -> None:
    with pytest.raises(TypeError, match="cannot play Bilinear"):
        widgets.saddle(game.Bilinear([[1, 2], [3, 4]]))
    with pytest.raises(TypeError, match="such as \\['adam'\\]"):
        widgets.saddle(methods="adam")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"loss": "gauss"}, "There is no loss “gauss”; there are minimax"),
        ({"preset": "chess"}, "There is no preset “chess”"),
        ({"eta": "fast"}, "something like 0.2"),
        ({"A": [[1, 2], [3, 4]]}, "something like"),
    ],
)
def test_a_mistake_of_the_author_is_said(open_widget: OpenWidget, options: dict[str, Any], complaint: str) -> None:
    page = open_widget(element("saddle", **options))
    assert complaint in (page.locator("gan-lab [role=alert]").text_content() or "")


def test_an_absurd_address_is_pulled_into_range(open_widget: OpenWidget) -> None:
    absurd = address(
        "saddle", eta=1e9, ratio=-1, start=[10**9, -5], steps=1e12, quadratic=[9, 9, 9],
        penalties=[-1, 1e9, 1e9, 1e9, 1e9], betas=[2, -2], beta=-7, alpha=3,
        A=[1e99, 0, 0, 0], game="chess", loss="?", matrix="go", preset="??",
        methods="SAEOPKMRDFL",
    )  # fmt: skip
    page = open_widget(element("saddle"), query=absurd)
    assert "Step size 2.50, start (3.00, −3.00), step 2000." in words(page)
    assert page.locator("gan-lab [role=alert]").count() == 0
    assert math.isinf(figures(page)["S"][0]), "beyond the largest number"
    for kind in ("dirac", "matrix"):
        page.get_by_label("Game", exact=True).select_option(kind)
        assert len(words(page)) > 60
    page.get_by_label("Experiment").select_option("ahead")
    assert "extragradient: |r| = 0.866, stable" in words(page)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["leave", "r1", "pennies"])
def test_fits_a_phone(open_widget: OpenWidget, name: str, dark: bool) -> None:
    page = open_widget(widgets.saddle(name).html(), width=390, dark=dark, touch=True)
    drawn(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    over = page.locator("gan-lab .root *:visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.outerHTML)"
    )
    assert over == []


def test_with_reduced_motion_nothing_starts_by_itself_and_play_takes_whole_leaps(open_widget: OpenWidget) -> None:
    page = open_widget(element("saddle", steps=0), reduced_motion=True)
    assert "step 0." in words(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => /Step [1-9]/.test(document.querySelector('gan-lab').shadowRoot.textContent)")
    page.get_by_role("button", name="Pause").click()
    assert re.search(r"step ([789]|\d\d)", words(page)), "a frame takes the steps of its time at once"
