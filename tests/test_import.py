"""The first second of Python: which modules are loaded, by what. Time is noise; a list of modules is not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn, optim

import gan_lab
from gan_lab import _distribution, zoo
from gan_lab._eager import eager
from gan_lab.cli import catalogue

ROOT = Path(__file__).resolve().parents[1]
# each takes a tenth of a second to four seconds
HEAVY = {
    "IPython", "anywidget", "ipywidgets", "matplotlib", "mlxtend", "pandas", "plotly", "scipy", "sympy", "tensorboard",
    "torch._dynamo", "torch._inductor", "torchvision", "tyro",
}  # fmt: skip
ROOMS = "data nets losses penalties metrics game gan explain plots zoo classroom".split()
TRAINED = """
gan = gan_lab.GAN(gan_lab.nets.MLP(1, 1, hidden=(8,)), gan_lab.nets.MLP(1, 1, hidden=(8,)))
gan_lab.train(gan, gan_lab.data.gaussian(4.0, 1.25), steps=2, batch=8, device="cpu").samples(4)
"""


def loaded(code: str) -> set[str]:
    """The names of all modules that a fresh Python has loaded after the code."""
    script = f"import sys\n{code}\nprint('\\n'.join(['-- loaded --', *sys.modules]))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.partition("-- loaded --\n")[2].split())


def test_importing_gan_lab_loads_nothing() -> None:
    modules = loaded("import gan_lab; dir(gan_lab)")
    assert {name for name in modules if name.startswith("gan_lab")} == {"gan_lab", "gan_lab._version"}
    assert "torch" not in modules and "numpy" not in modules


def test_the_library_loads_no_package_that_it_does_not_use_yet() -> None:
    modules = loaded("import gan_lab\n" + "\n".join(f"gan_lab.{room}" for room in ROOMS))
    assert {f"gan_lab.{room}" for room in ROOMS} <= modules and not modules & HEAVY


def test_the_command_line_answers_without_pytorch() -> None:
    """The help, the list, and of the doctor what can be told before PyTorch is looked at."""
    modules = loaded("""
from itertools import takewhile
from gan_lab.cli import doctor, main
assert main(['--help']) == main(['evaluate', '--help']) == main(['list']) == main(['list', '--json']) == 0
told = {f.topic for f in takewhile(lambda f: f.topic != 'Chromium', doctor.look_by_look())}
assert {'Python', 'gan_lab', 'jupyterlab'} <= told, told
""")
    assert "gan_lab.cli.commands" in modules and not modules & {"torch", "numpy", "gan_lab.zoo"}


def test_the_list_read_from_the_source_is_the_registry() -> None:
    fields = catalogue.Line.__annotations__
    loaded = [{f: getattr(zoo.get(n), f) for f in fields if f != "options"} for n in zoo.names()]
    read = [asdict(line) for line in catalogue.lines()]
    assert [line.pop("options") for line in read] == [zoo.option_names(name) for name in zoo.names()]
    assert read == loaded and len(read) > 10


def test_a_first_step_loads_neither_tables_nor_a_compiler() -> None:
    assert not loaded("import gan_lab" + TRAINED) & HEAVY


def test_every_public_name_is_there_and_stated_for_typing() -> None:
    stated = (ROOT / "gan_lab" / "__init__.py").read_text().partition("__version__")[0].partition("TYPE_CHECKING:")[2]
    words = set(stated.replace(",", " ").split())
    for name in gan_lab.__all__:
        assert getattr(gan_lab, name) is not None and name in dir(gan_lab)
        assert name in words, f"{name} is not imported under TYPE_CHECKING"
    with pytest.raises(AttributeError, match="no attribute 'GANN'"):
        _ = gan_lab.GANN  # type: ignore[attr-defined]


def test_train_is_the_function_and_runs_are_shown_by_widgets_whoever_loaded_the_module() -> None:
    """Python puts the module `gan_lab.train` in the place of the function of that name."""
    check = "assert gan_lab.train.__name__ == 'train' and gan_lab.Run.viewer is gan_lab._view"
    assert "gan_lab.widgets" not in loaded(f"import gan_lab\nfrom gan_lab.zoo import gan\n{check}")


# -- optimisers without the compiler ----------------------------------------------------------------------------------


def test_an_eager_optimiser_loads_no_compiler() -> None:
    code = """
import torch
from gan_lab._eager import eager
p = torch.nn.Parameter(torch.ones(3))
made = eager(torch.optim.Adam)([p], lr=0.1, fused=True)
p.square().sum().backward()
made.step()
made.zero_grad()
made.load_state_dict(made.state_dict())
assert p[0] < 0.91
"""
    assert not loaded(code) & HEAVY


KINDS = [(optim.Adam, {"fused": True}), (optim.SGD, {"momentum": 0.9}), (optim.RMSprop, {"alpha": 0.9})]


@pytest.mark.parametrize(("kind", "options"), KINDS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_eager_optimiser_is_torchs_to_the_bit(kind: type[optim.Optimizer], options: dict) -> None:
    def trained(kind: type[optim.Optimizer], steps: int = 5) -> tuple[list[Tensor], dict, int]:
        torch.manual_seed(0)
        network, hooked = nn.Linear(3, 2), []
        made = kind(network.parameters(), lr=0.1, **options)
        made.register_step_post_hook(lambda *_: hooked.append(1))
        for _ in range(steps):
            made.zero_grad()
            network(torch.randn(4, 3)).square().sum().backward()
            made.step()
        return [p.detach() for p in network.parameters()], made.state_dict(), len(hooked)

    weights, state, hooked = trained(kind)
    ours, own, called = trained(eager(kind))
    assert all(map(torch.equal, weights, ours)) and issubclass(eager(kind), kind) and hooked == called == 5
    assert own["param_groups"] == state["param_groups"] and own["state"].keys() == state["state"].keys()
    for index, values in state["state"].items():
        assert all(torch.equal(torch.as_tensor(own["state"][index][k]), torch.as_tensor(v)) for k, v in values.items())


# -- the stranger of the same name ------------------------------------------------------------------------------------


@pytest.fixture
def strange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of site-packages in which the other people's gan-lab is installed."""
    about = tmp_path / "gan_lab-0.4.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: gan-lab\nVersion: 0.4.2\n")
    (about / "RECORD").write_text("gan_lab/__init__.py,,\ngan_lab-0.4.2.dist-info/METADATA,,\n")
    (tmp_path / "gan_lab").mkdir()
    (tmp_path / "gan_lab" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    _distribution.check.cache_clear()
    return tmp_path


def test_files_of_two_distributions_in_one_folder_are_an_error(strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _distribution.check()  # ours lie elsewhere: nothing is overwritten
    _distribution.check.cache_clear()
    monkeypatch.setattr(_distribution, "HERE", (strange / "gan_lab").resolve())
    with pytest.raises(ImportError, match=r"gan-lab 0\.4\.2 .*other people.*uninstall -y gan-lab adversarial-game`"):
        gan_lab.__getattr__("nets")
    _distribution.check.cache_clear()


def test_our_own_old_name_is_no_stranger(strange: Path) -> None:
    (strange / "gan_lab-0.4.2.dist-info" / "RECORD").write_text("__editable__.gan_lab-0.4.2.pth,,\n")
    assert _distribution.stranger() is None
