"""The one place that knows where the project lives, or that it is not known."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[3]
PAGES_BRANCH = "gh-pages"  # the workflow pushes the built book there, Colab copies included


@dataclass(frozen=True)
class Address:
    """A public git repository: its https address without `.git`, and the branch the book is built from."""

    url: str
    branch: str = "main"

    @property
    def on_github(self) -> bool:
        return urlsplit(self.url).netloc == "github.com"

    @property
    def name(self) -> str:
        """`owner/repository`."""
        return urlsplit(self.url).path.strip("/")

    def binder(self, path: str) -> str:
        """Opens `path` (from the repository's root) in JupyterLab on Binder."""
        where = f"gh/{self.name}" if self.on_github else f"git/{quote(self.url, safe='')}"
        return f"https://mybinder.org/v2/{where}/{quote(self.branch, safe='')}?urlpath=lab/tree/{quote(path)}"

    def colab(self, page: str) -> str | None:
        """Opens the published copy of the chapter `page` in Colab, which reads public GitHub repositories only."""
        if not self.on_github:
            return None
        return f"https://colab.research.google.com/github/{self.name}/blob/{PAGES_BRANCH}/colab/{quote(page)}.ipynb"


def repository(project: Path = ROOT / "pyproject.toml") -> Address | None:
    """`Repository` under `[project.urls]` in pyproject.toml, else what GitHub Actions says, else None: not known."""
    branch = os.environ.get("GITHUB_REF_NAME", "main") if os.environ.get("GITHUB_REF_TYPE") == "branch" else "main"
    url = tomllib.loads(project.read_text())["project"].get("urls", {}).get("Repository")
    if not url and os.environ.get("GITHUB_REPOSITORY"):
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        url = f"{server}/{os.environ['GITHUB_REPOSITORY']}"
    if not url:
        return None
    if urlsplit(url).scheme != "https" or len(urlsplit(url).path.strip("/").split("/")) < 2:
        raise ValueError(f"The project's address is {url!r}; it should look like https://HOST/OWNER/REPOSITORY.")
    return Address(url.rstrip("/").removesuffix(".git"), branch)
