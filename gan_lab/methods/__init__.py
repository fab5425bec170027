"""How the players' moves go together in one step: in turns, as in Algorithm 1, or by a method made for games.

A method is a value, like an optimiser: ``gan_lab.train(gan, data, steps, method=Extragradient())``, or by name,
``method="extragradient"``. It says at which points gradients are taken and what they are corrected by; what a player
then does with a gradient is his optimiser's business, so that every method goes with every optimiser
(:class:`Competitive` alone takes its steps itself).
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import get_type_hints

from gan_lab._asked import check_type
from gan_lab._errors import unknown
from gan_lab.methods.base import Method
from gan_lab.methods.competitive import Competitive
from gan_lab.methods.consensus import Consensus
from gan_lab.methods.first import Alternating, Extragradient, Lookahead, Simultaneous
from gan_lab.methods.symplectic import Symplectic

METHODS: dict[str, type[Method]] = {
    c.name: c for c in (Alternating, Simultaneous, Extragradient, Lookahead, Consensus, Symplectic, Competitive)
}


def from_spec(spec: object) -> Method:
    """The method of a name, or of a dict of its name and settings, which :meth:`Method.spec` gives; one as it is.

    Raises ValueError for another form, for names that are not known (with the near ones), and for bad values.
    """
    if isinstance(spec, Method):
        return spec
    given = {"name": spec} if isinstance(spec, str) else dict(spec) if isinstance(spec, Mapping) else {}
    name = given.pop("name", None)
    if name is None:
        raise ValueError(
            f"the method is {spec!r:.200}: give a name such as 'extragradient', or {{'name': 'lookahead'}}."
        )
    if name not in METHODS:
        raise unknown("method", name, METHODS)
    hints = {f.name: get_type_hints(METHODS[name])[f.name] for f in fields(METHODS[name])}
    for setting, value in given.items():
        if setting not in hints:
            if not hints:
                raise ValueError(f"the method {name} has no settings, and {setting!r} is given: leave it out.")
            raise unknown(f"setting of the method {name}", setting, hints)
        if hints[setting] is Method:
            given[setting] = from_spec(value)
        else:
            check_type(f"{setting} of the method {name}", value, hints[setting])
    return METHODS[name](**given)


__all__ = [
    "METHODS", "Alternating", "Competitive", "Consensus", "Extragradient", "Lookahead", "Method", "Simultaneous",
    "Symplectic", "from_spec",
]  # fmt: skip
