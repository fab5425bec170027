"""The version of gan_lab, stated once more in pyproject.toml."""

__version__ = "0.1.0"
