"""Two plans compared: what differs in words and numbers, and which worked cases come out differently."""

from pathlib import Path
from shutil import copytree

import pytest

from yiyuan.interfaces.commands.main import main
from yiyuan.rules.differences import in_words

SCHEMES = Path(__file__).parents[3] / "schemes"
NEWER = "2016-01-01.yaml"


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    return copytree(SCHEMES / "huangping-yiyuan", tmp_path / "newer")


def compare(newer: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str) -> list[str]:
    text = (newer / NEWER).read_text("utf-8")
    assert right in text
    (newer / NEWER).write_text(text.replace(right, wrong, 1), "utf-8")

    assert main(["scheme", "diff", str(SCHEMES / "huangping-yiyuan"), str(newer)]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_plan_is_like_itself(newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = compare(newer, capsys, "limit_fen: 500_000", "limit_fen: 500000")

    assert len(said) == 1
    assert "：0 处不同；" in said[0]
    assert said[0].endswith("个手算案例里 0 个结果不同")


def test_a_changed_sum_is_said_in_yuan_with_its_clause_and_its_cases(
    newer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = compare(newer, capsys, "limit_fen: 500_000", "limit_fen: 600_000")

    assert said[0] == "限额 medical_year › 限额（LIMIT-1）：5,000.00 元 → 6,000.00 元"
    changed = [line for line in said if line.startswith("案例 ")]
    assert any("500.00 元 → 1,500.00 元（1,000.00 元）" in line for line in changed)


def test_english_alone_makes_no_difference(newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = compare(newer, capsys, "title_en: Huangping", "title_en: Another")

    assert "：0 处不同" in said[0]


def test_a_row_that_went_is_said_once(newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (newer / NEWER).read_text("utf-8")
    start = text.index("papers:")
    end = text.index("\n\n", start) if "\n\n" in text[start:] else len(text)

    said = compare(newer, capsys, text[start:end], "")

    assert sum("材料" in line and "取消" in line for line in said) == 1


def test_a_plan_with_a_fault_is_not_compared(newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (newer / NEWER).write_text("scheme: [", "utf-8")

    assert main(["scheme", "diff", str(SCHEMES / "huangping-yiyuan"), str(newer)]) == 1
    assert "不是正确的 YAML" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("limit_fen", "500_000", "5,000.00 元"),
        ("rate_bp", "9_050", "90.5 %"),
        ("working_days", "3", "3 个工作日"),
        ("code", "522622", "522622"),
        ("text", "三日", "三日"),
    ],
)
def test_values_are_said_as_people_say_them(key: str, text: str, words: str) -> None:
    assert in_words(key, text) == words


def test_settlements_of_the_years_before_are_compared_by_their_terms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zhumadian = SCHEMES / "zhumadian-yiyuan"
    later = copytree(zhumadian, tmp_path / "later")
    text = (later / "2019-01-01.yaml").read_text("utf-8")
    (later / "2019-01-01.yaml").unlink()
    text = text.replace("from: 2019-01-01, to: 2020-01-01", "from: 2020-01-01, to: 2021-01-01", 1).replace(
        "fixed_fen: 80_000", "fixed_fen: 90_000", 1
    )
    (later / "2020-01-01.yaml").write_text(text, "utf-8")

    assert main(["scheme", "diff", str(zhumadian), str(later)]) == 0

    changed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("案例 ")]
    # By hand: only those from 1,000.00 yuan change, each from 800.00 to 900.00; none is lost to the new year.
    assert changed
    assert all(line.endswith("800.00 元 → 900.00 元（100.00 元）") for line in changed)
