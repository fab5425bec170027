"""Pictures from a folder: each kind of file decoded as a viewer shows it, and one rule for which files count."""

from __future__ import annotations

import io
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

import gan_lab
from gan_lab import data, zoo
from gan_lab.data.pictures import Look, decode

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def halves(mode: str, left: object, right: object, size: int = 16) -> Image.Image:
    picture = Image.new(mode, (size, size), left)  # type: ignore[arg-type]
    picture.paste(right, (size // 2, 0, size, size))  # type: ignore[arg-type]
    return picture


def turned() -> bytes:
    """Left red, right blue; its EXIF says to turn it by 90 degrees clockwise, so that red is above."""
    picture, exif = halves("RGB", RED, BLUE, 32), Image.Exif()
    exif[0x0112] = 6
    return saved(picture, "JPEG", exif=exif, quality=100, subsampling=0)


def palette() -> bytes:
    """Left transparent, right green, by a palette."""
    picture = halves("P", 0, 1)
    picture.putpalette([*RED, *GREEN])
    return saved(picture, "PNG", transparency=0)


def sixteen(kind: str) -> bytes:
    """Grey: left 0x8080, right 0xffff, of 65535."""
    numbers = np.full((16, 16), 0x8080, np.uint16)
    numbers[:, 8:] = 0xFFFF
    return saved(Image.fromarray(numbers), kind)


def several_frames(kind: str) -> bytes:
    first, second = halves("RGB", RED, BLUE), Image.new("RGB", (16, 16), GREEN)
    options = {"lossless": True} if kind == "WEBP" else {}
    return saved(first, kind, save_all=True, append_images=[second], **options)


def swapped_profile() -> bytes:
    """Blue and red, left and right, in a profile whose primaries are swapped: a viewer shows red and blue."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = lab.replace(b"rXYZ", b"tXYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"tXYZ", b"bXYZ", 1)
    assert swapped != lab
    return saved(halves("RGB", BLUE, RED), "PNG", icc_profile=swapped)


KINDS: dict[str, tuple[Callable[[], bytes], tuple[int, ...], tuple[int, ...]]] = {
    # what the upper left and the lower right corner show
    "exif": (turned, RED, BLUE),
    "16-bit png": (lambda: sixteen("PNG"), (128, 128, 128), WHITE),
    "16-bit tiff": (lambda: sixteen("TIFF"), (128, 128, 128), WHITE),
    "palette, transparent": (palette, WHITE, GREEN),
    "cmyk jpeg": (lambda: saved(halves("CMYK", (0, 255, 255, 0), (0, 0, 0, 255)), "JPEG", quality=100), RED, BLACK),
    "1-bit": (lambda: saved(halves("1", 0, 1), "PNG"), BLACK, WHITE),
    "grey and alpha": (lambda: saved(halves("LA", (0, 128), (0, 255)), "PNG"), (127, 127, 127), BLACK),
    "rgba": (lambda: saved(halves("RGBA", (255, 0, 0, 51), (0, 0, 255, 255)), "PNG"), (255, 204, 204), BLUE),
    "rgb, one colour transparent": (lambda: saved(halves("RGB", RED, BLUE), "PNG", transparency=RED), WHITE, BLUE),
    "gif": (lambda: several_frames("GIF"), RED, BLUE),
    "webp": (lambda: several_frames("WEBP"), RED, BLUE),
    "bmp": (lambda: saved(halves("RGB", RED, BLUE), "BMP"), RED, BLUE),
    "profile": (swapped_profile, RED, BLUE),
    "damaged profile": (lambda: saved(halves("RGB", RED, BLUE), "PNG", icc_profile=b"none"), RED, BLUE),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_decoded_as_a_viewer_shows_it(kind: str) -> None:
    make, first, last = KINDS[kind]
    shown = decode(make(), Look(16))
    assert shown.shape == (3, 16, 16) and shown.dtype == np.uint8
    np.testing.assert_allclose(shown[:, 0, 0], first, atol=3)
    np.testing.assert_allclose(shown[:, -1, -1], last, atol=3)
    luma = 0.299 * first[0] + 0.587 * first[1] + 0.114 * first[2]
    grey = decode(make(), Look(16, channels=1))
    assert grey.shape == (1, 16, 16) and abs(int(grey[0, 0, 0]) - luma) <= 3


def test_the_background_is_the_one_that_is_asked_for() -> None:
    assert tuple(decode(palette(), Look(16, background="#0000ff"))[:, 0, 0]) == BLUE
    for wrong in ("grewn", 3, None):
        with pytest.raises(ValueError, match="background is .*: give a colour"):
            Look(16, background=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="channels is 2: give 1 for grey images or 3"):
        Look(16, channels=2)


def test_the_middle_square_is_cut_out() -> None:
    wide = Image.new("RGB", (40, 20), RED)
    wide.paste(BLUE, (10, 0, 30, 20))
    assert (decode(saved(wide, "PNG"), Look(20)) == np.array(BLUE)[:, None, None]).all()


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with five pictures in it, and much besides."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "my pictures"
    for name in ("a", "deep/b", "deep/er/c"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        seed = len(name)
        noise = np.random.default_rng(seed).integers(0, 256, (20, 20, 3), np.uint8)
        Image.fromarray(noise).save(folder / f"{name}.png")
        Image.fromarray(noise[::-1]).save(folder / f"{name}.JPG", format="jpeg")
    for hidden in ("__MACOSX/._a.png", ".ipynb_checkpoints/a.png", ".b.png"):
        (folder / hidden).parent.mkdir(exist_ok=True)
        shutil.copy(folder / "a.png", folder / hidden)
    (folder / "notes.txt").write_text("no picture")
    (folder / "deep" / "torn.png").write_bytes((folder / "a.png").read_bytes()[:100])
    (folder / "empty.webp").write_bytes(b"")
    (folder / "deep" / "back").symlink_to(folder)
    (folder / "broken.png").symlink_to(folder / "nowhere.png")
    return folder


def test_every_file_that_does_not_count_is_named_and_counted(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.warns(UserWarning, match="left aside in") as caught:
        images = data.folder(pictures, size=8)
    assert isinstance(images, data.Images) and len(images) == 6 and images.shape == (3, 8, 8)
    (words,) = (str(warning.message) for warning in caught)
    for part in (
        "hidden (3): .b.png, .ipynb_checkpoints, __MACOSX",
        "links back to a folder above (1): deep/back",
        "not ending like a picture (1): notes.txt",
        "no files (1): broken.png",
        "unreadable (2): deep/torn.png (",
        "empty.webp (no picture in it)",
    ):
        assert part in words
    monkeypatch.setattr("gan_lab.data.packed._said", set())
    with pytest.warns(UserWarning, match=r"unreadable \(2\)"):  # from the packed file too
        assert len(data.folder(pictures, size=8, in_memory=0)) == 6


@pytest.mark.filterwarnings("ignore:left aside")
def test_in_memory_and_streamed_are_one_run(pictures: Path, tmp_path: Path) -> None:
    held, streamed = data.folder(pictures, 8), data.folder(pictures, 8, in_memory=6 * 3 * 64 - 1)
    assert isinstance(held, data.Images) and isinstance(streamed, data.StreamedImages)
    build = {"inputs": 2, "outputs": 192, "hidden": (8,), "image": (3, 8, 8)}
    runs = [gan_lab.train(zoo.gan(**build), d, 4, batch=4, device="cpu") for d in (held, streamed)]
    assert torch.equal(runs[0].samples(5), runs[1].samples(5)) and streamed.foreseen > 0
    packed = data.pack_images(pictures, tmp_path / "all.npy", 8)
    first, second = (d.sample(9, torch.Generator().manual_seed(0)) for d in (packed, held))
    assert torch.equal(first, second)


@pytest.mark.filterwarnings("ignore:left aside")
def test_a_folder_is_decoded_once_and_again_when_a_picture_changes(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = data.folder(pictures, 8, channels=1)
    with monkeypatch.context() as patched:
        patched.setattr("gan_lab.data.packed.decoded", lambda *_: pytest.fail("decoded again"))
        again = data.from_spec(before.spec())
    assert torch.equal(again.pixels, before.pixels) and repr(again) == repr(before)
    Image.new("L", (9, 9), 255).save(pictures / "a.png")
    after = data.folder(pictures, 8, channels=1)
    assert not torch.equal(after.pixels, before.pixels) and repr(after) != repr(before)


@pytest.mark.filterwarnings("ignore:left aside")
def test_without_a_place_to_write_small_folders_are_held(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = tmp_path / "file" / "cache"
    assert torch.equal(data.folder(pictures, 8, cache=nowhere).pixels, data.folder(pictures, 8).pixels)
    with pytest.raises(OSError, match="cannot be written .*: pass another cache"):
        data.folder(pictures, 8, cache=nowhere, in_memory=0)


def test_folders_without_pictures_are_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "in").mkdir()
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        data.folder(tmp_path / "none")
    (tmp_path / "in" / "notes.txt").write_text("")
    with pytest.raises(FileNotFoundError, match=r"holds no pictures .*not ending like a picture \(1\): notes.txt"):
        data.folder(tmp_path / "in")
    (tmp_path / "in" / "a.png").write_bytes(b"")
    for make in (data.folder, lambda path: data.pack_images(path, tmp_path / "x.npy")):
        with pytest.raises(ValueError, match=r"no picture that can be read: .*unreadable \(1\): a.png \(no"):
            make(tmp_path / "in")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (tmp_path / "in" / "notes.txt").unlink()
        Image.new("L", (8, 8), 255).save(tmp_path / "in" / "a.png")
        assert (data.folder(tmp_path / "in", size=4).pixels == 255).all()  # nothing to say
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".npy"] == []
