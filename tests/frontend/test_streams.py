"""The page's random numbers and distributions are those of gan_lab."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate, special

from gan_lab import data
from gan_lab.random import STREAMS, PageStreams, philox

Engine = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

# Random123's known answers for philox4x32-10: counter, key, words
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]

DISTRIBUTIONS: list[dict[str, Any]] = [
    {"name": "gaussian", "mean": 4.0, "std": 1.25},
    {"name": "mixture", "means": [-2.0, 0.5, 3.0], "stds": [0.3, 1.0, 0.5], "weights": [0.2, 0.5, 0.3]},
    {"name": "uniform", "low": -1.0, "high": 3.0},
    {"name": "exponential", "rate": 1.5},
    {"name": "sine"},
    {"name": "drawn", "low": -4.0, "high": 4.0, "heights": [0.0, 1.0, 3.0, 0.5, 0.0, 2.0, 1.0, 0.0]},
]
PLANES: list[dict[str, Any]] = [
    {"name": "ring", "modes": 5, "radius": 1.5, "std": 0.1},
    {"name": "grid", "side": 3, "spacing": 1.0, "std": 0.1},
    {"name": "points", "centres": [[0.0, 1.0], [-2.0, 0.5], [0.25, 0.25]], "std": 0.2},
    {"name": "spiral", "turns": 1.5, "radius": 2.0, "std": 0.1},
    {"name": "moons", "std": 0.1},
    {"name": "sine_curve", "amplitude": 0.5, "std": 0.1},
    {"name": "segment", "length": 3.0, "std": 0.1},
]
CUBES: list[dict[str, Any]] = [
    {"name": "standard_normal", "dim": 3},
    {"name": "uniform_cube", "dim": 4, "low": -1.0, "high": 2.0},
]
NAMES = [d["name"] for d in DISTRIBUTIONS]


def results(engine: Engine, job: dict[str, Any]) -> list[Any]:
    (answer,) = engine([job])
    assert "error" not in answer, answer
    return answer["results"]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_known_answers(engine: Engine, counter: list[int], key: list[int], words: list[int]) -> None:
    page = results(engine, {"calls": [["philox", *counter, *key]]})[0]
    assert page == words
    ours = philox(np.array([counter], dtype=np.uint64), (key[0], key[1]))
    assert ours[0].tolist() == words


@pytest.mark.parametrize("seed", [0, 1, 123_456, 4_000_000])
def test_uniforms_bit_for_bit(engine: Engine, seed: int) -> None:
    """Every stream, in draws that break its blocks of four."""
    sizes = (1, 2, 7, 256, 3)
    streams = PageStreams(seed)
    for index, name in enumerate(STREAMS):
        page = results(engine, {"stream": [seed, index], "calls": [["take", n] for n in sizes]})
        for n, got in zip(sizes, page, strict=True):
            assert got == streams.uniform(name, (n,), torch.device("cpu")).tolist()


def test_initial_weights_bit_for_bit(engine: Engine) -> None:
    from reference import PLAYERS, gan_of, parameters, spec

    s = spec(generator={"sizes": [1, 5, 3, 1], "activation": "relu"}, seed=11)
    gan = gan_of(s)
    PageStreams(11).initialise(gan)
    calls = [["getParameters", p] for p in PLAYERS]
    page = results(engine, {"engine": s, "options": {"precision": "float64"}, "calls": calls})
    for player, got in zip(PLAYERS, page, strict=True):
        assert got == parameters(gan, player).tolist()


def test_normal_quantile_and_cdf(engine: Engine) -> None:
    u = np.concatenate([np.logspace(-9.7, -1, 200), np.linspace(0.05, 0.95, 301), 1 - np.logspace(-9.7, -1, 200)])
    x = np.linspace(-37, 37, 741)
    calls = [["normalQuantile", v] for v in u] + [["normalCdf", v] for v in x]
    page = np.array(results(engine, {"calls": calls}))
    np.testing.assert_allclose(page[: len(u)], special.ndtri(u), rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(page[len(u) :], special.ndtr(x), rtol=1e-12)


@pytest.mark.parametrize("d", DISTRIBUTIONS, ids=NAMES)
def test_density_cdf_quantile(engine: Engine, d: dict[str, Any]) -> None:
    """The same functions as gan_lab.data's; the moments are those of its quantiles."""
    ours = data.from_spec(d)
    for (field, value), page_field in zip(
        ours.spec().items(), results(engine, {"distribution": ours.spec(), "calls": [["spec"]]})[0].items(), strict=True
    ):
        assert page_field == (field, value if isinstance(value, str) else pytest.approx(value))
    low, high = ours.support  # type: ignore[attr-defined]
    x = torch.linspace(low - 1, high + 1, 203, dtype=torch.float64)
    u = torch.linspace(0.001, 0.999, 201, dtype=torch.float64)
    calls = [["density", v] for v in x.tolist()] + [["cdf", v] for v in x.tolist()]
    calls += [["quantile", v] for v in u.tolist()] + [["mean"], ["std"], ["range"], ["uniforms"]]
    page = results(engine, {"distribution": d, "calls": calls})
    density, cdf, quantile = (
        torch.tensor(page[a:b], dtype=torch.float64) for a, b in ((0, 203), (203, 406), (406, 607))
    )
    # (at a jump of the density the two may stand on different sides)
    off = (density - ours.density(x)).abs() > 1e-12
    assert int(off.sum()) <= (2 if d["name"] in ("drawn", "uniform", "exponential") else 0)
    torch.testing.assert_close(cdf, ours.cdf(x), rtol=1e-12, atol=1e-14)  # type: ignore[attr-defined]
    torch.testing.assert_close(quantile, ours.quantile(u), rtol=1e-11, atol=1e-11)  # type: ignore[attr-defined]
    mean, std, interval, uniforms = page[607:]
    assert interval == pytest.approx([low, high])
    assert uniforms == ours.uniforms
    fine = (torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000
    values = ours.quantile(fine)  # type: ignore[attr-defined]
    assert mean == pytest.approx(float(values.mean()), abs=2e-3)
    assert std == pytest.approx(float(values.std()), rel=2e-3)


@pytest.mark.parametrize("d", DISTRIBUTIONS + PLANES + CUBES, ids=lambda d: d["name"])
def test_samples(engine: Engine, d: dict[str, Any]) -> None:
    """Sample by sample the numbers that gan_lab draws from the same stream."""
    ours = data.from_spec(d)
    n = 500
    expected = ours.draw(n, PageStreams(5), "data", torch.device("cpu"), torch.float64)
    u = PageStreams(5).uniform("data", (n * ours.uniforms,), torch.device("cpu")).tolist()
    got, dim, uniforms = results(engine, {"distribution": d, "calls": [["push", u], ["dim"], ["uniforms"]]})
    assert (dim, uniforms) == (ours.dim, ours.uniforms)
    torch.testing.assert_close(torch.tensor(got, dtype=torch.float64).reshape(n, dim), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("d", PLANES, ids=lambda d: d["name"])
def test_density_in_the_plane(engine: Engine, d: dict[str, Any]) -> None:
    """On a grid over the page's own box: gan_lab's density, and practically all of the mass."""
    ours = data.from_spec(d)
    (box,) = results(engine, {"distribution": d, "calls": [["box"]]})
    x, y = (torch.linspace(box[i], box[i + 1], 151, dtype=torch.float64) for i in (0, 2))
    grid = torch.cartesian_prod(x, y)
    got = results(engine, {"distribution": d, "calls": [["density", *point] for point in grid.tolist()]})
    expected = ours.density(grid)
    torch.testing.assert_close(torch.tensor(got, dtype=torch.float64), expected, rtol=1e-9, atol=1e-9)
    mass = float(expected.sum() * (x[1] - x[0]) * (y[1] - y[0]))
    assert mass == pytest.approx(1, abs=0.01)


def test_defaults_in_the_plane(engine: Engine) -> None:
    """A name alone gives the same law in the page and in Python."""
    for d in PLANES:
        name = d["name"]
        if name != "points":
            (spec,) = results(engine, {"distribution": {"name": name}, "calls": [["spec"]]})
            assert spec == data.from_spec({"name": name}).spec()


def test_density_integrates_to_one(engine: Engine) -> None:
    """By quadrature in the page's own functions, between quantiles that leave out 2e-6 of the mass."""
    for d in DISTRIBUTIONS:
        low, high = results(engine, {"distribution": d, "calls": [["quantile", 1e-6], ["quantile", 1 - 1e-6]]})
        x = np.linspace(low, high, 20_001)
        density = results(engine, {"distribution": d, "calls": [["density", v] for v in x]})
        mass = float(integrate.trapezoid(density, x))
        assert math.isclose(mass, 1, abs_tol=2e-3 if d["name"] == "drawn" else 1e-4), (d, mass)
