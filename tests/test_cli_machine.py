# ruff: noqa: F811  (fixtures are imported, then taken as arguments of their names)
"""The command line: the doctor, and several processes under torchrun."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import listing
from gan_lab import _distribution, _machine
from gan_lab.cli import doctor
from tests.cli_helpers import SMALL, Command, gan_lab_command, one_process_one_thread, trained, weights  # noqa: F401

# -- doctor -----------------------------------------------------------------------------------------------------------


def test_the_doctor_finds_this_machine_sound(gan_lab_command: Command) -> None:
    code, out, _ = gan_lab_command("doctor", "--json")
    found = {f["topic"]: f for f in json.loads(out)}
    assert code == 0 and not [f for f in found.values() if f["state"] == "broken"]
    assert torch.__version__.startswith(found["torch"]["words"]) and found["Python"]["state"] == "ok"
    assert found["a training step"]["state"] == "ok" and "5000" in found["digits, embedded"]["words"]
    assert all(f["remedy"] for f in found.values() if f["state"] != "ok")
    assert {"CPU", "bf16 on the CPU", "torchrun", "--compile, CPU", "tensorboard", "Chromium"} <= found.keys()
    code, out, _ = gan_lab_command("doctor")
    assert code == 0 and out.splitlines()[0].split()[:2] == ["ok", "Python"]


def test_the_doctor_says_what_is_broken_and_what_only_lacks(
    tmp_path: Path, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAN_LAB_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CXX", "")
    there = doctor.importlib.util.find_spec
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None if name == "plotly" else there(name))
    code, out, _ = gan_lab_command("doctor", "--json")
    found = {f["topic"]: f for f in json.loads(out)}
    assert code == 1 and [f["topic"] for f in found.values() if f["state"] == "broken"] == ["digits, all"]
    assert found["--compile, CPU"]["state"] == found["plotly"]["state"] == "missing"
    assert "pip install plotly" in found["plotly"]["remedy"]


@pytest.mark.parametrize(("features", "state"), [({"avx2"}, "missing"), ({"avx512_bf16"}, "ok"), (set(), "ok")])
def test_bf16_is_said_to_be_imitated_where_the_processor_lacks_it(
    features: set[str], state: str, gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_machine, "cpu_features", lambda: frozenset(features))
    found = {f.topic: f for f in doctor.look_by_look()}["bf16 on the CPU"]
    assert found.state == state and ("float32" in found.remedy) == (state == "missing")
    assert listing.precisions(torch.device("cpu")) == (("float32",) if state == "missing" else ("float32", "bf16"))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for precision in ("float32", "bf16"):
            _machine.warn_if_emulated("cpu", precision)
    assert len(said) == (state == "missing") and all("no bf16 instructions" in str(w.message) for w in said)


def test_the_doctor_finds_the_stranger_of_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    other = _distribution.Stranger("0.4.2", Path("elsewhere"))
    monkeypatch.setattr(_distribution, "stranger", lambda: other)
    (found,) = [f for f in doctor.look_by_look() if f.topic == "gan-lab"]
    assert found.state == "broken" and "0.4.2" in found.words and "uninstall" in found.remedy


def test_the_doctor_needs_no_pytorch_to_say_that_it_is_broken(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libcudart.so: cannot open shared object file')")
    broken = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    command = [sys.executable, "-m", "gan_lab"]
    done = subprocess.run([*command, "doctor"], env=broken, capture_output=True, text=True)
    assert done.returncode == 1 and "ImportError: libcudart.so" in done.stdout and "ok       Python" in done.stdout
    done = subprocess.run([*command, "list"], env=broken, capture_output=True, text=True)
    assert done.returncode == 0 and "r1_gan" in done.stdout and done.stderr == ""
    done = subprocess.run([*command, "evaluate", "."], env=broken, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "libcudart.so" in done.stderr


def test_the_doctor_survives_what_is_broken(gan_lab_command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "tyro":
            raise doctor.importlib.metadata.PackageNotFoundError
        return "0.1"

    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda name: ["torch>=2.11", "tyro>=0.9"])
    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    monkeypatch.setattr(doctor.gan_lab, "train", None)
    code, out, _ = gan_lab_command("doctor")
    assert code == 1 and "0.1, but gan_lab needs >=2.11" in out and "TypeError" in out and "Python" in out


# -- several processes ------------------------------------------------------------------------------------------------


def torchrun(*words: object, restarts: int = 0) -> subprocess.Popen[str]:
    with socket.socket() as free:  # not --standalone: with one store for all attempts a restart is harder
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--master-port", str(port), "--nproc-per-node", "2"]
    command = [*launcher, "--max-restarts", str(restarts), "-m", "gan_lab", *map(str, words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )


SHARED = ("train", "r1_gan", "--data", "gaussian", "--hidden", 8, "--batch", 16, "--device", "cpu")


def equal_to_one_process(folder: Path, whole: Path) -> None:
    history, expected = (pd.read_csv(f / "history.csv") for f in (folder, whole))
    assert list(history) == list(expected) and len(history) == len(expected)
    assert np.allclose(history, expected, rtol=1e-4, atol=1e-5, equal_nan=True)
    assert torch.allclose(weights(folder), weights(whole), rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_two_processes_train_the_run_of_one_and_only_the_first_speaks(tmp_path: Path, gan_lab_command: Command) -> None:
    assert gan_lab_command(*SHARED, "--steps", 200, "--out", tmp_path / "one")[0] == 0
    out, err = (both := torchrun(*SHARED, "--steps", 200, "--out", tmp_path / "two")).communicate(timeout=240)
    assert both.returncode == 0, err
    assert out.count("r1_gan on gaussian") == 1 and "in 2 processes" in out and out.count("200 steps in") == 1
    equal_to_one_process(tmp_path / "two", tmp_path / "one")
    _, err = (again := torchrun(*SHARED, "--steps", 200, "--out", tmp_path / "two")).communicate(timeout=240)
    assert again.returncode != 0 and err.count("gan-lab: ") == 1 and "holds a run" in err


@pytest.mark.slow
def test_a_worker_is_killed_and_the_run_goes_on(tmp_path: Path, gan_lab_command: Command) -> None:
    """kill -9 in the middle: torchrun begins both again, from the checkpoint, to the same end."""
    steps, flags = 400, ("--save-every", 20, "--every", 50)
    assert gan_lab_command(*SHARED, "--steps", steps, "--out", tmp_path / "one", *flags)[0] == 0
    agent = torchrun(*SHARED, "--steps", steps, "--out", tmp_path / "two", *flags, restarts=3)
    killed: list[int] = []

    def kill() -> None:
        children = Path(f"/proc/{agent.pid}/task/{agent.pid}/children")
        while agent.poll() is None and not (tmp_path / "two" / "run.gan").exists():
            time.sleep(0.01)
        if agent.poll() is None:
            killed.extend(int(pid) for pid in children.read_text().split()[-1:])
            os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    out, err = agent.communicate(timeout=300)
    killer.join()
    assert agent.returncode == 0, err
    assert killed and "exitcode: -9" in err and "no longer answers" in err
    begun, again = (line for line in out.splitlines() if line.startswith("r1_gan on"))
    assert "from step" not in begun and "from step" in again and f"all {steps}" not in out
    equal_to_one_process(tmp_path / "two", tmp_path / "one")
