"""The centre of the library: a GAN is two players and what they play for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lab import probe
from gan_lab._errors import unknown, whole_number
from gan_lab.augment import Augmentation, InstanceNoise
from gan_lab.data.base import Distribution, StandardNormal
from gan_lab.initialise import evaluating, untouched
from gan_lab.losses import Loss, NonSaturating
from gan_lab.optim import Optimiser
from gan_lab.penalties import Asked, Penalty, score_and_slope, transformed
from gan_lab.random import Streams, layers_draw, seeded
from gan_lab.system import Data, Seen, System, has_statistics

PLAYERS = ("discriminator", "generator")
# Re-estimating running statistics: so many batches, of so many samples.
BATCHES, ROWS = 8, 256


class Batch(NamedTuple):
    """All data and all randomness of one move, in rows: x (n, ...) samples of the data, None where the move sees none;
    z (n, ...) noise; y (n,) labels where the game has conditions; what each penalty asked for; the randomness of the
    augmentation, of the real samples and of the generated ones; and by name what a system of its own draws besides.
    """

    x: Any = None
    z: Any = None
    y: Any = None
    asked: tuple[Asked, ...] = ()
    u_real: Tensor | None = None
    u_fake: Tensor | None = None
    extra: dict[str, Tensor] = {}  # never written to: a batch is what was drawn


class GAN(System):
    """Two networks and what they play for; how long they play is the business of :func:`gan_lab.train`.

    generator: z (n, ...) -> samples (n, ...). discriminator: samples -> logits (n, 1) or (n,).
    loss: both players' payoff; penalties: what restrains a player, by default the discriminator; prior: p_z, by default
    a standard normal with as many dimensions as the generator has inputs; optimisers: a recipe for each player; k: the
    discriminator's steps for each step of the generator (Goodfellow et al. 2014, Algorithm 1); k_g: how many steps the
    generator then takes (the paper's 1). joint: whether the discriminator sees the real and the generated samples of
    its step in one call, which is faster and differs by rounding alone; by default it does unless its layers look at
    the batch (batch norm, minibatch statistics), where one call would be other mathematics.

    classes: for a conditional game, the number of classes: the networks are then called with labels (n,) beside z and
    x, the data must have labels, and the generated samples of a step get those of its real ones. augment: a
    transformation of all that the discriminator is shown (:mod:`gan_lab.augment`); instance_noise: the standard
    deviation of one that adds normal noise. Raises ValueError and TypeError for arguments that are none.

    A system with other terms overrides :meth:`discriminator_loss` and :meth:`generator_loss`.
    """

    players: Mapping[str, Sequence[str]] = {player: (player,) for player in PLAYERS}
    averaged: Sequence[str] = ("generator",)
    generator: nn.Module
    discriminator: nn.Module

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
        augment: Augmentation | None = None,
        classes: int | None = None,
    ) -> None:
        super().__init__(optimisers, generator=generator, discriminator=discriminator)
        self.loss = NonSaturating() if loss is None else loss
        if not isinstance(self.loss, Loss):
            raise TypeError(f"loss is {loss!r}: pass an object such as NonSaturating().")
        self.penalties = (penalties,) if isinstance(penalties, Penalty) else tuple(penalties)
        for penalty in self.penalties:
            if not isinstance(penalty, Penalty):
                raise TypeError(f"penalties holds {penalty!r}: pass objects such as R1(gamma=1.0).")
            if penalty.player not in self.players:
                raise unknown("player", penalty.player, self.players)
        if prior is None:
            inputs = getattr(generator, "inputs", None)
            if inputs is None:
                raise ValueError(
                    f"{type(generator).__name__} does not say how many inputs it has: pass prior=StandardNormal(dim)."
                )
            prior = StandardNormal(inputs)
        self.prior = prior
        self.k, self.k_g = whole_number("k", k, 1), whole_number("k_g", k_g, 1)
        if augment is not None and instance_noise:
            raise ValueError("give augment or instance_noise, not both: the second is one of the first.")
        self.instance_noise = InstanceNoise(instance_noise).std
        self.augment = InstanceNoise(instance_noise) if instance_noise else augment
        self.classes = None if classes is None else whole_number("classes", classes, 1)
        self._scorer = (_Score(self),)  # in a tuple it is no part; a compiler wants it made before it begins
        self._asked_for_joint = joint
        self.joint = not _looks_around(discriminator) if joint is None else bool(joint)

    # -- what a step is made of -------------------------------------------------------------------------------

    @property
    def schedule(self) -> list[str]:
        """Who moves, in order, in one step of the loop: k times the discriminator, then k_g times the generator."""
        return ["discriminator"] * self.k + ["generator"] * self.k_g

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        """Samples from the stream "data", noise from "noise", what penalties and the augmentation ask for.

        Data are drawn only for who looks at them: a draw that nobody sees would shift the stream.
        """
        like = self.parameter
        x = y = u_real = u_fake = None
        if self.sees_data(player):
            x, y = self._labelled(data.draw(n, streams, "data", like.device, like.dtype), data)
        if self.augment is not None:
            if x is not None:
                u_real = self.augment.draw(n, data.dim, streams, like.device, like.dtype)
            u_fake = self.augment.draw(n, data.dim, streams, like.device, like.dtype)
        z = self.noise(n, streams)
        asked = tuple(penalty.draw(n, data.dim, streams, step, like) for penalty in self._restraints(player))
        return Batch(x, z, y, asked, u_real, u_fake)

    def sees_data(self, player: str) -> bool:
        """Whether a player's move looks at data: the discriminator's does, the generator's where its loss asks."""
        return player == "discriminator" or self.loss.needs_real or self.classes is not None

    def noise(self, n: int, streams: Streams) -> Tensor:
        """The noise of a move on n rows, (n, ...)."""
        return self.prior.draw(n, streams, "noise", self.parameter.device, self.parameter.dtype)

    def _labelled(self, drawn: object, data: object) -> tuple[Tensor, Tensor | None]:
        x, y = (drawn, None) if isinstance(drawn, Tensor) else (getattr(drawn, "x", None), getattr(drawn, "y", None))
        if not isinstance(x, Tensor):
            raise ValueError(f"a {type(self).__name__} learns samples, but {data!r} gives {type(drawn).__name__}s.")
        if self.classes is None:
            return x, None
        if y is None:
            raise ValueError(f"this game has conditions, but {data!r} has no labels: pass data.labelled(...).")
        return x, y

    def _restraints(self, player: str) -> list[Penalty]:
        return [penalty for penalty in self.penalties if penalty.player == player]

    def conditions(self, batch: Batch) -> tuple[Tensor, ...]:
        """What both networks are told besides z and x, in rows: the labels, where the game has any."""
        return () if batch.y is None else (batch.y,)

    def discriminator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        """The loss of the discriminator, penalties included. No gradient reaches the generator."""
        real, fake = self.shown(batch.x, batch.u_real), self.made(batch)
        _agree(real, fake)
        real_score, fake_score, terms = self.judged(real, fake, batch, "discriminator", seen)
        seen["D_real"] = self.loss.probability(real_score.detach()).mean()
        seen["D_fake"] = self.loss.probability(fake_score.detach()).mean()
        return sum(terms, start=self.loss.discriminator(real_score, fake_score))

    def generator_loss(self, batch: Batch, seen: Seen) -> Tensor:
        """The loss of the generator. The discriminator is only passed through."""
        with self.outside():  # the generator has no part in them
            told = self.conditions(batch)
            real_score = self.score(self.shown(batch.x, batch.u_real), *told) if self.loss.needs_real else None
        loss = self.loss.generator(self.score(self.shown(self.generate(batch), batch.u_fake), *told), real_score)
        return sum(self._of_weights("generator", batch, seen), start=loss)

    def after_step(self, player: str, seen: Seen) -> None:
        """The projections of the penalties, and what every system does."""
        super().after_step(player, seen)
        for penalty in self._restraints(player):
            if penalty.projects:
                penalty.project(self.moved(player))

    @property
    def settles(self) -> bool:
        own = type(self).after_step is not GAN.after_step or any(penalty.projects for penalty in self.penalties)
        return own or any(map(self.normed, self.players))

    # -- its parts --------------------------------------------------------------------------------------------

    def generate(self, batch: Batch) -> Tensor:
        """G(z), or G(z, y) in a game with conditions, for the batch's noise: (n, ...)."""
        made: Tensor = self.generator(batch.z, *self.conditions(batch))
        return made

    def shown(self, x: Tensor | None, u: Tensor | None) -> Tensor:
        """Samples (n, ...) as the discriminator is shown them: augmented, where the game has an augmentation."""
        if x is None:
            raise ValueError("the batch has no real samples, which this loss looks at: give it x.")
        return x if self.augment is None or u is None else self.augment(x, u)

    def made(self, batch: Batch) -> Tensor:
        """What the generator makes of the batch's noise, as the discriminator is shown it; no gradient reaches it."""
        with self.outside():
            return self.shown(self.generate(batch), batch.u_fake)

    def score(self, x: Tensor, *told: Tensor) -> Tensor:
        """The discriminator's logit s(x), or s(x, y): (n, ...) -> (n,), at least in float32 whatever it computes in."""
        return logits(self.discriminator(x, *told), len(x))

    def score_by(self, weights: Mapping[str, Tensor], x: Tensor, *told: Tensor) -> Tensor:
        """The logits (n,) of the discriminator with other weights, by name. Its buffers stay as they are."""
        copies = {name: buffer.clone() for name, buffer in self.discriminator.named_buffers()}
        return logits(functional_call(self.discriminator, {**copies, **weights}, (x, *told)), len(x))

    def judged(
        self, real: Tensor, fake: Tensor, batch: Batch, player: str, seen: Seen
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The scores of real and generated samples, (n,) each, and the terms of a player's penalties, in one pass.

        A penalty that looks at the real or at the generated samples gets the slopes there from the call that gives
        their scores: R1 and R2 cost no row more than the loss alone.
        """
        flat: dict[str, Tensor] = {"real": real, "fake": fake}
        sloped: dict[str, Tensor] = {}
        looking = [(p, asked, p.looks_at) for p, asked in self._restraining(player, batch) if p.looks_at is not None]
        for penalty, asked, at in looking:
            if penalty.slopes and at not in sloped:
                sloped[at] = flat.pop(at) if at in flat else penalty.points(real, fake, asked)
        told = self.conditions(batch)
        if any(True for _ in self.discriminator.buffers()):  # they are taken over after the slopes: nothing before them
            found = self._passes(sloped, told, slopes=True)
            found |= self._passes(flat, told, slopes=False)
        else:
            found = self._passes(flat, told, slopes=False) | self._passes(sloped, told, slopes=True)
        terms = self._of_weights(player, batch, seen)
        for penalty, asked, at in looking:
            terms.append(penalty.scaled(penalty.of(*found[at]), asked))
            seen[penalty.name] = terms[-1].detach()
        return found["real"][0], found["fake"][0], terms

    def _restraining(self, player: str, batch: Batch) -> list[tuple[Penalty, Asked]]:
        restraints = self._restraints(player)
        return list(zip(restraints, batch.asked or [Asked()] * len(restraints), strict=True))

    def _of_weights(self, player: str, batch: Batch, seen: Seen) -> list[Tensor]:
        terms: list[Tensor] = []
        for penalty, asked in self._restraining(player, batch):
            if penalty.weighs:
                terms.append(penalty.scaled(penalty.of_weights(self.moved(player)), asked))
                seen[penalty.name] = terms[-1].detach()
        return terms

    def _passes(
        self, sets: Mapping[str, Tensor], told: tuple[Tensor, ...], slopes: bool
    ) -> dict[str, tuple[Tensor, Tensor | None]]:
        """Scores, and slopes where asked for, at sets of points (n, ...); in one call where that is allowed."""
        if not self.joint or len(sets) < 2:
            return {key: self._sloped(x, told) if slopes else (self.score(x, *told), None) for key, x in sets.items()}
        times = len(sets)
        x, told = torch.cat(list(sets.values())), tuple(torch.cat([rows] * times) for rows in told)
        scores, slope = self._sloped(x, told) if slopes else (self.score(x, *told), None)
        parts = [None] * times if slope is None else slope.chunk(times)
        return dict(zip(sets, zip(scores.chunk(times), parts, strict=True), strict=True))

    def _sloped(self, x: Tensor, told: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        buffers = dict(self.discriminator.named_buffers())
        if not buffers or not transformed():
            return score_and_slope(lambda at: self.score(at, *told), x)

        def total(at: Tensor) -> tuple[Tensor, tuple[Tensor, dict[str, Tensor]]]:
            # running statistics may not be written from within a gradient: copies are, and are taken over after it
            copies = {name: buffer.clone() for name, buffer in buffers.items()}
            tensors = {f"gan.discriminator.{name}": copy for name, copy in copies.items()}
            scores = functional_call(self._scorer[0], tensors, (at, *told))
            return scores.sum(), (scores, copies)

        slope, (scores, copies) = torch.func.grad(total, has_aux=True)(x.detach())
        with torch.no_grad():
            for name, buffer in buffers.items():
                buffer.copy_(copies[name])
        return scores, slope.flatten(1)

    # -- what it takes and gives ------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(
        self,
        n: int | None = None,
        *,
        z: Tensor | None = None,
        seed: int = 0,
        label: int | Sequence[int] | Tensor | None = None,
        generator: nn.Module | None = None,
    ) -> Tensor:
        """n generated samples (or those of ``z``), with batch norm and the like in evaluation mode.

        label: in a game with conditions, one for all samples or one each, in 0 .. classes - 1; by default all classes
        in turn. generator: another network in the generator's place, such as its moving average.
        """
        if (n is None) == (z is None):
            raise ValueError("give either n, the number of samples, or z, the noise to map.")
        like = self.parameter
        if z is None:
            z = self.prior.sample(whole_number("n", n, 1), seeded(seed))
        z = torch.as_tensor(z).to(like)
        network = self.generator if generator is None else generator
        y = self._labels(label, len(z))
        with evaluating(network):
            samples: Tensor = network(z) if y is None else network(z, y)
        return samples

    def _labels(self, label: int | Sequence[int] | Tensor | None, n: int) -> Tensor | None:
        if self.classes is None:
            if label is not None:
                raise ValueError(f"label is {label!r}, but this {type(self).__name__} has no conditions: leave it out.")
            return None
        y = torch.arange(n) if label is None else torch.as_tensor(label)
        y = y % self.classes if label is None else y.expand(n) if y.ndim == 0 else y
        if y.is_floating_point() or y.shape != (n,) or int(y.min()) < 0 or int(y.max()) >= self.classes:
            raise ValueError(f"label is {label!r}: give one whole number in 0..{self.classes - 1}, or {n} of them.")
        return y.to(self.parameter.device)

    def refresh(self, name: str, share: tuple[int, int] = (0, 1)) -> None:
        """Re-estimate the running statistics of the network called ``name``, the generator from noise of its own."""
        if name != "generator":
            super().refresh(name, share)
        elif has_statistics(self.generator):
            noise = self.prior.sample(BATCHES * ROWS, seeded(0)).to(self.parameter)
            labels = self._labels(None, len(noise))
            probe.refresh(self.generator, (noise,) if labels is None else (noise, labels), BATCHES, share)

    @torch.no_grad()
    def check(self, data: Data, n: int, streams: Streams) -> None:
        """As :meth:`System.check`. It also warns where samples or scores lie in another range than they should, and
        finds out whether the discriminator's layers look at the batch: then ``joint`` is off, unless it was asked for.
        """
        with probe.fits("what a move is drawn from"):
            batch = self.draw("discriminator", data, n, streams, 0)
        with untouched(self), layers_draw(streams.seed, 0, 0, self.parameter.device):
            with probe.fits("the generator", batch.z):
                fake = self.made(batch)
            real = self.shown(batch.x, batch.u_real)
            _agree(real, fake)

            def score(x: Tensor) -> Tensor:
                return self.score(x, *(torch.cat([rows] * (len(x) // n)) for rows in self.conditions(batch)))

            with probe.fits("the discriminator", real):
                score(real)
            if self._asked_for_joint is None:
                self.joint = not _looks_around(self.discriminator) and probe.rows_are_alone(score, real, fake)
            probe.ranges(real, fake, score, self.loss)
        super().check(data, n, streams)


class _Score(nn.Module):
    """:meth:`GAN.score` as a module's forward, so that copies of buffers can stand in for the discriminator's."""

    def __init__(self, gan: GAN) -> None:
        super().__init__()
        self.gan = gan

    def forward(self, x: Tensor, *told: Tensor) -> Tensor:
        return self.gan.score(x, *told)


def _looks_around(network: nn.Module) -> bool:
    return any(isinstance(module, _BatchNorm) for module in network.modules())


def _agree(real: Tensor, fake: Tensor) -> None:
    if fake.shape != real.shape:
        raise ValueError(
            f"the generator makes samples {tuple(fake.shape)}, the data are {tuple(real.shape)}: they must agree."
        )


def logits(s: Tensor, n: int) -> Tensor:
    """What a discriminator puts out for n samples, (n, 1) or (n,), as logits (n,) in float32 at least.

    Raises ValueError for another shape.
    """
    if s.ndim == 2 and s.shape[1] == 1:
        s = s[:, 0]
    if s.shape != (n,):
        raise ValueError(f"the discriminator must give one logit a sample, but gave {tuple(s.shape)} for {n} samples.")
    return s.float() if s.dtype in (torch.bfloat16, torch.float16) else s
