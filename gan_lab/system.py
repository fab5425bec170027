"""A system: players, the networks that each of them owns, and a loss for each. A GAN is one with two of both."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from inspect import isroutine
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn

from gan_lab._errors import unknown
from gan_lab.initialise import is_frozen, train_mode, untouched
from gan_lab.nets.spectral import SpectralNorm
from gan_lab.optim import Adam, Optimiser
from gan_lab.probe import fits
from gan_lab.random import Streams, layers_draw

# Any pytree of tensors, every one with the rows of the batch first: only the system that drew it opens it.
Batch = Any
Seen = dict[str, Tensor]


class Data(Protocol):
    """What a system can learn from: a distribution, images or points in memory, labelled or in pairs."""

    @property
    def dim(self) -> int: ...

    def draw(self, n: int, streams: Streams, stream: str, device: torch.device, dtype: torch.dtype) -> Batch: ...

    def sample(self, n: int, generator: torch.Generator | None = None) -> Batch: ...


class System(nn.Module):
    """Named players, the networks each owns, a loss for each, and state between steps.

    players: who moves -> the names of the networks that he owns, such as ``{"generators": ("G", "F"), "discriminators":
    ("D_X", "D_Y")}``. What no player owns is left exactly as it is. averaged: the networks of which a moving average is
    kept, where one is asked for. schedule: who moves, in order, in one step; by default each player once.
    optimisers: a recipe for each player, or one for all (by default Adam 1e-3). networks: by name.

    A subclass says what a move is made of: :meth:`draw`, and for every player a method ``NAME_loss(batch, seen)``.
    Raises ValueError for a player whose network is not there, or who has no optimiser.
    """

    players: Mapping[str, Sequence[str]]
    averaged: Sequence[str] = ()

    if TYPE_CHECKING:  # networks and state go by the names that the paper has for them

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, optimisers: Mapping[str, Optimiser] | Optimiser | None = None, **networks: nn.Module) -> None:
        super().__init__()
        for name, network in networks.items():
            if not isinstance(network, nn.Module):
                raise TypeError(f"{name} is {network!r}: give a network, such as gan_lab.nets.MLP(2, 1).")
            setattr(self, name, network)
        for owned in self.players.values():
            for name in owned:
                if name not in self._modules:
                    raise unknown("network", name, self._modules)
        self.optimisers = self._recipes(Adam(1e-3) if optimisers is None else optimisers)
        self._initial: dict[str, Tensor] = {}
        self.turn = 0
        self._entire = False  # whether losses are differentiated by the weights of the others too
        # by player, the names of the parameters that he moves: a run in which others stand still says so
        self.trained: dict[str, list[str]] = {}

    def _recipes(self, given: object) -> dict[str, Optimiser]:
        recipes: dict[str, Any] = dict(given) if isinstance(given, Mapping) else dict.fromkeys(self.players, given)
        for name, recipe in recipes.items():
            if name not in self.players:
                raise unknown("player", name, self.players)
            if not isinstance(recipe, Optimiser):
                raise TypeError(f"optimisers has {recipe!r}: give a recipe such as gan_lab.optim.Adam(1e-3).")
        if missing := set(self.players) - set(recipes):
            raise ValueError(f"no optimiser for the {' and the '.join(sorted(missing))}: give each player one.")
        return {name: recipes[name] for name in self.players}

    # -- what a step is made of --------------------------------------------------------------------------------

    @property
    def schedule(self) -> Sequence[str]:
        """Who moves, in order, in one step of the loop."""
        return list(self.players)

    def draw(self, player: str, data: Data, n: int, streams: Streams, step: int) -> Batch:
        """All data and all randomness of one move of ``player``: any pytree of tensors of n rows each.

        It changes nothing but the places of the streams.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say what a move is drawn from: write its draw.")

    def forward(self, player: str, batch: Batch, seen: Seen | None = None) -> Tensor:
        """The loss of one player, a scalar: the one door for the loop, ``functional_call``, ``vmap`` and compilers.

        ``seen``, if given, is filled with what the move saw on its way: scalars such as "D_real" go into the history,
        tensors of n rows to :meth:`after_step` alone.
        """
        if player not in self.players:
            raise unknown("player", player, self.players)
        loss: Tensor = getattr(self, f"{player}_loss")(batch, {} if seen is None else seen)
        return loss

    def outside(self) -> AbstractContextManager[Any]:
        """Around what a loss needs of another player: no gradient reaches it, unless a method asks how a player's
        gradient changes as the *others* move (:meth:`entire`)."""
        return nullcontext() if self._entire else torch.no_grad()

    @contextmanager
    def entire(self) -> Iterator[None]:
        """Within it no loss is cut off from the weights of other players: all in :meth:`outside` has its graph."""
        self._entire = True
        try:
            yield
        finally:
            self._entire = False

    def after_step(self, player: str, seen: Seen) -> None:
        """Runs after each move of a player: projections, and the only place where state changes.

        seen: all that this step has seen so far, of every player who has moved in it, without graphs. What is put into
        it goes into the history. Here, one power iteration in each of the player's layers under spectral norm; a
        subclass calls this too.
        """
        for layer in self.normed(player):
            layer.iterate()

    @property
    def settles(self) -> bool:
        """Whether :meth:`after_step` does anything."""
        return type(self).after_step is not System.after_step or any(map(self.normed, self.players))

    def phase(self, step: int) -> Hashable:
        """Changes when the shape of the networks or of the batch does: the optimisers then begin anew."""
        return None

    # -- whose is what -----------------------------------------------------------------------------------------

    def state(self, name: str, initial: Tensor | float) -> None:
        """Declare state between steps: a buffer ``self.name`` that every new run begins at ``initial``."""
        value = torch.as_tensor(initial).clone()
        self.register_buffer(name, value)
        self._initial[name] = value.clone()

    @property
    def states(self) -> list[str]:
        """The names of what :meth:`state` declared."""
        return list(self._initial)

    @property
    def owned(self) -> list[nn.Module]:
        """The networks that some player owns, in the order in which they were given."""
        names = {name for owned in self.players.values() for name in owned}
        return [network for name, network in self.named_children() if name in names]

    def networks_of(self, player: str) -> list[nn.Module]:
        """The networks of one player."""
        return [getattr(self, name) for name in self.players[player]]

    def weights_of(self, player: str) -> dict[str, nn.Parameter]:
        """The parameters that a player moves, by name: those of his networks that ask for a gradient."""
        own = {id(p) for network in self.networks_of(player) for p in network.parameters() if p.requires_grad}
        return {name: p for name, p in self.named_parameters() if id(p) in own}

    def moving(self, player: str) -> list[str]:
        """The names of the parameters that a player moves; in a run also while they stand still for another's move."""
        return self.trained.get(player) or list(self.weights_of(player))

    def normed(self, player: str) -> list[SpectralNorm]:
        """The layers under spectral normalisation whose weights a player moves."""
        moving = set(self.moving(player))
        found = ((name, m) for name, m in self.named_modules() if isinstance(m, SpectralNorm))
        return [layer for name, layer in found if f"{name}.weight" in moving]

    def moved(self, player: str) -> list[Tensor]:
        """The parameters that a player moves, or what stands in their place where many seeds are played at once."""
        names = self.moving(player)
        return [parameter for name, parameter in self.named_parameters() if name in names]

    def begin(self) -> None:
        """Put the state back to where a new run begins."""
        with torch.no_grad():
            for name, value in self._initial.items():
                getattr(self, name).copy_(value)

    def take_over(self) -> int:
        """Called by a run that begins: whose turn it is now to train this system."""
        self.turn += 1
        return self.turn

    def ready(self) -> None:
        """Training mode for what is trained; what is frozen, or nobody's, keeps its mode."""
        self.training = True
        for network in self.owned:
            if not is_frozen(network):
                train_mode(network)

    @property
    def parameter(self) -> Tensor:
        """Any parameter (never one that is split over processes): the device and float type the system lives on."""
        return next(p for p in self.parameters() if not hasattr(p, "full_tensor"))

    # -- what it takes and gives -------------------------------------------------------------------------------

    def sample(self, n: int, *, seed: int = 0) -> Tensor:
        """n generated samples."""
        raise NotImplementedError(f"{type(self).__name__} does not say what a sample of it is: write its sample.")

    def sample_on(self, data: Data, n: int, *, seed: int = 0, **more: Any) -> Tensor:
        """n samples, where what they are made of may come from data, as a translation's does."""
        return self.sample(n, seed=seed, **more)

    def target(self, data: Data) -> Data:
        """The data that samples should be like: of labelled samples the samples, of two domains the second."""
        target: Data = getattr(data, "x", data)
        return target

    @torch.no_grad()
    def check(self, data: Data, n: int, streams: Streams) -> None:
        """Compute every player's loss once on n rows, before anything is learned, and change nothing.

        Raises ValueError, in one sentence, where networks and data do not fit together.
        """
        for player in dict.fromkeys(self.schedule):
            drawing = layers_draw(streams.seed, 0, 0, self.parameter.device)
            with untouched(self), drawing, fits(f"the loss of the {player}"):
                self(player, self.draw(player, data, n, streams, 0))

    def refresh(self, name: str, share: tuple[int, int] = (0, 1)) -> None:
        """Re-estimate the running statistics of the network ``name``, such as a moving average in its place.

        share: (rank, processes), where every process has a share of the rows.
        """
        if has_statistics(getattr(self, name)):
            raise ValueError(
                f"{name} normalises by running statistics, and {type(self).__name__} does not say how to estimate "
                "those of a moving average: write its refresh, or train without ema."
            )

    def identity(self) -> dict[str, str]:
        """What must agree for a checkpoint to go on with the same numbers: every setting and every network, by name."""
        others = ("training", "optimisers", "turn", "trained")
        settings = {k: v for k, v in vars(self).items() if not (k.startswith("_") or k in others or isroutine(v))}
        told = {"system": type(self).__name__, **{k: repr(v) for k, v in settings.items()}}
        told |= {name: repr(network) for name, network in self.named_children()}
        told |= {f"optimiser of the {player}": repr(recipe) for player, recipe in self.optimisers.items()}
        told["parameters"] = ", ".join(f"{name} {tuple(p.shape)}" for name, p in self.named_parameters())
        return {k: re.sub(r" at 0x[0-9a-f]+", "", v) for k, v in told.items()}  # an address says nothing


def has_statistics(network: nn.Module) -> bool:
    """Whether a network holds running statistics of what it has seen, as batch norm does."""
    return any(getattr(module, "running_mean", None) is not None for module in network.modules())
