"""The widgets in Chinese: fetched only where the page is in Chinese, complete, and no wider than a phone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import STATIC, OpenPage
from tests.page import drawn
from tests.small_widgets import element

HAN = re.compile(r"[一-鿿]")
# a control of each in Chinese: role and name
CONTROLS: dict[str, tuple[Any, str]] = {
    "playground": ("combobox", "热力图"),
    "figure1": ("button", "梯度箭头"),
    "saddle": ("combobox", "实验"),
    "compare": ("combobox", "区别在于"),
    "diagnose": ("group", "病例"),
    "tree": ("button", "洗牌"),
    "best-response": ("combobox", "博弈"),
    "bilinear": ("slider", "步长 η"),
    "value": ("button", "给我看答案"),
}
# beside mathematics, names that stay as they are
NAMES = "Adam SGD RMSProp tanh ReLU LeakyReLU softplus sigmoid Wasserstein WGAN-GP log"


def show(new_page: OpenPage, tmp_path: Path, body: str, lang: str = "zh-CN", **options: object) -> Page:
    head = (
        f'<meta charset="utf-8"><title>A widget</title><script defer src="{(STATIC / "gan-lab.js").as_uri()}"></script>'
    )
    file = tmp_path / "widget.html"
    file.write_text(
        f'<!doctype html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>', encoding="utf-8"
    )
    page = new_page(**options)
    page.goto(file.as_uri())
    return page


def lacking(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...ganLab.ui.missing]")
    return found


def walk(page: Page) -> None:
    """Open every fold, take every choice of every list, press what moves the widget on: all that may say something."""
    page.evaluate("""async () => {
      const root = document.querySelector('gan-lab').shadowRoot;
      const frame = () => new Promise(requestAnimationFrame);
      const rest = () => new Promise((done) => setTimeout(done)).then(frame).then(frame);
      for (let round = 0; round < 2; round++) {
        for (const fold of root.querySelectorAll('details')) fold.open = true;
        await rest();
        for (const toggle of root.querySelectorAll('button[aria-pressed]')) toggle.click();
        await rest();
      }
      for (let i = 0; i < root.querySelectorAll('select').length; i++) {
        const before = root.querySelectorAll('select')[i].value;
        for (const { value } of [...root.querySelectorAll('select')[i].options]) {
          const list = root.querySelectorAll('select')[i];
          if (!list || list.offsetParent === null) break;
          list.value = value;
          list.dispatchEvent(new Event('change'));
          await rest();
        }
        const list = root.querySelectorAll('select')[i];
        if (list) {
          list.value = before;
          list.dispatchEvent(new Event('change'));
          await rest();
        }
      }
    }""")


@pytest.mark.parametrize("view", CONTROLS)
def test_a_chinese_page_has_chinese_widgets(new_page: OpenPage, tmp_path: Path, view: str) -> None:
    page = show(new_page, tmp_path, element(view), reduced_motion=True)
    role, name = CONTROLS[view]
    expect(page.get_by_role(role, name=name).first).to_be_attached()
    expect(page.locator("gan-lab .problem")).to_have_count(0)
    assert HAN.search(page.locator("gan-lab [aria-live]").last.text_content() or "")
    walk(page)
    assert lacking(page) == []
    # no English is left on buttons, labels, headings and lists
    shown = "gan-lab :is(button, label, summary, th, dt, option)"
    texts = page.locator(shown).evaluate_all("all => all.map(el => el.textContent)")
    english = [text for text in texts if not HAN.search(text) and re.search(r"[a-z]{3}", strip(text))]
    assert english == []


def strip(text: str) -> str:
    return re.sub("|".join(sorted(NAMES.split(), key=len, reverse=True)), "", text)


def test_an_english_page_fetches_no_translation(new_page: OpenPage, tmp_path: Path) -> None:
    for lang, wanted in {"en": 0, "": 0, "fr": 0, "zh": 1, "ZH-hans": 1}.items():
        page = show(new_page, tmp_path, element("value"), lang=lang)
        expect(page.locator("gan-lab canvas").first).to_be_visible()
        assert page.evaluate("[...document.scripts].filter(one => one.src.includes('gan-lab-zh')).length") == wanted
        assert lacking(page) == []


def test_two_widgets_share_the_translation(new_page: OpenPage, tmp_path: Path) -> None:
    page = show(new_page, tmp_path, element("value") + element("bilinear"))
    expect(page.locator("gan-lab .root")).to_have_count(2)
    assert page.evaluate("[...document.scripts].filter(one => one.src.includes('gan-lab-zh')).length") == 1


def test_without_its_translation_a_widget_speaks_english(new_page: OpenPage, tmp_path: Path, errors: list[str]) -> None:
    for file in STATIC.iterdir():
        if file.name != "gan-lab-zh.js":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    file = tmp_path / "page.html"
    head = '<meta charset="utf-8"><script defer src="gan-lab.js"></script>'
    file.write_text(f'<!doctype html><html lang="zh">{head}{element("value")}</html>', encoding="utf-8")
    page = new_page()
    page.goto(file.as_uri())
    expect(page.get_by_role("button", name="Show me")).to_be_visible()
    errors.clear()


@pytest.mark.parametrize("view", CONTROLS)
def test_chinese_fits_on_a_phone(new_page: OpenPage, tmp_path: Path, view: str) -> None:
    page = show(
        new_page,
        tmp_path,
        '<meta name="viewport" content="width=device-width">' + element(view),
        width=390,
        touch=True,
        reduced_motion=True,
    )
    role, name = CONTROLS[view]
    expect(page.get_by_role(role, name=name).first).to_be_attached()
    page.evaluate(
        "for (const fold of document.querySelector('gan-lab').shadowRoot.querySelectorAll('details')) fold.open = true"
    )
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_translation_can_be_shown() -> None:
    """No control characters or entities, which would be shown as they are."""
    built = (STATIC / "gan-lab-zh.js").read_text(encoding="utf-8")
    table = json.loads(built[built.index("{") : built.rindex("}") + 1])
    assert [said for said in table.values() if re.search(r"[\x00-\x1f\x7f]|&\w+;", said)] == []
