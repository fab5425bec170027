"""What the reader touches: the views of the book's pages, from Python.

    from gan_lab import widgets
    widgets.figure1(seed=3)                       # trains in the page, no kernel needed
    widgets.playground(preset="chase")            # the same in the plane
    widgets.compare("loss", ["hinge", "minimax"])  # the same game twice, one thing changed
    widgets.seeds(16, preset="momentum")          # the same game from many seeds
    widgets.show(run)                             # plays a PyTorch run, streamed from this kernel
    widgets.player(runs.read("recorded/digits"))  # replays a recorded run
    widgets.latent(runs.read_generator("recorded/latent/generator.js"))   # plays a recorded generator

Every function returns an :class:`Element`. In a notebook it shows as an anywidget; while the book is built
(``GAN_LAB_STATIC=1``) as the element ``<gan-lab>``, which the page's own script brings to life.
"""

from gan_lab.widgets.element import VIEWS, Element, from_link
from gan_lab.widgets.labs import compare, diagnose, lesson, seeds
from gan_lab.widgets.latent import latent, latent_samples
from gan_lab.widgets.live import Live, LiveLine, LivePlane, show, show_here
from gan_lab.widgets.player import Player, player
from gan_lab.widgets.saddles import saddle
from gan_lab.widgets.spec import spec
from gan_lab.widgets.views import best_response, bilinear, figure1, game_tree, playground, value

__all__ = [
    "Element", "Live", "LiveLine", "LivePlane", "Player", "VIEWS", "best_response", "bilinear", "compare",
    "diagnose", "figure1", "from_link", "game_tree", "latent", "latent_samples", "lesson", "player", "playground",
    "saddle", "seeds", "show", "show_here", "spec", "value",
]  # fmt: skip
