"""Runs as data: the recipe of a run, and runs recorded for good.

    from gan_lab import runs
    recipe = runs.Recipe("gan", data={"name": "gaussian", "mean": 2, "std": 0.5}, steps=2_000)
    runs.record(recipe, "recorded/gaussian")        # trains; keeps samples over time, losses, and how it was made
    recorded = runs.read("recorded/gaussian")       # checks that all is there and as it was written
    runs.verify(recorded)                           # plays the first steps again, here, and compares
    runs.record_generator(recipe, "generator.js")   # trains; keeps the generator alone, for a page to play
"""

from gan_lab.runs.generator import RecordedGenerator, export_generator, read_generator, record_generator
from gan_lab.runs.read import Frame, Recorded, RecordError, read
from gan_lab.runs.recipe import Recipe
from gan_lab.runs.record import record
from gan_lab.runs.verify import NotReproduced, Verification, verify

__all__ = [
    "Frame", "NotReproduced", "Recipe", "RecordError", "Recorded", "RecordedGenerator", "Verification",
    "export_generator", "read", "read_generator", "record", "record_generator", "verify",
]  # fmt: skip
