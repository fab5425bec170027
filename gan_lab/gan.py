"""The centre of the library: a GAN is two players and what they play for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lab._errors import positive, unknown, whole_number
from gan_lab.data.base import Distribution, StandardNormal
from gan_lab.losses import Loss, NonSaturating
from gan_lab.optim import Adam, Optimiser
from gan_lab.penalties import Penalty
from gan_lab.random import Streams

PLAYERS = ("discriminator", "generator")


class Data(Protocol):
    """What a GAN can learn from: a toy distribution or images in memory."""

    @property
    def dim(self) -> int: ...

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Tensor: ...


class Noise(NamedTuple):
    """The randomness of one loss: z (n, ...) from the prior, u (n,) uniform where a penalty mixes samples, and the
    instance noise (n, dim) of the generated samples where the game has any."""

    z: Tensor
    mix: Tensor | None = None
    jitter: Tensor | None = None


def shaken(samples: Tensor, noise: Noise) -> Tensor:
    """Samples (n, ...) with their instance noise."""
    return samples if noise.jitter is None else samples + noise.jitter.reshape(samples.shape)


class GAN(nn.Module):
    """Two networks and what they play for; how long they play is the business of :func:`gan_lab.train`.

    generator: z (n, ...) -> samples (n, ...). discriminator: samples -> logits (n, 1) or (n,).
    loss: both players' payoff; penalties: what restrains the discriminator; prior: p_z, by default a standard normal
    with as many dimensions as the generator has inputs; optimisers: a recipe for each player; k: the discriminator's
    steps for each step of the generator (Goodfellow et al. 2014, Algorithm 1); k_g: how many steps the generator then
    takes (the paper's 1). joint: whether the discriminator sees
    the real and the generated samples of its step in one call, which is faster and differs by rounding alone; by
    default it does unless it has batch norm, where one call would be other mathematics.

    instance_noise: the standard deviation of the normal noise that is added to all that the discriminator is shown,
    real and generated, in the steps of both players (Sonderby et al. 2017, section 3.2): two distributions on thin
    sets then overlap. Raises ValueError below 0.

    A system with other terms overrides :meth:`discriminator_loss` and :meth:`generator_loss`.
    """

    players: Sequence[str] = PLAYERS

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        loss: Loss | None = None,
        penalties: Sequence[Penalty] = (),
        prior: Distribution | None = None,
        optimisers: Mapping[str, Optimiser] | Optimiser | None = None,
        k: int = 1,
        joint: bool | None = None,
        k_g: int = 1,
        instance_noise: float = 0.0,
    ) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.loss = NonSaturating() if loss is None else loss
        self.penalties = tuple(penalties)
        if not isinstance(self.loss, Loss):
            raise TypeError(f"loss is {loss!r}: pass an object such as NonSaturating().")
        for penalty in self.penalties:
            if not isinstance(penalty, Penalty):
                raise TypeError(f"penalties holds {penalty!r}: pass objects such as R1(gamma=1.0).")
        if prior is None:
            inputs = getattr(generator, "inputs", None)
            if inputs is None:
                raise ValueError(
                    f"{type(generator).__name__} does not say how many inputs it has: pass prior=StandardNormal(dim)."
                )
            prior = StandardNormal(inputs)
        self.prior = prior
        recipes = Adam(1e-3) if optimisers is None else optimisers
        self.optimisers = dict.fromkeys(self.players, recipes) if isinstance(recipes, Optimiser) else dict(recipes)
        for name in self.optimisers:
            if name not in self.players:
                raise unknown("player", name, self.players)
        if missing := set(self.players) - set(self.optimisers):
            raise ValueError(f"no optimiser for the {' and the '.join(sorted(missing))}: give each player one.")
        self.k, self.k_g = whole_number("k", k, 1), whole_number("k_g", k_g, 1)
        self.instance_noise = positive("instance_noise", instance_noise, or_zero=True)
        looks_around = any(isinstance(module, _BatchNorm) for module in discriminator.modules())
        self.joint = not looks_around if joint is None else joint

    # -- what a step is made of -------------------------------------------------------------------------------

    def forward(self, player: str, real: Tensor, noise: Noise, seen: dict[str, Tensor] | None = None) -> Tensor:
        """The loss of one player, a scalar: the one door for the loop, ``functional_call``, ``vmap`` and compilers.

        real: (n, ...) samples of the data; the generator looks at them only where ``loss.needs_real``.
        ``seen``, if given, is filled with what the step saw on its way: named scalars such as "D_real".
        """
        if player not in self.players:
            raise unknown("player", player, self.players)
        seen = {} if seen is None else seen
        return getattr(self, f"{player}_loss")(real, noise, seen)

    def discriminator_loss(self, real: Tensor, noise: Noise, seen: dict[str, Tensor]) -> Tensor:
        """The loss of the discriminator, penalties included. No gradient reaches the generator."""
        with torch.no_grad():
            fake = shaken(self.generator(noise.z), noise)
        if fake.shape != real.shape:
            raise ValueError(
                f"the generator makes samples {tuple(fake.shape)}, the data are {tuple(real.shape)}: they must agree."
            )
        if self.joint:
            real_score, fake_score = self.score(torch.cat([real, fake])).split(len(real))
        else:
            real_score, fake_score = self.score(real), self.score(fake)
        seen["D_real"] = self.loss.probability(real_score.detach()).mean()
        seen["D_fake"] = self.loss.probability(fake_score.detach()).mean()
        loss = self.loss.discriminator(real_score, fake_score)
        for penalty in self.penalties:
            if (term := penalty.term(self.score, real, fake, noise.mix)) is not None:
                seen[penalty.name] = term.detach()
                loss = loss + term
        return loss

    def generator_loss(self, real: Tensor, noise: Noise, seen: dict[str, Tensor]) -> Tensor:
        """The loss of the generator. The discriminator is only passed through."""
        with torch.no_grad():  # the generator has no part in them
            real_score = self.score(real) if self.loss.needs_real else None
        return self.loss.generator(self.score(shaken(self.generator(noise.z), noise)), real_score)

    def after_step(self, player: str) -> None:
        """Runs after each step of a player: the projections of the penalties."""
        if player == "discriminator":
            for penalty in self.penalties:
                penalty.project(self.discriminator)

    # -- what it takes and gives ------------------------------------------------------------------------------

    @property
    def schedule(self) -> list[str]:
        """Who moves, in order, in one step of the loop: k times the discriminator, then k_g times the generator."""
        return ["discriminator"] * self.k + ["generator"] * self.k_g

    @property
    def parameter(self) -> Tensor:
        """Any parameter (never one that is split over processes): the device and the float type the GAN lives on."""
        return next(self.discriminator.parameters())

    def score(self, x: Tensor) -> Tensor:
        """The discriminator's logit s(x), (n, ...) -> (n,), at least in float32 whatever the networks compute in."""
        s: Tensor = self.discriminator(x)
        if s.ndim == 2 and s.shape[1] == 1:
            s = s[:, 0]
        if s.shape != (len(x),):
            raise ValueError(
                f"the discriminator must give one logit a sample, but gave {tuple(s.shape)} for {len(x)} samples."
            )
        return s.float() if s.dtype in (torch.bfloat16, torch.float16) else s

    def draw_real(self, player: str, data: Data, n: int, streams: Streams) -> Tensor:
        """n samples of the data for one loss of ``player``, from the stream "data"; (n, 0) where the loss sees none.

        Only the discriminator always looks at data: a draw that nobody sees would shift the stream.
        """
        like = self.parameter
        if player == "discriminator" or self.loss.needs_real:
            real = data.draw(n, streams, "data", like.device, like.dtype)
            jitter = self._jitter(n, data, streams)
            return real if jitter is None else real + jitter.reshape(real.shape)
        return torch.empty(n, 0, device=like.device)

    def _jitter(self, n: int, data: Data, streams: Streams) -> Tensor | None:
        """Instance noise for n samples, (n, dim), from the stream "augmentation"."""
        if not self.instance_noise:
            return None
        like = self.parameter
        return self.instance_noise * streams.normal("augmentation", (n, data.dim), like.device).to(like.dtype)

    def draw_noise(self, player: str, data: Data, n: int, streams: Streams) -> Noise:
        """Fresh randomness for one loss of ``player``, from the streams "noise", "mix" and "augmentation"."""
        like = self.parameter
        z = self.prior.draw(n, streams, "noise", like.device, like.dtype)
        mixed = player == "discriminator" and any(p.needs_mix for p in self.penalties)
        mix = streams.uniform("mix", (n,), like.device).to(like.dtype) if mixed else None
        return Noise(z, mix, self._jitter(n, data, streams))

    @torch.no_grad()
    def sample(
        self, n: int | None = None, *, z: Tensor | None = None, seed: int = 0, generator: nn.Module | None = None
    ) -> Tensor:
        """n generated samples (or those of ``z``), with batch norm and the like in evaluation mode.

        generator: another network in the generator's place, such as its moving average.
        """
        if (n is None) == (z is None):
            raise ValueError("give either n, the number of samples, or z, the noise to map.")
        if z is None:
            like = self.parameter
            z = self.prior.sample(int(n or 0), torch.Generator().manual_seed(seed)).to(like)
        network = self.generator if generator is None else generator
        training = network.training
        network.eval()
        try:
            samples: Tensor = network(z)
        finally:
            network.train(training)
        return samples
