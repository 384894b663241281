"""The guide drawn: a PDF and a page for every scheme, with the sums of the model in both."""

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from yiyuan.interfaces.commands import main
from yiyuan.interfaces.guide.desks import read_desks
from yiyuan.interfaces.guide.page import Bar, render_page, style_text
from yiyuan.interfaces.guide.paper import render_paper
from yiyuan.kernel.errors import SchemeError
from yiyuan.kernel.money import yuan
from yiyuan.rules.guide.building import build_guide
from yiyuan.rules.guide.model import Chapter, Desk, Guide, Line, Sums
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import load_versions
from yiyuan.runtime.places import CHECKOUT

SCHEMES = CHECKOUT / "schemes"
DIRECTORIES = sorted(
    one.parent
    for folder in (SCHEMES, CHECKOUT / "tests" / "schemes-of-others")
    for one in folder.glob("*/sources.yaml")
)
HOLIDAYS = load_holidays(SCHEMES / BASE_FILE)
ZHUMADIAN = SCHEMES / "zhumadian-yiyuan"
VOID = {"meta", "link", "br"}


class _Outline(HTMLParser):
    """What a page is made of: headings, anchors, links, and whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))
        if said.get("id"):
            self.ids.append(said["id"] or "")
        if tag == "a" and (said.get("href") or "").startswith("#"):
            self.links.append((said["href"] or "").removeprefix("#"))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _sums(guide: Guide) -> list[str]:
    tables = [block for one in guide.chapters for block in one.blocks if isinstance(block, Sums)]
    return [yuan(row.paid_fen) for table in tables for row in table.rows if row.paid_fen is not None]


def _text(paper: bytes, folder: Path) -> str:
    file = folder / "guide.pdf"
    file.write_bytes(paper)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_page_and_paper_say_every_sum(directory: Path, tmp_path: Path) -> None:
    guide = build_guide(load_versions(directory)[-1], HOLIDAYS)

    page = render_page(guide, large_print=False, style=style_text())
    text = _text(render_paper(guide, large_print=False), tmp_path)

    assert _sums(guide)
    for paid in _sums(guide):
        assert f"<td>{paid}</td>" in page
        assert paid in text
    for clause in guide.clauses:
        assert clause.id in text
    outline = _Outline(page)
    assert outline.open == []
    assert outline.levels[0] == 1
    assert all(below <= above + 1 for above, below in zip(outline.levels, outline.levels[1:], strict=False))
    assert set(outline.links) <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))


def test_the_same_guide_is_the_same_paper() -> None:
    guide = build_guide(load_versions(ZHUMADIAN)[0], HOLIDAYS)

    assert render_paper(guide, large_print=False) == render_paper(guide, large_print=False)
    assert render_paper(guide, large_print=True) != render_paper(guide, large_print=False)


def test_every_letter_has_a_glyph(tmp_path: Path) -> None:
    guide = build_guide(load_versions(ZHUMADIAN)[0], HOLIDAYS, "en")

    file = tmp_path / "guide.pdf"
    file.write_bytes(render_paper(guide, large_print=False))
    fonts = subprocess.run(["pdffonts", str(file)], capture_output=True, check=True).stdout.decode()

    names = [line.split()[0] for line in fonts.splitlines()[2:]]
    assert names
    assert all("NotoSansCJK" in name for name in names)


def test_what_a_scheme_says_is_never_code() -> None:
    evil = '<script>alert("1")</script> #panic("x") $x$ *y*'
    guide = build_guide(load_versions(ZHUMADIAN)[0], HOLIDAYS, desks=[Desk(evil, evil)])
    odd = Guide(
        guide.language, evil, guide.scheme, guide.version, guide.sha256, evil, "",
        (Chapter("covered", evil, (Line(evil),)), *guide.chapters), guide.clauses, (evil,),
    )  # fmt: skip

    page = render_page(odd, large_print=False, bar=Bar((("/", evil),), evil), style_address="/x.css")

    assert "<script" not in page
    assert render_paper(odd, large_print=False).startswith(b"%PDF")


def test_large_print_is_said_to_the_style_sheet() -> None:
    guide = build_guide(load_versions(ZHUMADIAN)[0], HOLIDAYS)

    assert 'data-mode="elder"' in render_page(guide, large_print=True, style=style_text())
    assert 'data-mode="plain"' in render_page(guide, large_print=False, style=style_text())


@pytest.mark.parametrize("name", ["guide.pdf", "guide.html"])
def test_the_command_writes_the_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, desks = tmp_path / name, tmp_path / "desks.csv"
    desks.write_text("name,address,phone,hours\n测试网点（虚构）,某街 1 号,,周一至周五\n", encoding="utf-8")

    code = main.main(["scheme", "guide", str(ZHUMADIAN), "--desks", str(desks), "--out", str(out)])

    assert code == 0
    assert str(out) in capsys.readouterr().out
    said = _text(out.read_bytes(), tmp_path) if name.endswith("pdf") else out.read_text(encoding="utf-8")
    assert "测试网点（虚构）" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["schemes/zhumadian-yiyuan", "--out", "x.docx"], "应以 .pdf 或 .html 结尾"),
        (
            ["schemes/zhumadian-yiyuan", "--version", "2031-01-01", "--out", "{tmp}/x.pdf"],
            "没有 2031-01-01 起的版本",
        ),
        (["schemes/zhumadian-yiyuan", "--desks", "{tmp}/no.csv", "--out", "{tmp}/x.pdf"], "读不出来"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_written(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.replace("{tmp}", str(tmp_path)) for word in words]
    words[0] = str(CHECKOUT / words[0])

    assert main.main(["scheme", "guide", *words]) == 1

    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("x.*"))


def test_desks_need_names(tmp_path: Path) -> None:
    file = tmp_path / "desks.csv"
    file.write_text("address\n某街\n", encoding="utf-8")

    with pytest.raises(SchemeError, match="没有 name 一列"):
        read_desks(file)


def test_a_public_address_is_printed_as_a_code(tmp_path: Path) -> None:
    guide = build_guide(load_versions(ZHUMADIAN)[0], HOLIDAYS)

    plain = render_paper(guide, large_print=False)
    coded = render_paper(guide, large_print=False, address="https://guide.example.cn/yiyuan")

    assert "guide.example.cn" not in _text(plain, tmp_path)
    text = _text(coded, tmp_path)
    assert "https://guide.example.cn/yiyuan" in text
    assert "扫一扫" in text
