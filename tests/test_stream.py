"""Images read from a file are the images in memory: same numbers, same run, resumed alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import gan_lab
from gan_lab import data, zoo


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "digits.npy"
    np.save(path, data.digits("embedded").pixels[:500].numpy())
    return path


def weights(run: gan_lab.Run) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in run.gan.parameters()])


def test_a_run_on_the_file_is_the_run_in_memory(file: Path, tmp_path: Path) -> None:
    streamed = data.StreamedImages(file)
    held = data.Images(data.digits("embedded").pixels[:500])
    assert (len(streamed), streamed.shape, streamed.dim) == (500, (1, 28, 28), 784)
    one = gan_lab.train(zoo.mlp_gan(), held, 8, batch=16, device="cpu")
    kept = {"batch": 16, "device": "cpu", "checkpoint": tmp_path / "run.gan"}
    two = gan_lab.train(zoo.mlp_gan(), streamed, 5, **kept)
    assert streamed.foreseen >= 4, "every batch but the first was read ahead"
    two = gan_lab.train(zoo.mlp_gan(), data.StreamedImages(file), 8, resume=True, **kept)
    assert torch.equal(weights(one), weights(two))
    generator = torch.Generator().manual_seed(3)
    assert torch.equal(streamed.sample(9, generator), held.sample(9, torch.Generator().manual_seed(3)))


def test_many_seeds_and_page_streams_draw_from_it_too(file: Path) -> None:
    streamed, held = data.StreamedImages(file), data.Images(data.digits("embedded").pixels[:500])
    histories = [
        gan_lab.train_many(zoo.mlp_gan(), d, 3, seeds=[1, 5], batch=8, device="cpu").history for d in (streamed, held)
    ]
    assert histories[0].equals(histories[1])


def test_a_batch_of_another_size_is_read_when_asked_for(file: Path) -> None:
    streamed, streams = data.StreamedImages(file), gan_lab.random.TorchStreams(0)
    held, again = data.Images(data.digits("embedded").pixels[:500]), gan_lab.random.TorchStreams(0)
    for n in (4, 7, 7, 2):
        cpu = torch.device("cpu")
        drawn = streamed.draw(n, streams, "data", cpu, torch.float64)  # this type too: the same to the last bit
        assert torch.equal(drawn, held.draw(n, again, "data", cpu, torch.float64))
    assert streamed.foreseen == 1


def test_a_folder_of_pictures_is_packed(tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "deep"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 20), (255, 0, 0)).save(folder / "a.png")
    Image.new("L", (8, 8), 128).save(folder.parent / "b.JPG", format="jpeg")
    (folder / "notes.txt").write_text("no picture")
    with pytest.warns(UserWarning, match=r"not ending like a picture \(1\): deep/notes.txt"):
        images = data.pack_images(tmp_path / "pictures", tmp_path / "all.npy", size=16)
    assert images.shape == (3, 16, 16) and len(images) == 2
    grey, red = np.load(tmp_path / "all.npy")
    assert (grey == 128).all() and (red[0] == 255).all() and (red[1:] == 0).all()
    for picture in (folder / "a.png", folder.parent / "b.JPG"):
        picture.write_bytes(b"torn")
    with pytest.raises(ValueError, match=r"unreadable \(2\): b.JPG \(no picture in it\), deep/a.png"):
        data.pack_images(tmp_path / "pictures", tmp_path / "all.npy", size=16)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["all.npy", "pictures"]
    assert len(data.StreamedImages(tmp_path / "all.npy")) == 2  # what was there is untouched


def test_bad_files_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file .*none.npy: write one"):
        data.StreamedImages(tmp_path / "none.npy")
    with pytest.raises(FileNotFoundError, match="no folder"):
        data.pack_images(tmp_path / "none", tmp_path / "x.npy")
    with pytest.raises(FileNotFoundError, match="holds no pictures"):
        data.pack_images(tmp_path, tmp_path / "x.npy")
    bad = tmp_path / "bad.npy"
    for content, message in ((b"", "no .npy file"), (b"hello", "no .npy file")):
        bad.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            data.StreamedImages(bad)
    np.save(bad, np.zeros((2, 3), np.uint8))
    with pytest.raises(ValueError, match="must be .n, channels, height, width"):
        data.StreamedImages(bad)
    np.save(bad, np.zeros((2, 1, 3, 3), np.float32))
    with pytest.raises(TypeError, match="must be uint8"):
        data.StreamedImages(bad)
    np.save(bad, np.zeros((20, 1, 30, 30), np.uint8))
    bad.write_bytes(bad.read_bytes()[:5_000])
    with pytest.raises(ValueError, match="cut short"):
        data.StreamedImages(bad)
