"""Streams: known answers, independence of names, positions that can be stored."""

import numpy as np
import pytest
import torch

from gan_lab.nets import MLP
from gan_lab.random import MAX_SEED, STREAMS, PageStreams, TorchStreams, make_streams, philox, stream_seed

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # the known answers published with Random123 for philox4x32, 10 rounds
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(counter, key, words):
    assert tuple(philox(np.array([counter], dtype=np.uint64), key)[0]) == words


@pytest.mark.parametrize("make", [TorchStreams, PageStreams])
def test_drawing_in_pieces_is_drawing_at_once(make):
    whole = make(3).uniform("data", (13,), CPU)
    pieces = make(3)
    together = torch.cat([pieces.uniform("data", (n,), CPU) for n in (1, 2, 5, 5)])
    if make is PageStreams:  # torch's vectorised generator fills blocks, so its pieces may differ; its state must not
        assert torch.equal(whole, together)
    assert whole.min() > 0 and whole.max() < 1


@pytest.mark.parametrize("make", [TorchStreams, PageStreams])
def test_streams_are_apart_and_positions_can_be_stored(make):
    streams = make(0)
    first = {s: streams.uniform(s, (64,), CPU) for s in STREAMS if s != "init"}
    assert len({tuple(v.tolist()) for v in first.values()}) == len(first)
    state = streams.state_dict()
    ahead = streams.normal("noise", (7,), CPU)
    other = make(0)
    other.load_state_dict(state)
    assert torch.equal(ahead, other.normal("noise", (7,), CPU))
    assert not torch.equal(first["data"], make(1).uniform("data", (64,), CPU))


def test_page_normals_are_normal():
    z = PageStreams(5).normal("noise", (40_000,), CPU)
    assert abs(float(z.mean())) < 4 / 200 and abs(float(z.std()) - 1) < 4 / 280


@pytest.mark.parametrize("make", [TorchStreams, PageStreams])
def test_initialise_follows_the_default_law_and_repeats(make):
    a, b = MLP(3, 1, (50,)), MLP(3, 1, (50,))
    make(7).initialise(a)
    make(7).initialise(b)
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        assert torch.equal(p, q)
    assert a[0].weight.abs().max() <= 3**-0.5 and a[2].weight.abs().max() <= 50**-0.5
    make(8).initialise(b)
    assert not torch.equal(a[0].weight, b[0].weight)


def test_initialise_equals_building_after_the_same_manual_seed():
    torch.manual_seed(stream_seed(2, "init"))
    by_hand = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))
    ours = MLP(4, 1, (5,))
    before = torch.get_rng_state()
    TorchStreams(2).initialise(ours)
    assert torch.equal(before, torch.get_rng_state()), "the reader's own random numbers must not move"
    for p, q in zip(by_hand.parameters(), ours.parameters(), strict=True):
        assert torch.equal(p, q)


def test_bad_seeds_and_names():
    with pytest.raises(ValueError, match="at least 0"):
        stream_seed(-1, "data")
    with pytest.raises(TypeError, match="whole number"):
        stream_seed(0.5, "data")
    with pytest.raises(ValueError, match="at most"):
        stream_seed(MAX_SEED + 1, "data")
    with pytest.raises(ValueError, match="did you mean 'noise'"):
        stream_seed(0, "nois")
    with pytest.raises(ValueError, match="random streams"):
        make_streams("pages", 0, CPU)
    with pytest.raises(ValueError, match="streams='torch'"):
        PageStreams(0).initialise(MLP(2, 2, (4,), batch_norm=True))


@pytest.mark.parametrize("make", [TorchStreams, PageStreams])
def test_positions_from_before_a_stream_existed_are_read(make):
    streams = make(5)
    streams.uniform("data", (3,), CPU)
    old = {name: value for name, value in streams.state_dict().items() if name != "augmentation"}
    again = make(5)
    again.load_state_dict(old)
    assert torch.equal(again.uniform("data", (4,), CPU), streams.uniform("data", (4,), CPU))
    assert torch.equal(again.uniform("augmentation", (4,), CPU), make(5).uniform("augmentation", (4,), CPU))
