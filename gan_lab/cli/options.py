"""From the flags of a command to a :class:`gan_lab.runs.Recipe`, and back. Types and defaults are read off the code."""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, make_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from tyro.conf import arg

from gan_lab import data as datasets
from gan_lab import methods, optim, zoo
from gan_lab._asked import parse_json
from gan_lab._errors import unknown
from gan_lab.data.digits import SOURCES
from gan_lab.methods import METHODS
from gan_lab.nets.mlp import ACTIVATIONS
from gan_lab.optim import OPTIMISERS, Optimiser
from gan_lab.runs import Recipe
from gan_lab.runs.recipe import builder_options, check_sizes, players_of

PAIRS = "NAME=VALUE ..."
SIZES = ("inputs", "outputs", "classes")  # of networks: as many as the data have, where not given
TOYS = tuple(name for name in datasets.DISTRIBUTIONS if name != "standard_normal")
DATA = (*TOYS, "digits", "folder")
AS_TEXT = ("path", "cache", "background")  # options that are text, whatever they look like


def _data_words() -> str:
    """The options of all data with their defaults, read off the code."""
    words = []
    for name in TOYS:
        parameters = inspect.signature(datasets.DISTRIBUTIONS[name]).parameters.values()
        if parameters:
            options = (p.name if p.default is p.empty or p.default is None else f"{p}" for p in parameters)
            words.append(f"{name} {' '.join(_without_type(option) for option in options)}")
    words += [f"digits source={'|'.join(SOURCES)} train=true classes"]
    return "; ".join([*words, "folder path size=64 channels=3 background=white"])


def _without_type(option: str) -> str:
    name, _, default = option.partition("=")
    return name.partition(":")[0] + (f"={default.strip()}" if default else "")


HELP = {
    "inputs": "Dimensions of the noise.",
    "outputs": "Dimensions of a sample.",
    "hidden": "Units of each hidden layer, of both networks.",
    "activation": f"Between layers: {', '.join(ACTIVATIONS)}.",
    "optimiser": f"Of all players: {', '.join(OPTIMISERS)}, with its settings: adam lr=0.001 betas=0.5,0.999 "
    "max_norm=1; or one each: discriminator adam lr=0.0004 generator adam lr=0.0001.",
    "k": "Steps of the discriminator for each of the generator.",
    "joint": "Whether the discriminator sees real and generated samples in one call.",
    "weight": "Weight of the penalty.",
    "gamma": "Weight of the penalty.",
    "noise": "Standard deviation of the noise that the penalty adds to real samples.",
    "m": "Of a PacGAN, how many samples the discriminator judges at once; of an EBGAN, the margin.",
    "unroll": "Steps of the discriminator that the generator thinks ahead.",
    "eta": "Learning rate of the steps thought ahead.",
    "inner": "Optimiser of the steps thought ahead.",
    "pt": "Weight of the pulling-away term.",
    "code": "Numbers in the code of the autoencoder.",
    "length": "Langevin steps of a chain for each step of the discriminator.",
    "step": "Size of a Langevin step: the variance of its noise.",
    "alpha": "Weight of the squares of the scores.",
    "chains": "How many chains are kept.",
    "restart": "Chance that a chain begins anew.",
    "c": "Bound of the discriminator's weights.",
    "image": "Channels, height, width, where samples are images: the generator then ends in tanh.",
}


@dataclass(frozen=True)
class Learn:
    """What is learned and for how long: with the system, all that the numbers of the run depend on (recipe.json)."""

    data: Annotated[
        tuple[str, ...],
        arg(
            metavar=f"NAME {PAIRS}",
            help=f"What to learn: {', '.join(DATA)}, and its options; or a spec as JSON, for labels and pairs.",
            help_behavior_hint="(default: what the system's own experiment takes)",
        ),
    ] = ()
    data_options: Annotated[
        tuple[str, ...],
        arg(
            metavar=PAIRS,
            help=f"More of its options: {_data_words()}. Values are JSON, or numbers with commas between: means=-2,2.",
            help_behavior_hint="(default: the data's own)",
        ),
    ] = ()
    steps: Annotated[int, arg(help="Steps: in each, k of the discriminator and one of the generator.")] = Recipe.steps
    batch: Annotated[int, arg(help="Samples per loss, of all processes together.")] = Recipe.batch
    seed: Annotated[int, arg(help="Of weights, data and noise: the same seed gives the same run.")] = Recipe.seed
    precision: Annotated[
        Literal["float32", "bf16"], arg(help="bf16: products in bfloat16, weights and losses in float32.")
    ] = "float32"
    ema: Annotated[
        float | None,
        arg(
            metavar="DECAY",
            help="Keep a moving average of the generator with this decay a step, such as 0.999, and sample from it.",
            help_behavior_hint="(default: none)",
        ),
    ] = Recipe.ema
    method: Annotated[
        tuple[str, ...],
        arg(
            metavar="NAME SETTING=VALUE ...",
            help=f"How moves go together: {', '.join(METHODS)}, with its settings: lookahead k=5 alpha=0.5.",
        ),
    ] = ("alternating",)
    snapshots: Annotated[int, arg(help="How many times, evenly, the samples of one fixed noise are kept.")] = (
        Recipe.snapshots
    )


# -- the options of a system ------------------------------------------------------------------------------------------


def system_options(system: str) -> type:
    """A dataclass of the options of a system's builder, as far as a command line can write them."""
    entries: list[tuple[str, Any, Field[Any]]] = []
    for name, parameter in builder_options(system).items():
        typed = _typed(parameter.annotation)
        if typed is None:
            continue
        default: Any = None if parameter.default is parameter.empty else parameter.default
        if isinstance(default, list):
            default = tuple(default)
        extra: dict[str, Any] = {}
        if parameter.annotation in (Optimiser, Optimiser | None):
            default, extra = (), {"metavar": "NAME SETTING=VALUE ...", "hint": "(default: the system's own)"}
        elif _follows_data(system, name):
            default, extra = None, {"metavar": "INT", "hint": "(default: as many as the data have)"}
        elif default is None:
            extra = {"metavar": _word(typed), "hint": "(default: the system's own)"}
        if default is None:
            typed = typed | None
        entries.append((name, _described(name, typed, extra), field(default=default)))
    made = make_dataclass("Options", entries, frozen=True)
    made.__doc__ = "What the system is built with; what is not given has the defaults of its paper or chapter."
    return made


def _described(name: str, typed: Any, extra: Mapping[str, str]) -> Any:
    kwargs: dict[str, Any] = {"help": HELP.get(name, "An option of the system's builder.")}
    if "metavar" in extra:
        kwargs["metavar"] = extra["metavar"]
    if "hint" in extra:
        kwargs["help_behavior_hint"] = extra["hint"]
    return Annotated[typed, arg(**kwargs)]


def _typed(hint: Any) -> Any:
    """The type a flag has for a parameter of this type; None where no flag can give it."""
    if get_origin(hint) in (Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not type(None)]
        return _typed(parts[0]) if len(parts) == 1 else None
    if hint in (int, float, bool, str) or get_origin(hint) is Literal:
        return hint
    if hint is Optimiser:
        return tuple[str, ...]
    if (
        get_origin(hint) in (Sequence, list, tuple)
        and (inner := get_args(hint))
        and inner[0] in (int, float, bool, str)
    ):
        return tuple[inner[0], ...]  # type: ignore[valid-type]
    return None


def _word(typed: Any) -> str:
    if typed is bool:
        return "{True,False}"
    name = getattr(get_args(typed)[0] if get_args(typed) else typed, "__name__", "VALUE").upper()
    return f"{name} ..." if get_origin(typed) is tuple else name


def _follows_data(system: str, option: str) -> bool:
    """Whether an option is a size that the data have."""
    return option in SIZES and option in zoo.option_names(system)


def _sizes(spec: Mapping[str, Any]) -> dict[str, int]:
    """The sizes that data of points have: what the options that follow them are, where they are not given."""
    if (dim := datasets.point_dim(spec)) is None:
        return {}
    sizes = {"inputs": dim, "outputs": dim}
    return sizes | {"classes": datasets.from_spec(spec).classes} if spec["name"] == "labelled" else sizes


# -- flags -> recipe --------------------------------------------------------------------------------------------------


def recipe(system: str, options: Any, learn: Learn) -> Recipe:
    """The recipe that the flags describe; raises ValueError or TypeError where one of them cannot be."""
    spec = _data(system, learn)
    given = {
        f.name: value
        for f in fields(options)
        if (value := getattr(options, f.name)) != f.default or f.default is MISSING
    }
    if "optimiser" in given:
        given["optimiser"] = _optimiser(given["optimiser"], players_of(system))
    given |= {name: n for name, n in _sizes(spec).items() if _follows_data(system, name) and name not in given}
    common = {f.name: getattr(learn, f.name) for f in fields(learn) if not f.name.startswith("data")}
    common["method"] = _method(learn.method)
    return Recipe(system, given, spec, **common)


def _data(system: str, learn: Learn) -> dict[str, Any]:
    """The data as a spec, every option of theirs in it."""
    experiment: Any = zoo.get(system).experiment()[1]
    own = experiment.spec()
    if not learn.data:
        if learn.data_options:
            raise ValueError("--data-options needs --data: name the data that they belong to.")
        return own | {"source": "auto"} if own["name"] == "digits" else own
    spec = _plain_data(learn.data[0], [*learn.data[1:], *learn.data_options])
    check_sizes("data", spec)
    datasets.check_spec(spec)
    if spec["name"] in DATA and own["name"] == "labelled":  # such a system learns from the labels of what is named
        spec = {"name": "labelled", "of": spec}
    elif spec["name"] in DATA and own["name"] in ("paired", "unpaired"):
        raise ValueError(
            f"{system} learns from two domains, and --data {spec['name']} is one: give both as JSON, such as --data "
            f"'{json.dumps(own)}'."
        )
    # of points every option is in it, not only those that are given
    return datasets.from_spec(spec).spec() if datasets.point_dim(spec) is not None else spec


def _plain_data(name: str, words: Sequence[str]) -> dict[str, Any]:
    """The spec of a name with its options, or the one that is written as JSON."""
    if name.startswith("{"):
        try:
            spec: dict[str, Any] = json.loads(name)
        except (ValueError, RecursionError) as error:
            raise ValueError(f'--data {name} is not JSON ({error}): write {{"name": "ring"}}, say.') from error
        if words:
            raise ValueError(f"--data is given as JSON, and {words[0]!r} besides: write it into the JSON.")
        return spec
    if name not in DATA:
        raise unknown("data", name, DATA)
    start = {"source": "auto"} if name == "digits" else {}
    return {"name": name, **start, **pairs("--data", words, datasets.option_names(name), AS_TEXT)}


def _optimiser(words: Sequence[str], players: Sequence[str] = ()) -> dict[str, Any]:
    """adam lr=0.001 as a recipe has it; or, where the first word is a player, one for each."""
    if words[0] in players:
        starts = [*(i for i, word in enumerate(words) if word in players), len(words)]
        parts = {words[a]: words[a + 1 : b] for a, b in zip(starts, starts[1:], strict=False)}
        if empty := [player for player, part in parts.items() if not part]:
            raise ValueError(f"--optimiser gives the {empty[0]} none: write {empty[0]} adam lr=0.001, say.")
        spec = {player: _optimiser(part) for player, part in parts.items()}
        optim.players_from_spec(spec, players)
        return spec
    name, *rest = words
    if name not in OPTIMISERS:
        raise unknown("optimiser", name, OPTIMISERS)
    settings = pairs("--optimiser", rest, [f.name for f in fields(OPTIMISERS[name])])
    if "lr" not in settings:
        raise ValueError(f"--optimiser {name} needs a learning rate: write {name} lr=0.001, say.")
    optim.from_spec(one := {"name": name, **settings})
    return one


def _method(words: Sequence[str]) -> dict[str, Any]:
    """lookahead k=5 as a recipe has it."""
    name, *rest = words
    known = [f.name for f in fields(METHODS[name])] if name in METHODS else []
    return methods.from_spec({"name": name, **(pairs("--method", rest, known) if rest else {})}).spec()


def pairs(flag: str, words: Sequence[str], known: Sequence[str], as_text: Sequence[str] = ()) -> dict[str, Any]:
    """NAME=VALUE words as a dict; raises ValueError for a word that is none and for a name that is not known."""
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not text:
            raise ValueError(f"{flag} has {word!r}: write NAME=VALUE, such as {known[0] if known else 'name'}=1.")
        if name not in known:
            raise (
                unknown(f"name in {flag}", name, known) if known else ValueError(f"{flag}: there is no option {name}.")
            )
        if name in found:
            raise ValueError(f"{flag} gives {name} twice.")
        found[name] = text if name in as_text else _value(text)
    return found


def _value(text: str) -> Any:
    for candidate in (text, f"[{text}]" if "," in text else text):
        try:
            return parse_json(candidate)
        except ValueError:
            continue
    return text


# -- recipe -> flags --------------------------------------------------------------------------------------------------


def words_of(recipe: Recipe) -> list[str]:
    """The words of the command line that give this recipe: ``[system, "--data", ...]``."""
    words = [recipe.system]
    given = dict(recipe.options)
    plain = builder_options(recipe.system)
    for name in _sizes(recipe.data):  # left out, they would follow the data
        if _follows_data(recipe.system, name):
            given.setdefault(name, plain[name].default)
    for name, value in given.items():
        if plain[name].annotation is bool:
            words += [] if value == plain[name].default else [_flag(name if value else f"no_{name}")]
            continue
        words.append(_flag(name))
        if isinstance(value, bool):
            words.append(str(value))
        elif isinstance(value, dict):  # an optimiser, or one for each player
            for player, one in {"": value}.items() if "lr" in value else value.items():
                words += [player] if player else []
                words += [one.get("name", "adam"), *_pairs({k: v for k, v in one.items() if k != "name"})]
        else:
            words += [_text(v) for v in value] if isinstance(value, list) else [_text(value)]
    words += ["--data", *_data_as_words(recipe.data)]
    for f in fields(Recipe):
        value = getattr(recipe, f.name)
        if f.name not in ("system", "options", "data", "method") and value != f.default:
            words += [_flag(f.name), _text(value)]
    name, *_ = recipe.method.values()
    if name != "alternating":
        words += ["--method", name, *_pairs({k: v for k, v in recipe.method.items() if k != "name"})]
    return words


def _data_as_words(spec: Mapping[str, Any]) -> list[str]:
    if spec["name"] not in DATA:
        return [json.dumps(spec, separators=(",", ":"))]
    return [spec["name"], *_pairs({k: v for k, v in spec.items() if k != "name"})]


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _pairs(given: Mapping[str, Any]) -> list[str]:
    return [f"{name}={_text(value)}" for name, value in given.items()]


def _text(value: Any) -> str:
    if isinstance(value, list) and len(value) > 1 and all(isinstance(v, int | float) for v in value):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
