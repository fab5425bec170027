"""What this machine can do for a training run, and what is missing.

Every look imports what it looks at: where PyTorch itself is missing or broken, the report says so.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import gan_lab
from gan_lab import _distribution

OK, MISSING, BROKEN = "ok", "missing", "broken"
ALTERNATIVE_INDEX = "the selector on pytorch.org"
WIDTH = 16  # of the column of topics; a line is printed before the next is known
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@dataclass(frozen=True)
class Finding:
    """One line: "ok", "missing" (something optional) or "broken" (something required); what to do about it."""

    state: str
    topic: str
    words: str
    remedy: str = ""


def look_by_look() -> Iterator[Finding]:
    """All lines of the report, in order: what needs PyTorch comes last, so that the rest is told before."""
    for look in LOOKS:
        try:
            yield from look()
        except Exception as error:  # the doctor reports what is broken, and goes on to the next
            words = " ".join(f"{type(error).__name__}: {error}".split())
            topic = look.__name__.strip("_").replace("_", " ")
            yield Finding(BROKEN, topic, words, f"reinstall {_distribution.NAME}")


def report(as_json: bool = False) -> int:
    """Print the report, line by line as it is found; 1 where something required is broken, else 0."""
    found: list[Finding] = []
    for f in look_by_look():
        found.append(f)
        if not as_json:
            print(f"{f.state:<8} {f.topic:<{WIDTH}}  {f.words}", flush=True)
            if f.remedy:
                print(f"{'':<8} {'':<{WIDTH}}  -> {f.remedy}", flush=True)
    if as_json:
        print(json.dumps([asdict(f) for f in found], indent=1))
    else:
        broken, missing = (sum(f.state == state for f in found) for state in (BROKEN, MISSING))
        print(f"\n{broken} broken, {missing} optional missing" if broken or missing else "\nall is here")
    return int(any(f.state == BROKEN for f in found))


# -- what is looked at ------------------------------------------------------------------------------------------------


def _python() -> list[Finding]:
    version = platform.python_version()
    state = OK if sys.version_info >= (3, 11) else BROKEN
    return [Finding(state, "Python", version, "" if state == OK else "gan_lab needs Python 3.11 or newer")]


def _gan_lab() -> list[Finding]:
    found = [Finding(OK, "gan_lab", f"{gan_lab.__version__} in {_distribution.HERE}")]
    if (other := _distribution.stranger()) is not None:
        words, _, remedy = other.words.partition(": ")
        found.append(Finding(BROKEN, _distribution.STRANGER, words, remedy))
    return found


def _required_packages() -> list[Finding]:
    """The packages that gan_lab declares, in the versions that it declares."""
    from packaging.requirements import Requirement

    name = _distribution.NAME
    try:
        declared = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return [Finding(MISSING, name, "not installed, gan_lab used from its folder", "python -m pip install -e .")]
    found = []
    for text in declared:
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        remedy = f"python -m pip install '{wanted.name}{wanted.specifier}'"
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            found.append(Finding(BROKEN, wanted.name, "not installed", remedy))
            continue
        fits = wanted.specifier.contains(version, prereleases=True)
        words = version if fits else f"{version}, but gan_lab needs {wanted.specifier}"
        found.append(Finding(OK if fits else BROKEN, wanted.name, words, "" if fits else remedy))
    return found


def _a_step_of_training() -> list[Finding]:
    import torch

    with torch.random.fork_rng(devices=[]):
        run = gan_lab.train(gan_lab.zoo.gan(hidden=(8,)), gan_lab.data.gaussian(2, 0.5), 2, batch=8, device="cpu")
    losses = ", ".join(f"{run.latest(f'loss_{player}'):.3f}" for player in run.gan.players)
    return [Finding(OK, "a training step", f"two steps of a small GAN on the CPU, losses {losses}")]


def _processor() -> list[Finding]:
    import torch

    from gan_lab._machine import BF16_INSTRUCTIONS, cpu_features, native_bf16

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads, capability = torch.get_num_threads(), torch.backends.cpu.get_cpu_capability()
    remedy = f"unset OMP_NUM_THREADS, or set it to {cores}, to use all cores" if threads < cores else ""
    found = [Finding(OK, "CPU", f"{cores} cores, {threads} threads in use, {capability}", remedy)]
    there = [name for name in BF16_INSTRUCTIONS if name in cpu_features()]
    if native_bf16():
        words = f"in hardware ({', '.join(there)})" if there else "unknown: neither PyTorch nor the system says"
        found.append(Finding(OK, "bf16 on the CPU", words))
    else:
        remedy = "on this CPU stay with --precision float32"
        found.append(Finding(MISSING, "bf16 on the CPU", "imitated, slower than float32", remedy))
    return found


def _gpus() -> list[Finding]:
    import torch

    from gan_lab._machine import native_bf16

    if not torch.cuda.is_available():
        built = torch.version.cuda or torch.version.hip
        remedy = (
            "PyTorch is built for GPUs but sees none: check the driver (nvidia-smi)"
            if built
            else f"where there is a GPU, install PyTorch for it: see {ALTERNATIVE_INDEX}"
        )
        return [Finding(MISSING, "GPU", "none that PyTorch sees; everything runs on the CPU", remedy)]
    found = []
    for i in range(torch.cuda.device_count()):
        about, (free, total) = torch.cuda.get_device_properties(i), torch.cuda.mem_get_info(i)
        bf16 = "bf16" if native_bf16("cuda") else "no bf16 in hardware"
        words = f"{about.name}, {free / 2**30:.0f} of {total / 2**30:.0f} GiB free, {bf16}"
        found.append(Finding(OK, f"GPU {i}", words))
    return found


def _compiler() -> list[Finding]:
    import torch

    named = os.environ.get("CXX")
    compiler = next((path for c in [named, "g++", "clang++", "cl"] if c and (path := shutil.which(c))), None)
    found = []
    if compiler:
        found.append(Finding(OK, "--compile, CPU", f"C++ compiler {Path(compiler).name}"))
    else:
        remedy = "install one (Debian: apt install g++; macOS: xcode-select --install), or name it in CXX"
        found.append(Finding(MISSING, "--compile, CPU", "no C++ compiler", remedy))
    if torch.cuda.is_available():
        there = importlib.util.find_spec("triton") is not None
        remedy = "" if there else "python -m pip install triton"
        found.append(Finding(OK if there else MISSING, "--compile, GPU", "triton" if there else "no triton", remedy))
    return found


def _several_processes() -> list[Finding]:
    from torch import distributed

    if not distributed.is_available():
        remedy = f"install a PyTorch with distributed support: see {ALTERNATIVE_INDEX}"
        return [Finding(MISSING, "torchrun", "this PyTorch is built without it", remedy)]
    backends = [
        name
        for name, there in (
            ("gloo (CPU)", distributed.is_gloo_available()), ("nccl (GPUs)", distributed.is_nccl_available()),
            ("mpi", distributed.is_mpi_available()),
        )
        if there
    ]  # fmt: skip
    return [Finding(OK if backends else MISSING, "torchrun", ", ".join(backends) or "no backend")]


def _data() -> list[Finding]:
    from gan_lab.data.digits import ENVIRONMENT

    digits = gan_lab.data.digits("embedded")
    found = [Finding(OK, "digits, embedded", repr(digits))]
    folder = os.environ.get(ENVIRONMENT)
    if folder is None:
        remedy = f"for all 60,000 MNIST digits set {ENVIRONMENT} to a folder that holds MNIST/raw"
        return [*found, Finding(MISSING, "digits, all", f"{ENVIRONMENT} is not set", remedy)]
    try:
        return [*found, Finding(OK, "digits, all", repr(gan_lab.data.digits("mnist")))]
    except (FileNotFoundError, ValueError) as error:  # missing, or damaged
        # the variable is set: `--data digits` would fail
        return [*found, Finding(BROKEN, "digits, all", str(error), f"correct or unset {ENVIRONMENT}")]


def _optional_packages() -> list[Finding]:
    found = []
    for module, package, use in (
        ("tensorboard", "tensorboard", "--tensorboard"),
        ("plotly", "plotly", "figures of chapters 2 and 3"),
        ("jupyterlab", "jupyterlab", "the chapters as notebooks"),
    ):
        if importlib.util.find_spec(module):
            found.append(Finding(OK, package, importlib.metadata.version(package)))
        else:
            found.append(Finding(MISSING, package, f"for {use}", f"python -m pip install {package}"))
    return found


def _chromium() -> list[Finding]:
    named = os.environ.get("CHROMIUM")
    path = named if named and Path(named).is_file() else next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None and importlib.util.find_spec("playwright"):
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            own = playwright.chromium.executable_path
        path = own if Path(own).is_file() else None
    if path:
        return [Finding(OK, "Chromium", path)]
    remedy = "in a checkout: make chromium; or set CHROMIUM to the path of one"
    return [Finding(MISSING, "Chromium", "for the tests of the published pages", remedy)]


# those that import PyTorch last
LOOKS: tuple[Callable[[], list[Finding]], ...] = (
    _python, _gan_lab, _required_packages, _optional_packages, _chromium, _a_step_of_training, _processor, _gpus,
    _compiler, _several_processes, _data,
)  # fmt: skip
