"""Two open tabs of the book keep one record of answers: neither erases what the other has written. In Node."""

from __future__ import annotations

import json
import subprocess

import pytest

from benchmarks.node import FRONTEND, NoNode, tool

#: two tabs, each a world of its own, on one store that tells the other tab of what it was given
SCRIPT = """
import { buildSync } from "esbuild";
import vm from "node:vm";
const { outputFiles: [{ text }] } = buildSync({ bundle: true, write: false, globalName: "kept", stdin: {
  resolveDir: "src/views", contents: 'export * from "./remember"; export * as inventory from "./inventory-kept"' } });
const items = ["a", "b"].map((id) => ({ id, en: { options: ["x", "y"] } })), store = new Map(), worlds = [];
let full = false;
function tab() {
  const heard = [], world = vm.createContext({ addEventListener: (_, listener) => heard.push(listener), localStorage: {
    getItem: (key) => store.get(key) ?? null,
    setItem: (key, newValue) => {
      if (full) throw new Error("full");
      const event = { key, oldValue: store.get(key) ?? null, newValue };
      store.set(key, newValue);
      for (const other of worlds) if (other.world !== world) for (const listener of other.heard) listener(event);
    } } });
  worlds.push({ world, heard });
  vm.runInContext(text, world);
  return vm.runInContext("kept", world);
}
const [one, two] = [tab(), tab()], told = [];
one.recall("1.1");
two.recall("1.1");
one.follow("2.1", (what) => told.push(what ?? null));
one.remember("1.1", "first");
two.remember("2.1", "second");
one.remember("3.1", "third");
two.forget(["2.1"]);
const kept = JSON.parse(store.get("gan-lab-answers"));
full = true;
one.remember("1.1", "held");
const held = [one.recall("1.1"), one.recall("3.1"), two.recall("1.1")];
full = false;
const [mine, theirs] = [one.inventory.load(items), two.inventory.load(items)];
one.inventory.change(items, mine, (takings) => (takings.before.answers.a = 1));
const { takings } = two.inventory.change(items, theirs, (takings) => (takings.before.answers.b = 0));
console.log(JSON.stringify({ kept, told, held, answers: takings.before.answers }));
"""


def test_two_tabs_keep_one_record() -> None:
    try:
        node = tool("node")
    except NoNode as error:
        pytest.skip(str(error))
    done = subprocess.run([node, "--input-type=module", "-e", SCRIPT], cwd=FRONTEND, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "kept": {"1.1": "first", "3.1": "third"},
        "told": ["second", None],
        "held": ["held", "third", "first"],
        "answers": {"a": 1, "b": 0},
    }
