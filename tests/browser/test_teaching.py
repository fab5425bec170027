"""The teachers' pages: every permalink opens in its state, a pasted class is shown, the inventory is taken twice."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from house.inventory import element

from gan_lab.classroom import kit

ROOT = Path(__file__).resolve().parents[2]
LINKS = re.findall(r'href="\.\./(\S+?\.html)#(\S+?)"', (ROOT / "book/teaching/lessons.md").read_text(encoding="utf8"))
INVENTORY = json.loads((ROOT / "book/reference/inventory.json").read_text(encoding="utf8"))
ITEMS = INVENTORY["items"]
#: reads whole what a view says of itself in the address, its defaults left out
STATE = "id => [...document.querySelectorAll('gan-lab')].find(e => e.getAttribute('view') === id)?.view?.state()"


def test_every_permalink_of_the_lessons_is_taken_by_its_widget(new_page, site):
    """What the link says is what the widget then says of itself: nothing is passed over, nothing turned down."""
    assert len(LINKS) >= 7
    page = new_page()
    for path, fragment in LINKS:
        said = dict(parse_qsl(fragment.replace("&amp;", "&")))
        (view,) = {name.split(".")[0] for name in said}
        page.goto("about:blank")
        page.goto(f"{site}/{path}#{fragment}")
        page.wait_for_function(f"({STATE})({view!r})")
        state = page.evaluate(STATE, view)
        for name, text in said.items():
            try:
                wanted = json.loads(text)
            except ValueError:
                wanted = text
            given = state.get(name.split(".", 1)[1])
            # a value that is the default is not said
            assert given == wanted or (given is None and name in DEFAULTS), f"{path}#{fragment}: {name} is {given}"


DEFAULTS = {"figure1.seed", "figure1.k", "figure1.loss", "best-response.game"}


# -- a class on one screen --------------------------------------------------------------------------------------------


def bars(page) -> dict[str, str]:
    rows = page.locator("gan-lab tr").all()
    return {row.locator("th").inner_text(): row.locator("td").last.inner_text() for row in rows}


def test_a_pasted_class_is_shown_as_text_whatever_it_holds(open_widget):
    page = open_widget('<gan-lab view="class"></gan-lab>', width=390)
    paste, status = page.get_by_label("Paste the predictions"), page.locator("gan-lab .status")
    assert "Nothing to show" in status.inner_text()
    paste.fill('name;answer\nAda;"0,5"\n"B;o";0,5\n\nCy;1\n')
    assert bars(page) == {"0,5": "2 (67 %)", "1": "1 (33 %)"}
    assert "3 predictions. Median 0.5, from 0.5 to 1." in status.inner_text()
    page.get_by_label("Mark the answer").fill("0.5")
    assert page.locator("gan-lab tr.answer").count() == 1
    page.get_by_label("Mark the answer").fill("")
    hostile = '<img src=x onerror="alert(1)">'
    quoted = hostile.replace('"', '""')
    paste.fill(f'student\tprediction\na\t"{quoted}"\nb\t"{quoted}"\nc\tyes\nd\t"open')
    assert bars(page)[hostile] == "2 (50 %)" and page.locator("gan-lab img").count() == 0
    large = "\ufeffstudent,p\n" + "".join(f"s{i},{i / 10_000}\n" for i in range(10_005))
    took = page.evaluate(PASTE, large)  # typing it would take a browser longer than a paste does
    assert took < 3_000
    assert "10000 predictions." in status.inner_text().replace(",", "") and "left out: 5." in status.inner_text()
    assert list(bars(page).values())[0].startswith("2000 (20")
    for empty in ("", "\n\n", ",,,\n", '"'):
        paste.fill(empty)
        assert "Nothing to show" in status.inner_text(), empty
    paste.fill("student,first,second\na,1,0.2\nb,2,0.4\n")
    page.get_by_label("Column").select_option("first")
    assert list(bars(page)) == ["1", "2"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


#: as forms and spreadsheets give them: what was pasted, and the bars of the column that is meant
TABLES = {
    "Timestamp\tYour name\tWhere will D be?\n11/25/2026 10:01:07\tAda\tat 1/2\n11/25/2026 10:01:07\tBo\tat 1/2\n":
        {"at 1/2": "2 (100 %)"},
    '"Timestamp","Prediction","Email address"\n"2026/11/25 10:01:07 AM GMT+2","½","a@b"\n'
    '"2026/11/25 10:01:09 AM GMT+2","1 / 2",""\n':
        {"1 / 2": "2 (100 %)"},
    "Zeitstempel;Antwort\n25.11.2026 10:01:07;ja\n25.11.2026 10:01:07;nein\n": {"ja": "1 (50 %)", "nein": "1 (50 %)"},
    "Ida\tno\nBo\tyes\n": {"no": "1 (50 %)", "yes": "1 (50 %)"},
    "p\n1e400\n1e308\n-1e308\n1\n2\n3\n4\n5\n": None,
    "answer\n0.3\n": {"0.3": "1 (100 %)"},
}  # fmt: skip


def test_the_table_of_a_form_and_of_collect_show_the_answers(open_widget, tmp_path):
    page = open_widget('<gan-lab view="class"></gan-lab>')
    paste, column = page.get_by_label("Paste the predictions"), page.get_by_label("Column")
    for table, shown in TABLES.items():
        paste.fill(table)
        assert bars(page) == shown or (shown is None and len(bars(page)) > 1), table
    assert page.locator("gan-lab .status").inner_text().startswith("One prediction. Median 0.3,")
    for i, answers in enumerate(("-0.05, -0.95", "-0.05, 0.95", "..., ...")):
        sources = {"6.2": f"a, b = {answers}\nclassroom.check('6.2', a, b)",
                   "6.3": "def f():\n    return 1\n\n\nclassroom.check('6.3', f)"}  # fmt: skip
        cells = [{"cell_type": "code", "id": f"answer-{n}", "metadata": {}, "source": sources[n]} for n in sources]
        (tmp_path / f"s{i}.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}}))
    for i in range(2):
        (tmp_path / f"torn{i}.ipynb").write_text("{")
    kit.collect(tmp_path, tmp_path / "answers.csv")
    paste.fill((tmp_path / "answers.csv").read_text(encoding="utf-8-sig"))
    assert bars(page) == {"-0.95": "1 (50 %)", "0.95": "1 (50 %)"}
    column.select_option("6.2 (1)")
    assert bars(page) == {"-0.05": "2 (100 %)"}


def told(page, words: str) -> None:
    """Waits until the widget says so."""
    page.locator("gan-lab .status", has_text=words).wait_for()


PASTE = """text => {
  const area = document.querySelector('gan-lab').shadowRoot.querySelector('textarea'), start = performance.now()
  area.value = text
  area.dispatchEvent(new Event('input'))
  return performance.now() - start
}"""


# -- the inventory ----------------------------------------------------------------------------------------------------

WITHOUT_STORAGE = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no') } })"


def answer(page, wrong: int = 0) -> None:
    """Answer all items by the keyboard; the first ``wrong`` ones wrongly."""
    for i, item in enumerate(ITEMS):
        option = item["right"] if i >= wrong else (item["right"] + 1) % len(item["en"]["options"])
        page.locator("gan-lab fieldset").nth(i).locator("input").nth(option).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Finish").click()


def test_the_inventory_is_taken_before_and_after_and_can_be_taken_along(open_page, errors):
    page = open_page("reference/inventory.html", width=390, dark=True)
    first = page.locator("gan-lab fieldset").first
    told(page, "0 of 20 answered")
    assert page.get_by_role("button", name="Finish").is_disabled()
    answer(page, wrong=5)
    told(page, "Finished. Read, play")
    assert first.locator("p").is_hidden() and first.locator("input").first.is_disabled()
    page.reload()  # kept in the browser
    told(page, "0 of 20 answered")  # the second taking
    assert page.get_by_role("button", name="After").get_attribute("aria-pressed") == "true"
    answer(page, wrong=1)
    assert first.locator("p").inner_text().startswith("Better:") and first.get_by_role("link").count() == 1
    assert page.locator("gan-lab tbody tr").last.inner_text().split("\t") == ["All", "15 of 20", "19 of 20"]
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(Path(saved.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert [row["item"] for row in rows] == [item["id"] for item in ITEMS]
    assert [sum(int(row[f"{when}_right"]) for row in rows) for when in ("before", "after")] == [15, 19]
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as JSON").click()
    assert len(json.loads(Path(saved.value.path()).read_text())["after"]["answers"]) == 20
    page.get_by_role("button", name="Erase my answers").click()
    page.get_by_role("button", name="Press again").click()
    told(page, "0 of 20 answered")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_inventory_works_where_nothing_may_be_kept_and_over_what_others_kept(open_widget):
    page = open_widget(element(INVENTORY), script=WITHOUT_STORAGE)
    page.locator("gan-lab input").first.check()
    told(page, "This browser keeps nothing")
    assert "1 of 20 answered" in page.locator("gan-lab .status").inner_text()
    for kept in ("[", "null", '{"before": 3}', '{"before": {"answers": {"prior-what": 9}, "done": true}}'):
        page = open_widget(element(INVENTORY), script=f"localStorage['gan-lab-inventory'] = {json.dumps(kept)}")
        told(page, "0 of 20 answered")


@pytest.mark.parametrize("which", ["en", "zh"])
def test_in_both_languages_every_item_has_its_words(which):
    for item in ITEMS:
        words = item[which]
        assert words["ask"] and words["why"] and len(set(words["options"])) == len(words["options"]) >= 3
        assert 0 <= item["right"] < len(words["options"])
    assert all(name[which] for name in INVENTORY["misconceptions"].values())
