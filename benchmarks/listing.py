"""The sources' listing of a GAN on MNIST, as published, against `gan_lab` with the same networks: images a second.

The listing is plain PyTorch: a DataLoader with ToTensor and Normalize, a discriminator with a sigmoid, BCELoss, the
losses printed every 100 batches. `gan_lab.train` plays the same game: same networks, batch, optimiser and mathematics.
First the two are fed the same numbers and must give the same losses; then they are timed in turns. bf16 is timed where
the device has instructions for it: elsewhere PyTorch imitates them, and `gan_lab.train` warns.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

import gan_lab
from benchmarks.floor import matmul_peak
from benchmarks.result import Result
from gan_lab import data, zoo
from gan_lab._machine import native_bf16
from gan_lab.optim import Adam
from gan_lab.random import TorchStreams

BAR, BAR_BF16, BAR_GPU = 2.0, 3.0, 15.0
BATCH, LATENT = 64, 100
AGREE_STEPS, AGREE = 100, 1e-6
ROUNDS, SECONDS = 12, 2.0

# multiply-adds of one image's forward pass, and of one image's share of a D step and a G step: backward costs a forward
# pass for the weights and one for the inputs, D's first layer needs no input gradient in D's step, and D no weight
# gradient in G's
G_MACS = 100 * 128 + 128 * 256 + 256 * 512 + 512 * 784
D_MACS = 784 * 512 + 512 * 256 + 256
STEP_MACS = (G_MACS + 2 * (3 * D_MACS - 784 * 512)) + (G_MACS + 2 * D_MACS + 2 * G_MACS - 100 * 128)


class Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(LATENT, 128), nn.LeakyReLU(0.2),
            nn.Linear(128, 256), nn.BatchNorm1d(256), nn.LeakyReLU(0.2),
            nn.Linear(256, 512), nn.BatchNorm1d(512), nn.LeakyReLU(0.2),
            nn.Linear(512, 784), nn.Tanh(),
        )  # fmt: skip

    def forward(self, z: Tensor) -> Tensor:
        made: Tensor = self.model(z)
        return made.view(z.size(0), 1, 28, 28)


class Discriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(784, 512), nn.LeakyReLU(0.2),
            nn.Linear(512, 256), nn.LeakyReLU(0.2),
            nn.Linear(256, 1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        probability: Tensor = self.model(x.view(x.size(0), -1))
        return probability


class MNIST(Dataset[tuple[Tensor, int]]):
    """The digits as torchvision's MNIST hands them out: a PIL image, then the transforms, one image at a time."""

    def __init__(self, images: data.Images, transform: Callable[[Any], Tensor]) -> None:
        assert images.labels is not None
        self.pixels, self.labels, self.transform = images.pixels[:, 0], images.labels, transform

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.pixels[index].numpy(), mode="L")
        return self.transform(image), int(self.labels[index])


class Listing:
    """The listing's training, its loop body in :meth:`step`."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.generator, self.discriminator = Generator().to(device), Discriminator().to(device)
        self.criterion = nn.BCELoss()
        self.optimizer_g = torch.optim.Adam(self.generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.optimizer_d = torch.optim.Adam(self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
        self.batches = 0

    def step(self, real: Tensor, noise: Callable[[], Tensor]) -> tuple[Tensor, Tensor]:
        n = real.size(0)
        valid, fake = torch.ones(n, 1, device=self.device), torch.zeros(n, 1, device=self.device)
        self.optimizer_d.zero_grad()
        made = self.generator(noise())
        real_loss = self.criterion(self.discriminator(real), valid)
        fake_loss = self.criterion(self.discriminator(made.detach()), fake)
        d_loss = (real_loss + fake_loss) / 2
        d_loss.backward()
        self.optimizer_d.step()
        self.optimizer_g.zero_grad()
        g_loss = self.criterion(self.discriminator(self.generator(noise())), valid)
        g_loss.backward()
        self.optimizer_g.step()
        return d_loss, g_loss

    def epochs(self, images: data.Images) -> Iterator[int]:
        """Trains for ever as published; yields the images of each batch."""
        transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
        loader = DataLoader(MNIST(images, transform), batch_size=BATCH, shuffle=True)
        while True:
            for i, (real, _) in enumerate(loader):
                noise = partial(torch.randn, len(real), LATENT, device=self.device)
                d_loss, g_loss = self.step(real.to(self.device), noise)
                if i % 100 == 0:  # as published, but for the printing itself
                    f"[batch {i}] [D loss: {d_loss.item():.4f}] [G loss: {g_loss.item():.4f}]"
                yield len(real)


def disagreement(images: data.Images, device: torch.device) -> float:
    """The largest difference of the two sides' losses over AGREE_STEPS steps from the same weights on the same numbers.

    In float64, so that only the mathematics can differ. The listing halves D's loss; Adam with twice the eps undoes
    that exactly: (m/2) / (sqrt(v)/2 + eps) = m / (sqrt(v) + 2 eps).
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        gan = zoo.mlp_gan()
        assert isinstance(gan, gan_lab.GAN)
        gan.optimisers["discriminator"] = Adam(2e-4, betas=(0.5, 0.999), eps=2e-8)
        run = gan_lab.train(gan, images, 0, batch=BATCH, seed=0, device=device)
        listing = Listing(device)
        for theirs, ours in (
            (listing.generator, gan.generator),
            (listing.discriminator, gan.discriminator),
        ):
            for to, value in zip(theirs.state_dict().values(), ours.state_dict().values(), strict=True):
                to.copy_(value)
        history = run.train(AGREE_STEPS).history
        streams, held = TorchStreams(0, device), run.data
        worst = 0.0
        for row in history.itertuples():
            real = held.draw(BATCH, streams, "data", device, torch.float64)
            d_loss, g_loss = listing.step(real, lambda: streams.normal("noise", (BATCH, LATENT), device))
            gaps = (2 * d_loss.item() - row.loss_discriminator, g_loss.item() - row.loss_generator)
            worst = max(worst, *map(abs, gaps))
        return worst
    finally:
        torch.set_default_dtype(before)


def rate(step: Callable[[], int], device: torch.device) -> float:
    """Images a second over about SECONDS."""
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + SECONDS:
        done += step()
        if device.type == "cuda":
            torch.cuda.synchronize()
    return done / (time.perf_counter() - start)


def precisions(device: torch.device) -> tuple[str, ...]:
    """Those that the device computes in by instructions of its own."""
    return ("float32", "bf16") if native_bf16(device) else ("float32",)


def sides(images: data.Images, device: torch.device) -> dict[str, Callable[[], int]]:
    """Name -> a function that trains a piece and gives the number of images it used."""
    listing = Listing(device).epochs(images)
    pieces: dict[str, Callable[[], int]] = {"listing": lambda: sum(next(listing) for _ in range(50))}

    def ours(name: str, **options: Any) -> None:
        run = gan_lab.train(zoo.mlp_gan(), images, 0, batch=BATCH, device=device, **options)
        pieces[name] = lambda: run.train(200).batch * 200

    compiled = "CUDA graph" if device.type == "cuda" else "compiled"
    for precision in precisions(device):
        ours(f"gan_lab {precision}", precision=precision)
        ours(f"gan_lab {precision}, {compiled}", precision=precision, compile=True)
    return pieces


def measure() -> Result:
    """The figure is the ratio of images a second, each side in its fastest round: what else runs can only slow it."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    images = data.digits()
    apart = disagreement(images, device)
    pieces = sides(images, device)
    rates: dict[str, list[float]] = {name: [] for name in pieces}
    for piece in pieces.values():
        piece()
    for _ in range(ROUNDS):
        for name, piece in pieces.items():
            rates[name].append(rate(piece, device))
    fastest = {name: max(values) for name, values in rates.items()}
    ratios = {name: images_per_second / fastest["listing"] for name, images_per_second in fastest.items()}
    peak = matmul_peak(device, torch.float32)
    used = {name: 2 * STEP_MACS * images_per_second / peak for name, images_per_second in fastest.items()}
    lines = [
        f"{name}: {fastest[name]:,.0f} images/s, {ratios[name]:.2f}x, {used[name]:.0%} of the matmul peak in float32 "
        f"(median of the rounds {statistics.median(rates[name]):,.0f})"
        for name in pieces
    ]
    best = {
        precision: max(ratio for name, ratio in ratios.items() if name.startswith(f"gan_lab {precision}"))
        for precision in precisions(device)
    }
    bars = dict.fromkeys(best, BAR_GPU) if device.type == "cuda" else {"float32": BAR, "bf16": BAR_BF16}
    figures = [f"{ratio:.2f}x {precision}" for precision, ratio in best.items()]
    if "bf16" not in best:
        figures.append("bf16 unmeasured (this processor has no instructions for it)")
    return Result(
        figure=f"{', '.join(figures)}, losses within {apart:.0e}",
        bar=f"at least {', '.join(f'{bars[precision]:g}x' for precision in best)}, {AGREE:g}",
        passed=all(ratio >= bars[precision] for precision, ratio in best.items()) and apart < AGREE,
        numbers={
            "images_per_second": {name: [round(value) for value in values] for name, values in rates.items()},
            "ratio": ratios,
            "disagreement": apart,
            "matmul_peak_flops": round(peak),
            "flops_per_image": 2 * STEP_MACS,
            "fraction_of_peak": used,
            "images": repr(images),
            "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
            "threads": torch.get_num_threads(),
            "omp_num_threads": os.environ.get("OMP_NUM_THREADS"),
            "torch": str(torch.__version__),
        },
        lines=(f"losses of {AGREE_STEPS} steps in float64 agree within {apart:.1e}", *lines),
    )
