"""The reference pages hold what they say: terms where they first appear, formulas as formulas, works one can go to."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from pybtex.database import parse_file
from pybtex.plugin import find_plugin

from tests.chapters import BOOK, CHAPTERS, cells, prose

GLOSSARY = (BOOK / "reference/glossary.md").read_text(encoding="utf8")
LABELS = {"(a)", "(b)", "(c)", "(d)"}  # of the four stages of Figure 1
EVERYDAY = {"critic"}  # also said, as everybody says it, before it becomes a term


class Term(NamedTuple):
    name: str
    chapter: int
    words: str


def terms() -> list[Term]:
    body = GLOSSARY.split("```{glossary}\n")[1].split("```")[0]
    found = []
    for entry in body.strip().split("\n\n"):
        name, words = entry.split("\n", 1)
        chapters = re.findall(r"\[chapter (\d)\]\(\.\./part\d/0(\d)_", words)
        assert len(chapters) == 1 and len(set(chapters[0])) == 1, f"{name}: one chapter, and its link"
        found.append(Term(re.sub(r" \(.*\)", "", name), int(chapters[0][0]), words))
    return found


TERMS = terms()


def plain(words: str) -> str:
    """For comparison: lower case, no hyphens, singular, no full stop."""
    return re.sub(r"(?<=[^s])s$", "", re.sub(r"[\s-]+", " ", words.lower()).rstrip(".: "))


def bold(text: str) -> list[str]:
    return re.findall(r"(?<![*\w])\*\*([^*\n]+)\*\*", text)


def body(chapter: int) -> str:
    return "\n\n".join(c.source for c in cells(chapter) if not c.code and not re.search(r"-ex\d", c.id))


@pytest.mark.parametrize("term", TERMS, ids=lambda t: t.name)
def test_a_term_is_marked_in_the_chapter_where_it_first_appears(term: Term) -> None:
    assert plain(term.name) in map(plain, bold(body(term.chapter))), f"**{term.name}** is not in chapter {term.chapter}"
    longer = [t.name for t in TERMS if term.name in t.name and t != term]
    for number, _ in CHAPTERS:
        if number < term.chapter and term.name not in EVERYDAY:
            text = prose(number)
            for other in longer:
                text = re.sub(re.escape(other), " ", text, flags=re.I)
            found = re.search(rf".{{30}}\b{re.escape(term.name)}s?\b", text, re.I | re.S)
            assert not found, f"{term.name} appears in chapter {number} already: …{found and found[0]}"


@pytest.mark.parametrize("chapter", [n for n, _ in CHAPTERS])
def test_bold_words_in_a_sentence_are_terms(chapter: int) -> None:
    """Bold opens a paragraph, a list's item or a table's cell, or it marks a term; emphasis is italic."""
    known = {plain(t.name) for t in TERMS}
    for line in body(chapter).splitlines():
        for found in re.finditer(r"(?<=[\w,;:.(] )\*\*([^*]+)\*\*|(?<=\()\*\*([^*]+)\*\*", line):
            words = found[1] or found[2]
            opens = not line[: found.start()].strip(" *-|0123456789.") or words[-1] in ".:?!" or words in LABELS
            assert opens or plain(words) in known, f"chapter {chapter}: **{words}** is not in the glossary"


def test_terms_are_sorted_and_have_their_chinese_names() -> None:
    names = [line for line in GLOSSARY.splitlines() if line and line[0] not in " #`"][1:]
    assert names == sorted(names, key=str.lower)
    for term in TERMS:
        assert re.match(r"\s+[^.]*[\u4e00-\u9fff]", term.words), term.name


def test_formulas_are_set_as_formulas() -> None:
    for term in TERMS:
        words = re.sub(r"\$[^$]+\$|\[[^]]*\]\([^)]*\)", "", term.words)
        assert not re.search(r"\w\([a-z]|[a-zA-Z]_[a-z]|[=^]|\b[A-Z]\*", words), f"{term.name}: {words}"


def test_a_mode_is_not_a_modality() -> None:
    """模态 is kept for a modality; the mode of a density, and of a collapse, is 模式, here and in the strings."""
    first = {t.name: t.words.strip().split(". ")[0] for t in TERMS}
    assert "模式" in first["mode"] and "模式" in first["mode collapse"]
    assert not [name for name, chinese in first.items() if "模态" in chinese]
    assert "模态" not in (BOOK.parent / "frontend/src/strings.json").read_text(encoding="utf8")


# --- works -------------------------------------------------------------------------------------------------------


def test_every_work_can_be_found() -> None:
    file = BOOK / "references.bib"
    works = parse_file(str(file))
    keys = re.findall(r"^@\w+\{([^,]+),", file.read_text(encoding="utf8"), re.M)
    assert keys == sorted(set(keys))
    style, html = find_plugin("pybtex.style.formatting", "plain")(), find_plugin("pybtex.backends", "html")()
    for entry in style.format_bibliography(works):
        work = works.entries[entry.key]
        assert work.persons.get("author") and {"title", "year"} <= set(work.fields), entry.key
        assert 'href="https://' in entry.text.render(html), f"{entry.key} has no doi, eprint or url"
        if "eprint" in work.fields:
            assert re.fullmatch(r"\d{4}\.\d{4,5}", work.fields["eprint"]), entry.key
