"""What a user has in hand is data: tensors, arrays, tables; and what is none says what to pass instead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import gan_lab
from gan_lab import data, zoo
from gan_lab.random import TorchStreams

CPU = torch.device("cpu")
POINTS = np.random.default_rng(0).normal(size=(20, 2))
FRAME = pd.DataFrame(POINTS, columns=["height", "width"])
BYTES = torch.arange(5 * 3 * 4 * 4, dtype=torch.uint8).reshape(5, 3, 4, 4)


@pytest.mark.parametrize(
    "value",
    [
        POINTS,
        torch.from_numpy(POINTS),
        torch.from_numpy(POINTS).requires_grad_(),
        POINTS.tolist(),
        FRAME,
        POINTS.astype(">f8"),
        np.asfortranarray(POINTS)[::-1][::-1],
    ],
    ids=["array", "tensor", "with gradient", "lists", "table", "big-endian", "strided"],
)
def test_points_in_memory_are_a_table(value: Any) -> None:
    table = data.as_data(value)
    assert isinstance(table, data.Table) and (len(table), table.dim) == (20, 2) and not table.rows.requires_grad
    index = TorchStreams(0).index("data", 20, 50, CPU)
    drawn = table.draw(50, TorchStreams(0), "data", CPU, torch.float64)
    assert torch.equal(drawn, torch.from_numpy(POINTS).float()[index].double())
    assert table.sample(3).dtype == torch.float32 and data.as_data(table) is table


def test_a_run_learns_from_a_table() -> None:
    runs = [
        gan_lab.train(zoo.gan(inputs=2, outputs=2, hidden=(8,)), data.as_data(x), 3, batch=4, device="cpu")
        for x in (FRAME, torch.from_numpy(POINTS).float())
    ]
    assert torch.equal(runs[0].samples(5), runs[1].samples(5))


def test_columns_of_every_number_type_are_read() -> None:
    frame = pd.DataFrame({"a": pd.array([1, 2], "Int64"), "b": np.array([1, 2], np.int8), "c": [0.5, 1.5]})
    assert data.as_data(frame)[:].tolist() == [[1, 1, 0.5], [2, 2, 1.5]]
    assert data.as_data(frame["c"])[:].tolist() == [[0.5], [1.5]]
    assert data.as_data(np.array([1, 2, 3]))[:].tolist() == [[1], [2], [3]]


def test_images_in_memory_are_images() -> None:
    for value in (BYTES, BYTES.numpy()):
        assert torch.equal(data.as_data(value).pixels, BYTES)
    exact = torch.linspace(-1, 1, 5 * 48).reshape(5, 3, 4, 4)
    images = data.as_data(exact)
    assert isinstance(images, data.Images) and images.shape == (3, 4, 4) and torch.equal(images[:], exact)
    read_only = np.broadcast_to(np.uint8(7), (2, 1, 4, 4))
    assert (data.as_data(read_only).pixels == 7).all()


def gap(row: int, column: int) -> pd.DataFrame:
    frame = FRAME.copy()
    frame.iloc[row, column] = np.nan
    return frame


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (gap(3, 1), r"the data hold 1 NaN or infinite values \(row 3 of column 'width'; .*drop or fill those rows"),
        (gap(7, 0).to_numpy(), r"\(row 7 of column 0;"),
        (np.full((9, 2), np.inf), r"hold 18 NaN .* and 13 more; columns concerned: 0, 1\)"),
        (FRAME.assign(name="x", day=pd.Timestamp(0)), r"columns hold no numbers: 'name' \(.*\), 'day' \(datetime64"),
        (BYTES / 255, r"floats in \[0, 0.937255\]: images lie in \[-1, 1\] here, pass 2 \* x - 1"),
        (BYTES.float(), r"floats in \[0, 239\], like bytes: pass x.round\(\).to\(torch.uint8\)"),
        (BYTES.float() - 9, r"floats in \[-9, 230\]: scale them to \[-1, 1\]"),
        (torch.full((2, 1, 4, 4), torch.nan), "the images hold 32 NaN or infinite values, the first in image 0"),
        (BYTES.reshape(5, 4, 4, 3).repeat(1, 2, 1, 1), r"channels last: pass .*permute\(0, 3, 1, 2\)"),
        (BYTES[:, 0], r"without channels: pass x\[:, None\]"),
        (BYTES[:, 0, 0], "data are bytes of shape .*reshape images"),
        (BYTES.long(), "uint8 in 0..255, or floats in"),
        (torch.zeros(0, 2), r"have shape \(0, 2\): give points"),
        (torch.zeros(()), r"have shape \(\): give points"),
        (torch.zeros(2, 2, dtype=torch.complex64), "give dense, real numbers"),
        ([[1, 2], [3]], "cannot be read as numbers"),
        (["a", "b"], "cannot be read as numbers"),
        ("pictures", r"not str: use data.folder\(path\)"),
        ({"name": "ring"}, r"not dict: use data.from_spec"),
        ((POINTS, POINTS), r"not tuple: use data.labelled"),
        (torch.utils.data.DataLoader([1]), "not DataLoader: stack its samples"),
        (None, "not NoneType"),
    ],
)  # fmt: skip
def test_what_is_no_data_says_what_to_pass(value: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        data.as_data(value)
    assert "\n" not in str(caught.value)
