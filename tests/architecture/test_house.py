"""The house holds its own rules: sizes, links, clauses, the words of the product."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from yiyuan.rules.checking import check_scheme
from yiyuan.rules.holidays import BASE_FILE, load_holidays

ROOT = Path(__file__).parents[2]
SOURCES = [path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts]
FUNCTION_LINES, FILE_LINES = 60, 400
VAGUE_NAMES = {"utils", "helpers", "common", "misc", "manager"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_and_files_stay_readable() -> None:
    long_files = [str(p) for p in SOURCES if len(p.read_text(encoding="utf-8").splitlines()) > FILE_LINES]
    long_functions = [
        f"{path}:{name}" for path in SOURCES for name, lines in functions(path) if lines > FUNCTION_LINES
    ]

    assert long_files == []
    assert long_functions == []


def test_names_say_what_is_inside() -> None:
    assert [str(path) for path in SOURCES if path.stem in VAGUE_NAMES] == []


def test_no_signal_handler_carries_business() -> None:
    assert [
        str(p) for p in SOURCES if re.search(r"@receiver|\.connect\(\s*\w+_handler", p.read_text("utf-8"))
    ] == []


@pytest.mark.parametrize("folder", ["rules", "kernel", "apps", "batch", "exchange", "synthetic"])
def test_no_clock_below_the_interfaces(folder: str) -> None:
    read = re.compile(r"date\.today\(|datetime\.now\(|timezone\.now\(|localdate\(\)|datetime\.utcnow\(")
    found = [
        str(path)
        for path in (ROOT / "src" / "yiyuan" / folder).rglob("*.py")
        if "migrations" not in path.parts and read.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in tracked("*.md")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_scheme_of_the_product_is_without_a_fault() -> None:
    holidays = load_holidays(ROOT / "schemes" / BASE_FILE)
    directories = sorted({file.parent for file in (ROOT / "schemes").glob("*/sources.yaml")})

    assert len(directories) >= 4
    for directory in directories:
        assert check_scheme(directory, holidays).faults == [], directory


def test_the_project_speaks_of_the_product_only() -> None:
    # Put together here, so that this file does not name them either.
    words = [
        "/" + "work/",
        "farm" + "-",
        "sub" + "agent",
        "help" + "er session",
        "Clau" + "de",
        "shared/" + "intake",
    ]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked(
            "*.py", "*.md", "*.yaml", "*.html", "*.toml", "*.css", "*.js", "yiyuan", ".ci/run"
        )
        for word in words
        if word in path.read_text(encoding="utf-8", errors="ignore")
    ]

    assert found == []
